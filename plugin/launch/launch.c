/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe-launch: found first in PATH under every launcher's name, it becomes the real launcher
 * with an environment that is safe for a nested launch. */
#include "prepare.h"
#include "search.h"

#include "core/baseline.h"
#include "core/launcher.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* Like execvp(3): a file that is executable but of no known format is a script for sh. */
static void become(const char *file, char *argv[], char *const env[])
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
    script[1] = (char *)file;
    for (size_t i = 1; i < count; i++)
        script[i + 1] = argv[i];
    execve("/bin/sh", script, env);
}

static int report(const char *name, int error)
{
    dprintf(STDERR_FILENO, "%s: %s\n", name,
            error == ENOENT ? "command not found" : strerror(error));
    return error == ENOENT ? EXIT_NOT_FOUND : EXIT_REFUSED;
}

int main(int argc, char *argv[])
{
    if (argc < 1 || !launcher_is_one(argv[0])) {
        dprintf(STDERR_FILENO,
                "nestsafe-launch: is to be started by the name of an MPI launcher, from nestsafe's "
                "launcher directory in PATH; see 'nestsafe run' to start one by hand\n");
        return 2;
    }
    const char *name = launcher_basename(argv[0]);
    char *file = search_launcher(name, getenv("PATH"));
    if (!file)
        return report(name, errno);
    /* Whoever asked for the path of mpirun was given ours. Open MPI takes the directory it is
     * called from for its installation (mpirun(1), --prefix), so it must see its own. */
    if (name != argv[0])
        argv[0] = file;

    struct preparation preparation;
    if (prepare(&preparation, environ, argv) != 0) {
        become(file, argv, environ);
        return report(name, errno);
    }
    preparation_complain(&preparation);
    if (preparation_refuses(&preparation)) {
        preparation_refuse(&preparation, name);
        return EXIT_REFUSED;
    }
    become(file, argv, preparation.env.vars);
    if (errno == E2BIG && env_unset(&preparation.env, BASELINE_VARIABLE)) {
        /* It fitted before nestsafe added to it. */
        for (unsigned n = 1; n < 64; n++) {
            char chunk[40];
            snprintf(chunk, sizeof(chunk), BASELINE_VARIABLE "_%u", n);
            env_unset(&preparation.env, chunk);
        }
        become(file, argv, preparation.env.vars);
    }
    return report(name, errno);
}
