/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc tells of a process: who it is, and what it was executed with. */
#ifndef NESTSAFE_LAUNCH_PROCESS_H
#define NESTSAFE_LAUNCH_PROCESS_H

#include "core/decision.h"
#include "core/env.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process_facts {
    struct process process;
    pid_t parent;
    uid_t uid;  /* effective */
    bool ended; /* a zombie: its arguments and environment are gone */
};

/* Read them, all of one and the same process. Returns 0, or -1 with errno ESRCH (there is no such
 * process), EIO (/proc says what nobody understands), or what open(2) or read(2) say. */
int process_read(pid_t pid, struct process_facts *facts);

/* This process. Without /proc the start time is 0. */
struct process process_self(void);

/*
 * The strings of a file of the process, "environ" or "cmdline", as execve was given them: what
 * setenv made of them later is not there (proc(5)). A zombie's are empty, or not there
 * (ESRCH), as kernels differ.
 * Returns a NULL-terminated array to free, whose strings are in *text, to be freed too; or NULL,
 * with nothing to free but errno set: ESRCH, EFBIG (more than max bytes), ENOMEM, EACCES …
 */
char **process_strings(pid_t pid, const char *file, size_t max, char **text);

/* The same as an environment, whose strings are in *text, to be freed after env_destroy.
 * Returns 0, or -1 with errno as above, and nothing to free. */
int process_environment(pid_t pid, size_t max, struct env *env, char **text);

#endif
