/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a job's nodes to its first: a share of the totals, in a line that munge vouches for. */
#ifndef NESTSAFE_ACCOUNT_PEER_H
#define NESTSAFE_ACCOUNT_PEER_H

#include "account.h"

#include <stdbool.h>

/* What the receiver answers: it is in its spool; it is with the scheduler. */
#define PEER_KEPT "kept"
#define PEER_RECORDED "recorded"

/* Send a share to a host. OUTCOME_DONE: it is safe there; *recorded: it is with the scheduler
 * already. Says why on standard error otherwise. */
enum outcome peer_send(const char *address, unsigned port, const struct share *share,
                       bool *recorded);

/* The line for a share, without its end, to free; NULL where munge gives none. */
char *peer_encode(const struct share *share);

/* Read such a line: only root's, on this cluster, and not twice. Returns 0, or -1 and says why. */
int peer_decode(struct share *share, const char *line);

#endif
