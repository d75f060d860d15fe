/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When which job's totals go to the scheduler, and who waits for it. */
#ifndef NESTSAFE_COLLECT_DELIVERY_H
#define NESTSAFE_COLLECT_DELIVERY_H

#include "courier.h"
#include "jobs.h"
#include "nodelog.h"

struct delivery {
    struct jobs *jobs;
    struct courier *courier;
    struct nodelog *log;
    const char *account; /* path of nestsafe-account */
    const char *rundir;
    unsigned running; /* deliveries on their way */
    int64_t told; /* when it was last said that Slurm cannot be reached (clock_steady), 0: not */
};

/* Something of the job has changed. urgent: somebody waits for it, or its user is to be told. */
void delivery_wanted(struct job *job, bool urgent);

/* Let jobs that an earlier collector has not delivered have their turn within the next minute, the
 * nodes of one job by their numbers besides: all nodes may begin anew at the same time. Sooner than
 * that is nobody's, whatever has been wanted so far. */
void delivery_resume(const struct jobs *jobs);

/*
 * Let somebody wait until what is known of the job now has been recorded. reply becomes the job's;
 * it is closed at once where there is nothing to wait for. peer: 'k' and 'r' are written to it.
 */
void delivery_wait(struct delivery *delivery, struct job *job, int reply, bool peer);

/* Start what is due. Returns when the next one will be (clock_steady), 0 for none, or where an
 * errand has to end before. */
int64_t delivery_run(struct delivery *delivery);

#endif
