/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What to do about one launch, and the trail that launches leave for those below them. */
#ifndef NESTSAFE_CORE_DECISION_H
#define NESTSAFE_CORE_DECISION_H

#include "env.h"
#include "mode.h"
#include "nesting.h"

#include <stdbool.h>

/* How many launchers stand above whoever reads it. */
#define DEPTH_VARIABLE "NESTSAFE_DEPTH"
/* The largest depth at which a launch is allowed, where it is not DEPTH_MAX. */
#define MAX_DEPTH_VARIABLE "NESTSAFE_MAX_DEPTH"
/* The launch above: "PID:START:HOPS:JOB:SCOPE", without JOB where it was in none; "0" or
 * "0:JOB.STEP" for none yet, with ":node" where the srun of that step was confined itself. SCOPE is
 * "alone" for a program that was started to be an MPI job by itself. In another job than JOB there
 * is no launch above. */
#define LAUNCH_VARIABLE "NESTSAFE_LAUNCH"

enum { DEPTH_MAX = 8 };

/* Who is about to be a launcher: a process, by id and start time (clock ticks since boot). */
struct process {
    long pid;
    unsigned long long start;
};

/* What the launches above left in an environment. */
struct trail {
    unsigned depth;
    unsigned max_depth;
    struct process launch; /* the nearest launch above; pid 0: none */
    unsigned hops;         /* launchers that became or started launchers since the last rank */
    bool confined;         /* a launch above got scope node, and so do all below it */
    bool alone;            /* the launch above is such a program, not a launcher */
};

enum decision {
    DECISION_PASS,  /* exec at once, change nothing */
    DECISION_AGAIN, /* part of a launch that was decided: only the trail is brought up to date */
    DECISION_TRACK, /* not nested: only the baseline is kept for what nests below */
    DECISION_REPAIR,
    DECISION_DENY,  /* refuse: the job asked for that */
    DECISION_DEPTH, /* refuse: too deep, or a launcher that keeps starting itself */
};

/* Read the trail; what is missing or does not parse counts as no launch above. */
void trail_load(struct trail *trail, const struct env *env);

/* Leave the trail of a launch by self. Returns 0, or -1 with errno ENOMEM. */
int trail_store(struct env *env, const struct trail *trail, const struct process *self);

/*
 * Decide about the launch of argv by self, and bring the trail up to what this launch leaves.
 * The same process decides once: mpirun that execs prterun is one launch.
 */
enum decision decide(struct trail *trail, const struct verdict *verdict, enum mode mode,
                     const struct process *self, char *const argv[]);

/* The same for srun. A step counts itself (spank/step.c), so srun does not. It passes where it
 * could not wait for its own rank (srun_may_wait), or is no plain one (srun_is_plain). */
enum decision decide_srun(struct trail *trail, enum mode mode, const struct process *self,
                          bool waits, bool plain);

/* The same for a program that is to run alone, whatever the mode. It counts as a launcher for those
 * below it, so that one that starts itself has an end. */
enum decision decide_alone(struct trail *trail, const struct verdict *verdict,
                           const struct process *self);

/* True if self is the launch that the trail names. */
bool trail_is_of(const struct trail *trail, const struct process *self);

#endif
