/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Launchers by name. */
#include "launcher.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

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

static const char *added;

void launcher_add_names(const char *names)
{
    added = names;
}

static bool is_added(const char *name)
{
    size_t length = strlen(name);
    for (const char *at = length ? added : NULL; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || !at[length]))
            return true;
    }
    return false;
}

bool launcher_is_one(const char *path)
{
    const char *name = launcher_basename(path);
    return IS_IN(name, launchers) || is_added(name);
}

/* What PATH, ld.so and log lines can do with; the others are no names of programs anyway. */
static bool is_plain(const char *name)
{
    for (const char *at = name; *at; at++) {
        if (!isalnum((unsigned char)*at) && !strchr("._+-", *at))
            return false;
    }
    return *name && *name != '.' && *name != '-';
}

bool launcher_names_are_valid(const char *names)
{
    if (strlen(names) > LAUNCHER_NAMES_MAX)
        return false;
    for (bool more = true; more;) {
        char name[LAUNCHER_NAME_MAX + 1];
        size_t length = strcspn(names, ",");
        if (length >= sizeof(name))
            return false;
        memcpy(name, names, length);
        name[length] = '\0';
        if (!is_plain(name) || launcher_is_daemon(name))
            return false;
        more = names[length] == ',';
        names += length + more;
    }
    return true;
}

bool launcher_is_srun(const char *path)
{
    return strcmp(launcher_basename(path), "srun") == 0;
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

bool launcher_word_places(const char *word)
{
    static const char *const directives[] = {":pe=", ":ordered", "-cpus-per-"};
    for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
        size_t length = strlen(directives[i]);
        const char *at = word;
        while ((at = strchr(at, directives[i][0]))) {
            if (strncasecmp(at++, directives[i], length) == 0)
                return true;
        }
    }
    return false;
}
