/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the collector has to say of itself in the node's log: each trouble once, or once a minute.
 */
#ifndef NESTSAFE_COLLECT_TROUBLES_H
#define NESTSAFE_COLLECT_TROUBLES_H

#include "logbook.h"
#include "steps.h"

#include <stdint.h>
#include <sys/types.h>

enum { TROUBLES_HELD = 4, TROUBLES_LINE = 512 };

struct troubles {
    struct logbook *book;
    struct steps *steps; /* NULL, or in which Slurm's name of this node is */
    char held[TROUBLES_HELD][TROUBLES_LINE];
    unsigned count;
    unsigned long refused, missed, missed_said; /* in all */
    int64_t refused_told, missed_told;          /* clock_steady */
    int64_t latest; /* of those missed that have not been said, microseconds */
    int spool_error;
    char no_spool[512]; /* the last one that could not be moved to */
};

/* Say what has waited, if it is time. Returns when it will be for the rest (clock_steady), 0 where
 * there is none. */
int64_t troubles_run(struct troubles *troubles);

/* Say all that has waited. */
void troubles_close(struct troubles *troubles);

/* A message of that user's was refused. */
void troubles_refused(struct troubles *troubles, uid_t uid, const char *why);

/* A program had ended before it could be looked at; that it had begun is of then: nanoseconds as
 * the kernel stamped it. Short ones often do; but launchers only where the collector was stopped,
 * or had to wait for a CPU, for as long as a launcher takes to fail. */
void troubles_missed(struct troubles *troubles, uint64_t nanoseconds);

/* The spool is in this state: an errno, or 0. */
void troubles_spool(struct troubles *troubles, const char *path, int error);

/* The site has named another spool since, which cannot be used because of errno; or, with NULL,
 * can. */
void troubles_moved(struct troubles *troubles, const char *spool);

/* The kernel has dropped events; it does not tell of processes, because of errno. */
void troubles_dropped(struct troubles *troubles);
void troubles_blind(struct troubles *troubles, const char *what);

/* The collector before this one was killed. */
void troubles_gap(struct troubles *troubles);

/* Something has happened to the socket's name, or to the directory. */
void troubles_restored(struct troubles *troubles, const char *rundir);
void troubles_gone(struct troubles *troubles, const char *rundir);

#endif
