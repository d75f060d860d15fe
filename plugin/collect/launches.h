/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The launches that have not ended, found by their process. */
#ifndef NESTSAFE_COLLECT_LAUNCHES_H
#define NESTSAFE_COLLECT_LAUNCHES_H

#include "jobs.h"

#include <stddef.h>
#include <sys/types.h>

enum { LAUNCH_BUCKETS = 256 };

/* Borrows launches, which are their jobs'. */
struct launches {
    struct launch *buckets[LAUNCH_BUCKETS];
    size_t count;
};

void launches_add(struct launches *launches, struct launch *launch);
void launches_remove(struct launches *launches, struct launch *launch);

/* The launch by that process id, or NULL. */
struct launch *launches_find(const struct launches *launches, pid_t pid);

/* Call visit for each; it may remove the launch that it is called for. */
void launches_each(struct launches *launches, void (*visit)(void *context, struct launch *launch),
                   void *context);

#endif
