/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The baseline: decoding of what an environment carries (the first part of the input, a variable
 * each line), encoding of what a user set (the second). */
#include "fuzz.h"

#include "core/baseline.h"

#include <errno.h>
#include <string.h>

enum { LIMIT = 1 << 20 };

static bool is_tuning(const char *entry)
{
    size_t length = env_name_length(entry);
    const struct rule *rule = length ? rules_match(NULL, entry, length) : NULL;
    return rule && rule_is_tuning(rule);
}

/* Store what tuning env has, and find the same when it is read: in its order, nothing else. */
static void check_stored(struct env *env)
{
    struct env baseline;
    size_t found = 0;
    size_t limit = env_bytes(env) + 4096;
    REQUIRE(baseline_store(env, NULL, LIMIT) == 0);
    REQUIRE(fuzz_is_printable(env_get(env, BASELINE_VARIABLE)));
    REQUIRE(baseline_load(&baseline, env) == 1);
    for (size_t i = 0; i < env->count; i++) {
        if (!is_tuning(env->vars[i]))
            continue;
        REQUIRE(found < baseline.count && strcmp(baseline.vars[found], env->vars[i]) == 0);
        found++;
    }
    REQUIRE(found == baseline.count);
    env_destroy(&baseline);
    /* Once more makes no difference. */
    size_t bytes = env_bytes(env);
    REQUIRE(baseline_store(env, NULL, LIMIT) == 0 && env_bytes(env) == bytes);
    /* Where there is no room, none of it stays, and that is said. */
    REQUIRE(baseline_store(env, NULL, limit) == 0);
    REQUIRE(env_bytes(env) <= limit || strcmp(env_get(env, BASELINE_VARIABLE), BASELINE_LOST) == 0);
    REQUIRE(baseline_drop(env) && !baseline_drop(env) && !env_get(env, BASELINE_VARIABLE));
    REQUIRE(baseline_load(&baseline, env) == 0 && baseline.count == 0);
    env_destroy(&baseline);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_lines lines;
    char **parts[2];
    struct env carried, loaded, users;
    fuzz_lines(&lines, data, size);
    fuzz_parts(&lines, parts, 2);

    REQUIRE(env_init(&carried, parts[0]) == 0);
    int rc = baseline_load(&loaded, &carried);
    REQUIRE(rc >= 0 || errno == EINVAL);
    REQUIRE(rc != 0 || loaded.count == 0);
    if (rc == 1) {
        for (size_t i = 0; i < loaded.count; i++)
            REQUIRE(env_name_length(loaded.vars[i]) > 0);
        check_stored(&loaded);
    }
    env_destroy(&loaded);
    env_destroy(&carried);

    REQUIRE(env_init(&users, parts[1]) == 0);
    check_stored(&users);
    env_destroy(&users);
    fuzz_lines_free(&lines);
    return 0;
}
