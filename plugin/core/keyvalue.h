/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of "KEY=VALUE" lines, as nestsafe's own programs send it to each other. */
#ifndef NESTSAFE_CORE_KEYVALUE_H
#define NESTSAFE_CORE_KEYVALUE_H

#include <stdbool.h>
#include <stddef.h>

/* Text under construction, in a buffer of the caller's. */
struct keyvalue {
    char *text;
    size_t size;
    size_t length;
    bool overflow; /* something did not fit, and was left out */
};

/* Add a line; control characters of the value become '?'. */
void keyvalue_add(struct keyvalue *to, const char *key, const char *value);
void keyvalue_add_number(struct keyvalue *to, const char *key, unsigned long long number);

/*
 * Take the next line of the length bytes at *at, which may hold anything, and move *at behind it:
 * key and value are cut out in place. Returns 1, 0 at the end, or -1 with errno EINVAL (a line
 * without '=' or without an end, a NUL).
 */
int keyvalue_next(char **at, size_t *length, char **key, char **value);

/* Read a whole decimal number up to most. Returns 0, or -1 with errno EINVAL and *number untouched.
 */
int keyvalue_number(const char *value, unsigned long long most, unsigned long long *number);

/* The position of value in count names, or -1 with errno EINVAL. */
int keyvalue_name(const char *value, const char *(*name)(unsigned position), unsigned count);

/* Copy a value that must fit. Returns 0, or -1 with errno EINVAL. */
int keyvalue_copy(char *out, size_t size, const char *value);

#endif
