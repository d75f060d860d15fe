/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Being told that a directory has changed. */
#ifndef NESTSAFE_COLLECT_CHANGES_H
#define NESTSAFE_COLLECT_CHANGES_H

#include <stdbool.h>
#include <stdint.h>

/* Of a directory that is open, whatever its path is by now; mask as inotify(7) has it. Returns a
 * descriptor, readable when there has been a change, or -1 with errno. */
int changes_watch(int directory, uint32_t mask);

/* True where there has been one since, also when there were more than the kernel could note; false
 * for a descriptor of -1. */
bool changes_any(int fd);

#endif
