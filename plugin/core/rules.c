/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding the row of the rule table that a variable falls under. */
#include "rules.h"

#include "slurmstep.h"

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

const struct rule *rules_match(const struct ruleset *rules, const char *name, size_t length)
{
    const struct rule *rule = NULL;
    if (rules)
        rule = best_of(rules->site, rules->site_count, name, length);
    return rule ? rule : best_of(builtin_rules, builtin_rules_count, name, length);
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
