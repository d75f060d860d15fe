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

/* What is to be told to Slurm. Names are copies: telling it of one frees strings of its array, all
 * those of the same name. */
struct difference {
    char **unset;
    size_t unset_count;
    char **set; /* entries of the new environment, which are its own strings */
    size_t set_count;
};

static void difference_destroy(struct difference *difference)
{
    for (size_t i = 0; i < difference->unset_count; i++)
        free(difference->unset[i]);
    free(difference->unset);
    free(difference->set);
}

/* env began as a copy of Slurm's array and kept its order: an entry is the same string where
 * nothing changed, another one of the same name where it was set, and missing where it was unset.
 */
static int difference_find(struct difference *difference, const struct env *env,
                           const struct env *before)
{
    size_t at = 0;
    *difference = (struct difference){0};
    difference->unset = calloc(before->count + 1, sizeof(*difference->unset));
    difference->set = calloc(env->count + 1, sizeof(*difference->set));
    if (!difference->unset || !difference->set)
        return -1;
    for (size_t i = 0; i < before->count; i++) {
        bool left = at < env->count;
        if (left && env->vars[at] == before->vars[i]) {
            at++;
        } else if (left && same_name(env->vars[at], before->vars[i])) {
            difference->set[difference->set_count++] = env->vars[at++];
        } else {
            char *name = strndup(before->vars[i], env_name_length(before->vars[i]));
            if (!name)
                return -1;
            difference->unset[difference->unset_count++] = name;
        }
    }
    while (at < env->count)
        difference->set[difference->set_count++] = env->vars[at++];
    return 0;
}

static int set(spank_t spank, const char *entry)
{
    size_t length = env_name_length(entry);
    char *name = strndup(entry, length);
    spank_err_t rc = name ? spank_setenv(spank, name, entry + length + 1, 1) : ESPANK_NOSPACE;
    free(name);
    return rc == ESPANK_SUCCESS ? 0 : -1;
}

int jobenv_apply(spank_t spank, const struct env *env)
{
    struct env before;
    struct difference difference;
    if (jobenv_load(spank, &before) != 0)
        return -1;
    int rc = difference_find(&difference, env, &before);
    /* First what goes: of a doubled name that was set, the second one counts as gone. */
    for (size_t i = 0; rc == 0 && i < difference.unset_count; i++)
        spank_unsetenv(spank, difference.unset[i]);
    for (size_t i = 0; rc == 0 && i < difference.set_count; i++)
        rc = set(spank, difference.set[i]);
    difference_destroy(&difference);
    env_destroy(&before);
    if (rc != 0)
        errno = EIO;
    return rc;
}

bool jobenv_first_task(spank_t spank)
{
    int task = 0;
    return spank_get_item(spank, S_TASK_ID, &task) != ESPANK_SUCCESS || task == 0;
}
