/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --mpi-nested-safe=help says: the modes, and what this site makes of them. */
#ifndef NESTSAFE_SPANK_HELP_H
#define NESTSAFE_SPANK_HELP_H

#include "config.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * True if the program is one that may print the help and end, which Slurm's own options do with
 * "help" (slurm 22.05 slurm_opt.c:2033). Not scrontab: it would end with what the user has just
 * edited unsaved, and Slurm's own "help" is an error there. Nor scrun, which is no user's to read.
 */
bool help_is_for(const char *program);

void help_print(FILE *to, const struct config *config);

#endif
