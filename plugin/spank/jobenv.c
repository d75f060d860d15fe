/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The job's environment in slurmstepd as a value, and back. */
#include "jobenv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int jobenv_load(spank_t spank, struct env *env)
{
    char **live = NULL;
    if (spank_get_item(spank, S_JOB_ENV, &live) != ESPANK_SUCCESS) {
        errno = EIO;
        return -1;
    }
    if (env_init(env, live) == 0)
        return 0;
    env_destroy(env);
    return -1;
}

static bool same_name(const char *a, const char *b)
{
    size_t length = env_name_length(a);
    return length == env_name_length(b) && strncmp(a, b, length) == 0;
}

static int change(spank_t spank, const char *entry, bool set)
{
    size_t length = env_name_length(entry);
    char *name = strndup(entry, length);
    spank_err_t rc = ESPANK_ERROR;
    if (name)
        rc = set ? spank_setenv(spank, name, entry + length + 1, 1) : spank_unsetenv(spank, name);
    free(name);
    return rc == ESPANK_SUCCESS ? 0 : -1;
}

/*
 * env began as a copy of Slurm's array and kept its order: an entry is the same string where
 * nothing changed, another one of the same name where it was set, and missing where it was unset.
 * First what was unset, in a second round what was set.
 */
static int apply(spank_t spank, const struct env *env, const struct env *before, bool set)
{
    size_t at = 0;
    for (size_t i = 0; i < before->count; i++) {
        bool left = at < env->count;
        if (left && env->vars[at] == before->vars[i]) {
            at++;
        } else if (left && same_name(env->vars[at], before->vars[i])) {
            if (set && change(spank, env->vars[at], true) != 0)
                return -1;
            at++;
        } else if (!set && change(spank, before->vars[i], false) != 0) {
            return -1;
        }
    }
    for (; set && at < env->count; at++) {
        if (change(spank, env->vars[at], true) != 0)
            return -1;
    }
    return 0;
}

int jobenv_apply(spank_t spank, const struct env *env)
{
    struct env before;
    if (jobenv_load(spank, &before) != 0)
        return -1;
    int rc = apply(spank, env, &before, false);
    env_destroy(&before);
    if (rc == 0 && jobenv_load(spank, &before) == 0) {
        rc = apply(spank, env, &before, true);
        env_destroy(&before);
    }
    if (rc != 0)
        errno = EIO;
    return rc;
}

bool jobenv_first_task(spank_t spank)
{
    int task = 0;
    return spank_get_item(spank, S_TASK_ID, &task) != ESPANK_SUCCESS || task == 0;
}
