/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole small file as a string. */
#ifndef NESTSAFE_LAUNCH_READFILE_H
#define NESTSAFE_LAUNCH_READFILE_H

#include "core/rules_file.h"

#include <stddef.h>

/* Read path, of at most max bytes, and end it with a NUL that *length does not count.
 * Returns memory to free, or NULL with errno from open(2) or read(2), or EFBIG or ENOMEM. */
char *readfile(const char *path, size_t max, size_t *length);

/* The same for a file that nobody but root can have written: not a link, root's, and writable for
 * no other. errno may be EPERM then. */
char *readfile_root(const char *path, size_t max, size_t *length);

/* Read a site's rules. Returns 0, or -1 with file->error set in every case; the caller destroys
 * file either way. */
int readfile_rules(struct rules_file *file, const char *path);

#endif
