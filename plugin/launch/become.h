/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last step of a launch: this process becomes the real launcher. */
#ifndef NESTSAFE_LAUNCH_BECOME_H
#define NESTSAFE_LAUNCH_BECOME_H

#include "prepare.h"

/* Exit status of a refused launch, as of a command that was found but cannot be run; and of one
 * that was not found. */
enum { EXIT_REFUSED = 126, EXIT_NOT_FOUND = 127 };

/*
 * Prepare the launch of the program in file with the arguments argv (argv[0] may be replaced) from
 * the environment vars, and become it. Returns only where that is refused or fails, with the exit
 * status, after saying why on standard error.
 */
int become_launcher(char *file, char *argv[], char *vars[]);

/* Say why name could not be started, as a shell does; returns the exit status. */
int become_report(const char *name, int error);

#endif
