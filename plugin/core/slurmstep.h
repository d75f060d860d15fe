/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slurm's steps, as far as a launch is concerned. */
#ifndef NESTSAFE_CORE_SLURMSTEP_H
#define NESTSAFE_CORE_SLURMSTEP_H

#include "env.h"

#include <stdbool.h>
#include <stdint.h>

/* Slurm numbers the batch script, interactive and external steps from here up (slurm.h,
 * SLURM_MAX_NORMAL_STEP_ID): no launcher stands above what these run, and their variables are the
 * job's. */
#define SLURMSTEP_FIRST_SPECIAL 0xfffffff0UL

/* "batch", "interactive", "extern", or NULL for a step that has a number (slurm.h,
 * SLURM_BATCH_SCRIPT and the like). */
const char *slurmstep_name(uint32_t step);

/* The number of such a step, or 0 for a name that is none. */
uint32_t slurmstep_id(const char *name);

/* The step that an environment says it is in; one without a number in it is the batch script's. */
uint32_t slurmstep_of(const struct env *env);

/* True in a step that srun started, where Slurm's variables describe the step and not the job. */
bool slurmstep_is_sruns(const struct env *env);

#endif
