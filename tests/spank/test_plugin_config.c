/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin on the fake SPANK host: its line in plugstack.conf, right and wrong. */
#include "plugin.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Words that are wrong, and how the one error about them goes on. */
static const struct {
    const char *args, *says;
} wrong[] = {
    {"nonsense=1", "unknown key in 'nonsense=1'; known are default, allow, preload, max_depth, "
                   "rules, launchers, log, accounting, notify, rundir, spool, port"},
    {"nonsense", "unknown key in 'nonsense'"},
    {"=auto", "unknown key in '=auto'"},
    {"Default=auto", "unknown key in 'Default=auto'"},
    {"default=node nonsense=1", "unknown key in 'nonsense=1'"},
    {"default", "default: invalid value ''; valid: " MODES},
    {"default=", "default: invalid value ''"},
    {"default=some", "default: invalid value 'some'; valid: " MODES},
    {"default=AUTO", "default: invalid value 'AUTO'"},
    {"default=auto,node", "default: invalid value 'auto,node'"},
    {"default=auto=node", "default: invalid value 'auto=node'"},
    {"allow=", "allow: invalid value ''"},
    {"allow=auto,,job", "allow: invalid value 'auto,,job'"},
    {"allow=auto,", "allow: invalid value 'auto,'"},
    {"allow=auto,some", "allow: invalid value 'auto,some'"},
    {"preload=maybe", "preload: invalid value 'maybe'; valid: asked, always, never"},
    {"preload", "preload: invalid value ''"},
    {"max_depth=0", "max_depth: invalid value '0'; valid: 1 to 1000"},
    {"max_depth=1001", "max_depth: invalid value '1001'"},
    {"max_depth=-3", "max_depth: invalid value '-3'"},
    {"max_depth=3x", "max_depth: invalid value '3x'"},
    {"max_depth=99999999999999999999", "max_depth: invalid value '99999999999999999999'"},
    {"rules=relative", "rules: invalid value 'relative'; valid: an absolute path"},
    {"rules", "rules: invalid value ''"},
    {"rules=/a rules=b", "rules: invalid value 'b'"},
    {"log=file", "log: invalid value 'file'; valid: a list of slurmd, syslog and a file's"},
    {"accounting=system_comment",
     "accounting: invalid value 'system_comment'; valid: admin_comment"},
    {"notify=maybe", "notify: invalid value 'maybe'; valid: yes, no"},
    {"rundir=relative", "rundir: invalid value 'relative'; valid: an absolute path"},
    {"spool=relative", "spool: invalid value 'relative'; valid: an absolute path"},
    {"port=0", "port: invalid value '0'; valid: 1 to 65535"},
    {"nonsense=1 default=some", "unknown key in 'nonsense=1'"},
};

static const char *wrong_text(char text[static 512], size_t i)
{
    snprintf(text, 512, "plugstack.conf: nestsafe.so: %s", wrong[i].says);
    return text;
}

static void test_keys(void **state)
{
    static const struct {
        const char *args, *option;
        const char *mode, *preload, *max_depth;
    } cases[] = {
        {"", "auto", "auto", TEST_GUARD, NULL},
        {"default=job", NULL, "job", NULL, NULL},
        {"default=job default=node", NULL, "node", NULL, NULL},
        {"default=job preload=always max_depth=1", NULL, "job", TEST_GUARD, "1"},
        {"max_depth=1000 preload=never", "deny", "deny", NULL, "1000"},
        {"max_depth=8 preload=asked", "deny", "deny", TEST_GUARD, NULL},
        {"allow=deny", "deny", "deny", TEST_GUARD, NULL},
        {"allow=auto allow=deny,node default=off", "node", "node", TEST_GUARD, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct play p;

        plugin_prepare(&p, HOST_REMOTE, cases[i].args);
        if (cases[i].option)
            plugin_give(&p, cases[i].option);
        plugin_run(&p);
        assert_silent(&p.res);
        assert_armed(&p, cases[i].mode);
        assert_variable(TASK_ENV(&p, 0), "LD_PRELOAD", cases[i].preload);
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_MAX_DEPTH", cases[i].max_depth);
        end(&p);
        for (enum host_context c = HOST_LOCAL; c <= HOST_SLURMD; c++) {
            if (c == HOST_REMOTE)
                continue;
            plugin_prepare(&p, c, cases[i].args);
            plugin_run(&p);
            assert_silent(&p.res);
            end(&p);
        }
    }
}

/* Who submits, and whoever reads slurmd's log, gets one error; jobs go on. */
static void test_wrong_words_are_named_once(void **state)
{
    static const enum host_context contexts[] = {HOST_LOCAL, HOST_ALLOCATOR, HOST_SLURMD};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong) * COUNT(contexts); i++) {
        enum host_context context = contexts[i % COUNT(contexts)];
        char text[512];
        struct play p;

        plugin_prepare(&p, context, wrong[i / COUNT(contexts)].args);
        p.sc.args = L("--" OPTION "=node", "true");
        plugin_run(&p);
        assert_one_error(&p.res, wrong_text(text, i / COUNT(contexts)), context != HOST_SLURMD);
        assert_one_error(&p.res, "nestsafe is inactive", context != HOST_SLURMD);
        assert_int_equal(count_messages(&p.res, HOST_LOG_INFO, ""), 1);
        assert_int_equal(p.res.n_callbacks, context == HOST_SLURMD ? 0 : 1);
        if (context == HOST_ALLOCATOR)
            assert_variable(p.res.environ_after, TWIN, NULL);
        end(&p);
    }
}

static void test_wrong_words_on_the_node(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct play p, without;
        char text[512];

        plugin_prepare(&without, HOST_REMOTE, "");
        plugin_forget(&without);
        plugin_run(&without);
        /* A job that did not ask is not told; nothing in it changes. */
        for (int asks = 0; asks < 3; asks++) {
            plugin_prepare(&p, HOST_REMOTE, wrong[i].args);
            if (asks)
                plugin_give(&p, asks == 1 ? "audit" : "node");
            plugin_run(&p);
            if (asks < 2)
                assert_silent(&p.res);
            else
                assert_user_told(&p.res, "nestsafe: inactive for this step: ");
            if (asks == 2)
                assert_one_error(&p.res, wrong_text(text, i), true);
            assert_same_entries(TASK_ENV(&p, 0), TASK_ENV(&without, 0));
            end(&p);
        }
        end(&without);
    }
}

static void test_inactive_still_knows_what_a_mode_is(void **state)
{
    struct play p;

    (void)state;
    plugin_prepare(&p, HOST_LOCAL, "allow=audit nonsense");
    p.sc.args = L("--" OPTION "=some", "true");
    run(&p);
    assert_true(p.res.refused);
    assert_one_error(&p.res, "invalid mode 'some'; valid are " MODES, true);
    end(&p);
    /* What could be read of the line is no ground to refuse anybody. */
    plugin_prepare(&p, HOST_LOCAL, "allow=audit nonsense");
    p.sc.args = L("--" OPTION "=deny", "true");
    plugin_run(&p);
    end(&p);
    /* A wrong twin is nobody's business while nestsafe is inactive. */
    plugin_prepare(&p, HOST_ALLOCATOR, "nonsense");
    p.sc.env = L("PATH=/bin", TWIN "=some");
    plugin_run(&p);
    assert_variable(p.res.environ_after, TWIN, "some");
    end(&p);
}

static void test_long_words(void **state)
{
    static const char *const keys[] = {"default=", "allow=", "rules=", "nonsense="};
    struct play p;
    char args[3100];

    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        snprintf(args, sizeof(args), "%s%03000d", keys[i], 1);
        plugin_prepare(&p, HOST_LOCAL, args);
        plugin_run(&p);
        assert_one_error(&p.res, "plugstack.conf: nestsafe.so: ", true);
        assert_true(strlen(host_find_log(&p.res, HOST_LOG_ERROR, "plugstack.conf")->text) < 400);
        end(&p);
    }
}

/* A message goes to terminals and logs. */
static void test_control_characters(void **state)
{
    static const char *const args[] = {"default=\033[31mred", "non\033sense", "allow=a\x7f",
                                       "rules=\001"};

    (void)state;
    for (size_t i = 0; i < COUNT(args); i++) {
        struct play p;

        plugin_prepare(&p, HOST_LOCAL, args[i]);
        plugin_run(&p);
        for (size_t l = 0; l < p.res.n_logs; l++)
            for (const char *c = p.res.logs[l].text; *c; c++)
                if ((unsigned char)*c < ' ' || *c == 0x7f)
                    fail_msg("a control character, %d, in a message", *c);
        end(&p);
    }
}

static void rules_line(char args[static 8600], const char *first, const char *path)
{
    snprintf(args, 8600, "%s rules=%s", first, path);
}

/* Files that are not rules; what the error says after the file's name. */
static const struct {
    const char *name, *text, *says;
} bad_rules[] = {
    {"missing.rules", NULL, ": No such file or directory"},
    {"forget.rules", "# a comment\nOUR_TOKEN forget\n", ":2: action must be"},
    {"name.rules", "OUR-TOKEN unset\n", ":1: not a variable name"},
    {"short.rules", "OUR_TOKEN\n", ":1: action must be"},
    {"", "", ": Is a directory"},
};

static const char *bad_rules_path(size_t i)
{
    const char *path = file_make(bad_rules[i].name[0] ? bad_rules[i].name : "directory/x",
                                 bad_rules[i].text ? bad_rules[i].text : "");

    if (!bad_rules[i].name[0])
        ((char *)path)[strlen(path) - 2] = '\0';
    else if (!bad_rules[i].text)
        assert_int_equal(unlink(path), 0);
    return path;
}

static void test_bad_rules_in_slurmd(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_rules) * HOST_RELEASES; i += host_stride()) {
        const char *path = bad_rules_path(i / HOST_RELEASES);
        char args[8600], says[8600];
        struct play p;

        rules_line(args, "", path);
        snprintf(says, sizeof(says), "plugstack.conf: nestsafe.so: rules: %.4000s%s", path,
                 bad_rules[i / HOST_RELEASES].says);
        plugin_prepare(&p, HOST_SLURMD, args);
        p.sc.release = (enum host_release)(i % HOST_RELEASES);
        plugin_run(&p);
        assert_one_error(&p.res, says, false);
        assert_int_equal(count_messages(&p.res, HOST_LOG_INFO, ""), 1);
        end(&p);
    }
}

static void test_bad_rules_on_the_node(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_rules); i++) {
        const char *path = bad_rules_path(i);
        char args[8600], says[8600];
        struct play p, without;

        rules_line(args, "", path);
        snprintf(says, sizeof(says), "nestsafe: inactive for this step: %.4000s%s", path,
                 bad_rules[i].says);
        plugin_prepare(&p, HOST_REMOTE, args);
        p.sc.node_tasks = p.sc.total_tasks = 2;
        p.sc.env = L("PATH=/bin", "OMPI_COMM_WORLD_RANK=0", TWIN "=auto");
        plugin_run(&p);
        assert_one_error(&p.res, says, true);
        assert_int_equal(count_messages(&p.res, HOST_LOG_INFO, ""), 1);
        plugin_prepare(&without, HOST_REMOTE, "");
        without.sc = p.sc;
        without.sc.plugstack = NULL;
        plugin_run(&without);
        assert_same_entries(TASK_ENV(&p, 0), TASK_ENV(&without, 0));
        assert_same_entries(TASK_ENV(&p, 1), TASK_ENV(&without, 1));
        end(&without);
        end(&p);
        /* Where nothing is to be armed, nobody reads them; nor does who submits, elsewhere. */
        plugin_prepare(&p, HOST_REMOTE, args);
        plugin_run(&p);
        assert_silent(&p.res);
        end(&p);
        plugin_prepare(&p, HOST_ALLOCATOR, args);
        p.sc.args = L("--" OPTION, "true");
        plugin_run(&p);
        assert_silent(&p.res);
        end(&p);
    }
}

/* Readable for root, who runs slurmd, and not for the user, whose launchers are to read it. */
static void test_rules_that_the_user_cannot_read(void **state)
{
    const char *path = file_make("secret.rules", "OUR_TOKEN unset\n");
    char args[8600];
    struct play p;

    (void)state;
    if (geteuid() != 0) {
        print_message("# left out: %s: not root\n", __func__);
        return;
    }
    assert_int_equal(chmod(path, 0600), 0);
    rules_line(args, "", path);
    plugin_prepare(&p, HOST_REMOTE, args);
    plugin_give(&p, "auto");
    p.sc.check_leaks = false; /* LeakSanitizer needs ptrace, which another user's task refuses */
    p.sc.uid = p.sc.gid = 65534;
    p.sc.switch_user = true;
    plugin_run(&p);
    assert_one_error(&p.res, "secret.rules: Permission denied", true);
    assert_armed(&p, NULL);
    end(&p);
}

static void test_good_rules(void **state)
{
    const char *path = file_make("site.rules", "# this site's\n"
                                               "OMPI_COMM_WORLD_RANK keep for a tool of ours\n"
                                               "OUR_TOKEN unset it is secret\n"
                                               "OUR_TUNE* restore\n");
    char args[8600];
    struct play p;

    (void)state;
    rules_line(args, "default=auto", path);
    plugin_prepare(&p, HOST_REMOTE, args);
    p.sc.env = L("PATH=/bin", "OMPI_COMM_WORLD_RANK=0", "OMPI_COMM_WORLD_SIZE=1", "OUR_TOKEN=1",
                 "OUR_TUNE_A=1");
    plugin_run(&p);
    assert_silent(&p.res);
    assert_variable(TASK_ENV(&p, 0), "OMPI_COMM_WORLD_RANK", "0");
    assert_variable(TASK_ENV(&p, 0), "OMPI_COMM_WORLD_SIZE", NULL);
    assert_variable(TASK_ENV(&p, 0), "OUR_TOKEN", NULL);
    assert_variable(TASK_ENV(&p, 0), "NESTSAFE_BASELINE", "OUR_TUNE_A=1;");
    assert_variable(TASK_ENV(&p, 0), "NESTSAFE_RULES", path);
    end(&p);
    plugin_prepare(&p, HOST_SLURMD, args);
    plugin_run(&p);
    assert_silent(&p.res);
    end(&p);
}

/* An error about one of two lines: the other copy of the plugin works, or the first line counts. */
static void test_wrong_second_line(void **state)
{
    struct play p;

    (void)state;
    plugin_prepare(&p, HOST_SLURMD, "nonsense");
    plugin_add(&p, NULL, "nonsense");
    plugin_run(&p);
    assert_one_error(&p.res, "unknown key in 'nonsense'", false);
    end(&p);
    plugin_prepare(&p, HOST_REMOTE, "default=auto");
    plugin_add(&p, plugin_copy(), "nonsense");
    plugin_run(&p);
    assert_silent(&p.res);
    assert_armed(&p, "auto");
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_wrong_words_are_named_once),
        cmocka_unit_test(test_wrong_words_on_the_node),
        cmocka_unit_test(test_inactive_still_knows_what_a_mode_is),
        cmocka_unit_test(test_long_words),
        cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_bad_rules_in_slurmd),
        cmocka_unit_test(test_bad_rules_on_the_node),
        cmocka_unit_test(test_rules_that_the_user_cannot_read),
        cmocka_unit_test(test_good_rules),
        cmocka_unit_test(test_wrong_second_line),
    };

    play_begin();
    return cmocka_run_group_tests_name("plugin_config", tests, installation_make,
                                       installation_remove);
}
