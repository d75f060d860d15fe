/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/slurmstep: of which job and step an environment is. */
#include "environments.h"
#include "support.h"

#include "core/slurmstep.h"

static void numbers_of_real_environments(void **state)
{
    (void)state;
    static const struct {
        const char *const *env;
        unsigned depth;
        unsigned job;
        long step;
        bool sruns;
    } cases[] = {
        {srun_task, 1, 77, 0, true},
        {srun_pmix_rank, 3, 77, 0, true},
        {interactive_step, 0, 77, 4294967290, false},
        {batch_script, 0, 77, 4294967291, false},
        {batch_script, 1, 77, 4294967291, false},
        {batch_script, 2, 77, -1, false}, /* a repaired launch above hides the step */
        {openmpi_rank, 0, 0, -1, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env env;
        unsigned job = 1;
        long step = 1;
        env_from(&env, cases[i].env);
        slurmstep_numbers(&env, cases[i].depth, &job, &step);
        assert_int_equal(job, cases[i].job);
        assert_int_equal(step, cases[i].step);
        assert_int_equal(slurmstep_is_sruns(&env), cases[i].sruns);
        env_destroy(&env);
    }
}

static void what_is_no_number_is_not_known(void **state)
{
    (void)state;
    static const char *const values[] = {"", "x", "-1", "+1", "1x", " 1", "4294967296"};
    for (size_t i = 0; i < COUNT(values); i++) {
        struct env env;
        unsigned job = 1;
        long step = 1;
        env_from(&env, NO_STRINGS);
        assert_int_equal(env_set(&env, "SLURM_JOB_ID", values[i]), 0);
        assert_int_equal(env_set(&env, "SLURM_STEP_ID", values[i]), 0);
        slurmstep_numbers(&env, 0, &job, &step);
        assert_int_equal(job, 0);
        assert_int_equal(step, -1);
        env_destroy(&env);
    }
}

static void tasks_of_this_node(void **state)
{
    (void)state;
    static const struct {
        const char *tasks, *node;
        unsigned here;
    } cases[] = {
        {"2", "0", 2},           {"2", "1", 0},          {"2(x3),1", "0", 2},
        {"2(x3),1", "2", 2},     {"2(x3),1", "3", 1},    {"2(x3),1", "4", 0},
        {"1,16(x2),4", "1", 16}, {"1,16(x2),4", "3", 4}, {"", "0", 0},
        {"x", "0", 0},           {"2(", "1", 0},         {"2(x", "1", 0},
        {"2(x0),3", "0", 3},     {"2", "", 0},           {"2", "-1", 0},
        {"2", NULL, 0},          {NULL, "0", 0},         {"99999999999999999999", "0", 0},
        {"2,,3", "1", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env env;
        env_from(&env, NO_STRINGS);
        if (cases[i].tasks)
            assert_int_equal(env_set(&env, "SLURM_STEP_TASKS_PER_NODE", cases[i].tasks), 0);
        if (cases[i].node)
            assert_int_equal(env_set(&env, "SLURM_NODEID", cases[i].node), 0);
        unsigned here = slurmstep_tasks_here(&env);
        if (here != cases[i].here)
            fail_case("'%s' on node %s: %u", cases[i].tasks, cases[i].node, here);
        env_destroy(&env);
    }
}

/* PRRTE 5's srun on Slurm 26.05 is told of the step alone, but for two variables. */
static void nodes_of_the_job(void **state)
{
    (void)state;
    static const struct {
        const char *nodes, *list, *steps, *other, *cpus;
        const char *job;
        unsigned count;
    } cases[] = {
        {"2", "n[1-2]", "n2", "n[1-2]", "1(x2)", "n[1-2]", 2},
        {NULL, "n2", "n2", "n[1-2]", "1(x2)", "n[1-2]", 2},
        {NULL, "n2", "n2", "n[1-9]", "4(x3),2,8(x5)", "n[1-9]", 9},
        {NULL, "n[1-2]", "n2", "n2", "1(x2)", "n[1-2]", 2},
        {"1", "n2", "n2", "n[1-2]", "1(x2)", "n2", 1},
        {NULL, "n2", "n2", NULL, NULL, "n2", 0},
        {NULL, "n2", NULL, "n1", "", "n2", 0},
        {NULL, NULL, "n2", "n1", "x", NULL, 0},
        {"x", NULL, NULL, NULL, "1", NULL, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *const values[][2] = {{"SLURM_JOB_NUM_NODES", cases[i].nodes},
                                         {"SLURM_JOB_NODELIST", cases[i].list},
                                         {"SLURM_STEP_NODELIST", cases[i].steps},
                                         {"SLURM_NODELIST", cases[i].other},
                                         {"SLURM_JOB_CPUS_PER_NODE", cases[i].cpus}};
        struct env env;
        env_from(&env, NO_STRINGS);
        for (size_t j = 0; j < COUNT(values); j++) {
            if (values[j][1])
                assert_int_equal(env_set(&env, values[j][0], values[j][1]), 0);
        }
        assert_text("list", slurmstep_job_nodelist(&env), cases[i].job);
        assert_int_equal(slurmstep_job_nodes(&env), cases[i].count);
        env_destroy(&env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_real_environments),
        cmocka_unit_test(what_is_no_number_is_not_known),
        cmocka_unit_test(tasks_of_this_node),
        cmocka_unit_test(nodes_of_the_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
