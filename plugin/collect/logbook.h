/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Incidents on their way into the node's log: they wait until Slurm has said where that is and what
 * the cluster is called, but not for long. */
#ifndef NESTSAFE_COLLECT_LOGBOOK_H
#define NESTSAFE_COLLECT_LOGBOOK_H

#include "courier.h"
#include "nodelog.h"

#include "core/incident.h"

struct held;

struct logbook {
    struct nodelog *log;
    struct courier *courier;
    const char *account; /* path of nestsafe-account */
    char node[256];      /* Slurm's name of this node, once an incident has said it */
    char cluster[64];    /* "" until it is known */
    bool asking;
    int64_t asked;     /* clock_steady, 0: never */
    struct held *held; /* oldest first */
    struct held **last;
    unsigned count;
};

/* Write an incident that has ended to targets ("slurmd,/path"), now or when the place is known. */
void logbook_write(struct logbook *book, const struct incident *incident, const char *targets);

/* Find out where the node's log is, if that is not known, for what is to be said before the first
 * incident; book->asking until that is answered. node: Slurm's name of this one. */
void logbook_locate(struct logbook *book, const char *node);

/* Write what has waited long enough. Returns when to come again (clock_steady), 0: no need. */
int64_t logbook_run(struct logbook *book);

/* Write everything that still waits. */
void logbook_close(struct logbook *book);

#endif
