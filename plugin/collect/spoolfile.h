/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files in directories that are root's alone. */
#ifndef NESTSAFE_COLLECT_SPOOLFILE_H
#define NESTSAFE_COLLECT_SPOOLFILE_H

#include <stddef.h>

/*
 * Open the directory path, after making it and those above it where they are missing (0755, the
 * last one 0700). Returns a descriptor, or -1 with errno from mkdir(2) or open(2), or EPERM where
 * the directory, or one above it that is missing, is not root's alone to write in.
 */
int spoolfile_directory(const char *path);

/*
 * Open a log for appending, and make it (0640) where it is missing, in a directory that is there.
 * Returns a descriptor that does not block, or -1 with errno from open(2), or EPERM where the file,
 * or a directory above it, is neither ours nor root's, anybody may write in that directory and it
 * is not sticky, or the file has a second name.
 */
int spoolfile_log(const char *path);

/* Replace the file name by these lines at once, or leave it as it is.
 * Returns 0, or -1 with errno. */
int spoolfile_replace(int directory, const char *name, const char *const lines[], size_t count);

/* Read a file of at most 64 MiB. Returns memory to free, ended by a NUL that *length does not
 * count; or NULL with errno, EFBIG among them. */
char *spoolfile_read(int directory, const char *name, size_t *length);

#endif
