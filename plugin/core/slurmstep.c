/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slurm's steps, as far as a launch is concerned. */
#include "slurmstep.h"

#include "keyvalue.h"

#include <limits.h>
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

void slurmstep_numbers(const struct env *env, unsigned depth, unsigned *job, long *step)
{
    unsigned long long number;
    const char *text = env_get(env, "SLURM_JOB_ID");
    *job = text && keyvalue_number(text, UINT_MAX, &number) == 0 ? (unsigned)number : 0;
    text = env_get(env, "SLURM_STEP_ID");
    if (text && keyvalue_number(text, UINT_MAX, &number) == 0)
        *step = (long)number;
    else
        *step = *job && depth <= 1 ? (long)SLURMSTEP_BATCH : -1;
}
