/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From an environment to the verdict, from that and what is known of the rank to the plan. Parts of
 * the input, a line each entry: letters (j: scope job; b, r, t: the baseline, the rank's beginning,
 * its launcher's arguments are known; p: the command line places processes; s: srun; i: inherited),
 * the environment, the rank's, the arguments, the user's baseline, the site's rules.
 */
#include "fuzz.h"

#include "core/baseline.h"
#include "core/lineage.h"
#include "core/nesting.h"
#include "core/plan.h"
#include "core/rules_file.h"

#include <string.h>

enum { LETTERS, NOW, RANK, TOLD, BASELINE, RULES, PARTS };
enum { LIMIT = 1 << 20 };

static bool is_baseline(const char *entry)
{
    return strncmp(entry, BASELINE_VARIABLE, strlen(BASELINE_VARIABLE)) == 0;
}

/* What no rule names passes: the same strings, in their order. */
static void check_passed(const struct env *before, const struct env *after,
                         const struct ruleset *rules)
{
    size_t at = 0;
    for (size_t i = 0; i < before->count; i++) {
        const char *entry = before->vars[i];
        size_t length = env_name_length(entry);
        if ((length && rules_match(rules, entry, length)) || is_baseline(entry))
            continue;
        while (at < after->count && after->vars[at] != entry)
            at++;
        REQUIRE(at < after->count);
    }
}

static void check_changes(const struct plan *plan, const struct env *after)
{
    unsigned all = 0;
    for (size_t kind = 0; kind < CHANGE_KINDS; kind++)
        all += plan->counts[kind];
    REQUIRE(all == plan->count);
    for (size_t i = 0; i < plan->count; i++) {
        const struct change *change = &plan->changes[i];
        REQUIRE(change->rule && change->name_length > 0 && change_why(change));
        const char *now = NULL;
        for (size_t j = 0; j < after->count && !now; j++) {
            if (env_name_length(after->vars[j]) == change->name_length &&
                strncmp(after->vars[j], change->name, change->name_length) == 0)
                now = after->vars[j] + change->name_length + 1;
        }
        /* A later row may have given what an earlier one took away, and is listed too. */
        if (change->kind == CHANGE_SET)
            REQUIRE(change->after ? now && strcmp(now, change->after) == 0 : !now);
    }
}

/* No mark of the outer job that ends a launcher is left, but where users have that for a choice. */
static void check_safe(const struct env *after)
{
    struct verdict verdict;
    nesting_judge(&verdict, after);
    for (size_t i = 0; verdict.hazards[i]; i++) {
        const char *name = verdict.hazards[i]->variable;
        const struct rule *rule = rules_match(NULL, name, strcspn(name, " "));
        REQUIRE(!verdict.hazards[i]->fatal || rule_is_tuning(rule));
    }
}

/* Of two values of one variable programs see the one or the other, and so do two launches. */
static bool has_doubles(const struct env *env)
{
    for (size_t i = 0; i < env->count; i++) {
        size_t length = env_name_length(env->vars[i]);
        for (size_t j = 0; length && j < i; j++) {
            if (env_name_length(env->vars[j]) == length &&
                strncmp(env->vars[i], env->vars[j], length) == 0)
                return true;
        }
    }
    return false;
}

/* The same variables with the same values; their order means nothing, and so nor does the text of
 * the baseline. */
static void check_same(const struct env *one, const struct env *other)
{
    REQUIRE(one->count == other->count);
    for (size_t i = 0; i < one->count; i++) {
        const char *entry = one->vars[i];
        if (env_name_length(entry) == 0 || is_baseline(entry))
            continue;
        const char *value = env_get(one, entry);
        const char *now = env_get(other, entry);
        REQUIRE(now && strcmp(now, value) == 0);
    }
}

/* A launch from the repaired environment, by the same scope, changes nothing. */
static void check_again(struct env *env, const struct plan_facts *facts)
{
    struct env before, baseline, later;
    struct plan plan;
    struct plan_facts again = *facts;
    REQUIRE(env_init(&before, env->vars) == 0);
    REQUIRE(baseline_load(&baseline, env) >= 0);
    again.baseline = &baseline;
    again.rank = &before;
    REQUIRE(plan_repair(&plan, env, &again) == 0);
    check_same(&before, env);
    REQUIRE(baseline_load(&later, env) >= 0);
    check_same(&baseline, &later);
    plan_destroy(&plan);
    env_destroy(&later);
    env_destroy(&baseline);
    env_destroy(&before);
}

static void check_verdict(const struct env *env)
{
    struct verdict verdict;
    nesting_judge(&verdict, env);
    REQUIRE(verdict.nested == (verdict.outer != OUTER_NONE));
    REQUIRE(verdict.nested || (!verdict.hazards[0] && !verdict.rank && !verdict.alone));
    REQUIRE(outer_name(verdict.outer));
    unsigned found = hazards_of(&verdict);
    const struct hazard *met = hazard_met(found, FLAVOUR_UNKNOWN);
    REQUIRE(met == verdict.hazards[0]);
    REQUIRE(!verdict.nested || nesting_same_rank(env, env) || verdict.outer != OUTER_SRUN);
}

static void check_lineage(const struct env *now, const struct env *rank, char **argv)
{
    struct verdict verdict;
    const struct ancestor ancestors[] = {{.env = *rank, .argv = argv}, {.env = *now}};
    const struct lineage lineage = {ancestors, 2};
    nesting_judge(&verdict, now);
    struct origin origin = lineage_find(&lineage, now, &verdict);
    REQUIRE(verdict.nested || (!origin.rank && !origin.before && !origin.told));
    lineage_node(&lineage, now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_lines lines;
    char **parts[PARTS];
    struct env now, original, rank, baseline;
    struct rules_file site = {0};
    struct plan plan;
    fuzz_lines(&lines, data, size);
    fuzz_parts(&lines, parts, PARTS);
    const char *letters = parts[LETTERS][0] ? parts[LETTERS][0] : "";
    REQUIRE(env_init(&now, parts[NOW]) == 0 && env_init(&original, parts[NOW]) == 0);
    REQUIRE(env_init(&rank, parts[RANK]) == 0 && env_init(&baseline, parts[BASELINE]) == 0);
    if (parts[RULES][0])
        rules_file_parse(&site, parts[RULES][0], "site");
    struct plan_facts facts = {
        .rules = &site.rules,
        .baseline = strchr(letters, 'b') ? &baseline : NULL,
        .rank = strchr(letters, 'r') ? &rank : NULL,
        .told = strchr(letters, 't') ? parts[TOLD] : NULL,
        .scope = strchr(letters, 'j') ? SCOPE_JOB : SCOPE_NODE,
        .cpus = 4,
        .mask = "quiet,mask_cpu:0xf",
        .places = strchr(letters, 'p'),
        .tag = "0.1.2",
        .unreachable = "/unreachable",
        .limit = LIMIT,
    };
    check_verdict(&now);
    check_lineage(&now, &rank, parts[TOLD]);
    int rc;
    if (strchr(letters, 's'))
        rc = plan_srun(&plan, &now, &facts);
    else if (strchr(letters, 'i'))
        rc = plan_clean_inherited(&plan, &now, &facts);
    else
        rc = plan_repair(&plan, &now, &facts);
    REQUIRE(rc == 0);
    if (!strpbrk(letters, "si")) {
        check_passed(&original, &now, facts.rules);
        check_changes(&plan, &now);
        if (!site.rules.site_count) {
            check_safe(&now);
            if (!has_doubles(&original) && !has_doubles(&rank) && !has_doubles(&baseline))
                check_again(&now, &facts);
        }
    }
    plan_destroy(&plan);
    rules_file_destroy(&site);
    env_destroy(&baseline);
    env_destroy(&rank);
    env_destroy(&original);
    env_destroy(&now);
    fuzz_lines_free(&lines);
    return 0;
}
