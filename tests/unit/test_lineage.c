/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/lineage: which ancestor is the rank as it began, and which one the launcher above it. */
#include "environments.h"
#include "support.h"

#include "core/lineage.h"

#include <string.h>

enum { NONE = -1, MOST = 6 };

/* A process above the launch. */
struct process_above {
    const char *const *env;
    const char *const *argv; /* NULL: not known */
};

/* What is to be found, as indices of the processes; told: whose arguments, NOTHING for none. ANY:
 * either answer will do. */
enum { NOTHING = -2, ANY = -3 };
struct expected {
    int rank;
    int before;
    int told;
};

static int told_index(const struct origin *origin, const struct process_above *above, size_t count)
{
    if (origin->told && !origin->told[0])
        return NOTHING;
    for (size_t i = 0; origin->told && i < count; i++) {
        if ((const char *const *)origin->told == above[i].argv)
            return (int)i;
    }
    return NONE;
}

/* Find the origin of the launch from now, below these processes: the parent's first, up to one
 * without env. */
static void check(const char *name, const struct process_above above[], const struct env *now,
                  struct expected expected)
{
    struct ancestor ancestors[MOST] = {0};
    struct verdict verdict;
    size_t count = 0, enough = 0;
    for (; above[count].env; count++) {
        assert_true(count < MOST);
        env_from(&ancestors[count].env, above[count].env);
        ancestors[count].argv = (char **)above[count].argv;
    }
    const struct lineage lineage = {ancestors, count};
    nesting_judge(&verdict, now);
    struct origin origin = lineage_find(&lineage, now, &verdict);
    int rank = NONE;
    int before = NONE;
    int told = told_index(&origin, above, count);
    for (size_t i = 0; i < count; i++) {
        rank = origin.rank == &ancestors[i].env ? (int)i : rank;
        before = origin.before == &ancestors[i].env ? (int)i : before;
    }
    if (expected.before == ANY)
        expected.before = before;
    if (rank != expected.rank || before != expected.before || told != expected.told)
        fail_case("%s: rank %d, launcher %d, its arguments %d; expected %d, %d, %d", name, rank,
                  before, told, expected.rank, expected.before, expected.told);
    /* Who stops where no more is wanted finds the same. */
    while (verdict.nested && enough < count && lineage_goes_on(&ancestors[enough], now, &verdict))
        enough++;
    const struct lineage part = {ancestors, enough < count ? enough + 1 : count};
    struct origin again = lineage_find(&part, now, &verdict);
    assert_memory_equal(&again, &origin, sizeof(origin));
    while (count)
        env_destroy(&ancestors[--count].env);
}

static const char *const plain[] = {"PATH=/bin", "OMPI_MCA_btl=tcp", NULL};
static const char *const other_plain[] = {"PATH=/bin", NULL};
static const char *const app[] = {"./app", "input", NULL};
static const char *const shell[] = {"sh", "-c", "mpirun -np 2 ./other", NULL};
static const char *const mpirun[] = {"mpirun", "-np", "2", "./app", "input", NULL};

static void a_program_below_its_rank(void **state)
{
    (void)state;
    static const char *const *const environments[] = {openmpi_rank_began, hydra_rank,
                                                      openmpi5_rank};
    for (size_t i = 0; i < COUNT(environments); i++) {
        struct env now;
        const char *const *rank = environments[i];
        env_from(&now, rank);
        env_add(&now, LIST("OMPI_MCA_pml=ob1"));
        const struct process_above direct[] = {{rank, NULL}, {plain, mpirun}, {NULL, NULL}};
        const struct process_above shells[] = {{rank, shell},   {rank, shell},      {rank, NULL},
                                               {plain, mpirun}, {other_plain, app}, {NULL, NULL}};
        const struct process_above unreadable[] = {{rank, shell}, {rank, NULL}, {NULL, NULL}};
        const struct process_above nothing[] = {{NULL, NULL}};
        check("direct", direct, &now, (struct expected){0, 1, 1});
        check("shells", shells, &now, (struct expected){2, 3, 3});
        check("the launcher is another user's", unreadable, &now, (struct expected){1, NONE, NONE});
        check("nothing is known", nothing, &now, (struct expected){NONE, NONE, NONE});
        env_destroy(&now);
    }
}

/* srun has no options that become tuning; what a task has, its program or its user set. */
static void tasks_of_srun(void **state)
{
    (void)state;
    static const char *const *const environments[] = {srun_task, srun_pmix_rank, srun_pmi2_rank};
    for (size_t i = 0; i < COUNT(environments); i++) {
        struct env now;
        env_from(&now, environments[i]);
        const struct process_above readable[] = {
            {environments[i], shell}, {environments[i], app}, {plain, app}, {NULL, NULL}};
        const struct process_above unreadable[] = {{environments[i], app}, {NULL, NULL}};
        check("readable", readable, &now, (struct expected){NONE, 2, NOTHING});
        check("unreadable", unreadable, &now, (struct expected){NONE, NONE, NOTHING});
        env_destroy(&now);
    }
}

/* The rank began before MPI_Init changed its environment. */
static void before_and_after_init(void **state)
{
    (void)state;
    struct env now;
    env_from(&now, openmpi_rank);
    const struct process_above above[] = {
        {openmpi_rank, shell}, {openmpi_rank_began, NULL}, {plain, mpirun}, {NULL, NULL}};
    check("MPI_Init", above, &now, (struct expected){1, 2, 2});
    env_destroy(&now);
}

/* Two jobs, one in the other: what stands above the inner launcher is the outer job's rank. */
static void a_rank_below_a_rank(void **state)
{
    (void)state;
    static const char *const inner[] = {"OMPI_COMM_WORLD_RANK=1", "OMPI_MCA_ess_base_jobid=2",
                                        "PMIX_RANK=1", "PMIX_NAMESPACE=2", NULL};
    struct env now;
    env_from(&now, inner);
    const struct process_above repaired[] = {{inner, shell},      {inner, app},    {plain, mpirun},
                                             {openmpi_rank, app}, {plain, mpirun}, {NULL, NULL}};
    check("repaired", repaired, &now, (struct expected){1, 2, 2});
    const struct process_above bare[] = {
        {inner, app}, {openmpi_rank, mpirun}, {openmpi_rank, app}, {plain, mpirun}, {NULL, NULL}};
    check("not repaired", bare, &now, (struct expected){0, 1, 1});
    env_destroy(&now);
}

static void not_nested(void **state)
{
    (void)state;
    struct env now;
    env_from(&now, batch_script);
    const struct process_above above[] = {{batch_script, shell}, {plain, app}, {NULL, NULL}};
    check("batch script", above, &now, (struct expected){NONE, NONE, NONE});
    env_destroy(&now);
}

static void singletons(void **state)
{
    (void)state;
    struct env now;
    env_from(&now, openmpi_singleton);
    const struct process_above direct[] = {{plain, app}, {other_plain, shell}, {NULL, NULL}};
    const struct process_above shells[] = {{openmpi_singleton, shell},
                                           {openmpi_singleton, shell},
                                           {plain, app},
                                           {other_plain, shell},
                                           {NULL, NULL}};
    const struct process_above lost[] = {{openmpi_singleton, shell}, {NULL, NULL}};
    const struct process_above nothing[] = {{NULL, NULL}};
    check("its child", direct, &now, (struct expected){0, 0, NOTHING});
    check("below a shell of its", shells, &now, (struct expected){2, 2, NOTHING});
    check("out of sight", lost, &now, (struct expected){NONE, NONE, NOTHING});
    check("nothing is known", nothing, &now, (struct expected){NONE, NONE, NOTHING});
    env_destroy(&now);
}

/* rank is what the launcher made of slurm: in a step, and in a batch script, Slurm's numbers are
 * the launcher's as well as the rank's. */
static void check_inside(const char *name, const char *const slurm[], const char *const rank[])
{
    const char *merged[128] = {NULL};
    struct env now;
    env_from(&now, slurm);
    env_add(&now, rank);
    assert_true(now.count < COUNT(merged));
    memcpy(merged, now.vars, now.count * sizeof(*merged));
    const struct process_above above[] = {
        {merged, shell}, {merged, NULL}, {slurm, mpirun}, {slurm, shell}, {NULL, NULL}};
    check(name, above, &now, (struct expected){1, 2, 2});
    env_destroy(&now);
}

static void a_launcher_in_a_batch_script(void **state)
{
    (void)state;
    check_inside("Open MPI", batch_script, openmpi_rank);
}

static void a_launcher_in_an_interactive_step(void **state)
{
    (void)state;
    check_inside("Open MPI", interactive_step, openmpi_rank);
}

static void a_launcher_in_a_step(void **state)
{
    (void)state;
    check_inside("Open MPI", srun_task, openmpi_rank);
}

static void hydra_in_a_batch_script(void **state)
{
    (void)state;
    check_inside("Hydra", batch_script, hydra_rank);
}

/* mpirun -np 1 mpirun …: the rank's program is the nested launcher. */
static void the_rank_is_the_launcher(void **state)
{
    (void)state;
    struct env now;
    env_from(&now, openmpi_rank_began);
    const struct process_above above[] = {{plain, mpirun}, {other_plain, shell}, {NULL, NULL}};
    check("mpirun mpirun", above, &now, (struct expected){NONE, 0, 0});
    env_destroy(&now);
}

/* Hydra's ranks are its proxy's children; what mpiexec was told, the proxy was not. */
static void a_daemon_is_not_the_launcher(void **state)
{
    (void)state;
    static const char *const proxy[] = {"/usr/bin/hydra_pmi_proxy",
                                        "--control-port",
                                        "node1:44949",
                                        "--rmk",
                                        "user",
                                        "--launcher",
                                        "ssh",
                                        "--demux",
                                        "poll",
                                        "--pgid",
                                        "0",
                                        "--proxy-id",
                                        "0",
                                        NULL};
    static const char *const proxy_env[] = {"PATH=/bin", "HYDI_CONTROL_FD=7", NULL};
    static const char *const mpiexec[] = {"mpiexec", "-genv", "MPIR_CVAR_X", "1",
                                          "-np",     "2",     "./app",       NULL};
    struct env now;
    env_from(&now, hydra_rank);
    const struct process_above here[] = {{hydra_rank, app},
                                         {proxy_env, proxy},
                                         {plain, mpiexec},
                                         {other_plain, shell},
                                         {NULL, NULL}};
    check("on mpiexec's node", here, &now, (struct expected){0, ANY, 2});
    const struct process_above remote[] = {{hydra_rank, app}, {proxy_env, proxy}, {NULL, NULL}};
    check("on another node", remote, &now, (struct expected){0, ANY, NONE});
    /* Slurm gave the daemon's step a rank of its own, which its ranks inherit. */
    static const char *const steps[] = {"PATH=/bin", "PMIX_RANK=1", NULL};
    env_add(&now, LIST("PMIX_RANK=1"));
    const struct process_above inherited[] = {{hydra_rank, app}, {steps, proxy}, {NULL, NULL}};
    check("in a step with PMIx", inherited, &now, (struct expected){0, ANY, NONE});
    env_destroy(&now);
}

/* Hydra gives its ranks mpiexec's environment; its proxy has that of the node it is on. */
static void the_name_of_this_node(void **state)
{
    (void)state;
    static const char *const proxy[] = {"hydra_pmi_proxy", "--control-port", NULL};
    static const char *const first[] = {"SLURMD_NODENAME=n1", NULL};
    static const char *const second[] = {"SLURMD_NODENAME=n2", NULL};
    static const struct {
        struct process_above above[3];
        const char *node;
    } cases[] = {
        {{{first, app}, {second, proxy}}, "n2"},
        {{{first, app}, {first, proxy}}, "n1"},
        {{{first, app}, {plain, proxy}}, NULL}, /* started by ssh */
        {{{second, app}, {plain, shell}}, "n2"},
        {{{plain, app}}, "n1"},
        {{{NULL, NULL}}, "n1"},
    };
    struct env now;
    env_from(&now, first);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ancestor ancestors[MOST] = {0};
        struct lineage lineage = {ancestors, 0};
        for (size_t j = 0; j < 3 && cases[i].above[j].env; j++, lineage.count++) {
            env_from(&ancestors[j].env, cases[i].above[j].env);
            ancestors[j].argv = (char **)cases[i].above[j].argv;
        }
        assert_text("the node", lineage_node(&lineage, &now), cases[i].node);
        while (lineage.count)
            env_destroy(&ancestors[--lineage.count].env);
    }
    env_destroy(&now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_below_its_rank),
        cmocka_unit_test(tasks_of_srun),
        cmocka_unit_test(before_and_after_init),
        cmocka_unit_test(a_rank_below_a_rank),
        cmocka_unit_test(not_nested),
        cmocka_unit_test(singletons),
        cmocka_unit_test(a_launcher_in_a_batch_script),
        cmocka_unit_test(a_launcher_in_an_interactive_step),
        cmocka_unit_test(a_launcher_in_a_step),
        cmocka_unit_test(hydra_in_a_batch_script),
        cmocka_unit_test(the_rank_is_the_launcher),
        cmocka_unit_test(a_daemon_is_not_the_launcher),
        cmocka_unit_test(the_name_of_this_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
