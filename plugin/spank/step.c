/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A step on its node: its environment is cleaned once, its tasks are armed one by one. */
#include "step.h"

#include "jobenv.h"

#include "core/arm.h"
#include "core/baseline.h"
#include "core/decision.h"
#include "core/launcher.h"
#include "core/lineage.h"
#include "core/nesting.h"
#include "core/plan.h"
#include "core/slurmstep.h"
#include "launch/paths.h"
#include "launch/prepare.h"
#include "launch/readfile.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The work on an environment grows with the square of what a user has put there. */
enum { VARIABLES_MAX = 8192 };

bool step_is_launchers(spank_t spank)
{
    int argc = 0;
    char **argv = NULL;
    return spank_get_item(spank, S_JOB_ARGV, &argc, &argv) == ESPANK_SUCCESS && argc > 0 &&
           launcher_is_daemon(argv[0]);
}

/* Loud where the job asked for protection; else the site's settings are at fault, of which slurmd
 * has told its log. */
static void say_inactive(const struct step *step, const char *why)
{
    if (step->resolved.asked && mode_is_armed(step->resolved.mode))
        slurm_error("nestsafe: inactive for this step: %s", why);
    else
        slurm_verbose("nestsafe: inactive for this step: %s", why);
}

/* Remove what a rank left in the environment of a job or step that it submitted. */
static int clean(struct env *env, const struct ruleset *rules)
{
    struct verdict verdict;
    struct env baseline = {0};
    struct plan plan = {0};
    nesting_judge(&verdict, env);
    if (verdict.outer == OUTER_NONE || verdict.outer == OUTER_STEP)
        return 0;
    int known = baseline_load(&baseline, env);
    /* Whose rank it was is out of sight here; but some launchers set no tuning anyway. */
    struct lineage unknown = {0};
    struct plan_facts facts = {.rules = rules,
                               .baseline = known > 0 ? &baseline : NULL,
                               .told = lineage_find(&unknown, env, &verdict).told};
    int rc = known < 0 && errno == ENOMEM ? -1 : plan_clean_inherited(&plan, env, &facts);
    plan_destroy(&plan);
    env_destroy(&baseline);
    return rc;
}

/* "0:JOB.STEP" in the place of the launch above: there is none, and this step has been prepared. A
 * second copy of this plugin finds it there and leaves the step alone. What an srun was confined
 * to, its step is; a batch script begins a job of its own. */
static void step_mark(spank_t spank, uint32_t id, const struct trail *trail, char mark[static 40])
{
    uint32_t job = 0;
    bool confined = trail->confined && id < SLURMSTEP_FIRST_SPECIAL;
    spank_get_item(spank, S_JOB_ID, &job);
    snprintf(mark, 40, "0:%u.%u%s%s", job, id, confined ? ":" : "",
             confined ? scope_name(SCOPE_NODE) : "");
}

static int prepare_env(spank_t spank, struct env *env, const struct ruleset *rules)
{
    char mark[40];
    char depth[16];
    uint32_t id = 0;
    struct trail trail;
    spank_get_item(spank, S_JOB_STEPID, &id);
    trail_load(&trail, env);
    step_mark(spank, id, &trail, mark);
    const char *launch = env_get(env, LAUNCH_VARIABLE);
    if (launch && strcmp(launch, mark) == 0)
        return 0;
    snprintf(depth, sizeof(depth), "%u", id < SLURMSTEP_FIRST_SPECIAL ? trail.depth + 1 : 0);
    if (clean(env, rules) != 0 || baseline_store(env, rules, environment_limit()) != 0)
        return -1;
    return env_set(env, LAUNCH_VARIABLE, mark) != 0 ? -1 : env_set(env, DEPTH_VARIABLE, depth);
}

/* What an unarmed step needs to say to launchers that an armed job around it left in reach. */
static int disarm(struct env *env, enum mode mode)
{
    return env_get(env, ARMED_MODE_VARIABLE) ? env_set(env, ARMED_MODE_VARIABLE, mode_name(mode))
                                             : 0;
}

static int prepare_step(struct step *step, spank_t spank, struct env *env,
                        const struct config *config)
{
    struct rules_file site = {0};
    if (!mode_is_armed(step->resolved.mode))
        return disarm(env, step->resolved.mode);
    if (config->rules && readfile_rules(&site, config->rules) != 0)
        say_inactive(step, site.error);
    else
        step->armed = prepare_env(spank, env, &site.rules) == 0;
    rules_file_destroy(&site);
    return step->armed ? 0 : -1;
}

int step_resolve(struct resolved *resolved, const struct env *env, const struct config *config,
                 const struct request *request, char *error, size_t size)
{
    const char *twin = env_get(env, MODE_VARIABLE);
    if (!twin || !*twin)
        twin = env_get(env, INHERITED_OPTION);
    return request_resolve(request, config, twin, resolved, error, size);
}

static void resolve(struct step *step, const struct env *env, const struct config *config,
                    const struct request *request)
{
    char error[256];
    int rc = step_resolve(&step->resolved, env, config, request, error, sizeof(error));
    if (rc != 0 || request->error[0])
        slurm_error("nestsafe: %s; going on with '%s'", rc != 0 ? error : request->error,
                    mode_name(step->resolved.mode));
}

void step_prepare(struct step *step, spank_t spank, const struct config *config,
                  const struct request *request)
{
    struct env env;
    if (step->armed || step_is_launchers(spank) || jobenv_load(spank, &env) != 0)
        return;
    resolve(step, &env, config, request);
    if (!config->valid) {
        say_inactive(step, config->error);
        env_destroy(&env);
        return;
    }
    const char *twin = env_get(&env, MODE_VARIABLE);
    int rc = 0;
    if (env.count > VARIABLES_MAX && mode_is_armed(step->resolved.mode)) {
        say_inactive(step, "its environment has too many variables");
    } else if (prepare_step(step, spank, &env, config) == 0) {
        if (request_sets_twin(request, config, twin, step->resolved.mode))
            rc = env_set(&env, MODE_VARIABLE, mode_name(step->resolved.mode));
        if (rc == 0)
            rc = jobenv_apply(spank, &env);
        if (rc != 0) {
            step->armed = false;
            say_inactive(step, strerror(errno));
        }
    }
    env_destroy(&env);
}

void step_arm_task(const struct step *step, spank_t spank, const struct config *config, bool linked)
{
    char directories[LAUNCHER_DIRECTORIES_MAX];
    struct env env;
    struct trail trail;
    if (!step->armed)
        return;
    if (access(path_first_launcher, X_OK) != 0) {
        if (step->resolved.asked && jobenv_first_task(spank))
            slurm_error("nestsafe: inactive for this task: it cannot run %s", path_first_launcher);
        return;
    }
    if (jobenv_load(spank, &env) != 0)
        return;
    trail_load(&trail, &env);
    /* Programs pass no other door. */
    bool needed = step->resolved.asked || mode_runs_alone(step->resolved.mode);
    bool preload =
        config->preload == PRELOAD_ALWAYS || (config->preload == PRELOAD_ASKED && needed);
    struct arming arming = {
        .mode = step->resolved.mode,
        .launcher_directories = path_launcher_directories(directories, config_rundir(config),
                                                          linked ? config->launchers : NULL),
        .guard = preload ? path_usable_guard() : NULL,
        .rules = config->rules,
        .rundir = config_rundir(config),
        .launchers = config->launchers,
        .max_depth = config->max_depth,
        .depth = trail.depth,
    };
    if ((arm(&env, &arming) != 0 || jobenv_apply(spank, &env) != 0) && jobenv_first_task(spank))
        say_inactive(step, strerror(errno));
    env_destroy(&env);
}
