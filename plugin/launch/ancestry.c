/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arguments and environments with which this process's ancestors were executed, from /proc. */
#include "ancestry.h"

#include "readfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel takes at most 6 MiB of arguments and environment (fs/exec.c, _STK_LIM / 4 * 3). */
enum { STRINGS_MAX = 6 * 1024 * 1024 };

/* Parent and start time of a process: fields 4 and 22 of /proc/PID/stat; field 2, the name, is in
 * parentheses and may hold anything. Returns 0 or -1. */
static int read_stat(const char *path, long *parent, unsigned long long *start)
{
    size_t length;
    char *text = readfile(path, 4096, &length);
    char *fields = text ? strrchr(text, ')') : NULL;
    int found = fields ? sscanf(fields,
                                ") %*c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u "
                                "%*d %*d %*d %*d %*d %*d %llu",
                                parent, start)
                       : 0;
    free(text);
    return found == 2 ? 0 : -1;
}

/* The strings of a file such as /proc/PID/environ, each ended by a NUL. Returns a NULL-terminated
 * array to free, whose strings are in *text, to free too; or NULL. */
static char **read_strings(long pid, const char *file, char **text)
{
    char path[40];
    size_t length;
    size_t count = 0;
    snprintf(path, sizeof(path), "/proc/%ld/%s", pid, file);
    *text = readfile(path, STRINGS_MAX, &length);
    if (!*text)
        return NULL;
    for (size_t i = 0; i < length; i++)
        count += (*text)[i] == '\0';
    char **strings = calloc(count + 1, sizeof(*strings));
    const char *at = *text;
    for (size_t i = 0; strings && i < count; i++) {
        strings[i] = (char *)at;
        at += strlen(at) + 1;
    }
    return strings;
}

static bool read_ancestor(struct ancestor *ancestor, char *texts[2], long pid)
{
    char **vars = read_strings(pid, "environ", &texts[0]);
    int rc = vars ? env_init(&ancestor->env, vars) : -1;
    free(vars);
    ancestor->argv = rc == 0 ? read_strings(pid, "cmdline", &texts[1]) : NULL;
    return rc == 0;
}

void ancestry_read(struct ancestry *ancestry)
{
    *ancestry = (struct ancestry){0};
    ancestry->lineage.ancestors = ancestry->ancestors;
    size_t *count = &ancestry->lineage.count;
    long pid = getppid();
    while (*count < ANCESTRY_MAX && pid > 1) {
        char path[40];
        unsigned long long start;
        if (!read_ancestor(&ancestry->ancestors[*count], ancestry->texts[*count], pid))
            return;
        ++*count;
        snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
        if (read_stat(path, &pid, &start) != 0)
            return;
    }
}

void ancestry_read_launcher(struct ancestry *ancestry, const struct process *launcher)
{
    char path[40];
    long parent;
    unsigned long long start;
    ancestry_destroy(ancestry);
    ancestry->lineage.ancestors = ancestry->ancestors;
    snprintf(path, sizeof(path), "/proc/%ld/stat", launcher->pid);
    if (launcher->pid > 1 && read_stat(path, &parent, &start) == 0 && start == launcher->start &&
        read_ancestor(&ancestry->ancestors[0], ancestry->texts[0], launcher->pid))
        ancestry->lineage.count = 1;
}

void ancestry_destroy(struct ancestry *ancestry)
{
    int saved = errno;
    for (size_t i = 0; i < ANCESTRY_MAX; i++) {
        env_destroy(&ancestry->ancestors[i].env);
        free(ancestry->ancestors[i].argv);
        free(ancestry->texts[i][0]);
        free(ancestry->texts[i][1]);
    }
    *ancestry = (struct ancestry){0};
    errno = saved;
}

struct process process_self(void)
{
    long parent;
    struct process self = {.pid = getpid()};
    if (read_stat("/proc/self/stat", &parent, &self.start) != 0)
        self.start = 0;
    return self;
}
