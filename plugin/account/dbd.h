/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job's record in slurmdbd, for jobs that have ended. All say why on standard error where they do
 * not return OUTCOME_DONE. */
#ifndef NESTSAFE_ACCOUNT_DBD_H
#define NESTSAFE_ACCOUNT_DBD_H

#include "account.h"

#include <time.h>

struct dbd {
    void *connection;
    char *cluster;
};

/* The record of one run of a job. */
struct dbd_record {
    char first[JOBSTATE_NODE]; /* the job's first node, or "" */
    uint32_t state;            /* as slurmdbd stores it */
    time_t end;                /* 0: slurmdbd has not heard of it yet */
    char *text;                /* of the field, NULL for none; free it */
};

/* Connect. OUTCOME_ENDED: this cluster has no accounting storage. The caller closes *dbd in every
 * case. */
enum outcome dbd_open(struct dbd *dbd);
void dbd_close(struct dbd *dbd);

/*
 * Find the record of a run. A job that was requeued has a record a run, which do not say which run
 * they are of (before 23.11), and ids are used again: it is the one of this user's whose time is
 * nearest to that of the incidents. OUTCOME_NEVER: there is none.
 */
enum outcome dbd_find(struct dbd *dbd, const struct jobstate *state, struct dbd_record *record);

/* Set the field in a record that has its end (a job's last message to slurmdbd would replace what
 * is written before), and read it again to be sure. */
enum outcome dbd_put(struct dbd *dbd, const struct jobstate *state, const struct dbd_record *record,
                     char *text);

#endif
