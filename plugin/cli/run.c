/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe run: start a command armed, without Slurm or in a job that was not armed; a launcher in
 * a rank is repaired at once, and so is an MPI program that is to run alone. */
#include "cli.h"

#include "core/arm.h"
#include "core/baseline.h"
#include "core/launcher.h"
#include "launch/alone.h"
#include "launch/become.h"
#include "launch/paths.h"
#include "launch/search.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static void help(void)
{
    puts("Usage: nestsafe run [--mode=MODE] [--alone] [--] COMMAND [ARGUMENT]…\n\n"
         "Start COMMAND so that MPI launchers work in it and below it although it may be part\n"
         "of an MPI job already. Where COMMAND is a launcher itself and this is a rank, it\n"
         "starts with a clean environment.\n\n"
         "  --mode=MODE   " MODE_NAMES MODE_ALONE_HINT " (auto)\n"
         "  --alone       COMMAND is an MPI program that a rank starts without a launcher: it\n"
         "                becomes an MPI job of one process, with nothing of the outer job\n"
         "  -h, --help    this text\n\n"
         "MODE" MODE_ALONE
         " does what --alone does for each MPI program that a rank starts so, where\n"
         "that is linked with its MPI library. It is not seen for programs that load it later "
         "(Python\n"
         "with mpi4py), are linked statically, or were started with an empty environment: those "
         "need\n"
         "--alone.");
}

/* What was said on the command line. */
struct said {
    const char *mode; /* NULL: nothing */
    bool alone;
};

static int parse(int argc, char *argv[], struct said *said)
{
    static const struct option options[] = {{"mode", required_argument, NULL, 'm'},
                                            {"alone", no_argument, NULL, 'a'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    enum mode parsed = MODE_AUTO;
    int option;
    while ((option = getopt_long(argc, argv, "+:h", options, NULL)) != -1) {
        if (option == 'h') {
            help();
            exit(EXIT_SUCCESS);
        }
        if (option == 'a') {
            said->alone = true;
            continue;
        }
        if (option == ':')
            return cli_usage_error("run", "%s needs a MODE", argv[optind - 1]);
        if (option != 'm')
            return cli_usage_error("run", "no option '%s'", argv[optind - 1]);
        if (mode_parse(optarg, &parsed) != 0)
            return cli_usage_error(
                "run", "--mode: invalid mode '%s'; valid are " MODE_NAMES MODE_ALONE_HINT, optarg);
        said->mode = mode_name(parsed);
    }
    if (said->alone && (!mode_is_armed(parsed) || parsed == MODE_DENY))
        return cli_usage_error("run", "--alone is a repair: not with --mode=%s", said->mode);
    if (optind == argc)
        return cli_usage_error("run", "no command given");
    return 0;
}

/* Below a rank this is none to take; a launch there finds it in its outer launcher's environment.
 */
static int add_baseline(struct env *env)
{
    struct verdict verdict;
    nesting_judge(&verdict, env);
    if (verdict.nested || env_get(env, BASELINE_VARIABLE))
        return 0;
    return baseline_store(env, NULL, environment_limit());
}

static int arm_command(struct env *env, const char *mode)
{
    struct trail trail;
    struct arming arming = {.guard = path_usable_guard()};
    /* Who types 'nestsafe run' wants the repair, also in a job that is only watched. */
    arming.mode = MODE_AUTO;
    mode_parse(mode ? mode : env_get(env, MODE_VARIABLE), &arming.mode);
    if (!mode && !mode_is_armed(arming.mode))
        arming.mode = MODE_AUTO;
    trail_load(&trail, env);
    arming.rules = env_get(env, RULES_VARIABLE);
    arming.rundir = env_get(env, RUNDIR_VARIABLE);
    arming.launchers = env_get(env, LAUNCHERS_VARIABLE);
    arming.depth = trail.depth;
    arming.max_depth = trail.max_depth;
    if (access(path_launchers, X_OK) == 0)
        arming.launcher_directories = path_launchers;
    if (env_set(env, MODE_VARIABLE, mode_name(arming.mode)) != 0 || add_baseline(env) != 0)
        return -1;
    return arm(env, &arming);
}

static int start(char *argv[], char **env)
{
    execvpe(argv[0], argv, env);
    return become_report(argv[0], errno);
}

int cli_run(int argc, char *argv[])
{
    struct said said = {0};
    int rc = parse(argc, argv, &said);
    if (rc != 0)
        return rc;
    argv += optind;

    struct env env;
    if (env_init(&env, environ) != 0 || arm_command(&env, said.mode) != 0)
        return start(argv, environ);
    if (!launcher_is_one(argv[0]) && said.alone)
        return alone_become(argv, env.vars);
    if (!launcher_is_one(argv[0]))
        return start(argv, env.vars);

    if (strchr(argv[0], '/'))
        return become_launcher(argv[0], argv, env.vars);
    char *file = search_launcher(argv[0], env_get(&env, "PATH"));
    return file ? become_launcher(file, argv, env.vars) : become_report(argv[0], errno);
}
