/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arming: what an environment needs so that launchers started from it go through nestsafe. */
#include "arm.h"

#include "baseline.h"
#include "decision.h"
#include "launcher.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool list_has(const char *list, const char *separators, const char *word)
{
    size_t length = strlen(word);
    while (*list) {
        size_t item = strcspn(list, separators);
        if (item == length && strncmp(list, word, length) == 0)
            return true;
        list += item + (list[item] != '\0');
    }
    return false;
}

static int set_joined(struct env *env, const char *name, const char *first, const char *second)
{
    size_t size = strlen(first) + strlen(second) + 2;
    char *joined = malloc(size);
    if (!joined)
        return -1;
    snprintf(joined, size, "%s:%s", first, second);
    int rc = env_set(env, name, joined);
    free(joined);
    return rc;
}

static int arm_path(struct env *env, const char *directories)
{
    const char *path = env_get(env, "PATH");
    if (!path)
        return 0;
    size_t length = strlen(directories);
    bool first = strncmp(path, directories, length) == 0 && (path[length] == ':' || !path[length]);
    if (first)
        return 0;
    /* An empty PATH means the current directory, as an empty element does. */
    return set_joined(env, "PATH", directories, path);
}

/* ld.so splits LD_PRELOAD at blanks and colons (ld.so(8)). */
static int arm_preload(struct env *env, const char *guard)
{
    const char *preload = env_get(env, "LD_PRELOAD");
    if (!preload || !*preload)
        return env_set(env, "LD_PRELOAD", guard);
    if (list_has(preload, ": ", guard))
        return 0;
    return set_joined(env, "LD_PRELOAD", preload, guard);
}

static int set_or_unset(struct env *env, const char *name, const char *value)
{
    if (value)
        return env_set(env, name, value);
    env_unset(env, name);
    return 0;
}

static int set_number(struct env *env, const char *name, unsigned number)
{
    char text[16];
    snprintf(text, sizeof(text), "%u", number);
    return env_set(env, name, text);
}

int arm(struct env *env, const struct arming *arming)
{
    if (!mode_is_armed(arming->mode))
        return 0;
    if (env_set(env, ARMED_MODE_VARIABLE, mode_name(arming->mode)) != 0)
        return -1;
    /* All of the trail is there from the start: the guard, which edits a launcher's environment in
     * place, can then replace variables and need not add any. */
    if (set_number(env, DEPTH_VARIABLE, arming->depth) != 0)
        return -1;
    if (!env_get(env, LAUNCH_VARIABLE) && env_set(env, LAUNCH_VARIABLE, "0") != 0)
        return -1;
    if (!env_get(env, BASELINE_VARIABLE) && env_set(env, BASELINE_VARIABLE, BASELINE_LOST) != 0)
        return -1;
    if (arming->max_depth == DEPTH_MAX)
        env_unset(env, MAX_DEPTH_VARIABLE);
    else if (set_number(env, MAX_DEPTH_VARIABLE, arming->max_depth) != 0)
        return -1;
    if (set_or_unset(env, RULES_VARIABLE, arming->rules) != 0 ||
        set_or_unset(env, RUNDIR_VARIABLE, arming->rundir) != 0 ||
        set_or_unset(env, LAUNCHERS_VARIABLE, arming->launchers) != 0)
        return -1;
    if (arming->launcher_directories && arm_path(env, arming->launcher_directories) != 0)
        return -1;
    return arming->guard ? arm_preload(env, arming->guard) : 0;
}
