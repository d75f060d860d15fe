/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/plan: every built-in row in a whole repair, site rules over them, and what has no row. */
#include "rule_cases.h"
#include "support.h"

#include "core/baseline.h"
#include "core/plan.h"

#include <errno.h>
#include <string.h>

static const char unreachable[] = "/opt/unreachable";
static const char *const scopes[] = {[SCOPE_NODE] = "node", [SCOPE_JOB] = "job"};

/* An environment with every row's example in it. */
static void env_of_all(struct env *env, const char *value)
{
    env_from(env, NO_STRINGS);
    for (size_t i = 0; i < COUNT(rule_cases); i++)
        assert_int_equal(env_set(env, rule_cases[i].example, value), 0);
    assert_int_equal(env_set(env, "SLURM_JOB_NUM_NODES", "2"), 0);
    env_add(env, LIST("SLURM_STEP_ID=0", "SLURM_JOBID=1", "PATH=/bin", "PMI_DEBUG=1", "odd=a=b"));
}

/* The value that a row gives, in the environment original. */
static const char *given(const struct rule *rule, const struct env *original)
{
    if (strcmp(rule->value, "%cpus") == 0)
        return "3";
    if (strcmp(rule->value, "%unreachable") == 0)
        return unreachable;
    if (strcmp(rule->value, "%nodelist") == 0)
        return env_get(original, "SLURM_JOB_NODELIST");
    if (strcmp(rule->value, "%nodes") == 0)
        return env_get(original, "SLURM_JOB_NUM_NODES");
    return rule->value[0] == '$' ? env_get(original, rule->value + 1) : rule->value;
}

static void check_row(const struct rule_case *c, enum scope scope, const struct env *env,
                      const struct env *original)
{
    const struct rule *rule = rules_match(NULL, c->example, strlen(c->example));
    assert_non_null(rule);
    const char *value = env_get(env, c->example);
    switch (scope == SCOPE_NODE ? c->node : c->job) {
    case ACTION_UNSET:
        assert_text(c->example, value, NULL);
        break;
    case ACTION_KEEP:
        assert_text(c->example, value, env_get(original, c->example));
        break;
    case ACTION_RESTORE:
    case ACTION_DEFAULT: /* the user has chosen */
        assert_text(c->example, value, "user");
        break;
    case ACTION_SET:
        if (strcmp(rule->value, "%session") != 0) {
            assert_text(c->example, value, given(rule, original));
        } else if (!value || !strstr(value, "unique-tag")) {
            fail_case("%s is %s", c->example, value ? value : "(none)");
        }
        break;
    }
}

static void every_row_in_a_repair(void **state)
{
    (void)state;
    for (int scope = SCOPE_NODE; scope <= SCOPE_JOB; scope++) {
        struct env original;
        struct env env;
        struct env baseline;
        struct plan plan;
        env_of_all(&original, "outer");
        env_of_all(&env, "outer");
        env_of_all(&baseline, "user");
        print_message("# scope %s\n", scopes[scope]);
        struct plan_facts facts = {.baseline = &baseline,
                                   .rank = &original,
                                   .scope = (enum scope)scope,
                                   .cpus = 3,
                                   .tag = "unique-tag",
                                   .unreachable = unreachable,
                                   .limit = SIZE_MAX};
        assert_int_equal(plan_repair(&plan, &env, &facts), 0);
        for (size_t i = 0; i < COUNT(rule_cases); i++)
            check_row(&rule_cases[i], (enum scope)scope, &env, &original);
        assert_variable(&env, "PATH", "/bin");
        assert_variable(&env, "PMI_DEBUG", "1");
        assert_variable(&env, "odd", "a=b");
        plan_destroy(&plan);
        env_destroy(&baseline);
        env_destroy(&env);
        env_destroy(&original);
    }
}

/* Neither a rank's program nor a baseline gets a variable past UNSET. */
static void unset_never_passes(void **state)
{
    (void)state;
    for (int scope = SCOPE_NODE; scope <= SCOPE_JOB; scope++) {
        struct env env;
        struct env baseline;
        struct env rank;
        struct plan plan;
        env_of_all(&env, "program");
        env_of_all(&baseline, "user");
        env_from(&rank, NO_STRINGS);
        struct plan_facts facts = {.baseline = &baseline,
                                   .rank = &rank,
                                   .scope = (enum scope)scope,
                                   .cpus = 3,
                                   .tag = "tag",
                                   .limit = SIZE_MAX};
        assert_int_equal(plan_repair(&plan, &env, &facts), 0);
        for (size_t i = 0; i < COUNT(rule_cases); i++) {
            const struct rule_case *c = &rule_cases[i];
            if ((scope == SCOPE_NODE ? c->node : c->job) == ACTION_UNSET)
                assert_variable(&env, c->example, NULL);
        }
        plan_destroy(&plan);
        env_destroy(&rank);
        env_destroy(&baseline);
        env_destroy(&env);
    }
}

static void what_a_repair_gives_where_nothing_is(void **state)
{
    (void)state;
    for (int scope = SCOPE_NODE; scope <= SCOPE_JOB; scope++) {
        struct env env;
        struct plan plan;
        env_from(&env, LIST("PATH=/bin", "PMI_RANK=0"));
        struct plan_facts facts = {
            .scope = (enum scope)scope, .cpus = 3, .tag = "unique-tag", .limit = SIZE_MAX};
        assert_int_equal(plan_repair(&plan, &env, &facts), 0);
        bool node = scope == SCOPE_NODE;
        assert_variable(&env, "PATH", "/bin");
        assert_variable(&env, "PMI_RANK", NULL);
        assert_variable(&env, "OMPI_MCA_plm", node ? "isolated" : NULL);
        assert_variable(&env, "OMPI_MCA_orte_set_default_slots", node ? "3" : NULL);
        assert_variable(&env, "OMPI_MCA_hwloc_base_binding_policy", node ? "none" : NULL);
        assert_variable(&env, "PRTE_MCA_prte_set_default_slots", node ? "3" : NULL);
        assert_variable(&env, "PRTE_MCA_bindto", node ? "none" : NULL);
        assert_variable(&env, "PRTE_MCA_hwloc_default_binding_policy", node ? "none" : NULL);
        assert_variable(&env, "HYDRA_LAUNCHER", node ? "ssh" : NULL);
        assert_variable(&env, "PRTE_MCA_plm", node ? "ssh" : NULL);
        /* There is no program that would take ssh's place. */
        assert_variable(&env, "HYDRA_LAUNCHER_EXEC", NULL);
        assert_variable(&env, "PRTE_MCA_plm_ssh_agent", NULL);
        assert_variable(&env, "SLURM_OVERLAP", NULL);
        assert_variable(&env, "SLURM_CPU_BIND", NULL);
        assert_variable(&env, "SLURM_NODELIST", NULL);
        for (size_t i = 0; i < plan.count; i++)
            assert_true(plan.changes[i].kind == CHANGE_UNSET || plan.changes[i].kind == CHANGE_SET);
        plan_destroy(&plan);
        env_destroy(&env);
    }
}

/* PRRTE warns of a setting that is given by an old name alone. */
static void a_choice_under_another_name(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *value;
        bool places;
        const char *bindto; /* what becomes of the two names */
        const char *policy;
    } cases[] = {
        {"PRTE_MCA_bindto", "core", false, "core", NULL},
        {"PRTE_MCA_bind_to", "core", false, NULL, NULL},
        {"PRTE_MCA_hwloc_default_binding_policy", "core", false, NULL, "core"},
        {"PRTE_MCA_mapby", "core", false, "none", "none"},
        {"PRTE_MCA_mapby", "core", true, NULL, NULL},
        {"PRTE_MCA_mapby", "slot:PE=2", false, NULL, NULL},
        {"PRTE_MCA_map_by", "slot:pe=2", false, NULL, NULL},
        {"PRTE_MCA_rmaps_default_mapping_policy", "pe-list=0,1:ordered", false, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env env;
        struct env baseline;
        struct plan plan;
        env_from(&env, LIST("PMI_RANK=0"));
        env_from(&baseline, NO_STRINGS);
        assert_int_equal(env_set(&env, cases[i].name, cases[i].value), 0);
        assert_int_equal(env_set(&baseline, cases[i].name, cases[i].value), 0);
        struct plan_facts facts = {.baseline = &baseline,
                                   .scope = SCOPE_NODE,
                                   .cpus = 3,
                                   .places = cases[i].places,
                                   .tag = "tag",
                                   .limit = SIZE_MAX};
        assert_int_equal(plan_repair(&plan, &env, &facts), 0);
        assert_variable(&env, "PRTE_MCA_bindto", cases[i].bindto);
        assert_variable(&env, "PRTE_MCA_hwloc_default_binding_policy", cases[i].policy);
        plan_destroy(&plan);
        env_destroy(&baseline);
        env_destroy(&env);
    }
}

/* Also where the site gives the setting a value under another name. */
static void a_sites_choice_under_another_name(void **state)
{
    (void)state;
    static const struct rule row = {.pattern = "PRTE_MCA_bind_to",
                                    .node = ACTION_SET,
                                    .job = ACTION_SET,
                                    .family = FAMILY_SITE,
                                    .value = "core",
                                    .why = "ours"};
    struct ruleset rules = {&row, 1};
    struct env env;
    struct plan plan;
    env_from(&env, LIST("PMI_RANK=0"));
    struct plan_facts facts = {.rules = &rules, .scope = SCOPE_NODE, .limit = SIZE_MAX};
    assert_int_equal(plan_repair(&plan, &env, &facts), 0);
    assert_variable(&env, "PRTE_MCA_bind_to", "core");
    assert_variable(&env, "PRTE_MCA_bindto", NULL);
    assert_variable(&env, "PRTE_MCA_hwloc_default_binding_policy", NULL);
    plan_destroy(&plan);
    env_destroy(&env);
}

/* MPI_Init under srun writes "none" (schizo_slurm.c); that is no choice, the user's is one. */
static void a_default_gives_way_to_the_user_only(void **state)
{
    (void)state;
    static const struct {
        const char *baseline; /* NULL: the user has none */
        const char *rank;
        const char *now;
        const char *node;
        const char *job;
    } cases[] = {
        {NULL, NULL, "none", "none", NULL},       {"core", "core", "core", "core", "core"},
        {"core", "none", "none", "core", "core"}, {NULL, "socket", "socket", "none", NULL},
        {NULL, "socket", "core", "core", "core"}, {"none", "none", "none", "none", "none"},
        {"core", "core", "none", "core", "core"},
    };
    static const char name[] = "OMPI_MCA_hwloc_base_binding_policy";
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int scope = SCOPE_NODE; scope <= SCOPE_JOB; scope++) {
            struct env env;
            struct env baseline;
            struct env rank;
            struct plan plan;
            env_from(&env, NO_STRINGS);
            env_from(&baseline, NO_STRINGS);
            env_from(&rank, NO_STRINGS);
            assert_int_equal(env_set(&env, name, cases[i].now), 0);
            if (cases[i].baseline)
                assert_int_equal(env_set(&baseline, name, cases[i].baseline), 0);
            if (cases[i].rank)
                assert_int_equal(env_set(&rank, name, cases[i].rank), 0);
            struct plan_facts facts = {.baseline = &baseline,
                                       .rank = &rank,
                                       .scope = (enum scope)scope,
                                       .cpus = 3,
                                       .tag = "tag",
                                       .limit = SIZE_MAX};
            assert_int_equal(plan_repair(&plan, &env, &facts), 0);
            assert_variable(&env, name, scope == SCOPE_NODE ? cases[i].node : cases[i].job);
            plan_destroy(&plan);
            env_destroy(&rank);
            env_destroy(&baseline);
            env_destroy(&env);
        }
    }
}

static void site_rules_override(void **state)
{
    (void)state;
    static const struct rule rows[] = {
        {.pattern = "OMPI_MCA_ess", .node = ACTION_KEEP, .job = ACTION_KEEP},
        {.pattern = "HYDRA_*", .node = ACTION_KEEP, .job = ACTION_KEEP},
        {.pattern = "OMPI_MCA_plm", .node = ACTION_RESTORE, .job = ACTION_RESTORE},
        {.pattern = "OMPI_MCA_btl", .node = ACTION_SET, .job = ACTION_SET, .value = "ofi"},
        {.pattern = "SITE_CPUS", .node = ACTION_SET, .job = ACTION_SET, .value = "%cpus"},
        {.pattern = "SITE_COPY", .node = ACTION_SET, .job = ACTION_SET, .value = "$SLURM_STEP_ID"},
        {.pattern = "SITE_LESS", .node = ACTION_SET, .job = ACTION_SET, .value = "$NOT_THERE"},
        {.pattern = "UCX_*", .node = ACTION_UNSET, .job = ACTION_UNSET},
        {.pattern = "SLURM_OVERLAP", .node = ACTION_UNSET, .job = ACTION_UNSET},
    };
    const struct ruleset rules = {rows, COUNT(rows)};
    for (int scope = SCOPE_NODE; scope <= SCOPE_JOB; scope++) {
        struct env env;
        struct env baseline;
        struct plan plan;
        env_from(&baseline, LIST("OMPI_MCA_btl=tcp", "OMPI_MCA_plm=rsh", "OMPI_MCA_pml=ucx"));
        env_from(&env, LIST("OMPI_MCA_ess=pmi", "HYDRA_LAUNCHER=ssh", "OMPI_MCA_plm=slurm",
                            "SITE_LESS=more", "UCX_TLS=rc", "SLURM_STEP_ID=5", "SLURM_JOBID=1",
                            "SLURM_OVERLAP=0", "PMI_RANK=0"));
        struct plan_facts facts = {.rules = &rules,
                                   .baseline = &baseline,
                                   .scope = (enum scope)scope,
                                   .cpus = 3,
                                   .tag = "tag",
                                   .limit = SIZE_MAX};
        assert_int_equal(plan_repair(&plan, &env, &facts), 0);
        assert_variable(&env, "OMPI_MCA_ess", "pmi");
        assert_variable(&env, "HYDRA_LAUNCHER", "ssh");
        assert_variable(&env, "OMPI_MCA_plm", "rsh");
        assert_variable(&env, "OMPI_MCA_btl", "ofi");
        assert_variable(&env, "OMPI_MCA_pml", "ucx");
        assert_variable(&env, "SITE_CPUS", "3");
        assert_variable(&env, "SITE_COPY", "5");
        assert_variable(&env, "SITE_LESS", NULL);
        assert_variable(&env, "UCX_TLS", NULL);
        assert_variable(&env, "SLURM_OVERLAP", NULL);
        assert_variable(&env, "PMI_RANK", NULL);
        plan_destroy(&plan);
        env_destroy(&baseline);
        env_destroy(&env);
    }
}

static void two_launches_share_no_session_directory(void **state)
{
    (void)state;
    static const struct {
        const char *list[4];
        const char *base;
    } cases[] = {
        {{"OMPI_MCA_orte_top_session_dir=/tmp/ompi.node1.1000"}, "/tmp/"},
        {{"TMPDIR=/scratch/job", "TMP=/no"}, "/scratch/job/"},
        {{"TMPDIR=", "TMP=/scratch/tmp"}, "/scratch/tmp/"},
        {{"OMPI_MCA_orte_tmpdir_base=/dev/shm", "TMPDIR=/scratch"}, "/dev/shm/"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        static const char *const tags[] = {"1000.1.1", "1000.1.2"};
        for (size_t t = 0; t < COUNT(tags); t++) {
            struct env env;
            struct plan plan;
            env_from(&env, cases[i].list);
            struct plan_facts facts = {
                .scope = SCOPE_NODE, .cpus = 3, .tag = tags[t], .limit = SIZE_MAX};
            assert_int_equal(plan_repair(&plan, &env, &facts), 0);
            const char *value = env_get(&env, "OMPI_MCA_orte_top_session_dir");
            if (!value || strncmp(value, cases[i].base, strlen(cases[i].base)) != 0 ||
                !strstr(value, tags[t]))
                fail_case("case %zu: %s", i, value ? value : "(none)");
            plan_destroy(&plan);
            env_destroy(&env);
        }
    }
}

static void a_baseline_that_does_not_fit_is_lost_and_no_more(void **state)
{
    (void)state;
    struct env env;
    struct env baseline;
    struct plan plan;
    env_from(&baseline, LIST("OMPI_MCA_btl=tcp"));
    env_from(&env, LIST("OMPI_MCA_ess=pmi", "OMPI_MCA_btl=vader", "SLURM_JOBID=1"));
    struct plan_facts facts = {
        .baseline = &baseline, .scope = SCOPE_NODE, .cpus = 3, .tag = "tag", .limit = 1};
    assert_int_equal(plan_repair(&plan, &env, &facts), 0);
    assert_variable(&env, BASELINE_VARIABLE, BASELINE_LOST);
    assert_variable(&env, "OMPI_MCA_ess", NULL);
    assert_variable(&env, "OMPI_MCA_btl", "tcp");
    assert_variable(&env, "SLURM_JOBID", NULL);
    assert_variable(&env, "OMPI_MCA_plm", "isolated");
    plan_destroy(&plan);
    env_destroy(&baseline);
    env_destroy(&env);
}

static void entries_that_are_none_pass(void **state)
{
    (void)state;
    struct env env;
    struct env odd;
    struct plan plan;
    env_from(&odd, LIST("OMPI_MCA_btl", "", "=x", "OMPI_MCA_pml=ucx"));
    env_from(&env, LIST("OMPI_MCA_ess", "", "=OMPI_MCA_ess", "OMPI_MCA_ess=pmi"));
    struct plan_facts facts = {
        .baseline = &odd, .rank = &odd, .scope = SCOPE_JOB, .tag = "tag", .limit = SIZE_MAX};
    assert_int_equal(plan_repair(&plan, &env, &facts), 0);
    assert_string_equal(env.vars[0], "OMPI_MCA_ess");
    assert_string_equal(env.vars[1], "");
    assert_string_equal(env.vars[2], "=OMPI_MCA_ess");
    assert_variable(&env, "OMPI_MCA_ess", NULL);
    plan_destroy(&plan);
    env_destroy(&env);
    env_destroy(&odd);
}

static void destroy_is_safe_and_keeps_errno(void **state)
{
    (void)state;
    struct plan plan = {0};
    errno = ENOTTY;
    plan_destroy(NULL);
    plan_destroy(&plan);
    assert_int_equal(errno, ENOTTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_in_a_repair),
        cmocka_unit_test(unset_never_passes),
        cmocka_unit_test(what_a_repair_gives_where_nothing_is),
        cmocka_unit_test(a_default_gives_way_to_the_user_only),
        cmocka_unit_test(a_choice_under_another_name),
        cmocka_unit_test(a_sites_choice_under_another_name),
        cmocka_unit_test(site_rules_override),
        cmocka_unit_test(two_launches_share_no_session_directory),
        cmocka_unit_test(a_baseline_that_does_not_fit_is_lost_and_no_more),
        cmocka_unit_test(entries_that_are_none_pass),
        cmocka_unit_test(destroy_is_safe_and_keeps_errno),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
