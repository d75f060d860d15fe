/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's process connector: which programs begin and end on this node, whoever starts them.
 */
#ifndef NESTSAFE_WATCH_WATCH_H
#define NESTSAFE_WATCH_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Names a network namespace in which the connector is to be had, for nodes that are in one of their
 * own; taken from slurmd's environment. */
#define WATCH_NAMESPACE_VARIABLE "NESTSAFE_CONNECTOR_NETNS"

enum watch_kind { WATCH_EXEC, WATCH_EXIT, WATCH_LOST };

struct watch_event {
    enum watch_kind kind;
    pid_t pid;            /* the process (thread group) */
    int status;           /* of WATCH_EXIT: as wait(2) gives it */
    uint64_t nanoseconds; /* since boot, as the kernel stamps it */
};

/*
 * Subscribe: in this process's network namespace; else in the one that WATCH_NAMESPACE_VARIABLE
 * names, else in process 1's. The kernel itself leaves out what is neither exec nor the exit of a
 * whole process. Returns a non-blocking file descriptor that becomes readable with each event, and
 * that has been seen to work; or -1 with errno: ECONNREFUSED (no connector here), EPERM (not root,
 * or not in the node's own user and PID namespace, where the kernel does not even answer), or what
 * socket(2) or open(2) say. May fork and reap a child of its own.
 */
int watch_open(void);

/* Unsubscribe and close. A kernel before 6.6 that is not told would count this listener for ever.
 */
void watch_close(int fd);

/*
 * Read the events that are there into events, at most count. WATCH_LOST stands for an unknown
 * number that the kernel had to drop (ENOBUFS). Messages that do not come from the kernel are
 * passed over. Returns how many, 0 when there is nothing more, or -1 with errno when the descriptor
 * is of no use any more. *more is false when all that there was has been read.
 *
 * A process of several threads may be told to EXIT and go on: when its first thread ends before the
 * others, and, status 0, just before the EXEC of another of its threads.
 */
int watch_read(int fd, struct watch_event *events, int count, bool *more);

#endif
