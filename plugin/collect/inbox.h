/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The collector's socket: what launches, slurmstepd and other nodes' collectors say, and who says
 * it. */
#ifndef NESTSAFE_COLLECT_INBOX_H
#define NESTSAFE_COLLECT_INBOX_H

#include "core/report.h"

#include <stdint.h>
#include <sys/types.h>

/* The longest message that is read. */
enum { INBOX_MESSAGE_MAX = 16 * 1024 };

/* How messages other than reports begin. */
#define INBOX_FLUSH "flush="
#define INBOX_PEER "peer\n"

/* What is to be done with a message. Who sent it is the kernel's word (SCM_CREDENTIALS). */
struct inbox_actions {
    void (*report)(void *context, const struct report *report, pid_t pid, uid_t uid);
    /* Root only. name: the step's file; reply: a pipe to close when all of it is recorded; the
     * callee's from here on. */
    void (*flush)(void *context, const char *name, int reply);
    /* Root only. A peer's totals, as JSON; reply: a pipe for 'k' (kept) and 'r' (recorded). */
    void (*peer)(void *context, const char *json, int reply);
    /* Something that is none of these, or from somebody who may not say it. */
    void (*refused)(void *context, uid_t uid, const char *why);
};

/* Bind the socket in the directory rundir, in place of one that a dead collector has left, and open
 * to all. Returns a descriptor, or -1 with errno. */
int inbox_open(const char *rundir);

/* Let the kernel add credentials to what comes in by a socket bound by somebody else; what was sent
 * before has none, unless whoever bound it did the same first. Returns 0, or -1 with errno. */
int inbox_adopt(int fd);

/* Act on the messages that are there, at most count. Returns how many there were. */
int inbox_read(int fd, int count, const struct inbox_actions *actions, void *context);

#endif
