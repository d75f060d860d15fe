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

/* The step of a batch script (slurm.h, SLURM_BATCH_SCRIPT). */
#define SLURMSTEP_BATCH 0xfffffffbUL

/* "batch", "interactive", "extern", or NULL for a step that has a number (slurm.h,
 * SLURM_BATCH_SCRIPT and the like). */
const char *slurmstep_name(uint32_t step);

/* The number of such a step, or 0 for a name that is none. */
uint32_t slurmstep_id(const char *name);

/* True in a step that srun started, where Slurm's variables describe the step and not the job. */
bool slurmstep_is_sruns(const struct env *env);

/* How many tasks of its step run on this node, as a task of it is told; 0 where it is not. */
unsigned slurmstep_tasks_here(const struct env *env);

/* The list of the job's nodes, NULL where it is not known, and their number, 0 where not. PRRTE 5
 * takes the variables for them from its srun's environment (prrte plm_slurm_module.c), and Slurm
 * then gives the step's list out as the job's (slurm 26-05-3 env.c, env_array_for_step); but srun
 * itself has put the job's into SLURM_NODELIST (env.c, setup_env). */
const char *slurmstep_job_nodelist(const struct env *env);
unsigned slurmstep_job_nodes(const struct env *env);

/* The job and step that an environment is of, 0 and -1 where it does not say. A batch script has no
 * number of a step, unlike what srun and salloc start (22.05, slurmstepd's setup_env); depth: the
 * launchers above, as below a repaired one the numbers of the step are hidden. */
void slurmstep_numbers(const struct env *env, unsigned depth, unsigned *job, long *step);

#endif
