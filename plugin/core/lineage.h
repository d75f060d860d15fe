/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ancestors of a launch tell: which environment the rank began with, and which one its
 * launcher was given. */
#ifndef NESTSAFE_CORE_LINEAGE_H
#define NESTSAFE_CORE_LINEAGE_H

#include "env.h"
#include "nesting.h"

/* Environments at exec, the parent's first; each borrowed. */
struct lineage {
    const struct env *ancestors;
    size_t count;
};

/* Both may be NULL (not found), both point into the lineage. */
struct origin {
    const struct env *rank;   /* the rank as it began, before MPI_Init and before its program */
    const struct env *before; /* the launcher above it as it began; a singleton has none above it,
                                 so there it is the singleton itself as it began */
};

/*
 * A program's own settings are what changed since its rank began; what a launcher's command line
 * set was there when the rank began but not when the launcher did. A change of a variable by the
 * program can be told from one by the launcher in no other way: both are OMPI_MCA_*.
 */
struct origin lineage_find(const struct lineage *lineage, const struct env *now,
                           const struct verdict *verdict);

#endif
