/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The node's collector as the plugin sees it: it is there, or it is started. */
#ifndef NESTSAFE_SPANK_COLLECTOR_H
#define NESTSAFE_SPANK_COLLECTOR_H

#include "rundir.h"

enum { COLLECTOR_OPTIONS_MAX = 4 };

/* In its directory, locked by the collector as long as it lives (flock(2)). */
#define COLLECTOR_LOCK "lock"

enum collector_state { COLLECTOR_FAILED, COLLECTOR_LIVES, COLLECTOR_STARTED };

/*
 * Start the collector of this directory, unless it lives: of several that come at once, one starts
 * it. The socket is there when this returns, so that what is sent from now on is not lost.
 * command: the path of the program and its options, at most COLLECTOR_OPTIONS_MAX; it gets
 * "--rundir=DIR --socket-fd=N --lock-fd=N" too.
 * Returns COLLECTOR_FAILED with what is wrong in error, or which of the two it was.
 */
enum collector_state collector_start(const char *rundir, const char *const command[],
                                     char error[RUNDIR_ERROR_MAX]);

/*
 * Let the collector bring what it knows of a step, "PID.START", to where it belongs, and wait for
 * that at most *milliseconds, which is what is left of them afterwards.
 * Returns 0, or -1 with errno: ECONNREFUSED or ENOENT where no collector lives, ETIMEDOUT, or what
 * sendmsg(2) says.
 */
int collector_flush(const char *rundir, const char *step, int *milliseconds);

#endif
