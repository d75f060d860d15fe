/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/decision: every combination of what is asked, where a launch is and what is above it. */
#include "support.h"

#include "core/decision.h"

#include <stdio.h>
#include <string.h>

static const struct process self = {4242, 1000000ULL};
static char *const launch[] = {(char *)"mpirun", (char *)"-np", (char *)"2", (char *)"prog", NULL};

/* The launch above: none; this very process; another one; processes that differ in one number. */
enum above { NO_LAUNCH, SELF, OTHER, SAME_PID, SAME_START, ABOVES };
static const struct process above_process[ABOVES] = {
    {0, 0}, {4242, 1000000ULL}, {17, 999ULL}, {4242, 999ULL}, {17, 1000000ULL}};

struct situation {
    enum mode mode;
    bool nested;
    enum above above;
    unsigned depth;
    unsigned hops;
};

enum { LIMIT = 3, MANY = 16 };

/* What decision.h says of it, and the trail that is to come of it. */
static enum decision expect(const struct situation *s, unsigned *depth, unsigned *hops)
{
    *depth = s->depth;
    *hops = s->hops;
    if (s->mode == MODE_AUDIT || s->mode == MODE_OFF)
        return DECISION_PASS;
    if (s->above == SELF || (s->above != NO_LAUNCH && !s->nested)) {
        *hops = s->hops + 1;
        if (s->hops >= MANY)
            return DECISION_DEPTH;
        return DECISION_AGAIN;
    }
    *hops = 0;
    if (!s->nested) {
        *depth = s->depth + 1;
        return DECISION_TRACK;
    }
    unsigned standing = s->depth ? s->depth : 1; /* a rank has a launcher above it */
    *depth = standing;
    if (s->mode == MODE_DENY)
        return DECISION_DENY;
    if (standing > LIMIT)
        return DECISION_DEPTH;
    *depth = standing + 1;
    return DECISION_REPAIR;
}

static void check(const struct situation *s)
{
    struct verdict verdict = {.nested = s->nested, .outer = s->nested ? OUTER_OPENMPI : OUTER_NONE};
    struct trail trail = {
        .depth = s->depth, .max_depth = LIMIT, .launch = above_process[s->above], .hops = s->hops};
    unsigned depth;
    unsigned hops;
    enum decision expected = expect(s, &depth, &hops);
    enum decision decision = decide(&trail, &verdict, s->mode, &self, launch);
    if (decision != expected || trail.depth != depth || trail.hops != hops)
        fail_case(
            "mode %s, nested %d, above %d, depth %u, hops %u: decision %d, depth %u, hops %u; "
            "expected %d, %u, %u",
            mode_name(s->mode), s->nested, s->above, s->depth, s->hops, decision, trail.depth,
            trail.hops, expected, depth, hops);
}

static void every_situation(void **state)
{
    (void)state;
    static const unsigned depths[] = {0, 1, 2, LIMIT, LIMIT + 1, 1000};
    static const unsigned all_hops[] = {0, 1, MANY - 1, MANY, MANY + 1};
    for (int mode = MODE_AUTO; mode <= MODE_OFF; mode++) {
        for (int above = NO_LAUNCH; above < ABOVES; above++) {
            for (size_t i = 0; i < COUNT(depths) * COUNT(all_hops) * 2; i++) {
                const struct situation s = {(enum mode)mode, i % 2 == 1, (enum above)above,
                                            depths[i / 2 % COUNT(depths)],
                                            all_hops[i / 2 / COUNT(depths)]};
                check(&s);
            }
        }
    }
}

static void answers_pass_in_every_mode(void **state)
{
    (void)state;
    static const char *const words[] = {"--version", "--help", "-pmi_args"};
    for (int mode = MODE_AUTO; mode <= MODE_OFF; mode++) {
        for (size_t i = 0; i < COUNT(words); i++) {
            char *const argv[] = {(char *)"mpiexec", (char *)words[i], NULL};
            struct verdict verdict = {.nested = true, .outer = OUTER_SRUN};
            struct trail trail = {99, LIMIT, {17, 999ULL}, 99, true, false};
            assert_int_equal(decide(&trail, &verdict, (enum mode)mode, &self, argv), DECISION_PASS);
            assert_int_equal(trail.depth, 99);
            assert_int_equal(trail.hops, 99);
            assert_int_equal(trail.launch.pid, 17);
            assert_true(trail.confined);
        }
    }
}

/* A launcher that finds itself, again and again, comes to an end. */
static void a_launcher_that_starts_itself(void **state)
{
    (void)state;
    for (int same_process = 0; same_process < 2; same_process++) {
        struct env env;
        struct verdict verdict = {.nested = false};
        enum decision decision = DECISION_TRACK;
        int launches = 0;
        env_from(&env, NO_STRINGS);
        while (decision != DECISION_DEPTH && launches++ < 1000) {
            const struct process process = {same_process ? 100 : 100 + launches, 5};
            struct trail trail;
            trail_load(&trail, &env);
            decision = decide(&trail, &verdict, MODE_AUTO, &process, launch);
            assert_int_equal(trail_store(&env, &trail, &process), 0);
        }
        assert_in_range(launches, 10, 100);
        env_destroy(&env);
    }
}

/* A program that starts launchers of itself comes to an end too, at the depth that is allowed. */
static void a_program_that_starts_itself(void **state)
{
    (void)state;
    struct env env;
    struct verdict verdict = {.nested = false};
    enum decision decision = DECISION_TRACK;
    unsigned launches = 0;
    env_from(&env, LIST(MAX_DEPTH_VARIABLE "=5"));
    for (; launches < 100; launches++) {
        const struct process process = {100 + (long)launches, 5};
        struct trail trail;
        trail_load(&trail, &env);
        decision = decide(&trail, &verdict, MODE_NODE, &process, launch);
        if (decision == DECISION_DEPTH)
            break;
        assert_int_equal(decision, launches ? DECISION_REPAIR : DECISION_TRACK);
        assert_int_equal(trail_store(&env, &trail, &process), 0);
        verdict = (struct verdict){.nested = true, .outer = OUTER_OPENMPI};
    }
    assert_int_equal(launches, 6); /* the outermost, and five below */
    env_destroy(&env);
}

static void a_trail_comes_back(void **state)
{
    (void)state;
    static const struct process processes[] = {{1, 0}, {4194304, 18446744073709551615ULL}, {7, 1}};
    for (size_t i = 0; i < COUNT(processes) * 2; i++) {
        struct env env;
        struct trail trail = {3, 5, {0, 0}, 15, i % 2 == 1, false};
        struct trail back;
        env_from(&env, LIST("PATH=/bin", MAX_DEPTH_VARIABLE "=5"));
        assert_int_equal(trail_store(&env, &trail, &processes[i / 2]), 0);
        trail_load(&back, &env);
        assert_int_equal(back.depth, 3);
        assert_int_equal(back.max_depth, 5);
        assert_int_equal(back.hops, 15);
        assert_int_equal(back.confined, i % 2 == 1);
        assert_int_equal(back.launch.pid, processes[i / 2].pid);
        assert_true(back.launch.start == processes[i / 2].start);
        assert_int_equal(env.count, 4);
        env_destroy(&env);
    }
}

/* A program that runs alone counts for those below it, as far as it is one that a rank has started;
 * and whatever starts there, is below a rank. */
static void a_program_alone(void **state)
{
    (void)state;
    struct env env;
    struct trail trail;
    struct verdict verdict = {.nested = false};
    env_from(&env, LIST(MAX_DEPTH_VARIABLE "=2"));
    trail_load(&trail, &env);
    assert_int_equal(decide_alone(&trail, &verdict, &self), DECISION_PASS);
    assert_int_equal(trail.depth, 0);
    verdict = (struct verdict){.nested = true, .outer = OUTER_OPENMPI};
    assert_int_equal(decide_alone(&trail, &verdict, &self), DECISION_REPAIR);
    assert_int_equal(trail.depth, 2);
    assert_int_equal(trail_store(&env, &trail, &self), 0);
    assert_string_equal(env_get(&env, LAUNCH_VARIABLE), "4242:1000000:0:alone");
    trail_load(&trail, &env);
    assert_true(trail.alone);
    assert_true(trail.confined);
    assert_true(trail_is_of(&trail, &self));
    assert_int_equal(decide_alone(&trail, &verdict, &self), DECISION_PASS);
    /* It becomes a launcher by exec: that is a launch, which has not been decided. */
    struct trail becomes = trail;
    assert_int_equal(decide(&becomes, &verdict, MODE_AUTO, &self, launch), DECISION_REPAIR);
    assert_false(becomes.alone);
    assert_int_equal(becomes.depth, 3);
    becomes = trail;
    assert_int_equal(decide_srun(&becomes, MODE_AUTO, &self, true, true), DECISION_REPAIR);
    static const struct process next = {4243, 1000001ULL};
    assert_int_equal(decide(&trail, &verdict, MODE_JOB, &next, launch), DECISION_REPAIR);
    assert_int_equal(trail_store(&env, &trail, &next), 0);
    assert_string_equal(env_get(&env, LAUNCH_VARIABLE), "4243:1000001:0:node");
    trail_load(&trail, &env);
    assert_int_equal(decide_alone(&trail, &verdict, &self), DECISION_DEPTH);
    env_destroy(&env);
}

/* The ranks of a step whose srun was confined are confined too. */
static void a_confined_step(void **state)
{
    (void)state;
    struct env env;
    struct trail trail;
    env_from(&env, LIST(LAUNCH_VARIABLE "=0:7.0:node"));
    trail_load(&trail, &env);
    assert_int_equal(trail.launch.pid, 0);
    assert_true(trail.confined);
    env_destroy(&env);
}

/* In a job that was submitted below a launch there is none above, and nothing is confined. */
static void another_job(void **state)
{
    (void)state;
    static const struct {
        const char *launch;
        const char *job; /* NULL: none */
        bool confined;
        long pid;
    } cases[] = {
        {"12:34:5:7:node", "7", true, 12}, {"12:34:5:7:node", NULL, true, 12},
        {"12:34:5:7:node", "8", false, 0}, {"12:34:5:7:alone", "8", false, 0},
        {"12:34:5:node", "8", true, 12},   {"12:34:5:7:job", "7", false, 12},
        {"0:7.0:node", "7", true, 0},      {"0:7.0:node", "8", false, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct env env;
        struct trail trail;
        env_from(&env, LIST(DEPTH_VARIABLE "=2"));
        assert_int_equal(env_set(&env, LAUNCH_VARIABLE, cases[i].launch), 0);
        if (cases[i].job)
            assert_int_equal(env_set(&env, "SLURM_JOB_ID", cases[i].job), 0);
        trail_load(&trail, &env);
        if (trail.confined != cases[i].confined || trail.launch.pid != cases[i].pid)
            fail_case("case %zu", i);
        assert_int_equal(trail.depth, 2); /* jobs that submit themselves have an end */
        env_destroy(&env);
    }
    struct env env;
    struct trail trail = {.depth = 1, .confined = true};
    env_from(&env, LIST("SLURM_JOB_ID=7"));
    assert_int_equal(trail_store(&env, &trail, &self), 0);
    assert_string_equal(env_get(&env, LAUNCH_VARIABLE), "4242:1000000:0:7:node");
    env_destroy(&env);
}

static void no_trail(void **state)
{
    (void)state;
    struct env env;
    struct trail trail;
    memset(&trail, 0xff, sizeof(trail));
    env_from(&env, NO_STRINGS);
    trail_load(&trail, &env);
    assert_int_equal(trail.depth, 0);
    assert_int_equal(trail.max_depth, DEPTH_MAX);
    assert_int_equal(trail.launch.pid, 0);
    assert_int_equal(trail.hops, 0);
    assert_false(trail.confined);
    env_destroy(&env);
}

static void numbers_that_are_none(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "-1",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "1x",
                                        "x",
                                        "0x10",
                                        "1.5",
                                        "\n",
                                        "99999999999999999999999999",
                                        "4294967297"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct env env;
        struct trail trail;
        env_from(&env, NO_STRINGS);
        assert_int_equal(env_set(&env, DEPTH_VARIABLE, texts[i]), 0);
        assert_int_equal(env_set(&env, MAX_DEPTH_VARIABLE, texts[i]), 0);
        trail_load(&trail, &env);
        if (trail.depth != 0 || trail.max_depth != DEPTH_MAX)
            fail_case("'%s': depth %u of %u", texts[i], trail.depth, trail.max_depth);
        env_destroy(&env);
    }
}

/* What does not parse counts as no launch above. */
static void launches_that_are_none(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "0",
        "x",
        "12",
        "12:",
        "12:34",
        "12:34:",
        "12:34:x",
        "12:34:5",
        "12:34:5:",
        ":34:5:job",
        "12::5:job",
        "0:7.0",
        "0:node",
        "0:7.0:nodes",
        "0:77.4294967291",
        "12:34:5:jobs",
        "12:34:5:nodes",
        "12:34:5:x",
        "12:34:5:node ",
        "12:34:5: node",
        "12:34:5:job:1",
        "12:34:5x:job",
        "12:34:5 :job",
        " 12:34:5:job",
        "-1:34:5:job",
        "12:-34:5:job",
        "12:34:-5:node",
        "+12:34:5:node",
        "12: 34:5:node",
        "12:34: 5:node",
        "12:34:99999999999999999999:node",
        "99999999999999999999999:34:5:node",
    };
    char wrong[1024] = "";
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct env env;
        struct trail trail;
        env_from(&env, NO_STRINGS);
        assert_int_equal(env_set(&env, LAUNCH_VARIABLE, texts[i]), 0);
        trail_load(&trail, &env);
        if (trail.launch.pid != 0 || trail.launch.start != 0 || trail.hops != 0 || trail.confined) {
            size_t at = strlen(wrong);
            snprintf(wrong + at, sizeof(wrong) - at, "'%s' ", texts[i]);
        }
        env_destroy(&env);
    }
    if (*wrong)
        fail_case("taken for launches: %s", wrong);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_situation),
        cmocka_unit_test(answers_pass_in_every_mode),
        cmocka_unit_test(a_launcher_that_starts_itself),
        cmocka_unit_test(a_program_that_starts_itself),
        cmocka_unit_test(a_trail_comes_back),
        cmocka_unit_test(a_program_alone),
        cmocka_unit_test(a_confined_step),
        cmocka_unit_test(another_job),
        cmocka_unit_test(no_trail),
        cmocka_unit_test(numbers_that_are_none),
        cmocka_unit_test(launches_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
