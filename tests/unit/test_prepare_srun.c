/* SPDX-License-Identifier: GPL-2.0-or-later */
/* launch/prepare for an srun: the command line that it is given, once. */
#include "support.h"

#include "core/arm.h"
#include "core/decision.h"
#include "launch/cpus.h"
#include "launch/prepare.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

static const char *const rank[] = {
    "PMIX_NAMESPACE=slurm.pmix.7.0",
    "PMIX_RANK=0",
    "SLURM_JOB_ID=7",
    "SLURM_STEP_ID=0",
    "SLURM_PROCID=0",
    "SLURM_STEP_NUM_TASKS=2",
    "SLURM_NTASKS=2",
    "SLURMD_NODENAME=n1",
    DEPTH_VARIABLE "=1",
    LAUNCH_VARIABLE "=0:7.0",
    "SLURM_JOB_NODELIST=a",
    NULL,
};

static void check_argv(char *const argv[], const char *const expected[])
{
    size_t i = 0;
    for (; expected[i]; i++)
        assert_text("argument", argv[i], expected[i]);
    assert_null(argv[i]);
}

static void prepare_srun(struct preparation *preparation, struct env *env, const char *mode,
                         char *const argv[])
{
    env_from(env, rank);
    assert_int_equal(env_set(env, ARMED_MODE_VARIABLE, mode), 0);
    assert_int_equal(prepare(preparation, env->vars, argv), 0);
}

static void its_command_line(void **state)
{
    (void)state;
    static char *const argv[] = {(char *)"srun", (char *)"-n1", (char *)"prog", (char *)"-N2",
                                 NULL};
    struct preparation first, second;
    struct env env;
    char *mask = cpus_mask();
    prepare_srun(&first, &env, "node", argv);
    assert_int_equal(first.decision, DECISION_REPAIR);
    check_argv(first.argv, LIST("srun", "--overlap", "--nodes=1", "--nodelist=n1", "--immediate=30",
                                "-n1", "prog", "-N2"));
    assert_variable(&first.env, "SLURM_CPU_BIND", mask);
    assert_variable(&first.env, "SLURM_NTASKS", NULL);
    assert_variable(&first.env, "PMIX_RANK", NULL);
    assert_variable(&first.env, DEPTH_VARIABLE, "1");
    /* The guard, in the same process. */
    assert_int_equal(prepare(&second, first.env.vars, first.argv), 0);
    assert_int_equal(second.decision, DECISION_AGAIN);
    assert_null(second.argv);
    preparation_destroy(&second);
    preparation_destroy(&first);
    env_destroy(&env);
    free(mask);

    prepare_srun(&first, &env, "job", argv);
    check_argv(first.argv, LIST("srun", "--overlap", "--immediate=30", "-n1", "prog", "-N2"));
    assert_variable(&first.env, "SLURM_CPU_BIND", NULL);
    preparation_destroy(&first);
    env_destroy(&env);
}

static void what_passes_is_untouched(void **state)
{
    (void)state;
    static char *const plain[] = {(char *)"srun", (char *)"prog", NULL};
    static char *const exact[] = {(char *)"srun", (char *)"--exact", (char *)"prog", NULL};
    static char *const daemon[] = {(char *)"/usr/bin/srun", (char *)"orted", NULL};
    static const struct {
        const char *mode;
        char *const *argv;
    } cases[] = {{"job", exact}, {"job", daemon}, {"audit", plain}, {"off", plain}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct preparation preparation;
        struct env env;
        prepare_srun(&preparation, &env, cases[i].mode, cases[i].argv);
        assert_int_equal(preparation.decision, DECISION_PASS);
        assert_null(preparation.argv);
        assert_same_env(&preparation.env, &env);
        preparation_destroy(&preparation);
        env_destroy(&env);
    }
}

static void cpus(void **state)
{
    (void)state;
    cpu_set_t before, one;
    assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
    int cpu = 0;
    while (!CPU_ISSET(cpu, &before))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    char *mask = cpus_mask();
    assert_int_equal(cpus_count(), 1);
    static const char begin[] = "quiet,mask_cpu:0x";
    assert_memory_equal(mask, begin, strlen(begin));
    assert_true(strtoull(mask + strlen(begin), NULL, 16) == 1ULL << cpu || cpu > 63);
    free(mask);
    assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
    assert_int_equal(cpus_count(), CPU_COUNT(&before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_command_line),
        cmocka_unit_test(what_passes_is_untouched),
        cmocka_unit_test(cpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
