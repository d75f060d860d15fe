/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Regular files in places that users may write to, opened so that nobody is held up by them. */
#include "regular.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int handle(int directory, const char *path, enum regular_walk walk, uint64_t flags)
{
    static const uint64_t resolve[] = {
        [REGULAR_KNOWN] = RESOLVE_CACHED | RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
        [REGULAR_BELOW] = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
        [REGULAR_INSIDE] = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    struct open_how how = {.flags = O_PATH | O_CLOEXEC | flags, .resolve = resolve[walk]};
    /* glibc 2.31 has the header without SYS_openat2. */
    return (int)syscall(__NR_openat2, directory, path, &how, sizeof(how));
}

int regular_directory(int directory, const char *path, enum regular_walk walk)
{
    return handle(directory, path, walk, O_DIRECTORY);
}

int regular_handle(int directory, const char *path, enum regular_walk walk)
{
    struct stat status;
    int fd = handle(directory, path, walk, 0);
    if (fd < 0 || (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)))
        return fd;
    close(fd);
    errno = ENOTSUP;
    return -1;
}

int regular_open(int handle_fd)
{
    char path[40];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", handle_fd);
    return open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* Returns how many bytes were read, up to size, or -1 with errno. */
static ssize_t read_up_to(int fd, char *bytes, size_t size)
{
    size_t length = 0;
    while (length < size) {
        ssize_t got = read(fd, bytes + length, size - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

char *regular_bytes(int handle_fd, size_t max, size_t *length)
{
    struct stat status;
    int fd = regular_open(handle_fd);
    if (fd < 0)
        return NULL;
    char *bytes = NULL;
    ssize_t got = -1;
    if (fstat(fd, &status) == 0) {
        size_t size = status.st_size < (off_t)max ? (size_t)status.st_size : max;
        bytes = malloc(size + 1);
        got = bytes ? read_up_to(fd, bytes, size) : -1;
    }
    int saved = errno;
    close(fd);
    if (got < 0) {
        free(bytes);
        bytes = NULL;
    }
    errno = saved;
    *length = got < 0 ? 0 : (size_t)got;
    return bytes;
}
