/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The jobs that have had incidents: their launches, what these add up to, and what of it is on
 * disk. */
#ifndef NESTSAFE_COLLECT_JOBS_H
#define NESTSAFE_COLLECT_JOBS_H

#include "journal.h"

#include "core/incident.h"
#include "core/jobstate.h"
#include "core/stepfile.h"
#include "core/totals.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job;

/* A nested launch that has not ended. Belongs to its job, and is found by its process. */
struct launch {
    struct launch *next_of_job;
    struct launch *next_of_pid;
    struct job *job;
    struct incident incident;
    int said_status; /* what it said of its own end, or -1 */
    bool recorded;   /* it is in the journal, as it is */
};

/* Somebody who waits until a state of the job has reached the scheduler. */
struct waiter {
    struct waiter *next;
    int reply;       /* a pipe, ours to close */
    uint64_t serial; /* the state that is waited for */
    bool peer;       /* wants to read 'r' when it is recorded */
};

struct job {
    struct job *next;
    struct stepfile settings; /* of its latest step with nested launches on this node, but nodes
                                 and index are of the largest; job 0 where it has had none, but
                                 node is known from others' shares */
    struct totals ended;      /* of the launches on this node that have ended */
    struct launch *launches;
    struct jobstate state; /* what the nodes of the job have said, and who brings it to Slurm */
    struct waiter *waiters;
    bool changed;        /* since this node's totals were last put into state */
    bool told;           /* its user has been told, or was about to be */
    bool broken_journal; /* the disk would not take a line: all of it has to be written anew */
    unsigned lines;      /* of the journal, since it was written anew */
    bool delivering;     /* state in_flight is on its way */
    uint64_t in_flight;
    uint64_t delivered; /* the latest serial that is recorded */
    unsigned deliveries;
    unsigned failures; /* in a row */
    int64_t failing;   /* since when (clock_steady), 0: not */
    int64_t due;       /* when to deliver (clock_steady), 0: nothing to deliver */
    int64_t touched;   /* the last time that anything happened (clock_steady) */
};

struct jobs {
    struct job *list;
    int spool; /* SPOOL/jobs, or -1 where that cannot be used */
    char path[PATH_MAX];
    int error; /* errno of what failed there, and has been told */
    struct journal journal;
};

/* Use the directory spool (made where it is missing; root's alone). Returns 0, or -1 with errno;
 * then everything works, but nothing outlives this process. */
int jobs_open(struct jobs *jobs, const char *spool);

/* Use that directory from now on, if it is another one or could not be used so far. Returns 0, or
 * -1 with errno; then all stays as it was. */
int jobs_move(struct jobs *jobs, const char *spool);

/* Read what an earlier collector has left; found is called for each launch that had not ended. */
void jobs_restore(struct jobs *jobs, void (*found)(void *context, struct launch *launch),
                  void *context);

/* The job of a step, made or read from the spool where it is not known. NULL with errno ENOMEM. */
struct job *jobs_of_step(struct jobs *jobs, const struct stepfile *step);

/* The job of a peer's message. NULL with errno ENOMEM. */
struct job *jobs_of(struct jobs *jobs, uint32_t id, uint32_t restart);

/* A launch begins; NULL with errno ENOMEM. */
struct launch *job_begin(struct job *job, const struct incident *incident);

/* Put into the journal what has changed of its launches. */
void job_record(struct jobs *jobs, struct job *job);

/* A launch has ended: count it for good, and free it. */
void job_end(struct jobs *jobs, struct job *job, struct launch *launch);

/* Nothing is appended for a while. */
void jobs_pause(struct jobs *jobs);

/* Bring this node's part of the state up to date. Returns 0, or -1 with errno ENOMEM. */
int job_sum(struct job *job);

/* Write the state where nestsafe-account reads it, and put its path in path. In the spool, or where
 * that is full below rundir. Returns 0, or -1 with errno. */
int job_save(struct jobs *jobs, struct job *job, const char *rundir, char path[PATH_MAX]);

/* Drop from memory what has been idle, and from the disk what has been delivered days ago. */
void jobs_expire(struct jobs *jobs);

/* Free all; files stay. */
void jobs_close(struct jobs *jobs);

#endif
