/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a node keeps of a job, in the file JOB.RESTART of its spool: its own totals, and on the
 * job's first node, whose collector writes to the scheduler, everybody's. */
#ifndef NESTSAFE_CORE_JOBSTATE_H
#define NESTSAFE_CORE_JOBSTATE_H

#include "stepfile.h"
#include "totals.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JOBSTATE_NODE = 256 };

/* The totals of one node. */
struct jobstate_node {
    char name[JOBSTATE_NODE];
    struct totals totals;
};

struct jobstate {
    uint32_t job;
    uint32_t restart;
    uint32_t uid;
    enum accounting field; /* the scheduler's field that takes the totals */
    uint64_t serial;       /* grows with each change of any totals */
    uint64_t delivered;    /* the serial that has reached the scheduler, or the writer */
    bool notify;           /* the site lets the job's user be told */
    bool told;             /* and he has been */
    size_t count;
    struct jobstate_node *nodes; /* in the order in which they came; owned */
    char writer[JOBSTATE_NODE];  /* the job's first node, or "" as long as it is not known */
    char address[JOBSTATE_NODE]; /* of it, or "" where that is this node */
};

/*
 * Read the JSON text of such a file, strictly:
 *
 *   {"v":1,"job":12,"restart":0,"uid":60001,"field":"admin_comment","serial":17,
 *    "delivered":16,"notify":true,"told":false,
 *    "nodes":{"n1":{totals},"n2":{totals}},"writer":{"node":"n1","address":"10.0.0.1"}}
 *
 * "writer", "delivered", "notify" and "told" may be missing. Returns 0, and the caller destroys
 * *state; or -1 with errno EINVAL or ENOMEM and nothing to destroy.
 */
int jobstate_parse(struct jobstate *state, const char *text, size_t length);

/* The text that jobstate_parse reads, to free; NULL with errno ENOMEM. */
char *jobstate_format(const struct jobstate *state);

/*
 * Put these totals in the place of those that the node had; serial grows if they differ. Totals are
 * a node's sum so far, so a message that comes twice counts once. Returns 1 where something
 * changed, 0 where nothing did, or -1 with errno EINVAL (not a node's name) or ENOMEM.
 */
int jobstate_set(struct jobstate *state, const char *node, const struct totals *totals);

/* The totals of a node, borrowed until the next jobstate_set; NULL: it has none. */
const struct totals *jobstate_totals(const struct jobstate *state, const char *node);

/* The sum over all nodes. */
void jobstate_sum(const struct jobstate *state, struct totals *sum);

/* Free what it owns; a zeroed one is valid, and one again afterwards. */
void jobstate_destroy(struct jobstate *state);

/* A node's share of a job, as its collector sends it to the one of the job's first node. */
struct share {
    uint32_t job;
    uint32_t restart;
    uint32_t uid;
    enum accounting field;
    bool notify;
    char node[JOBSTATE_NODE]; /* whose share it is */
    char to[JOBSTATE_NODE];   /* the job's first node */
    struct totals totals;
};

/* Its JSON text, strictly: {"v":1,"job":12,"restart":0,"uid":60001,"field":"admin_comment",
 * "notify":true,"node":"n2","to":"n1","totals":{totals}}. Returns 0, or -1 with errno EINVAL or
 * ENOMEM. */
int share_parse(struct share *share, const char *text, size_t length);

/* The text that share_parse reads, to free; NULL with errno ENOMEM. */
char *share_format(const struct share *share);

#endif
