/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In srun, sbatch and salloc: what the user asked for reaches every step. */
#include "submit.h"

#include "core/arm.h"
#include "core/baseline.h"
#include "core/decision.h"
#include "launch/paths.h"
#include "launch/prepare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void submit_begin(const struct config *config)
{
    struct request none = {0};
    struct resolved resolved;
    char error[256];
    const char *said = getenv(MODE_VARIABLE);
    const char *inherited = getenv(INHERITED_OPTION);
    /* Slurm's second way, by which salloc's option would come to a step past srun, and win over
     * what srun was told (slurm 22.05 plugstack.c:1646). */
    unsetenv("_SLURM_SPANK_OPTION_nestsafe_mpi_nested_safe");
    /* A script may have changed the twin, or emptied it, since sbatch was told. What is wrong with
     * it is said when it turns out that no option overrides it; what a newer release has handed on
     * is no reason to refuse. */
    if (!said)
        said = inherited;
    bool counts =
        said && *said && request_resolve(&none, config, said, &resolved, error, sizeof(error)) == 0;
    if (!counts)
        unsetenv(INHERITED_OPTION);
    else if (said != inherited)
        setenv(INHERITED_OPTION, said, 1);
}

/* salloc runs its command where it is itself, in no step: a launcher there starts daemons by srun,
 * whose steps are left alone, and hands its own environment on to its ranks. */
static void arm_command(const struct config *config, const struct resolved *resolved)
{
    extern char **environ;
    struct env env;
    /* The links of the site's launchers are on nodes; here the guard knows them. */
    struct arming arming = {.mode = resolved->mode,
                            .launcher_directories = path_launchers,
                            .rules = config->rules,
                            .rundir = config_rundir(config),
                            .launchers = config->launchers,
                            .max_depth = config->max_depth};
    if (access(path_first_launcher, X_OK) != 0)
        return;
    if (config->preload != PRELOAD_NEVER)
        arming.guard = path_usable_guard();
    if (env_init(&env, environ) == 0 && env_set(&env, LAUNCH_VARIABLE, "0") == 0 &&
        baseline_store(&env, NULL, environment_limit()) == 0 && arm(&env, &arming) == 0)
        environ = env.vars; /* salloc's own from here on, never freed */
    else
        env_destroy(&env);
}

int submit_end(const struct config *config, const struct request *request, spank_context_t context,
               char *error, size_t size)
{
    struct resolved resolved;
    const char *twin = getenv(MODE_VARIABLE);
    unsetenv(INHERITED_OPTION); /* it has done its work, and is none of the tasks' */
    if (!config->valid)
        return 0;
    if (request_resolve(request, config, twin, &resolved, error, size) != 0)
        return -1;
    /* What sbatch and salloc were told holds for the steps inside, which learn it from the twin. A
     * step gets the same from its node's plugin (step.c); that it comes from srun, too, is for the
     * node where there is none: the job can tell there that it asked in vain. */
    if (request_sets_twin(request, config, twin, resolved.mode))
        setenv(MODE_VARIABLE, mode_name(resolved.mode), 1);
    /* Inherited in the shell of another srun --pty. An srun that has a terminal itself sets it
     * later (slurm 22.05 env.c:740), and by that its step is told from others (core/nesting.c). */
    if (context == S_CTX_LOCAL && mode_is_armed(resolved.mode))
        unsetenv("SLURM_PTY_PORT");
    bool salloc = strcmp(program_invocation_short_name, "salloc") == 0;
    if (salloc && resolved.asked && mode_is_armed(resolved.mode))
        arm_command(config, &resolved);
    return 0;
}
