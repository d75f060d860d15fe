/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files in directories that are root's alone. */
#include "spoolfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 64 * 1024 * 1024 };

static int close_with(int fd, int error)
{
    close(fd);
    errno = error;
    return -1;
}

/* A directory that others may write in could have anything in the next one's place; /tmp-like ones
 * protect what is there. others: the permission bits that make them others. */
static bool is_safe(int directory, mode_t others, struct stat *status)
{
    if (fstat(directory, status) != 0)
        return false;
    bool ours = status->st_uid == geteuid() || status->st_uid == 0;
    if (ours && (!(status->st_mode & others) || status->st_mode & S_ISVTX))
        return true;
    errno = EPERM;
    return false;
}

/* Step from one directory into the next, making that where it is missing, if mode is not 0. */
static int enter(int above, const char *name, mode_t mode, mode_t others)
{
    struct stat status;
    if (!is_safe(above, others, &status))
        return -1;
    if (mode && mkdirat(above, name, mode) != 0 && errno != EEXIST)
        return -1;
    int follow = status.st_mode & 022 ? O_NOFOLLOW : 0;
    return openat(above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | follow);
}

/* All the way down; path is taken apart. */
static int walk(char *path, bool make, mode_t others)
{
    char *rest = path;
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (char *name; fd >= 0 && (name = strsep(&rest, "/"));) {
        if (!*name)
            continue;
        bool last = !rest || strspn(rest, "/") == strlen(rest);
        int next = enter(fd, name, !make ? 0 : last ? 0700 : 0755, others);
        int saved = errno;
        close(fd);
        errno = saved;
        fd = next;
    }
    return fd;
}

static int copy_path(char copy[PATH_MAX], const char *path)
{
    if (strlen(path) < PATH_MAX) {
        strcpy(copy, path);
        return 0;
    }
    errno = ENAMETOOLONG;
    return -1;
}

int spoolfile_directory(const char *path)
{
    struct stat status;
    char copy[PATH_MAX];
    int fd = copy_path(copy, path) == 0 ? walk(copy, true, 022) : -1;
    if (fd < 0)
        return -1;
    if (fstat(fd, &status) != 0)
        return close_with(fd, errno);
    if (status.st_uid != geteuid() || status.st_mode & 022)
        return close_with(fd, EPERM);
    return fd;
}

int spoolfile_log(const char *path)
{
    struct stat status;
    char copy[PATH_MAX];
    if (copy_path(copy, path) != 0)
        return -1;
    char *slash = strrchr(copy, '/');
    if (!slash) {
        errno = EINVAL;
        return -1;
    }
    *slash = '\0';
    /* A group that may write to /var/log, as in some distributions, is the administrator's. */
    int directory = walk(copy, false, 002);
    if (directory < 0 || !is_safe(directory, 002, &status))
        return directory < 0 ? -1 : close_with(directory, errno);
    int fd = openat(directory, slash + 1,
                    O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC,
                    0640);
    close_with(directory, errno);
    if (fd < 0 || fstat(fd, &status) != 0)
        return fd < 0 ? -1 : close_with(fd, errno);
    /* In /tmp a user may have made the file, or a second name of one that is not for him. */
    bool ours = status.st_uid == geteuid() || status.st_uid == 0;
    if (!ours || (S_ISREG(status.st_mode) && status.st_nlink > 1))
        return close_with(fd, EPERM);
    return fd;
}

static int write_lines(int fd, const char *const lines[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!lines[i]) {
            errno = ENOMEM;
            return -1;
        }
        size_t length = strlen(lines[i]);
        ssize_t written = write(fd, lines[i], length);
        if (written >= 0 && (size_t)written != length)
            errno = ENOSPC;
        if (written < 0 || (size_t)written != length)
            return -1;
    }
    return 0;
}

int spoolfile_replace(int directory, const char *name, const char *const lines[], size_t count)
{
    char temporary[NAME_MAX];
    snprintf(temporary, sizeof(temporary), "%s.new", name);
    unlinkat(directory, temporary, 0);
    int fd =
        openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    int rc = write_lines(fd, lines, count);
    int saved = errno;
    if (close(fd) != 0 && rc == 0) {
        saved = errno;
        rc = -1;
    }
    if (rc == 0)
        return renameat(directory, temporary, directory, name);
    unlinkat(directory, temporary, 0);
    errno = saved;
    return -1;
}

char *spoolfile_read(int directory, const char *name, size_t *length)
{
    struct stat status;
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return NULL;
    char *text = NULL;
    *length = 0;
    if (fstat(fd, &status) != 0) {
        close_with(fd, errno);
        return NULL;
    }
    if (!S_ISREG(status.st_mode) || status.st_size > FILE_MAX) {
        close_with(fd, EFBIG);
        return NULL;
    }
    text = malloc((size_t)status.st_size + 1);
    while (text && *length < (size_t)status.st_size) {
        ssize_t got = read(fd, text + *length, (size_t)status.st_size - *length);
        if (got < 0) {
            close_with(fd, errno);
            free(text);
            return NULL;
        }
        if (got == 0)
            break;
        *length += (size_t)got;
    }
    if (text)
        text[*length] = '\0';
    close(fd);
    return text;
}
