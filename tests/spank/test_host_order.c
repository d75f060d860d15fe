/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake SPANK host against the probe: hooks, environment and items, by context and phase. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe_play.h"

static void test_order_in_contexts(void **state)
{
    static const struct {
        enum host_context context;
        enum host_step step;
        const char *order;
    } cases[] = {
        {HOST_LOCAL, 0, "init init_post_opt local_user_init exit"},
        {HOST_ALLOCATOR, 0, "init init_post_opt exit"},
        {HOST_REMOTE, HOST_STEP_SRUN,
         "init init_post_opt user_init task_init_privileged task_post_fork task_init task_exit "
         "exit"},
        {HOST_REMOTE, HOST_STEP_BATCH,
         "init init_post_opt user_init task_init_privileged task_post_fork task_init task_exit "
         "exit"},
        {HOST_REMOTE, HOST_STEP_EXTERN, "init init_post_opt task_post_fork exit"},
        {HOST_SLURMD, 0, "init slurmd_exit"},
        {HOST_PROLOG, 0, "job_prolog"},
        {HOST_EPILOG, 0, "job_epilog"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct play p;

        prepare(&p, cases[i].context, "optional", "");
        p.sc.step = cases[i].step;
        run(&p);
        /* The privileged part of a task and post_fork in the parent run side by side. */
        if (cases[i].context == HOST_REMOTE && cases[i].step != HOST_STEP_EXTERN &&
            p.res.calls[3].hook == HOST_TASK_POST_FORK) {
            struct host_call c = p.res.calls[3];

            p.res.calls[3] = p.res.calls[4];
            p.res.calls[4] = c;
        }
        assert_order(&p.res, cases[i].order);
        assert_false(p.res.refused || p.res.failed || p.res.drained);
        assert_null(p.res.fds_left);
        assert_int_equal(p.res.threads_left, 0);
        assert_int_equal(p.res.children_left, 0);
        end(&p);
    }
}

static void test_missing_hooks_are_skipped(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_REMOTE, "required", "");
    snprintf(p.line[0], sizeof(p.line[0]), "required %s/probe_sparse.so", dir);
    run(&p);
    assert_order(&p.res, "init");
    assert_true(p.res.tasks[0].execed);
    end(&p);
}

static void test_slurmd_loads_by_release(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_SLURMD, "optional", "");
    snprintf(p.line[0], sizeof(p.line[0]), "optional %s/probe_sparse.so", dir);
    run(&p);
    assert_order(&p.res, "init");
    end(&p);
    p.sc.release = HOST_20_11;
    run(&p);
    assert_order(&p.res, "");
    end(&p);
    p.sc.context = HOST_PROLOG; /* no prolog, no epilog: not loaded at all */
    run(&p);
    assert_order(&p.res, "");
    end(&p);
}

static void test_many_tasks(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_REMOTE, "optional", "items=task_init:- items=task_exit:-");
    p.sc.node_tasks = 3;
    p.sc.total_tasks = 6;
    p.sc.first_task = 3;
    p.sc.mpi_task = L("PMI_RANK=%t", "PMI_SIZE=6");
    p.sc.task_status = 3;
    run(&p);
    assert_int_equal(p.res.n_tasks, 3);
    assert_int_equal(host_count_calls(&p.res, HOST_TASK_INIT), 3);
    for (int t = 0; t < 3; t++) {
        char rank[16];

        snprintf(rank, sizeof(rank), "%d", 3 + t);
        assert_string_equal(host_env_get(p.res.tasks[t].env, "PMI_RANK"), rank);
        assert_string_equal(host_env_get(p.res.tasks[t].env, "SLURM_PROCID"), rank);
        assert_string_equal(host_env_get(p.res.tasks[t].env, "SLURM_GTIDS"), "3,4,5");
        assert_int_equal(p.res.tasks[t].status, 3 << 8);
    }
    assert_says(&p.res, "task_exit items uid=");
    assert_says(&p.res, "status=768");
    end(&p);
}

static void test_mpi_variables_come_late(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_REMOTE, "optional",
            "getenv=init_post_opt:PMI_FD getenv=user_init:PMI_FD "
            "getenv=task_init_privileged:PMI_FD getenv=task_init:PMI_FD "
            "getenv=user_init:PRE unset=task_init:PMI_FD");
    p.sc.mpi_prefork = L("PRE=fork");
    p.sc.mpi_task = L("PMI_FD=9");
    run(&p);
    assert_says(&p.res, "init_post_opt getenv PMI_FD=-");
    assert_says(&p.res, "user_init getenv PMI_FD=-");
    assert_says(&p.res, "user_init getenv PRE=fork");
    assert_says(&p.res, "task_init_privileged getenv PMI_FD=-");
    assert_says(&p.res, "task_init getenv PMI_FD=9");
    assert_string_equal(host_env_get(p.res.tasks[0].env_before, "PMI_FD"), "9");
    assert_null(host_env_get(p.res.tasks[0].env, "PMI_FD"));
    end(&p);
    p.sc.step = HOST_STEP_BATCH; /* no MPI in a batch step */
    run(&p);
    assert_says(&p.res, "task_init getenv PMI_FD=-");
    end(&p);
}

static void test_who_gets_a_setenv(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_REMOTE, "optional",
            "setenv=init_post_opt:ALL1=x setenv=user_init:ALL2=x setenv=task_init:OWN=x "
            "setenv=task_post_fork:LATE=x getenv=task_exit:OWN getenv=task_exit:LATE");
    p.sc.node_tasks = p.sc.total_tasks = 2;
    run(&p);
    for (int t = 0; t < 2; t++) {
        assert_string_equal(host_env_get(p.res.tasks[t].env, "ALL1"), "x");
        assert_string_equal(host_env_get(p.res.tasks[t].env, "ALL2"), "x");
        assert_string_equal(host_env_get(p.res.tasks[t].env, "OWN"), "x");
        assert_null(host_env_get(p.res.tasks[t].env, "LATE")); /* already forked */
    }
    assert_says(&p.res, "task_exit getenv OWN=-"); /* the task's was its own */
    assert_says(&p.res, "task_exit getenv LATE=x");
    assert_string_equal(host_env_get(p.res.env, "ALL1"), "x");
    assert_null(host_env_get(p.res.env, "ALL2"));
    assert_string_equal(host_env_get(p.res.env_user, "ALL2"), "x");
    assert_true(host_find_call(&p.res, HOST_USER_INIT, -1)->job_env_changed);
    assert_false(host_find_call(&p.res, HOST_TASK_INIT_PRIVILEGED, -1)->job_env_changed);
    end(&p);
}

static void test_environment_of_other_contexts(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_LOCAL, "optional",
            "setenv=init_post_opt:X=1 environ=init_post_opt:Y=1 getenv=local_user_init:A");
    run(&p);
    assert_says(&p.res, "Valid only in remote context");
    assert_says(&p.res, "local_user_init getenv A=-");
    assert_true(host_find_call(&p.res, HOST_INIT_POST_OPT, -1)->environ_changed);
    assert_string_equal(host_env_get(p.res.environ_after, "Y"), "1");
    end(&p);
    prepare(&p, HOST_REMOTE, "optional", "environ=user_init:Y=1");
    run(&p);
    assert_null(host_env_get(p.res.tasks[0].env, "Y")); /* slurmstepd's own, not the job's */
    assert_true(host_find_call(&p.res, HOST_USER_INIT, -1)->environ_changed);
    end(&p);
}

static void test_task_prolog_and_doubles(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_REMOTE, "optional", "unset=init_post_opt:D unset=task_init:B");
    p.sc.env = L("D=1", "D=2", "E=1", "E=2", "nonsense", "B=1");
    p.sc.task_prolog = L("B=again");
    run(&p);
    assert_int_equal(host_env_count(p.res.env, "D"), 1); /* Slurm's unsetenvp() misses one */
    assert_string_equal(host_env_get(p.res.tasks[0].env, "E"), "2");
    assert_int_equal(host_env_count(p.res.tasks[0].env, "E"), 1);
    assert_string_equal(host_env_get(p.res.tasks[0].env, "B"), "again");
    end(&p);
}

static void test_setenv_that_is_too_long(void **state)
{
    struct play p;
    char *line = malloc(140000);

    (void)state;
    prepare(&p, HOST_REMOTE, "optional", "");
    snprintf(line, 140000, "optional %s/probe.so setenv=user_init:LONG=%0131072d", dir, 1);
    p.lines[0] = line;
    run(&p);
    assert_null(host_env_get(p.res.tasks[0].env, "LONG"));
    assert_null(host_find_log(&p.res, HOST_LOG_INFO, "setenv rc")); /* it said success */
    assert_non_null(p.res.faults);
    end(&p);
    free(line);
}

static void test_path_lookup_and_argv(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_REMOTE, "optional", "prepend=task_init:env setenv=task_init:PATH=/bin");
    p.sc.argv = L("sh", "-c", "exit 0");
    run(&p);
    assert_string_equal(p.res.tasks[0].path, "/bin/env");
    assert_string_equal(p.res.tasks[0].argv[1], "sh");
    assert_non_null(p.res.faults); /* 22.05 has no spank_prepend_task_argv() */
    end(&p);
    p.sc.release = HOST_23_11;
    run(&p);
    assert_null(p.res.faults);
    end(&p);
}

static void test_real_exec(void **state)
{
    struct play p;

    (void)state;
    prepare(&p, HOST_REMOTE, "optional", "setenv=task_init:CODE=7");
    p.sc.argv = L("sh", "-c", "exit $CODE");
    p.sc.real_exec = true;
    run(&p);
    assert_int_equal(p.res.tasks[0].status, 7 << 8);
    end(&p);
}

static void test_items(void **state)
{
    struct play p;
    /* Codes in the order of report_items(): -1 success, else distance to ESPANK_ERROR. */
    static const struct {
        enum host_context context;
        const char *hook, *codes;
    } cases[] = {
        {HOST_LOCAL, "init", "9,9,9,9,9,6,9,6,9,9,6,6,6,6,6,-1"},
        {HOST_LOCAL, "local_user_init", "-1,-1,-1,-1,-1,6,-1,6,-1,-1,6,6,6,6,6,-1"},
        {HOST_ALLOCATOR, "init_post_opt", "9,9,1,1,1,6,1,6,1,1,6,6,6,6,6,-1"},
        {HOST_SLURMD, "init", "9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,-1"},
        {HOST_PROLOG, "job_prolog", "-1,-1,-1,9,9,9,9,9,9,9,9,9,9,9,9,-1"},
        {HOST_REMOTE, "init", "-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,2,2,2,2,8,-1"},
        {HOST_REMOTE, "task_init", "-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,2,8,-1"},
        {HOST_REMOTE, "task_post_fork", "-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,2,-1,-1"},
        {HOST_REMOTE, "task_exit", "-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,-1,-1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char args[64], text[128];

        snprintf(args, sizeof(args), "items=%s:-", cases[i].hook);
        snprintf(text, sizeof(text), "probe: %s items rc=%s", cases[i].hook, cases[i].codes);
        prepare(&p, cases[i].context, "optional", args);
        run(&p);
        assert_says(&p.res, text);
        end(&p);
    }
    prepare(&p, HOST_REMOTE, "optional", "items=task_init:- items=task_post_fork:-");
    p.sc.uid = 4711;
    p.sc.step_id = 2;
    p.sc.nnodes = 5;
    run(&p);
    /* The task does not know its own pid by S_TASK_PID. */
    assert_says(&p.res, "task_init items uid=4711 job=1001 step=2 nnodes=5 local=1 total=1 cpus=4 "
                        "argc=1 argv0=true env=some task=0 global=4294967295 pid=-1");
    assert_says(&p.res, "pid=other");
    end(&p);
    prepare(&p, HOST_REMOTE, "optional", "items=task_post_fork:-");
    p.sc.step = HOST_STEP_EXTERN;
    run(&p);
    assert_says(&p.res, "argc=0 argv0=- env=some task=-1");
    assert_null(host_env_get(p.res.env, "A"));
    end(&p);
}

static void test_who_sees_messages(void **state)
{
    static const struct {
        enum host_context context;
        const char *hook;
        bool seen;
    } cases[] = {
        {HOST_LOCAL, "init", true},       {HOST_ALLOCATOR, "init_post_opt", true},
        {HOST_REMOTE, "init", false},     {HOST_REMOTE, "init_post_opt", false},
        {HOST_REMOTE, "user_init", true}, {HOST_REMOTE, "task_init", true},
        {HOST_SLURMD, "init", false},     {HOST_PROLOG, "job_prolog", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct play p;
        char args[64];

        snprintf(args, sizeof(args), "log=%s:hello", cases[i].hook);
        prepare(&p, cases[i].context, "optional", args);
        run(&p);
        assert_int_equal(host_find_log(&p.res, HOST_LOG_ERROR, "hello")->user_sees, cases[i].seen);
        end(&p);
    }
}

static void test_env_diff(void **state)
{
    char *const *a = (char *const *)L("A=1", "B=2", "SLURM_TASK_PID=1");
    char *const *b = (char *const *)L("B=2", "A=1", "SLURM_TASK_PID=2");
    char *const *c = (char *const *)L("B=2", "A=1", "C=3");
    struct play p, q;
    char *diff;

    (void)state;
    assert_null(host_env_diff(a, b, NULL));
    assert_null(host_env_diff(a, c, L("C")));
    diff = host_env_diff(a, c, NULL);
    assert_string_equal(diff, "only in the second: C=3");
    free(diff);
    /* The idiom for "this plugin changes nothing": the same scenario without it. */
    prepare(&p, HOST_REMOTE, "optional", "");
    prepare(&q, HOST_REMOTE, "optional", "");
    q.sc.plugstack = NULL;
    run(&p);
    run(&q);
    assert_null(host_env_diff(p.res.tasks[0].env, q.res.tasks[0].env, NULL));
    end(&p);
    end(&q);
}

static void test_switch_user(void **state)
{
    struct play p;

    (void)state;
    if (geteuid() != 0)
        return;
    prepare(&p, HOST_REMOTE, "optional",
            "open=user_init:/etc/shadow open=task_init:/etc/shadow "
            "open=task_init_privileged:/etc/shadow");
    p.sc.uid = p.sc.gid = 65534;
    p.sc.switch_user = true;
    run(&p);
    assert_says(&p.res, "user_init open rc=-1");
    assert_says(&p.res, "probe: task_init open rc=-1");
    assert_null(host_find_log(&p.res, HOST_LOG_INFO, "task_init_privileged open rc=-1"));
    assert_true(p.res.tasks[0].execed);
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_in_contexts),
        cmocka_unit_test(test_missing_hooks_are_skipped),
        cmocka_unit_test(test_slurmd_loads_by_release),
        cmocka_unit_test(test_many_tasks),
        cmocka_unit_test(test_mpi_variables_come_late),
        cmocka_unit_test(test_who_gets_a_setenv),
        cmocka_unit_test(test_environment_of_other_contexts),
        cmocka_unit_test(test_task_prolog_and_doubles),
        cmocka_unit_test(test_setenv_that_is_too_long),
        cmocka_unit_test(test_path_lookup_and_argv),
        cmocka_unit_test(test_real_exec),
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_who_sees_messages),
        cmocka_unit_test(test_env_diff),
        cmocka_unit_test(test_switch_user),
    };

    play_begin();
    return cmocka_run_group_tests_name("host_order", tests, NULL, NULL);
}
