/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/baseline: texts that are no baseline, baselines that are too large, and random ones. */
#include "support.h"

#include "core/baseline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int load(struct env *baseline, const char *text)
{
    struct env env;
    env_from(&env, NO_STRINGS);
    assert_int_equal(env_set(&env, BASELINE_VARIABLE, text), 0);
    errno = 0;
    int rc = baseline_load(baseline, &env);
    int saved = errno;
    env_destroy(&env);
    errno = saved;
    return rc;
}

static void malformed_texts(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "A=1",     "A=1;B=2",   ";",      ";;",      "A;",     "=;",      "=1;",
        "A=1;;",   "A=%;",      "A=%4;",  "A=%4",    "A=%",    "A=%00;",  "A=x%00y;",
        "%00=1;",  "%;",        "A=%G0;", "A=%0G;",  "A=% 1;", "A=%+1;",  "A=%-1;",
        "A=%%41;", "--",        "-;",     "A=%4;1;", "A=1;%",  "A=1;%4",  "A=1; ",
        "A=1;B",   "A=%\377A;", "\377",   "%41;",    "A=1;\n", "A=1;=2;", "A=%4%31;",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct env baseline;
        if (load(&baseline, texts[i]) != -1)
            fail_case("'%s' was taken for a baseline", texts[i]);
        assert_int_equal(errno, EINVAL);
        env_destroy(&baseline);
    }
}

/* What has no '=' is nobody's variable: it can be neither taken nor taken away. */
static void what_only_begins_like_one(void **state)
{
    (void)state;
    struct env env;
    struct env baseline;
    env_from(&env, LIST(BASELINE_VARIABLE "_1", BASELINE_VARIABLE, BASELINE_VARIABLE "_x"));
    alarm(60); /* it used to be tried for ever */
    assert_int_equal(baseline_store(&env, NULL, 4096), 0);
    assert_int_equal(baseline_load(&baseline, &env), 1);
    assert_int_equal(baseline.count, 0);
    assert_true(baseline_drop(&env));
    alarm(0);
    assert_int_equal(env.count, 3);
    env_destroy(&baseline);
    env_destroy(&env);
}

/* A chain that no execve could have brought is not followed to its end: each part is looked for in
 * all. */
static void more_continuations_than_there_can_be(void **state)
{
    (void)state;
    enum { PARTS = 200 };
    struct env env;
    struct env baseline;
    env_from(&env, LIST(BASELINE_VARIABLE "=A=1;"));
    for (int i = 1; i < PARTS; i++) {
        char name[64];
        snprintf(name, sizeof(name), BASELINE_VARIABLE "_%d", i);
        assert_int_equal(env_set(&env, name, ""), 0);
    }
    assert_int_equal(baseline_load(&baseline, &env), -1);
    assert_int_equal(errno, EINVAL);
    assert_true(baseline_drop(&env));
    assert_int_equal(env.count, 0);
    env_destroy(&baseline);
    env_destroy(&env);
}

static void malformed_continuations(void **state)
{
    (void)state;
    static const char *const lists[][4] = {
        {BASELINE_VARIABLE "=A=%4", BASELINE_VARIABLE "_1=", NULL},
        {BASELINE_VARIABLE "=A=%4", BASELINE_VARIABLE "_2=1;", NULL},
        {BASELINE_VARIABLE "=A=1;", BASELINE_VARIABLE "_1=B", BASELINE_VARIABLE "_2=;", NULL},
    };
    for (size_t i = 0; i < COUNT(lists); i++) {
        struct env env;
        struct env baseline;
        env_from(&env, lists[i]);
        assert_int_equal(baseline_load(&baseline, &env), -1);
        assert_int_equal(errno, EINVAL);
        env_destroy(&baseline);
        env_destroy(&env);
    }
}

static void texts_cut_anywhere(void **state)
{
    (void)state;
    struct env env;
    struct env baseline;
    env_from(&env,
             LIST(BASELINE_VARIABLE "=A=%4", BASELINE_VARIABLE "_1=", BASELINE_VARIABLE "_2=1;B",
                  BASELINE_VARIABLE "_3==", BASELINE_VARIABLE "_4=%", BASELINE_VARIABLE "_5=3",
                  BASELINE_VARIABLE "_6=B;", BASELINE_VARIABLE "_8=nonsense"));
    assert_int_equal(baseline_load(&baseline, &env), 1);
    assert_int_equal(baseline.count, 2);
    assert_variable(&baseline, "A", "A");
    assert_variable(&baseline, "B", ";");
    env_destroy(&baseline);
    env_destroy(&env);
}

static void a_lost_baseline_is_none(void **state)
{
    (void)state;
    struct env baseline;
    assert_int_equal(load(&baseline, BASELINE_LOST), 0);
    assert_int_equal(baseline.count, 0);
    env_destroy(&baseline);
}

/* Whatever the limit: the environment keeps it, or the baseline is marked as lost. */
static void the_limit_is_kept(void **state)
{
    (void)state;
    static const char *const list[] = {"PATH=/usr/bin", "OMPI_MCA_btl=tcp,self",
                                       "OMPI_MCA_pml=ob1;", NULL};
    for (int carried = 0; carried < 2; carried++) {
        struct env env;
        env_from(&env, list);
        if (carried)
            assert_int_equal(env_set(&env, BASELINE_VARIABLE, BASELINE_LOST), 0);
        size_t before = env_bytes(&env);
        assert_int_equal(baseline_store(&env, NULL, SIZE_MAX), 0);
        size_t full = env_bytes(&env);
        env_destroy(&env);
        assert_true(full > before);
        for (size_t limit = before - 5; limit < full + 5; limit++) {
            struct env baseline;
            env_from(&env, list);
            if (carried)
                assert_int_equal(env_set(&env, BASELINE_VARIABLE, BASELINE_LOST), 0);
            assert_int_equal(baseline_store(&env, NULL, limit), 0);
            bool stored = baseline_load(&baseline, &env) == 1;
            if (stored && env_bytes(&env) > limit)
                fail_case("limit %zu, and %zu bytes", limit, env_bytes(&env));
            if (!stored && limit >= full)
                fail_case("limit %zu: lost, though %zu bytes would do", limit, full);
            if (!stored)
                assert_variable(&env, BASELINE_VARIABLE, BASELINE_LOST);
            env_destroy(&baseline);
            env_destroy(&env);
        }
    }
}

static void a_lost_baseline_takes_the_place_of_a_large_one(void **state)
{
    (void)state;
    struct env env;
    char *value = malloc(300001);
    assert_non_null(value);
    memset(value, 'x', 300000);
    value[300000] = '\0';
    env_from(&env, NO_STRINGS);
    assert_int_equal(env_set(&env, "OMPI_MCA_a", value), 0);
    assert_int_equal(baseline_store(&env, NULL, SIZE_MAX), 0);
    assert_true(env.count > 3);
    assert_int_equal(baseline_store(&env, NULL, 350000), 0);
    assert_int_equal(env.count, 2);
    assert_variable(&env, "OMPI_MCA_a", value);
    assert_variable(&env, BASELINE_VARIABLE, BASELINE_LOST);
    env_destroy(&env);
    free(value);
}

/* The guard edits an environment in place: what is there already must stay in its place. */
static void the_first_variable_stays_in_its_place(void **state)
{
    (void)state;
    struct env env;
    env_from(&env, LIST("A=1", BASELINE_VARIABLE "=-", "OMPI_MCA_btl=tcp"));
    assert_int_equal(baseline_store(&env, NULL, SIZE_MAX), 0);
    assert_int_equal(env.count, 3);
    assert_int_equal(strncmp(env.vars[1], BASELINE_VARIABLE "=", sizeof(BASELINE_VARIABLE)), 0);
    env_destroy(&env);
}

static void random_texts_never_crash(void **state)
{
    (void)state;
    static const char alphabet[] = "A=;%0123456789ABCDEFaf-\n\001\377";
    unsigned seed = 4711;
    unsigned good = 0;
    for (int round = 0; round < 100000; round++) {
        char text[48];
        struct env baseline;
        size_t length = (size_t)rand_r(&seed) % sizeof(text);
        for (size_t i = 0; i < length; i++)
            text[i] = alphabet[(size_t)rand_r(&seed) % (sizeof(alphabet) - 1)];
        text[length ? length - 1 : 0] = '\0';
        int rc = load(&baseline, text);
        assert_in_range(rc + 1, 0, 2);
        if (rc < 0)
            assert_int_equal(errno, EINVAL);
        for (size_t i = 0; rc == 1 && i < baseline.count; i++)
            assert_true(env_name_length(baseline.vars[i]) > 0);
        good += rc == 1;
        env_destroy(&baseline);
    }
    assert_true(good > 100); /* else the alphabet is of no use */
}

static void random_tuning_survives(void **state)
{
    (void)state;
    unsigned seed = 1234;
    for (int round = 0; round < 5000; round++) {
        struct env env;
        struct env expected;
        struct env baseline;
        env_from(&env, NO_STRINGS);
        for (int n = 0; n < 4; n++) {
            char name[16] = {'P', 'R', 'T', 'E', '_', (char)('a' + n), '\0'};
            char value[24];
            size_t length = (size_t)rand_r(&seed) % sizeof(value);
            for (size_t i = 0; i < length; i++)
                value[i] = (char)(1 + rand_r(&seed) % 255);
            value[length ? length - 1 : 0] = '\0';
            assert_int_equal(env_set(&env, name, value), 0);
        }
        assert_int_equal(env_init(&expected, env.vars), 0);
        assert_int_equal(baseline_store(&env, NULL, SIZE_MAX), 0);
        assert_int_equal(baseline_load(&baseline, &env), 1);
        assert_same_env(&baseline, &expected);
        env_destroy(&baseline);
        env_destroy(&expected);
        env_destroy(&env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_texts),
        cmocka_unit_test(malformed_continuations),
        cmocka_unit_test(what_only_begins_like_one),
        cmocka_unit_test(more_continuations_than_there_can_be),
        cmocka_unit_test(texts_cut_anywhere),
        cmocka_unit_test(a_lost_baseline_is_none),
        cmocka_unit_test(the_limit_is_kept),
        cmocka_unit_test(a_lost_baseline_takes_the_place_of_a_large_one),
        cmocka_unit_test(the_first_variable_stays_in_its_place),
        cmocka_unit_test(random_texts_never_crash),
        cmocka_unit_test(random_tuning_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
