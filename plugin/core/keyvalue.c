/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of "KEY=VALUE" lines. */
#include "keyvalue.h"

#include "decimal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void keyvalue_add(struct keyvalue *to, const char *key, const char *value)
{
    size_t room = to->size - to->length;
    size_t length = strlen(key) + strlen(value) + 2;
    if (length >= room) {
        if (room)
            to->text[to->length] = '\0';
        to->overflow = true;
        return;
    }
    char *line = stpcpy(stpcpy(to->text + to->length, key), "=");
    char *end = stpcpy(line, value);
    for (char *c = line; c < end; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    }
    strcpy(end, "\n");
    to->length += length;
}

void keyvalue_add_number(struct keyvalue *to, const char *key, unsigned long long number)
{
    char text[DECIMAL_SIZE];
    decimal(text, number);
    keyvalue_add(to, key, text);
}

int keyvalue_next(char **at, size_t *length, char **key, char **value)
{
    if (*length == 0)
        return 0;
    char *end = memchr(*at, '\n', *length);
    size_t line = end ? (size_t)(end - *at) : 0;
    char *equals = end ? memchr(*at, '=', line) : NULL;
    if (!equals || memchr(*at, '\0', line)) {
        errno = EINVAL;
        return -1;
    }
    *key = *at;
    *value = equals + 1;
    *equals = *end = '\0';
    *at = end + 1;
    *length -= line + 1;
    return 1;
}

int keyvalue_number(const char *value, unsigned long long most, unsigned long long *number)
{
    char *end;
    bool digits = *value >= '0' && *value <= '9';
    errno = 0;
    unsigned long long read = digits ? strtoull(value, &end, 10) : 0;
    if (!digits || errno || *end || read > most) {
        errno = EINVAL;
        return -1;
    }
    *number = read;
    return 0;
}

int keyvalue_name(const char *value, const char *(*name)(unsigned position), unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(value, name(i)) == 0)
            return (int)i;
    }
    errno = EINVAL;
    return -1;
}

int keyvalue_copy(char *out, size_t size, const char *value)
{
    size_t length = strlen(value);
    if (length >= size) {
        errno = EINVAL;
        return -1;
    }
    memcpy(out, value, length + 1);
    return 0;
}
