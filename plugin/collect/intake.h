/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is seen of launches, by the kernel and by nestsafe's own doors, becomes incidents: one for
 * each launch, whoever saw it first. */
#ifndef NESTSAFE_COLLECT_INTAKE_H
#define NESTSAFE_COLLECT_INTAKE_H

#include "delivery.h"
#include "jobs.h"
#include "launches.h"
#include "logbook.h"
#include "steps.h"

#include <stdbool.h>
#include <sys/types.h>

struct intake {
    struct steps *steps;
    struct jobs *jobs;
    struct launches *launches;
    struct logbook *book;
    const char *doors;      /* the real path of nestsafe-launch */
    bool unsettled;         /* something has been learnt that is in no journal */
    bool watching;          /* the kernel tells of exec and exit */
    struct stepfile latest; /* of the step that had the latest incident; spool "" for none */
};

/* A process has executed a program. Returns false if it had ended before it could be looked at. */
bool intake_exec(struct intake *intake, pid_t pid);

/* A process has ended; status as wait(2) gives it. */
void intake_exit(struct intake *intake, pid_t pid, int status);

/* A launch says something of itself; pid and uid are its sender's, as the kernel says.
 * Returns NULL, or why it is not believed. */
const char *intake_report(struct intake *intake, const struct report *report, pid_t pid, uid_t uid);

/* Put into the journals what has been learnt since the last call. */
void intake_settle(struct intake *intake);

/* Find out which launches have ended although nobody said so, and which began while nobody looked.
 */
void intake_sweep(struct intake *intake);
void intake_rescan(struct intake *intake);

#endif
