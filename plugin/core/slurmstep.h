/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slurm's steps, as far as a launch is concerned. */
#ifndef NESTSAFE_CORE_SLURMSTEP_H
#define NESTSAFE_CORE_SLURMSTEP_H

#include "env.h"

#include <stdbool.h>

/* Slurm numbers the batch script, interactive and external steps from here up (slurm.h,
 * SLURM_MAX_NORMAL_STEP_ID): no launcher stands above what these run, and their variables are the
 * job's. */
#define SLURMSTEP_FIRST_SPECIAL 0xfffffff0UL

/* True in a step that srun started, where Slurm's variables describe the step and not the job. */
bool slurmstep_is_sruns(const struct env *env);

#endif
