/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting a daemon that outlives the step, or the slurmd, that happened to be first. */
#ifndef NESTSAFE_SPANK_DAEMON_H
#define NESTSAFE_SPANK_DAEMON_H

#include <stddef.h>

/* The first of the descriptors that a daemon is given. */
enum { DAEMON_FIRST_FD = 3 };

/*
 * Execute the program argv[0] (a path) as nobody's child: in a session of its own, in "/", with no
 * signal blocked or handled, /dev/null for its standard files, the count descriptors of fds from
 * DAEMON_FIRST_FD on and no others, out of any job's cgroup, and no safer from the OOM killer than
 * others. Safe where other threads run; leaves no child behind.
 * Returns 0, or -1 with errno, also execve's.
 */
int daemon_start(char *const argv[], char *const envp[], const int fds[], size_t count);

/*
 * The file to write "0" to so that a process leaves the cgroup of this line of /proc/self/cgroup
 * for the root of its hierarchy: the place-th where it may be, "" when there are no more places or
 * the cgroup is none of a job's.
 */
void daemon_cgroup_root(const char *line, unsigned place, char *path, size_t size);

#endif
