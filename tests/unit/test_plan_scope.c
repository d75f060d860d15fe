/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/plan: what a nested launcher sees of Slurm, in each scope; and what a new job inherits. */
#include "environments.h"
#include "support.h"

#include "core/plan.h"

#include <string.h>

static void repair(struct env *env, enum scope scope)
{
    struct plan plan;
    struct plan_facts facts = {.scope = scope, .cpus = 2, .tag = "tag", .limit = SIZE_MAX};
    assert_int_equal(plan_repair(&plan, env, &facts), 0);
    plan_destroy(&plan);
}

static bool is_slurm(const char *entry)
{
    return strncmp(entry, "SLURM_", 6) == 0;
}

static bool is_among(const char *entry, const char *const names[])
{
    size_t length = env_name_length(entry);
    for (size_t i = 0; names[i]; i++) {
        if (strlen(names[i]) == length && strncmp(entry, names[i], length) == 0)
            return true;
    }
    return false;
}

static const char *const *const in_slurm[] = {srun_task,      srun_pmi2_rank,
                                              srun_pmix_rank, srun_pmix_rank_after_init,
                                              batch_script,   interactive_step};

static void scope_node_hides_the_allocation(void **state)
{
    (void)state;
    static const char *const stay[] = {"SLURM_CLUSTER_NAME",  "SLURM_CONF",       "SLURM_JOB_ID",
                                       "SLURM_JOB_PARTITION", "SLURM_SUBMIT_DIR", NULL};
    for (size_t i = 0; i < COUNT(in_slurm); i++) {
        struct env env;
        env_from(&env, in_slurm[i]);
        repair(&env, SCOPE_NODE);
        for (size_t j = 0; j < env.count; j++) {
            if (is_slurm(env.vars[j]) && !is_among(env.vars[j], stay))
                fail_case("environment %zu: %s is left", i, env.vars[j]);
        }
        assert_variable(&env, "SLURM_CLUSTER_NAME", "cluster");
        assert_variable(&env, "SLURM_CONF", "/etc/slurm/slurm.conf");
        assert_variable(&env, "SLURM_JOB_ID", "77");
        assert_variable(&env, "SLURM_JOB_PARTITION", "debug");
        assert_variable(&env, "SLURM_SUBMIT_DIR", "/home/user");
        assert_variable(&env, "OMPI_MCA_orte_set_default_slots", "2");
        env_destroy(&env);
    }
}

/* Slurm from 23.11 on writes these into a job's environment, so they are in the baseline too; with
 * the allocation hidden, a Hydra that starts srun has nowhere to go. */
static void scope_node_needs_no_srun(void **state)
{
    (void)state;
    static const char *const list[] = {"HYDRA_BOOTSTRAP=slurm", "HYDRA_LAUNCHER=slurm",
                                       "I_MPI_HYDRA_BOOTSTRAP=slurm", NULL};
    struct env env;
    struct env baseline;
    struct plan plan;
    env_from(&env, list);
    env_from(&baseline, list);
    struct plan_facts facts = {
        .baseline = &baseline, .scope = SCOPE_NODE, .cpus = 2, .tag = "tag", .limit = SIZE_MAX};
    assert_int_equal(plan_repair(&plan, &env, &facts), 0);
    for (size_t i = 0; list[i]; i++) {
        const char *value = env_get(&env, list[i]);
        if (value && strcmp(value, "slurm") == 0)
            fail_case("%s is left", list[i]);
    }
    plan_destroy(&plan);
    env_destroy(&baseline);
    env_destroy(&env);
}

static void scope_job_in_a_step_gives_the_jobs_numbers(void **state)
{
    (void)state;
    static const char *const gone[] = {
        "SLURM_CPUS_PER_TASK",
        "SLURM_CPU_BIND_LIST",
        "SLURM_CPU_BIND_TYPE",
        "SLURM_DISTRIBUTION",
        "SLURM_GTIDS",
        "SLURM_LAUNCH_NODE_IPADDR",
        "SLURM_LOCALID",
        "SLURM_MEM_PER_NODE",
        "SLURM_NODEID",
        "SLURM_NPROCS",
        "SLURM_NTASKS",
        "SLURM_PROCID",
        "SLURM_SRUN_COMM_HOST",
        "SLURM_SRUN_COMM_PORT",
        "SLURM_STEPID",
        "SLURM_STEP_ID",
        "SLURM_STEP_LAUNCHER_PORT",
        "SLURM_STEP_NODELIST",
        "SLURM_STEP_NUM_NODES",
        "SLURM_STEP_NUM_TASKS",
        "SLURM_STEP_TASKS_PER_NODE",
        "SLURM_TASK_PID",
        "SLURM_PMIX_MAPPING_SERV",
        "SLURM_PMIXP_ABORT_AGENT_PORT",
        "PMIX_RANK",
        "PMIX_SERVER_URI4",
        "PMI_RANK",
        "PMI_FD",
        "SLURM_PMI2_PROC_MAPPING",
    };
    for (size_t i = 0; in_slurm[i] != batch_script; i++) {
        struct env env;
        env_from(&env, in_slurm[i]);
        env_add(&env, LIST("SLURM_NODELIST=node1", "SLURM_NNODES=1")); /* the step's own */
        repair(&env, SCOPE_JOB);
        assert_variable(&env, "SLURM_JOBID", "77");
        assert_variable(&env, "SLURM_JOB_ID", "77");
        assert_variable(&env, "SLURM_JOB_NODELIST", "node[1-2]");
        assert_variable(&env, "SLURM_NODELIST", "node[1-2]");
        assert_variable(&env, "SLURM_NNODES", "2");
        assert_variable(&env, "SLURM_TASKS_PER_NODE", "4(x2)");
        assert_variable(&env, "SLURM_OVERLAP", "1");
        assert_variable(&env, "SLURM_CPU_BIND", NULL);
        assert_variable(&env, "OMPI_MCA_plm", "slurm");
        assert_variable(&env, "HYDRA_LAUNCHER", NULL);
        for (size_t j = 0; j < COUNT(gone); j++)
            assert_variable(&env, gone[j], NULL);
        env_destroy(&env);
    }
}

/* As PRRTE 5 and Slurm 26.05 leave it to the ranks of a daemon. */
static void scope_job_where_the_step_is_given_out_as_the_job(void **state)
{
    (void)state;
    struct env env;
    env_from(&env, srun_task);
    env_unset(&env, "SLURM_JOB_NUM_NODES");
    assert_int_equal(env_set(&env, "SLURM_JOB_NODELIST", "node2"), 0);
    assert_int_equal(env_set(&env, "SLURM_STEP_NODELIST", "node2"), 0);
    assert_int_equal(env_set(&env, "SLURM_NODELIST", "node[1-2]"), 0);
    assert_int_equal(env_set(&env, "SLURM_NNODES", "1"), 0);
    repair(&env, SCOPE_JOB);
    assert_variable(&env, "SLURM_JOB_NODELIST", "node[1-2]");
    assert_variable(&env, "SLURM_NODELIST", "node[1-2]");
    assert_variable(&env, "SLURM_JOB_NUM_NODES", "2");
    assert_variable(&env, "SLURM_NNODES", "2");
    env_destroy(&env);
}

/* A rank whose launcher was started by the batch script: Slurm's variables are the job's already.
 * Only for the nested srun there is something to say. */
static void check_job_scope_leaves_slurm(const char *const slurm[])
{
    static const char *const for_srun[] = {"SLURM_OVERLAP", NULL};
    static const char *const *const ranks[] = {openmpi_rank, hydra_rank};
    for (size_t r = 0; r < COUNT(ranks); r++) {
        struct env env;
        struct env original;
        env_from(&original, slurm);
        env_from(&env, slurm);
        env_add(&env, ranks[r]);
        env_add(&env, LIST("SLURM_HINT=nomultithread", "SLURM_MEM_PER_NODE=1000"));
        repair(&env, SCOPE_JOB);
        for (size_t i = 0; i < original.count; i++)
            assert_variable(&env, original.vars[i], strchr(original.vars[i], '=') + 1);
        assert_variable(&env, "SLURM_HINT", "nomultithread");
        assert_variable(&env, "SLURM_MEM_PER_NODE", "1000");
        for (size_t i = 0; i < env.count; i++) {
            if (is_slurm(env.vars[i]) && !env_get(&original, env.vars[i]) &&
                !is_among(env.vars[i], for_srun) && !is_among(env.vars[i], LIST("SLURM_HINT")) &&
                !is_among(env.vars[i], LIST("SLURM_MEM_PER_NODE")))
                fail_case("%s was not there", env.vars[i]);
        }
        env_destroy(&env);
        env_destroy(&original);
    }
}

static void scope_job_in_a_batch_script_leaves_slurm_as_it_is(void **state)
{
    (void)state;
    check_job_scope_leaves_slurm(batch_script);
}

/* salloc's interactive step has the number of a step, and the job's counts (srun --preserve-env),
 * and is no step of srun's for the verdict either. Its own step's variables need not stay. */
static void scope_job_in_an_interactive_step_leaves_the_jobs_counts(void **state)
{
    (void)state;
    struct env env;
    env_from(&env, interactive_step);
    env_add(&env, openmpi_rank);
    repair(&env, SCOPE_JOB);
    assert_variable(&env, "SLURM_NODELIST", "node[1-2]");
    assert_variable(&env, "SLURM_NNODES", "2");
    assert_variable(&env, "SLURM_TASKS_PER_NODE", "2(x2)");
    assert_variable(&env, "SLURM_NTASKS", "4");
    env_destroy(&env);
}

/* What is said of a job that is not there fails, so it must go: a value refers to what is missing.
 */
static void scope_job_without_the_jobs_numbers(void **state)
{
    (void)state;
    struct env env;
    env_from(&env, LIST("SLURM_STEP_ID=0", "SLURM_TASKS_PER_NODE=1", "SLURM_NNODES=1",
                        "SLURM_NODELIST=node1"));
    repair(&env, SCOPE_JOB);
    assert_variable(&env, "SLURM_TASKS_PER_NODE", NULL);
    assert_variable(&env, "SLURM_NNODES", NULL);
    assert_variable(&env, "SLURM_NODELIST", NULL);
    assert_variable(&env, "SLURM_OVERLAP", NULL);
    env_destroy(&env);
}

/* sbatch from a rank: the new job has the rank's MPI variables, and Slurm's own of its own. */
static void inherit(struct env *env, const char *const slurm[], const struct ruleset *rules)
{
    struct env baseline;
    struct plan plan;
    env_from(&baseline, LIST("OMPI_MCA_btl=tcp,self", "PRTE_MCA_x=1", "HYDRA_LAUNCHER=ssh"));
    env_from(env, slurm);
    env_add(env, openmpi_rank);
    env_add(env, LIST("HYDRA_LAUNCHER=fork", "HYDRA_BOOTSTRAP=slurm", "PATH=/bin"));
    struct plan_facts facts = {.rules = rules, .baseline = &baseline};
    assert_int_equal(plan_clean_inherited(&plan, env, &facts), 0);
    plan_destroy(&plan);
    /* Strings of its own, as the baseline ends here. */
    struct env copy;
    env_from(&copy, NO_STRINGS);
    env_add(&copy, (const char *const *)env->vars);
    env_destroy(env);
    env_destroy(&baseline);
    *env = copy;
}

static void check_slurm_untouched(const struct env *env, const char *const slurm[])
{
    struct env expected;
    env_from(&expected, slurm);
    for (size_t i = 0; i < expected.count; i++)
        assert_variable(env, expected.vars[i], strchr(expected.vars[i], '=') + 1);
    for (size_t i = 0; i < env->count; i++) {
        if (is_slurm(env->vars[i]) && !env_get(&expected, env->vars[i]))
            fail_case("%s was not there", env->vars[i]);
    }
    env_destroy(&expected);
}

static void a_new_job_inherits_nothing_of_a_rank(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(in_slurm); i++) {
        struct env env;
        if (in_slurm[i] != batch_script && in_slurm[i] != srun_task &&
            in_slurm[i] != interactive_step)
            continue;
        inherit(&env, in_slurm[i], NULL);
        check_slurm_untouched(&env, in_slurm[i]);
        assert_variable(&env, "OMPI_MCA_ess", NULL);
        assert_variable(&env, "OMPI_UNIVERSE_SIZE", NULL);
        assert_variable(&env, "OMPI_MCA_orte_jobfam_session_dir", NULL);
        assert_variable(&env, "PMIX_RANK", NULL);
        assert_variable(&env, "OMPI_MCA_btl", "tcp,self");
        assert_variable(&env, "PRTE_MCA_x", "1");
        assert_variable(&env, "HYDRA_LAUNCHER", "ssh");
        assert_variable(&env, "HYDRA_BOOTSTRAP", NULL);
        assert_variable(&env, "OMPI_MCA_plm", NULL); /* no scope, so nothing is given */
        assert_variable(&env, "PATH", "/bin");
        env_destroy(&env);
    }
}

/* The outer job's session directory: mpirun in the new job would delete it. */
static void a_new_job_does_not_inherit_the_session_directory(void **state)
{
    (void)state;
    struct env env;
    inherit(&env, batch_script, NULL);
    const char *value = env_get(&env, "OMPI_MCA_orte_top_session_dir");
    assert_text("OMPI_MCA_orte_top_session_dir", value, NULL);
    env_destroy(&env);
}

/* What a launcher above was given in scope job is none of a new job's; what its user said is. */
static void a_new_job_shares_as_its_user_said(void **state)
{
    (void)state;
    const char *const *const baselines[] = {LIST("SLURM_OVERLAP=1"), LIST("A=1")};
    for (size_t i = 0; i < COUNT(baselines); i++) {
        struct env env, baseline;
        struct plan plan;
        env_from(&baseline, baselines[i]);
        env_from(&env, batch_script);
        env_add(&env, openmpi_rank);
        env_add(&env, LIST("SLURM_OVERLAP=1"));
        struct plan_facts facts = {.baseline = &baseline};
        assert_int_equal(plan_clean_inherited(&plan, &env, &facts), 0);
        assert_variable(&env, "SLURM_OVERLAP", i == 0 ? "1" : NULL);
        plan_destroy(&plan);
        env_destroy(&env);
        env_destroy(&baseline);
    }
}

static void site_rules_do_not_touch_a_new_jobs_slurm(void **state)
{
    (void)state;
    static const struct rule rows[] = {
        {.pattern = "SLURM_PROCID",
         .node = ACTION_UNSET,
         .job = ACTION_UNSET,
         .family = FAMILY_SITE},
        {.pattern = "SLURM_TASK*",
         .node = ACTION_RESTORE,
         .job = ACTION_RESTORE,
         .family = FAMILY_SITE},
    };
    const struct ruleset rules = {rows, COUNT(rows)};
    struct env env;
    inherit(&env, batch_script, &rules);
    check_slurm_untouched(&env, batch_script);
    env_destroy(&env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scope_node_hides_the_allocation),
        cmocka_unit_test(scope_node_needs_no_srun),
        cmocka_unit_test(scope_job_in_a_step_gives_the_jobs_numbers),
        cmocka_unit_test(scope_job_where_the_step_is_given_out_as_the_job),
        cmocka_unit_test(scope_job_in_a_batch_script_leaves_slurm_as_it_is),
        cmocka_unit_test(scope_job_in_an_interactive_step_leaves_the_jobs_counts),
        cmocka_unit_test(scope_job_without_the_jobs_numbers),
        cmocka_unit_test(a_new_job_inherits_nothing_of_a_rank),
        cmocka_unit_test(a_new_job_does_not_inherit_the_session_directory),
        cmocka_unit_test(a_new_job_shares_as_its_user_said),
        cmocka_unit_test(site_rules_do_not_touch_a_new_jobs_slurm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
