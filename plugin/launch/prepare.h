/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One launch, from the facts of this process to the environment that its launcher is to have: what
 * nestsafe-launch, the guard and the command line have in common. */
#ifndef NESTSAFE_LAUNCH_PREPARE_H
#define NESTSAFE_LAUNCH_PREPARE_H

#include "ancestry.h"
#include "core/decision.h"
#include "core/nesting.h"
#include "core/plan.h"
#include "core/rules_file.h"
#include "core/srun.h"

struct preparation {
    enum decision decision;
    struct process self;
    enum mode mode;
    enum scope scope; /* of a repair */
    unsigned cpus;    /* CPUs that this process may use */
    struct verdict verdict;
    struct trail trail;
    struct plan plan; /* of a repair */
    struct env env;   /* for the launcher */
    char **argv;      /* for an srun: its arguments with some of ours; else NULL */
    bool srun;        /* it is one */

    struct env baseline;
    bool baseline_known;
    struct origin origin;
    struct ancestry ancestry;
    char options[SRUN_OPTIONS_MAX][SRUN_OPTION_SIZE]; /* what argv points to */
    struct rules_file site; /* error is set where the site's rules could not be used */
    char bad_mode[32];      /* the value of MPI_NESTED_SAFE, where it is no MODE */

    /* What the collector is told, from the environment before the repair. */
    unsigned job;       /* 0: not known */
    long step;          /* -1: not known */
    const char *rundir; /* where it listens, borrowed; NULL: the default */
};

/*
 * Prepare the launch of argv from the environment vars (borrowed). A bad MPI_NESTED_SAFE counts as
 * not set, unusable site rules as none; both are left for the caller to say.
 * Returns 0, or -1 with errno ENOMEM. Destroy it either way.
 */
int prepare(struct preparation *preparation, char *const vars[], char *const argv[]);

/* The same for a program that is to be an MPI job by itself, in scope node. */
int prepare_alone(struct preparation *preparation, char *const vars[]);

/* Safe on a zeroed struct; keeps errno. */
void preparation_destroy(struct preparation *preparation);

/* Say on standard error what prepare() could not use. */
void preparation_complain(const struct preparation *preparation);

/* For a decision to refuse: say on standard error why, and the ways out. */
void preparation_refuse(const struct preparation *preparation, const char *launcher);

/* True for the decisions that refuse. */
bool preparation_refuses(const struct preparation *preparation);

/* Bytes that leave room for arguments in what execve takes, for baseline_store(). */
size_t environment_limit(void);

#endif
