/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A socket from another network namespace, without going there. */
#ifndef NESTSAFE_WATCH_ELSEWHERE_H
#define NESTSAFE_WATCH_ELSEWHERE_H

/*
 * Call make_socket, which returns a file descriptor or -1 with errno, in the network namespace that
 * a file such as /run/netns/NAME stands for. A child process goes there and hands over what it got:
 * thus there is no way back that could fail. Not for processes with threads.
 * Returns the descriptor (close-on-exec), or -1 with errno of make_socket, open(2), setns(2) …
 */
int elsewhere_open(const char *path, int (*make_socket)(void));

#endif
