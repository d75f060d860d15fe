/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe.so: Slurm's hooks, and in which context each does what. Nothing here ever returns an
 * error but for an option the user got wrong: a failing hook may drain the node or fail the job
 * (slurm plugstack.c, _do_call_stack). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* All else is built hidden. */
#pragma GCC visibility push(default)
#include <slurm/spank.h>
SPANK_PLUGIN(nestsafe, 1)
#pragma GCC visibility pop

#include "config.h"
#include "help.h"
#include "links.h"
#include "register.h"
#include "request.h"
#include "step.h"
#include "submit.h"

#include "launch/readfile.h"

/* Slurm calls an option's callback without a handle, so what it gets has to live here. */
static struct config config;
static struct request request;
static struct step step;
static struct registration registration;
static bool linked; /* the site's launchers may come into PATH */
static unsigned loads;

static int take_option(int value, const char *argument, int remote)
{
    (void)value;
    /* Slurm's own options end the program here too when they are asked for help. */
    if (!remote && argument && strcmp(argument, "help") == 0 &&
        help_is_for(program_invocation_short_name)) {
        help_print(stdout, &config);
        exit(fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    if (request_take(&request, &config, argument) == 0)
        return ESPANK_SUCCESS;
    /* On a node it is said later, when the job's user can see it. */
    if (!remote)
        slurm_error("nestsafe: %s", request.error);
    return ESPANK_BAD_ARG;
}

/* On a node nobody else checks the site's rules before a job needs them, and jobs read them as
 * their users. */
static void check_rules(void)
{
    struct rules_file site = {0};
    struct stat status;
    if (!config.valid || !config.rules)
        return;
    if (readfile_rules(&site, config.rules) != 0)
        slurm_error("nestsafe: plugstack.conf: nestsafe.so: rules: %s; inactive", site.error);
    else if (stat(config.rules, &status) == 0 && !(status.st_mode & S_IROTH))
        slurm_error("nestsafe: plugstack.conf: nestsafe.so: rules: %s: users cannot read it; "
                    "inactive",
                    config.rules);
    rules_file_destroy(&site);
}

int slurm_spank_init(spank_t spank, int argc, char *argv[])
{
    static struct spank_option option = {(char *)"mpi-nested-safe",
                                         (char *)"MODE",
                                         (char *)"make mpirun work in MPI ranks: " MODE_NAMES
                                                 " (auto); help, which tells more",
                                         2,
                                         0,
                                         take_option};
    spank_context_t context = spank_context();

    /* Listed twice in plugstack.conf, the same library is initialized twice. */
    if (loads++) {
        slurm_verbose("nestsafe: listed more than once in plugstack.conf; the first line counts");
        return ESPANK_SUCCESS;
    }
    config_parse(&config, argc, argv);
    if (context == S_CTX_LOCAL || context == S_CTX_ALLOCATOR)
        submit_begin(&config);
    /* Who submits and whoever reads slurmd's log is told; a job only where it had asked. */
    if (!config.valid && context != S_CTX_REMOTE && context != S_CTX_JOB_SCRIPT)
        slurm_error("nestsafe: %s; nestsafe is inactive", config.error);
    if (context == S_CTX_SLURMD) {
        check_rules();
        links_make(&config);
        registration_begin(&config);
    }
    if (context != S_CTX_SLURMD && context != S_CTX_JOB_SCRIPT &&
        spank_option_register(spank, &option) != ESPANK_SUCCESS)
        slurm_error("nestsafe: cannot register --mpi-nested-safe; is there another copy?");
    return ESPANK_SUCCESS;
}

int slurm_spank_init_post_opt(spank_t spank, int argc, char *argv[])
{
    char error[256];
    spank_context_t context = spank_context();
    (void)argc;
    (void)argv;
    if (context == S_CTX_REMOTE) {
        registration_make(&registration, spank, &config, &request);
        linked = links_make(&config);
    }
    if (context != S_CTX_LOCAL && context != S_CTX_ALLOCATOR)
        return ESPANK_SUCCESS;
    if (submit_end(&config, &request, context, error, sizeof(error)) != 0) {
        slurm_error("nestsafe: %s", error);
        /* An optional plugin's result is ignored here (slurm plugstack.c, _do_call_stack), and a
         * job that runs otherwise than it was asked to is worse than none. Nothing has been
         * submitted yet. */
        exit(EXIT_FAILURE);
    }
    return ESPANK_SUCCESS;
}

int slurm_spank_user_init(spank_t spank, int argc, char *argv[])
{
    (void)argc;
    (void)argv;
    if (spank_context() == S_CTX_REMOTE)
        step_prepare(&step, spank, &config, &request);
    return ESPANK_SUCCESS;
}

int slurm_spank_task_init(spank_t spank, int argc, char *argv[])
{
    (void)argc;
    (void)argv;
    if (spank_context() == S_CTX_REMOTE)
        step_arm_task(&step, spank, &config, linked);
    return ESPANK_SUCCESS;
}

int slurm_spank_task_exit(spank_t spank, int argc, char *argv[])
{
    (void)argc;
    (void)argv;
    registration_task_exit(&registration, spank, &config, loads);
    return ESPANK_SUCCESS;
}

int slurm_spank_exit(spank_t spank, int argc, char *argv[])
{
    (void)spank;
    (void)argc;
    (void)argv;
    if (loads && --loads == 0) {
        registration_end(&registration, &config);
        config_destroy(&config);
    }
    return ESPANK_SUCCESS;
}

int slurm_spank_slurmd_exit(spank_t spank, int argc, char *argv[])
{
    return slurm_spank_exit(spank, argc, argv);
}
