/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last step of a launch: this process becomes the real launcher. */
#include "become.h"

#include "core/baseline.h"
#include "core/launcher.h"
#include "tell.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Like execvp(3): a file that is executable but of no known format is a script for sh. */
static void become(char *file, char *argv[], char *const env[])
{
    execve(file, argv, env);
    if (errno != ENOEXEC)
        return;
    size_t count = 0;
    while (argv[count])
        count++;
    char **script = calloc(count + 2, sizeof(*script));
    if (!script)
        return;
    script[0] = (char *)"sh";
    script[1] = file;
    for (size_t i = 1; i < count; i++)
        script[i + 1] = argv[i];
    execve("/bin/sh", script, env);
    int saved = errno;
    free(script);
    errno = saved;
}

int become_report(const char *name, int error)
{
    dprintf(STDERR_FILENO, "%s: %s\n", name,
            error == ENOENT ? "command not found" : strerror(error));
    return error == ENOENT ? EXIT_NOT_FOUND : EXIT_REFUSED;
}

static bool needs_path(const char *file)
{
    char resolved[PATH_MAX];
    return launcher_needs_path(realpath(file, resolved) ? resolved : file);
}

/* Whoever asked for the path of mpirun was given ours. Open MPI takes the directory it is called
 * from for its installation (mpirun(1), --prefix), so it must see its own; and of a link to a
 * directory the target, as /bin/mpirun would be an installation in "/", which it refuses. */
static void set_own_path(char *file, char *argv[], char path[static PATH_MAX])
{
    char directory[PATH_MAX];
    const char *name = launcher_basename(file);
    int length = snprintf(path, PATH_MAX, "%.*s.", (int)(name - file), file);
    argv[0] = file;
    if (length < PATH_MAX && realpath(path, directory) &&
        snprintf(path, PATH_MAX, "%s/%s", directory, name) < PATH_MAX)
        argv[0] = path;
}

int become_launcher(char *file, char *argv[], char *vars[])
{
    char path[PATH_MAX];
    const char *name = launcher_basename(argv[0]);
    if (name != argv[0] || needs_path(file))
        set_own_path(file, argv, path);

    struct preparation preparation;
    if (prepare(&preparation, vars, argv) != 0) {
        become(file, argv, vars);
        return become_report(name, errno);
    }
    preparation_complain(&preparation);
    tell_begin(&preparation, DOOR_PATH, file);
    int status = EXIT_REFUSED;
    if (preparation_refuses(&preparation)) {
        preparation_refuse(&preparation, name);
    } else {
        if (preparation.argv)
            argv = preparation.argv;
        become(file, argv, preparation.env.vars);
        if (errno == E2BIG && baseline_drop(&preparation.env)) {
            /* It fitted before nestsafe added to it. */
            become(file, argv, preparation.env.vars);
        }
        status = become_report(name, errno);
    }
    if (tell_awaits_end(&preparation))
        tell_end(&preparation, status);
    return status;
}
