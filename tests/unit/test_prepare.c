/* SPDX-License-Identifier: GPL-2.0-or-later */
/* launch/prepare: one launch as a whole, from an environment to that of the launcher. */
#include "environments.h"
#include "support.h"

#include "core/arm.h"
#include "core/baseline.h"
#include "launch/prepare.h"
#include "launch/process.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *const mpirun[] = {(char *)"mpirun", (char *)"-np", (char *)"2", (char *)"./app", NULL};

/* The trail of a task that the plugin armed; the launch above is another process. */
#define ARMED_AS(mode)                                                                             \
    ARMED_MODE_VARIABLE "=" mode, DEPTH_VARIABLE "=1", LAUNCH_VARIABLE "=0",                       \
        BASELINE_VARIABLE "=OMPI_MCA_mtl=psm2;"

/* Prepare a launch from this environment, which lives as long as the preparation. */
static void prepare_from(struct preparation *preparation, struct env *env,
                         const char *const armed[], const char *const rest[])
{
    env_from(env, armed);
    env_add(env, rest);
    assert_int_equal(prepare(preparation, env->vars, mpirun), 0);
}

static void finish(struct preparation *preparation, struct env *env)
{
    preparation_destroy(preparation);
    env_destroy(env);
}

/* What this process leaves in the trail. */
static const char *own_launch(unsigned hops, const char *scope)
{
    static char text[80];
    struct process self = process_self();
    snprintf(text, sizeof(text), "%ld:%llu:%u:%s", self.pid, self.start, hops, scope);
    return text;
}

static void an_ordinary_launch_changes_nothing_but_the_trail(void **state)
{
    (void)state;
    struct preparation preparation;
    struct env env;
    prepare_from(&preparation, &env, LIST(ARMED_AS("auto")),
                 LIST("PATH=/bin", "OMPI_MCA_btl=tcp", "SLURM_JOBID=1", "SLURM_PROCID=0"));
    assert_int_equal(preparation.decision, DECISION_TRACK);
    assert_false(preparation_refuses(&preparation));
    struct env expected;
    env_from(&expected, (const char *const *)env.vars);
    env_add(&expected, LIST(BASELINE_VARIABLE "=OMPI_MCA_btl=tcp;", DEPTH_VARIABLE "=2"));
    assert_int_equal(env_set(&expected, LAUNCH_VARIABLE, own_launch(0, "job")), 0);
    assert_same_env(&preparation.env, &expected);
    env_destroy(&expected);
    finish(&preparation, &env);
}

static void an_unset_path_is_set_in_scope_node(void **state)
{
    (void)state;
    struct preparation preparation;
    struct env env;
    prepare_from(&preparation, &env, LIST(ARMED_AS("node")), openmpi_rank);
    assert_variable(&preparation.env, "PATH", "/bin:/usr/bin");
    finish(&preparation, &env);
    prepare_from(&preparation, &env, LIST(ARMED_AS("node"), "PATH=/opt"), openmpi_rank);
    assert_variable(&preparation.env, "PATH", "/opt");
    finish(&preparation, &env);
    prepare_from(&preparation, &env, LIST(ARMED_AS("job")), openmpi_rank);
    assert_variable(&preparation.env, "PATH", NULL);
    finish(&preparation, &env);
}

static void a_nested_launch_is_repaired(void **state)
{
    (void)state;
    struct preparation preparation;
    struct env env;
    cpu_set_t cpus;
    prepare_from(&preparation, &env, LIST(ARMED_AS("auto")), openmpi_rank);
    assert_int_equal(preparation.decision, DECISION_REPAIR);
    assert_int_equal(preparation.scope, SCOPE_NODE);
    assert_true(preparation.baseline_known);
    assert_true(preparation.verdict.nested);
    assert_variable(&preparation.env, "OMPI_MCA_ess", NULL);
    assert_variable(&preparation.env, "OMPI_MCA_mtl", "psm2");
    assert_variable(&preparation.env, "OMPI_MCA_plm", "isolated");
    assert_variable(&preparation.env, BASELINE_VARIABLE, "OMPI_MCA_mtl=psm2;");
    assert_variable(&preparation.env, DEPTH_VARIABLE, "2");
    assert_variable(&preparation.env, LAUNCH_VARIABLE, own_launch(0, "node"));
    if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0) {
        char count[16];
        snprintf(count, sizeof(count), "%d", CPU_COUNT(&cpus));
        assert_int_equal(preparation.cpus, CPU_COUNT(&cpus));
        assert_variable(&preparation.env, "OMPI_MCA_orte_set_default_slots", count);
    }
    finish(&preparation, &env);
}

static void a_launch_that_places_its_processes(void **state)
{
    (void)state;
    static char *const places[] = {(char *)"mpirun", (char *)"--map-by", (char *)"slot:PE=2",
                                   (char *)"./app", NULL};
    struct {
        char *const *argv;
        const char *bindto;
    } cases[] = {{mpirun, "none"}, {places, NULL}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct preparation preparation;
        struct env env;
        env_from(&env, LIST(ARMED_AS("node")));
        env_add(&env, openmpi_rank);
        assert_int_equal(prepare(&preparation, env.vars, cases[i].argv), 0);
        assert_variable(&preparation.env, "PRTE_MCA_bindto", cases[i].bindto);
        finish(&preparation, &env);
    }
}

static void what_is_asked_and_where_gives_the_scope(void **state)
{
    (void)state;
    static const struct {
        const char *mode;
        const char *const *rank;
        const char *extra;
        enum scope scope;
    } cases[] = {
        {"auto", openmpi_rank, "A=1", SCOPE_NODE},
        {"auto", openmpi_singleton, "A=1", SCOPE_JOB},
        {"auto", srun_task, "SLURM_STEP_NUM_TASKS=1", SCOPE_JOB},
        {"auto", srun_task, "A=1", SCOPE_NODE},
        {"job", srun_task, "A=1", SCOPE_JOB},
        {"node", openmpi_singleton, "A=1", SCOPE_NODE},
        {"job", srun_task, LAUNCH_VARIABLE "=1:2:0:node", SCOPE_NODE}, /* confined */
        {"auto", openmpi_singleton, LAUNCH_VARIABLE "=1:2:0:node", SCOPE_NODE},
        {"job", srun_task, LAUNCH_VARIABLE "=1:2:0:job", SCOPE_JOB},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct preparation preparation;
        struct env env;
        env_from(&env, LIST(ARMED_AS("auto")));
        assert_int_equal(env_set(&env, ARMED_MODE_VARIABLE, cases[i].mode), 0);
        env_add(&env, cases[i].rank);
        env_add(&env, LIST(cases[i].extra));
        assert_int_equal(prepare(&preparation, env.vars, mpirun), 0);
        assert_int_equal(preparation.decision, DECISION_REPAIR);
        if (preparation.scope != cases[i].scope)
            fail_case("case %zu: scope %s", i, scope_name(preparation.scope));
        const char *in_job = cases[i].rank == srun_task ? "slurm" : NULL;
        assert_variable(&preparation.env, "OMPI_MCA_plm",
                        cases[i].scope == SCOPE_NODE ? "isolated" : in_job);
        finish(&preparation, &env);
    }
}

/* audit and off, and calls that only answer: byte for byte what it was. */
static void what_passes_is_not_touched(void **state)
{
    (void)state;
    static char *const version[] = {(char *)"mpirun", (char *)"--version", NULL};
    static char *const pmi_args[] = {(char *)"mpiexec", (char *)"-pmi_args", (char *)"1", NULL};
    static const struct {
        const char *list[4];
        char *const *argv;
    } cases[] = {
        {{ARMED_MODE_VARIABLE "=audit"}, mpirun},
        {{ARMED_MODE_VARIABLE "=off"}, mpirun},
        {{ARMED_MODE_VARIABLE "=auto", MODE_VARIABLE "=off"}, mpirun},
        {{ARMED_MODE_VARIABLE "=deny", MODE_VARIABLE "=audit"}, mpirun},
        {{ARMED_MODE_VARIABLE "=auto"}, version},
        {{ARMED_MODE_VARIABLE "=deny"}, version},
        {{ARMED_MODE_VARIABLE "=auto"}, pmi_args},
        {{ARMED_MODE_VARIABLE "=deny", DEPTH_VARIABLE "=99"}, pmi_args},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct preparation preparation;
        struct env env;
        env_from(&env, cases[i].list);
        env_add(&env, openmpi_rank);
        assert_int_equal(prepare(&preparation, env.vars, cases[i].argv), 0);
        assert_int_equal(preparation.decision, DECISION_PASS);
        assert_false(preparation_refuses(&preparation));
        assert_int_equal(preparation.env.count, env.count);
        for (size_t j = 0; j < env.count; j++)
            assert_ptr_equal(preparation.env.vars[j], env.vars[j]);
        finish(&preparation, &env);
    }
}

static void who_has_the_say_about_the_mode(void **state)
{
    (void)state;
    static const struct {
        const char *armed; /* NULL: not there */
        const char *asked;
        enum mode mode;
        const char *bad;
    } cases[] = {
        {NULL, NULL, MODE_AUTO, ""},
        {"job", NULL, MODE_JOB, ""},
        {"job", "", MODE_JOB, ""},
        {"job", "node", MODE_NODE, ""},
        {NULL, "deny", MODE_DENY, ""},
        {"deny", "off", MODE_OFF, ""},
        {"job", "nodes", MODE_JOB, "nodes"},
        {"nonsense", NULL, MODE_AUTO, ""},
        {"job", "a word that is by far too long for it", MODE_JOB,
         "a word that is by far too lo..."},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct preparation preparation;
        struct env env;
        env_from(&env, LIST("PMI_RANK=0"));
        if (cases[i].armed)
            assert_int_equal(env_set(&env, ARMED_MODE_VARIABLE, cases[i].armed), 0);
        if (cases[i].asked)
            assert_int_equal(env_set(&env, MODE_VARIABLE, cases[i].asked), 0);
        assert_int_equal(prepare(&preparation, env.vars, mpirun), 0);
        assert_text("mode", mode_name(preparation.mode), mode_name(cases[i].mode));
        assert_text("bad mode", preparation.bad_mode, cases[i].bad);
        finish(&preparation, &env);
    }
}

/* mpirun of Open MPI 5 is two programs in one process, and the guard comes after nestsafe-launch.
 */
static void the_same_process_decides_once(void **state)
{
    (void)state;
    static const char *const *const environments[] = {openmpi_rank, batch_script};
    for (size_t i = 0; i < COUNT(environments); i++) {
        struct preparation first;
        struct preparation second;
        struct env env;
        prepare_from(&first, &env, LIST(ARMED_AS("auto")), environments[i]);
        assert_int_equal(first.decision, i == 0 ? DECISION_REPAIR : DECISION_TRACK);
        /* What the launcher itself sets in between is not the user's. */
        assert_int_equal(env_set(&first.env, "OMPI_MCA_launcher", "1"), 0);
        assert_int_equal(prepare(&second, first.env.vars, mpirun), 0);
        assert_int_equal(second.decision, DECISION_AGAIN);
        struct env expected;
        env_from(&expected, (const char *const *)first.env.vars);
        assert_int_equal(
            env_set(&expected, LAUNCH_VARIABLE, own_launch(1, i == 0 ? "node" : "77:job")), 0);
        assert_same_env(&second.env, &expected);
        env_destroy(&expected);
        preparation_destroy(&second);
        finish(&first, &env);
    }
}

/* Intel MPI's mpirun is a script around mpiexec.hydra: what a repair gave to the script is not the
 * user's tuning for what nests below. */
static void a_launcher_script_below_a_repair(void **state)
{
    (void)state;
    struct preparation first;
    struct preparation second;
    struct env env;
    struct env baseline;
    prepare_from(&first, &env, LIST(ARMED_AS("node")), openmpi_rank);
    assert_int_equal(first.decision, DECISION_REPAIR);
    assert_int_equal(env_set(&first.env, LAUNCH_VARIABLE, "1:2:0:node"), 0); /* another process */
    assert_int_equal(prepare(&second, first.env.vars, mpirun), 0);
    assert_int_equal(second.decision, DECISION_AGAIN);
    assert_int_equal(second.trail.depth, 2);
    assert_int_equal(second.trail.hops, 1);
    assert_variable(&second.env, "OMPI_MCA_plm", "isolated");
    assert_int_equal(baseline_load(&baseline, &second.env), 1);
    assert_variable(&baseline, "OMPI_MCA_mtl", "psm2");
    assert_variable(&baseline, "OMPI_MCA_plm", NULL);
    assert_variable(&baseline, "OMPI_MCA_orte_default_hostfile", NULL);
    assert_variable(&baseline, "OMPI_MCA_orte_set_default_slots", NULL);
    assert_variable(&baseline, "HYDRA_LAUNCHER", NULL);
    env_destroy(&baseline);
    preparation_destroy(&second);
    finish(&first, &env);
}

/* What runs alone is given what a launcher is given in scope node, whatever the mode; and what
 * starts below it is nested, although it leaves no mark of its own. */
static void a_program_alone(void **state)
{
    (void)state;
    static const char *const modes[] = {"auto", "job", "deny"};
    for (size_t i = 0; i < COUNT(modes); i++) {
        struct preparation alone;
        struct preparation below;
        struct env env;
        env_from(&env, LIST(DEPTH_VARIABLE "=1"));
        assert_int_equal(env_set(&env, ARMED_MODE_VARIABLE, modes[i]), 0);
        env_add(&env, openmpi_rank);
        assert_int_equal(prepare_alone(&alone, env.vars), 0);
        assert_int_equal(alone.decision, DECISION_REPAIR);
        assert_int_equal(alone.scope, SCOPE_NODE);
        assert_variable(&alone.env, "OMPI_MCA_ess_base_jobid", NULL);
        assert_variable(&alone.env, "OMPI_MCA_plm", "isolated");
        assert_variable(&alone.env, DEPTH_VARIABLE, "2");
        assert_int_equal(env_set(&alone.env, LAUNCH_VARIABLE, "1:2:0:alone"), 0);
        assert_int_equal(prepare(&below, alone.env.vars, mpirun), 0);
        assert_int_equal(below.verdict.outer, OUTER_SINGLETON);
        assert_int_equal(below.decision,
                         strcmp(modes[i], "deny") == 0 ? DECISION_DENY : DECISION_REPAIR);
        assert_int_equal(below.scope, SCOPE_NODE);
        preparation_destroy(&below);
        finish(&alone, &env);
    }
}

static void refused_launches(void **state)
{
    (void)state;
    static const struct {
        const char *list[3];
        enum decision decision;
    } cases[] = {
        {{ARMED_MODE_VARIABLE "=deny"}, DECISION_DENY},
        {{ARMED_MODE_VARIABLE "=auto", MODE_VARIABLE "=deny"}, DECISION_DENY},
        {{DEPTH_VARIABLE "=9"}, DECISION_DEPTH},
        {{DEPTH_VARIABLE "=3", MAX_DEPTH_VARIABLE "=2"}, DECISION_DEPTH},
        {{DEPTH_VARIABLE "=8"}, DECISION_REPAIR},
        {{DEPTH_VARIABLE "=2", MAX_DEPTH_VARIABLE "=2"}, DECISION_REPAIR},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct preparation preparation;
        struct env env;
        env_from(&env, cases[i].list);
        env_add(&env, openmpi_rank);
        assert_int_equal(prepare(&preparation, env.vars, mpirun), 0);
        assert_int_equal(preparation.decision, cases[i].decision);
        assert_int_equal(preparation_refuses(&preparation), cases[i].decision != DECISION_REPAIR);
        finish(&preparation, &env);
    }
}

static void baselines_that_are_no_use(void **state)
{
    (void)state;
    static const char *const texts[] = {"-", "nonsense", "A=%4", "%00;", ";;;;"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct preparation preparation;
        struct env env;
        env_from(&env, LIST(ARMED_AS("auto")));
        assert_int_equal(env_set(&env, BASELINE_VARIABLE, texts[i]), 0);
        env_add(&env, openmpi_rank);
        assert_int_equal(prepare(&preparation, env.vars, mpirun), 0);
        assert_int_equal(preparation.decision, DECISION_REPAIR);
        assert_variable(&preparation.env, "OMPI_MCA_ess", NULL);
        assert_variable(&preparation.env, "OMPI_MCA_pmix", NULL);
        finish(&preparation, &env);
    }
}

static void site_rules(void **state)
{
    (void)state;
    char *directory = directory_make();
    file_write(directory, "good", "OMPI_MCA_btl set=ofi\nUCX_* restore\n", 0644);
    file_write(directory, "bad", "OMPI_MCA_btl drop\n", 0644);
    static const struct {
        const char *name;
        bool good;
    } files[] = {{"good", true}, {"bad", false}, {"missing", false}};
    for (size_t i = 0; i < COUNT(files); i++) {
        for (int nested = 0; nested < 2; nested++) {
            char *path = path_join(directory, files[i].name);
            struct preparation preparation;
            struct env env;
            env_from(&env, LIST(ARMED_AS("auto"), "UCX_TLS=rc"));
            assert_int_equal(env_set(&env, RULES_VARIABLE, path), 0);
            env_add(&env, nested ? openmpi_rank : batch_script);
            assert_int_equal(prepare(&preparation, env.vars, mpirun), 0);
            assert_int_equal(preparation.decision, nested ? DECISION_REPAIR : DECISION_TRACK);
            assert_int_equal(preparation.site.error[0] == '\0', files[i].good);
            if (!files[i].good)
                assert_non_null(strstr(preparation.site.error, path));
            const char *btl = nested && files[i].good ? "ofi" : NULL;
            assert_variable(&preparation.env, "OMPI_MCA_btl", btl);
            if (!nested)
                assert_variable(&preparation.env, BASELINE_VARIABLE,
                                files[i].good ? "UCX_TLS=rc;" : "");
            finish(&preparation, &env);
            free(path);
        }
    }
    directory_remove(directory);
}

static void the_limit_leaves_room(void **state)
{
    (void)state;
    long most = sysconf(_SC_ARG_MAX);
    assert_true(environment_limit() > 0);
    if (most > 0)
        assert_true(environment_limit() < (size_t)most);
}

static void destroy_is_safe_and_keeps_errno(void **state)
{
    (void)state;
    static struct preparation preparation;
    errno = ENOTTY;
    preparation_destroy(&preparation);
    assert_int_equal(errno, ENOTTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ordinary_launch_changes_nothing_but_the_trail),
        cmocka_unit_test(an_unset_path_is_set_in_scope_node),
        cmocka_unit_test(a_nested_launch_is_repaired),
        cmocka_unit_test(a_launch_that_places_its_processes),
        cmocka_unit_test(what_is_asked_and_where_gives_the_scope),
        cmocka_unit_test(what_passes_is_not_touched),
        cmocka_unit_test(who_has_the_say_about_the_mode),
        cmocka_unit_test(the_same_process_decides_once),
        cmocka_unit_test(a_launcher_script_below_a_repair),
        cmocka_unit_test(a_program_alone),
        cmocka_unit_test(refused_launches),
        cmocka_unit_test(baselines_that_are_no_use),
        cmocka_unit_test(site_rules),
        cmocka_unit_test(the_limit_leaves_room),
        cmocka_unit_test(destroy_is_safe_and_keeps_errno),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
