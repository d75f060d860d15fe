/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ancestors of a launch tell: which environment the rank began with, and what its
 * launcher was given. */
#ifndef NESTSAFE_CORE_LINEAGE_H
#define NESTSAFE_CORE_LINEAGE_H

#include "env.h"
#include "nesting.h"

#include <stdbool.h>

/* Is a process of the same rank as the launch? */
enum kin { KIN_UNKNOWN, KIN_RANK, KIN_OTHER };

/* A process as it was executed. */
struct ancestor {
    struct env env;
    char **argv;  /* NULL-terminated; NULL: not known */
    enum kin kin; /* where lineage_goes_on() has looked */
};

/* The parent first; borrowed. */
struct lineage {
    const struct ancestor *ancestors;
    size_t count;
};

/* All may be NULL (not known), all point into the lineage or to static storage. */
struct origin {
    const struct env *rank;   /* the rank as it began, before MPI_Init and before its program */
    const struct env *before; /* the launcher above it as it began; a singleton has none above it,
                                 so there it is the singleton itself as it began */
    char *const *told;        /* the arguments of the launcher; none where it set no tuning */
};

/*
 * A program's own settings are what changed since its rank began; what a launcher's command line
 * set was there when the rank began but not when the launcher did. A change of a variable by the
 * program can be told from one by the launcher in no other way: both are OMPI_MCA_*. A rank that
 * has become another program by exec, as after a script's `export …; exec program`, no longer shows
 * what it began with; then there is no rank, only what the launcher was told.
 */
struct origin lineage_find(const struct lineage *lineage, const struct env *now,
                           const struct verdict *verdict);

/* True if lineage_find() wants to see what is above this ancestor of a nested launch, too. */
bool lineage_goes_on(struct ancestor *ancestor, const struct env *now,
                     const struct verdict *verdict);

/* The name of this node in the environments of the lineage and of now, or NULL: slurmd gives it to
 * what it starts here, but Hydra gives its ranks on all nodes the environment of mpiexec. */
const char *lineage_node(const struct lineage *lineage, const struct env *now);

/* True if a launcher with these arguments may have set the variable (length bytes at name). */
bool lineage_was_told(char *const told[], const char *name, size_t length);

#endif
