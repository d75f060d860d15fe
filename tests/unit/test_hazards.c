/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/nesting and core/flavour: the table of hazards, and who is a new rank below a launcher. */
#include "environments.h"
#include "support.h"

#include "core/nesting.h"

#include <string.h>

static unsigned position_of(const char *name)
{
    const struct hazard *hazard;
    for (unsigned i = 0; (hazard = hazard_at(i)); i++) {
        if (strcmp(hazard->name, name) == 0)
            return i;
    }
    fail_case("no hazard is called %s", name);
}

static void the_table(void **state)
{
    (void)state;
    const struct hazard *hazard;
    unsigned count = 0;
    for (; (hazard = hazard_at(count)); count++) {
        assert_true(strlen(hazard->name) > 0 && strlen(hazard->text) > 0);
        assert_int_equal(position_of(hazard->name), count); /* no name twice */
        assert_true(hazard->flavours != 0 && !(hazard->flavours & 1U << FLAVOUR_UNKNOWN));
        assert_int_equal(hazard->flavours >> FLAVOURS, 0);
    }
    /* A verdict has room for all of them and its end. */
    assert_in_range(count, 1, HAZARDS_MAX - 1);
    assert_null(hazard_at(count + 1));
    assert_null(hazard_at(UINT32_MAX));
}

static void found_by_a_verdict(void **state)
{
    (void)state;
    struct verdict verdict;
    struct env env;
    env_from(&env, LIST("OMPI_MCA_ess=pmi", "OMPI_UNIVERSE_SIZE=4", "OMPI_COMM_WORLD_RANK=1"));
    nesting_judge(&verdict, &env);
    assert_int_equal(hazards_of(&verdict),
                     1U << position_of("silent-exit") | 1U << position_of("recursion-banner"));
    env_destroy(&env);
    env_from(&env, NO_STRINGS);
    nesting_judge(&verdict, &env);
    assert_int_equal(hazards_of(&verdict), 0);
    env_destroy(&env);
}

static void met_by_a_flavour(void **state)
{
    (void)state;
    static const struct {
        enum flavour flavour;
        const char *first, *second; /* of silent-exit and srun-wait; the latter alone */
    } cases[] = {
        {FLAVOUR_UNKNOWN, "silent-exit", "srun-wait"},
        {FLAVOUR_OPENMPI, "silent-exit", "srun-wait"},
        {FLAVOUR_PRRTE, "srun-wait", "srun-wait"},
        {FLAVOUR_HYDRA, "srun-wait", "srun-wait"},
        {FLAVOUR_INTEL, "srun-wait", "srun-wait"},
        {FLAVOUR_MVAPICH, NULL, NULL},
        {FLAVOUR_SLURM, "srun-wait", "srun-wait"},
    };
    unsigned silent = 1U << position_of("silent-exit");
    unsigned wait = 1U << position_of("srun-wait");
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *name = flavour_name(cases[i].flavour);
        const struct hazard *both = hazard_met(silent | wait, cases[i].flavour);
        const struct hazard *one = hazard_met(wait, cases[i].flavour);
        assert_text(name, both ? both->name : NULL, cases[i].first);
        assert_text(name, one ? one->name : NULL, cases[i].second);
        assert_null(hazard_met(0, cases[i].flavour));
        assert_null(hazard_met(1U << 31, cases[i].flavour)); /* of a newer release */
    }
}

static void flavours_have_names(void **state)
{
    (void)state;
    static const char *const names[] = {"unknown", "openmpi", "prrte", "hydra",
                                        "intel",   "mvapich", "slurm"};
    assert_int_equal(COUNT(names), FLAVOURS);
    for (int i = 0; i < FLAVOURS; i++)
        assert_string_equal(flavour_name((enum flavour)i), names[i]);
}

static void new_ranks(void **state)
{
    (void)state;
    static const struct {
        const char *below[4], *launcher[4];
        bool new_rank;
    } cases[] = {
        {{NULL}, {NULL}, false},
        {{"PATH=/a"}, {"PATH=/b"}, false},
        {{"PMIX_RANK=0"}, {NULL}, true},
        {{"PMIX_RANK=0"}, {"PMIX_RANK=0"}, false},
        {{"PMIX_RANK=0"}, {"PMIX_RANK=1"}, true},
        {{NULL}, {"PMIX_RANK=1"}, false}, /* it has lost what the launcher was */
        {{"PMIX_RANK=0", "PMIX_NAMESPACE=b"}, {"PMIX_RANK=0", "PMIX_NAMESPACE=a"}, true},
        {{"PMI_FD=7"}, {"PMIX_RANK=0"}, true},
        {{"OMPI_MCA_ess_base_vpid=1", "OMPI_MCA_ess_base_jobid=2"},
         {"OMPI_MCA_ess_base_vpid=1", "OMPI_MCA_ess_base_jobid=2"},
         false},
        {{"SLURM_PROCID=1"}, {"SLURM_PROCID=0"}, false}, /* that is srun's */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env below, launcher;
        env_from(&below, cases[i].below);
        env_from(&launcher, cases[i].launcher);
        if (nesting_is_new_rank(&below, &launcher) != cases[i].new_rank)
            fail_case("case %zu", i);
        env_destroy(&below);
        env_destroy(&launcher);
    }
}

/* A launcher in a batch script, and its ranks. */
static void real_ranks(void **state)
{
    (void)state;
    static const char *const *const ranks[] = {openmpi_rank, openmpi5_rank, hydra_rank,
                                               srun_pmix_rank, srun_pmi2_rank};
    struct env launcher, rank;
    env_from(&launcher, batch_script);
    for (size_t i = 0; i < COUNT(ranks); i++) {
        env_from(&rank, ranks[i]);
        if (!nesting_is_new_rank(&rank, &launcher))
            fail_case("rank %zu", i);
        assert_false(nesting_is_new_rank(&rank, &rank));
        env_destroy(&rank);
    }
    assert_false(nesting_is_new_rank(&launcher, &launcher));
    env_destroy(&launcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table),        cmocka_unit_test(found_by_a_verdict),
        cmocka_unit_test(met_by_a_flavour), cmocka_unit_test(flavours_have_names),
        cmocka_unit_test(new_ranks),        cmocka_unit_test(real_ranks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
