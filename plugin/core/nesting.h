/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict: is a launch from this environment nested, and what would break it. */
#ifndef NESTSAFE_CORE_NESTING_H
#define NESTSAFE_CORE_NESTING_H

#include "env.h"
#include "flavour.h"

#include <stdbool.h>
#include <stddef.h>

/* What stands directly above a launch. */
enum outer {
    OUTER_NONE,      /* no rank: an ordinary launch */
    OUTER_SINGLETON, /* a program that called MPI_Init without a launcher */
    OUTER_OPENMPI,   /* a rank of Open MPI's or PRRTE's mpirun */
    OUTER_HYDRA,     /* a rank of mpiexec.hydra or mpirun_rsh */
    OUTER_SRUN,      /* a rank that srun started with PMIx or PMI-2 */
    OUTER_STEP,      /* a task that srun started without MPI */
};

/* One way in which an unrepaired nested launch fails, by the name that incidents give it. */
struct hazard {
    const char *name;
    const char *variable; /* present, and … */
    const char *values;   /* … equal to one of these patterns (NULL: any value) */
    unsigned flavours;    /* 1 << FLAVOUR of each that it hits */
    bool fatal;           /* it always fails by this; else it depends on what it was asked to do */
    const char *text;
};

enum { HAZARDS_MAX = 16 };

struct verdict {
    enum outer outer;
    bool nested;      /* outer != OUTER_NONE */
    bool in_step;     /* in a step of srun's, where Slurm's variables describe the step */
    bool alone;       /* the only rank of its job or step */
    bool parted;      /* in a step of a heterogeneous job */
    unsigned tasks;   /* slots that a launcher has without a repair, where that may work: as many as
                         the step has tasks on this node; else 0 */
    const char *rank; /* as the outer job numbers it, or NULL; borrowed from env, like size */
    const char *size;
    const struct hazard *hazards[HAZARDS_MAX]; /* in the order of the table, NULL-terminated */
};

/* Judge an environment. No errors. */
void nesting_judge(struct verdict *verdict, const struct env *env);

/* The verdict below a program that runs alone and has left no mark of its own, as MPICH's leave
 * none: it is a singleton, and not the rank of anything that stands above it. */
void nesting_below_alone(struct verdict *verdict);

/* The hazard of that position in the table, or NULL past its end. */
const struct hazard *hazard_at(unsigned position);

/* Which a verdict has found, as 1 << position. */
unsigned hazards_of(const struct verdict *verdict);

/* The hazard that a launch of a flavour meets first, of those (1 << position); NULL for none. What
 * is of unknown flavour meets what any does. */
const struct hazard *hazard_met(unsigned hazards, enum flavour flavour);

/* "a rank started by srun" and the like, for sentences. */
const char *outer_name(enum outer outer);

/* True if what stands below a launcher has been made a rank since: it has an identity that the
 * launcher's own environment lacks or has otherwise. */
bool nesting_is_new_rank(const struct env *below, const struct env *launcher);

/* True if ancestor was in the same rank as now: they share an identity variable and no identity
 * variable differs. */
bool nesting_same_rank(const struct env *ancestor, const struct env *now);

#endif
