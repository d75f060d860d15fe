/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/lineage: what a launcher's arguments tell of its ranks' tuning, and of their programs. */
#include "support.h"

#include "core/lineage.h"

#include <string.h>

/* May a launcher with these arguments have set the variable? */
static const struct {
    const char *told[8];
    const char *name;
    bool may;
} cases[] = {
    {{NULL}, "OMPI_MCA_btl", false},
    {{NULL}, "OMPI_MCA_orte_tag_output", false},
    {{"mpirun", "-np", "2", "./app"}, "OMPI_MCA_btl", false},
    {{"mpirun", "--mca", "btl", "tcp,self", "./app"}, "OMPI_MCA_btl", true},
    {{"mpirun", "-mca", "btl", "tcp,self", "./app"}, "OMPI_MCA_btl", true},
    {{"mpirun", "-gmca", "btl", "tcp,self", "./app"}, "OMPI_MCA_btl", true},
    {{"mpirun", "--mca", "btl_tcp_if_include", "eth0", "./app"}, "OMPI_MCA_btl", false},
    {{"mpirun", "--mca", "btl", "tcp", "./app"}, "OMPI_MCA_btl_tcp_if_include", false},
    {{"mpirun", "--mca", "btl", "tcp", "./app"}, "OMPI_MCA_bt", false},
    {{"mpirun", "--prtemca", "rmaps_default_mapping_policy", "node"},
     "PRTE_MCA_rmaps_default_mapping_policy",
     true},
    {{"mpirun", "--pmixmca", "gds", "hash"}, "PMIX_MCA_gds", true},
    {{"mpirun", "--pmixmca", "gds", "hash"}, "PMIX_MCA_psec", false},
    {{"mpirun", "-x", "OMPI_MCA_pml=ob1", "./app"}, "OMPI_MCA_pml", true},
    {{"mpirun", "-x", "OMPI_MCA_pml", "./app"}, "OMPI_MCA_pml", true},
    {{"mpirun", "-x", "OMPI_MCA_pml_x=ob1", "./app"}, "OMPI_MCA_pml", false},
    {{"mpirun", "-x", "PSM2_DEVICES=self", "./app"}, "PSM2_DEVICES", true},
    {{"mpiexec", "-genv", "MPIR_CVAR_X", "1", "./app"}, "MPIR_CVAR_X", true},
    {{"mpiexec", "-env", "I_MPI_FABRICS", "shm", "./app"}, "I_MPI_FABRICS", true},
    {{"mpiexec", "-genv", "I_MPI_FABRICS=shm", "./app"}, "I_MPI_FABRICS", true},
    {{"mpiexec", "-genv", "I_MPI_FABRICS", "shm"}, "I_MPI_FABRICS_LIST", false},
    {{"mpirun", "--bind-to", "none"}, "OMPI_MCA_hwloc_base_binding_policy", true},
    {{"mpirun", "--report-bindings"}, "OMPI_MCA_hwloc_base_report_bindings", true},
    {{"mpirun", "--map-by", "core"}, "OMPI_MCA_rmaps_base_mapping_policy", true},
    {{"mpirun", "--oversubscribe"}, "OMPI_MCA_rmaps_base_oversubscribe", true},
    {{"mpirun", "--tag-output"}, "OMPI_MCA_orte_tag_output", true},
    {{"mpirun", "-np", "2"}, "OMPI_MCA_rmap", false},
    {{"mpirun", "-np", "2"}, "OMPI_MCA_orte", false},
    {{"mpirun", "-np", "2"}, "OMPI_MCA_xorte_y", false},
    {{"mpirun", "-np", "2"}, "HYDRA_IFACE", false},
    /* Files that are not looked into. */
    {{"mpirun", "--tune", "file"}, "OMPI_MCA_btl", true},
    {{"mpirun", "-tune", "file"}, "OMPI_MCA_btl", true},
    {{"mpirun", "--am", "file"}, "OMPI_MCA_btl", true},
    {{"mpirun", "-am", "file"}, "OMPI_MCA_btl", true},
};

static void variables_that_arguments_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char entry[128];
        char *told[9] = {NULL};
        for (size_t j = 0; j < COUNT(cases[i].told) && cases[i].told[j]; j++)
            told[j] = (char *)cases[i].told[j];
        /* The name goes on behind its length, as in "NAME=VALUE". */
        strcpy(entry, cases[i].name);
        strcat(entry, "=value");
        if (lineage_was_told(told, entry, strlen(cases[i].name)) != cases[i].may)
            fail_case("case %zu: %s %s %s, %s", i, told[0] ? told[0] : "nothing",
                      told[0] ? told[1] : "", told[0] && told[1] && told[2] ? told[2] : "",
                      cases[i].name);
    }
}

/* More files that hold arguments or settings: mpirun(1) --app, mpiexec.hydra(1) -configfile, and
 * the spelling of getopt_long(3) that prterun takes. */
static void other_files_of_settings(void **state)
{
    (void)state;
    static const char *const words[] = {"-app",         "--app",       "-configfile",
                                        "--configfile", "--tune=file", "--app=file"};
    char wrong[256] = "";
    for (size_t i = 0; i < COUNT(words); i++) {
        char *const told[] = {(char *)"mpirun", (char *)words[i], (char *)"file", NULL};
        if (!lineage_was_told(told, "OMPI_MCA_btl", 12)) {
            strcat(wrong, words[i]);
            strcat(wrong, " ");
        }
    }
    if (*wrong)
        fail_case("may set anything, by a file: %s", wrong);
}

/* The rank has become another program, or is the one that was launched. */
static void is_the_rank_as_it_was_launched(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *command; /* OMPI_COMMAND, or NULL */
        const char *rank[5];
        const char *told[7];
        bool known;
    } programs[] = {
        {"itself", "app", {"app", "x"}, {"mpirun", "app", "x"}, true},
        {"by its path", "/opt/bin/app", {"app"}, {"mpirun", "/opt/bin/app"}, true},
        {"a path of its", "app", {"/opt/bin/app"}, {"mpirun", "app"}, true},
        {"a script", "run.sh", {"/bin/sh", "./run.sh"}, {"mpirun", "run.sh"}, true},
        {"with an option", "run.py", {"python3", "-u", "run.py"}, {"mpirun", "run.py"}, true},
        {"another", "run.sh", {"./app", "x"}, {"mpirun", "run.sh"}, false},
        {"a shell's exec", "sh", {"python3", "prog.py"}, {"mpirun", "sh", "-c", "x"}, false},
        {"a near miss", "app", {"app2"}, {"mpirun", "app"}, false},
        {"an argument", "app", {"a", "b", "c", "app"}, {"mpirun", "app"}, false},
        {"Hydra", NULL, {"./app"}, {"mpiexec", "-np", "2", "./app"}, true},
        {"Hydra, a script", NULL, {"sh", "./run"}, {"mpiexec", "./run"}, true},
        {"Hydra, another", NULL, {"./other"}, {"mpiexec", "./run"}, false},
        {"nothing", "app", {NULL}, {"mpirun", "app"}, false},
    };
    for (size_t i = 0; i < COUNT(programs); i++) {
        struct ancestor ancestors[2] = {{.argv = NULL}};
        struct verdict verdict;
        struct env now;
        env_from(&now, LIST("PMI_RANK=0", "PMI_FD=7", "HYDI_CONTROL_FD=8"));
        if (programs[i].command)
            assert_int_equal(env_set(&now, "OMPI_COMMAND", programs[i].command), 0);
        env_from(&ancestors[0].env, (const char *const *)now.vars);
        env_from(&ancestors[1].env, LIST("PATH=/bin"));
        ancestors[0].argv = (char **)programs[i].rank;
        ancestors[1].argv = (char **)programs[i].told;
        const struct lineage lineage = {ancestors, 2};
        nesting_judge(&verdict, &now);
        struct origin origin = lineage_find(&lineage, &now, &verdict);
        if ((origin.rank == &ancestors[0].env) != programs[i].known)
            fail_case("%s: the rank is %sknown", programs[i].name, origin.rank ? "" : "not ");
        assert_ptr_equal(origin.before, &ancestors[1].env);
        assert_ptr_equal(origin.told, ancestors[1].argv);
        env_destroy(&ancestors[1].env);
        env_destroy(&ancestors[0].env);
        env_destroy(&now);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_that_arguments_name),
        cmocka_unit_test(other_files_of_settings),
        cmocka_unit_test(is_the_rank_as_it_was_launched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
