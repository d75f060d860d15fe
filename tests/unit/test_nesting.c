/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/nesting: verdicts over the environments of real ranks, and over near misses. */
#include "environments.h"
#include "support.h"

#include "core/nesting.h"

#include <stdio.h>
#include <string.h>

static void judge(struct verdict *verdict, struct env *env, const char *const list[])
{
    env_from(env, list);
    memset(verdict, 0xff, sizeof(*verdict));
    nesting_judge(verdict, env);
}

/* The names of a verdict's hazards, each followed by a blank. */
static void list_hazards(const struct verdict *verdict, char *list, size_t size)
{
    size_t at = 0;
    list[0] = '\0';
    for (size_t i = 0; i < HAZARDS_MAX && verdict->hazards[i]; i++)
        at += (size_t)snprintf(list + at, size - at, "%s ", verdict->hazards[i]->name);
}

static const struct {
    const char *name;
    const char *const *environment;
    enum outer outer;
    bool in_step;
    bool alone;
    const char *rank;
    const char *size;
    const char *hazards;
} real[] = {
    {"openmpi_rank_began", openmpi_rank_began, OUTER_OPENMPI, false, false, "1", "2",
     "recursion-banner name-clash session-directory foreign-security "},
    {"openmpi_rank", openmpi_rank, OUTER_OPENMPI, false, false, "1", "2",
     "silent-exit recursion-banner name-clash session-directory foreign-security "},
    {"openmpi_singleton", openmpi_singleton, OUTER_SINGLETON, false, true, NULL, NULL,
     "silent-exit foreign-security "},
    {"openmpi5_rank", openmpi5_rank, OUTER_OPENMPI, false, false, "1", "2", "recursion-banner "},
    {"hydra_rank", hydra_rank, OUTER_HYDRA, false, false, "1", "2", ""},
    {"srun_pmix_rank", srun_pmix_rank, OUTER_SRUN, true, false, "1", "2",
     "foreign-security slots srun-wait "},
    {"srun_pmix_rank_after_init", srun_pmix_rank_after_init, OUTER_SRUN, true, false, "1", "2",
     "silent-exit foreign-security slots srun-wait "},
    {"srun_pmi2_rank", srun_pmi2_rank, OUTER_SRUN, true, false, "1", "2", "slots srun-wait "},
    {"srun_task", srun_task, OUTER_STEP, true, false, "1", "2", "slots srun-wait "},
    {"batch_script", batch_script, OUTER_NONE, false, false, NULL, NULL, ""},
    {"interactive_step", interactive_step, OUTER_NONE, false, false, NULL, NULL, ""},
};

static void real_environments(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(real); i++) {
        struct env env;
        struct verdict verdict;
        char hazards[512];
        judge(&verdict, &env, real[i].environment);
        list_hazards(&verdict, hazards, sizeof(hazards));
        assert_text(real[i].name, outer_name(verdict.outer), outer_name(real[i].outer));
        assert_int_equal(verdict.nested, real[i].outer != OUTER_NONE);
        assert_int_equal(verdict.in_step, real[i].in_step);
        assert_int_equal(verdict.alone, real[i].alone);
        assert_text(real[i].name, verdict.rank, real[i].rank);
        assert_text(real[i].name, verdict.size, real[i].size);
        assert_text(real[i].name, hazards, real[i].hazards);
        env_destroy(&env);
    }
}

/* The same ranks when the launcher itself runs in a step of srun's, or in a batch script. */
static void launchers_inside_of_slurm(void **state)
{
    (void)state;
    static const char *const *const slurm[] = {srun_task, batch_script, interactive_step};
    for (size_t i = 0; real[i].environment != srun_pmix_rank; i++) {
        for (size_t j = 0; j < COUNT(slurm); j++) {
            struct env env;
            struct verdict verdict;
            env_from(&env, slurm[j]);
            env_add(&env, real[i].environment);
            nesting_judge(&verdict, &env);
            assert_text(real[i].name, outer_name(verdict.outer), outer_name(real[i].outer));
            assert_int_equal(verdict.in_step, slurm[j] == srun_task);
            /* A singleton in a step has the step's numbers; launched ranks have the launcher's. */
            bool step_numbers = real[i].outer == OUTER_SINGLETON && verdict.in_step;
            assert_text(real[i].name, verdict.size, step_numbers ? "2" : real[i].size);
            assert_int_equal(verdict.alone, real[i].outer == OUTER_SINGLETON && !verdict.in_step);
            env_destroy(&env);
        }
    }
}

static void who_stands_above(void **state)
{
    (void)state;
    static const struct {
        const char *list[8];
        enum outer outer;
    } cases[] = {
        {{NULL}, OUTER_NONE},
        {{"PATH=/bin", "OMPI_MCA_btl=tcp", "OMPI_MCA_plm=rsh"}, OUTER_NONE},
        {{"OMPI_MCA_ess=singleton"}, OUTER_SINGLETON},
        {{"OMPI_MCA_ess=^singleton"}, OUTER_NONE},
        {{"OMPI_MCA_ess=hnp"}, OUTER_NONE},
        {{"OMPI_MCA_ess="}, OUTER_NONE},
        {{"OMPI_MCA_ess=singletons"}, OUTER_NONE},
        {{"OMPI_MCA_ess=pmi"}, OUTER_OPENMPI},
        {{"OMPI_MCA_ess=env"}, OUTER_OPENMPI},
        {{"OMPI_MCA_ess=tool"}, OUTER_OPENMPI},
        {{"OMPI_MCA_ess_base_jobid=1"}, OUTER_OPENMPI},
        {{"OMPI_COMM_WORLD_RANK=0"}, OUTER_OPENMPI},
        {{"OMPI_UNIVERSE_SIZE=16"}, OUTER_NONE}, /* users set it for mpi4py.futures */
        {{"OMPI_COMM_WORLD_SIZE=1"}, OUTER_NONE},
        {{"PMIX_NAMESPACE=a"}, OUTER_NONE},
        {{"PMIX_RANK=0"}, OUTER_NONE},
        {{"PMIX_NAMESPACE=a", "PMIX_RANK=0"}, OUTER_OPENMPI},
        {{"PMIX_NAMESPACE=a", "PMIX_RANK=0", "SLURM_STEP_ID=0"}, OUTER_SRUN},
        {{"PMIX_NAMESPACE=a", "PMIX_RANK=0", "SLURM_STEP_ID=4294967291"}, OUTER_OPENMPI},
        {{"PMI_RANK=0"}, OUTER_HYDRA},
        {{"PMI_FD=7"}, OUTER_HYDRA},
        {{"PMI_ID=0", "PMI_PORT=node1:4242"}, OUTER_HYDRA},
        {{"PMI_RANK=0", "SLURM_STEP_ID=12"}, OUTER_SRUN},
        {{"PMI_RANK=0", "MPI_LOCALRANKID=0", "SLURM_STEP_ID=12"}, OUTER_HYDRA},
        {{"PMI_SIZE=2"}, OUTER_NONE},
        {{"PMI_DEBUG=1"}, OUTER_NONE},
        {{"HYDI_CONTROL_FD=7"}, OUTER_HYDRA},
        {{"MPIRUN_RANK=0"}, OUTER_HYDRA},
        {{"SLURM_STEP_ID=0"}, OUTER_STEP},
        {{"SLURM_STEP_ID=4294967279"}, OUTER_STEP},
        {{"SLURM_STEP_ID=4294967280"}, OUTER_NONE},
        {{"SLURM_STEP_ID=4294967295"}, OUTER_NONE},
        {{"SLURM_STEP_ID="}, OUTER_NONE},
        {{"SLURM_STEP_ID=batch"}, OUTER_NONE},
        {{"SLURM_STEP_ID=0x"}, OUTER_NONE},
        {{"SLURM_STEP_ID=-1"}, OUTER_NONE},
        {{"SLURM_STEP_ID=99999999999999999999999"}, OUTER_NONE},
        {{"SLURM_STEPID=0", "SLURM_PROCID=0"}, OUTER_NONE},
        {{"SLURM_JOB_ID=1", "SLURM_JOBID=1", "SLURM_PROCID=0"}, OUTER_NONE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env env;
        struct verdict verdict;
        judge(&verdict, &env, cases[i].list);
        assert_text(cases[i].list[0] ? cases[i].list[0] : "nothing", outer_name(verdict.outer),
                    outer_name(cases[i].outer));
        assert_int_equal(verdict.nested, verdict.outer != OUTER_NONE);
        env_destroy(&env);
    }
}

static void who_is_alone(void **state)
{
    (void)state;
    static const struct {
        const char *list[8];
        bool alone;
    } cases[] = {
        {{"OMPI_COMM_WORLD_RANK=0", "OMPI_COMM_WORLD_SIZE=1"}, true},
        {{"OMPI_COMM_WORLD_RANK=0", "OMPI_COMM_WORLD_SIZE=11"}, false},
        {{"OMPI_COMM_WORLD_RANK=0", "OMPI_COMM_WORLD_SIZE="}, false},
        {{"OMPI_COMM_WORLD_RANK=0"}, false},
        {{"PMI_RANK=0", "PMI_SIZE=1"}, true},
        {{"PMI_RANK=0", "PMI_SIZE=2"}, false},
        {{"PMI_FD=7"}, false},
        {{"SLURM_STEP_ID=0", "SLURM_STEP_NUM_TASKS=1"}, true},
        {{"SLURM_STEP_ID=0", "SLURM_STEP_NUM_TASKS=2", "SLURM_NTASKS=1"}, false},
        {{"SLURM_STEP_ID=0", "SLURM_NTASKS=1"}, false},
        {{"OMPI_MCA_ess=singleton"}, true},
        {{"OMPI_MCA_ess=singleton", "SLURM_STEP_ID=0", "SLURM_STEP_NUM_TASKS=1"}, true},
        {{"OMPI_MCA_ess=singleton", "SLURM_STEP_ID=0", "SLURM_STEP_NUM_TASKS=8"}, false},
        {{"OMPI_MCA_ess=singleton", "SLURM_STEP_NUM_TASKS=8"}, true},
        {{"SLURM_STEP_NUM_TASKS=1"}, false},
        {{"SLURM_STEP_ID=0", "SLURM_PROCID=0", "SLURM_STEP_NUM_TASKS=2", "SLURM_PTY_PORT=4242"},
         true},
        {{"SLURM_STEP_ID=0", "SLURM_PROCID=1", "SLURM_STEP_NUM_TASKS=2", "SLURM_PTY_PORT=4242"},
         false},
        {{"SLURM_STEP_ID=0", "SLURM_PROCID=0", "SLURM_STEP_NUM_TASKS=2", "SLURM_PTY_PORT=4242",
          "SLURM_CPUS_ON_NODE=2", "SLURM_JOB_CPUS_PER_NODE=4"},
         false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env env;
        struct verdict verdict;
        judge(&verdict, &env, cases[i].list);
        if (verdict.alone != cases[i].alone)
            fail_case("case %zu: %s, %s", i, cases[i].list[0],
                      cases[i].list[1] ? cases[i].list[1] : "nothing else");
        env_destroy(&env);
    }
}

/* Where a launcher works without a repair it has as many slots as the step has tasks here. */
static void slots_of_the_step(void **state)
{
    (void)state;
#define TASKS "SLURM_STEP_TASKS_PER_NODE=3,2", "SLURM_NODEID=1"
    static const struct {
        const char *list[8];
        unsigned tasks;
        bool parted;
    } cases[] = {
        {{"SLURM_STEP_ID=0", TASKS}, 2, false},
        {{"SLURM_STEP_ID=0", "PMIX_NAMESPACE=a", "PMIX_RANK=0", TASKS}, 2, false},
        {{"SLURM_STEP_ID=0", "OMPI_MCA_ess=pmi", "PMIX_NAMESPACE=a", "PMIX_RANK=0", TASKS},
         0,
         false},
        {{"SLURM_STEP_ID=0", "OMPI_COMM_WORLD_RANK=0", TASKS}, 0, false},
        {{"SLURM_STEP_ID=0", "MPI_LOCALRANKID=0", TASKS}, 0, false},
        {{TASKS}, 0, false},
        {{"SLURM_STEP_ID=0", "SLURM_HET_SIZE=2", TASKS}, 2, true},
        {{"SLURM_STEP_ID=4294967291", "PMI_RANK=0", "SLURM_HET_SIZE=2"}, 0, false},
    };
#undef TASKS
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env env;
        struct verdict verdict;
        judge(&verdict, &env, cases[i].list);
        if (verdict.tasks != cases[i].tasks || verdict.parted != cases[i].parted)
            fail_case("%zu: %u tasks, %sparted", i, verdict.tasks, verdict.parted ? "" : "not ");
        env_destroy(&env);
    }
}

static void every_hazard(void **state)
{
    (void)state;
    static const struct {
        const char *list[6];
        const char *hazards;
    } cases[] = {
        {{"OMPI_COMM_WORLD_RANK=0"}, ""},
        {{"OMPI_COMM_WORLD_RANK=0", "OMPI_MCA_ess=tool"}, "silent-exit "},
        {{"OMPI_COMM_WORLD_RANK=0", "OMPI_MCA_ess=env"}, "silent-exit "},
        {{"OMPI_COMM_WORLD_RANK=0", "OMPI_MCA_ess=^singleton"}, ""},
        {{"OMPI_COMM_WORLD_RANK=0", "OMPI_MCA_ess=hnp"}, ""},
        {{"OMPI_COMM_WORLD_RANK=0", "OMPI_UNIVERSE_SIZE="}, "recursion-banner "},
        {{"OMPI_COMM_WORLD_RANK=0", "OMPI_UNIVERSE_SIZES=2"}, ""},
        {{"OMPI_MCA_ess_base_jobid=1"}, "name-clash "},
        {{"PMI_RANK=0", "OMPI_MCA_orte_jobfam_session_dir=/tmp/x"}, "session-directory "},
        {{"PMI_RANK=0", "PMIX_SECURITY_MODE=munge"}, "foreign-security "},
        {{"PMI_RANK=0", "PMIX_LAUNCHER_RNDZ_URI=x"}, "rendezvous "},
        {{"PMI_RANK=0", "ORTE_HNP_DVM_URI=x"}, "dvm "},
        {{"PMI_RANK=0", "PRTEPROXY_USE_DVM=x"}, "dvm "},
        {{"PMI_RANK=0", "PRTEPROXY_USE_DVM=x", "ORTE_HNP_DVM_URI=x"}, "dvm "},
        {{"PMI_RANK=0", "ORTE_HNP_DVM=x", "USE_DVM=1"}, ""},
        {{"SLURM_STEP_ID=0"}, ""}, /* without SLURM_JOBID launchers do not see Slurm */
        {{"SLURM_STEP_ID=0", "SLURM_JOBID=1"}, "srun-wait "},
        {{"SLURM_STEP_ID=0", "SLURM_JOBID=1", "SLURM_STEP_NUM_TASKS=1"}, "slots srun-wait "},
        {{"PMI_RANK=0", "SLURM_STEP_ID=4294967290", "SLURM_JOBID=1", "SLURM_STEP_NUM_TASKS=1"}, ""},
        {{"OMPI_UNIVERSE_SIZE=2", "PMIX_SECURITY_MODE=native"}, ""}, /* not nested: not judged */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env env;
        struct verdict verdict;
        char hazards[512];
        judge(&verdict, &env, cases[i].list);
        list_hazards(&verdict, hazards, sizeof(hazards));
        assert_text(cases[i].list[0], hazards, cases[i].hazards);
        for (size_t j = 0; verdict.hazards[j]; j++)
            assert_true(verdict.hazards[j]->text && *verdict.hazards[j]->text);
        env_destroy(&env);
    }
}

static void same_rank(void **state)
{
    (void)state;
    static const struct {
        const char *ancestor[4];
        const char *now[4];
        bool same;
    } cases[] = {
        {{NULL}, {NULL}, false},
        {{"PATH=/bin"}, {"PATH=/bin"}, false},
        {{"PMIX_RANK=0"}, {"PMIX_RANK=0"}, true},
        {{"PMIX_RANK=0"}, {"PMIX_RANK=1"}, false},
        {{"PMIX_RANK=0"}, {"PMI_RANK=0"}, false},
        {{"PMIX_RANK=0"}, {NULL}, false},
        {{NULL}, {"PMIX_RANK=0"}, false},
        {{"PMIX_RANK=0", "PMIX_NAMESPACE=a"}, {"PMIX_RANK=0", "PMIX_NAMESPACE=b"}, false},
        {{"PMI_RANK=0", "PMI_FD=7"}, {"PMI_RANK=0", "PMI_FD=8"}, false},
        {{"PMI_RANK=0", "PMI_FD=7"}, {"PMI_RANK=0"}, true}, /* closed and unset by the program */
        {{"OMPI_COMM_WORLD_LOCAL_SIZE=2"}, {"OMPI_COMM_WORLD_LOCAL_SIZE=2"}, false},
        {{"SLURM_STEP_ID=0", "SLURM_PROCID=3"}, {"SLURM_STEP_ID=0", "SLURM_PROCID=3"}, true},
        {{"SLURM_STEP_ID=0", "SLURM_PROCID=3"}, {"SLURM_STEP_ID=1", "SLURM_PROCID=3"}, false},
        {{"SLURM_STEP_ID=0", "SLURM_PROCID=3"}, {"SLURM_STEP_ID=0", "SLURM_PROCID=4"}, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env ancestor;
        struct env now;
        env_from(&ancestor, cases[i].ancestor);
        env_from(&now, cases[i].now);
        if (nesting_same_rank(&ancestor, &now) != cases[i].same)
            fail_case("case %zu: %s", i, cases[i].ancestor[0] ? cases[i].ancestor[0] : "nothing");
        env_destroy(&now);
        env_destroy(&ancestor);
    }
}

static void names_of_what_stands_above(void **state)
{
    (void)state;
    for (int a = OUTER_NONE; a <= OUTER_STEP; a++) {
        for (int b = OUTER_NONE; b < a; b++)
            assert_string_not_equal(outer_name((enum outer)a), outer_name((enum outer)b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_environments), cmocka_unit_test(launchers_inside_of_slurm),
        cmocka_unit_test(who_stands_above),  cmocka_unit_test(who_is_alone),
        cmocka_unit_test(slots_of_the_step), cmocka_unit_test(every_hazard),
        cmocka_unit_test(same_rank),         cmocka_unit_test(names_of_what_stands_above),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
