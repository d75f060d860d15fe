/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding the row of the rule table that a variable falls under. */
#include "rules.h"

#include "slurmstep.h"

#include <stdint.h>
#include <string.h>

bool pattern_matches(const char *pattern, const char *name, size_t length)
{
    size_t literal = strlen(pattern);
    if (literal && pattern[literal - 1] == '*')
        return length >= literal - 1 && strncmp(pattern, name, literal - 1) == 0;
    return length == literal && strncmp(pattern, name, length) == 0;
}

bool pattern_list_matches(const char *patterns, const char *text)
{
    size_t text_length = strlen(text);
    while (patterns && *patterns) {
        size_t length = strcspn(patterns, " ");
        bool prefix = length && patterns[length - 1] == '*';
        if (prefix && strncmp(patterns, text, length - 1) == 0)
            return true;
        if (!prefix && length == text_length && strncmp(patterns, text, length) == 0)
            return true;
        patterns += length + strspn(patterns + length, " ");
    }
    return false;
}

/* How much of a name a pattern spells out; an exact name beats every beginning. */
static size_t specificity(const char *pattern)
{
    size_t literal = strlen(pattern);
    return literal && pattern[literal - 1] == '*' ? literal - 1 : (size_t)-1;
}

static const struct rule *best_of(const struct rule *rows, size_t count, const char *name,
                                  size_t length)
{
    const struct rule *best = NULL;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].pattern[0] != name[0] || !pattern_matches(rows[i].pattern, name, length))
            continue;
        if (!best || specificity(rows[i].pattern) > specificity(best->pattern))
            best = &rows[i];
    }
    return best;
}

/* The built-in rows by name: every variable of every launch is looked up, in a table of some two
 * hundred rows. Made at the first look-up; it is the same for all. */
static struct {
    bool made;
    uint16_t exact[1024];                /* 1 + a row, by the name's hash; 0: none */
    uint16_t beginnings[128];            /* by family_of(): 1 + the row that spells out most */
    uint16_t shorter[BUILTIN_RULES_MAX]; /* 1 + the next of the rows with the same family_of() */
    uint8_t literal[BUILTIN_RULES_MAX];  /* characters that the pattern spells out */
} table;

enum { EXACT_SLOTS = sizeof(table.exact) / sizeof(table.exact[0]) };

/* No pattern spells out less. */
enum { LITERAL_MIN = 4 };

/* Tells OMPI_, PMIX_, SLURM_ … apart. */
static uint16_t *family_of(const char *name)
{
    return &table.beginnings[((unsigned)name[0] * 5 + (unsigned)name[3]) & 127];
}

static void add_exact(uint16_t row, const char *pattern)
{
    size_t at = env_hash(pattern, table.literal[row]);
    while (table.exact[at & (EXACT_SLOTS - 1)])
        at++;
    table.exact[at & (EXACT_SLOTS - 1)] = row + 1;
}

static void add_beginning(uint16_t row, const char *pattern)
{
    uint16_t *slot = family_of(pattern);
    while (*slot && table.literal[*slot - 1] >= table.literal[row])
        slot = &table.shorter[*slot - 1];
    table.shorter[row] = *slot;
    *slot = row + 1;
}

static void make_table(void)
{
    for (uint16_t row = 0; row < builtin_rules_count; row++) {
        const char *pattern = builtin_rules[row].pattern;
        size_t length = strlen(pattern);
        bool whole = pattern[length - 1] != '*';
        table.literal[row] = (uint8_t)(whole ? length : length - 1);
        if (whole)
            add_exact(row, pattern);
        else
            add_beginning(row, pattern);
    }
    table.made = true;
}

static const struct rule *builtin(const char *name, size_t length)
{
    if (length < LITERAL_MIN)
        return NULL;
    if (!table.made)
        make_table();
    uint16_t row;
    for (size_t at = env_hash(name, length); (row = table.exact[at & (EXACT_SLOTS - 1)]); at++) {
        const struct rule *rule = &builtin_rules[row - 1];
        if (table.literal[row - 1] == length && memcmp(rule->pattern, name, length) == 0)
            return rule;
    }
    for (row = *family_of(name); row; row = table.shorter[row - 1]) {
        const struct rule *rule = &builtin_rules[row - 1];
        size_t literal = table.literal[row - 1];
        if (literal <= length && rule->pattern[literal - 1] == name[literal - 1] &&
            memcmp(rule->pattern, name, literal) == 0)
            return rule;
    }
    return NULL;
}

static const struct rule *sites(const struct ruleset *rules, const char *name, size_t length)
{
    return rules && rules->site_count ? best_of(rules->site, rules->site_count, name, length)
                                      : NULL;
}

const struct rule *rules_match(const struct ruleset *rules, const char *name, size_t length)
{
    const struct rule *rule = sites(rules, name, length);
    return rule ? rule : builtin(name, length);
}

bool rules_prefer(const struct ruleset *rules, const struct rule *rule)
{
    const struct rule *first = sites(rules, rule->pattern, strlen(rule->pattern));
    return !first || first == rule;
}

const struct rule *rules_at(const struct ruleset *rules, size_t position)
{
    size_t site_count = rules ? rules->site_count : 0;
    if (position < site_count)
        return &rules->site[position];
    position -= site_count;
    return position < builtin_rules_count ? &builtin_rules[position] : NULL;
}

enum action rule_action(const struct rule *rule, enum scope scope, const struct env *env)
{
    if (scope == SCOPE_NODE)
        return rule->node;
    if (rule->needs == NEED_STEP && !slurmstep_is_sruns(env))
        return ACTION_KEEP;
    if (rule->needs == NEED_ALLOCATION && !env_get(env, "SLURM_JOBID"))
        return ACTION_KEEP;
    return rule->job;
}

bool rule_is_tuning(const struct rule *rule)
{
    return rule->tuning || rule->job == ACTION_RESTORE;
}

const char *rule_value(const struct rule *rule, enum scope scope)
{
    return scope == SCOPE_JOB && rule->job_value ? rule->job_value : rule->value;
}

const char *action_name(enum action action)
{
    static const char *const names[] = {
        [ACTION_KEEP] = "keep", [ACTION_UNSET] = "unset",     [ACTION_RESTORE] = "restore",
        [ACTION_SET] = "set",   [ACTION_DEFAULT] = "default",
    };
    return names[action];
}

const char *family_name(enum family family)
{
    static const char *const names[] = {
        [FAMILY_OPENMPI] = "Open MPI and PRRTE",
        [FAMILY_PMIX] = "PMIx",
        [FAMILY_MPICH] = "MPICH's Hydra and PMI",
        [FAMILY_OTHER_MPI] = "Intel MPI, MVAPICH, Cray",
        [FAMILY_SLURM] = "Slurm",
        [FAMILY_SITE] = "this site",
    };
    return names[family];
}
