/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/rules: every built-in row, the choice between rows, and the table as a whole. */
#include "rule_cases.h"
#include "support.h"

#include <string.h>

static const struct rule_case *find_case(const char *pattern)
{
    for (size_t i = 0; i < COUNT(rule_cases); i++) {
        if (strcmp(rule_cases[i].pattern, pattern) == 0)
            return &rule_cases[i];
    }
    return NULL;
}

static const struct rule *find_row(const char *pattern)
{
    for (size_t i = 0; i < builtin_rules_count; i++) {
        if (strcmp(builtin_rules[i].pattern, pattern) == 0)
            return &builtin_rules[i];
    }
    return NULL;
}

static const struct rule *match(const char *name)
{
    return rules_match(NULL, name, strlen(name));
}

static void every_row_has_a_case_and_every_case_a_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < builtin_rules_count; i++) {
        if (!find_case(builtin_rules[i].pattern))
            fail_case("no test case for the row '%s'", builtin_rules[i].pattern);
    }
    for (size_t i = 0; i < COUNT(rule_cases); i++) {
        if (!find_row(rule_cases[i].pattern))
            fail_case("a test case for a row that is not there: '%s'", rule_cases[i].pattern);
    }
    assert_int_equal(builtin_rules_count, COUNT(rule_cases));
}

static void each_example_falls_under_its_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rule_cases); i++) {
        const struct rule *rule = match(rule_cases[i].example);
        assert_text(rule_cases[i].example, rule ? rule->pattern : NULL, rule_cases[i].pattern);
    }
}

static void each_row_does_what_its_case_says(void **state)
{
    (void)state;
    struct env everything;
    env_from(&everything, LIST("SLURM_STEP_ID=0", "SLURM_JOBID=1"));
    for (size_t i = 0; i < COUNT(rule_cases); i++) {
        const struct rule_case *c = &rule_cases[i];
        const struct rule *rule = match(c->example);
        assert_non_null(rule);
        if (rule_action(rule, SCOPE_NODE, &everything) != c->node)
            fail_case("%s: node: %s", c->pattern, action_name(rule->node));
        if (rule_action(rule, SCOPE_JOB, &everything) != c->job)
            fail_case("%s: job: %s", c->pattern, action_name(rule->job));
        assert_int_equal(rule_is_tuning(rule), c->job == ACTION_RESTORE || rule->tuning);
    }
    env_destroy(&everything);
}

static void each_near_miss_falls_elsewhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rule_cases); i++) {
        const struct rule_case *c = &rule_cases[i];
        const struct rule *rule = match(c->near_miss);
        if (rule && strcmp(rule->pattern, c->pattern) == 0)
            fail_case("'%s' is matched by '%s'", c->near_miss, c->pattern);
        assert_text(c->near_miss, rule ? rule->pattern : NULL, c->falls_to);
    }
}

static void what_a_row_needs_counts_in_scope_job_only(void **state)
{
    (void)state;
    struct env nothing;
    size_t needing = 0;
    env_from(&nothing, LIST("SLURM_STEP_IDS=0", "SLURM_JOB_ID=1"));
    for (size_t i = 0; i < builtin_rules_count; i++) {
        const struct rule *rule = &builtin_rules[i];
        assert_int_equal(rule_action(rule, SCOPE_NODE, &nothing), rule->node);
        assert_int_equal(rule_action(rule, SCOPE_JOB, &nothing),
                         rule->needs ? ACTION_KEEP : rule->job);
        needing += rule->needs != NEED_NOTHING;
    }
    assert_true(needing > 0);
    env_destroy(&nothing);
}

static bool gives(enum action action)
{
    return action == ACTION_SET || action == ACTION_DEFAULT;
}

static void the_table_is_well_formed(void **state)
{
    (void)state;
    for (size_t i = 0; i < builtin_rules_count; i++) {
        const struct rule *rule = &builtin_rules[i];
        const char *star = strchr(rule->pattern, '*');
        if (!rule->why || !*rule->why || !rule->source || !*rule->source)
            fail_case("%s has no reason or no source", rule->pattern);
        if (rule->pattern[0] == '\0' || rule->pattern[0] == '*' || (star && star[1]))
            fail_case("'%s' is no pattern", rule->pattern);
        if (strspn(rule->pattern, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_*") != strlen(rule->pattern))
            fail_case("'%s' is no name", rule->pattern);
        if ((gives(rule->node) || gives(rule->job)) && (!rule->value || star))
            fail_case("%s gives no value, or to no one variable", rule->pattern);
        if (rule->value && !gives(rule->node) && !gives(rule->job))
            fail_case("%s has a value for nothing", rule->pattern);
        if (rule->written && !rule_is_tuning(rule))
            fail_case("%s: only tuning can be told from what the library writes", rule->pattern);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(builtin_rules[j].pattern, rule->pattern) == 0)
                fail_case("two rows for '%s'", rule->pattern);
        }
    }
}

static void patterns(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *name;
        bool matches;
    } cases[] = {
        {"A", "A", true},     {"A", "AB", false},    {"AB", "A", false},  {"A*", "A", true},
        {"A*", "AB", true},   {"A*", "BA", false},   {"A_*", "A_", true}, {"A_*", "A", false},
        {"A_*", "A_B", true}, {"A_*", "AXB", false}, {"A", "a", false},   {"A*", "a", false},
        {"*", "A", true},     {"*", "", true},       {"A", "", false},    {"A*", "", false},
        {"A*B", "A*B", true}, {"A*B", "AXB", false}, {"", "A", false},    {"ABC", "AB=", false},
        {"A**", "A*B", true}, {"A**", "AB", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char name[16];
        /* The name goes on behind its length, as in "NAME=VALUE". */
        strcpy(name, cases[i].name);
        strcat(name, "=x");
        if (pattern_matches(cases[i].pattern, name, strlen(cases[i].name)) != cases[i].matches)
            fail_case("pattern '%s', name '%s'", cases[i].pattern, cases[i].name);
    }
    assert_true(pattern_matches("AB", "ABCD", 2));
    assert_false(pattern_matches("ABCD", "ABCD", 2));
}

static void lists_of_patterns(void **state)
{
    (void)state;
    static const struct {
        const char *patterns;
        const char *text;
        bool matches;
    } cases[] = {
        {NULL, "a", false},
        {"", "a", false},
        {"", "", false},
        {"a", "a", true},
        {"a b", "b", true},
        {"a b", "a b", false},
        {"a b", "ab", false},
        {"ab b", "a", false},
        {"a", "ab", false},
        {"^s1,s2,cray* isolated", "^s1,s2,cray,isolated", true},
        {"^s1,s2,cray* isolated", "^s1,s2,cray", true},
        {"^s1,s2,cray* isolated", "^s1,s2,cra", false},
        {"^s1,s2,cray* isolated", "isolated", true},
        {"^s1,s2,cray* isolated", "isolatedx", false},
        {"^s1,s2,cray* isolated", "isolate", false},
        {"^s1,s2,cray* isolated", "s1,s2,cray", false},
        {"*", "", true},
        {"*", "anything at all", true},
        {"a  b", "b", true},
        {"a  b", "", false},
        {"a b*", "bcd", true},
        {"a* b", "b", true},
        {"a* b", "bc", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (pattern_list_matches(cases[i].patterns, cases[i].text) != cases[i].matches)
            fail_case("patterns '%s', text '%s'", cases[i].patterns ? cases[i].patterns : "(none)",
                      cases[i].text);
    }
}

static void a_sites_row_comes_before_every_built_in_one(void **state)
{
    (void)state;
    static const struct rule rows[] = {
        {.pattern = "OMPI_*"},     {.pattern = "SITE_*"},   {.pattern = "SITE_ONE"},
        {.pattern = "SITE_ONLY*"}, {.pattern = "SITE_ONE"},
    };
    struct ruleset rules = {rows, COUNT(rows)};
    assert_ptr_equal(rules_match(&rules, "OMPI_MCA_ess", 12), &rows[0]);
    assert_ptr_equal(rules_match(&rules, "SITE_ONE", 8), &rows[2]);
    assert_ptr_equal(rules_match(&rules, "SITE_ONLY", 9), &rows[3]);
    assert_ptr_equal(rules_match(&rules, "SITE_ON", 7), &rows[1]);
    assert_ptr_equal(rules_match(&rules, "PMIX_RANK", 9), find_row("PMIX_RANK"));
    assert_null(rules_match(&rules, "SITE", 4));
    assert_null(rules_match(&rules, "", 0));
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_ptr_equal(rules_at(&rules, i), &rows[i]);
    assert_true(rules_prefer(&rules, &rows[0]));
    assert_false(rules_prefer(&rules, find_row("OMPI_MCA_ess")));
    assert_true(rules_prefer(&rules, find_row("PMIX_RANK")));
    assert_true(rules_prefer(NULL, find_row("OMPI_MCA_ess")));
    assert_ptr_equal(rules_at(&rules, COUNT(rows)), &builtin_rules[0]);
    assert_null(rules_at(&rules, COUNT(rows) + builtin_rules_count));
    assert_ptr_equal(rules_at(NULL, 0), &builtin_rules[0]);
    assert_ptr_equal(rules_at(NULL, builtin_rules_count - 1),
                     &builtin_rules[builtin_rules_count - 1]);
    assert_null(rules_at(NULL, builtin_rules_count));
}

static void no_row_for_what_is_not_MPIs(void **state)
{
    (void)state;
    static const char *const names[] = {
        "PATH",
        "HOME",
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "OMP_NUM_THREADS",
        "UCX_TLS",
        "FI_PROVIDER",
        "KMP_AFFINITY",
        "NCCL_DEBUG",
        "PMI_DEBUG",
        "PMI_VERSION",
        "SLURMD_NODENAME",
        "XOMPI_MCA_ess",
        "ompi_mca_ess",
        "MPI_NESTED_SAFE",
        "MPI_HOME",
        "NESTSAFE_BASELINE",
        "NESTSAFE_DEPTH",
        "NESTSAFE_LAUNCH",
        "CUDA_VISIBLE_DEVICES",
        "GFORTRAN_UNBUFFERED_PRECONNECTED",
        "SINGULARITY_CONTAINER",
        "TMPDIR",
    };
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct rule *rule = match(names[i]);
        assert_text(names[i], rule ? rule->pattern : NULL, NULL);
    }
}

static void actions_and_families_have_names(void **state)
{
    (void)state;
    assert_string_equal(action_name(ACTION_UNSET), "unset");
    assert_string_equal(action_name(ACTION_RESTORE), "restore");
    assert_string_equal(action_name(ACTION_KEEP), "keep");
    assert_string_equal(action_name(ACTION_SET), "set");
    assert_string_equal(action_name(ACTION_DEFAULT), "default");
    for (int a = FAMILY_OPENMPI; a <= FAMILY_SITE; a++) {
        assert_non_null(family_name((enum family)a));
        for (int b = FAMILY_OPENMPI; b < a; b++)
            assert_string_not_equal(family_name((enum family)a), family_name((enum family)b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_a_case_and_every_case_a_row),
        cmocka_unit_test(each_example_falls_under_its_row),
        cmocka_unit_test(each_row_does_what_its_case_says),
        cmocka_unit_test(each_near_miss_falls_elsewhere),
        cmocka_unit_test(what_a_row_needs_counts_in_scope_job_only),
        cmocka_unit_test(the_table_is_well_formed),
        cmocka_unit_test(patterns),
        cmocka_unit_test(lists_of_patterns),
        cmocka_unit_test(a_sites_row_comes_before_every_built_in_one),
        cmocka_unit_test(no_row_for_what_is_not_MPIs),
        cmocka_unit_test(actions_and_families_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
