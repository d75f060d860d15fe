/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trail that launches leave, which anybody may have written, and what is decided by it. Parts:
 * MODE, the environment, the command line. */
#include "fuzz.h"

#include "core/decision.h"
#include "core/launcher.h"

#include <string.h>

static void check_store(struct env *env, const struct trail *trail, const struct process *self)
{
    struct trail again;
    REQUIRE(trail_store(env, trail, self) == 0);
    trail_load(&again, env);
    REQUIRE(again.depth == trail->depth || trail->depth > 1000000);
    REQUIRE(again.max_depth == trail->max_depth && again.hops == trail->hops);
    REQUIRE(trail_is_of(&again, self) && again.alone == trail->alone);
    REQUIRE(again.confined == (trail->confined || trail->alone));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_lines lines;
    char **parts[3];
    struct env env;
    struct trail trail, before;
    struct verdict verdict;
    enum mode mode = MODE_AUTO;
    const struct process self = {.pid = 4711, .start = 99};
    fuzz_lines(&lines, data, size);
    fuzz_parts(&lines, parts, 3);
    REQUIRE(env_init(&env, parts[1]) == 0);
    mode_parse(parts[0][0], &mode);
    nesting_judge(&verdict, &env);
    trail_load(&trail, &env);
    REQUIRE(trail.depth <= 1000000 && trail.max_depth <= 1000000 && trail.hops <= 1000000);
    REQUIRE(!trail.alone || trail.confined);
    before = trail;

    enum decision decision = decide(&trail, &verdict, mode, &self, parts[2]);
    REQUIRE(mode_is_armed(mode) || decision == DECISION_PASS);
    /* Whatever the trail says: who is asked to deny denies nobody but ranks, and repairs none. */
    REQUIRE(decision != DECISION_DENY || (mode == MODE_DENY && verdict.nested));
    REQUIRE(decision != DECISION_REPAIR || (mode != MODE_DENY && verdict.nested));
    REQUIRE(decision != DECISION_REPAIR || trail.depth <= trail.max_depth + 1);
    REQUIRE(trail.depth >= before.depth && trail.depth <= before.depth + 2);
    if (decision != DECISION_PASS && trail.hops <= 1000000)
        check_store(&env, &trail, &self);
    /* The same process decides once. */
    if (decision == DECISION_REPAIR || decision == DECISION_TRACK) {
        trail_load(&trail, &env);
        REQUIRE(decide(&trail, &verdict, mode, &self, parts[2]) == DECISION_AGAIN);
    }
    trail = before;
    decide_srun(&trail, mode, &self, true, true);
    trail = before;
    if (decide_alone(&trail, &verdict, &self) == DECISION_REPAIR)
        REQUIRE(trail.alone && trail.confined);
    env_destroy(&env);
    fuzz_lines_free(&lines);
    return 0;
}
