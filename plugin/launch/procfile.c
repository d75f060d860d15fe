/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files in /proc/PID say, once they are read. */
#include "procfile.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A decimal number up to most, and what ends a field behind it. */
static bool take_number(const char *text, unsigned long long most, unsigned long long *number)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return !errno && *number <= most && (*end == ' ' || *end == '\n' || !*end);
}

/* Fields 3, 4 and 22; field 2, the name, is in parentheses and may hold anything. */
int procfile_stat(struct procfile_stat *stat, const char *text)
{
    enum { STATE = 3, PARENT = 4, START = 22 };
    unsigned long long parent = 0;
    bool complete = false;
    const char *at = strrchr(text, ')');
    *stat = (struct procfile_stat){0};
    for (int field = STATE; at && field <= START; field++) {
        at = strchr(at, ' ');
        if (!at)
            break;
        at++;
        if (field == STATE)
            stat->state = *at;
        else if (field == PARENT && !take_number(at, INT_MAX, &parent))
            break;
        else if (field == START)
            complete = take_number(at, ULLONG_MAX, &stat->start);
    }
    stat->parent = (long)parent;
    if (complete)
        return 0;
    errno = EIO;
    return -1;
}

char **procfile_strings(char *text, size_t length)
{
    size_t count = 0, capacity = 0;
    char **strings = NULL;
    char *next = text;
    /* The last may lack its NUL, and is no string then. */
    for (char *at = text; next; at = next) {
        if (count == capacity) {
            capacity = capacity ? capacity * 2 : 128;
            char **grown = reallocarray(strings, capacity, sizeof(*strings));
            if (!grown) {
                free(strings);
                return NULL;
            }
            strings = grown;
        }
        next = memchr(at, '\0', length - (size_t)(at - text));
        strings[count++] = next ? at : NULL;
        if (next)
            next++;
    }
    return strings;
}
