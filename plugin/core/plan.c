/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan: from a rank's environment to that of a nested launcher. */
#include "plan.h"

#include "baseline.h"
#include "lineage.h"
#include "srun.h"
#include "value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int record(struct plan *plan, struct change change)
{
    if (plan->count == plan->capacity) {
        size_t capacity = plan->capacity + 64;
        struct change *grown = realloc(plan->changes, capacity * sizeof(*grown));
        if (!grown)
            return -1;
        plan->changes = grown;
        plan->capacity = capacity;
    }
    plan->changes[plan->count++] = change;
    plan->counts[change.kind]++;
    return 0;
}

/* A variable is listed once, with its first and its last value. */
static int record_set(struct plan *plan, struct change change)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct change *earlier = &plan->changes[i];
        if (earlier->name_length != change.name_length ||
            strncmp(earlier->name, change.name, change.name_length) != 0)
            continue;
        plan->counts[earlier->kind]--;
        plan->counts[CHANGE_SET]++;
        change.before = earlier->before;
        *earlier = change;
        return 0;
    }
    return record(plan, change);
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Did the program, or a script before it, make the variable what it is now? (now NULL: not there)
 */
static bool is_programs_own(const char *now, const char *entry, const struct plan_facts *facts)
{
    if (facts->rank)
        return !same(now, env_get(facts->rank, entry));
    if (!facts->told)
        return false;
    /* Whoever was told nothing left the baseline as it was. Others also drop what they do not know
     * of, as PRRTE does with PRTE_MCA_* (prrte prte.c:298-310). */
    if (!facts->told[0])
        return true;
    return now && !lineage_was_told(facts->told, entry, env_name_length(entry));
}

/*
 * Three versions of one variable: the user's (baseline), the one the rank began with, and now.
 * What changed since the rank began is the program's own choice and stays, unless it is what the
 * MPI library writes by itself; all else goes back to the user's version.
 */
static const char *merged(const struct rule *rule, const char *now, const char *entry,
                          const struct plan_facts *facts)
{
    bool written = now && pattern_list_matches(rule->written, now);
    if (!facts->baseline)
        return written ? NULL : now;
    return !written && is_programs_own(now, entry, facts) ? now : env_get(facts->baseline, entry);
}

/* The part of the work: all of it, what a new job needs (plan_clean_inherited), or what srun reads.
 */
enum part { PART_REPAIR, PART_INHERITED, PART_SRUN };

/* What is done about one entry of the environment; *after is its value then, NULL for none. */
static enum change_kind decide(const struct rule *rule, const char *entry, size_t length,
                               const struct plan_facts *facts, const struct env *env,
                               enum part part, const char **after)
{
    const char *now = entry + length + 1;
    enum action action = rule_action(rule, facts->scope, env);
    *after = now;
    if (rule_is_tuning(rule)) {
        *after = merged(rule, now, entry, facts);
        return same(now, *after) ? CHANGE_KEPT : CHANGE_RESTORED;
    }
    /* What a nested launcher is given in place of the outer job's, a new job just loses. */
    bool replaced = part == PART_INHERITED && action == ACTION_SET && rule->family != FAMILY_SITE;
    if (action == ACTION_UNSET || replaced) {
        *after = NULL;
        return CHANGE_UNSET;
    }
    return CHANGE_KEPT;
}

/* Replace or remove the variable of entry. */
static int put(struct env *env, const char *entry, size_t length, const char *value)
{
    if (!value) {
        env_unset(env, entry);
        return 0;
    }
    char *name = strndup(entry, length);
    int rc = name ? env_set(env, name, value) : -1;
    free(name);
    return rc;
}

/* Tuning that the user had and the outer launcher dropped: PRRTE does so with PRTE_MCA_*. */
static int bring_back(struct plan *plan, struct env *env, const struct plan_facts *facts)
{
    for (size_t i = 0; facts->baseline && i < facts->baseline->count; i++) {
        const char *entry = facts->baseline->vars[i];
        size_t length = env_name_length(entry);
        const struct rule *rule = rules_match(facts->rules, entry, length);
        if (!rule || !rule_is_tuning(rule) || env_get(env, entry))
            continue;
        const char *value = merged(rule, NULL, entry, facts);
        struct change change = {CHANGE_RESTORED, entry, length, NULL, value, rule};
        if (value && (put(env, entry, length, value) != 0 || record(plan, change) != 0))
            return -1;
    }
    return 0;
}

/* Slurm's variables in a new job are its own but for the user's choices. */
static bool is_considered(const char *entry, const struct rule *rule, enum part part)
{
    if (part == PART_SRUN)
        return rule >= srun_rules && rule < srun_rules + srun_rules_count;
    bool choice = rule->family == FAMILY_SLURM && rule_is_tuning(rule);
    return part != PART_INHERITED || strncmp(entry, "SLURM_", 6) != 0 || choice;
}

/* The first of two entries of a name counts, and what happens to it happens to the other: that goes
 * where the first is not kept. */
static bool goes_with(const struct plan *plan, const struct env *env, size_t first)
{
    for (size_t i = plan->count; i-- > 0;) {
        if (plan->changes[i].name == env->vars[first])
            return plan->changes[i].kind != CHANGE_KEPT;
    }
    return false;
}

/* Decide about the entry at a position. Returns 1 where it is to be edited, 0, or -1. */
static int decide_entry(struct plan *plan, const struct env *env, const struct plan_facts *facts,
                        enum part part, struct env_edit *edit)
{
    const char *entry = env->vars[edit->position];
    size_t length = env_name_length(entry);
    const struct rule *rule = length ? rules_match(facts->rules, entry, length) : NULL;
    if (!rule || !is_considered(entry, rule, part))
        return 0;
    size_t first = env_first(env, edit->position);
    if (first != edit->position)
        return goes_with(plan, env, first);
    struct change change = {.name = entry, .name_length = length, .rule = rule};
    change.before = entry + length + 1;
    change.kind = decide(rule, entry, length, facts, env, part, &change.after);
    edit->value = change.after;
    return record(plan, change) == 0 ? change.kind != CHANGE_KEPT : -1;
}

static int clean(struct plan *plan, struct env *env, const struct plan_facts *facts, enum part part)
{
    /* Rules look at the whole environment as it was: decide everything, then change it. */
    struct env_edit *edits = calloc(env->count + 1, sizeof(*edits));
    size_t count = 0;
    int rc = edits ? 0 : -1;
    for (size_t i = 0; rc >= 0 && i < env->count; i++) {
        edits[count] = (struct env_edit){.position = i};
        rc = decide_entry(plan, env, facts, part, &edits[count]);
        count += rc > 0;
    }
    /* Positions stay what they are: this adds at the end. */
    if (rc >= 0 && part != PART_SRUN)
        rc = bring_back(plan, env, facts);
    if (rc >= 0)
        rc = env_edit(env, edits, count);
    free(edits);
    return rc < 0 ? -1 : 0;
}

/* Set the variable of a rule to the value that the rule gives; unset it where what the value
 * refers to is not there. */
static int give_value(struct env *env, const struct rule *rule, const struct plan_facts *facts,
                      const struct env *original)
{
    char text[VALUE_TEXT];
    const struct value_sources sources = {facts, env, original};
    const char *value = value_of(rule_value(rule, facts->scope), &sources, text);
    const char *before = env_get(env, rule->pattern);
    return same(before, value) ? 0 : put(env, rule->pattern, strlen(rule->pattern), value);
}

static bool was_given(const struct plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct change *change = &plan->changes[i];
        bool ours = change->kind == CHANGE_SET && change->rule->family != FAMILY_SITE;
        if (ours && pattern_matches(name, change->name, change->name_length))
            return true;
    }
    return false;
}

/* By the user, under any of its names. */
static bool is_chosen(const struct rule *rule, const struct env *env, const struct plan *plan)
{
    bool chosen = env_get(env, rule->pattern);
    for (size_t i = 0; rule->synonyms[i] && !chosen; i++)
        chosen = env_get(env, rule->synonyms[i]) && !was_given(plan, rule->synonyms[i]);
    return chosen;
}

static int give(struct plan *plan, struct env *env, const struct plan_facts *facts,
                const struct rule *rule, enum action action, const struct env *original)
{
    size_t length = strlen(rule->pattern);
    const char *before = env_get(env, rule->pattern);
    if (action == ACTION_DEFAULT && is_chosen(rule, env, plan))
        return 0;
    int rc = action == ACTION_UNSET ? put(env, rule->pattern, length, NULL)
                                    : give_value(env, rule, facts, original);
    const char *after = env_get(env, rule->pattern);
    if (rc != 0 || same(before, after))
        return rc;
    return record_set(plan,
                      (struct change){CHANGE_SET, rule->pattern, length, before, after, rule});
}

static int fit_rows(struct plan *plan, struct env *env, const struct plan_facts *facts,
                    const struct env *original, const struct rule *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct rule *rule = &rows[i];
        if (!rule->value && !rule_is_tuning(rule))
            continue;
        enum action action = rule_action(rule, facts->scope, original);
        bool gives = action == ACTION_SET || action == ACTION_DEFAULT;
        bool takes = action == ACTION_UNSET && rule_is_tuning(rule);
        if ((gives || takes) && rules_prefer(facts->rules, rule) &&
            give(plan, env, facts, rule, action, original) != 0)
            return -1;
    }
    return 0;
}

/* The second half: what the scope asks for, on top of the tuning that was just made a baseline. */
static int fit_to_scope(struct plan *plan, struct env *env, const struct plan_facts *facts,
                        const struct env *original)
{
    const struct ruleset *rules = facts->rules;
    if (rules && fit_rows(plan, env, facts, original, rules->site, rules->site_count) != 0)
        return -1;
    return fit_rows(plan, env, facts, original, builtin_rules, builtin_rules_count);
}

int plan_repair(struct plan *plan, struct env *env, const struct plan_facts *facts)
{
    *plan = (struct plan){0};
    /* What rules refer to, such as the step they are in, is gone after the first half. */
    struct env original;
    int rc = env_copy(&original, env);
    if (rc == 0)
        rc = clean(plan, env, facts, PART_REPAIR);
    if (rc == 0)
        rc = baseline_store(env, facts->rules, facts->limit);
    if (rc == 0)
        rc = fit_to_scope(plan, env, facts, &original);
    env_destroy(&original);
    return rc;
}

int plan_clean_inherited(struct plan *plan, struct env *env, const struct plan_facts *facts)
{
    *plan = (struct plan){0};
    return clean(plan, env, facts, PART_INHERITED);
}

int plan_srun(struct plan *plan, struct env *env, const struct plan_facts *facts)
{
    struct ruleset rules = {srun_rules, srun_rules_count};
    struct plan_facts slurms = *facts;
    struct env original;
    slurms.rules = &rules;
    int rc = plan_clean_inherited(plan, env, facts);
    if (rc == 0)
        rc = env_copy(&original, env);
    if (rc != 0)
        return rc;
    rc = clean(plan, env, &slurms, PART_SRUN);
    for (size_t i = 0; rc == 0 && i < srun_rules_count; i++) {
        enum action action = rule_action(&srun_rules[i], facts->scope, &original);
        if (action == ACTION_SET || action == ACTION_DEFAULT)
            rc = give(plan, env, &slurms, &srun_rules[i], action, &original);
    }
    env_destroy(&original);
    return rc;
}

const char *change_why(const struct change *change)
{
    const struct rule *rule = change->rule;
    bool always = rule_is_tuning(rule) || (rule->node == ACTION_KEEP && rule->job == ACTION_KEEP);
    /* A row that does something elsewhere gives the reason for that. */
    return change->kind == CHANGE_KEPT && !always ? "the nested launcher may use the whole job"
                                                  : rule->why;
}

void plan_destroy(struct plan *plan)
{
    if (!plan)
        return;
    int saved = errno;
    free(plan->changes);
    *plan = (struct plan){0};
    errno = saved;
}
