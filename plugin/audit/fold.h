/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The aggregate into which the records of jobs are folded: as large as it has groups and days. */
#ifndef NESTSAFE_AUDIT_FOLD_H
#define NESTSAFE_AUDIT_FOLD_H

#include "options.h"

#include "core/totals.h"

#include <stdint.h>
#include <time.h>

/* The record of one run of a job, as far as it matters here; all is borrowed. */
struct audit_job {
    const char *user; /* of a job with a text; like account and partition, anything at all */
    const char *account;
    const char *partition;
    const char *text; /* the field that begins a section; NULL: none does */
    uint64_t cpus;
    uint64_t elapsed; /* seconds */
    time_t start, end;
};

/* The jobs with nested launches that have something in common. */
struct group {
    char *key;     /* fit to be shown: text_clean() */
    uint64_t jobs; /* runs of jobs, to be exact */
    struct totals totals;
    uint64_t unrepaired;   /* failed by what a repair may prevent, and not known to be repaired */
    uint64_t core_seconds; /* of the jobs as a whole */
};

/* Groups by key. */
struct groups {
    struct group **list; /* in the order of their first job, until sorted */
    size_t count, room;
    void *tree;
};

struct fold {
    enum audit_by by;
    uint64_t seen;       /* records of jobs, with nested launches or without */
    uint64_t unreadable; /* of these, with a section that cannot be read or cannot be true */
    struct group all;
    struct groups groups;   /* by what was asked for */
    struct groups contacts; /* users, of jobs with unrepaired launches only */
    struct groups days;     /* "2026-11-26", local time, on which jobs ended */
};

/* A launch has one of these outcomes. */
enum outcome { OUTCOME_REPAIRED, OUTCOME_DENIED, OUTCOME_UNREPAIRED, OUTCOME_WELL, OUTCOMES };

void fold_begin(struct fold *fold, enum audit_by by);

/*
 * Add a record. A requeued job has one for each of its runs. The field keeps its text when a job is
 * requeued, so the section of a run in which nothing nested may be that of the run before: then
 * its last launch lies before the start of this run, and it is not counted again.
 * Returns 0, or -1 with errno ENOMEM.
 */
int fold_add(struct fold *fold, const struct audit_job *job);

void fold_end(struct fold *fold);

/* Put what matters first: those with most unrepaired launches; days by date. */
void fold_sort(struct fold *fold);

/* The launches of a group by outcome. They add up to all, also where a section is not consistent.
 */
void group_outcomes(const struct group *group, uint64_t outcomes[OUTCOMES]);

/* The most frequent class of failure; "none" only where there is no other, NULL where none is
 * known.
 */
const char *group_class(const struct group *group);

#endif
