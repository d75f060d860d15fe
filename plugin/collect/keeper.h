/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper: the parent of the collector, which starts it again when it is killed. It holds the
 * socket, so that what is sent meanwhile waits there. */
#ifndef NESTSAFE_COLLECT_KEEPER_H
#define NESTSAFE_COLLECT_KEEPER_H

/* Returns in the collector's process, again after each of its deaths; the keeper itself ends with
 * the collector's orderly end, or, after it has ended that, on SIGTERM. */
void keeper_begin(void);

#endif
