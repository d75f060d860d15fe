/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MODE: what a job asked nestsafe to do about nested launches. */
#ifndef NESTSAFE_CORE_MODE_H
#define NESTSAFE_CORE_MODE_H

#include <stdbool.h>

/* The twin of srun's option: the user's word, anywhere in a job. */
#define MODE_VARIABLE "MPI_NESTED_SAFE"
/* What a step was armed with; counts where the user said nothing. */
#define ARMED_MODE_VARIABLE "NESTSAFE_MODE"

/* Every valid MODE, as messages list them. */
#define MODE_NAMES "auto, node, job, audit, deny, off"
/* … and what may be added to those that repair, also in messages. */
#define MODE_ALONE ",alone"
#define MODE_ALONE_HINT "; auto, node and job also with '" MODE_ALONE "'"

/* The last three are the first three that also run MPI programs alone (launch/alone.h). */
enum mode {
    MODE_AUTO,
    MODE_NODE,
    MODE_JOB,
    MODE_AUDIT,
    MODE_DENY,
    MODE_OFF,
    MODE_AUTO_ALONE,
    MODE_NODE_ALONE,
    MODE_JOB_ALONE,
};

/* Where a nested launcher may place processes: the rank's own node and CPUs, or all of the job. */
enum scope { SCOPE_NODE, SCOPE_JOB };

/* Parse a whole word; NULL and "" mean auto, as the option without a value does. Case counts.
 * Returns 0, or -1 with errno EINVAL and *mode untouched. */
int mode_parse(const char *text, enum mode *mode);

const char *mode_name(enum mode mode);
const char *scope_name(enum scope scope);

/* True if the mode changes what a nested launch does, so that a task must be armed for it. */
bool mode_is_armed(enum mode mode);

/* True if MPI programs that a rank starts without a launcher are to run alone. */
bool mode_runs_alone(enum mode mode);

/* The mode without that: what a site allows, it allows with it. */
enum mode mode_plain(enum mode mode);

/* The scope of a repairing mode. alone: the rank is the only one of its job or step; confined: a
 * launch above was given its node only, so there is no more to give. */
enum scope mode_scope(enum mode mode, bool alone, bool confined);

#endif
