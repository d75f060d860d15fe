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

int env_copy(struct env *env, const struct env *from)
{
    if (env_init(env, from->vars) != 0)
        return -1;
    if (from->slots)
        env->slots = malloc(from->slots_count * sizeof(*env->slots));
    if (env->slots) {
        memcpy(env->slots, from->slots, from->slots_count * sizeof(*env->slots));
        env->slots_count = from->slots_count;
        env->doubled = from->doubled;
    }
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
    free(env->slots);
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

/* Names of a family begin alike and differ in their ends, in the middle and in length. */
size_t env_hash(const char *name, size_t length)
{
    size_t sum = length;
    sum = sum * 31 + (unsigned char)name[length - 1];
    sum = sum * 31 + (unsigned char)name[length > 1 ? length - 2 : 0];
    sum = sum * 31 + (unsigned char)name[length / 2];
    sum = sum * 31 + (unsigned char)name[length * 3 / 4];
    return sum ^ sum >> 7;
}

/* The slot of a name's first entry, or the empty one that it would have. */
static uint32_t *find_slot(const struct env *env, const char *name, size_t length)
{
    size_t at = env_hash(name, length);
    for (;; at++) {
        uint32_t *slot = &env->slots[at & (env->slots_count - 1)];
        if (!*slot || entry_is(env->vars[*slot - 1], name, length))
            return slot;
    }
}

static void index_entry(struct env *env, size_t position)
{
    size_t length = env_name_length(env->vars[position]);
    uint32_t *slot = length ? find_slot(env, env->vars[position], length) : NULL;
    if (!slot)
        return;
    if (*slot)
        env->doubled = true;
    else
        *slot = (uint32_t)position + 1;
}

void env_index(struct env *env)
{
    size_t wanted = 64;
    while (wanted < env->count * 2)
        wanted *= 2;
    free(env->slots);
    env->slots = calloc(wanted, sizeof(*env->slots));
    env->slots_count = wanted;
    env->doubled = false;
    for (size_t i = 0; env->slots && i < env->count; i++)
        index_entry(env, i);
}

/* After entries have moved. */
static void index_again(struct env *env)
{
    if (env->slots)
        env_index(env);
}

/* The position of the first entry of a name, or count. */
static size_t find(const struct env *env, const char *name, size_t length)
{
    if (env->slots) {
        uint32_t slot = *find_slot(env, name, length);
        return slot ? slot - 1 : env->count;
    }
    size_t i = 0;
    while (i < env->count && !entry_is(env->vars[i], name, length))
        i++;
    return i;
}

/* Up to its end, or up to '='. */
static size_t length_of(const char *name)
{
    return (size_t)(strchrnul(name, '=') - name);
}

const char *env_get(const struct env *env, const char *name)
{
    size_t length = length_of(name);
    size_t position = length ? find(env, name, length) : env->count;
    return position < env->count ? env->vars[position] + length + 1 : NULL;
}

size_t env_first(const struct env *env, size_t position)
{
    if (env->slots && !env->doubled)
        return position;
    const char *entry = env->vars[position];
    return find(env, entry, env_name_length(entry));
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
    if (dropped)
        index_again(env);
    return dropped;
}

/* "NAME=VALUE" as a string of env's own, of length bytes of name; NULL with errno. */
static char *make_string(struct env *env, const char *name, size_t length, const char *value)
{
    size_t size = strlen(value) + 1;
    struct env_string *string = malloc(sizeof(*string) + length + 1 + size);
    if (!string)
        return NULL;
    memcpy(string->text, name, length);
    string->text[length] = '=';
    memcpy(string->text + length + 1, value, size);
    string->next = env->strings;
    env->strings = string;
    return string->text;
}

/* The same, and there is room for one more entry then. */
static char *make_entry(struct env *env, const char *name, const char *value)
{
    size_t length = strlen(name);
    if (length == 0 || memchr(name, '=', length)) {
        errno = EINVAL;
        return NULL;
    }
    return reserve(env, env->count + 1) == 0 ? make_string(env, name, length, value) : NULL;
}

static void append(struct env *env, char *entry)
{
    env->vars[env->count++] = entry;
    env->vars[env->count] = NULL;
    if (env->slots && env->count * 2 > env->slots_count)
        env_index(env);
    else if (env->slots)
        index_entry(env, env->count - 1);
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
    size_t position = find(env, name, length);
    if (position == env->count) {
        append(env, entry);
        return 0;
    }
    env->vars[position] = entry;
    if (!env->slots || env->doubled)
        drop(env, position + 1, name, length);
    return 0;
}

int env_edit(struct env *env, const struct env_edit *edits, size_t count)
{
    size_t kept = 0;
    int rc = 0;
    for (size_t i = 0, done = 0; i < env->count; i++) {
        char *entry = env->vars[i];
        if (rc == 0 && done < count && edits[done].position == i) {
            const char *value = edits[done++].value;
            if (!value)
                continue;
            entry = make_string(env, entry, env_name_length(entry), value);
            rc = entry ? 0 : -1;
            entry = entry ? entry : env->vars[i];
        }
        env->vars[kept++] = entry;
    }
    env->count = kept;
    env->vars[kept] = NULL;
    index_again(env);
    return rc;
}

size_t env_unset(struct env *env, const char *name)
{
    size_t length = length_of(name);
    size_t first = length ? find(env, name, length) : env->count;
    return first < env->count ? drop(env, first, name, length) : 0;
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
