/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arming: what an environment needs so that launchers started from it go through nestsafe. */
#ifndef NESTSAFE_CORE_ARM_H
#define NESTSAFE_CORE_ARM_H

#include "env.h"
#include "mode.h"

/* Where the site's rules are, for whoever needs them in the job. */
#define RULES_VARIABLE "NESTSAFE_RULES"
/* The collector's directory, where it is not the one that nestsafe was built for. */
#define RUNDIR_VARIABLE "NESTSAFE_RUNDIR"

/* How a task is armed; strings borrowed, NULL where there is nothing to set (for rules, rundir
 * and launchers: where what another cluster or job left is to go). */
struct arming {
    enum mode mode;
    const char *launcher_directories; /* put first in PATH; an unset PATH stays unset */
    const char *guard;                /* put last in LD_PRELOAD */
    const char *rules;
    const char *rundir;
    const char *launchers; /* names that the site added */
    unsigned max_depth;
    unsigned depth;
};

/* Arm env; once or several times makes no difference. Nothing is done for a mode that needs none.
 * Returns 0, or -1 with errno ENOMEM. */
int arm(struct env *env, const struct arming *arming);

#endif
