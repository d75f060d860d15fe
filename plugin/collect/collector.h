/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The collector's loop. */
#ifndef NESTSAFE_COLLECT_COLLECTOR_H
#define NESTSAFE_COLLECT_COLLECTOR_H

#include <limits.h>
#include <stdbool.h>

struct collector_options {
    const char *rundir;
    const char *spool;
    int port;
    int socket; /* the bound socket */
    int lock;   /* held as long as any process of the collector's lives */
    bool foreground;
};

/* Collect until SIGTERM. Returns the exit status. */
int collector_run(const struct collector_options *options);

#endif
