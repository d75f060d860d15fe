/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job's journal: a line for each launch that begins or ends on this node, so that a collector
 * that is killed loses none and counts none twice. */
#ifndef NESTSAFE_COLLECT_JOURNAL_H
#define NESTSAFE_COLLECT_JOURNAL_H

#include "core/incident.h"
#include "core/stepfile.h"
#include "core/totals.h"

#include <stddef.h>

enum { JOURNAL_NAME = 48 };

/* What a journal says, in its order. */
struct journal_reader {
    void (*settings)(void *context, const struct stepfile *settings);
    void (*totals)(void *context, const struct totals *totals);
    void (*launch)(void *context, const struct incident *incident); /* ended or not */
};

/* "JOB.RESTART.journal". */
void journal_name(char name[JOURNAL_NAME], uint32_t job, uint32_t restart);

/* The one that lines were appended to last: it stays open for those that come at once, as to open a
 * file costs more than to write a line. */
struct journal {
    char name[JOURNAL_NAME]; /* "": none */
    int fd;
};

/* Append a launch as it is now. Returns 0, or -1 with errno; then the journal may hold a part of
 * the line, and has to be written anew. */
int journal_append(struct journal *last, int directory, const char *name,
                   const struct incident *incident);

/* Close it: at the end of a turn, or where another file or directory takes its place. */
void journal_pause(struct journal *last);

/* Write the journal anew: settings, the totals of what has ended, and count launches that have not.
 * Returns 0, or -1 with errno; then the old one is still there. */
int journal_write(int directory, const char *name, const struct stepfile *settings,
                  const struct totals *ended, const struct incident *const launches[],
                  size_t count);

/* Read it. What is no whole line is passed over. Returns 0, or 1 where the last line was cut off,
 * so that it has to be written anew before anything is appended; or -1 with errno. */
int journal_read(int directory, const char *name, const struct journal_reader *reader,
                 void *context);

#endif
