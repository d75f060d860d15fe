/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files in /proc/PID say, once they are read. */
#ifndef NESTSAFE_LAUNCH_PROCFILE_H
#define NESTSAFE_LAUNCH_PROCFILE_H

#include <stddef.h>

/* Of /proc/PID/stat. */
struct procfile_stat {
    char state;
    long parent;
    unsigned long long start; /* clock ticks since boot */
};

/* Returns 0, or -1 with errno EIO: nobody understands that. */
int procfile_stat(struct procfile_stat *stat, const char *text);

/* The strings of environ or cmdline: those of the length bytes at text that have an end, and a NUL
 * is behind the last byte. Returns a NULL-terminated array to free, whose strings are in text; or
 * NULL with errno ENOMEM. */
char **procfile_strings(char *text, size_t length);

#endif
