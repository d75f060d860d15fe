/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin on the fake SPANK host: what is handed on from sbatch and salloc to the steps inside.
 */
#include "plugin.h"

#include <stdio.h>
#include <string.h>

/* The environment of a shell in the job: what it was executed with, and what it has set since.
 * list has room for 64 entries. */
static const char *const *shell(const char **list, char *const *env, const char *name,
                                const char *setting)
{
    size_t n = 0;

    for (; *env; env++) {
        assert_true(n < 60);
        if (strncmp(*env, name, strlen(name)) != 0 || (*env)[strlen(name)] != '=')
            list[n++] = *env;
    }
    list[n++] = setting;
    list[n] = NULL;
    return list;
}

static void test_twin_is_set_only_where_needed(void **state)
{
    static const struct {
        const char *site, *twin, *option, *after;
    } cases[] = {
        {"", NULL, NULL, NULL},
        {"default=auto", NULL, NULL, NULL},
        {"default=audit", NULL, "audit", NULL},
        {"default=off", NULL, "off", NULL},
        {"default=audit", NULL, "off", "off"},
        {"default=off", NULL, "audit", "audit"},
        {"default=audit", NULL, "auto", "auto"},
        /* Armed by the site's default is armed without the guard; asked for is with it. */
        {"default=auto", NULL, "auto", "auto"},
        {"default=auto", NULL, "deny", "deny"},
        {"", TWIN "=", "audit", NULL},
        {"", TWIN "=", "job", "job"},
        {"", TWIN "=job", NULL, "job"},
        {"", TWIN "=job", "job", "job"},
        {"", TWIN "=job", "node", "node"},
        {"", TWIN "=job", "audit", "audit"},
        {"", TWIN "=wrong", "node", "node"},
        {"default=off", TWIN "=audit", "off", "off"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct play p;
        char option[64];
        const char *after = cases[i].after;

        snprintf(option, sizeof(option), "--" OPTION "=%s", cases[i].option ? cases[i].option : "");
        plugin_prepare(&p, HOST_ALLOCATOR, cases[i].site);
        p.sc.env = L("PATH=/bin", "A=1", cases[i].twin);
        p.sc.args = cases[i].option ? L(option, "true") : L("true");
        plugin_run(&p);
        assert_silent(&p.res);
        if (!after && cases[i].twin)
            after = "";
        assert_variable(p.res.environ_after, TWIN, after);
        assert_variable(p.res.environ_after, "A", "1");
        end(&p);
    }
}

/* default=audit and --mpi-nested-safe=audit: the job is what it is without the plugin. */
static void test_asking_for_the_default_changes_nothing(void **state)
{
    static const char *const own[] = {OPTION_VARIABLE, CONTROL_VARIABLE, NULL};
    struct play p, without, step, step_without;

    (void)state;
    plugin_prepare(&p, HOST_ALLOCATOR, "default=audit");
    p.sc.args = L("--" OPTION "=audit", "true");
    plugin_run(&p);
    plugin_prepare(&without, HOST_ALLOCATOR, "");
    plugin_forget(&without);
    plugin_run(&without);
    assert_null(host_env_diff(p.res.environ_after, without.res.environ_after, own));
    plugin_prepare(&step, HOST_REMOTE, "default=audit");
    plugin_prepare(&step_without, HOST_REMOTE, "");
    plugin_forget(&step_without);
    step.sc.step = step_without.sc.step = HOST_STEP_BATCH;
    plugin_run_after(&p, &step);
    plugin_run_after(&without, &step_without);
    /* Slurm's own copy of the option, for prolog and epilog, is the only difference. */
    assert_null(host_env_diff(TASK_ENV(&step, 0), TASK_ENV(&step_without, 0), own));
    end(&step);
    end(&step_without);
    end(&p);
    end(&without);
}

/* … and the step on a node without the plugin has it: its job can see that it asked in vain. */
static void test_srun_sets_the_twin_and_nothing_else(void **state)
{
    /* Slurm's own copies of the option, and ours. */
    static const char *const known[] = {OPTION_VARIABLE, CONTROL_VARIABLE, TWIN, NULL};
    struct play p, without, step;

    (void)state;
    plugin_prepare(&without, HOST_LOCAL, "");
    plugin_forget(&without);
    plugin_run(&without);
    for (int i = 0; i < 2; i++) {
        plugin_prepare(&p, HOST_LOCAL, "");
        p.sc.args = L(i ? "--" OPTION "=audit" : "--" OPTION "=node", "true");
        plugin_run(&p);
        assert_null(host_env_diff(p.res.environ_after, without.res.environ_after, known));
        assert_variable(p.res.environ_after, TWIN, i ? NULL : "node");
        assert_int_equal(p.res.n_forwarded, 1);
        assert_string_equal(p.res.forwarded[0].value, i ? "audit" : "node");
        plugin_prepare(&step, HOST_REMOTE, "");
        plugin_forget(&step);
        plugin_run_after(&p, &step);
        assert_variable(TASK_ENV(&step, 0), TWIN, i ? NULL : "node");
        assert_variable(TASK_ENV(&step, 0), "NESTSAFE_MODE", NULL);
        end(&step);
        end(&p);
    }
    end(&without);
}

/* The twin takes its place, so that it reaches the step whatever --export says. */
static void test_the_twin_beats_an_inherited_option(void **state)
{
    (void)state;
    for (enum host_release r = 0; r < HOST_RELEASES; r += host_stride())
        for (int i = 0; i < 2; i++) {
            struct play p;

            plugin_prepare(&p, i ? HOST_ALLOCATOR : HOST_LOCAL, "");
            p.sc.release = r;
            p.sc.env = L("PATH=/bin", CONTROL_VARIABLE "=job", OPTION_VARIABLE "=job",
                         "_SLURM_SPANK_OPTION_other_x=1", "SLURM_SPANK_other=2", TWIN "=node");
            plugin_run(&p);
            assert_silent(&p.res);
            assert_callbacks(&p.res, OPTION "=node/0");
            if (i == 0) { /* sbatch and salloc themselves hand it on in their environment */
                assert_int_equal(p.res.n_forwarded, 1);
                assert_variable(p.res.environ_after, CONTROL_VARIABLE, NULL);
            }
            assert_variable(p.res.environ_after, TWIN, "node");
            /* Other plugins' are theirs. */
            assert_variable(p.res.environ_after, "_SLURM_SPANK_OPTION_other_x", "1");
            assert_variable(p.res.environ_after, "SLURM_SPANK_other", "2");
            end(&p);
            /* What is typed now is another matter. */
            p.sc.args = L("--" OPTION "=deny", "true");
            plugin_run(&p);
            assert_callbacks(&p.res, OPTION "=node/0 " OPTION "=deny/0");
            end(&p);
        }
}

/* A value that a newer release of the plugin handed on must not keep an older srun from running. */
static void test_inherited_nonsense_is_forgotten(void **state)
{
    struct play p;

    (void)state;
    plugin_prepare(&p, HOST_LOCAL, "");
    p.sc.env = L("PATH=/bin", CONTROL_VARIABLE "=some", OPTION_VARIABLE "=some");
    plugin_run(&p);
    assert_silent(&p.res);
    end(&p);
}

struct inner {
    const char *setting; /* in the script, before srun */
    const char *option;  /* srun's */
    const char *mode;    /* what its step is armed with */
};

/* sbatch ARGS, its batch step, an srun in there, and its step. */
static void follow(enum host_release release, const char *site, const char *option,
                   const char *batch_mode, const struct inner *inner)
{
    struct play user, batch, srun, step;
    const char *room[64];

    plugin_prepare(&user, HOST_ALLOCATOR, site);
    user.sc.release = release;
    user.sc.args = L(option, "job.sh");
    plugin_run(&user);
    plugin_prepare(&batch, HOST_REMOTE, site);
    batch.sc.step = HOST_STEP_BATCH;
    plugin_run_after(&user, &batch);
    assert_armed(&batch, batch_mode);
    if (batch_mode)
        assert_variable(TASK_ENV(&batch, 0), "NESTSAFE_DEPTH", "0");
    plugin_prepare(&srun, HOST_LOCAL, site);
    srun.sc.release = release;
    srun.sc.env = inner->setting ? shell(room, TASK_ENV(&batch, 0), TWIN, inner->setting)
                                 : (const char *const *)TASK_ENV(&batch, 0);
    srun.sc.args = inner->option ? L(inner->option, "true") : L("true");
    plugin_run(&srun);
    assert_silent(&srun.res);
    plugin_prepare(&step, HOST_REMOTE, site);
    plugin_run_after(&srun, &step);
    assert_silent(&step.res);
    if (inner->mode || !batch_mode) {
        assert_armed(&step, inner->mode);
    } else {
        const char *said = host_env_get(TASK_ENV(&step, 0), "NESTSAFE_MODE");

        assert_true(strcmp(said, "audit") == 0 || strcmp(said, "off") == 0);
    }
    if (inner->mode)
        assert_variable(TASK_ENV(&step, 0), "NESTSAFE_DEPTH", "1");
    end(&step);
    end(&srun);
    end(&batch);
    end(&user);
}

static void test_script_inside_sbatch(void **state)
{
    static const struct inner inner[] = {
        {NULL, NULL, "job"},
        {TWIN "=deny", NULL, "deny"},
        {TWIN "=off", NULL, NULL},
        {NULL, "--" OPTION "=node", "node"},
        {NULL, "--" OPTION, "auto"},
        {TWIN "=deny", "--" OPTION "=node", "node"},
        {NULL, "--" OPTION "=audit", NULL},
        {TWIN "=", NULL, NULL}, /* back to the site's default, audit */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(inner); i++)
        for (enum host_release r = 0; r < HOST_RELEASES; r += host_stride()) {
            follow(r, "", "--" OPTION "=job", "job", &inner[i]);
            if (!inner[i].option && inner[i].setting && !inner[i].mode)
                continue;
            /* Nothing asked, nothing changed, until something inside asks. */
            if (inner[i].setting || inner[i].option)
                follow(r, "", "-n1", NULL, &inner[i]);
        }
}

static void test_script_with_an_armed_default(void **state)
{
    static const struct inner inner[] = {
        {NULL, NULL, NULL},
        {TWIN "=job", NULL, "job"},
        {TWIN "=", NULL, "auto"},
        {NULL, "--" OPTION "=deny", "deny"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(inner); i++)
        follow(HOST_22_05, "default=auto", "--" OPTION "=off", NULL, &inner[i]);
}

/*
 * With --export=NONE the twin does not reach the job, so what sbatch was told must come by what
 * Slurm still passes on: the option itself from 23.11 on, before that only SLURM_*.
 */
static void test_export_none(void **state)
{
    (void)state;
    for (enum host_release r = 0; r < HOST_RELEASES; r += host_stride()) {
        struct play user, batch, srun, step;
        const char *room[64];

        plugin_prepare(&user, HOST_ALLOCATOR, "");
        user.sc.release = r;
        user.sc.args = L("--export=NONE", "--" OPTION "=job", "job.sh");
        user.sc.export_none = true;
        plugin_run(&user);
        plugin_prepare(&batch, HOST_REMOTE, "");
        batch.sc.step = HOST_STEP_BATCH;
        plugin_run_after(&user, &batch);
        if (r >= HOST_23_11)
            assert_variable(TASK_ENV(&batch, 0), "NESTSAFE_MODE", "job");
        plugin_prepare(&srun, HOST_LOCAL, "");
        srun.sc.release = r;
        srun.sc.env = (const char *const *)TASK_ENV(&batch, 0);
        plugin_run(&srun);
        plugin_prepare(&step, HOST_REMOTE, "");
        plugin_run_after(&srun, &step);
        if (!host_env_get(TASK_ENV(&step, 0), "NESTSAFE_MODE"))
            fail_msg("%s: lost on its way to the step", host_release_name(r));
        assert_variable(TASK_ENV(&step, 0), "NESTSAFE_MODE", "job");
        end(&step);
        end(&srun);
        /* The script changes its mind. */
        plugin_prepare(&srun, HOST_LOCAL, "");
        srun.sc.release = r;
        srun.sc.env = shell(room, TASK_ENV(&batch, 0), TWIN, TWIN "=deny");
        plugin_run(&srun);
        plugin_prepare(&step, HOST_REMOTE, "");
        plugin_run_after(&srun, &step);
        assert_variable(TASK_ENV(&step, 0), "NESTSAFE_MODE", "deny");
        end(&step);
        end(&srun);
        end(&batch);
        end(&user);
    }
}

/* srun --export=NONE: the launch message has the option. */
static void test_export_none_of_srun(void **state)
{
    (void)state;
    for (enum host_release r = 0; r < HOST_RELEASES; r += host_stride()) {
        struct play srun, step;

        plugin_prepare(&srun, HOST_LOCAL, "");
        srun.sc.release = r;
        srun.sc.args = L("--export=NONE", "--" OPTION "=node", "true");
        srun.sc.export_none = true;
        plugin_run(&srun);
        plugin_prepare(&step, HOST_REMOTE, "");
        plugin_run_after(&srun, &step);
        assert_variable(TASK_ENV(&step, 0), "NESTSAFE_MODE", "node");
        assert_variable(TASK_ENV(&step, 0), TWIN, "node");
        assert_variable(TASK_ENV(&step, 0), "HOME", NULL);
        end(&step);
        end(&srun);
    }
}

/* salloc: its shell runs where salloc does, or in an interactive step; srun is started in there. */
static void test_salloc(void **state)
{
    struct play user, shell_step, srun, step;
    const char *room[64];

    (void)state;
    plugin_prepare(&user, HOST_ALLOCATOR, "");
    user.sc.args = L("--" OPTION "=node");
    plugin_run(&user);
    plugin_prepare(&srun, HOST_LOCAL, "");
    srun.sc.env = shell(room, user.res.environ_after, TWIN, TWIN "=job");
    plugin_run(&srun);
    plugin_prepare(&step, HOST_REMOTE, "");
    plugin_run_after(&srun, &step);
    assert_armed(&step, "job");
    end(&step);
    end(&srun);
    plugin_prepare(&shell_step, HOST_REMOTE, "");
    shell_step.sc.step = HOST_STEP_INTERACTIVE;
    plugin_run_after(&user, &shell_step);
    assert_armed(&shell_step, "node");
    assert_variable(TASK_ENV(&shell_step, 0), "NESTSAFE_DEPTH", "0");
    end(&shell_step);
    end(&user);
}

/* Prolog and epilog run whatever was asked, and the plugin has nothing to do there. */
static void test_prolog_and_epilog(void **state)
{
    struct play user, script;

    (void)state;
    plugin_prepare(&user, HOST_ALLOCATOR, "");
    user.sc.args = L("--" OPTION, "job.sh");
    plugin_run(&user);
    for (int i = 0; i < 2; i++) {
        plugin_prepare(&script, i ? HOST_EPILOG : HOST_PROLOG, "");
        plugin_run_after(&user, &script);
        assert_silent(&script.res);
        assert_int_equal(script.res.n_calls, 0);
        end(&script);
    }
    end(&user);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twin_is_set_only_where_needed),
        cmocka_unit_test(test_asking_for_the_default_changes_nothing),
        cmocka_unit_test(test_srun_sets_the_twin_and_nothing_else),
        cmocka_unit_test(test_the_twin_beats_an_inherited_option),
        cmocka_unit_test(test_inherited_nonsense_is_forgotten),
        cmocka_unit_test(test_script_inside_sbatch),
        cmocka_unit_test(test_script_with_an_armed_default),
        cmocka_unit_test(test_export_none),
        cmocka_unit_test(test_export_none_of_srun),
        cmocka_unit_test(test_salloc),
        cmocka_unit_test(test_prolog_and_epilog),
    };

    play_begin();
    return cmocka_run_group_tests_name("plugin_chain", tests, installation_make,
                                       installation_remove);
}
