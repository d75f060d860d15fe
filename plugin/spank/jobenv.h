/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The job's environment in slurmstepd as a value, and back. */
#ifndef NESTSAFE_SPANK_JOBENV_H
#define NESTSAFE_SPANK_JOBENV_H

#include "core/env.h"

#include <slurm/spank.h>
#include <stdbool.h>

/* Take the job's environment as it is now; its strings stay Slurm's. Valid until jobenv_apply.
 * Returns 0, or -1 with errno EIO or ENOMEM; then env need not be destroyed. */
int jobenv_load(spank_t spank, struct env *env);

/* Bring the job's environment to what env has become since jobenv_load. Slurm then frees the
 * strings that were replaced: env may only be destroyed after this. Returns 0, or -1, errno EIO. */
int jobenv_apply(spank_t spank, const struct env *env);

/* True for whoever speaks for its node: slurmstepd itself, and the first of its tasks. */
bool jobenv_first_task(spank_t spank);

#endif
