/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/launcher: which names are launchers, and which calls launch nothing. */
#include "support.h"

#include "core/launcher.h"

#include <stdio.h>
#include <string.h>

static void names_of_launchers(void **state)
{
    (void)state;
    static const char *const names[] = {
        "mpirun",
        "mpiexec",
        "orterun",
        "prterun",
        "mpiexec.hydra",
        "mpirun.openmpi",
        "mpiexec.openmpi",
        "mpirun.mpich",
        "mpiexec.mpich",
        "mpirun.mpi_abi_mpich",
        "mpirun_rsh",
        "prun",
        "srun",
        "prte",
    };
    for (size_t i = 0; i < COUNT(names); i++) {
        char path[64];
        snprintf(path, sizeof(path), "/opt/mpi run/bin/%s", names[i]);
        if (!launcher_is_one(names[i]) || !launcher_is_one(path))
            fail_case("%s is a launcher", names[i]);
        if (launcher_is_daemon(names[i]))
            fail_case("%s is no daemon", names[i]);
    }
}

static void every_name_of_the_list(void **state)
{
    (void)state;
    static const char *const names[] = {
#define LAUNCHER(name) name,
#include "core/launchers.def"
    };
    for (size_t i = 0; i < COUNT(names); i++)
        assert_true(launcher_is_one(names[i]));
    assert_false(launcher_is_one("launcher"));
}

static void names_that_a_site_adds(void **state)
{
    (void)state;
    static const char *const lists[] = {"simrun", "simrun,job.run", "a,simrun,b"};
    for (size_t i = 0; i < COUNT(lists); i++) {
        launcher_add_names(lists[i]);
        assert_true(launcher_is_one("simrun"));
        assert_true(launcher_is_one("/opt/a,b/simrun"));
        assert_true(launcher_is_one("mpirun"));
        assert_false(launcher_is_one("sim"));
        assert_false(launcher_is_one("simrun2"));
        assert_false(launcher_is_one("imrun"));
        assert_false(launcher_is_one("run"));
        assert_false(launcher_is_one(""));
        assert_false(launcher_is_one("simrun/"));
    }
    launcher_add_names("");
    assert_false(launcher_is_one("simrun"));
    assert_false(launcher_is_one(""));
    launcher_add_names(NULL);
    assert_false(launcher_is_one("simrun"));
    assert_true(launcher_is_one("mpirun"));
}

static void names_that_can_be_added(void **state)
{
    (void)state;
    char longest[LAUNCHER_NAME_MAX + 2] = {0};
    char many[LAUNCHER_NAMES_MAX + 2] = {0};
    static const char *const good[] = {"simrun", "a", "sim.run-2+x_y,mpirun", "a,b,c"};
    static const char *const bad[] = {"",    ",",  "a,",   ",a",    "a,,b",    "a b",      "/bin/a",
                                      "a/b", ".",  "..",   ".a",    "-a",      "a:b",      "a=b",
                                      "a%b", "$a", "a\nb", "orted", "a,prted", "\303\244", "a\x7f"};
    for (size_t i = 0; i < COUNT(good); i++) {
        if (!launcher_names_are_valid(good[i]))
            fail_case("'%s' can be added", good[i]);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (launcher_names_are_valid(bad[i]))
            fail_case("'%s' cannot be added", bad[i]);
    }
    memset(longest, 'a', LAUNCHER_NAME_MAX);
    assert_true(launcher_names_are_valid(longest));
    longest[LAUNCHER_NAME_MAX] = 'a';
    assert_false(launcher_names_are_valid(longest));
    for (size_t i = 0; i < LAUNCHER_NAMES_MAX; i++)
        many[i] = i % 2 ? ',' : 'a';
    assert_true(launcher_names_are_valid(many));
    memcpy(many + LAUNCHER_NAMES_MAX - 1, "aa", 3);
    assert_false(launcher_names_are_valid(many));
}

static void names_of_others(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",
        "/",
        "mpi",
        "mpiru",
        "mpirunn",
        "xmpirun",
        "MPIRUN",
        "mpirun/",
        "mpirun/prog",
        "mpirun.",
        "mpirun.mpic",
        "mpirun.openmpi.bak",
        "mpiexec.hyd",
        "sruns",
        "salloc",
        "mpicc",
        "mpirun.py",
        " mpirun",
        "mpirun ",
        "mpirun-4.1",
        "pterm",
        "nestsafe-launch",
        "orted",
        "bin/mpi/run",
    };
    for (size_t i = 0; i < COUNT(names); i++) {
        if (launcher_is_one(names[i]))
            fail_case("'%s' is no launcher", names[i]);
    }
}

static void names_of_daemons(void **state)
{
    (void)state;
    static const char *const daemons[] = {"orted",           "prted",
                                          "hydra_pmi_proxy", "hydra_bstrap_proxy",
                                          "/usr/bin/orted",  "/opt/intel/bin/hydra_bstrap_proxy"};
    static const char *const others[] = {"",      "orte",   "orted2", "hydra_pmi_prox",
                                         "hydra", "orted/", "mpirun", "slurmstepd",
                                         "a.out", "prte"};
    for (size_t i = 0; i < COUNT(daemons); i++) {
        if (!launcher_is_daemon(daemons[i]) || launcher_is_one(daemons[i]))
            fail_case("%s is a daemon, no launcher", daemons[i]);
    }
    for (size_t i = 0; i < COUNT(others); i++) {
        if (launcher_is_daemon(others[i]))
            fail_case("'%s' is no daemon", others[i]);
    }
}

static void srun_is_a_kind_of_its_own(void **state)
{
    (void)state;
    assert_true(launcher_is_srun("srun"));
    assert_true(launcher_is_srun("/usr/bin/srun"));
    assert_false(launcher_is_srun("/usr/bin/srun/mpirun"));
    assert_false(launcher_is_srun("mpirun"));
}

static void basenames(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"mpirun", "mpirun"},
                                           {"/usr/bin/mpirun", "mpirun"},
                                           {"./mpirun", "mpirun"},
                                           {"a/", ""},
                                           {"", ""},
                                           {"//a", "a"}};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_text(cases[i][0], launcher_basename(cases[i][0]), cases[i][1]);
}

static void calls_that_launch_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *argv[5];
        bool answers;
    } cases[] = {
        {{"mpirun", "--version"}, true},
        {{"mpirun", "-V"}, true},
        {{"mpirun", "--help", "mapping"}, true},
        {{"mpirun", "-h"}, true},
        {{"mpiexec.hydra", "-version"}, true},
        {{"mpiexec.hydra", "-help"}, true},
        {{"mpiexec", "-pmi_args", "4242", "default_interface", "default_key"}, true},
        {{NULL}, false},
        {{"mpirun"}, false},
        {{"mpirun", ""}, false},
        {{"--version", "mpirun"}, false},
        {{"mpirun", "-np", "2", "--version"}, false},
        {{"mpirun", "prog", "--help"}, false},
        {{"mpirun", "prog", "-pmi_args"}, false},
        {{"mpirun", "--versions"}, false},
        {{"mpirun", "--vers"}, false},
        {{"mpirun", "version"}, false},
        {{"mpirun", "-pmi_arg"}, false},
        {{"mpirun", "--pmi_args"}, false},
        {{"mpirun", "-H", "node1"}, false},
        {{"mpirun", "-v", "prog"}, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *argv[6] = {NULL};
        for (size_t j = 0; j < COUNT(cases[i].argv) && cases[i].argv[j]; j++)
            argv[j] = (char *)cases[i].argv[j];
        if (launcher_only_answers(argv) != cases[i].answers)
            fail_case("case %zu: %s %s", i, argv[0] ? argv[0] : "nothing", argv[0] ? argv[1] : "");
    }
}

static void words_that_place_processes(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        bool places;
    } cases[] = {
        {"slot:PE=2", true},       {"--map-by=slot:pe=2", true}, {"ppr:1:node:PE=4", true},
        {"core:Ordered", true},    {"--cpus-per-rank", true},    {"-cpus-per-proc", true},
        {"slot", false},           {"pe-list=0,1", false},       {"--cpu-set", false},
        {":OVERSUBSCRIBE", false}, {"--bind-to", false},         {"", false},
        {"./pe=2", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(launcher_word_places(cases[i].word), cases[i].places);
}

static void who_needs_a_path(void **state)
{
    (void)state;
    assert_true(launcher_needs_path("/usr/bin/mpiexec.hydra"));
    assert_true(launcher_needs_path("mpiexec.hydra"));
    assert_false(launcher_needs_path("/usr/bin/orterun"));
    assert_false(launcher_needs_path("/opt/mpiexec.hydra/bin/prterun"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_launchers),
        cmocka_unit_test(every_name_of_the_list),
        cmocka_unit_test(names_that_a_site_adds),
        cmocka_unit_test(names_that_can_be_added),
        cmocka_unit_test(names_of_others),
        cmocka_unit_test(names_of_daemons),
        cmocka_unit_test(basenames),
        cmocka_unit_test(calls_that_launch_nothing),
        cmocka_unit_test(words_that_place_processes),
        cmocka_unit_test(who_needs_a_path),
        cmocka_unit_test(srun_is_a_kind_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
