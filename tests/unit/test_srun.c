/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/srun: what its command line says, which sruns are a rank's own, and what they are given. */
#include "environments.h"
#include "support.h"

#include "core/baseline.h"
#include "core/decision.h"
#include "core/plan.h"
#include "core/srun.h"

#include <string.h>

enum { ARGUMENTS = 10 };

/* Two variables: of a launch that was repaired, with its scope. */
#define REPAIRED DEPTH_VARIABLE "=2", LAUNCH_VARIABLE "=1:2:0:"

static void copy(char *argv[ARGUMENTS + 2], const char *const words[])
{
    size_t i = 0;
    argv[i++] = (char *)"srun";
    for (; i <= ARGUMENTS && words[i - 1]; i++)
        argv[i] = (char *)words[i - 1];
    argv[i] = NULL;
}

static void command_lines(void **state)
{
    (void)state;
    static const struct {
        const char *argv[ARGUMENTS];
        const char *command;
        const char *says; /* a letter for each of: answers, own, places, cpus, immediate */
    } cases[] = {
        {{"prog"}, "prog", ""},
        {{NULL}, NULL, ""},
        {{"-n", "4", "prog", "--exact"}, "prog", ""},
        {{"-n4", "prog"}, "prog", ""},
        {{"-ln4", "prog"}, "prog", ""},
        {{"-ln", "4", "prog"}, "prog", ""},
        {{"--ntasks", "4", "prog", "-N2"}, "prog", ""},
        {{"--ntasks=4", "prog"}, "prog", ""},
        {{"--mpi=pmix", "--", "prog", "-w"}, "prog", ""},
        {{"--mpi", "pmix", "prog"}, "prog", ""},
        {{"--mpi-nested-safe", "prog"}, "prog", ""},
        {{"-l", "-u", "--pty", "prog"}, "prog", ""},
        {{"-K", "prog", "-c2"}, "prog", ""},
        {{"-K1", "-k", "prog"}, "prog", ""},
        {{"-J", "-V", "prog"}, "prog", ""}, /* a job's name */
        {{"--exact", "prog"}, "prog", "o"},
        {{"--overlap", "prog"}, "prog", "o"},
        {{"--exclusive", "prog"}, "prog", "o"},
        {{"--exclusive=user", "prog"}, "prog", "o"},
        {{"--jobid=7", "prog"}, "prog", "o"},
        {{"--jobid", "7", "prog"}, "prog", "o"},
        {{"--external-launcher", "orted"}, "orted", "o"},
        {{"--exclus", "prog"}, "prog", "o"}, /* as getopt_long(3) lets it be shortened */
        {{"--overl", "prog"}, "prog", "o"},
        {{"--exa", "--imm=3", "prog"}, "prog", "oi"},
        {{"--jobi", "7", "prog"}, "prog", "o"},
        {{"--dist", "cyclic", "prog"}, "prog", "p"},
        {{"--dist=cyclic", "prog"}, "prog", "p"},
        {{"--verb", "prog"}, "prog", ""},
        {{"--ntasks-per-n", "2", "prog"}, "prog", ""},
        {{"--extra", "text", "prog"}, "prog", ""}, /* a name, and the beginning of another */
        {{"--time", "1", "--mem", "5", "prog"}, "prog", ""},
        {{"--some-plugins", "value", "prog"}, "prog", ""},
        {{"--some-plugins", "--exclusive", "prog"}, "prog", "o"},
        {{"-M", "elsewhere", "prog"}, "prog", "o"},
        {{"-w", "n1", "prog"}, "prog", "p"},
        {{"-N2", "prog"}, "prog", "p"},
        {{"--nodelist=n1", "-r", "1", "prog"}, "prog", "p"},
        {{"-lN", "2", "prog"}, "prog", "p"},
        {{"-c", "2", "prog"}, "prog", "c"},
        {{"--tres-per-task=cpu:2", "prog"}, "prog", "c"},
        {{"--cpu-bind=none", "-N1", "prog"}, "prog", "pc"},
        {{"-I", "prog"}, "prog", "i"},
        {{"-I5", "prog"}, "prog", "i"},
        {{"--immediate=5", "prog"}, "prog", "i"},
        {{"--version"}, NULL, "a"},
        {{"-V"}, NULL, "a"},
        {{"--usage"}, NULL, "a"},
        {{"--help"}, NULL, "a"},
        {{"-h"}, NULL, "a"},
        {{"-"}, "-", ""},
        {{"-n"}, NULL, ""},
        {{"--"}, NULL, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *argv[ARGUMENTS + 2];
        char says[8] = "";
        struct srun_words words;
        copy(argv, cases[i].argv);
        srun_read(&words, argv);
        strcat(says, words.answers ? "a" : "");
        strcat(says, words.own ? "o" : "");
        strcat(says, words.places ? "p" : "");
        strcat(says, words.cpus ? "c" : "");
        strcat(says, words.immediate ? "i" : "");
        assert_text(argv[1] ? argv[1] : "none", says, cases[i].says);
        assert_text(argv[1] ? argv[1] : "none", words.command, cases[i].command);
    }
    char *nothing[] = {NULL};
    struct srun_words words;
    srun_read(&words, nothing);
    assert_null(words.command);
}

static void which_are_a_ranks_own(void **state)
{
    (void)state;
    static const struct {
        const char *argv[ARGUMENTS];
        const char *env[6];
        bool plain;
    } cases[] = {
        {{"-n1", "prog"}, {"SLURM_JOB_ID=7"}, true},
        {{"-n1", "prog"}, {"SLURM_JOB_ID=7", "SLURM_OVERLAP=1"}, false},
        {{"prog"}, {"SLURM_JOB_ID=7", "SLURM_OVERLAP=1", DEPTH_VARIABLE "=1"}, false},
        /* Below a launcher that was given it in scope job, and below one that was not. */
        {{"prog"}, {"SLURM_JOB_ID=7", "SLURM_OVERLAP=1", REPAIRED "job"}, true},
        {{"prog"},
         {"SLURM_JOB_ID=7", "SLURM_OVERLAP=1", REPAIRED "job",
          BASELINE_VARIABLE "=OMPI_MCA_btl=tcp;"},
         true},
        {{"prog"},
         {"SLURM_JOB_ID=7", "SLURM_OVERLAP=1", REPAIRED "job",
          BASELINE_VARIABLE "=SLURM_OVERLAP=1;"},
         false},
        {{"prog"}, {"SLURM_JOB_ID=7", "SLURM_OVERLAP=1", REPAIRED "node"}, false},
        {{"-n1", "prog"}, {"SLURM_JOBID=7"}, false}, /* it would submit a job */
        {{"-n1"}, {"SLURM_JOB_ID=7"}, false},
        {{"--exact", "prog"}, {"SLURM_JOB_ID=7"}, false},
        {{"prog"}, {"SLURM_JOB_ID=7", "SLURM_EXACT=1"}, false},
        {{"prog"}, {"SLURM_JOB_ID=7", "SLURM_EXCLUSIVE="}, false},
        {{"prog"}, {"SLURM_JOB_ID=7", "SLURM_EXTERNAL_LAUNCHER=1"}, false},
        {{"--version"}, {"SLURM_JOB_ID=7"}, false},
        {{"--mpi=none", "-n", "2", "orted", "-mca"}, {"SLURM_JOB_ID=7"}, false},
        {{"-N", "2", "-n", "2", "--input", "none", "/usr/bin/hydra_pmi_proxy"},
         {"SLURM_JOB_ID=7"},
         false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *argv[ARGUMENTS + 2];
        struct env env;
        copy(argv, cases[i].argv);
        env_from(&env, cases[i].env);
        if (srun_is_plain(argv, &env) != cases[i].plain)
            fail_case("case %zu, %s", i, argv[1]);
        env_destroy(&env);
    }
}

static void who_may_wait(void **state)
{
    (void)state;
    static const struct {
        enum outer outer;
        bool in_step;
        unsigned depth;
        const char *nodes;
        bool waits;
    } cases[] = {
        {OUTER_NONE, false, 1, "2", false},
        {OUTER_STEP, true, 1, "2", false},
        {OUTER_SRUN, true, 1, "1", true},
        {OUTER_OPENMPI, true, 2, "1", true},
        {OUTER_OPENMPI, false, 1, "1", false},
        {OUTER_OPENMPI, false, 1, "2", true},
        {OUTER_HYDRA, false, 0, "2", true},
        {OUTER_HYDRA, false, 0, "1", false},
        {OUTER_OPENMPI, false, 2, "0", true},    /* below a repair, where they are hidden */
        {OUTER_SINGLETON, false, 1, "2", false}, /* in a batch script */
        {OUTER_SINGLETON, true, 1, "1", true},
        {OUTER_SINGLETON, false, 2, "1", true}, /* alone, in a rank */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct verdict verdict = {.outer = cases[i].outer,
                                  .nested = cases[i].outer != OUTER_NONE,
                                  .in_step = cases[i].in_step};
        struct env env;
        env_from(&env, NO_STRINGS);
        if (cases[i].nodes[0] != '0')
            env_set(&env, "SLURM_JOB_NUM_NODES", cases[i].nodes);
        if (srun_may_wait(&verdict, &env, cases[i].depth) != cases[i].waits)
            fail_case("case %zu", i);
        env_destroy(&env);
    }
}

static void decisions(void **state)
{
    (void)state;
    static const struct process self = {42, 1};
    for (int mode = MODE_AUTO; mode <= MODE_JOB_ALONE; mode++) {
        for (int i = 0; i < 4; i++) {
            bool waits = i & 1, plain = i & 2;
            struct trail trail = {.max_depth = 2};
            enum decision expected = DECISION_PASS;
            if (plain && waits && mode_is_armed((enum mode)mode))
                expected = mode == MODE_DENY ? DECISION_DENY : DECISION_REPAIR;
            assert_int_equal(decide_srun(&trail, (enum mode)mode, &self, waits, plain), expected);
            /* The step counts itself. */
            assert_int_equal(trail.depth, expected != DECISION_PASS);
        }
    }
    struct trail deep = {.max_depth = 2, .depth = 3};
    assert_int_equal(decide_srun(&deep, MODE_AUTO, &self, true, true), DECISION_DEPTH);
    struct trail again = {.max_depth = 2, .depth = 1, .launch = {42, 1}};
    assert_int_equal(decide_srun(&again, MODE_AUTO, &self, false, true), DECISION_AGAIN);
    assert_int_equal(decide_srun(&again, MODE_AUTO, &self, true, false), DECISION_AGAIN);
}

/* What an srun in a step of a job is given. */
static void what_it_is_given(void **state)
{
    (void)state;
    static const char *const rank[] = {
        "SLURM_JOB_ID=7",        "SLURM_JOBID=7",         "SLURM_JOB_NUM_NODES=2",
        "SLURM_JOB_NODELIST=a",  "SLURM_STEP_ID=0",       "SLURM_NTASKS=2",
        "SLURM_NPROCS=2",        "SLURM_CPUS_PER_TASK=3", "SLURM_CPU_BIND=quiet,mask_cpu:0x1",
        "SLURM_CPU_BIND_LIST=1", "SLURM_MEM_PER_CPU=5",   "SLURM_MPI_TYPE=pmix",
        "PMIX_RANK=0",           "OMPI_MCA_ess=pmi",      "OMPI_MCA_btl=self",
        "SLURM_ACCOUNT=me",      "SLURM_PMIXP_X=1",       NULL,
    };
    static const struct {
        enum scope scope;
        const char *const cpus;
    } scopes[] = {{SCOPE_NODE, "quiet,mask_cpu:0x3"}, {SCOPE_JOB, NULL}};
    for (size_t i = 0; i < COUNT(scopes); i++) {
        struct env env;
        struct plan plan;
        env_from(&env, rank);
        struct plan_facts facts = {.scope = scopes[i].scope, .mask = "quiet,mask_cpu:0x3"};
        assert_int_equal(plan_srun(&plan, &env, &facts), 0);
        assert_variable(&env, "SLURM_OVERLAP", NULL); /* it would pass to what the step starts */
        assert_variable(&env, "SLURM_CPU_BIND", scopes[i].cpus);
        static const char *const gone[] = {
            "SLURM_CPU_BIND_LIST", "SLURM_NTASKS", "SLURM_NPROCS", "SLURM_CPUS_PER_TASK",
            "SLURM_MEM_PER_CPU",   "PMIX_RANK",    "OMPI_MCA_ess", "SLURM_PMIXP_X"};
        for (size_t j = 0; j < COUNT(gone); j++)
            assert_variable(&env, gone[j], NULL);
        assert_variable(&env, "SLURM_JOBID", "7");
        assert_variable(&env, "SLURM_JOB_NODELIST", "a");
        assert_variable(&env, "SLURM_MPI_TYPE", "pmix");
        assert_variable(&env, "SLURM_ACCOUNT", "me");
        assert_variable(&env, "OMPI_MCA_btl", "self");
        assert_variable(&env, "OMPI_MCA_plm", NULL);
        plan_destroy(&plan);
        env_destroy(&env);
    }
    /* The job is no smaller than it is (core/slurmstep.c). */
    struct env env;
    struct plan plan;
    env_from(&env, LIST("SLURM_JOB_ID=7", "SLURM_STEP_ID=0", "SLURM_JOB_NODELIST=b",
                        "SLURM_STEP_NODELIST=b", "SLURM_NODELIST=a,b",
                        "SLURM_JOB_CPUS_PER_NODE=1(x2)", "OMPI_COMM_WORLD_RANK=0"));
    struct plan_facts facts = {.scope = SCOPE_JOB};
    assert_int_equal(plan_srun(&plan, &env, &facts), 0);
    assert_variable(&env, "SLURM_JOB_NODELIST", "a,b");
    assert_variable(&env, "SLURM_JOB_NUM_NODES", "2");
    plan_destroy(&plan);
    env_destroy(&env);
    /* Outside of a step the numbers are the job's: they stay for who may use all of it. */
    env_from(&env, LIST("SLURM_JOB_ID=7", "SLURM_NTASKS=4", "OMPI_COMM_WORLD_RANK=0"));
    assert_int_equal(plan_srun(&plan, &env, &facts), 0);
    assert_variable(&env, "SLURM_NTASKS", "4");
    assert_variable(&env, "OMPI_COMM_WORLD_RANK", NULL);
    plan_destroy(&plan);
    env_destroy(&env);
}

static void options_that_are_added(void **state)
{
    (void)state;
    char options[SRUN_OPTIONS_MAX][SRUN_OPTION_SIZE];
    struct srun_words words = {0};
    assert_int_equal(srun_options(options, &words, SCOPE_NODE, "n1"), 4);
    assert_string_equal(options[0], "--overlap");
    assert_string_equal(options[1], "--nodes=1");
    assert_string_equal(options[2], "--nodelist=n1");
    assert_string_equal(options[3], "--immediate=30");
    assert_int_equal(srun_options(options, &words, SCOPE_NODE, ""), 2);
    assert_int_equal(srun_options(options, &words, SCOPE_JOB, "n1"), 2);
    words.places = words.immediate = true;
    assert_int_equal(srun_options(options, &words, SCOPE_NODE, "n1"), 1);
}

static void every_row_says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < srun_rules_count; i++)
        assert_true(srun_rules[i].why && srun_rules[i].source &&
                    srun_rules[i].family == FAMILY_SLURM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_lines),      cmocka_unit_test(which_are_a_ranks_own),
        cmocka_unit_test(who_may_wait),       cmocka_unit_test(decisions),
        cmocka_unit_test(what_it_is_given),   cmocka_unit_test(options_that_are_added),
        cmocka_unit_test(every_row_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
