/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Slurm's commands print, read. */
#include "slurmtext.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool slurmtext_value(const char *text, const char *key, char *value, size_t size)
{
    size_t length = strlen(key);
    value[0] = '\0';
    for (const char *line = text; *line; line += *line == '\n') {
        size_t end = strcspn(line, "\n");
        const char *equals = memchr(line, '=', end);
        size_t name = strcspn(line, " \t=\n");
        if (equals && name == length && strncasecmp(line, key, length) == 0) {
            const char *from = equals + 1 + strspn(equals + 1, " \t");
            const char *to = line + end;
            while (to > from && isspace((unsigned char)to[-1]))
                to--;
            snprintf(value, size, "%.*s", to > from ? (int)(to - from) : 0, from);
            if (strcmp(value, "(null)") == 0)
                value[0] = '\0';
            return true;
        }
        line += end;
    }
    return false;
}

uint32_t slurmtext_release(const char *text)
{
    unsigned major, minor, micro = 0;
    const char *number = text + strcspn(text, "0123456789");
    if (sscanf(number, "%u.%u.%u", &major, &minor, &micro) < 2 || major > 255 || minor > 255)
        return 0;
    return (uint32_t)major << 16 | (uint32_t)minor << 8 | (micro & 255);
}

const char *slurmtext_release_name(char name[16], uint32_t release)
{
    snprintf(name, 16, "%u.%02u.%u", release >> 16 & 255, release >> 8 & 255, release & 255);
    return name;
}

bool slurmtext_loads(uint32_t slurm, uint32_t plugin)
{
    const uint32_t first_to_look = 21 << 16 | 8 << 8;
    return slurm < first_to_look || slurm >> 8 == plugin >> 8;
}

static bool is_word_end(char c)
{
    return !(isalnum((unsigned char)c) || c == '_');
}

/* "$NAME", "${NAME", "%NAME" and the like: the value refers to the variable itself. */
static bool refers(const char *value, size_t length, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 1; i + size <= length; i++) {
        if (strncmp(value + i, name, size) == 0 && is_word_end(value[i - 1]) &&
            (i + size == length || is_word_end(value[i + size])))
            return true;
    }
    return false;
}

static bool resets_after(const char *line, size_t length, const char *verb, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i + strlen(verb) + size <= length; i++) {
        if (strncmp(line + i, verb, strlen(verb)) != 0)
            continue;
        const char *word = line + i + strlen(verb);
        word += strspn(word, " \t");
        if (strncmp(word, name, size) != 0)
            continue;
        const char *rest = word + size;
        if (verb[0] == 'u' && is_word_end(*rest))
            return true;
        if (verb[0] == 'e' && *rest == '=' && !refers(rest, length - (size_t)(rest - line), name))
            return true;
    }
    return false;
}

/* Only what is printed counts: a shell script's own "export PATH=…" changes nothing in a task. */
static bool is_printed(const char *line, size_t length)
{
    static const char *const words[] = {"echo", "print", "cat", "write"};
    const char *start = line + strspn(line, " \t");
    bool comment = *start == '#';
    for (size_t w = 0; w < sizeof(words) / sizeof(words[0]) && !comment; w++) {
        for (size_t i = 0; i + strlen(words[w]) <= length; i++) {
            if (strncmp(line + i, words[w], strlen(words[w])) == 0)
                return true;
        }
    }
    return false;
}

bool slurmtext_resets(const char *text, const char *name)
{
    for (const char *line = text; *line; line += *line == '\n') {
        size_t length = strcspn(line, "\n");
        if (is_printed(line, length) && (resets_after(line, length, "export", name) ||
                                         resets_after(line, length, "unset", name)))
            return true;
        line += length;
    }
    return false;
}
