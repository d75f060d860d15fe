/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nestsafe asks of slurmctld. Each call is one RPC; all say why on standard error where they
 * do not return OUTCOME_DONE or OUTCOME_ENDED. */
#ifndef NESTSAFE_ACCOUNT_CTLD_H
#define NESTSAFE_ACCOUNT_CTLD_H

#include "account.h"

#include <stdbool.h>

/* What slurmctld knows of a job's run. */
struct ctld_job {
    bool known;                /* slurmctld has a job of this id and user, of whichever run */
    char first[JOBSTATE_NODE]; /* its first node; "" where slurmctld knows this run no more */
    char *text;                /* of the field, NULL for none; free it */
};

/* Load a job. OUTCOME_ENDED: this run of it has ended, whether slurmctld still knows it or not. */
enum outcome ctld_load(struct ctld_job *job, const struct jobstate *state);

/* Set the field of a job that is not over. OUTCOME_ENDED: it is by now. OUTCOME_DONE means that the
 * text was there before the job's record went to slurmdbd: slurmctld refuses this for a job from
 * the moment on in which it sends the record, under the same lock. */
enum outcome ctld_put(const struct jobstate *state, char *text);

/* How a node is reached: a name or an address for getaddrinfo(3). */
enum outcome ctld_address(char *node, char address[JOBSTATE_NODE]);

/* Tell a job's user something. */
enum outcome ctld_notify(uint32_t job, char *text);

/* Parts of slurm.conf; free them. */
struct ctld_settings {
    char *cluster;
    char *slurmd_log; /* %h and %n are left as they are; NULL: slurmd writes to syslog */
};
enum outcome ctld_settings(struct ctld_settings *settings);

#endif
