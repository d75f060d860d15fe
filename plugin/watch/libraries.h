/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The library that a launcher will be linked with, found without running it. */
#ifndef NESTSAFE_WATCH_LIBRARIES_H
#define NESTSAFE_WATCH_LIBRARIES_H

#include <stdbool.h>

/*
 * Find the first library whose name begins with prefix that an ELF file (open for reading) needs:
 * in lib or lib64 beside the directory of the file, or where the system has its libraries.
 * root: a handle on "/" of the process that runs the file; path: the file's, in there, as the
 * kernel shows it. Where the file is trusted not to lead us into strange places, first of all where
 * the file itself names (DT_RUNPATH).
 * Returns a handle (see regular.h), or -1.
 */
int libraries_find(int fd, int root, const char *path, const char *prefix, bool trusted);

#endif
