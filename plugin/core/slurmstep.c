/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slurm's steps, as far as a launch is concerned. */
#include "slurmstep.h"

#include "keyvalue.h"

#include <string.h>

static const struct {
    uint32_t id;
    const char *name;
} special[] = {{0xfffffffbU, "batch"}, {0xfffffffcU, "extern"}, {0xfffffffaU, "interactive"}};

const char *slurmstep_name(uint32_t step)
{
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        if (special[i].id == step)
            return special[i].name;
    }
    return NULL;
}

uint32_t slurmstep_id(const char *name)
{
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        if (strcmp(special[i].name, name) == 0)
            return special[i].id;
    }
    return 0;
}

uint32_t slurmstep_of(const struct env *env)
{
    const char *step = env_get(env, "SLURM_STEP_ID");
    unsigned long long id;
    return step && keyvalue_number(step, UINT32_MAX, &id) == 0 ? (uint32_t)id : special[0].id;
}

bool slurmstep_is_sruns(const struct env *env)
{
    return slurmstep_of(env) < SLURMSTEP_FIRST_SPECIAL;
}
