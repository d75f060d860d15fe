/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An environment as a value: "NAME=VALUE" strings that can be looked up, set and unset. */
#include "env.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A string made by env_set; a list of them, so that borrowed strings are never freed. */
struct env_string {
    struct env_string *next;
    char text[];
};

static int reserve(struct env *env, size_t count)
{
    if (count < env->capacity)
        return 0;
    size_t capacity = count + 32;
    char **vars = realloc(env->vars, capacity * sizeof(*vars));
    if (!vars)
        return -1;
    env->vars = vars;
    env->capacity = capacity;
    return 0;
}

int env_init(struct env *env, char *const vars[])
{
    *env = (struct env){0};
    size_t count = 0;
    while (vars && vars[count])
        count++;
    if (reserve(env, count) != 0)
        return -1;
    if (count)
        memcpy(env->vars, vars, count * sizeof(*vars));
    env->vars[count] = NULL;
    env->count = count;
    return 0;
}

void env_destroy(struct env *env)
{
    int saved = errno;
    while (env->strings) {
        struct env_string *next = env->strings->next;
        free(env->strings);
        env->strings = next;
    }
    free(env->vars);
    *env = (struct env){0};
    errno = saved;
}

size_t env_name_length(const char *entry)
{
    const char *equals = strchr(entry, '=');
    return equals ? (size_t)(equals - entry) : 0;
}

static int entry_is(const char *entry, const char *name, size_t length)
{
    return entry[0] == name[0] && strncmp(entry, name, length) == 0 && entry[length] == '=';
}

const char *env_get(const struct env *env, const char *name)
{
    size_t length = strcspn(name, "=");
    if (length == 0)
        return NULL;
    for (size_t i = 0; i < env->count; i++) {
        if (entry_is(env->vars[i], name, length))
            return env->vars[i] + length + 1;
    }
    return NULL;
}

/* Drop every entry of name from index first on; returns how many. */
static size_t drop(struct env *env, size_t first, const char *name, size_t length)
{
    size_t kept = first;
    for (size_t i = first; i < env->count; i++) {
        if (!entry_is(env->vars[i], name, length))
            env->vars[kept++] = env->vars[i];
    }
    size_t dropped = env->count - kept;
    env->count = kept;
    if (env->vars)
        env->vars[kept] = NULL;
    return dropped;
}

/* "NAME=VALUE" as a string of env's own; NULL with errno. There is room for one more entry then. */
static char *make_entry(struct env *env, const char *name, const char *value)
{
    size_t length = strlen(name);
    if (length == 0 || memchr(name, '=', length)) {
        errno = EINVAL;
        return NULL;
    }
    size_t size = strlen(value) + 1;
    struct env_string *string = malloc(sizeof(*string) + length + 1 + size);
    if (!string || reserve(env, env->count + 1) != 0) {
        free(string);
        return NULL;
    }
    memcpy(string->text, name, length);
    string->text[length] = '=';
    memcpy(string->text + length + 1, value, size);
    string->next = env->strings;
    env->strings = string;
    return string->text;
}

static void append(struct env *env, char *entry)
{
    env->vars[env->count++] = entry;
    env->vars[env->count] = NULL;
}

int env_append(struct env *env, const char *name, const char *value)
{
    char *entry = make_entry(env, name, value);
    if (!entry)
        return -1;
    append(env, entry);
    return 0;
}

int env_set(struct env *env, const char *name, const char *value)
{
    char *entry = make_entry(env, name, value);
    if (!entry)
        return -1;
    size_t length = strlen(name);
    for (size_t i = 0; i < env->count; i++) {
        if (entry_is(env->vars[i], name, length)) {
            env->vars[i] = entry;
            drop(env, i + 1, name, length);
            return 0;
        }
    }
    append(env, entry);
    return 0;
}

size_t env_unset(struct env *env, const char *name)
{
    size_t length = strcspn(name, "=");
    return length ? drop(env, 0, name, length) : 0;
}

size_t env_unset_family(struct env *env, const char *prefix)
{
    size_t length = strlen(prefix);
    size_t kept = 0;
    for (size_t i = 0; i < env->count; i++) {
        char *entry = env->vars[i];
        if (env_name_length(entry) < length || strncmp(entry, prefix, length) != 0)
            env->vars[kept++] = entry;
    }
    size_t dropped = env->count - kept;
    env->count = kept;
    if (env->vars)
        env->vars[kept] = NULL;
    return dropped;
}

size_t env_bytes(const struct env *env)
{
    size_t bytes = 0;
    for (size_t i = 0; i < env->count; i++)
        bytes += strlen(env->vars[i]) + 1 + sizeof(char *);
    return bytes;
}
