/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A site's own rows for the rule table, from the text of its rules file. */
#include "rules_file.h"

#include "printable.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r"

static int fail(struct rules_file *file, const char *name, unsigned line, const char *what,
                const char *word)
{
    char shown[64];
    snprintf(file->error, sizeof(file->error), "%s:%u: %s '%s'", name, line, what,
             printable(shown, sizeof(shown), word));
    errno = EINVAL;
    return -1;
}

/* Cut the next word off *text; "" at its end. */
static char *next_word(char **text)
{
    char *word = *text + strspn(*text, BLANKS);
    char *end = word + strcspn(word, BLANKS);
    if (*end)
        *end++ = '\0';
    *text = end;
    return word;
}

static bool valid_pattern(const char *pattern)
{
    static const char name_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_";
    size_t length = strspn(pattern, name_characters);
    return length > 0 && (*pattern < '0' || *pattern > '9') &&
           (!pattern[length] || strcmp(pattern + length, "*") == 0);
}

static int parse_action(struct rule *row, char *word)
{
    static const enum action plain[] = {ACTION_KEEP, ACTION_UNSET, ACTION_RESTORE};
    if (strncmp(word, "set=", 4) == 0 && !strchr(row->pattern, '*')) {
        row->node = row->job = ACTION_SET;
        row->value = word + 4;
        return 0;
    }
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (strcmp(word, action_name(plain[i])) == 0) {
            row->node = row->job = plain[i];
            return 0;
        }
    }
    return -1;
}

static int parse_line(struct rules_file *file, char *text, const char *name, unsigned line)
{
    for (char *hash = strchr(text, '#'); hash; hash = strchr(hash + 1, '#')) {
        if (hash == text || strchr(BLANKS, hash[-1]))
            *hash = '\0';
    }
    char *pattern = next_word(&text);
    if (!*pattern)
        return 0;
    if (!valid_pattern(pattern))
        return fail(file, name, line, "not a variable name, or the beginning of one:", pattern);
    struct rule *row = &file->rows[file->rules.site_count];
    *row = (struct rule){.pattern = pattern, .family = FAMILY_SITE, .source = "site"};
    char *action = next_word(&text);
    if (parse_action(row, action) != 0)
        return fail(file, name, line,
                    "action must be keep, unset, restore or set=VALUE (set only for one variable),"
                    " not",
                    action);
    text += strspn(text, BLANKS);
    for (size_t end = strlen(text); end > 0 && strchr(BLANKS, text[end - 1]); end--)
        text[end - 1] = '\0';
    row->why = *text ? text : "this site's rule";
    file->rules.site_count++;
    return 0;
}

int rules_file_parse(struct rules_file *file, const char *text, const char *name)
{
    *file = (struct rules_file){0};
    size_t lines = 1;
    for (const char *p = text; (p = strchr(p, '\n')); p++)
        lines++;
    file->text = strdup(text);
    file->rows = calloc(lines, sizeof(*file->rows));
    if (!file->text || !file->rows)
        return -1;
    file->rules.site = file->rows;

    char *next = file->text;
    for (unsigned line = 1; next; line++) {
        char *current = strsep(&next, "\n");
        if (parse_line(file, current, name, line) != 0) {
            file->rules.site_count = 0;
            return -1;
        }
    }
    return 0;
}

void rules_file_destroy(struct rules_file *file)
{
    if (!file)
        return;
    int saved = errno;
    free(file->rows);
    free(file->text);
    *file = (struct rules_file){0};
    errno = saved;
}
