/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where this nestsafe is installed. A file of its own, so that a change of --prefix needs but this
 * one compiled again. */
#include "paths.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char path_launchers[] = NESTSAFE_LAUNCHERS;
const char path_first_launcher[] = NESTSAFE_LAUNCHERS "/mpirun";
const char path_guard[] = NESTSAFE_GUARD;
const char path_unreachable[] = NESTSAFE_LIBEXEC "/nestsafe-unreachable";
const char path_collector[] = NESTSAFE_COLLECTOR;
const char path_rundir[] = NESTSAFE_RUNDIR;

const char *path_launcher_directories(char text[LAUNCHER_DIRECTORIES_MAX], const char *rundir,
                                      const char *launchers)
{
    if (!launchers)
        return path_launchers;
    snprintf(text, LAUNCHER_DIRECTORIES_MAX, "%s/" ADDED_LAUNCHERS ":%s",
             rundir ? rundir : path_rundir, path_launchers);
    return text;
}

/* A container may have taken the file away, and ld.so complains in every program about a library
 * it cannot find; so does a name that it would split. */
const char *path_usable_guard(void)
{
    return access(path_guard, R_OK) == 0 && !strpbrk(path_guard, ": \t$") ? path_guard : NULL;
}
