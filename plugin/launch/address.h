/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the node's collector listens. */
#ifndef NESTSAFE_LAUNCH_ADDRESS_H
#define NESTSAFE_LAUNCH_ADDRESS_H

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

#endif
