/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that are stopped right after their exec, and programs to be executed so. */
#ifndef NESTSAFE_TESTS_UNIT_STOPPED_H
#define NESTSAFE_TESTS_UNIT_STOPPED_H

#include <stddef.h>
#include <sys/types.h>

/* Execute file; the process has not run an instruction of it yet, which is how a collector that is
 * told of the exec may find it. Returns 0 where it cannot be executed. As another user: uid. */
pid_t stopped_start(const char *file, const char *const arguments[],
                    const char *const environment[]);
pid_t stopped_start_as(uid_t uid, const char *file, const char *const arguments[]);

/* Kill it. */
void stopped_end(pid_t pid);

/* "directory/name" (to free): an executable copy of a file, with more bytes behind it. */
char *program_copy(const char *file, const char *directory, const char *name, const void *more,
                   size_t more_length);

/* Replace each occurrence of a text in a file by one of the same length. Returns how many. */
size_t program_edit(const char *file, const char *text, const char *replacement);

/* All of a file (to free). */
char *file_bytes(const char *file, size_t *length);

#endif
