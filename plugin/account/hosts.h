/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host lists, in Slurm's own words. */
#ifndef NESTSAFE_ACCOUNT_HOSTS_H
#define NESTSAFE_ACCOUNT_HOSTS_H

#include "core/jobstate.h"

/* The first host of a list such as "n[1-4]"; NULL is an empty list. Returns 0, or -1 with errno
 * EINVAL where there is none, or none that fits. */
int hosts_first(const char *list, char first[JOBSTATE_NODE]);

/* The nodes of a state as a ranged list, to free; NULL with errno ENOMEM. A list of no use, longer
 * than a section could take, is cut short. */
char *hosts_ranged(const struct jobstate *state);

#endif
