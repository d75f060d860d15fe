/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin on the fake SPANK host: environments that are large, damaged, or no environments. */
#include "plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static void test_damaged_baseline(void **state)
{
    static const char *const texts[] = {
        "NESTSAFE_BASELINE=",  "NESTSAFE_BASELINE=-",      "NESTSAFE_BASELINE=OMPI_MCA_btl",
        "NESTSAFE_BASELINE=%", "NESTSAFE_BASELINE=A%00=;", "NESTSAFE_BASELINE=;;;",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct play p;

        plugin_prepare(&p, HOST_REMOTE, "");
        plugin_give(&p, "auto");
        p.sc.env =
            L("PATH=/bin", "OMPI_COMM_WORLD_RANK=0", "OMPI_MCA_btl=self,vader", texts[i],
              i ? "NESTSAFE_BASELINE_1=left behind" : "A=1", "NESTSAFE_BASELINE_7=left behind");
        plugin_run(&p);
        assert_armed(&p, "auto");
        assert_variable(TASK_ENV(&p, 0), "OMPI_COMM_WORLD_RANK", NULL);
        /* An empty one says that there was no tuning; what is no baseline says nothing. */
        assert_variable(TASK_ENV(&p, 0), "OMPI_MCA_btl", i == 0 ? NULL : "self,vader");
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_BASELINE",
                        i == 0 ? "" : "OMPI_MCA_btl=self,vader;");
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_BASELINE_1", NULL);
        assert_variable(TASK_ENV(&p, 0), "NESTSAFE_BASELINE_7", NULL);
        end(&p);
    }
}

/* count variables of 3 KB each, "PREFIX000=…", after a PATH; a list to free. */
static char **large(size_t count, const char *prefix, char text[][3072])
{
    char **list = calloc(count + 2, sizeof(*list));

    assert_non_null(list);
    list[0] = (char *)"PATH=/usr/bin:/bin";
    for (size_t i = 0; i < count; i++) {
        int n = snprintf(text[i], 3072, "%s%03zu=", prefix, i);

        memset(text[i] + n, 'x', (size_t)(3071 - n));
        text[i][3071] = '\0';
        list[i + 1] = text[i];
    }
    return list;
}

static void test_large_environment(void **state)
{
    /* Tuning is in the environment twice, once as baseline, unless execve could not take that. */
    static const struct {
        size_t count;
        const char *prefix;
        bool stored;
    } cases[] = {{300, "LARGE_", true}, {200, "OMPI_MCA_", true}, {300, "OMPI_MCA_", false}};
    struct rlimit stack = {8 << 20, RLIM_INFINITY};
    static char text[300][3072];

    (void)state;
    getrlimit(RLIMIT_STACK, &stack);
    stack.rlim_cur = 8 << 20; /* from this follows what execve takes: execve(2) */
    setrlimit(RLIMIT_STACK, &stack);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct play p, without;
        char **env = large(cases[i].count, cases[i].prefix, text);
        const char *baseline, *chunk;

        plugin_prepare(&p, HOST_REMOTE, "preload=never");
        plugin_give(&p, "auto");
        p.sc.env = (const char *const *)env;
        p.sc.real_exec = true;
        plugin_run(&p);
        assert_silent(&p.res);
        assert_armed(&p, "auto");
        plugin_prepare(&without, HOST_REMOTE, "");
        plugin_forget(&without);
        without.sc.env = (const char *const *)env;
        plugin_run(&without);
        baseline = host_env_get(TASK_ENV(&p, 0), "NESTSAFE_BASELINE");
        chunk = host_env_get(TASK_ENV(&p, 0), "NESTSAFE_BASELINE_1");
        if (cases[i].stored && i > 0)
            assert_non_null(chunk);
        else
            assert_string_equal(baseline, cases[i].stored ? "" : "-");
        for (size_t v = 0; v < cases[i].count; v++) {
            char name[32];

            snprintf(name, sizeof(name), "%s%03zu", cases[i].prefix, v);
            assert_variable(TASK_ENV(&p, 0), name, host_env_get(TASK_ENV(&without, 0), name));
        }
        end(&without);
        end(&p);
        free(env);
    }
}

static void test_odd_entries(void **state)
{
    struct play p, without;
    char long_name[400] = "";

    (void)state;
    memset(long_name, 'N', 300);
    strcat(long_name, "=1");
    plugin_prepare(&p, HOST_REMOTE, "");
    plugin_give(&p, "auto");
    p.sc.env =
        L("nonsense", "=also", "", "OMPI_COMM_WORLD_RANK", "PATH=/first", "PATH=/bin", "D=1", "D=2",
          "E=", "F=a=b", long_name, "TAB=a\tb\nc", "OMPI_MCA_btl=a", "OMPI_MCA_btl=b");
    p.sc.argv = L("/bin/true");
    plugin_run(&p);
    assert_silent(&p.res);
    plugin_prepare(&without, HOST_REMOTE, "");
    plugin_forget(&without);
    without.sc.env = p.sc.env;
    without.sc.argv = p.sc.argv;
    plugin_run(&without);
    assert_only_armed(&p, &without);
    assert_variable(TASK_ENV(&p, 0), "D", "2");
    assert_armed(&p, "auto");
    end(&without);
    end(&p);
}

/* Slurm's own unsetenv leaves the second of two neighbours. */
static void test_doubled_entries_of_a_rank(void **state)
{
    struct play p;

    (void)state;
    plugin_prepare(&p, HOST_REMOTE, "");
    plugin_give(&p, "auto");
    p.sc.env = L("OMPI_COMM_WORLD_RANK=0", "OMPI_COMM_WORLD_RANK=1", "OMPI_COMM_WORLD_RANK=2",
                 "PATH=/bin", "PMIX_RANK=0", "A=1", "PMIX_RANK=1", "OMPI_MCA_btl=self",
                 "OMPI_MCA_btl=self", "NESTSAFE_BASELINE=OMPI_MCA_btl=tcp;",
                 "NESTSAFE_BASELINE=OMPI_MCA_btl=tcp;", "NESTSAFE_DEPTH=1", "NESTSAFE_DEPTH=1");
    plugin_run(&p);
    assert_variable(TASK_ENV(&p, 0), "OMPI_COMM_WORLD_RANK", NULL);
    assert_variable(TASK_ENV(&p, 0), "PMIX_RANK", NULL);
    assert_variable(TASK_ENV(&p, 0), "OMPI_MCA_btl", "tcp");
    assert_variable(TASK_ENV(&p, 0), "NESTSAFE_BASELINE", "OMPI_MCA_btl=tcp;");
    assert_variable(TASK_ENV(&p, 0), "NESTSAFE_DEPTH", "2");
    assert_variable(TASK_ENV(&p, 0), "A", "1");
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_damaged_baseline),
        cmocka_unit_test(test_large_environment),
        cmocka_unit_test(test_odd_entries),
        cmocka_unit_test(test_doubled_entries_of_a_rank),
    };

    play_begin();
    return cmocka_run_group_tests_name("plugin_environment", tests, installation_make,
                                       installation_remove);
}
