/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the unit tests share: environments from lists, and assertions about them. */
#include "support.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void env_from(struct env *env, const char *const list[])
{
    assert_int_equal(env_init(env, (char *const *)list), 0);
}

void env_add(struct env *env, const char *const list[])
{
    for (size_t i = 0; list[i]; i++) {
        char name[256];
        size_t length = env_name_length(list[i]);
        assert_in_range(length, 1, sizeof(name) - 1);
        memcpy(name, list[i], length);
        name[length] = '\0';
        assert_int_equal(env_set(env, name, list[i] + length + 1), 0);
    }
}

void fail_at(const char *file, int line, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    print_error("%s\n", text);
    _fail(file, line);
    abort(); /* cmocka jumped away */
}

void check_text(const char *name, const char *text, const char *expected, const char *file,
                int line)
{
    if (text && expected && strcmp(text, expected) == 0)
        return;
    if (text != expected)
        fail_at(file, line, "%.120s is '%.200s', expected '%.200s'", name, text ? text : "(none)",
                expected ? expected : "(none)");
}

void check_variable(const struct env *env, const char *name, const char *value, const char *file,
                    int line)
{
    check_text(name, env_get(env, name), value, file, line);
}

void check_same_env(const struct env *env, const struct env *expected, const char *file, int line)
{
    for (size_t i = 0; i < expected->count; i++)
        check_variable(env, expected->vars[i], strchr(expected->vars[i], '=') + 1, file, line);
    for (size_t i = 0; i < env->count; i++) {
        if (!env_get(expected, env->vars[i]))
            fail_at(file, line, "'%.200s' is there and should not be", env->vars[i]);
    }
    if (env->count != expected->count)
        fail_at(file, line, "%zu entries, expected %zu", env->count, expected->count);
}

char *directory_make(void)
{
    char *directory = path_join(getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", "nestsafe-XXXXXX");
    assert_non_null(mkdtemp(directory));
    assert_int_equal(chmod(directory, 0755), 0);
    return directory;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

void directory_remove(char *directory)
{
    nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(directory);
}

char *path_join(const char *directory, const char *name)
{
    char *path;
    assert_int_not_equal(asprintf(&path, "%s/%s", directory, name), -1);
    return path;
}

void file_write(const char *directory, const char *name, const char *text, unsigned mode)
{
    char *path = path_join(directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
    free(path);
}
