/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The collector's directory, as root opens it: trusting nothing that a user could have put there.
 */
#ifndef NESTSAFE_SPANK_RUNDIR_H
#define NESTSAFE_SPANK_RUNDIR_H

#include <stdbool.h>
#include <stddef.h>

enum { RUNDIR_ERROR_MAX = 256 };

/*
 * Open the directory of that absolute path, or make it (mode 0755, in a directory that is there)
 * where make says so. It and all above it must be root's directories, not symbolic links, and for
 * nobody else to change; above it, a sticky one such as /tmp will do.
 * Returns a descriptor to close, or -1 with what is wrong in error.
 */
int rundir_open(const char *path, bool make, char error[RUNDIR_ERROR_MAX]);

/* The same for the directory of registered steps in it (STEPFILE_DIRECTORY, mode 0700). */
int rundir_open_steps(const char *path, bool make, char error[RUNDIR_ERROR_MAX]);

/* The same for that of the launchers that the site added (ADDED_LAUNCHERS, mode 0755). */
int rundir_open_launchers(const char *path, bool make, char error[RUNDIR_ERROR_MAX]);

#endif
