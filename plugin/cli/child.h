/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command, and what it printed. */
#ifndef NESTSAFE_CLI_CHILD_H
#define NESTSAFE_CLI_CHILD_H

struct child {
    char *output; /* standard output, as a string */
    char *errors; /* standard error */
    int status;   /* its exit status; 127: it could not be started; 124: it took too long */
};

/* Run a command, found through PATH, without standard input, for at most so many seconds.
 * Returns 0, or -1 with errno (no pipe, no memory). The caller destroys child either way. */
int child_run(struct child *child, char *const argv[], unsigned seconds);

/* Safe on a zeroed struct. */
void child_destroy(struct child *child);

/* The first line of what it complained of, without an end of line; "" for none. Cuts errors. */
const char *child_complaint(struct child *child);

#endif
