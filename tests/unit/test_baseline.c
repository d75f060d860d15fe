/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/baseline: what is stored comes back, whatever it is made of; what does not fit is lost. */
#include "support.h"

#include "core/baseline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Store what is in env, and load it. */
static void round_trip(struct env *env, struct env *baseline)
{
    assert_int_equal(baseline_store(env, NULL, SIZE_MAX), 0);
    assert_int_equal(baseline_load(baseline, env), 1);
}

static void assert_survives(const char *value)
{
    struct env env;
    struct env baseline;
    env_from(&env, NO_STRINGS);
    assert_int_equal(env_set(&env, "OMPI_MCA_value", value), 0);
    round_trip(&env, &baseline);
    assert_int_equal(baseline.count, 1);
    assert_variable(&baseline, "OMPI_MCA_value", value);
    env_destroy(&baseline);
    env_destroy(&env);
}

static void values_of_every_kind(void **state)
{
    (void)state;
    static const char *const values[] = {
        "",    "plain",    ";",       ";;;",  "%",         "%%",        "%3B",
        "%00", "=",        "a=b;c=d", "\n",   "a\nb\r\tc", " blanks  ", "\177",
        "-",   "\377\376", "\001",    "end%", "end%4",     "\\n\"'`$(", "\303\204rger",
        "%zz", "a;",       ";a",
    };
    char all[256];
    for (size_t i = 0; i < COUNT(values); i++)
        assert_survives(values[i]);
    for (int byte = 1; byte < 256; byte++) {
        char one[2] = {(char)byte, '\0'};
        all[byte - 1] = (char)byte;
        assert_survives(one);
    }
    all[255] = '\0';
    assert_survives(all);
}

static void what_is_stored_can_be_printed(void **state)
{
    (void)state;
    struct env env;
    env_from(&env, LIST("OMPI_MCA_a=\n\033[1m;\177\001"));
    assert_int_equal(baseline_store(&env, NULL, SIZE_MAX), 0);
    for (const char *c = env_get(&env, BASELINE_VARIABLE); *c; c++)
        assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
    env_destroy(&env);
}

static void names_may_be_odd(void **state)
{
    (void)state;
    struct env env;
    struct env baseline;
    env_from(&env, LIST("OMPI_MCA_a;b=1", "OMPI_MCA_a%41=2", "OMPI_MCA_a b=3", "OMPI_MCA_=4",
                        "OMPI_MCA_a\n=5"));
    struct env expected;
    assert_int_equal(env_init(&expected, env.vars), 0);
    round_trip(&env, &baseline);
    assert_same_env(&baseline, &expected);
    env_destroy(&expected);
    env_destroy(&baseline);
    env_destroy(&env);
}

static void only_tuning_is_stored(void **state)
{
    (void)state;
    struct env env;
    struct env baseline;
    env_from(&env,
             LIST("PATH=/usr/bin", "OMPI_MCA_ess=pmi", "OMPI_MCA_btl=tcp,self", "SLURM_JOB_ID=1",
                  "OMPI_ALLOW_RUN_AS_ROOT=1", "PMIX_RANK=0", "PMIX_MCA_gds=hash", "FI_PROVIDER=tcp",
                  "OMPI_MCA_plm=rsh", "HYDRA_BOOTSTRAP=slurm", "no entry", "=neither"));
    round_trip(&env, &baseline);
    struct env expected;
    env_from(&expected, LIST("OMPI_MCA_btl=tcp,self", "PMIX_MCA_gds=hash", "OMPI_MCA_plm=rsh",
                             "HYDRA_BOOTSTRAP=slurm"));
    assert_same_env(&baseline, &expected);
    env_destroy(&expected);
    env_destroy(&baseline);
    env_destroy(&env);
}

static void a_site_says_what_is_tuning(void **state)
{
    (void)state;
    static const struct rule rows[] = {
        {.pattern = "SITE_*", .node = ACTION_RESTORE, .job = ACTION_RESTORE},
        {.pattern = "OMPI_MCA_btl", .node = ACTION_KEEP, .job = ACTION_KEEP},
    };
    const struct ruleset rules = {rows, COUNT(rows)};
    struct env env;
    struct env baseline;
    env_from(&env, LIST("SITE_A=1", "OMPI_MCA_btl=tcp", "OMPI_MCA_pml=ob1"));
    assert_int_equal(baseline_store(&env, &rules, SIZE_MAX), 0);
    assert_int_equal(baseline_load(&baseline, &env), 1);
    assert_int_equal(baseline.count, 2);
    assert_variable(&baseline, "SITE_A", "1");
    assert_variable(&baseline, "OMPI_MCA_pml", "ob1");
    env_destroy(&baseline);
    env_destroy(&env);
}

static void no_tuning_is_not_the_same_as_no_baseline(void **state)
{
    (void)state;
    struct env env;
    struct env baseline;
    env_from(&env, LIST("PATH=/bin"));
    assert_int_equal(baseline_load(&baseline, &env), 0);
    assert_int_equal(baseline.count, 0);
    env_destroy(&baseline);
    round_trip(&env, &baseline);
    assert_int_equal(baseline.count, 0);
    env_destroy(&baseline);
    env_destroy(&env);
}

/* getenv(3) finds the first of two entries, so that is the user's value. */
static void of_two_entries_the_first_is_stored(void **state)
{
    (void)state;
    struct env env;
    struct env baseline;
    env_from(&env, LIST("OMPI_MCA_btl=first", "OMPI_MCA_pml=ob1", "OMPI_MCA_btl=second"));
    round_trip(&env, &baseline);
    assert_variable(&baseline, "OMPI_MCA_btl", "first");
    env_destroy(&baseline);
    env_destroy(&env);
}

/* Add OMPI_MCA_v0 … of size bytes, each other than the others. */
static void add_large(struct env *env, unsigned count, size_t size, char fill)
{
    char name[32];
    char *value = malloc(size + 1);
    assert_non_null(value);
    memset(value, fill, size);
    value[size] = '\0';
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "OMPI_MCA_v%u", i);
        memcpy(value, name + strlen("OMPI_MCA_v"), strlen(name) - strlen("OMPI_MCA_v"));
        assert_int_equal(env_set(env, name, value), 0);
    }
    free(value);
}

static void large_baselines_take_several_variables(void **state)
{
    (void)state;
    static const struct {
        unsigned count;
        size_t size;
        char fill;
        unsigned chunks; /* at least */
    } cases[] = {{300, 3000, 'x', 7},
                 {300, 3000, ';', 21},
                 {1, 120 * 1024, 'x', 2},
                 {1, 120 * 1024, '%', 3},
                 {0, 0, 'x', 1}};
    enum { MAX_ARG_STRLEN = 128 * 1024 };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env env;
        struct env expected;
        struct env baseline;
        env_from(&env, NO_STRINGS);
        add_large(&env, cases[i].count, cases[i].size, cases[i].fill);
        assert_int_equal(env_init(&expected, env.vars), 0);
        round_trip(&env, &baseline);
        assert_same_env(&baseline, &expected);
        assert_true(env.count >= cases[i].count + cases[i].chunks);
        for (size_t j = cases[i].count; j < env.count; j++)
            assert_true(strlen(env.vars[j]) < MAX_ARG_STRLEN);
        env_destroy(&baseline);
        env_destroy(&expected);
        env_destroy(&env);
    }
}

/* Any length near the borders between variables, where a chunk may be just full or cut an escape.
 */
static void borders_between_variables(void **state)
{
    (void)state;
    enum { CHUNK = 96 * 1024, NEAR = 30 };
    char *value = malloc(CHUNK + NEAR);
    assert_non_null(value);
    for (size_t size = CHUNK - NEAR; size < CHUNK + NEAR; size++) {
        memset(value, 'x', size);
        memset(value + size - NEAR / 2, ';', NEAR / 2);
        value[size - 1] = '\0';
        assert_survives(value);
    }
    free(value);
}

static void an_older_baseline_goes(void **state)
{
    (void)state;
    struct env env;
    struct env baseline;
    env_from(&env, NO_STRINGS);
    add_large(&env, 300, 3000, 'x');
    assert_int_equal(baseline_store(&env, NULL, SIZE_MAX), 0);
    assert_non_null(env_get(&env, BASELINE_VARIABLE "_1"));
    for (int i = 0; i < 300; i++) {
        char name[32];
        snprintf(name, sizeof(name), "OMPI_MCA_v%d", i);
        env_unset(&env, name);
    }
    assert_int_equal(env_set(&env, "OMPI_MCA_btl", "tcp"), 0);
    round_trip(&env, &baseline);
    assert_int_equal(baseline.count, 1);
    assert_variable(&baseline, "OMPI_MCA_btl", "tcp");
    assert_int_equal(env.count, 2);
    env_destroy(&baseline);
    env_destroy(&env);
}

/* A continuation that is left over from who knows where must not become part of a new baseline. */
static void a_stray_continuation_goes_too(void **state)
{
    (void)state;
    static const char *const strays[] = {BASELINE_VARIABLE "_1", BASELINE_VARIABLE "_2"};
    for (size_t i = 0; i < COUNT(strays); i++) {
        for (unsigned large = 0; large < 2; large++) {
            struct env env;
            struct env expected;
            struct env baseline;
            env_from(&env, NO_STRINGS);
            add_large(&env, 1, large ? 120 * 1024 : 10, 'x');
            assert_int_equal(env_init(&expected, env.vars), 0);
            assert_int_equal(env_set(&env, strays[i], "OMPI_MCA_stray=1;"), 0);
            round_trip(&env, &baseline);
            assert_same_env(&baseline, &expected);
            env_destroy(&baseline);
            env_destroy(&expected);
            env_destroy(&env);
        }
    }
}

static void a_dropped_baseline_is_gone(void **state)
{
    (void)state;
    struct env env;
    struct env baseline;
    env_from(&env, LIST("PATH=/bin"));
    assert_false(baseline_drop(&env));
    add_large(&env, 300, 3000, 'x');
    assert_int_equal(baseline_store(&env, NULL, SIZE_MAX), 0);
    assert_true(baseline_drop(&env));
    assert_int_equal(env.count, 301);
    assert_int_equal(baseline_load(&baseline, &env), 0);
    assert_false(baseline_drop(&env));
    env_destroy(&baseline);
    env_destroy(&env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_every_kind),
        cmocka_unit_test(what_is_stored_can_be_printed),
        cmocka_unit_test(names_may_be_odd),
        cmocka_unit_test(only_tuning_is_stored),
        cmocka_unit_test(a_site_says_what_is_tuning),
        cmocka_unit_test(no_tuning_is_not_the_same_as_no_baseline),
        cmocka_unit_test(of_two_entries_the_first_is_stored),
        cmocka_unit_test(large_baselines_take_several_variables),
        cmocka_unit_test(borders_between_variables),
        cmocka_unit_test(an_older_baseline_goes),
        cmocka_unit_test(a_stray_continuation_goes_too),
        cmocka_unit_test(a_dropped_baseline_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
