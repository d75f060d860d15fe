/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the harnesses have in common. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* libslurm's, which is not ours to test, and says on standard error what it did not understand. */
time_t slurm_parse_time(const char *text, int past);
time_t slurm_parse_time(const char *text, int past)
{
    return past ? strtol(text, NULL, 10) : 0;
}

void fuzz_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: it does not hold that %s\n", file, line, condition);
    abort();
}

char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    REQUIRE(text);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

void fuzz_lines(struct fuzz_lines *lines, const uint8_t *data, size_t size)
{
    lines->text = fuzz_text(data, size);
    lines->count = 0;
    char *rest = size ? lines->text : NULL;
    while (rest && lines->count < FUZZ_LINES) {
        char *line = strsep(&rest, "\n");
        for (char *at = line; (at = strchr(at, '\r')); at++)
            *at = '\n';
        /* The end of the last line begins no other. */
        if (rest || *line)
            lines->list[lines->count++] = line;
    }
    lines->list[lines->count] = NULL;
}

void fuzz_lines_free(struct fuzz_lines *lines)
{
    free(lines->text);
}

void fuzz_parts(struct fuzz_lines *lines, char **parts[], size_t count)
{
    size_t part = 0;
    parts[0] = lines->list;
    for (size_t i = 0; i < lines->count && part + 1 < count; i++) {
        if (strcmp(lines->list[i], "--") == 0) {
            lines->list[i] = NULL;
            parts[++part] = &lines->list[i + 1];
        }
    }
    while (++part < count)
        parts[part] = &lines->list[lines->count];
}

bool fuzz_is_printable(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    }
    return true;
}
