/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe-guard-launch.so: the guard's work. Loaded in a launcher, it makes the environment safe
 * for a nested launch before main() begins; and, where the job asks for that, in an MPI program
 * that a rank has started without one. */
#include "alone.h"
#include "become.h"

#include "core/launcher.h"
#include "tell.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

extern char **environ;

/* By the name it was executed under (of a script: the script's), or by what it is. */
static bool is_launcher(char name[static PATH_MAX])
{
    const char *called = (const char *)getauxval(AT_EXECFN);
    if (called && launcher_is_one(called)) {
        strncpy(name, called, PATH_MAX - 1);
        name[PATH_MAX - 1] = '\0';
        return true;
    }
    ssize_t length = readlink("/proc/self/exe", name, PATH_MAX - 1);
    if (length < 0)
        return false;
    name[length] = '\0';
    return launcher_is_one(name);
}

/* The arguments from the launcher's name on: of a script, execve(2) makes "INTERPRETER [ARGUMENT]
 * SCRIPT …". */
static char **own_arguments(char *argv[])
{
    const char *called = (const char *)getauxval(AT_EXECFN);
    if (!called || strcmp(argv[0], called) == 0)
        return argv;
    for (size_t i = 1; i <= 2 && argv[i]; i++) {
        if (strcmp(argv[i], called) == 0)
            return argv + i;
    }
    return argv;
}

/*
 * Programs find their environment through environ, or through main's third argument, as bash does,
 * and some launchers are scripts: so the array that main will get is overwritten too. What does
 * not fit there is reached through environ only; arming put the trail in place so that it fits.
 */
static void install(const struct env *env, char *envp[])
{
    size_t room = 0;
    while (envp[room])
        room++;
    size_t fitting = env->count < room ? env->count : room;
    memcpy(envp, env->vars, fitting * sizeof(*envp));
    envp[fitting] = NULL;
    environ = env->count <= room ? envp : env->vars;
}

static struct preparation preparation;

/* Children that a launcher forks inherit this, and are none. */
static void at_exit(int status, void *unused)
{
    (void)unused;
    if (getpid() == preparation.self.pid)
        tell_end(&preparation, status);
}

static void guard_alone(char *name, char *envp[])
{
    struct env before;
    if (env_init(&before, environ) != 0 || prepare_alone(&preparation, environ) != 0)
        return;
    preparation_complain(&preparation);
    if (preparation_refuses(&preparation)) {
        preparation_refuse(&preparation, launcher_basename(name));
        _exit(EXIT_REFUSED);
    }
    if (preparation.decision == DECISION_REPAIR) {
        alone_cut_off(&before);
        install(&preparation.env, envp);
    }
    env_destroy(&before);
}

__attribute__((constructor)) static void guard(int argc, char *argv[], char *envp[])
{
    char name[PATH_MAX];
    launcher_add_names(getenv(LAUNCHERS_VARIABLE));
    if (argc < 1 || !envp)
        return;
    if (!is_launcher(name)) {
        if (alone_is_due(environ))
            guard_alone(argv[0], envp);
        return;
    }
    /* Under another name of its own, srun would be taken for an MPI launcher. */
    char **arguments = own_arguments(argv);
    if (launcher_is_srun(name) != launcher_is_srun(arguments[0]))
        return;
    /* The program goes on living with this environment, so it is not freed. */
    if (prepare(&preparation, environ, arguments) != 0 || preparation.decision == DECISION_PASS)
        return;
    preparation_complain(&preparation);
    tell_begin(&preparation, DOOR_GUARD, name);
    if (preparation_refuses(&preparation)) {
        preparation_refuse(&preparation, launcher_basename(name));
        tell_end(&preparation, EXIT_REFUSED);
        _exit(EXIT_REFUSED);
    }
    /* What it is told beyond its environment, it has to begin with. */
    if (preparation.argv)
        execve(name, preparation.argv, preparation.env.vars);
    if (tell_awaits_end(&preparation))
        on_exit(at_exit, NULL);
    install(&preparation.env, envp);
}
