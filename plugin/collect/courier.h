/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errands: short-lived child processes that do what may take long, such as talking to slurmctld. */
#ifndef NESTSAFE_COLLECT_COURIER_H
#define NESTSAFE_COLLECT_COURIER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { ERRANDS_MAX = 24, ERRAND_OUTPUT = 4096 };

/* What came of an errand: its exit status (0 to 255, or 256 + signal), what it printed, and the
 * last line that it said on standard error, "" for none. */
struct errand_result {
    int status;
    char output[ERRAND_OUTPUT];
    char complaint[256];
};

typedef void errand_done(void *context, const struct errand_result *result);

struct errand {
    pid_t pid; /* 0: free */
    int output;
    int complaint;
    errand_done *done;
    void *context;
};

struct courier {
    struct errand errands[ERRANDS_MAX];
};

/*
 * Start the program argv[0] with input on its standard input (NULL: /dev/null), or with the two
 * ends of the open connection, if that is not -1, which it gets in any case and which stays the
 * caller's. done is called from courier_reap(). Returns 0, or -1 with errno EAGAIN (too many) or
 * from fork(2) or memfd_create(2).
 */
int courier_send(struct courier *courier, const char *const argv[], const char *input,
                 int connection, errand_done *done, void *context);

/* Take in those that have ended. */
void courier_reap(struct courier *courier);

/* Wait for none of them: they end by themselves. */
void courier_leave(struct courier *courier);

#endif
