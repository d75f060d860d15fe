/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preloaded into collectors of which there are a thousand on one machine: what a machine has for
 * one, they do without. That is inotify's instances, the process connector's events, which another
 * namespace has, the CPU first, and a look at every process when they start. */
#include <dirent.h>
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

int inotify_init1(int flags)
{
    (void)flags;
    return -1;
}

int setns(int fd, int kind)
{
    (void)fd;
    (void)kind;
    return -1;
}

int setpriority(int which, unsigned who, int value)
{
    (void)which;
    (void)who;
    (void)value;
    return 0;
}

DIR *opendir(const char *path)
{
    DIR *(*real)(const char *) = (DIR * (*)(const char *)) dlsym(RTLD_NEXT, "opendir");
    return strcmp(path, "/proc") == 0 ? NULL : real(path);
}
