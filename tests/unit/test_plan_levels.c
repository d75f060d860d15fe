/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/plan: launches four deep, each from what the one above made; the user's tuning stays. */
#include "support.h"

#include "core/baseline.h"
#include "core/plan.h"

#include <stdio.h>
#include <string.h>

enum { LEVELS = 4 };

/* What the user had before the outermost launcher. */
static const char *const user[] = {
    "HYDRA_BOOTSTRAP=slurm",
    "HYDRA_IFACE=eth0",
    "HYDRA_LAUNCHER=ssh",
    "MPIEXEC_TIMEOUT=60",
    "OMPI_MCA_btl=tcp,self",
    "OMPI_MCA_hwloc_base_binding_policy=core",
    "OMPI_MCA_mca_base_param_files=/home/user/a;b%c",
    "OMPI_MCA_orte_default_hostfile=/home/user/hosts",
    "OMPI_MCA_plm=rsh",
    "PMIX_MCA_gds=hash",
    "PRTE_MCA_rmaps_default_mapping_policy=node",
    NULL,
};

static void set_number(struct env *env, const char *name, int number)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", number);
    assert_int_equal(env_set(env, name, text), 0);
}

/* What a launcher of this level makes of its own environment for its ranks: their identity, its
 * command line, and PRRTE's drops. */
static void launch_rank(struct env *env, int level)
{
    env_add(env, LIST("OMPI_COMM_WORLD_RANK=1", "OMPI_COMM_WORLD_SIZE=2", "OMPI_UNIVERSE_SIZE=2",
                      "OMPI_MCA_ess=^singleton", "PMIX_RANK=1", "PMI_RANK=1", "PMI_FD=7",
                      "OMPI_MCA_orte_jobfam_session_dir=/tmp/outer", "PMIX_SERVER_URI4=a;tcp4://b",
                      "OMPI_MCA_btl=self,vader", "OMPI_MCA_rmaps_base_mapping_policy=core",
                      "MPIEXEC_PORTRANGE=1:2"));
    set_number(env, "OMPI_MCA_ess_base_jobid", level);
    env_unset(env, "PRTE_MCA_rmaps_default_mapping_policy");
}

/* And MPI_Init in them. */
static void init_mpi(struct env *env)
{
    env_add(env, LIST("OMPI_MCA_ess=pmi", "OMPI_MCA_pmix=^s1,s2,cray,isolated",
                      "PMIX_MCA_psec=native", "PSM2_DEVICES=self,shm"));
}

/* The bookkeeping agrees with the environment: the last word on each variable is its value. */
static void check_changes(const struct plan *plan, const struct env *env)
{
    unsigned counts[CHANGE_KINDS] = {0};
    for (size_t i = 0; i < plan->count; i++) {
        const struct change *change = &plan->changes[i];
        char name[128];
        bool last = true;
        assert_true(change->name_length < sizeof(name));
        snprintf(name, sizeof(name), "%.*s", (int)change->name_length, change->name);
        for (size_t j = i + 1; j < plan->count; j++)
            last = last && (plan->changes[j].name_length != change->name_length ||
                            strncmp(plan->changes[j].name, name, change->name_length) != 0);
        if (last)
            assert_variable(env, name, change->after);
        assert_true(change->kind < CHANGE_KINDS);
        counts[change->kind]++;
        if (change->kind == CHANGE_UNSET)
            assert_true(change->before && !change->after);
    }
    assert_memory_equal(counts, plan->counts, sizeof(counts));
}

static void check_tuning(const struct env *env, const struct env *expected, enum scope scope)
{
    struct env stored;
    assert_int_equal(baseline_load(&stored, env), 1);
    assert_same_env(&stored, expected);
    env_destroy(&stored);
    /* In the environment itself the scope has the last word. */
    for (size_t i = 0; i < expected->count; i++) {
        size_t length = env_name_length(expected->vars[i]);
        const struct rule *rule = rules_match(NULL, expected->vars[i], length);
        assert_non_null(rule);
        const char *value = expected->vars[i] + length + 1;
        if (scope == SCOPE_NODE && rule->node == ACTION_SET)
            value = rule->value;
        else if (scope == SCOPE_NODE && rule->node == ACTION_UNSET)
            value = NULL;
        assert_variable(env, expected->vars[i], value);
    }
    assert_variable(env, "OMPI_MCA_rmaps_base_mapping_policy", NULL);
    assert_variable(env, "MPIEXEC_PORTRANGE", NULL);
    assert_variable(env, "OMPI_MCA_pmix", NULL);
    assert_variable(env, "PSM2_DEVICES", NULL);
    assert_variable(env, "PMIX_MCA_psec", NULL);
    assert_variable(env, "OMPI_UNIVERSE_SIZE", NULL);
    assert_variable(env, "OMPI_ALLOW_RUN_AS_ROOT", "1");
    assert_variable(env, "PATH", "/usr/bin");
}

/* Four launches, one in the other, in these scopes. At each level the baseline is what the level
 * above stored; the rank's beginning is known or not. With program: the third rank's program has
 * settings of its own, which are the user's from there on. */
static void launch_deeply(const enum scope scopes[LEVELS], bool rank_known, bool program)
{
    struct env env;
    struct env expected;
    env_from(&expected, user);
    env_from(&env, user);
    env_add(&env, LIST("PATH=/usr/bin", "OMPI_ALLOW_RUN_AS_ROOT=1"));
    assert_int_equal(baseline_store(&env, NULL, SIZE_MAX), 0);
    for (int level = 0; level < LEVELS; level++) {
        struct env rank;
        struct env baseline;
        struct plan plan;
        launch_rank(&env, level);
        assert_int_equal(env_init(&rank, env.vars), 0);
        init_mpi(&env);
        if (program && level == 2) {
            env_add(&env, LIST("OMPI_MCA_coll=^hcoll", "PMIX_MCA_gds=ds21"));
            env_unset(&env, "HYDRA_IFACE");
            env_add(&expected, LIST("OMPI_MCA_coll=^hcoll", "PMIX_MCA_gds=ds21"));
            env_unset(&expected, "HYDRA_IFACE");
        }
        assert_int_equal(baseline_load(&baseline, &env), 1);
        struct plan_facts facts = {.baseline = &baseline,
                                   .rank = rank_known ? &rank : NULL,
                                   .scope = scopes[level],
                                   .cpus = 4,
                                   .tag = "tag",
                                   .limit = SIZE_MAX};
        assert_int_equal(plan_repair(&plan, &env, &facts), 0);
        check_tuning(&env, &expected, scopes[level]);
        if (program && level >= 2)
            assert_variable(&env, "HYDRA_IFACE", NULL);
        check_changes(&plan, &env);
        /* The next level starts from strings of its own, as an executed program does. */
        struct env next;
        assert_int_equal(env_init(&next, NULL), 0);
        env_add(&next, (const char *const *)env.vars);
        plan_destroy(&plan);
        env_destroy(&rank);
        env_destroy(&env);
        env_destroy(&baseline);
        env = next;
    }
    env_destroy(&expected);
    env_destroy(&env);
}

static void the_users_tuning_stays_at_every_level(void **state)
{
    (void)state;
    for (int bits = 0; bits < 1 << LEVELS; bits++) {
        enum scope scopes[LEVELS];
        for (int level = 0; level < LEVELS; level++)
            scopes[level] = (bits >> level) & 1 ? SCOPE_JOB : SCOPE_NODE;
        launch_deeply(scopes, true, false);
        launch_deeply(scopes, false, false);
    }
}

static void a_programs_settings_are_the_users_from_there_on(void **state)
{
    (void)state;
    for (int bits = 0; bits < 1 << LEVELS; bits++) {
        enum scope scopes[LEVELS];
        for (int level = 0; level < LEVELS; level++)
            scopes[level] = (bits >> level) & 1 ? SCOPE_JOB : SCOPE_NODE;
        launch_deeply(scopes, true, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_users_tuning_stays_at_every_level),
        cmocka_unit_test(a_programs_settings_are_the_users_from_there_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
