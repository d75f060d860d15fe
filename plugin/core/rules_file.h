/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A site's own rows for the rule table, from the text of its rules file. */
#ifndef NESTSAFE_CORE_RULES_FILE_H
#define NESTSAFE_CORE_RULES_FILE_H

#include "rules.h"

/*
 * One row a line; a word that begins with '#' begins a comment:
 *
 *     VARIABLE  ACTION  why, in plain words
 *
 * VARIABLE is a name, or the beginning of names with a '*' at its end. ACTION is keep, unset,
 * restore or set=VALUE (a VALUE without blanks; for one variable, not for a beginning; "$NAME",
 * "%cpus" and "%session" mean what they do in rules.h).
 */
struct rules_file {
    struct ruleset rules; /* pass to rules_match and the plan; borrowed from this struct */
    struct rule *rows;
    char *text;
    char error[256]; /* "FILE:LINE: what is wrong with which word", when parsing failed */
};

/* Parse text (copied); name stands for the file in messages.
 * Returns 0, or -1 with errno EINVAL (error says why) or ENOMEM; destroy it either way. */
int rules_file_parse(struct rules_file *file, const char *text, const char *name);

/* NULL-safe, also on a zeroed struct; keeps errno. */
void rules_file_destroy(struct rules_file *file);

#endif
