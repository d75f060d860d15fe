/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Being told that a directory has changed. */
#include "changes.h"

#include <errno.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

int changes_watch(int directory, uint32_t mask)
{
    char path[40];
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", directory);
    if (fd < 0 || inotify_add_watch(fd, path, mask) >= 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

bool changes_any(int fd)
{
    char events[4096] __attribute__((aligned(8)));
    bool any = false;
    while (fd >= 0 && read(fd, events, sizeof(events)) > 0)
        any = true;
    return any;
}
