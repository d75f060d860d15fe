/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/plan: the three-way merge of tuning: the user's, what the rank began with, and now. */
#include "environments.h"
#include "support.h"

#include "core/baseline.h"
#include "core/plan.h"

#include <stdio.h>
#include <string.h>

/* Versions of a variable: not known, not there, or with one of three values; the last is what a
 * library writes into OMPI_MCA_pmix, whose row says so. */
enum version { UNKNOWN, ABSENT, ALPHA, BETA, WRITTEN, VERSIONS };
static const char *const values[VERSIONS] = {NULL, NULL, "alpha", "beta", "isolated"};
static const char *const words[VERSIONS] = {"unknown", "absent", "alpha", "beta", "written"};

/* What is known of the outer launcher's arguments: nothing; that there are none that set tuning;
 * some that do not name the variable; some that do. */
enum told { TOLD_UNKNOWN, TOLD_NOTHING, TOLD_OTHERS, TOLD_IT, TOLDS };
static const char *const told_words[TOLDS] = {"not known", "none", "of others", "of it"};

struct merge {
    const char *name;
    bool row_knows_written;
    enum version baseline;
    enum version rank;
    enum version now;
    enum told told;
    enum scope scope;
};

/* What is to come of it, in the words of plan.h and lineage.h. */
static const char *expected_value(const struct merge *m)
{
    bool by_library = m->row_knows_written && m->now == WRITTEN;
    if (m->baseline == UNKNOWN)
        return by_library ? NULL : values[m->now]; /* nothing to restore from */
    if (by_library)
        return values[m->baseline];
    if (m->rank != UNKNOWN && m->now != m->rank)
        return values[m->now]; /* the program's own */
    if (m->rank == UNKNOWN && m->told == TOLD_NOTHING)
        return values[m->now]; /* whose else, if the launcher set and dropped nothing? */
    if (m->rank == UNKNOWN && m->told == TOLD_OTHERS && values[m->now])
        return values[m->now]; /* whose else, if the launcher did not set it? It may have dropped
                                  it. */
    return values[m->baseline];
}

static void version_env(struct env *env, const char *name, enum version version)
{
    env_from(env, LIST("PATH=/bin"));
    if (values[version])
        assert_int_equal(env_set(env, name, values[version]), 0);
}

static const struct change *find_change(const struct plan *plan, const char *name)
{
    const struct change *found = NULL;
    for (size_t i = 0; i < plan->count; i++) {
        const struct change *change = &plan->changes[i];
        if (change->name_length == strlen(name) &&
            strncmp(change->name, name, change->name_length) == 0)
            found = change;
    }
    return found;
}

static void check_merge(const struct merge *m)
{
    struct env now;
    struct env baseline;
    struct env rank;
    struct plan plan;
    char what[200];
    version_env(&baseline, m->name, m->baseline);
    version_env(&rank, m->name, m->rank);
    version_env(&now, m->name, m->now);
    struct plan_facts facts = {
        .baseline = m->baseline == UNKNOWN ? NULL : &baseline,
        .rank = m->rank == UNKNOWN ? NULL : &rank,
        .scope = m->scope,
        .cpus = 2,
        .tag = "tag",
        .limit = SIZE_MAX,
    };
    char *const *const told[TOLDS] = {
        NULL,
        (char *const[]){NULL},
        (char *const[]){(char *)"mpirun", (char *)"--mca", (char *)"pml", (char *)"ob1", NULL},
        (char *const[]){(char *)"mpirun", (char *)"-x", (char *)m->name, NULL},
    };
    facts.told = told[m->told];
    snprintf(what, sizeof(what), "%s: baseline %s, rank %s, now %s, arguments %s", m->name,
             words[m->baseline], words[m->rank], words[m->now], told_words[m->told]);
    assert_int_equal(plan_repair(&plan, &now, &facts), 0);
    const char *expected = expected_value(m);
    assert_text(what, env_get(&now, m->name), expected);
    assert_variable(&now, "PATH", "/bin");

    const struct change *change = find_change(&plan, m->name);
    if (!change && (values[m->now] || expected))
        fail_case("%s: not in the plan", what);
    if (change) {
        assert_text(what, change->before, values[m->now]);
        assert_text(what, change->after, expected);
        bool same = expected && values[m->now] && strcmp(expected, values[m->now]) == 0;
        assert_int_equal(change->kind, same ? CHANGE_KEPT : CHANGE_RESTORED);
        assert_true(change->rule && change->rule->why);
    }

    struct env stored;
    assert_int_equal(baseline_load(&stored, &now), 1);
    assert_text(what, env_get(&stored, m->name), expected);
    env_destroy(&stored);
    plan_destroy(&plan);
    env_destroy(&now);
    env_destroy(&rank);
    env_destroy(&baseline);
}

static void every_merge(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool row_knows_written;
    } variables[] = {{"OMPI_MCA_btl", false}, {"OMPI_MCA_pmix", true}};
    for (size_t v = 0; v < COUNT(variables); v++) {
        for (int baseline = UNKNOWN; baseline < VERSIONS; baseline++) {
            for (int rank = UNKNOWN; rank < VERSIONS; rank++) {
                for (int now = ABSENT; now < VERSIONS; now++) {
                    for (int rest = 0; rest < 2 * TOLDS; rest++) {
                        const struct merge m = {variables[v].name,
                                                variables[v].row_knows_written,
                                                (enum version)baseline,
                                                (enum version)rank,
                                                (enum version)now,
                                                (enum told)(rest / 2),
                                                (rest & 1) ? SCOPE_JOB : SCOPE_NODE};
                        check_merge(&m);
                    }
                }
            }
        }
    }
}

/* A rank of Open MPI 4.1 after MPI_Init, with a user's tuning and a command line's. */
static void a_real_rank(void **state)
{
    (void)state;
    struct env baseline;
    struct env rank;
    struct env now;
    struct plan plan;
    env_from(&baseline, LIST("OMPI_MCA_mtl=psm2", "OMPI_MCA_btl=tcp,self", "PMIX_MCA_gds=hash",
                             "PRTE_MCA_plm_ssh_num_concurrent=7"));
    env_from(&rank, openmpi_rank_began);
    env_add(&rank, LIST("OMPI_MCA_mtl=psm2", "OMPI_MCA_btl=self,vader", "PMIX_MCA_gds=hash",
                        "OMPI_MCA_hwloc_base_binding_policy=none", "OMPI_ALLOW_RUN_AS_ROOT=1"));
    env_from(&now, openmpi_rank);
    env_add(&now, LIST("OMPI_MCA_mtl=psm2", "PMIX_MCA_gds=hash", "OMPI_ALLOW_RUN_AS_ROOT=1",
                       "OMPI_MCA_pml=ob1"));
    struct plan_facts facts = {.baseline = &baseline,
                               .rank = &rank,
                               .scope = SCOPE_NODE,
                               .cpus = 2,
                               .tag = "tag",
                               .limit = SIZE_MAX};
    assert_int_equal(plan_repair(&plan, &now, &facts), 0);
    assert_variable(&now, "OMPI_MCA_mtl", "psm2");                    /* the user's */
    assert_variable(&now, "OMPI_MCA_btl", "tcp,self");                /* not --mca btl */
    assert_variable(&now, "OMPI_MCA_rmaps_base_oversubscribe", NULL); /* nor --oversubscribe */
    assert_variable(&now, "PMIX_MCA_gds", "hash");
    assert_variable(&now, "PRTE_MCA_plm_ssh_num_concurrent", "7"); /* dropped, and back */
    assert_variable(&now, "OMPI_ALLOW_RUN_AS_ROOT", "1");
    assert_variable(&now, "OMPI_MCA_pml", "ob1"); /* the program's */
    assert_variable(&now, "HFI_NO_BACKTRACE", "1");
    assert_variable(&now, "PSM2_DEVICES", NULL);

    struct env stored;
    struct env expected;
    assert_int_equal(baseline_load(&stored, &now), 1);
    env_from(&expected, baseline.vars ? (const char *const *)baseline.vars : NO_STRINGS);
    env_add(&expected, LIST("OMPI_MCA_pml=ob1"));
    assert_same_env(&stored, &expected);
    env_destroy(&expected);
    env_destroy(&stored);
    plan_destroy(&plan);
    env_destroy(&now);
    env_destroy(&rank);
    env_destroy(&baseline);
}

/* What MPI_Init of a singleton sets is gone, all of it, and nothing else is. */
static void a_real_singleton(void **state)
{
    (void)state;
    static const char *const user[] = {"OMPI_MCA_btl=tcp,self", "PMIX_MCA_gds=hash",
                                       "OMPI_MCA_pmix=^s1", NULL};
    struct env before;
    struct env now;
    struct env stored;
    struct plan plan;
    env_from(&before, user);
    env_from(&now, user);
    env_add(&now, openmpi_singleton);
    struct plan_facts facts = {.baseline = &before,
                               .rank = &before,

                               .scope = SCOPE_NODE,
                               .cpus = 2,
                               .tag = "tag",
                               .limit = SIZE_MAX};
    assert_int_equal(plan_repair(&plan, &now, &facts), 0);
    assert_int_equal(baseline_load(&stored, &now), 1);
    assert_same_env(&stored, &before);
    env_destroy(&stored);
    plan_destroy(&plan);
    env_destroy(&now);
    env_destroy(&before);
}

/* PRRTE drops PRTE_MCA_* and PMIX_MCA_* of its own accord, whatever it is told; when the rank's
 * beginning is not known (its script has become another program), they come back all the same. */
static void what_the_launcher_dropped_comes_back(void **state)
{
    (void)state;
    char *const mpirun[] = {(char *)"mpirun", (char *)"-np", (char *)"2", (char *)"run.sh", NULL};
    static const char *const user[] = {"PRTE_MCA_rmaps_default_mapping_policy=node",
                                       "PRTE_MCA_oob_tcp_if_include=eth0", NULL};
    for (int rank_known = 0; rank_known < 2; rank_known++) {
        struct env baseline;
        struct env rank;
        struct env now;
        struct plan plan;
        env_from(&baseline, user);
        env_from(&rank, openmpi5_rank);
        env_from(&now, openmpi5_rank);
        struct plan_facts facts = {.baseline = &baseline,
                                   .rank = rank_known ? &rank : NULL,
                                   .told = mpirun,
                                   .scope = SCOPE_JOB,
                                   .tag = "tag",
                                   .limit = SIZE_MAX};
        assert_int_equal(plan_repair(&plan, &now, &facts), 0);
        for (size_t i = 0; user[i]; i++)
            assert_variable(&now, user[i], strchr(user[i], '=') + 1);
        plan_destroy(&plan);
        env_destroy(&now);
        env_destroy(&rank);
        env_destroy(&baseline);
    }
}

/* Of two entries the first counts, so that is the one to judge by. */
static void entries_that_are_there_twice(void **state)
{
    (void)state;
    struct env baseline;
    struct env rank;
    struct env now;
    struct plan plan;
    env_from(&baseline, LIST("OMPI_MCA_btl=user", "OMPI_MCA_pml=user"));
    env_from(&rank, LIST("OMPI_MCA_btl=launcher", "OMPI_MCA_pml=launcher"));
    env_from(&now, LIST("OMPI_MCA_btl=program", "OMPI_MCA_pml=launcher", "OMPI_MCA_ess=pmi",
                        "OMPI_MCA_btl=launcher", "OMPI_MCA_pml=program", "OMPI_MCA_ess=pmi"));
    struct plan_facts facts = {
        .baseline = &baseline, .rank = &rank, .scope = SCOPE_JOB, .tag = "tag", .limit = SIZE_MAX};
    assert_int_equal(plan_repair(&plan, &now, &facts), 0);
    assert_variable(&now, "OMPI_MCA_pml", "user");
    assert_variable(&now, "OMPI_MCA_ess", NULL);
    assert_variable(&now, "OMPI_MCA_btl", "program");
    plan_destroy(&plan);
    env_destroy(&now);
    env_destroy(&rank);
    env_destroy(&baseline);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_merge),
        cmocka_unit_test(a_real_rank),
        cmocka_unit_test(a_real_singleton),
        cmocka_unit_test(what_the_launcher_dropped_comes_back),
        cmocka_unit_test(entries_that_are_there_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
