/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe-launch: found first in PATH under every launcher's name, it becomes the real launcher
 * with an environment that is safe for a nested launch. It goes by the name it is called, not by a
 * list: a site's launcher may be found through a PATH that is older than the list. */
#include "become.h"
#include "search.h"

#include "core/launcher.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char *argv[])
{
    launcher_add_names(getenv(LAUNCHERS_VARIABLE));
    if (argc < 1 || strcmp(launcher_basename(argv[0]), "nestsafe-launch") == 0) {
        dprintf(STDERR_FILENO,
                "nestsafe-launch: error: is to be started by the name of an MPI launcher, from "
                "nestsafe's "
                "launcher directory in PATH; see 'nestsafe run' to start one by hand\n");
        return 2;
    }
    const char *name = launcher_basename(argv[0]);
    char *file = search_launcher(name, getenv("PATH"));
    return file ? become_launcher(file, argv, environ) : become_report(name, errno);
}
