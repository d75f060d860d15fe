/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The launches that have not ended, found by their process. */
#include "launches.h"

static struct launch **bucket_of(const struct launches *launches, pid_t pid)
{
    return (struct launch **)&launches->buckets[(unsigned)pid % LAUNCH_BUCKETS];
}

void launches_add(struct launches *launches, struct launch *launch)
{
    struct launch **bucket = bucket_of(launches, (pid_t)launch->incident.process.pid);
    launch->next_of_pid = *bucket;
    *bucket = launch;
    launches->count++;
}

void launches_remove(struct launches *launches, struct launch *launch)
{
    struct launch **link = bucket_of(launches, (pid_t)launch->incident.process.pid);
    while (*link && *link != launch)
        link = &(*link)->next_of_pid;
    if (!*link)
        return;
    *link = launch->next_of_pid;
    launches->count--;
}

struct launch *launches_find(const struct launches *launches, pid_t pid)
{
    struct launch *launch = *bucket_of(launches, pid);
    while (launch && launch->incident.process.pid != pid)
        launch = launch->next_of_pid;
    return launch;
}

void launches_each(struct launches *launches, void (*visit)(void *context, struct launch *launch),
                   void *context)
{
    for (size_t i = 0; i < LAUNCH_BUCKETS; i++) {
        struct launch *next;
        for (struct launch *launch = launches->buckets[i]; launch; launch = next) {
            next = launch->next_of_pid;
            visit(context, launch);
        }
    }
}
