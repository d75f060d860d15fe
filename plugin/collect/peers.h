/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The collectors of a job's other nodes: one of them writes the job's record, the others report to
 * it. */
#ifndef NESTSAFE_COLLECT_PEERS_H
#define NESTSAFE_COLLECT_PEERS_H

#include "courier.h"
#include "delivery.h"

/* Peers that are listened to at the same time; others wait in the kernel's queue. */
enum { PEERS_MAX = 16 };

struct peers {
    int listener; /* -1: none */
    unsigned port;
    unsigned talking;
    int64_t paused; /* nobody is taken in before this (clock_steady) */
    int64_t retry;  /* when to try to listen again (clock_steady), 0: no need */
    struct courier *courier;
    struct nodelog *log;
    const char *account;
    const char *rundir;
};

/* Listen on a TCP port of all addresses, instead of the one before. Failing is said once, and tried
 * again by peers_run(). */
void peers_listen(struct peers *peers, unsigned port);

/* True while another peer may be taken in. */
bool peers_ready(const struct peers *peers);

/* Take in who is there; nestsafe-account checks who it is, and hands on what it says. */
void peers_accept(struct peers *peers);

/* Returns when to come again (clock_steady), 0: no need. */
int64_t peers_run(struct peers *peers);

/* A peer's totals of a job, as nestsafe-account has handed them on (docs/records.md). reply becomes
 * the job's. Returns NULL, or what is wrong with it. */
const char *peers_take(struct delivery *delivery, const char *json, int reply);

void peers_close(struct peers *peers);

#endif
