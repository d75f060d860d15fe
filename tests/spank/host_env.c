/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Environment arrays with the properties, and the oddities, of Slurm's src/common/env.c. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_internal.h"

#define NAME_MAX_MERGED 256   /* env.c:1675: names pass through such a buffer */
#define ENTRY_MAX (32 * 4096) /* MAX_ENV_STRLEN, env.c:92 */

void *xalloc(size_t n)
{
    void *p = calloc(1, n ? n : 1);

    if (!p)
        abort();
    return p;
}

char *xdup(const char *s)
{
    char *p = s ? strdup(s) : NULL;

    if (s && !p)
        abort();
    return p;
}

char *xprintf(const char *fmt, ...)
{
    char *s;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&s, fmt, ap) < 0)
        abort();
    va_end(ap);
    return s;
}

size_t env_count(char *const *env)
{
    size_t n = 0;

    while (env && env[n])
        n++;
    return n;
}

void list_add(char ***list, char *item)
{
    size_t n = env_count(*list);

    *list = realloc(*list, (n + 2) * sizeof(char *));
    if (!*list)
        abort();
    (*list)[n] = item;
    (*list)[n + 1] = NULL;
}

void host_strv_free(char **list)
{
    int saved = errno;

    for (char **p = list; p && *p; p++)
        free(*p);
    free(list);
    errno = saved;
}

char **env_copy(const char *const *list)
{
    char **copy = xalloc(sizeof(char *));

    for (; list && *list; list++)
        list_add(&copy, xdup(*list));
    return copy;
}

static char **find(char **env, const char *name)
{
    size_t len = strlen(name);

    while (*env && !(strncmp(*env, name, len) == 0 && (*env)[len] == '='))
        env++;
    return env;
}

char *env_get(char *const *env, const char *name)
{
    char **p;

    if (!name || !env || !env[0])
        return NULL;
    p = find((char **)env, name);
    return *p ? *p + strlen(name) + 1 : NULL;
}

void env_set(char ***env, const char *name, const char *value)
{
    char *entry = xprintf("%s=%s", name, value);
    char **p;

    if (!*env)
        *env = xalloc(sizeof(char *));
    p = find(*env, name);
    if (*p) {
        free(*p);
        *p = entry;
    } else {
        list_add(env, entry);
    }
}

/*
 * setenvf() (env.c:208): too long an entry is refused with a positive code, which spank_setenv()
 * takes for success since it looks for negative ones (plugstack.c:2264).
 */
int env_set_like_slurm(char ***env, const char *name, const char *value)
{
    if (!name || !*name)
        return EINVAL;
    if (strlen(name) + strlen(value) + 2 >= ENTRY_MAX) {
        host_say(HOST_LOG_ERROR, "environment variable %s is too long", name);
        return ENOMEM;
    }
    env_set(env, name, value);
    return 0;
}

/*
 * unsetenvp() (env.c:248): after it has closed the gap it steps over the entry that moved into it,
 * so the second of two neighbouring entries of one name survives.
 */
void env_unset_like_slurm(char **env, const char *name)
{
    char **p;

    if (!env)
        return;
    p = env;
    while (*(p = find(p, name))) {
        char **q = p;

        free(*p);
        do
            q[0] = q[1];
        while (*q++);
        p++;
    }
}

/* spank_clear_remote_options_env() (plugstack.c:1710): skips in the same way. */
void env_clear_options(char **env)
{
    static const char prefix[] = "_SLURM_SPANK_OPTION_";

    for (char **p = env; *p; p++) {
        const char *s = *p;
        const char *eq;

        if (strncmp(s, "SPANK_", 6) == 0)
            s += 6;
        if (strncmp(s, prefix, sizeof(prefix) - 1) != 0)
            continue;
        eq = strchr(s + sizeof(prefix) - 1, '=');
        if (eq) {
            char *name = strndup(*p, (size_t)(eq - *p));

            if (!name)
                abort();
            env_unset_like_slurm(env, name);
            free(name);
            if (!*p) /* it was the last */
                break;
        }
    }
}

/*
 * env_array_copy() (env.c:1601): a later double replaces the value of the first; entries without
 * "=" and with names of 256 characters and more are lost. exec_task() does this to every task's
 * environment (task.c:370), which also frees the array that S_JOB_ENV gave out before.
 */
char **env_merge_copy(char *const *env)
{
    char **copy = xalloc(sizeof(char *));

    for (; env && *env; env++) {
        const char *eq = strchr(*env, '=');
        char *name;

        if (!eq || eq - *env >= NAME_MAX_MERGED)
            continue;
        name = strndup(*env, (size_t)(eq - *env));
        if (!name)
            abort();
        env_set(&copy, name, eq + 1);
        free(name);
    }
    return copy;
}

static char *expand(const char *value, uint32_t task)
{
    const char *t = strstr(value, "%t");

    return t ? xprintf("%.*s%u%s", (int)(t - value), value, task, t + 2) : xdup(value);
}

void env_edit(char ***env, const char *const *edits, uint32_t task)
{
    for (; edits && *edits; edits++) {
        const char *eq = strchr(*edits, '=');

        if (eq) {
            char *name = strndup(*edits, (size_t)(eq - *edits));
            char *value = expand(eq + 1, task);

            if (!name)
                abort();
            env_set(env, name, value);
            free(name);
            free(value);
        } else {
            env_unset_like_slurm(*env, *edits);
        }
    }
}

uint64_t env_hash(char *const *env)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */

    for (; env && *env; env++)
        for (const char *s = *env;; s++) {
            h = (h ^ (unsigned char)*s) * 1099511628211u;
            if (!*s)
                break;
        }
    return h;
}
