/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A period cut into windows that are short enough for what is read of one to stay small. */
#ifndef NESTSAFE_AUDIT_WINDOWS_H
#define NESTSAFE_AUDIT_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum {
    WINDOW_FIRST = 2 * 3600, /* seconds of the first window, */
    WINDOW_MAX = 48 * 3600,  /* and of the longest */
    WINDOW_RECORDS = 16000,  /* wanted in one; each is about 2 KiB, and a window costs 0.1 s */
};

struct windows {
    time_t next, end;
    time_t length;
};

/* Begin at the start of [start, end). */
void windows_begin(struct windows *windows, time_t start, time_t end);

/* The next window [*start, *end). The windows of a period touch, do not overlap, and cover it.
 * False: that was all. */
bool windows_next(struct windows *windows, time_t *start, time_t *end);

/* Make what follows as long as suits the number of records that the last window had. */
void windows_learn(struct windows *windows, size_t records);

#endif
