/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The environments with which this process's ancestors were executed, from /proc. */
#include "ancestry.h"

#include "readfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel takes at most 6 MiB of arguments and environment (fs/exec.c, _STK_LIM / 4 * 3). */
enum { ENVIRON_MAX = 6 * 1024 * 1024 };

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

/* Split "NAME=VALUE\0NAME=VALUE\0" into an environment that borrows from text. */
static int split(struct env *env, char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += text[i] == '\0';
    char **vars = calloc(count + 1, sizeof(*vars));
    if (!vars)
        return -1;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        vars[i] = text + at;
        at += strlen(text + at) + 1;
    }
    int rc = env_init(env, vars);
    free(vars);
    return rc;
}

void ancestry_read(struct ancestry *ancestry)
{
    *ancestry = (struct ancestry){0};
    ancestry->lineage.ancestors = ancestry->environments;
    long pid = getppid();
    size_t *count = &ancestry->lineage.count;
    while (*count < ANCESTRY_MAX && pid > 1) {
        char path[40];
        size_t length;
        unsigned long long start;
        snprintf(path, sizeof(path), "/proc/%ld/environ", pid);
        char *text = readfile(path, ENVIRON_MAX, &length);
        if (!text)
            return;
        ancestry->texts[*count] = text;
        if (split(&ancestry->environments[*count], text, length) != 0)
            return;
        ++*count;
        snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
        if (read_stat(path, &pid, &start) != 0)
            return;
    }
}

void ancestry_destroy(struct ancestry *ancestry)
{
    int saved = errno;
    for (size_t i = 0; i < ANCESTRY_MAX; i++) {
        env_destroy(&ancestry->environments[i]);
        free(ancestry->texts[i]);
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
