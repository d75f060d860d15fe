/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An environment that is set, unset and asked, against what such lists mean. The first part of the
 * input is the environment; then "+NAME" and a value on the next line, "-NAME". */
#include "fuzz.h"

#include "core/arm.h"
#include "core/env.h"

#include <stdlib.h>
#include <string.h>

static size_t entries_of(const struct env *env, const char *name)
{
    size_t count = 0;
    size_t length = strlen(name);
    for (size_t i = 0; i < env->count; i++)
        count +=
            env_name_length(env->vars[i]) == length && strncmp(env->vars[i], name, length) == 0;
    return count;
}

static void check(const struct env *env)
{
    REQUIRE(env->count == 0 || env->vars);
    REQUIRE(!env->vars || !env->vars[env->count]);
    for (size_t i = 0; i < env->count; i++)
        REQUIRE(env->vars[i]);
}

static void set(struct env *env, const char *name, const char *value)
{
    bool valid = *name && !strchr(name, '=');
    size_t count = env->count;
    size_t before = valid ? entries_of(env, name) : 0;
    REQUIRE((env_set(env, name, value) == 0) == valid);
    REQUIRE(!valid || strcmp(env_get(env, name), value) == 0);
    REQUIRE(!valid || entries_of(env, name) == 1);
    REQUIRE(env->count == (valid ? count - before + 1 : count));
}

static void unset(struct env *env, const char *name)
{
    size_t count = env->count;
    size_t dropped = env_unset(env, name);
    REQUIRE(env->count == count - dropped);
    REQUIRE(!env_get(env, name));
}

/* Once or several times makes no difference. */
static void check_armed(struct env *env)
{
    const struct arming arming = {.mode = MODE_AUTO,
                                  .launcher_directories = "/launchers",
                                  .guard = "/guard.so",
                                  .max_depth = 4,
                                  .depth = 1};
    struct env before;
    REQUIRE(arm(env, &arming) == 0);
    check(env);
    const char *path = env_get(env, "PATH");
    const char *preload = env_get(env, "LD_PRELOAD");
    REQUIRE(!path || strncmp(path, arming.launcher_directories, 10) == 0);
    REQUIRE(preload && strstr(preload, arming.guard));
    REQUIRE(env_init(&before, env->vars) == 0);
    REQUIRE(arm(env, &arming) == 0 && env->count == before.count);
    for (size_t i = 0; i < env->count; i++)
        REQUIRE(strcmp(env->vars[i], before.vars[i]) == 0);
    env_destroy(&before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_lines lines;
    char **parts[2];
    struct env env;
    fuzz_lines(&lines, data, size);
    fuzz_parts(&lines, parts, 2);
    REQUIRE(env_init(&env, parts[0]) == 0);
    check(&env);
    for (char **line = parts[1]; *line; line++) {
        if (**line == '+' && line[1])
            set(&env, *line + 1, line[1]);
        else if (**line == '-')
            unset(&env, *line + 1);
        check(&env);
    }
    check_armed(&env);
    env_destroy(&env);
    fuzz_lines_free(&lines);
    return 0;
}
