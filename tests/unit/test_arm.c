/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/arm: what a task is given, once or several times. */
#include "support.h"

#include "core/arm.h"
#include "core/baseline.h"
#include "core/decision.h"
#include "core/launcher.h"

#include <string.h>

#define BIN "/opt/nestsafe/bin"
#define GUARD "/opt/nestsafe/guard.so"

static const struct arming full = {
    .mode = MODE_NODE,
    .launcher_directories = BIN,
    .guard = GUARD,
    .rules = "/etc/site.rules",
    .rundir = "/run/site",
    .launchers = "simrun",
    .max_depth = 5,
    .depth = 2,
};

static void everything(void **state)
{
    (void)state;
    struct env env;
    env_from(&env, LIST("PATH=/usr/bin:/bin", "HOME=/home/user"));
    assert_int_equal(arm(&env, &full), 0);
    assert_variable(&env, "HOME", "/home/user");
    assert_variable(&env, "PATH", BIN ":/usr/bin:/bin");
    assert_variable(&env, "LD_PRELOAD", GUARD);
    assert_variable(&env, ARMED_MODE_VARIABLE, "node");
    assert_variable(&env, RULES_VARIABLE, "/etc/site.rules");
    assert_variable(&env, RUNDIR_VARIABLE, "/run/site");
    assert_variable(&env, LAUNCHERS_VARIABLE, "simrun");
    assert_variable(&env, MAX_DEPTH_VARIABLE, "5");
    assert_variable(&env, DEPTH_VARIABLE, "2");
    assert_variable(&env, LAUNCH_VARIABLE, "0");
    assert_non_null(env_get(&env, BASELINE_VARIABLE));
    assert_variable(&env, MODE_VARIABLE, NULL);
    env_destroy(&env);
}

static void as_little_as_possible(void **state)
{
    (void)state;
    const struct arming little = {.mode = MODE_AUTO, .max_depth = DEPTH_MAX};
    struct env env;
    env_from(&env, LIST("HOME=/home/user"));
    assert_int_equal(arm(&env, &little), 0);
    assert_variable(&env, "PATH", NULL);
    assert_variable(&env, "LD_PRELOAD", NULL);
    assert_variable(&env, RULES_VARIABLE, NULL);
    assert_variable(&env, RUNDIR_VARIABLE, NULL);
    assert_variable(&env, LAUNCHERS_VARIABLE, NULL);
    assert_variable(&env, MAX_DEPTH_VARIABLE, NULL);
    assert_variable(&env, ARMED_MODE_VARIABLE, "auto");
    assert_variable(&env, DEPTH_VARIABLE, "0");
    env_destroy(&env);
}

/* The trail is complete from the start, and says that there is no launch above and no baseline. */
static void the_trail_is_complete_and_empty(void **state)
{
    (void)state;
    struct env env;
    struct env baseline;
    struct trail trail;
    env_from(&env, LIST("PATH=/bin"));
    assert_int_equal(arm(&env, &full), 0);
    trail_load(&trail, &env);
    assert_int_equal(trail.depth, 2);
    assert_int_equal(trail.max_depth, 5);
    assert_int_equal(trail.launch.pid, 0);
    assert_int_equal(trail.hops, 0);
    assert_int_equal(baseline_load(&baseline, &env), 0);
    size_t count = env.count;
    assert_int_equal(trail_store(&env, &trail, &(struct process){1, 2}), 0);
    assert_int_equal(baseline_store(&env, NULL, SIZE_MAX), 0);
    assert_int_equal(env.count, count); /* the guard has no room to add any */
    env_destroy(&baseline);
    env_destroy(&env);
}

static void once_or_several_times(void **state)
{
    (void)state;
    static const char *const starts[][4] = {
        {"PATH=/usr/bin:/bin", "LD_PRELOAD=/lib/other.so"},
        {"PATH=", "LD_PRELOAD="},
        {"A=1"},
        {"PATH=" BIN, "LD_PRELOAD=" GUARD},
        {"PATH=/usr/bin:" BIN, "LD_PRELOAD=" GUARD ":/lib/other.so"},
        {LAUNCH_VARIABLE "=12:34:5:node", BASELINE_VARIABLE "=OMPI_MCA_btl=tcp;"},
    };
    for (size_t i = 0; i < COUNT(starts); i++) {
        struct env once;
        struct env often;
        env_from(&once, starts[i]);
        env_from(&often, starts[i]);
        assert_int_equal(arm(&once, &full), 0);
        for (int times = 0; times < 3; times++)
            assert_int_equal(arm(&often, &full), 0);
        assert_same_env(&often, &once);
        env_destroy(&often);
        env_destroy(&once);
    }
}

static void what_is_carried_stays(void **state)
{
    (void)state;
    struct env env;
    env_from(&env, LIST(LAUNCH_VARIABLE "=12:34:5:node", BASELINE_VARIABLE "=OMPI_MCA_btl=tcp;",
                        BASELINE_VARIABLE "_1=x", DEPTH_VARIABLE "=7"));
    assert_int_equal(arm(&env, &full), 0);
    assert_variable(&env, LAUNCH_VARIABLE, "12:34:5:node");
    assert_variable(&env, BASELINE_VARIABLE, "OMPI_MCA_btl=tcp;");
    assert_variable(&env, BASELINE_VARIABLE "_1", "x");
    assert_variable(&env, DEPTH_VARIABLE, "2"); /* the step counts */
    env_destroy(&env);
}

static void modes_that_need_no_arming(void **state)
{
    (void)state;
    static const enum mode modes[] = {MODE_AUDIT, MODE_OFF};
    for (size_t i = 0; i < COUNT(modes); i++) {
        static const char *const list[] = {"PATH=/bin", "LD_PRELOAD=", "A=1", NULL};
        struct arming arming = full;
        struct env env;
        arming.mode = modes[i];
        env_from(&env, list);
        assert_int_equal(arm(&env, &arming), 0);
        assert_int_equal(env.count, 3);
        for (size_t j = 0; j < 3; j++)
            assert_ptr_equal(env.vars[j], list[j]);
        env_destroy(&env);
    }
}

static void every_armed_mode_is_told(void **state)
{
    (void)state;
    static const enum mode modes[] = {MODE_AUTO, MODE_NODE, MODE_JOB, MODE_DENY};
    for (size_t i = 0; i < COUNT(modes); i++) {
        struct arming arming = full;
        struct env env;
        arming.mode = modes[i];
        env_from(&env, LIST(ARMED_MODE_VARIABLE "=off"));
        assert_int_equal(arm(&env, &arming), 0);
        assert_variable(&env, ARMED_MODE_VARIABLE, mode_name(modes[i]));
        env_destroy(&env);
    }
}

static void paths(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"/bin", BIN ":/bin"},
        {"", BIN ":"}, /* the current directory, as before */
        {":/bin", BIN "::/bin"},
        {"/bin:", BIN ":/bin:"},
        {BIN, BIN},
        {BIN ":/bin", BIN ":/bin"},
        {BIN ":", BIN ":"},
        {BIN "2:/bin", BIN ":" BIN "2:/bin"},
        {BIN "/:/bin", BIN ":" BIN "/:/bin"},
        {"/bin:" BIN, BIN ":/bin:" BIN},
        {"/opt/nestsafe", BIN ":/opt/nestsafe"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env env;
        env_from(&env, NO_STRINGS);
        assert_int_equal(env_set(&env, "PATH", cases[i][0]), 0);
        assert_int_equal(arm(&env, &full), 0);
        assert_variable(&env, "PATH", cases[i][1]);
        env_destroy(&env);
    }
}

static void preloads(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", GUARD},
        {"/a.so", "/a.so:" GUARD},
        {"/a.so /b.so", "/a.so /b.so:" GUARD},
        {"/a.so:/b.so", "/a.so:/b.so:" GUARD},
        {GUARD, GUARD},
        {"/a.so:" GUARD, "/a.so:" GUARD},
        {"/a.so " GUARD, "/a.so " GUARD},
        {GUARD ".old", GUARD ".old:" GUARD},
        {"/x" GUARD, "/x" GUARD ":" GUARD},
        {"guard.so", "guard.so:" GUARD},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env env;
        env_from(&env, NO_STRINGS);
        assert_int_equal(env_set(&env, "LD_PRELOAD", cases[i][0]), 0);
        assert_int_equal(arm(&env, &full), 0);
        assert_variable(&env, "LD_PRELOAD", cases[i][1]);
        env_destroy(&env);
    }
}

/* A job may not raise the site's limit by exporting a number of its own, nor one from elsewhere. */
static void the_largest_depth_is_the_sites(void **state)
{
    (void)state;
    static const unsigned depths[] = {1, 5, DEPTH_MAX, 1000};
    static const char *const stale[] = {"1", "1000000", "8", "nonsense"};
    for (size_t i = 0; i < COUNT(depths); i++) {
        for (size_t j = 0; j < COUNT(stale); j++) {
            struct arming arming = full;
            struct trail trail;
            struct env env;
            arming.max_depth = depths[i];
            env_from(&env, NO_STRINGS);
            assert_int_equal(env_set(&env, MAX_DEPTH_VARIABLE, stale[j]), 0);
            assert_int_equal(arm(&env, &arming), 0);
            trail_load(&trail, &env);
            if (trail.max_depth != depths[i])
                fail_case("%u was asked for, and %s inherited: %u", depths[i], stale[j],
                          trail.max_depth);
            env_destroy(&env);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything),
        cmocka_unit_test(as_little_as_possible),
        cmocka_unit_test(the_trail_is_complete_and_empty),
        cmocka_unit_test(once_or_several_times),
        cmocka_unit_test(what_is_carried_stays),
        cmocka_unit_test(modes_that_need_no_arming),
        cmocka_unit_test(every_armed_mode_is_told),
        cmocka_unit_test(paths),
        cmocka_unit_test(preloads),
        cmocka_unit_test(the_largest_depth_is_the_sites),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
