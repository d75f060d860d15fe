/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Launchers by name. */
#include "launcher.h"

#include <stddef.h>
#include <string.h>

static const char *const launchers[] = {
#define LAUNCHER(name) name,
#include "launchers.def"
};

/* Open MPI 4; PRRTE; MPICH; Intel MPI; MVAPICH2. */
static const char *const daemons[] = {
    "orted", "prted", "hydra_pmi_proxy", "hydra_bstrap_proxy", "mpispawn",
};

static const char *const answers[] = {
    "--version", "-version", "-V", "--help", "-help", "-h", "-pmi_args",
};

static bool is_in(const char *word, const char *const list[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, list[i]) == 0)
            return true;
    }
    return false;
}

#define IS_IN(word, list) is_in(word, list, sizeof(list) / sizeof(list[0]))

const char *launcher_basename(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool launcher_is_one(const char *path)
{
    return IS_IN(launcher_basename(path), launchers);
}

bool launcher_is_daemon(const char *path)
{
    return IS_IN(launcher_basename(path), daemons);
}

bool launcher_needs_path(const char *resolved)
{
    return strcmp(launcher_basename(resolved), "mpiexec.hydra") == 0;
}

bool launcher_only_answers(char *const argv[])
{
    return argv[0] && argv[1] && IS_IN(argv[1], answers);
}
