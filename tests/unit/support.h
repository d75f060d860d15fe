/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the unit tests share: environments from lists, assertions about them, chains of processes.
 */
#ifndef NESTSAFE_TESTS_UNIT_SUPPORT_H
#define NESTSAFE_TESTS_UNIT_SUPPORT_H

#include "core/env.h"

#include "cmocka_compat.h"

#include <stdbool.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A NULL-terminated list of strings; a list without any is NO_STRINGS. */
#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_STRINGS ((const char *const[]){NULL})

/* An environment that borrows the strings of a list. */
void env_from(struct env *env, const char *const list[]);

/* Set what list says; these strings are copied. */
void env_add(struct env *env, const char *const list[]);

/* The variable has this value; value NULL: it is not there. */
#define assert_variable(env, name, value) check_variable(env, name, value, __FILE__, __LINE__)
void check_variable(const struct env *env, const char *name, const char *value, const char *file,
                    int line);

/* The same variables with the same values, in any order. */
#define assert_same_env(env, expected) check_same_env(env, expected, __FILE__, __LINE__)
void check_same_env(const struct env *env, const struct env *expected, const char *file, int line);

/* Like assert_string_equal, but NULL may be compared too, and the case is named. */
#define assert_text(name, text, expected) check_text(name, text, expected, __FILE__, __LINE__)
void check_text(const char *name, const char *text, const char *expected, const char *file,
                int line);

/* Fail with a message of the form of printf. */
#define fail_case(...) fail_at(__FILE__, __LINE__, __VA_ARGS__)
void fail_at(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4), noreturn));

/* Say why a test ends early, for what this machine or this user lacks. Not skip() of cmocka, which
 * 1.1.5 prints as "not ok … # SKIP", and Automake's driver counts as a failure. */
#define leave_out(why)                                                                             \
    do {                                                                                           \
        print_message("# left out: %s: %s\n", __func__, why);                                      \
        return;                                                                                    \
    } while (0)

/*
 * A chain of real processes, each executed with an environment of its own and started by the one
 * before; the last one runs leaf, whose standard output is returned (memory to free). NULL where a
 * process could not be executed. Groups are environments, the outermost process's first. An entry
 * "@uid=N" is none: the process runs as that user.
 */
char *chain_run(const char *const *const groups[], size_t count);

/* For main(): true if this process is part of a chain; then *status is what to exit with. */
bool chain_main(int argc, char *argv[], int (*leaf)(void), int *status);

/* A directory of this test's own; removed, with what is in it, by directory_remove. */
char *directory_make(void);
void directory_remove(char *directory);

/* "directory/name", to free; file_write makes that file with this text and mode. */
char *path_join(const char *directory, const char *name);
void file_write(const char *directory, const char *name, const char *text, unsigned mode);

#endif
