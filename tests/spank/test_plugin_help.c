/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin on the fake SPANK host: --mpi-nested-safe=help. */
#include "plugin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const modes[] = {"auto", "node", "job", "audit", "deny", "off"};

/* The name by which the plugin knows which program has loaded it. */
static void be(const char *program)
{
    program_invocation_short_name = (char *)program;
}

/* What the plugin printed on standard output while the scenario was played, to free. */
static char *attempt_and_read(struct play *p)
{
    char *text = calloc(1, 8192);
    int saved = dup(STDOUT_FILENO);
    FILE *file = tmpfile();

    assert_non_null(text);
    assert_non_null(file);
    fflush(stdout);
    dup2(fileno(file), STDOUT_FILENO);
    host_run(&p->sc, &p->res);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    rewind(file);
    text[fread(text, 1, 8191, file)] = '\0';
    fclose(file);
    return text;
}

static void test_help_is_printed_and_nothing_submitted(void **state)
{
    static const char *const programs[] = {"srun", "sbatch", "salloc"};

    (void)state;
    for (size_t i = 0; i < COUNT(programs) * HOST_RELEASES; i += host_stride()) {
        struct play p;

        plugin_prepare(&p, i % 3 ? HOST_ALLOCATOR : HOST_LOCAL, "allow=auto,off default=off");
        p.sc.release = (enum host_release)(i / 3);
        p.sc.check_leaks = false; /* the plugin ends the process */
        p.sc.args = i / 3 % 2 ? L("--" OPTION "=help") : L("--" OPTION "=help", "true");
        be(programs[i % 3]);
        char *printed = attempt_and_read(&p);
        assert_int_equal(p.res.exit_status, 0);
        assert_null(p.res.environ_after);
        assert_int_equal(host_count_calls(&p.res, HOST_INIT_POST_OPT), 0);
        assert_int_equal(p.res.n_logs, 0);
        for (size_t mode = 0; mode < COUNT(modes); mode++) {
            char line[64];
            bool allowed = strcmp(modes[mode], "auto") == 0 || strcmp(modes[mode], "off") == 0;
            snprintf(line, sizeof(line), "\n        %s ", modes[mode]);
            char *found = strstr(printed, line);
            assert_non_null(found);
            found[1 + strcspn(found + 1, "\n")] = '\0';
            assert_int_equal(!strstr(found, "not allowed on this cluster"), allowed);
            found[strlen(found)] = '\n';
        }
        assert_non_null(strstr(printed, "where nothing is asked for off."));
        free(printed);
        end(&p);
    }
}

static void test_help_where_the_site_is_wrong(void **state)
{
    struct play p;

    (void)state;
    plugin_prepare(&p, HOST_LOCAL, "nonsense=1");
    p.sc.check_leaks = false;
    p.sc.args = L("--" OPTION "=help");
    be("srun");
    char *printed = attempt_and_read(&p);
    assert_int_equal(p.res.exit_status, 0);
    assert_one_error(&p.res, "unknown key in 'nonsense=1'", true);
    assert_non_null(strstr(printed, "None of them does anything here"));
    free(printed);
    end(&p);
}

/* In scrontab what the user has edited would be lost, and an environment does not ask for help. */
static void test_help_is_for_command_lines_only(void **state)
{
    struct play p;

    (void)state;
    for (int i = 0; i < 2; i++) {
        plugin_prepare(&p, HOST_ALLOCATOR, "");
        p.sc.args = L("--" OPTION "=help", "true");
        be(i ? "scrun" : "scrontab");
        run(&p);
        assert_true(p.res.refused);
        assert_one_error(&p.res, "invalid mode 'help'; valid are " MODES, true);
        end(&p);
    }
    be("srun");
    plugin_prepare(&p, HOST_LOCAL, "");
    p.sc.env = L("PATH=/bin", CONTROL_VARIABLE "=help");
    p.sc.args = L("true");
    plugin_run(&p);
    assert_silent(&p.res);
    end(&p);
    plugin_prepare(&p, HOST_LOCAL, "");
    p.sc.check_leaks = false;
    p.sc.env = L("PATH=/bin", TWIN "=help");
    p.sc.args = L("true");
    attempt(&p);
    assert_int_equal(p.res.exit_status, 1);
    assert_one_error(&p.res, TWIN ": invalid mode 'help'", true);
    end(&p);
    plugin_prepare(&p, HOST_REMOTE, "");
    plugin_give(&p, "help");
    run(&p);
    assert_true(p.res.tasks[0].execed);
    assert_user_told(&p.res, "invalid mode 'help'");
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_help_is_printed_and_nothing_submitted),
        cmocka_unit_test(test_help_where_the_site_is_wrong),
        cmocka_unit_test(test_help_is_for_command_lines_only),
    };

    play_begin();
    return cmocka_run_group_tests_name("plugin_help", tests, installation_make,
                                       installation_remove);
}
