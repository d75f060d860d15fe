/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time in microseconds. */
#ifndef NESTSAFE_COLLECT_CLOCK_H
#define NESTSAFE_COLLECT_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_read(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Since some point in the past; never steps. */
static inline int64_t clock_steady(void)
{
    return clock_read(CLOCK_MONOTONIC);
}

/* Since 1970. */
static inline int64_t clock_wall(void)
{
    return clock_read(CLOCK_REALTIME);
}

#endif
