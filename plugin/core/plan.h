/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan: from a rank's environment and a few facts to the environment of a nested launcher, and
 * a list of what was done and why. */
#ifndef NESTSAFE_CORE_PLAN_H
#define NESTSAFE_CORE_PLAN_H

#include "env.h"
#include "mode.h"
#include "rules.h"

/* What the plan is made from; all borrowed. */
struct plan_facts {
    const struct ruleset *rules; /* NULL: the built-in ones only */
    const struct env *baseline;  /* tuning before the outer launcher; NULL: not known */
    const struct env *rank;      /* environment in which the rank began; NULL: not known */
    char *const
        *told; /* arguments of the outer launcher, to judge by without rank; NULL: not known */
    enum scope scope;
    unsigned cpus; /* what "%cpus" stands for */
    const char
        *mask;   /* the CPUs of this process, as srun's --cpu-bind takes it; NULL: not to be said */
    bool places; /* the command line gives each process CPUs; see launcher.h */
    const char *tag;         /* unique to this launch, fit for a file name */
    const char *unreachable; /* program to run in place of ssh; NULL: there is none */
    size_t limit;            /* bytes an environment may have, for the baseline */
};

enum change_kind {
    CHANGE_UNSET,    /* removed: it belongs to the outer job */
    CHANGE_RESTORED, /* back to the baseline's value; after == NULL: it had none */
    CHANGE_KEPT,     /* tuning that stays: the program's own, or the user's */
    CHANGE_SET,      /* given by the rule */
    CHANGE_KINDS
};

/* name, before and after live as long as the environments and the plan. */
struct change {
    enum change_kind kind;
    const char *name; /* name_length bytes, not terminated */
    size_t name_length;
    const char *before;
    const char *after;
    const struct rule *rule;
};

struct plan {
    struct change *changes;
    size_t count;
    size_t capacity;
    unsigned counts[CHANGE_KINDS];
};

/*
 * Repair env in place: clean it of the outer job, give back the user's tuning, store the result as
 * the baseline for what nests below, then fit it to the scope. Variables without a rule pass.
 * Returns 0, or -1 with errno ENOMEM: env is then of no use. Destroy the plan either way, and
 * before env.
 */
int plan_repair(struct plan *plan, struct env *env, const struct plan_facts *facts);

/* The first half of plan_repair alone: what a new job or step inherited from a rank is removed and
 * the user's tuning restored; Slurm's variables, which are the new job's own, are not touched. */
int plan_clean_inherited(struct plan *plan, struct env *env, const struct plan_facts *facts);

/* The same for an srun, whose step inherits from it; and Slurm's variables by srun's own rows. */
int plan_srun(struct plan *plan, struct env *env, const struct plan_facts *facts);

/* Why the change was made, or why there is none. */
const char *change_why(const struct change *change);

/* NULL-safe, also on a zeroed struct; keeps errno. */
void plan_destroy(struct plan *plan);

#endif
