/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rule table: for each variable that MPI libraries, launchers or Slurm leave in a rank's
 * environment, what a nested launcher is to find in its place, and why. */
#ifndef NESTSAFE_CORE_RULES_H
#define NESTSAFE_CORE_RULES_H

#include "env.h"
#include "mode.h"

#include <stdbool.h>
#include <stddef.h>

enum action {
    ACTION_KEEP,    /* passes as it is */
    ACTION_UNSET,   /* belongs to the outer job: never passes */
    ACTION_RESTORE, /* back to what the user had (see baseline.h) */
    ACTION_SET,     /* gets the row's value, whatever the user had */
    ACTION_DEFAULT, /* gets the row's value unless the user chose one */
};

enum family {
    FAMILY_OPENMPI,
    FAMILY_PMIX,
    FAMILY_MPICH,
    FAMILY_OTHER_MPI,
    FAMILY_SLURM,
    FAMILY_SITE
};

/* What the environment must be like for a row to count in scope job. */
enum need {
    NEED_NOTHING,
    NEED_STEP,       /* a step of srun's, whose variables hide the job's */
    NEED_ALLOCATION, /* a visible allocation */
};

/*
 * One row. A pattern is a variable's name, or the beginning of names when it ends in '*'. Of the
 * rows that match a name, a site's rows come before the built-in ones, and among those the most
 * specific counts: the exact name, else the longest beginning.
 */
struct rule {
    const char *pattern;
    enum action node; /* when the nested launcher is confined to the rank's node */
    enum action job;  /* when it gets all of the job */
    enum family family;
    /* SET and DEFAULT: the value; "%cpus" is the number of CPUs this process may use (no fewer than
     * the launcher would have without a repair, where it works without), "%session" a directory
     * that no other launch has, "%mask" those CPUs as srun names them, "%unbound" the word "none"
     * where processes need not be bound to CPUs, "%nodelist" and "%nodes" the job's nodes,
     * "%unreachable" a program that says that other hosts are out of reach, "$NAME" the value of
     * another variable (what is not there: the row's variable is unset). */
    const char *value;
    const char *job_value;   /* in scope job, where that is another one */
    const char *synonyms[3]; /* DEFAULT: other names of the setting, then NULL; a choice under one
                                of them counts too */
    bool tuning;             /* a user may have set it, though no column says restore */
    /* RESTORE: values the MPI library itself writes while the program runs, separated by blanks,
     * '*' at an end as in patterns; such a value is not taken for the program's own choice. */
    const char *written;
    enum need needs; /* where that is not so, the row is KEEP in scope job */
    const char *why;
    const char *source;
};

/* Built-in rows, in the order in which `nestsafe rules` prints them; no name is there twice. */
enum { BUILTIN_RULES_MAX = 256 };
extern const struct rule builtin_rules[];
extern const size_t builtin_rules_count;

/* The rows in force: the site's (borrowed, may be none) over the built-in ones. */
struct ruleset {
    const struct rule *site;
    size_t site_count;
};

/* True if pattern matches the length bytes at name. */
bool pattern_matches(const char *pattern, const char *name, size_t length);

/* True if one of the blank-separated patterns matches text; false for NULL patterns. */
bool pattern_list_matches(const char *patterns, const char *text);

/* The row for a variable, or NULL where none matches (then it is kept). rules may be NULL. */
const struct rule *rules_match(const struct ruleset *rules, const char *name, size_t length);

/* True if this row of the set is the one for the variable whose name is its pattern. */
bool rules_prefer(const struct ruleset *rules, const struct rule *rule);

/* The row at a position of the whole set, site's rows first; NULL past the end. */
const struct rule *rules_at(const struct ruleset *rules, size_t position);

/* What a row does in a scope; env is asked for what the row needs. */
enum action rule_action(const struct rule *rule, enum scope scope, const struct env *env);

/* The value that SET and DEFAULT give in a scope; see value. */
const char *rule_value(const struct rule *rule, enum scope scope);

/* True for a variable in which a user may have expressed a choice: the baseline keeps these. */
bool rule_is_tuning(const struct rule *rule);

/* "unset", "restore", "keep", "set", "default". */
const char *action_name(enum action action);
const char *family_name(enum family family);

#endif
