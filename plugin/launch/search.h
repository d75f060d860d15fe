/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real launcher: what PATH would have given without nestsafe's launcher directory. */
#ifndef NESTSAFE_LAUNCH_SEARCH_H
#define NESTSAFE_LAUNCH_SEARCH_H

/*
 * Find name in the part of path after our own directory, or in all of it where it is not in path.
 * path may be NULL (unset): then where execvp(3) would look. Anything that is this very program
 * (the same inode, by whatever name) is passed over.
 * Returns memory to free, or NULL with errno as a shell would report it: ENOENT, EACCES, ENOMEM.
 */
char *search_launcher(const char *name, const char *path);

#endif
