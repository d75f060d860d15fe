/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The output of several tasks, taken apart again. */
#ifndef NESTSAFE_CLI_LABELLED_H
#define NESTSAFE_CLI_LABELLED_H

#include <stddef.h>

struct labelled {
    char **texts; /* one a task, in the order of their numbers; those that said nothing are "" */
    size_t count;
};

/* Take what "srun --label" printed, "NUMBER: …" lines. Others are passed over. Returns 0, or -1
 * with errno ENOMEM; the caller destroys labelled either way. */
int labelled_split(struct labelled *labelled, const char *output);

/* Safe on a zeroed struct. */
void labelled_destroy(struct labelled *labelled);

#endif
