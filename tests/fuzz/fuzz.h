/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the harnesses have in common. */
#ifndef NESTSAFE_TESTS_FUZZ_H
#define NESTSAFE_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* libFuzzer's entry to each harness. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that has to hold for every input: where it does not, that is a crash to libFuzzer. */
#define REQUIRE(condition) ((condition) ? (void)0 : fuzz_failed(#condition, __FILE__, __LINE__))
void fuzz_failed(const char *condition, const char *file, int line) __attribute__((noreturn));

/* The input as a string, to free; what is behind a NUL is lost. */
char *fuzz_text(const uint8_t *data, size_t size);

enum { FUZZ_LINES = 128 };

/* The lines of an input, so that seeds can be read and written; a '\r' is a line end in a line.
 * Arguments, environments: list is NULL-terminated. */
struct fuzz_lines {
    char *text;
    size_t count;
    char *list[FUZZ_LINES + 1];
};

void fuzz_lines(struct fuzz_lines *lines, const uint8_t *data, size_t size);
void fuzz_lines_free(struct fuzz_lines *lines);

/* Cut the lines at those that say "--": parts[i] is the NULL-terminated i-th part, the last has all
 * the rest; those that are not there are empty. */
void fuzz_parts(struct fuzz_lines *lines, char **parts[], size_t count);

/* True for a text without control characters, fit for one line of a log. */
bool fuzz_is_printable(const char *text);

#endif
