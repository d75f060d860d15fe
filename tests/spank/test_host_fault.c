/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake SPANK host against a probe that fails, crashes, or leaves things behind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe_play.h"

#include "slurm_compat.h"

static void test_failing_hooks(void **state)
{
    static const struct {
        enum host_context context;
        enum host_step step;
        const char *hook;
        bool refused, failed, drained, exit_called;
    } cases[] = {
        {HOST_LOCAL, 0, "init", true, false, false, false},
        {HOST_LOCAL, 0, "init_post_opt", true, false, false, false},
        {HOST_LOCAL, 0, "local_user_init", true, false, false, true},
        {HOST_LOCAL, 0, "exit", false, false, false, true},
        {HOST_ALLOCATOR, 0, "init", true, false, false, false},
        {HOST_ALLOCATOR, 0, "init_post_opt", true, false, false, true},
        {HOST_REMOTE, HOST_STEP_SRUN, "init", false, true, false, false},
        {HOST_REMOTE, HOST_STEP_SRUN, "user_init", false, true, false, true},
        {HOST_REMOTE, HOST_STEP_SRUN, "task_post_fork", false, true, false, true},
        {HOST_REMOTE, HOST_STEP_SRUN, "task_init", false, false, false, true},
        {HOST_REMOTE, HOST_STEP_SRUN, "task_init_privileged", false, false, false, true},
        {HOST_REMOTE, HOST_STEP_SRUN, "task_exit", false, false, false, true},
        {HOST_REMOTE, HOST_STEP_SRUN, "exit", false, false, false, true},
        {HOST_REMOTE, HOST_STEP_BATCH, "init", false, true, true, false},
        {HOST_REMOTE, HOST_STEP_BATCH, "init_post_opt", false, true, true, false},
        {HOST_REMOTE, HOST_STEP_BATCH, "user_init", false, true, true, true},
        {HOST_REMOTE, HOST_STEP_BATCH, "task_init", false, false, false, true},
        {HOST_SLURMD, 0, "init", false, true, false, false},
        {HOST_PROLOG, 0, "job_prolog", false, true, true, false},
        {HOST_EPILOG, 0, "job_epilog", false, true, true, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int rc = -1; rc <= 1; rc += 2)
            for (enum host_release r = 0; r < HOST_RELEASES; r += host_stride())
                for (int required = 0; required < 2; required++) {
                    /* Positive codes count only since 25.05 … */
                    bool counts = required && (rc < 0 || r >= HOST_25_05);
                    char args[64];
                    struct play p;

                    if (required && r % 2 && i % 3) /* not each combination: time */
                        continue;
                    snprintf(args, sizeof(args), "fail=%s:%d", cases[i].hook, rc);
                    prepare(&p, cases[i].context, required ? "required" : "optional", args);
                    p.sc.step = cases[i].step;
                    p.sc.release = r;
                    run(&p);
                    assert_int_equal(p.res.refused, counts && cases[i].refused);
                    assert_int_equal(p.res.failed, counts && cases[i].failed);
                    assert_int_equal(p.res.drained, counts && cases[i].drained);
                    if (counts)
                        assert_int_equal(host_count_calls(&p.res, HOST_EXIT) > 0,
                                         cases[i].exit_called);
                    /* … but since 21.08 they are reported. */
                    assert_int_equal(host_find_log(&p.res, HOST_LOG_ERROR, "failed with rc") !=
                                         NULL,
                                     required && (rc < 0 || r > HOST_20_11));
                    end(&p);
                }
}

static void test_failing_task_init(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_REMOTE, "required", "fail=task_init:-1");
    p.sc.node_tasks = p.sc.total_tasks = 2;
    run(&p);
    assert_int_equal(host_count_calls(&p.res, HOST_TASK_EXIT), 2);
    assert_false(p.res.tasks[0].execed);
    assert_int_equal(p.res.tasks[0].status, 1 << 8);
    end(&p);
}

static void test_failure_mode(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_REMOTE, "required", "");
    snprintf(p.line[0], sizeof(p.line[0]), "required %s/probe_mode.so fail=init:-1", dir);
    p.sc.step = HOST_STEP_BATCH;
    run(&p);
    assert_true(p.res.failed && p.res.drained);
    end(&p);
    p.sc.release = HOST_25_05;
    run(&p);
    assert_true(p.res.failed);
    assert_false(p.res.drained);
    end(&p);
}

static void test_job_control_in_prolog(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_PROLOG, "optional", "getcontrol=job_prolog:C");
    attempt(&p);
    assert_int_equal(p.res.signal, 11);
    assert_true(p.res.drained);
    assert_non_null(p.res.faults);
    end(&p);
}

static void test_stack_of_two(void **state)
{
    struct play p;
    char line[2][4200];

    (void)state;
    /* Listed twice: called twice, same memory; its option is registered once. */
    prepare(&p, HOST_LOCAL, "optional", "option=yes count=init:-");
    memcpy(p.line[1], p.line[0], sizeof(p.line[1]));
    p.lines[1] = p.line[1];
    p.sc.args = L("--probe=x", "true");
    run(&p);
    assert_int_equal(host_count_calls(&p.res, HOST_INIT), 2);
    assert_says(&p.res, "count=2");
    assert_says(&p.res, "provided by both");
    assert_callbacks(&p.res, "probe=x/0");
    end(&p);
    /* A copy under another path: its own memory. */
    snprintf(line[1], sizeof(line[1]), "optional %s/probe_copy.so count=init:-", dir);
    p.lines[1] = line[1];
    run(&p);
    assert_int_equal(host_count_calls(&p.res, HOST_INIT), 2);
    assert_null(host_find_log(&p.res, HOST_LOG_INFO, "count=2"));
    end(&p);
    /* The first fails, required: the second misses this hook only; before 21.08 not with rc 1. */
    snprintf(line[0], sizeof(line[0]), "required %s/probe.so fail=init:1", dir);
    p.lines[0] = line[0];
    p.sc.args = NULL;
    run(&p);
    assert_int_equal(host_count_calls(&p.res, HOST_INIT), 1);
    assert_int_equal(host_count_calls(&p.res, HOST_INIT_POST_OPT), 2);
    end(&p);
    p.sc.release = HOST_20_11;
    run(&p);
    assert_int_equal(host_count_calls(&p.res, HOST_INIT), 2);
    end(&p);
}

static void test_loading(void **state)
{
    struct play p;
    static const struct {
        const char *file, *says;
    } bad[] = {
        {"no_such.so", "Dlopen"},
        {"probe_unnamed.so", "missing"},
        {"probe_hookless.so", "exports 0 symbols"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        for (int required = 0; required < 2; required++) {
            prepare(&p, HOST_LOCAL, "optional", "");
            snprintf(p.line[0], sizeof(p.line[0]), "%s %s/%s", required ? "required" : "optional",
                     dir, bad[i].file);
            run(&p);
            assert_int_equal(p.res.refused, required);
            assert_says(&p.res, bad[i].says);
            assert_false(p.res.plugins[0].loaded);
            end(&p);
        }
    /* Of another release; micro may differ. */
    prepare(&p, HOST_REMOTE, "required", "");
    p.sc.slurm_version ^= 1;
    run(&p);
    assert_true(p.res.plugins[0].loaded);
    end(&p);
    p.sc.slurm_version ^= 1 << 8;
    run(&p);
    assert_int_equal(p.res.failed, COMPAT_SPANK_SAYS_RELEASE);
    if (COMPAT_SPANK_SAYS_RELEASE)
        assert_says(&p.res, "Incompatible");
    end(&p);
    p.sc.release = HOST_20_11;
    run(&p);
    assert_false(p.res.failed);
    end(&p);
    /* By name, in the plugin directory; odd lines. */
    prepare(&p, HOST_REMOTE, "optional", "");
    p.sc.plugstack = L("# nothing", "", "perhaps x.so", "optional", "\toptional \tprobe.so a b#c");
    p.sc.plugin_dir = dir;
    run(&p);
    assert_says(&p.res, "init called, context=2 remote=1 ac=2");
    assert_int_equal(p.res.n_plugins, 1);
    assert_string_equal(p.res.plugins[0].name, "probe");
    end(&p);
}

static void test_exports(void **state)
{
    struct play p;
    char path[4096];
    char **names;

    (void)state;
    snprintf(path, sizeof(path), "%s/probe.so", dir);
    assert_int_equal(host_stray_exports(path, &names), 0);
    host_strv_free(names);
    assert_true(host_symbols(path, false, &names) > 10);
    host_strv_free(names);
    snprintf(path, sizeof(path), "%s/probe_stray.so", dir);
    assert_int_equal(host_stray_exports(path, &names), 3);
    host_strv_free(names);
    assert_int_equal(host_stray_exports("/dev/null", &names), -1);
    assert_int_equal(host_stray_exports("/etc/passwd", &names), -1);
    prepare(&p, HOST_REMOTE, "optional", "");
    snprintf(p.line[0], sizeof(p.line[0]), "optional %s/probe_stray.so", dir);
    run(&p);
    assert_true(p.res.plugins[0].has_init && p.res.plugins[0].has_fini);
    assert_says(&p.res, "plain init");
    assert_says(&p.res, "plain fini");
    end(&p);
}

static void test_leftovers(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_REMOTE, "optional", "open=user_init:/etc/passwd thread=init:- child=init:-");
    run(&p);
    assert_int_equal(host_find_call(&p.res, HOST_USER_INIT, -1)->fds, 1);
    assert_int_equal(host_find_call(&p.res, HOST_INIT, -1)->threads, 1);
    assert_non_null(p.res.fds_left);
    assert_non_null(strstr(p.res.fds_left[0], "/etc/passwd"));
    assert_int_equal(p.res.threads_left, 1);
    assert_int_equal(p.res.children_left, 1);
    end(&p);
    /* A descriptor from task_init goes to the user's program, unless it closes on exec. */
    prepare(&p, HOST_REMOTE, "optional", "open=task_init:/etc/passwd");
    run(&p);
    assert_null(p.res.fds_left);
    assert_non_null(strstr(p.res.tasks[0].fds[0], "/etc/passwd"));
    end(&p);
}

static void test_crash_and_hang(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_REMOTE, "optional", "crash=user_init:9");
    attempt(&p);
    assert_int_equal(p.res.signal, 9);
    assert_int_equal(p.res.died_in, HOST_USER_INIT);
    assert_non_null(host_find_call(&p.res, HOST_INIT_POST_OPT, -1));
    end(&p);
    prepare(&p, HOST_REMOTE, "optional", "crash=task_init:9");
    run(&p);
    assert_int_equal(p.res.tasks[0].status, 9);
    assert_int_equal(host_count_calls(&p.res, HOST_TASK_EXIT), 1);
    end(&p);
    prepare(&p, HOST_LOCAL, "optional", "hang=init_post_opt:-");
    p.sc.timeout_ms = 500;
    attempt(&p);
    assert_true(p.res.timed_out);
    assert_int_equal(p.res.died_in, HOST_INIT_POST_OPT);
    end(&p);
}

static void test_blocked_signals(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_REMOTE, "optional",
            "blocked=init:15 blocked=user_init:13 blocked=task_init:15");
    run(&p);
    assert_says(&p.res, "probe: init blocked 15: 1");
    assert_says(&p.res, "user_init blocked 13: 1");
    assert_says(&p.res, "task_init blocked 15: 0");
    end(&p);
}

static void test_contained(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_REMOTE, "required",
            "setenv=user_init:X=1 open=user_init:/etc/passwd count=user_init:- count=task_init:- "
            "environ=user_init:Z=1");
    p.sc.contain_spank = true;
    p.sc.release = HOST_24_05;
    run(&p);
    assert_true(host_find_call(&p.res, HOST_USER_INIT, -1)->contained);
    assert_true(host_find_call(&p.res, HOST_TASK_POST_FORK, -1)->contained);
    assert_true(host_find_call(&p.res, HOST_TASK_EXIT, -1)->contained);
    assert_false(host_find_call(&p.res, HOST_TASK_INIT, -1)->contained);
    /* Memory is shared, also what setenv() changes; descriptors are not. */
    assert_string_equal(host_env_get(p.res.tasks[0].env, "X"), "1");
    assert_says(&p.res, "task_init count=2");
    assert_int_equal(host_find_call(&p.res, HOST_USER_INIT, -1)->fds, 1);
    assert_null(p.res.fds_left);
    end(&p);
    p.sc.release = HOST_23_11; /* knows nothing of it */
    run(&p);
    assert_false(host_find_call(&p.res, HOST_USER_INIT, -1)->contained);
    assert_non_null(p.res.fds_left);
    end(&p);
    prepare(&p, HOST_REMOTE, "required", "fail=user_init:-1");
    p.sc.contain_spank = true;
    p.sc.release = HOST_24_05;
    run(&p);
    assert_true(p.res.failed);
    end(&p);
}

/* A crash in a contained hook goes unnoticed. Not for valgrind, which gets a thread instead. */
static void test_contained_crash(void **state)
{
    struct play p;

    (void)state;
    if (getenv("HOST_TEST_VALGRIND"))
        return; /* cmocka's skip() prints "not ok", which TAP readers take for a failure */
    prepare(&p, HOST_REMOTE, "required", "crash=user_init:9 stack=task_exit:500000");
    p.sc.contain_spank = true;
    p.sc.release = HOST_24_05;
    run(&p);
    assert_false(p.res.failed);
    assert_true(p.res.tasks[0].execed);
    assert_non_null(strstr(p.res.faults[0], "user_init died of signal 9"));
    assert_int_equal(host_count_calls(&p.res, HOST_TASK_EXIT), 1);
    end(&p);
}

static void test_leak_check(void **state)
{
#ifdef __SANITIZE_ADDRESS__
    const bool can = true;
#else
    const bool can = false;
#endif
    struct play p;

    (void)state;
    prepare(&p, HOST_REMOTE, "optional", "");
    p.sc.check_leaks = true;
    run(&p);
    assert_false(p.res.leaked);
    end(&p);
    if (getenv("HOST_TEST_VALGRIND")) /* it would report this leak as its own finding */
        return;
    prepare(&p, HOST_REMOTE, "optional", "leak=user_init:1000");
    p.sc.check_leaks = p.sc.keep_loaded = true;
    run(&p);
    assert_int_equal(p.res.leaked, can);
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failing_hooks),  cmocka_unit_test(test_failing_task_init),
        cmocka_unit_test(test_failure_mode),   cmocka_unit_test(test_job_control_in_prolog),
        cmocka_unit_test(test_stack_of_two),   cmocka_unit_test(test_loading),
        cmocka_unit_test(test_exports),        cmocka_unit_test(test_leftovers),
        cmocka_unit_test(test_crash_and_hang), cmocka_unit_test(test_blocked_signals),
        cmocka_unit_test(test_contained),      cmocka_unit_test(test_contained_crash),
        cmocka_unit_test(test_leak_check),
    };

    play_begin();
    return cmocka_run_group_tests_name("host_fault", tests, NULL, NULL);
}
