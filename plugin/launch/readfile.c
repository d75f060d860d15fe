/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole small file as a string. */
#include "readfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RULES_MAX = 1024 * 1024 };

static void close_quietly(int fd)
{
    int saved = errno;
    close(fd);
    errno = saved;
}

/* Files in /proc have no size to ask for: read until the end. */
static char *read_all(int fd, size_t max, size_t *length)
{
    size_t capacity = 4096;
    char *text = malloc(capacity + 1);
    *length = 0;
    while (text) {
        ssize_t got = read(fd, text + *length, capacity - *length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            break;
        if (got == 0) {
            text[*length] = '\0';
            return text;
        }
        *length += (size_t)got;
        if (*length > max) {
            errno = EFBIG;
            break;
        }
        if (*length == capacity) {
            char *grown = realloc(text, capacity * 2 + 1);
            if (!grown)
                break;
            text = grown;
            capacity *= 2;
        }
    }
    int saved = errno;
    free(text);
    errno = saved;
    return NULL;
}

/* O_NONBLOCK: a FIFO in a file's place must not hold anybody up. */
enum { OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK };

char *readfile(const char *path, size_t max, size_t *length)
{
    int fd = open(path, OPEN_FLAGS);
    if (fd < 0)
        return NULL;
    char *text = read_all(fd, max, length);
    close_quietly(fd);
    return text;
}

static bool is_root_only(int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return false;
    errno = EPERM;
    return S_ISREG(status.st_mode) && status.st_uid == 0 && (status.st_mode & 022) == 0;
}

char *readfile_root(const char *path, size_t max, size_t *length)
{
    int fd = open(path, OPEN_FLAGS | O_NOFOLLOW);
    if (fd < 0)
        return NULL;
    char *text = is_root_only(fd) ? read_all(fd, max, length) : NULL;
    close_quietly(fd);
    return text;
}

int readfile_rules(struct rules_file *file, const char *path)
{
    *file = (struct rules_file){0};
    size_t length;
    char *text = readfile(path, RULES_MAX, &length);
    int rc = -1;
    if (text && strlen(text) != length) {
        snprintf(file->error, sizeof(file->error), "%s: not a text file", path);
        errno = EINVAL;
    } else if (text) {
        rc = rules_file_parse(file, text, path);
    }
    if (rc != 0 && !file->error[0])
        snprintf(file->error, sizeof(file->error), "%s: %s", path, strerror(errno));
    free(text);
    return rc;
}
