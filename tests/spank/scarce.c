/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory, descriptors and processes that run out, for the plugin alone: ld's --wrap (local.mk has
 * the same names) gives its calls to the functions here. */
#include "scarce.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Tasks are processes of their own. */
static struct shared {
    atomic_uint calls;
    unsigned nth;
    char failed[24];
} * shared;

void scarce_begin(unsigned nth)
{
    if (!shared)
        shared =
            mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        abort();
    atomic_store(&shared->calls, 0);
    shared->nth = nth;
    shared->failed[0] = '\0';
}

unsigned scarce_calls(void)
{
    return atomic_load(&shared->calls);
}

const char *scarce_failed(void)
{
    return shared->failed;
}

static bool fails(const char *name, int error)
{
    if (!shared || atomic_fetch_add(&shared->calls, 1) + 1 != shared->nth)
        return false;
    snprintf(shared->failed, sizeof(shared->failed), "%s", name);
    errno = error;
    return true;
}

#define SCARCE(type, name, parameters, arguments, failed, error)                                   \
    __attribute__((visibility("default"))) type __wrap_##name parameters;                          \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails(#name, error) ? (failed) : name arguments;                                    \
    }

SCARCE(void *, malloc, (size_t size), (size), NULL, ENOMEM)
SCARCE(void *, calloc, (size_t count, size_t size), (count, size), NULL, ENOMEM)
SCARCE(void *, realloc, (void *old, size_t size), (old, size), NULL, ENOMEM)
SCARCE(char *, strdup, (const char *text), (text), NULL, ENOMEM)
SCARCE(char *, strndup, (const char *text, size_t size), (text, size), NULL, ENOMEM)
SCARCE(char *, realpath, (const char *path, char *real), (path, real), NULL, ENOMEM)
SCARCE(DIR *, fdopendir, (int fd), (fd), NULL, ENOMEM)
SCARCE(int, setenv, (const char *name, const char *value, int over), (name, value, over), -1,
       ENOMEM)
SCARCE(int, dup, (int fd), (fd), -1, EMFILE)
SCARCE(int, pipe2, (int fds[2], int flags), (fds, flags), -1, EMFILE)
SCARCE(int, socket, (int domain, int type, int protocol), (domain, type, protocol), -1, EMFILE)
SCARCE(int, bind, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size), -1,
       EADDRINUSE)
SCARCE(pid_t, fork, (void), (), -1, EAGAIN)
SCARCE(int, posix_spawn,
       (pid_t * pid, const char *path, const posix_spawn_file_actions_t *actions,
        const posix_spawnattr_t *attributes, char *const argv[], char *const env[]),
       (pid, path, actions, attributes, argv, env), EAGAIN, 0)
SCARCE(int, mkdirat, (int fd, const char *path, mode_t mode), (fd, path, mode), -1, ENOSPC)
SCARCE(int, symlinkat, (const char *to, int fd, const char *path), (to, fd, path), -1, EROFS)
SCARCE(int, renameat, (int from, const char *old, int to, const char *path), (from, old, to, path),
       -1, EROFS)
SCARCE(int, flock, (int fd, int operation), (fd, operation), -1, ENOLCK)
SCARCE(ssize_t, read, (int fd, void *text, size_t size), (fd, text, size), -1, EIO)
SCARCE(ssize_t, write, (int fd, const void *text, size_t size), (fd, text, size), -1, ENOSPC)
SCARCE(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags),
       -1, ENOBUFS)

/* These two have a mode only sometimes. */
static mode_t mode_of(int flags, va_list list)
{
    return flags & O_CREAT ? va_arg(list, mode_t) : 0;
}

__attribute__((visibility("default"))) int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = mode_of(flags, list);
    va_end(list);
    return fails("open", EMFILE) ? -1 : open(path, flags, mode);
}

__attribute__((visibility("default"))) int __wrap_openat(int at, const char *path, int flags, ...);
int __wrap_openat(int at, const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = mode_of(flags, list);
    va_end(list);
    return fails("openat", EMFILE) ? -1 : openat(at, path, flags, mode);
}
