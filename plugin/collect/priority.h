/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How soon the kernel lets the collector run: a launcher that dies at once can be looked at for
 * some 10 ms, also on a node that is busy. */
#ifndef NESTSAFE_COLLECT_PRIORITY_H
#define NESTSAFE_COLLECT_PRIORITY_H

/* Before all others, but for those with a real-time priority of their own. Whoever may not have
 * that keeps what it has. */
void priority_raise(void);

/* In a child, before it becomes another program: as everybody else. Async-signal-safe. */
void priority_drop(void);

#endif
