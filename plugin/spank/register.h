/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A step's registration with the node's collector, from before its first task until after its last.
 */
#ifndef NESTSAFE_SPANK_REGISTER_H
#define NESTSAFE_SPANK_REGISTER_H

#include "config.h"
#include "request.h"

#include "core/decision.h"

#include <slurm/spank.h>
#include <stdbool.h>

/* What slurmstepd keeps of it. All of this does nothing but as root, and a step is none the worse
 * where it fails: an error in slurmd's log says so, once a process. */
struct registration {
    bool made;
    struct process stepd;
    unsigned exits; /* of tasks, so far */
    int patience;   /* milliseconds that the step may still wait for the collector */
};

/* In slurmd: the collector is to be there before the first job. */
void registration_begin(const struct config *config);

/*
 * In slurm_spank_init_post_opt: register the step, and start the collector where none is. Not for
 * steps in which nothing is to be recorded: with mode off, and external ones, which have no tasks.
 */
void registration_make(struct registration *registration, spank_t spank,
                       const struct config *config, const struct request *request);

/* In slurm_spank_task_exit, which is called times for each task: after the last one of this node,
 * wait until what is known of the step has been brought to its places, if anything is. */
void registration_task_exit(struct registration *registration, spank_t spank,
                            const struct config *config, unsigned times);

/* In slurm_spank_exit: wait for that again, as not all was known then, and withdraw. */
void registration_end(struct registration *registration, const struct config *config);

#endif
