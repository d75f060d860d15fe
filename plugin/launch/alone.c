/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MPI programs that a rank starts without a launcher, and that are to be MPI jobs by themselves. */
#include "alone.h"

#include "become.h"
#include "process.h"
#include "readfile.h"

#include "core/arm.h"
#include "core/baseline.h"
#include "core/decision.h"
#include "core/keyvalue.h"
#include "core/launcher.h"
#include "core/mode.h"
#include "core/nesting.h"

#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is read of one ancestor, and how many of them. */
enum { MAPS_MAX = 16 * 1024 * 1024, STRINGS_MAX = 6 * 1024 * 1024, ANCESTORS_MAX = 64 };

/* How the file names of MPI's libraries begin: Open MPI, Intel MPI and MVAPICH; the standard ABI;
 * MPICH; Cray. Those for other languages need one of them. */
static const char *const libraries[] = {"libmpi.so",   "libmpi_abi", "libmpich.so",
                                        "libmpi_cray", "libmpi_gnu", NULL};

static bool is_mpi(const char *name)
{
    const char *const *library = libraries;
    while (*library && strncmp(name, *library, strlen(*library)) != 0)
        library++;
    return *library != NULL;
}

static int look_at(struct dl_phdr_info *info, size_t size, void *found)
{
    (void)size;
    *(bool *)found = is_mpi(launcher_basename(info->dlpi_name));
    return *(bool *)found;
}

static bool has_mpi(pid_t pid)
{
    char path[40];
    size_t length;
    bool found = false;
    snprintf(path, sizeof(path), "/proc/%ld/maps", (long)pid);
    char *maps = readfile(path, MAPS_MAX, &length);
    for (char *line = maps; line && *line && !found;) {
        size_t end = strcspn(line, "\n");
        char *next = line + end + (line[end] != '\0');
        line[end] = '\0';
        found = is_mpi(launcher_basename(line));
        line = next;
    }
    free(maps);
    return found;
}

/* Is it of the same rank? A singleton began without what now tells of it. */
static bool is_of_rank(pid_t pid, const struct env *now, const struct verdict *verdict)
{
    struct env env;
    char *text;
    if (process_environment(pid, STRINGS_MAX, &env, &text) != 0)
        return false;
    bool same = verdict->outer == OUTER_SINGLETON || nesting_same_rank(&env, now);
    env_destroy(&env);
    free(text);
    return same;
}

static bool is_below_rank(const struct env *now, const struct verdict *verdict)
{
    struct process_facts facts;
    pid_t pid = getppid();
    for (int i = 0; i < ANCESTORS_MAX && pid > 1 && is_of_rank(pid, now, verdict); i++) {
        if (has_mpi(pid))
            return true;
        if (process_read(pid, &facts) != 0)
            return false;
        pid = facts.parent;
    }
    return false;
}

/* vars as they are: the guard asks this in every program, before its main(). */
static const char *find(char *const vars[], const char *name)
{
    size_t length = strlen(name);
    while (*vars && (strncmp(*vars, name, length) != 0 || (*vars)[length] != '='))
        vars++;
    return *vars ? *vars + length + 1 : NULL;
}

static enum mode mode_of(char *const vars[])
{
    enum mode mode = MODE_AUDIT;
    const char *armed = find(vars, ARMED_MODE_VARIABLE);
    const char *asked = find(vars, MODE_VARIABLE);
    if (armed)
        mode_parse(armed, &mode);
    if (asked && *asked)
        mode_parse(asked, &mode);
    return mode;
}

bool alone_is_due(char *const vars[])
{
    struct env env;
    struct verdict verdict;
    bool linked = false;
    bool due = false;
    if (!mode_runs_alone(mode_of(vars)))
        return false;
    dl_iterate_phdr(look_at, &linked);
    if (!linked)
        return false;
    if (env_init(&env, vars) == 0) {
        struct trail trail;
        nesting_judge(&verdict, &env);
        trail_load(&trail, &env);
        /* Open MPI 5 and MPICH leave no mark of a singleton; one that starts itself has an end. */
        if (trail.alone)
            nesting_below_alone(&verdict);
        due = verdict.nested && verdict.outer != OUTER_STEP && is_below_rank(&env, &verdict);
    }
    env_destroy(&env);
    return due;
}

/* "socket:[INODE]" for a socket. */
static bool read_socket(pid_t pid, int fd, char link[64])
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long)pid, fd);
    ssize_t length = readlink(path, link, 63);
    link[length < 0 ? 0 : length] = '\0';
    return strncmp(link, "socket:", 7) == 0;
}

void alone_cut_off(const struct env *env)
{
    unsigned long long number;
    char mine[64], theirs[64];
    const char *text = env_get(env, "PMI_FD");
    if (!text || keyvalue_number(text, INT_MAX, &number) != 0 || number <= STDERR_FILENO)
        return;
    int fd = (int)number;
    if (read_socket(getpid(), fd, mine) && read_socket(getppid(), fd, theirs) &&
        strcmp(mine, theirs) == 0)
        close(fd);
}

int alone_become(char *argv[], char *vars[])
{
    struct env before;
    struct preparation preparation;
    if (env_init(&before, vars) != 0 || prepare_alone(&preparation, vars) != 0) {
        execvpe(argv[0], argv, vars);
        return become_report(argv[0], errno);
    }
    preparation_complain(&preparation);
    if (preparation_refuses(&preparation)) {
        preparation_refuse(&preparation, launcher_basename(argv[0]));
        return EXIT_REFUSED;
    }
    if (preparation.decision == DECISION_REPAIR)
        alone_cut_off(&before);
    execvpe(argv[0], argv, preparation.env.vars);
    if (errno == E2BIG && baseline_drop(&preparation.env))
        execvpe(argv[0], argv, preparation.env.vars);
    return become_report(argv[0], errno);
}
