/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arguments and environments with which this process's ancestors were executed, from /proc. */
#ifndef NESTSAFE_LAUNCH_ANCESTRY_H
#define NESTSAFE_LAUNCH_ANCESTRY_H

#include "core/decision.h"
#include "core/env.h"
#include "core/lineage.h"

enum { ANCESTRY_MAX = 64 };

struct ancestry {
    struct ancestor ancestors[ANCESTRY_MAX]; /* the parent first */
    char *texts[ANCESTRY_MAX][2];            /* what their strings are in */
    struct lineage lineage;                  /* the above, for core */
};

/* What to read the ancestors for. */
struct ancestry_use {
    const struct env *now;
    const struct verdict *verdict;
};

/*
 * Read from the parent upwards, until lineage_find() has seen enough for this use (NULL: to the
 * end), an ancestor cannot be read (another user's, such as slurmstepd), process 1, or
 * ANCESTRY_MAX. /proc/PID/environ holds what execve was given, not what
 * setenv made of it later (proc(5)): just what is wanted here. Never fails: what cannot be read is
 * not there.
 */
void ancestry_read(struct ancestry *ancestry, const struct ancestry_use *use);

/* Have this one process for an ancestor instead, if it is still there: the launcher above a launch
 * whose parents have ended. */
void ancestry_read_launcher(struct ancestry *ancestry, const struct process *launcher);

/* For many look-ups in the environments; see env_index(). */
void ancestry_index(struct ancestry *ancestry);

/* Safe on a zeroed struct; keeps errno. */
void ancestry_destroy(struct ancestry *ancestry);

#endif
