/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli/slurmtext and cli/labelled: what Slurm's commands print. */
#include "support.h"

#include "cli/labelled.h"
#include "cli/slurmtext.h"

#include <string.h>

static const char conf[] = "Configuration data as of 2026-11-26T16:00:00\n"
                           "AccountingStorageHost   = control\n"
                           "AccountingStoreFlags    = job_comment,job_env\n"
                           "PlugStackConfig         = /etc/slurm/plugstack.conf\n"
                           "TaskProlog              = (null)\n"
                           "TaskPluginParam         = \n"
                           "SchedulerParameters     = a=1,b=2  \n"
                           "\nSlurmctld(primary) at control is UP";

static void settings(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value;
        bool found;
    } cases[] = {
        {"AccountingStorageHost", "control", true},
        {"accountingstoreflags", "job_comment,job_env", true},
        {"SchedulerParameters", "a=1,b=2", true},
        {"TaskProlog", "", true},
        {"TaskPluginParam", "", true},
        {"AccountingStorage", "", false},
        {"Task", "", false},
        {"", "", false},
    };
    char value[64];
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool found = slurmtext_value(conf, cases[i].key, value, sizeof(value));
        assert_text(cases[i].key, value, cases[i].value);
        assert_int_equal(found, cases[i].found);
    }
    assert_true(slurmtext_value(conf, "PlugStackConfig", value, 8));
    assert_string_equal(value, "/etc/sl");
}

static void releases(void **state)
{
    (void)state;
    char name[16];
    assert_int_equal(slurmtext_release("slurm-wlm 22.05.8\n"), 0x160508);
    assert_int_equal(slurmtext_release("slurm 24.11.6"), 0x180b06);
    assert_int_equal(slurmtext_release("slurm 26.05.0-0rc1"), 0x1a0500);
    assert_int_equal(slurmtext_release("slurm"), 0);
    assert_int_equal(slurmtext_release(""), 0);
    assert_int_equal(slurmtext_release("slurm 999.1"), 0);
    assert_string_equal(slurmtext_release_name(name, 0x160508), "22.05.8");
    assert_string_equal(slurmtext_release_name(name, 0x180b06), "24.11.6");
}

static void a_plugin_serves_its_release(void **state)
{
    (void)state;
    assert_true(slurmtext_loads(0x160508, 0x160502));
    assert_false(slurmtext_loads(0x160508, 0x180b06));
    assert_false(slurmtext_loads(0x160508, 1));
    assert_false(slurmtext_loads(0x150800, 0x140b09));
    /* 20.11 does not look, and its plugins do not say. */
    assert_true(slurmtext_loads(0x140b09, 1));
}

static void what_a_task_prolog_resets(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool path, preload;
    } cases[] = {
        {"", false, false},
        {"#!/bin/sh\necho export PATH=/usr/bin:/bin\n", true, false},
        {"echo \"export PATH=/usr/bin\"", true, false},
        {"echo \"export  PATH=/opt/x:$PATH\"", false, false},
        {"echo \"export PATH=${PATH}:/opt/x\"", false, false},
        {"echo export MANPATH=/usr/man\necho export PATHS=1", false, false},
        {"echo export PATH=$MYPATH", true, false},
        {"export PATH=/usr/bin:/bin\nmodule list", false, false},
        {"# echo export PATH=/usr/bin", false, false},
        {"print('export LD_PRELOAD=/lib/x.so')", false, true},
        {"echo unset LD_PRELOAD", false, true},
        {"printf 'export LD_PRELOAD=%s\\n' \"$LD_PRELOAD /lib/x.so\"", false, false},
        {"if x; then echo export PATH=/bin; fi\necho unset LD_PRELOAD\n", true, true},
        {"echo export PATH", false, false},
        {"echo unset PATHS", false, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (slurmtext_resets(cases[i].text, "PATH") != cases[i].path ||
            slurmtext_resets(cases[i].text, "LD_PRELOAD") != cases[i].preload)
            fail_case("'%s'", cases[i].text);
    }
}

static void tasks_are_told_apart(void **state)
{
    (void)state;
    struct labelled labelled;
    assert_int_equal(labelled_split(&labelled, " 0: {\n10: x\n 0:  \"a\": 1\nsrun: job 3 queued\n"
                                               " 2: two\n10:\n 0: }\n999999999: y\n: z\n2 two\n"),
                     0);
    assert_int_equal(labelled.count, 11);
    assert_string_equal(labelled.texts[0], "{\n \"a\": 1\n}\n");
    assert_string_equal(labelled.texts[1], "");
    assert_string_equal(labelled.texts[2], "two\n");
    assert_string_equal(labelled.texts[10], "x\n\n");
    labelled_destroy(&labelled);
    assert_int_equal(labelled_split(&labelled, ""), 0);
    assert_int_equal(labelled.count, 0);
    labelled_destroy(&labelled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings),
        cmocka_unit_test(releases),
        cmocka_unit_test(a_plugin_serves_its_release),
        cmocka_unit_test(what_a_task_prolog_resets),
        cmocka_unit_test(tasks_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
