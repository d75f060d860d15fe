/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling the node's collector about a launch, if one listens: the launch never notices. */
#ifndef NESTSAFE_LAUNCH_TELL_H
#define NESTSAFE_LAUNCH_TELL_H

#include "core/report.h"
#include "prepare.h"

#include <sys/socket.h>
#include <sys/un.h>

/* The collector's socket in its directory: datagrams, from anybody. */
#define COLLECTOR_SOCKET "collector.sock"

/* The most characters of the collector's directory, so that the socket's path fits in an address.
 */
enum {
    RUNDIR_LENGTH_MAX = sizeof(((struct sockaddr_un *)0)->sun_path) - sizeof(COLLECTOR_SOCKET) - 1
};

/* The address of the socket in rundir. Returns 0, or -1 with errno ENAMETOOLONG. */
int collector_address(struct sockaddr_un *address, const char *rundir);

/* Send a report to the collector in rundir. Never blocks and never fails: whoever is not there, or
 * has no time, learns of the launch from the kernel. Keeps errno, leaves no descriptor. */
void tell(const char *rundir, const struct report *report);

/* Tell that the launch begins, or is refused, by this door; launcher is the path by which it goes
 * on. Only launches that are repaired or refused are told of, and each once. */
void tell_begin(const struct preparation *preparation, enum door door, const char *launcher);

/* True if whoever sees this launch end is to tell: it was told of when it began, by this door or,
 * earlier in the same process, by another. */
bool tell_awaits_end(const struct preparation *preparation);

/* Tell that the launch ended, with this exit status. */
void tell_end(const struct preparation *preparation, int status);

#endif
