/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The launchers that the site added, as links to nestsafe-launch for PATH. */
#include "links.h"

#include "rundir.h"

#include "core/keyvalue.h"
#include "core/launcher.h"
#include "launch/paths.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <slurm/spank.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_right(int directory, const char *name)
{
    char target[PATH_MAX];
    ssize_t length = readlinkat(directory, name, target, sizeof(target));
    return length == (ssize_t)strlen(path_first_launcher) &&
           memcmp(target, path_first_launcher, (size_t)length) == 0;
}

/* Other steps do the same at the same time, and programs look for the name meanwhile. */
static int make_link(int directory, const char *name)
{
    char hidden[LAUNCHER_NAME_MAX + 32];
    if (is_right(directory, name))
        return 0;
    snprintf(hidden, sizeof(hidden), ".%s.%ld", name, (long)getpid());
    unlinkat(directory, hidden, 0); /* of one that was killed here */
    if (symlinkat(path_first_launcher, directory, hidden) != 0)
        return -1;
    if (renameat(directory, hidden, directory, name) == 0)
        return 0;
    int saved = errno;
    unlinkat(directory, hidden, 0);
    errno = saved;
    return -1;
}

static int make_links(int directory, const char *names)
{
    for (bool more = true; more;) {
        char name[LAUNCHER_NAME_MAX + 1];
        size_t length = strcspn(names, ",");
        snprintf(name, sizeof(name), "%.*s", (int)length, names);
        if (make_link(directory, name) != 0)
            return -1;
        more = names[length] == ',';
        names += length + more;
    }
    return 0;
}

/* ".NAME.PID", of a process that was killed before it could rename it. */
static bool is_left_over(const char *name)
{
    unsigned long long number;
    return name[0] == '.' && keyvalue_number(strrchr(name, '.') + 1, INT_MAX, &number) == 0 &&
           number > 0 && kill((pid_t)number, 0) != 0 && errno == ESRCH;
}

/* What an earlier configuration asked for would stay in jobs' PATH. */
static void remove_others(int directory, const char *names)
{
    int copy = dup(directory);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *entry;
    launcher_add_names(names);
    while (entries && (entry = readdir(entries))) {
        bool other = entry->d_name[0] != '.' && !launcher_is_one(entry->d_name);
        if (other || is_left_over(entry->d_name))
            unlinkat(directory, entry->d_name, 0);
    }
    launcher_add_names(NULL);
    if (entries)
        closedir(entries);
    else if (copy >= 0)
        close(copy);
}

bool links_make(const struct config *config)
{
    char error[RUNDIR_ERROR_MAX];
    int directory = -1;
    if (!config->valid || !config->launchers || geteuid() != 0)
        return false;
    if (strchr(config->rundir, ':'))
        snprintf(error, sizeof(error), "%s: PATH would be split there", config->rundir);
    else
        directory = rundir_open_launchers(config->rundir, true, error);
    if (directory >= 0 && make_links(directory, config->launchers) != 0) {
        snprintf(error, sizeof(error), "%.160s/" ADDED_LAUNCHERS ": %s", config->rundir,
                 strerror(errno));
        close(directory);
        directory = -1;
    }
    if (directory < 0) {
        slurm_error("nestsafe: launchers=%s are not in PATH: %s", config->launchers, error);
        return false;
    }
    remove_others(directory, config->launchers);
    close(directory);
    return true;
}
