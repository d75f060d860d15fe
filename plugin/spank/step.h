/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A step on its node: its environment is cleaned once, its tasks are armed one by one. */
#ifndef NESTSAFE_SPANK_STEP_H
#define NESTSAFE_SPANK_STEP_H

#include "config.h"
#include "request.h"

#include "core/env.h"

#include <slurm/spank.h>
#include <stdbool.h>

/* What slurmstepd found out about its step; the tasks, which it forks, inherit it. */
struct step {
    bool armed; /* the tasks are to be armed */
    struct resolved resolved;
};

/* True for a step in which a launcher starts its own daemons on each node. */
bool step_is_launchers(spank_t spank);

/* What was asked for in a step with this environment. Returns 0, or -1 with what is wrong with that
 * in error; *resolved is then the default. */
int step_resolve(struct resolved *resolved, const struct env *env, const struct config *config,
                 const struct request *request, char *error, size_t size);

/*
 * In slurm_spank_user_init: as the user, before Slurm's MPI plugin has put this step's variables
 * into the environment. What a rank left in there at submission is removed, the rest of the MPI
 * tuning is the baseline.
 */
void step_prepare(struct step *step, spank_t spank, const struct config *config,
                  const struct request *request);

/* In slurm_spank_task_init: as the user, in the task. linked: see links_make(). */
void step_arm_task(const struct step *step, spank_t spank, const struct config *config,
                   bool linked);

#endif
