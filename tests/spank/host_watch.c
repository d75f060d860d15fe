/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a hook leaves behind in its process: descriptors, threads, environment, children. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host_internal.h"

extern char **environ;

static int count_entries(const char *dir)
{
    DIR *d = opendir(dir);
    int n = 0;

    if (!d)
        return 0;
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

void watch_now(struct watch *w)
{
    w->nfds = count_entries("/proc/thread-self/fd");
    w->threads = count_entries("/proc/self/task");
    w->environ_hash = env_hash(environ);
    w->job_env_hash = host.job ? env_hash(host.job->env) : 0;
}

/* Of this thread: see host_contain.c for one that has descriptors of its own. */
char **watch_fds(void)
{
    char **list = xalloc(sizeof(char *));
    DIR *d = opendir("/proc/thread-self/fd");
    struct dirent *e;

    if (!d)
        return list;
    while ((e = readdir(d))) {
        char target[4096];
        ssize_t n;
        int fd = atoi(e->d_name);
        char *link;

        if (e->d_name[0] == '.' || fd == dirfd(d) || fd == wire_fd())
            continue;
        link = xprintf("/proc/thread-self/fd/%d", fd);
        n = readlink(link, target, sizeof(target) - 1);
        free(link);
        if (n < 0)
            continue;
        target[n] = '\0';
        list_add(&list, xprintf("%d %s", fd, target));
    }
    closedir(d);
    return list;
}

void watch_emit_left(char **before)
{
    char **after = watch_fds();

    for (char **p = after; *p; p++) {
        char **q = before;

        while (*q && strcmp(*q, *p) != 0)
            q++;
        if (!*q)
            wire_emit((struct wire){.type = WIRE_STRING, .task = -1, .a = LIST_FDS}, *p, NULL);
    }
    host_strv_free(after);
}

/* The host process is a subreaper: whatever the plugin started and left ends up as its child. */
int watch_kill_children(bool keep)
{
    DIR *d = opendir("/proc");
    struct dirent *e;
    int n = 0;

    if (!d)
        return 0;
    while ((e = readdir(d))) {
        char stat[512];
        char *path, *end;
        FILE *f;
        int pid = atoi(e->d_name);
        int parent = 0;

        if (pid <= 0)
            continue;
        path = xprintf("/proc/%d/stat", pid);
        f = fopen(path, "re");
        free(path);
        if (!f)
            continue;
        if (fgets(stat, sizeof(stat), f) && (end = strrchr(stat, ')')))
            sscanf(end + 1, " %*c %d", &parent);
        fclose(f);
        if (parent != getpid())
            continue;
        n++;
        if (!keep) {
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
        }
    }
    closedir(d);
    return n;
}
