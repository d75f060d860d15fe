/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe-guard.so: preloaded into a job's programs. It is in every one of them, so all it does is
 * to look whether this may be a launcher, or one that is to run alone, and only then loads
 * nestsafe-guard-launch.so, whose constructor does the work (guard_launch.c). What ld.so has to do
 * for a library counts too: no table of pointers to relocate, few symbols to look up. */
#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <unistd.h>

static const char launchers[][sizeof("mpirun.mpi_abi_mpich")] = {
#define LAUNCHER(name) name,
#include "core/launchers.def"
};

/* What follows prefix in text, or NULL. */
static const char *after(const char *text, const char *prefix)
{
    while (*prefix && *text == *prefix) {
        text++;
        prefix++;
    }
    return *prefix ? NULL : text;
}

static bool is_among(const char *name, const char *list)
{
    while (list && *list) {
        const char *rest = after(list, name);
        if (rest && (*rest == ',' || !*rest))
            return true;
        while (*list && *list++ != ',')
            ;
    }
    return false;
}

/* added: a site's launchers, separated by commas, or NULL. */
static bool is_launcher(const char *path, const char *added)
{
    const char *name = path;
    for (const char *at = path; *at; at++) {
        if (*at == '/')
            name = at + 1;
    }
    for (size_t i = 0; i < sizeof(launchers) / sizeof(launchers[0]); i++) {
        const char *rest = after(name, launchers[i]);
        if (rest && !*rest)
            return true;
    }
    return *name && is_among(name, added);
}

/* By the name it was executed under, or by what it is. */
static bool may_be_launcher(const char *added)
{
    char file[PATH_MAX];
    const char *called = (const char *)getauxval(AT_EXECFN);
    if (called && is_launcher(called, added))
        return true;
    ssize_t length = readlink("/proc/self/exe", file, sizeof(file) - 1);
    if (length < 0)
        return false;
    file[length] = '\0';
    return is_launcher(file, added);
}

/* "auto,alone" and the like. */
static bool has_comma(const char *mode)
{
    while (*mode && *mode != ',')
        mode++;
    return *mode == ',';
}

__attribute__((constructor)) static void guard(int argc, char *argv[], char *envp[])
{
    const char *added = NULL;
    bool alone = false;
    (void)argv;
    if (argc < 1 || !envp)
        return;
    for (; *envp; envp++) {
        const char *value;
        if (**envp != 'N' && **envp != 'M')
            continue;
        if ((value = after(*envp, "NESTSAFE_LAUNCHERS=")))
            added = value;
        else if ((value = after(*envp, "NESTSAFE_MODE=")) ||
                 (value = after(*envp, "MPI_NESTED_SAFE=")))
            alone = alone || has_comma(value);
    }
    if (alone || may_be_launcher(added))
        dlopen(NESTSAFE_GUARD_LAUNCH, RTLD_NOW | RTLD_LOCAL);
}
