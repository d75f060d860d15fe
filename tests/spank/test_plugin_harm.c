/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin on the fake SPANK host: whatever happens, no job fails by it and no node is drained.
 */
#include "plugin.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A job that a rank submitted: all of the plugin's code has something to do. */
static const char *const rank_environment[] = {"PATH=/usr/bin:/bin",
                                               "OMPI_COMM_WORLD_RANK=0",
                                               "OMPI_COMM_WORLD_RANK=1",
                                               "OMPI_MCA_ess_base_jobid=1",
                                               "PMIX_NAMESPACE=1",
                                               "PMIX_RANK=0",
                                               "OMPI_MCA_btl=self",
                                               "LD_PRELOAD=/x/own.so",
                                               "NESTSAFE_BASELINE=OMPI_MCA_btl=tcp;HYDRA_RMK=x;",
                                               "NESTSAFE_DEPTH=1",
                                               "NESTSAFE_LAUNCH=1:2:0:node",
                                               "nonsense",
                                               NULL};

static const char *const lines[] = {
    "",         "default=auto preload=always max_depth=3", "default=deny allow=deny", "default=off",
    "nonsense", "default=node rules=/nowhere/site.rules",
};

/* Every context, kind of step, release, kind of line, and contain_spank; number counts them all
 * through. False at the end. */
static bool nth(struct play *p, size_t number)
{
    static const struct {
        enum host_context context;
        enum host_step step;
    } places[] = {
        {HOST_LOCAL, 0},
        {HOST_ALLOCATOR, 0},
        {HOST_REMOTE, HOST_STEP_SRUN},
        {HOST_REMOTE, HOST_STEP_BATCH},
        {HOST_REMOTE, HOST_STEP_INTERACTIVE},
        {HOST_REMOTE, HOST_STEP_EXTERN},
        {HOST_SLURMD, 0},
        {HOST_PROLOG, 0},
        {HOST_EPILOG, 0},
    };
    /* Valgrind takes its time: some of them, but each pair of conditions. */
    size_t n = number * (getenv("HOST_TEST_VALGRIND") ? 11 : 1);
    size_t place = n % COUNT(places);
    size_t release = n / COUNT(places) % HOST_RELEASES;
    size_t kind = n / COUNT(places) / HOST_RELEASES;
    char args[4000];

    if (kind >= COUNT(lines) * 4)
        return false;
    snprintf(args, sizeof(args), "%s", lines[kind / 4]);
    plugin_prepare(p, places[place].context, args);
    if (kind % 2)
        memcpy(p->line[0], "required", strlen("required"));
    p->sc.step = places[place].step;
    p->sc.release = (enum host_release)release;
    p->sc.contain_spank = kind / 2 % 2;
    p->sc.env = rank_environment;
    /* LeakSanitizer takes its time. */
    p->sc.check_leaks = p->sc.release == HOST_22_05 || p->sc.release == HOST_26_05;
    return true;
}

/* Contained hooks exist in tasks only, and from 24.05 on: else they would be the same runs again.
 */
static bool worthwhile(const struct play *p)
{
    return !p->sc.contain_spank || (p->sc.context == HOST_REMOTE && p->sc.release >= HOST_24_05);
}

static void test_nothing_asked(void **state)
{
    struct play p;

    (void)state;
    for (size_t n = 0; nth(&p, n); n++) {
        if (!worthwhile(&p))
            continue;
        p.sc.mpi_task = L("PMI_RANK=%t", "PMI_FD=9");
        plugin_run(&p);
        end(&p);
    }
}

static void test_asked(void **state)
{
    struct play p;

    (void)state;
    for (size_t n = 0; nth(&p, n); n++) {
        if (!worthwhile(&p))
            continue;
        p.sc.args = L("--" OPTION "=deny", "true");
        plugin_give(&p, "deny");
        p.sc.node_tasks = 2;
        p.sc.total_tasks = 2;
        p.sc.job_control = L(OPTION_VARIABLE "=deny");
        plugin_run(&p);
        if (p.sc.context == HOST_REMOTE && p.sc.step != HOST_STEP_EXTERN &&
            strstr(p.line[0], "max_depth=3"))
            assert_variable(TASK_ENV(&p, 0), "NESTSAFE_MODE",
                            p.sc.step == HOST_STEP_BATCH ? "auto" : "deny");
        end(&p);
    }
}

/* A wrong MODE is refused where a command is typed, and nowhere else. */
static void test_wrong_mode_in_every_place(void **state)
{
    struct play p;

    (void)state;
    for (size_t n = 0; nth(&p, n); n++) {
        bool command = p.sc.context == HOST_LOCAL || p.sc.context == HOST_ALLOCATOR;

        if (!worthwhile(&p) || n % 2) /* not each combination: time */
            continue;
        p.sc.args = L("--" OPTION "=some", "true");
        plugin_give(&p, "some");
        p.sc.job_control = L(OPTION_VARIABLE "=some");
        run(&p);
        assert_int_equal(p.res.refused, command);
        assert_false(p.res.failed || p.res.drained || p.res.leaked);
        for (size_t i = 0; i < p.res.n_calls; i++)
            assert_int_equal(p.res.calls[i].rc, 0);
        for (size_t t = 0; t < p.res.n_tasks; t++)
            assert_true(p.res.tasks[t].execed);
        end(&p);
    }
}

/* A wrong twin on the node: no process of Slurm's may end by it. */
static void test_wrong_twin_in_steps(void **state)
{
    struct play p;

    (void)state;
    for (size_t n = 0; nth(&p, n); n++) {
        if (!worthwhile(&p) || p.sc.context != HOST_REMOTE)
            continue;
        p.sc.env = L("PATH=/bin", TWIN "=some", OPTION_VARIABLE "=other");
        run(&p);
        assert_false(p.res.failed || p.res.drained);
        for (size_t i = 0; i < p.res.n_calls; i++)
            assert_int_equal(p.res.calls[i].rc, 0);
        end(&p);
    }
}

static void test_odd_jobs(void **state)
{
    struct play p;

    (void)state;
    /* No environment at all; no command (Slurm does not execute that). */
    plugin_prepare(&p, HOST_REMOTE, "default=auto");
    p.sc.env = NULL;
    p.sc.argv = L("/bin/true");
    plugin_run(&p);
    assert_variable(TASK_ENV(&p, 0), "NESTSAFE_MODE", "auto");
    end(&p);
    plugin_prepare(&p, HOST_REMOTE, "default=auto");
    p.sc.argv = (const char *const[]){NULL};
    run(&p);
    assert_int_equal(p.res.tasks[0].status, 2 << 8);
    end(&p);
    /* A command that is not there, and one that fails. */
    plugin_prepare(&p, HOST_REMOTE, "default=auto");
    p.sc.argv = L("sh", "-c", "exit 7");
    p.sc.real_exec = true;
    p.sc.contain_spank = true;
    p.sc.release = HOST_26_05;
    run(&p);
    assert_int_equal(p.res.tasks[0].status, 7 << 8);
    assert_false(p.res.failed || p.res.drained);
    assert_int_equal(host_count_calls(&p.res, HOST_EXIT), 1);
    end(&p);
}

/* A real task: neither the loader nor the shell has anything to complain about. */
static void test_real_task(void **state)
{
    struct play p;

    (void)state;
    plugin_prepare(&p, HOST_REMOTE, "default=auto");
    p.sc.argv = L("sh", "-c",
                  "test \"$NESTSAFE_MODE\" = auto && test -z \"$LD_PRELOAD\" && "
                  "test \"$(command -v mpirun)\" = " FIRST_LAUNCHER);
    p.sc.real_exec = true;
    plugin_run(&p);
    assert_silent(&p.res);
    end(&p);
}

static void test_files_are_missing(void **state)
{
    struct play p;

    assert_int_equal(unlink(TEST_GUARD), 0);
    assert_int_equal(unlink(FIRST_LAUNCHER), 0);
    for (size_t n = 0; nth(&p, n); n++) {
        if (!worthwhile(&p) || p.sc.context != HOST_REMOTE)
            continue;
        plugin_give(&p, "deny");
        plugin_run(&p);
        for (size_t t = 0; t < p.res.n_tasks; t++) {
            assert_variable(TASK_ENV(&p, t), "PATH", "/usr/bin:/bin");
            assert_variable(TASK_ENV(&p, t), "LD_PRELOAD", "/x/own.so");
        }
        end(&p);
    }
    installation_make(state);
}

/* Its own process ends with status 0, so that sanitizers and valgrind have looked at all of it. */
static void test_unloads_cleanly(void **state)
{
    struct play p;

    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        plugin_prepare(&p, HOST_REMOTE, "default=auto rules=/a rules=/b rules=/c");
        p.sc.keep_loaded = keep;
        plugin_run(&p);
        assert_false(p.res.leaked);
        end(&p);
    }
}

static void test_exports(void **state)
{
    static const char *const data[] = {"plugin_name", "plugin_type", "plugin_version",
                                       "spank_plugin_version", NULL};
    char path[4200];
    char **names;

    (void)state;
    snprintf(path, sizeof(path), "%s/nestsafe-test.so", dir);
    assert_int_equal(host_stray_exports(path, &names), 0);
    host_strv_free(names);
    assert_true(host_symbols(path, true, &names) > 4);
    for (char **name = names; *name; name++) {
        const char *const *known = data;

        while (*known && strcmp(*known, *name) != 0)
            known++;
        if (!*known && strncmp(*name, "slurm_spank_", 12) != 0 &&
            strncmp(*name, "__odr_asan", 10) != 0 && strncmp(*name, "__gcov", 6) != 0)
            fail_msg("exports %s", *name);
    }
    host_strv_free(names);
}

/* Everything it needs is there when it is loaded, and no thread is among it. */
static void test_imports(void **state)
{
    char path[4200];
    char **names;
    void *handle;

    (void)state;
    snprintf(path, sizeof(path), "%s/nestsafe-test.so", dir);
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        fail_msg("%s", dlerror());
    dlclose(handle);
    assert_true(host_symbols(path, false, &names) > 4);
    for (char **name = names; *name; name++) {
        static const char *const never[] = {
            "pthread_create", "vfork",  "system",  "popen",  "slurm_load_job", "slurm_load_jobs",
            "putenv",         "setuid", "seteuid", "signal", "sigaction",      "abort"};

        for (size_t i = 0; i < COUNT(never); i++)
            if (strcmp(*name, never[i]) == 0)
                fail_msg("needs %s", *name);
    }
    host_strv_free(names);
}

static void test_hooks(void **state)
{
    struct play p;

    (void)state;
    plugin_prepare(&p, HOST_REMOTE, "");
    plugin_run(&p);
    assert_false(p.res.plugins[0].has_init || p.res.plugins[0].has_fini);
    assert_string_equal(p.res.plugins[0].name, "nestsafe");
    /* A hook in a prolog or epilog could drain the node, and there is nothing to do there. */
    assert_false(p.res.plugins[0].hooks & (1 << HOST_JOB_PROLOG | 1 << HOST_JOB_EPILOG));
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_asked),
        cmocka_unit_test(test_asked),
        cmocka_unit_test(test_wrong_mode_in_every_place),
        cmocka_unit_test(test_wrong_twin_in_steps),
        cmocka_unit_test(test_odd_jobs),
        cmocka_unit_test(test_real_task),
        cmocka_unit_test_setup(test_files_are_missing, installation_make),
        cmocka_unit_test(test_unloads_cleanly),
        cmocka_unit_test(test_exports),
        cmocka_unit_test(test_imports),
        cmocka_unit_test(test_hooks),
    };

    play_begin();
    return cmocka_run_group_tests_name("plugin_harm", tests, installation_make,
                                       installation_remove);
}
