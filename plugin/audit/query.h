/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records of jobs, from Slurm's accounting by libslurmdb. */
#ifndef NESTSAFE_AUDIT_QUERY_H
#define NESTSAFE_AUDIT_QUERY_H

#include "fold.h"
#include "options.h"

#include <stddef.h>

/*
 * Fold the records of the jobs that ended in the period and are what else was asked for. Each
 * record is read in exactly one window, the one in which the job ended; those of a window are freed
 * before the next is asked for. On a terminal, standard error shows how far it is. Returns 0, or -1
 * with the reason in error (of error_size bytes); libslurm may have said more.
 */
int query_jobs(struct fold *fold, const struct options *options, char *error, size_t error_size);

#endif
