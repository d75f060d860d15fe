/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin on the fake SPANK host: how tasks are armed, and what is left alone. */
#include "plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_armed_task(void **state)
{
    static const char *const modes[] = {"auto", "node", "job", "deny"};

    (void)state;
    for (size_t i = 0; i < COUNT(modes); i++) {
        struct play p;

        plugin_prepare(&p, HOST_REMOTE, "");
        plugin_give(&p, modes[i]);
        p.sc.argv = L("mpirun", "-np", "1", "true");
        plugin_run(&p);
        assert_silent(&p.res);
        assert_armed(&p, modes[i]);
        assert_variable(TASK_ENV(&p, 0), "PATH", TEST_LAUNCHERS ":/usr/bin:/bin");
        assert_variable(TASK_ENV(&p, 0), "LD_PRELOAD", TEST_GUARD);
        assert_variable(TASK_ENV(&p, 0), TWIN, modes[i]);
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_DEPTH", "1");
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_LAUNCH", "0:1001.0");
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_BASELINE", "");
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_MAX_DEPTH", NULL);
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_RULES", NULL);
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_RUNDIR", rundir);
        /* Slurm looks up the command in the task's new PATH. */
        assert_string_equal(p.res.tasks[0].path, FIRST_LAUNCHER);
        assert_string_equal(p.res.tasks[0].argv[1], "-np");
        /* And nothing else. */
        assert_null(host_env_diff(TASK_ENV(&p, 0), p.res.tasks[0].env_before,
                                  L("PATH", "LD_PRELOAD", "NESTSAFE_MODE", "NESTSAFE_RUNDIR")));
        end(&p);
    }
}

static void test_path(void **state)
{
    static const struct {
        const char *path, *after;
    } cases[] = {
        {"PATH=/usr/bin:/bin", TEST_LAUNCHERS ":/usr/bin:/bin"},
        {"PATH=:/bin:", TEST_LAUNCHERS "::/bin:"},
        {"PATH=", TEST_LAUNCHERS ":"},
        {"PATH=" TEST_LAUNCHERS, TEST_LAUNCHERS},
        {"PATH=" TEST_LAUNCHERS ":/bin", TEST_LAUNCHERS ":/bin"},
        {"PATH=" TEST_LAUNCHERS "x:/bin", TEST_LAUNCHERS ":" TEST_LAUNCHERS "x:/bin"},
        /* A script has put something before it since. */
        {"PATH=/opt:" TEST_LAUNCHERS ":/bin", TEST_LAUNCHERS ":/opt:" TEST_LAUNCHERS ":/bin"},
        {"NO_PATH=1", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct play p;

        plugin_prepare(&p, HOST_REMOTE, "");
        plugin_give(&p, "auto");
        p.sc.env = L(cases[i].path, "A=1");
        p.sc.argv = L("/bin/true");
        plugin_run(&p);
        assert_silent(&p.res);
        assert_variable(TASK_ENV(&p, 0), "PATH", cases[i].after);
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_MODE", "auto");
        end(&p);
    }
}

static void test_preload(void **state)
{
    static const struct {
        const char *site, *twin, *option, *own, *after;
    } cases[] = {
        {"", NULL, "auto", NULL, TEST_GUARD},
        {"", TWIN "=deny", NULL, NULL, TEST_GUARD},
        {"default=auto", NULL, NULL, NULL, NULL},
        {"default=auto", TWIN "=auto", NULL, NULL, TEST_GUARD},
        {"default=auto preload=asked", NULL, NULL, NULL, NULL},
        {"default=auto preload=always", NULL, NULL, NULL, TEST_GUARD},
        {"preload=always", NULL, NULL, NULL, NULL},
        {"preload=always", NULL, "off", NULL, NULL},
        {"preload=never", NULL, "auto", NULL, NULL},
        {"default=auto preload=never", NULL, NULL, "/x/own.so", "/x/own.so"},
        {"", NULL, "auto", "", TEST_GUARD},
        {"", NULL, "auto", "/x/own.so", "/x/own.so:" TEST_GUARD},
        {"", NULL, "auto", "/x/a.so /x/b.so", "/x/a.so /x/b.so:" TEST_GUARD},
        {"", NULL, "auto", TEST_GUARD, TEST_GUARD},
        {"", NULL, "auto", "/x/a.so:" TEST_GUARD ":/x/b.so", "/x/a.so:" TEST_GUARD ":/x/b.so"},
        {"", NULL, "auto", "/x/a.so " TEST_GUARD, "/x/a.so " TEST_GUARD},
        {"", NULL, "auto", TEST_GUARD ".1", TEST_GUARD ".1:" TEST_GUARD},
        {"", NULL, "audit", "/x/own.so", "/x/own.so"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct play p;
        char own[256];

        snprintf(own, sizeof(own), "LD_PRELOAD=%s", cases[i].own ? cases[i].own : "");
        plugin_prepare(&p, HOST_REMOTE, cases[i].site);
        if (cases[i].option)
            plugin_give(&p, cases[i].option);
        p.sc.env = L("PATH=/bin", cases[i].own ? own : "A=1", cases[i].twin);
        plugin_run(&p);
        assert_silent(&p.res);
        assert_variable(TASK_ENV(&p, 0), "LD_PRELOAD", cases[i].after);
        end(&p);
    }
}

/* slurmstepd's own programs, such as the task prolog, do not get the guard from user_init. */
static void test_only_the_task_gets_path_and_guard(void **state)
{
    struct play p;

    (void)state;
    plugin_prepare(&p, HOST_REMOTE, "");
    plugin_give(&p, "auto");
    plugin_run(&p);
    assert_variable(p.res.env_user, "PATH", "/usr/bin:/bin");
    assert_variable(p.res.env_user, "LD_PRELOAD", NULL);
    assert_variable(p.res.env_user, "NESTSAFE_DEPTH", "1");
    assert_variable(p.res.env, "NESTSAFE_DEPTH", NULL); /* nothing before user_init */
    end(&p);
}

static void test_several_tasks(void **state)
{
    struct play p;

    (void)state;
    plugin_prepare(&p, HOST_REMOTE, "");
    plugin_give(&p, "job");
    p.sc.node_tasks = 3;
    p.sc.total_tasks = 6;
    p.sc.first_task = 3;
    p.sc.node_id = 1;
    p.sc.nnodes = 2;
    p.sc.mpi_task = L("PMIX_RANK=%t", "PMIX_NAMESPACE=slurm.pmix.1001.0");
    plugin_run(&p);
    assert_silent(&p.res);
    assert_int_equal(p.res.n_tasks, 3);
    for (int t = 0; t < 3; t++) {
        assert_variable(TASK_ENV(&p, t), "NESTSAFE_MODE", "job");
        assert_variable(TASK_ENV(&p, t), "NESTSAFE_DEPTH", "1");
        assert_variable(TASK_ENV(&p, t), "PATH", TEST_LAUNCHERS ":/usr/bin:/bin");
        assert_variable(TASK_ENV(&p, t), "LD_PRELOAD", TEST_GUARD);
        assert_variable(TASK_ENV(&p, t), "PMIX_RANK", t == 0 ? "3" : t == 1 ? "4" : "5");
    }
    end(&p);
}

static void test_keys_that_launchers_must_know(void **state)
{
    struct play p;
    char args[8400];
    const char *rules = file_make("site.rules", "MY_TUNE restore the site's own\n");

    (void)state;
    snprintf(args, sizeof(args), "max_depth=3 rules=%s", rules);
    plugin_prepare(&p, HOST_REMOTE, args);
    plugin_give(&p, "auto");
    p.sc.env = L("PATH=/bin", "MY_TUNE=7");
    plugin_run(&p);
    assert_silent(&p.res);
    assert_variable(TASK_ENV(&p, 0), "NESTSAFE_MAX_DEPTH", "3");
    assert_variable(TASK_ENV(&p, 0), "NESTSAFE_RULES", rules);
    assert_variable(TASK_ENV(&p, 0), "NESTSAFE_BASELINE", "MY_TUNE=7;");
    end(&p);
    /* Another site's, inherited at submission, do not count here. */
    plugin_prepare(&p, HOST_REMOTE, "");
    plugin_give(&p, "auto");
    p.sc.env = L("PATH=/bin", "NESTSAFE_MAX_DEPTH=900", "NESTSAFE_MODE=off", "NESTSAFE_DEPTH=x");
    plugin_run(&p);
    assert_armed(&p, "auto");
    assert_variable(TASK_ENV(&p, 0), "NESTSAFE_MAX_DEPTH", NULL);
    assert_variable(TASK_ENV(&p, 0), "NESTSAFE_DEPTH", "1");
    end(&p);
}

/* The site has taken its rules away since the job around was armed. */
static void test_inherited_rules(void **state)
{
    struct play p;

    (void)state;
    plugin_prepare(&p, HOST_REMOTE, "");
    plugin_give(&p, "auto");
    p.sc.env = L("PATH=/bin", "NESTSAFE_RULES=/nowhere/site.rules");
    plugin_run(&p);
    assert_armed(&p, "auto");
    assert_variable(TASK_ENV(&p, 0), "NESTSAFE_RULES", NULL);
    end(&p);
}

static void test_armed_once_whatever_happened_before(void **state)
{
    struct play outer, inner;

    (void)state;
    plugin_prepare(&outer, HOST_REMOTE, "");
    plugin_give(&outer, "auto");
    outer.sc.step = HOST_STEP_BATCH;
    outer.sc.env = L("PATH=/bin", TWIN "=auto", "LD_PRELOAD=/x/own.so");
    plugin_run(&outer);
    plugin_prepare(&inner, HOST_REMOTE, "");
    inner.sc.env = (const char *const *)TASK_ENV(&outer, 0);
    inner.sc.step_id = 4;
    plugin_run(&inner);
    assert_variable(TASK_ENV(&inner, 0), "PATH", TEST_LAUNCHERS ":/bin");
    assert_variable(TASK_ENV(&inner, 0), "LD_PRELOAD", "/x/own.so:" TEST_GUARD);
    assert_variable(TASK_ENV(&inner, 0), "NESTSAFE_DEPTH", "1");
    assert_variable(TASK_ENV(&inner, 0), "NESTSAFE_LAUNCH", "0:1001.4");
    end(&inner);
    end(&outer);
}

/* The task prolog comes after task_init, and may say otherwise. */
static void test_task_prolog_has_the_last_word(void **state)
{
    struct play p;

    (void)state;
    plugin_prepare(&p, HOST_REMOTE, "");
    plugin_give(&p, "auto");
    p.sc.task_prolog = L("LD_PRELOAD");
    plugin_run(&p);
    assert_variable(TASK_ENV(&p, 0), "LD_PRELOAD", NULL);
    assert_variable(TASK_ENV(&p, 0), "NESTSAFE_MODE", "auto");
    end(&p);
}

static void test_two_copies(void **state)
{
    const char *copy = plugin_copy();

    (void)state;
    for (int i = 0; i < 2 * HOST_RELEASES; i += host_stride()) {
        const char *second = i % 2 ? copy : NULL;
        struct play user, step, daemon;

        plugin_prepare(&user, HOST_LOCAL, "");
        plugin_add(&user, second, "");
        user.sc.release = (enum host_release)(i / 2);
        user.sc.args = L("--" OPTION "=node", "true");
        user.sc.env = L("PATH=/bin", "OMPI_MCA_btl=tcp", "LD_PRELOAD=/x/own.so");
        plugin_run(&user);
        assert_int_equal(host_count_calls(&user.res, HOST_INIT), 2);
        assert_silent(&user.res);
        plugin_prepare(&step, HOST_REMOTE, "max_depth=5");
        plugin_add(&step, second, "max_depth=5");
        plugin_run_after(&user, &step);
        assert_silent(&step.res);
        assert_armed(&step, "node");
        assert_variable(TASK_ENV(&step, 0), "PATH", TEST_LAUNCHERS ":/bin");
        assert_variable(TASK_ENV(&step, 0), "LD_PRELOAD", "/x/own.so:" TEST_GUARD);
        assert_variable(TASK_ENV(&step, 0), "NESTSAFE_DEPTH", "1");
        assert_variable(TASK_ENV(&step, 0), "NESTSAFE_BASELINE", "OMPI_MCA_btl=tcp;");
        end(&step);
        end(&user);
        plugin_prepare(&daemon, HOST_SLURMD, "");
        plugin_add(&daemon, second, "");
        plugin_run(&daemon);
        assert_silent(&daemon.res);
        end(&daemon);
    }
}

/* Of two lines for the same file the first counts, the second is not even read. */
static void test_listed_twice(void **state)
{
    struct play p;

    (void)state;
    plugin_prepare(&p, HOST_REMOTE, "default=node");
    plugin_add(&p, NULL, "default=deny nonsense");
    plugin_run(&p);
    assert_armed(&p, "node");
    assert_int_equal(count_messages(&p.res, HOST_LOG_VERBOSE, "listed more than once"), 1);
    end(&p);
}

static void test_no_guard(void **state)
{
    struct play p;

    assert_int_equal(unlink(TEST_GUARD), 0);
    plugin_prepare(&p, HOST_REMOTE, "");
    plugin_give(&p, "auto");
    p.sc.env = L("PATH=/bin", "LD_PRELOAD=/x/own.so");
    plugin_run(&p);
    assert_silent(&p.res);
    assert_armed(&p, "auto");
    assert_variable(TASK_ENV(&p, 0), "LD_PRELOAD", "/x/own.so");
    end(&p);
    installation_make(state);
}

static void test_no_launchers(void **state)
{
    for (int mode = 0; mode < 2; mode++) { /* none; one that cannot be executed */
        struct play p;

        assert_int_equal(mode ? chmod(FIRST_LAUNCHER, 0644) : unlink(FIRST_LAUNCHER), 0);
        plugin_prepare(&p, HOST_REMOTE, "");
        plugin_give(&p, "auto");
        p.sc.node_tasks = p.sc.total_tasks = 3;
        plugin_run(&p);
        /* Once a node, not once a task. */
        assert_one_error(&p.res, "nestsafe: inactive for this task: it cannot run " FIRST_LAUNCHER,
                         true);
        for (int t = 0; t < 3; t++) {
            assert_variable(TASK_ENV(&p, t), "PATH", "/usr/bin:/bin");
            assert_variable(TASK_ENV(&p, t), "LD_PRELOAD", NULL);
            assert_variable(TASK_ENV(&p, t), "NESTSAFE_MODE", NULL);
        }
        end(&p);
        /* Who did not ask for it does not need to know. */
        plugin_prepare(&p, HOST_REMOTE, "default=auto preload=always");
        plugin_run(&p);
        assert_silent(&p.res);
        assert_variable(TASK_ENV(&p, 0), "PATH", "/usr/bin:/bin");
        assert_variable(TASK_ENV(&p, 0), "LD_PRELOAD", NULL);
        end(&p);
        installation_make(state);
    }
}

/* Root could read these files; the task, which runs as a user, cannot. */
static void test_files_that_only_root_can_use(void **state)
{
    struct play p;

    if (geteuid() != 0) {
        print_message("# left out: %s: not root\n", __func__);
        return;
    }
    assert_int_equal(chmod(TEST_GUARD, 0600), 0);
    for (int closed = 0; closed < 2; closed++) {
        assert_int_equal(chmod(FIRST_LAUNCHER, closed ? 0700 : 0755), 0);
        plugin_prepare(&p, HOST_REMOTE, "");
        plugin_give(&p, "auto");
        p.sc.check_leaks =
            false; /* LeakSanitizer needs ptrace, which another user's task refuses */
        p.sc.uid = p.sc.gid = 65534;
        p.sc.switch_user = true;
        plugin_run(&p);
        assert_variable(TASK_ENV(&p, 0), "LD_PRELOAD", NULL);
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_MODE", closed ? NULL : "auto");
        if (closed)
            assert_one_error(&p.res, "it cannot run " FIRST_LAUNCHER, true);
        end(&p);
    }
    assert_int_equal(chmod(FIRST_LAUNCHER, 0755), 0);
    installation_make(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_armed_task),
        cmocka_unit_test(test_path),
        cmocka_unit_test(test_preload),
        cmocka_unit_test(test_only_the_task_gets_path_and_guard),
        cmocka_unit_test(test_several_tasks),
        cmocka_unit_test(test_keys_that_launchers_must_know),
        cmocka_unit_test(test_inherited_rules),
        cmocka_unit_test(test_armed_once_whatever_happened_before),
        cmocka_unit_test(test_task_prolog_has_the_last_word),
        cmocka_unit_test(test_two_copies),
        cmocka_unit_test(test_listed_twice),
        cmocka_unit_test_setup(test_no_guard, installation_make),
        cmocka_unit_test_setup(test_no_launchers, installation_make),
        cmocka_unit_test_setup(test_files_that_only_root_can_use, installation_make),
    };

    play_begin();
    return cmocka_run_group_tests_name("plugin_arm", tests, installation_make, installation_remove);
}
