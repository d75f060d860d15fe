/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Regular files in places that users may write to, opened so that nobody is held up by them. */
#ifndef NESTSAFE_WATCH_REGULAR_H
#define NESTSAFE_WATCH_REGULAR_H

#include <stddef.h>
#include <stdint.h>

/*
 * How a path may be walked:
 * INSIDE: the directory is taken for "/". Linux 5.6.
 * KNOWN: so too, but only as far as the kernel has it in memory. A path that somebody just tells us
 * must not make us mount anything, or wait for a file server. Linux 5.12.
 * BELOW: not out of the directory, and not into another file system. Linux 5.6.
 */
enum regular_walk { REGULAR_KNOWN, REGULAR_BELOW, REGULAR_INSIDE };

/* A handle (O_PATH) on a regular file, or on a directory: nothing but their attributes can be read
 * through it. Returns -1 with errno: EAGAIN (not in memory), EXDEV, ENOSYS or EINVAL (an older
 * kernel), ENOTSUP (not a regular file), or what open(2) says. */
int regular_handle(int directory, const char *path, enum regular_walk walk);
int regular_directory(int directory, const char *path, enum regular_walk walk);

/* Open what a handle stands for, for reading. Returns -1 with errno from open(2). */
int regular_open(int handle);

/* The first max bytes of it. Returns memory to free, or NULL with errno. */
char *regular_bytes(int handle, size_t max, size_t *length);

#endif
