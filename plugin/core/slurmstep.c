/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slurm's steps, as far as a launch is concerned. */
#include "slurmstep.h"

#include <stdlib.h>

bool slurmstep_is_sruns(const struct env *env)
{
    const char *step = env_get(env, "SLURM_STEP_ID");
    char *end;
    if (!step || *step < '0' || *step > '9')
        return false;
    unsigned long id = strtoul(step, &end, 10);
    return *end == '\0' && id < SLURMSTEP_FIRST_SPECIAL;
}
