/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin on the fake SPANK host: what a user may ask for, and what is refused. */
#include "plugin.h"

#include <stdio.h>
#include <string.h>

static const char *const modes[] = {"auto", "node", "job", "audit", "deny", "off"};

static const char *armed_with(const char *mode)
{
    return strcmp(mode, "audit") == 0 || strcmp(mode, "off") == 0 ? NULL : mode;
}

static void test_every_mode_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(modes); i++) {
        struct play p;
        char option[64];

        snprintf(option, sizeof(option), "--" OPTION "=%s", modes[i]);
        for (int allocator = 0; allocator < 2; allocator++) {
            plugin_prepare(&p, allocator ? HOST_ALLOCATOR : HOST_LOCAL, "");
            p.sc.args = L(option, "true");
            plugin_run(&p);
            assert_silent(&p.res);
            assert_int_equal(p.res.n_callbacks, 1);
            end(&p);
        }
        plugin_prepare(&p, HOST_REMOTE, "");
        plugin_give(&p, modes[i]);
        plugin_run(&p);
        assert_silent(&p.res);
        assert_armed(&p, armed_with(modes[i]));
        /* Steps further inside learn it by the twin, unless it is the site's default anyway. */
        assert_variable(TASK_ENV(&p, 0), TWIN, strcmp(modes[i], "audit") == 0 ? NULL : modes[i]);
        end(&p);
    }
}

static void test_wrong_mode_is_refused(void **state)
{
    static const char *const wrong[] = {"some", "AUTO",   "auto,node", "auto ",
                                        "1",    "(none)", "deny\tit"};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong) * HOST_RELEASES * 2; i += host_stride()) {
        const char *value = wrong[i % COUNT(wrong)];
        bool allocator = i / COUNT(wrong) % 2;
        struct play p;
        char option[64], says[256];

        snprintf(option, sizeof(option), "--" OPTION "=%s", value);
        snprintf(says, sizeof(says), "nestsafe: --" OPTION ": invalid mode '%s'; valid are " MODES,
                 strchr(value, '\t') ? "deny?it" : value);
        plugin_prepare(&p, allocator ? HOST_ALLOCATOR : HOST_LOCAL, "");
        p.sc.release = (enum host_release)(i / COUNT(wrong) / 2);
        p.sc.args = L(option, "true");
        run(&p);
        assert_true(p.res.refused);
        assert_null(p.res.environ_after);
        assert_one_error(&p.res, says, true);
        assert_false(p.res.leaked);
        end(&p);
    }
}

static void test_long_wrong_mode_is_cut(void **state)
{
    struct play p;
    char option[3000] = "--" OPTION "=";

    (void)state;
    memset(option + strlen(option), 'x', 2000);
    plugin_prepare(&p, HOST_LOCAL, "");
    p.sc.args = L(option, "true");
    run(&p);
    assert_true(p.res.refused);
    assert_one_error(&p.res, "invalid mode 'xxxx", true);
    assert_one_error(&p.res, "valid are " MODES, true);
    assert_true(strlen(host_find_log(&p.res, HOST_LOG_ERROR, "valid are")->text) < 300);
    end(&p);
}

static void test_no_value_means_auto(void **state)
{
    static const char *const values[] = {NULL, "", "(null)"};

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++)
        for (enum host_release r = 0; r < HOST_RELEASES; r += host_stride()) {
            struct play p;

            plugin_prepare(&p, HOST_REMOTE, "");
            p.sc.release = r;
            plugin_give(&p, values[i]);
            plugin_run(&p);
            assert_silent(&p.res);
            assert_int_equal(p.res.callbacks[0].rc, 0);
            assert_armed(&p, "auto");
            end(&p);
            /* A batch step has it from the environment only. */
            plugin_prepare(&p, HOST_REMOTE, "");
            p.sc.release = r;
            p.sc.step = HOST_STEP_BATCH;
            p.sc.env = L("PATH=/bin", i == 2 ? OPTION_VARIABLE "=(null)" : OPTION_VARIABLE "=");
            plugin_run(&p);
            assert_silent(&p.res);
            assert_armed(&p, "auto");
            assert_variable(TASK_ENV(&p, 0), OPTION_VARIABLE, NULL);
            end(&p);
        }
}

static void test_no_value_on_the_command_line(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct play p, step;
        bool empty = i % 2; /* "--mpi-nested-safe=" */

        plugin_prepare(&p, i < 2 ? HOST_LOCAL : HOST_ALLOCATOR, "");
        p.sc.args = L(empty ? "--" OPTION "=" : "--" OPTION, "true");
        plugin_run(&p);
        assert_callbacks(&p.res, empty ? OPTION "=/0" : OPTION "=NULL/0");
        assert_variable(p.res.environ_after, TWIN, "auto");
        plugin_prepare(&step, HOST_REMOTE, "");
        step.sc.step = i < 2 ? HOST_STEP_SRUN : HOST_STEP_BATCH;
        plugin_run_after(&p, &step);
        assert_armed(&step, "auto");
        end(&step);
        end(&p);
    }
    /* "(null)", typed, would be an odd thing to type, but it is what Slurm makes of no value. */
    struct play p;
    plugin_prepare(&p, HOST_LOCAL, "");
    p.sc.args = L("--" OPTION "=(null)", "true");
    plugin_run(&p);
    end(&p);
}

static void test_given_twice(void **state)
{
    struct play p;

    (void)state;
    /* Before 24.05 slurmstepd calls once for the launch message, once for the environment. */
    for (enum host_release r = 0; r < HOST_RELEASES; r += host_stride()) {
        plugin_prepare(&p, HOST_REMOTE, "");
        p.sc.release = r;
        plugin_give(&p, "job");
        p.sc.env = L("PATH=/bin", OPTION_VARIABLE "=job");
        plugin_run(&p);
        assert_int_equal(p.res.n_callbacks, r < HOST_24_05 ? 2 : 1);
        assert_armed(&p, "job");
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_DEPTH", "1");
        assert_silent(&p.res);
        end(&p);
    }
    /* On a command line the last one counts, as with any option. */
    plugin_prepare(&p, HOST_ALLOCATOR, "");
    p.sc.args = L("--" OPTION "=job", "--" OPTION "=deny", "true");
    plugin_run(&p);
    assert_variable(p.res.environ_after, TWIN, "deny");
    end(&p);
    plugin_prepare(&p, HOST_ALLOCATOR, "");
    p.sc.args = L("--" OPTION "=job", "--" OPTION "=wrong", "true");
    run(&p);
    assert_true(p.res.refused);
    end(&p);
}

static void test_option_before_twin_before_default(void **state)
{
    static const struct {
        const char *site, *twin, *option, *mode;
    } cases[] = {
        {"", NULL, NULL, NULL},
        {"default=audit", NULL, NULL, NULL},
        {"default=off", NULL, NULL, NULL},
        {"default=node", NULL, NULL, "node"},
        {"default=deny", NULL, NULL, "deny"},
        {"", TWIN "=", NULL, NULL},
        {"default=job", TWIN "=", NULL, "job"},
        {"", TWIN "=job", NULL, "job"},
        {"default=node", TWIN "=job", NULL, "job"},
        {"default=node", TWIN "=off", NULL, NULL},
        {"default=node", NULL, "auto", "auto"},
        {"default=node", TWIN "=job", "auto", "auto"},
        {"", TWIN "=job", "off", NULL},
        {"", TWIN "=off", "deny", "deny"},
        {"", TWIN "=wrong", "node", "node"},
        {"default=auto", TWIN "=job", "audit", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct play user, step;
        char option[64];
        char *const *env;

        snprintf(option, sizeof(option), "--" OPTION "=%s", cases[i].option ? cases[i].option : "");
        plugin_prepare(&user, HOST_LOCAL, cases[i].site);
        user.sc.env = L("PATH=/bin", "A=1", cases[i].twin);
        user.sc.args = cases[i].option ? L(option, "true") : L("true");
        plugin_run(&user);
        plugin_prepare(&step, HOST_REMOTE, cases[i].site);
        plugin_run_after(&user, &step);
        assert_silent(&step.res);
        assert_armed(&step, cases[i].mode);
        /* A twin never says otherwise than the option: launchers in the step go by it. */
        env = TASK_ENV(&step, 0);
        if (cases[i].option && host_env_get(env, TWIN))
            assert_variable(env, TWIN, cases[i].option);
        end(&step);
        end(&user);
    }
}

static void test_wrong_twin_ends_the_submission(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * HOST_RELEASES; i += host_stride()) {
        struct play p;

        plugin_prepare(&p, i % 2 ? HOST_ALLOCATOR : HOST_LOCAL, "");
        p.sc.release = (enum host_release)(i / 2);
        p.sc.check_leaks = false; /* the plugin ends the process */
        p.sc.env = L("PATH=/bin", TWIN "=some");
        p.sc.args = L("true");
        attempt(&p);
        assert_int_equal(p.res.exit_status, 1);
        assert_null(p.res.environ_after);
        assert_int_equal(host_count_calls(&p.res, HOST_LOCAL_USER_INIT), 0);
        assert_one_error(&p.res, "nestsafe: " TWIN ": invalid mode 'some'; valid are " MODES, true);
        end(&p);
    }
}

/* Too late to refuse: the job runs with the default, and its user is told. */
static void test_wrong_twin_on_the_node(void **state)
{
    struct play p;

    (void)state;
    plugin_prepare(&p, HOST_REMOTE, "default=node");
    p.sc.env = L("PATH=/bin", TWIN "=some");
    plugin_run(&p);
    assert_one_error(&p.res, "nestsafe: " TWIN ": invalid mode 'some'", true);
    assert_one_error(&p.res, "going on with 'node'", true);
    assert_armed(&p, "node");
    assert_variable(TASK_ENV(&p, 0), TWIN, "some");
    end(&p);
}

static void test_allow(void **state)
{
    struct play p;

    (void)state;
    for (size_t i = 0; i < COUNT(modes); i++) {
        bool allowed = i == 0 || i == 3;
        char option[64], says[256];

        snprintf(option, sizeof(option), "--" OPTION "=%s", modes[i]);
        snprintf(says, sizeof(says),
                 "--" OPTION ": mode '%s' is not allowed on this cluster; allowed are auto, audit",
                 modes[i]);
        plugin_prepare(&p, HOST_ALLOCATOR, "allow=audit,auto");
        p.sc.args = L(option, "true");
        run(&p);
        assert_int_equal(p.res.refused, !allowed);
        if (!allowed)
            assert_one_error(&p.res, says, true);
        end(&p);
        /* The twin, too. */
        snprintf(option, sizeof(option), TWIN "=%s", modes[i]);
        plugin_prepare(&p, HOST_ALLOCATOR, "allow=audit,auto");
        p.sc.check_leaks = false;
        p.sc.env = L("PATH=/bin", option);
        attempt(&p);
        assert_int_equal(p.res.exit_status, allowed ? 0 : 1);
        if (!allowed)
            assert_one_error(&p.res, says + 2 + strlen(OPTION), true);
        end(&p);
    }
    /* The message lists what would do, in the case of a mistake as well. */
    plugin_prepare(&p, HOST_LOCAL, "allow=off");
    p.sc.args = L("--" OPTION "=some", "true");
    run(&p);
    assert_one_error(&p.res, "invalid mode 'some'; valid are off", true);
    end(&p);
    /* What users may ask for is not what the site may choose for all. */
    plugin_prepare(&p, HOST_REMOTE, "default=deny allow=auto");
    plugin_run(&p);
    assert_armed(&p, "deny");
    end(&p);
}

/* plugstack.conf differs between the submit host and the node: the node's counts, the job runs, and
 * its user, who asked for protection that is not active, is told. */
static void test_not_allowed_on_the_node(void **state)
{
    struct play p;

    (void)state;
    plugin_prepare(&p, HOST_REMOTE, "allow=audit");
    p.sc.env = L("PATH=/bin", TWIN "=auto");
    plugin_run(&p);
    assert_one_error(&p.res, TWIN ": mode 'auto' is not allowed", true);
    assert_armed(&p, NULL);
    end(&p);
    plugin_prepare(&p, HOST_REMOTE, "allow=audit");
    plugin_give(&p, "auto");
    run(&p);
    assert_true(p.res.tasks[0].execed);
    assert_false(p.res.failed || p.res.drained);
    assert_armed(&p, NULL);
    assert_user_told(&p.res, "mode 'auto' is not allowed");
    end(&p);
}

static void test_option_of_another_plugin(void **state)
{
    struct play p;
    char probe[4200];

    (void)state;
    snprintf(probe, sizeof(probe), "%s/probe.so", dir);
    plugin_prepare(&p, HOST_LOCAL, "");
    plugin_add(&p, probe, "option=yes");
    p.sc.args = L("--probe=x", "--" OPTION "=node", "--probe-flag", "true");
    plugin_run(&p);
    assert_callbacks(&p.res, "probe=x/0 " OPTION "=node/0 probe-flag=NULL/0");
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_mode_is_taken),
        cmocka_unit_test(test_wrong_mode_is_refused),
        cmocka_unit_test(test_long_wrong_mode_is_cut),
        cmocka_unit_test(test_no_value_means_auto),
        cmocka_unit_test(test_no_value_on_the_command_line),
        cmocka_unit_test(test_given_twice),
        cmocka_unit_test(test_option_before_twin_before_default),
        cmocka_unit_test(test_wrong_twin_ends_the_submission),
        cmocka_unit_test(test_wrong_twin_on_the_node),
        cmocka_unit_test(test_allow),
        cmocka_unit_test(test_not_allowed_on_the_node),
        cmocka_unit_test(test_option_of_another_plugin),
    };

    play_begin();
    return cmocka_run_group_tests_name("plugin_options", tests, installation_make,
                                       installation_remove);
}
