/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages of the kernel's process connector, as they are sent and received. */
#ifndef NESTSAFE_WATCH_WATCH_MESSAGE_H
#define NESTSAFE_WATCH_WATCH_MESSAGE_H

#include "watch.h"

#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>

/* What we tell the connector: one of PROC_CN_MCAST_LISTEN, PROC_CN_MCAST_IGNORE. The kernel adds 1
 * to mark in its answer. Returns 0, or -1 with errno from send(2). */
int watch_message_send(int fd, enum proc_cn_mcast_op operation, uint32_t mark);

/* Let the kernel queue nothing but exec, the exit of whole processes, and its answers.
 * Returns 0, or -1 with errno from setsockopt(2). */
int watch_message_filter(int fd);

/* The answer to mark in a message of length bytes: returns true and *error as the kernel gives it,
 * 0 for success. */
bool watch_message_answer(const void *message, size_t length, uint32_t mark, int *error);

/* Returns true and fills event where the message tells of an exec or an exit. */
bool watch_message_event(const void *message, size_t length, struct watch_event *event);

#endif
