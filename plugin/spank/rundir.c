/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The collector's directory, as root opens it. */
#include "rundir.h"

#include "core/stepfile.h"
#include "launch/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *find_fault(int fd, bool last)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return strerror(errno);
    if (status.st_uid != 0)
        return "is not root's";
    /* In a sticky directory nobody can take away what is root's. */
    bool sticky = !last && status.st_mode & S_ISVTX;
    if (status.st_mode & (S_IWGRP | S_IWOTH) && !sticky)
        return "others than root can write there";
    return NULL;
}

/* Returns a descriptor, or -1 with errno. */
static int open_directory(int parent, const char *name, mode_t make)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(parent, name, flags);
    if (fd >= 0 || errno != ENOENT || !make)
        return fd;
    bool made = mkdirat(parent, name, make) == 0;
    if (!made && errno != EEXIST)
        return -1;
    fd = openat(parent, name, flags);
    if (fd >= 0 && made)
        fchmod(fd, make); /* whatever the umask is */
    return fd;
}

/* From parent, which is closed, to what is in it; path is for messages. */
static int go_down(int parent, const char *name, const char *path, bool last, mode_t make,
                   char error[RUNDIR_ERROR_MAX])
{
    int fd = open_directory(parent, name, make);
    const char *fault = fd < 0 ? strerror(errno) : find_fault(fd, last);
    close(parent);
    if (!fault)
        return fd;
    snprintf(error, RUNDIR_ERROR_MAX, "%s: %s", path, fault);
    if (fd >= 0)
        close(fd);
    return -1;
}

int rundir_open(const char *path, bool make, char error[RUNDIR_ERROR_MAX])
{
    char upto[PATH_MAX];
    size_t length = strlen(path);
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || length >= sizeof(upto)) {
        snprintf(error, RUNDIR_ERROR_MAX, "%.64s: %s", path,
                 strerror(fd < 0 ? errno : ENAMETOOLONG));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    memcpy(upto, path, length + 1);
    while (length > 0 && upto[length - 1] == '/')
        upto[--length] = '\0';
    for (char *name = upto; fd >= 0 && *name;) {
        name += strspn(name, "/");
        char *end = name + strcspn(name, "/");
        bool last = *end == '\0';
        *end = '\0';
        fd = go_down(fd, name, upto, last, make && last ? 0755 : 0, error);
        if (!last)
            *end = '/';
        name = end;
    }
    return fd;
}

static int open_below(const char *path, const char *name, mode_t mode, bool make,
                      char error[RUNDIR_ERROR_MAX])
{
    char below[PATH_MAX];
    int fd = rundir_open(path, make, error);
    if (fd < 0)
        return -1;
    snprintf(below, sizeof(below), "%s/%s", path, name);
    return go_down(fd, name, below, true, make ? mode : 0, error);
}

int rundir_open_steps(const char *path, bool make, char error[RUNDIR_ERROR_MAX])
{
    return open_below(path, STEPFILE_DIRECTORY, 0700, make, error);
}

int rundir_open_launchers(const char *path, bool make, char error[RUNDIR_ERROR_MAX])
{
    return open_below(path, ADDED_LAUNCHERS, 0755, make, error);
}
