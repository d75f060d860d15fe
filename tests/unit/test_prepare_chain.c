/* SPDX-License-Identifier: GPL-2.0-or-later */
/* launch/prepare below real processes: what is learned from the environments they began with. */
#include "environments.h"
#include "support.h"

#include "core/baseline.h"
#include "launch/prepare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

/* The last process of a chain is about to be a launcher: print its environment. */
static int leaf(void)
{
    char *const argv[] = {(char *)"mpirun", (char *)"./app", NULL};
    struct preparation preparation;
    if (prepare(&preparation, environ, argv) != 0)
        return 1;
    printf("decision=%d\n", preparation.decision);
    for (size_t i = 0; i < preparation.env.count; i++)
        printf("%s\n", preparation.env.vars[i]);
    preparation_destroy(&preparation);
    return 0;
}

/* An environment of its own, and of all that is in base. */
struct group {
    struct env env;
};

static const char *const *group_of(struct group *group, const char *const base[],
                                   const char *const more[])
{
    env_from(&group->env, base);
    env_add(&group->env, more);
    return (const char *const *)group->env.vars;
}

/* Run the chain; the last one's environment is in *env, whose strings are in the text to free. */
static char *run(struct env *env, const char *const *const groups[], size_t count,
                 enum decision decision)
{
    char *output = chain_run(groups, count);
    assert_non_null(output);
    const char *vars[512] = {NULL};
    size_t found = 0;
    char *rest = output;
    for (char *line; (line = strsep(&rest, "\n")) && *line;) {
        assert_true(found + 1 < COUNT(vars));
        vars[found++] = line;
    }
    env_from(env, vars);
    char expected[16];
    snprintf(expected, sizeof(expected), "%d", (int)decision);
    assert_variable(env, "decision", expected);
    return output;
}

/* A singleton: what it began with is the baseline, whatever is carried; what it sets stays. */
static void a_singleton(void **state)
{
    (void)state;
    static const char *const user[] = {"PATH=/bin", "OMPI_MCA_btl=tcp", "OMPI_MCA_pmix=^s1",
                                       BASELINE_VARIABLE "=OMPI_MCA_btl=old;OMPI_MCA_mtl=old;",
                                       NULL};
    struct group program = {0};
    struct group shell = {0};
    struct env env;
    const char *const *const groups[] = {
        user,
        group_of(&program, user, openmpi_singleton),
        group_of(&shell, (const char *const *)program.env.vars, LIST("OMPI_MCA_pml=ob1")),
    };
    char *output = run(&env, groups, COUNT(groups), DECISION_REPAIR);
    assert_variable(&env, "OMPI_MCA_btl", "tcp");
    assert_variable(&env, "OMPI_MCA_mtl", NULL);
    assert_variable(&env, "OMPI_MCA_pmix", "^s1");
    assert_variable(&env, "OMPI_MCA_pml", "ob1");
    assert_variable(&env, "OMPI_MCA_ess", NULL);
    env_destroy(&env);
    env_destroy(&shell.env);
    env_destroy(&program.env);
    free(output);
}

/*
 * A job: its script or its step, in slurm; mpirun, with a command line's --mca pml ob1, --bind-to
 * none and --oversubscribe for its ranks; the rank, which began with openmpi_rank_began, has called
 * MPI_Init, and sets OMPI_MCA_coll before it starts mpirun.
 */
static void check_job(const char *const slurm[], bool carried)
{
    static const char *const none[] = {NULL};
    struct group script = {0};
    struct group rank = {0};
    struct group launch = {0};
    struct env env;
    group_of(&script, slurm, LIST("PATH=/bin", "OMPI_MCA_btl=tcp,self", "PMIX_MCA_gds=hash"));
    if (carried)
        assert_int_equal(baseline_store(&script.env, NULL, SIZE_MAX), 0);
    const char *const *const user = (const char *const *)script.env.vars;
    group_of(&rank, user, openmpi_rank_began);
    env_add(&rank.env, LIST("OMPI_MCA_pml=ob1", "OMPI_MCA_hwloc_base_binding_policy=none",
                            "OMPI_MCA_btl=self,vader"));
    group_of(&launch, (const char *const *)rank.env.vars, none);
    env_add(&launch.env, LIST("OMPI_MCA_ess=pmi", "PMIX_MCA_psec=native", "PSM2_DEVICES=self,shm",
                              "OMPI_MCA_coll=^hcoll"));
    /* OMPI_COMMAND must be the program of the chain for the rank to be as it was launched. */
    env_unset(&rank.env, "OMPI_COMMAND");
    env_unset(&launch.env, "OMPI_COMMAND");
    const char *const *const groups[] = {user, user, (const char *const *)rank.env.vars,
                                         (const char *const *)launch.env.vars};
    char *output = run(&env, groups, COUNT(groups), DECISION_REPAIR);
    assert_variable(&env, "PATH", "/bin");
    assert_variable(&env, "OMPI_MCA_btl", "tcp,self");
    assert_variable(&env, "PMIX_MCA_gds", "hash");
    assert_variable(&env, "OMPI_MCA_coll", "^hcoll");
    assert_variable(&env, "OMPI_MCA_pml", NULL);
    assert_variable(&env, "OMPI_MCA_rmaps_base_oversubscribe", NULL);
    assert_variable(&env, "OMPI_MCA_ess_base_jobid", NULL);
    assert_variable(&env, "PSM2_DEVICES", NULL);
    env_destroy(&env);
    env_destroy(&launch.env);
    env_destroy(&rank.env);
    env_destroy(&script.env);
    free(output);
}

static const char *const no_slurm[] = {NULL};

static void a_rank_of_mpirun(void **state)
{
    (void)state;
    check_job(no_slurm, true);
}

static void a_rank_of_mpirun_without_a_carried_baseline(void **state)
{
    (void)state;
    check_job(no_slurm, false);
}

static void a_rank_of_mpirun_in_a_batch_script(void **state)
{
    (void)state;
    check_job(batch_script, true);
}

static void a_rank_of_mpirun_in_an_interactive_step(void **state)
{
    (void)state;
    check_job(interactive_step, true);
}

static void a_rank_of_mpirun_in_a_step(void **state)
{
    (void)state;
    check_job(srun_task, true);
}

/* A rank of srun's: no launcher set anything, so what it has is its own. */
static void a_rank_of_srun(void **state)
{
    (void)state;
    struct group task = {0};
    struct group launch = {0};
    struct env env;
    const char *const *const groups[] = {
        group_of(&task, srun_pmix_rank,
                 LIST("PATH=/bin", "OMPI_MCA_btl=tcp", BASELINE_VARIABLE "=OMPI_MCA_btl=tcp;")),
        group_of(&launch, srun_pmix_rank_after_init,
                 LIST("PATH=/bin", "OMPI_MCA_btl=self", "OMPI_MCA_pml=ob1",
                      BASELINE_VARIABLE "=OMPI_MCA_btl=tcp;")),
    };
    char *output = run(&env, groups, COUNT(groups), DECISION_REPAIR);
    assert_variable(&env, "OMPI_MCA_btl", "self");
    assert_variable(&env, "OMPI_MCA_pml", "ob1");
    assert_variable(&env, "OMPI_MCA_ess", NULL);
    assert_variable(&env, "PMIX_MCA_psec", NULL);
    assert_variable(&env, "SLURM_STEP_ID", NULL);
    env_destroy(&env);
    env_destroy(&launch.env);
    env_destroy(&task.env);
    free(output);
}

int main(int argc, char *argv[])
{
    int status;
    if (chain_main(argc, argv, leaf, &status))
        return status;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_singleton),
        cmocka_unit_test(a_rank_of_mpirun),
        cmocka_unit_test(a_rank_of_mpirun_without_a_carried_baseline),
        cmocka_unit_test(a_rank_of_mpirun_in_a_batch_script),
        cmocka_unit_test(a_rank_of_mpirun_in_an_interactive_step),
        cmocka_unit_test(a_rank_of_mpirun_in_a_step),
        cmocka_unit_test(a_rank_of_srun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
