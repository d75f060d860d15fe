/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The node's log: incidents and the collector's own messages, in slurmd's log, in syslog, and as
 * JSON lines in a file. */
#ifndef NESTSAFE_COLLECT_NODELOG_H
#define NESTSAFE_COLLECT_NODELOG_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

enum { SINKS_MAX = 8, SINK_NAME = 256 };

/* One place to write to, with what it may still take: a storm of launches must not fill a disk. */
struct sink {
    char name[SINK_NAME]; /* "slurmd", "syslog", or a path */
    double credit;        /* lines */
    int64_t filled;       /* when credit was last added, in microseconds */
    uint64_t folded;      /* lines that were not written since */
    int error;            /* errno of a write that failed, and has been told */
};

struct nodelog {
    bool located;              /* the place of slurmd's log is known, or that there is none */
    char slurmd_log[PATH_MAX]; /* "": slurmd has none, syslog serves in its place */
    struct sink sinks[SINKS_MAX];
};

/* Where slurmd's log is, as slurm.conf has it (%h and %n are replaced); NULL or "": it uses syslog.
 */
void nodelog_locate(struct nodelog *log, const char *slurmd_log, const char *node);

/* Is there one among targets that an incident would be written to? Else it is counted, as
 * nodelog_incident() would, and need not be put into words. */
bool nodelog_takes(struct nodelog *log, const char *targets);

/* Write one incident to each of targets ("slurmd,syslog,/path"): line to a log, json to a file.
 * What is over the limit is counted, and told by nodelog_fold(). */
void nodelog_incident(struct nodelog *log, const char *targets, const char *line, const char *json);

/* Tell how many were folded, where that may be told again. True if there is more to tell later. */
bool nodelog_fold(struct nodelog *log);

/* A message of the collector's own, into slurmd's log. */
__attribute__((format(printf, 2, 3))) void nodelog_say(struct nodelog *log, const char *format,
                                                       ...);

#endif
