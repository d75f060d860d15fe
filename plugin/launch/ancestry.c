/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arguments and environments with which this process's ancestors were executed, from /proc. */
#include "ancestry.h"

#include "process.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* The kernel takes at most 6 MiB of arguments and environment (fs/exec.c, _STK_LIM / 4 * 3). */
enum { STRINGS_MAX = 6 * 1024 * 1024 };

static bool read_ancestor(struct ancestor *ancestor, char *texts[2], pid_t pid)
{
    if (process_environment(pid, STRINGS_MAX, &ancestor->env, &texts[0]) != 0)
        return false;
    ancestor->argv = process_strings(pid, "cmdline", STRINGS_MAX, &texts[1]);
    return true;
}

static bool is_enough(struct ancestor *last, const struct ancestry_use *use)
{
    return use && !lineage_goes_on(last, use->now, use->verdict);
}

void ancestry_read(struct ancestry *ancestry, const struct ancestry_use *use)
{
    *ancestry = (struct ancestry){0};
    ancestry->lineage.ancestors = ancestry->ancestors;
    size_t *count = &ancestry->lineage.count;
    pid_t pid = getppid();
    while (*count < ANCESTRY_MAX && pid > 1) {
        struct process_facts facts;
        if (!read_ancestor(&ancestry->ancestors[*count], ancestry->texts[*count], pid))
            return;
        if (is_enough(&ancestry->ancestors[(*count)++], use) || process_read(pid, &facts) != 0)
            return;
        pid = facts.parent;
    }
}

void ancestry_read_launcher(struct ancestry *ancestry, const struct process *launcher)
{
    pid_t pid = (pid_t)launcher->pid;
    struct process_facts facts;
    ancestry_destroy(ancestry);
    ancestry->lineage.ancestors = ancestry->ancestors;
    if (pid > 1 && process_read(pid, &facts) == 0 && facts.process.start == launcher->start &&
        read_ancestor(&ancestry->ancestors[0], ancestry->texts[0], pid))
        ancestry->lineage.count = 1;
}

void ancestry_index(struct ancestry *ancestry)
{
    for (size_t i = 0; i < ancestry->lineage.count; i++)
        env_index(&ancestry->ancestors[i].env);
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
