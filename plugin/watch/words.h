/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which program a process really runs where its executable only runs others: a script's
 * interpreter, or the loader. */
#ifndef NESTSAFE_WATCH_WORDS_H
#define NESTSAFE_WATCH_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum runner {
    RUNNER_NONE,
    RUNNER_LOADER,      /* ld.so */
    RUNNER_INTERPRETER, /* sh, python3.11 … */
};

/* By the file name of an executable. */
enum runner runner_of(const char *name);

/*
 * The program among the arguments of a runner, or NULL: cmdline, of length bytes, as
 * /proc/PID/cmdline or its beginning. script: the name the kernel has for the script that it
 * started through its "#!" line, or NULL where it started the runner itself.
 */
const char *words_program(enum runner runner, const char *cmdline, size_t length,
                          const char *script);

#endif
