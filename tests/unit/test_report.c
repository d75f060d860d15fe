/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/report: what a launch says of itself, there and back, and what others may send. */
#include "support.h"

#include "core/report.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct report begin = {
    .kind = REPORT_BEGIN,
    .process = {4711, 123456},
    .door = DOOR_GUARD,
    .decision = DECISION_DENY,
    .mode = MODE_DENY,
    .scope = SCOPE_JOB,
    .outer = OUTER_SRUN,
    .depth = 3,
    .counts = {1, 2, 3, 4},
    .hazards = 0x105,
    .job = 12,
    .step = 0,
    .rank = 0,
    .launcher = "/opt/open mpi/bin/mpirun",
};

static void check_same(const struct report *a, const struct report *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->process.pid, b->process.pid);
    assert_true(a->process.start == b->process.start);
    assert_int_equal(a->door, b->door);
    assert_int_equal(a->decision, b->decision);
    assert_int_equal(a->mode, b->mode);
    assert_int_equal(a->scope, b->scope);
    assert_int_equal(a->outer, b->outer);
    assert_int_equal(a->depth, b->depth);
    for (int i = 0; i < CHANGE_KINDS; i++)
        assert_int_equal(a->counts[i], b->counts[i]);
    assert_int_equal(a->hazards, b->hazards);
    assert_int_equal(a->job, b->job);
    assert_int_equal(a->step, b->step);
    assert_int_equal(a->rank, b->rank);
    assert_int_equal(a->status, b->status);
    assert_string_equal(a->launcher, b->launcher);
}

static void there_and_back(void **state)
{
    (void)state;
    char text[REPORT_MAX];
    struct report read;
    struct report least = {.process = {1, 0}, .decision = DECISION_REPAIR, .step = -1, .rank = -1};
    struct report most = begin;
    most.process = (struct process){INT_MAX, ULLONG_MAX};
    most.decision = DECISION_DEPTH;
    most.depth = 1000000;
    for (int i = 0; i < CHANGE_KINDS; i++)
        most.counts[i] = 1000000;
    most.hazards = most.job = UINT_MAX;
    most.step = UINT_MAX;
    most.rank = INT_MAX;
    memset(most.launcher, '\xff', sizeof(most.launcher) - 1);
    const struct report ends[] = {
        {.kind = REPORT_END, .process = {7, 8}, .status = 9, .step = -1, .rank = -1},
        {.kind = REPORT_END, .process = {7, 8}, .status = 0xff00, .step = -1, .rank = -1},
    };
    const struct report *const cases[] = {&begin, &least, &most, &ends[0], &ends[1]};
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t length = report_format(text, cases[i]);
        assert_in_range(length, 1, REPORT_MAX);
        assert_int_equal(report_parse(&read, text, length), 0);
        check_same(&read, cases[i]);
    }
}

static void every_word(void **state)
{
    (void)state;
    char text[REPORT_MAX];
    struct report read;
    for (int i = MODE_AUTO; i <= MODE_OFF; i++) {
        struct report report = begin;
        report.mode = (enum mode)i;
        report.outer = (enum outer)i; /* as many as there are modes */
        report.decision = i % 2 ? DECISION_REPAIR : DECISION_DEPTH;
        report.door = i % 2 ? DOOR_PATH : DOOR_GUARD;
        report.scope = i % 2 ? SCOPE_NODE : SCOPE_JOB;
        assert_int_equal(report_parse(&read, text, report_format(text, &report)), 0);
        check_same(&read, &report);
    }
}

static void a_path_is_one_line(void **state)
{
    (void)state;
    char text[REPORT_MAX];
    struct report read;
    struct report report = begin;
    strcpy(report.launcher, "/tmp/\nnestsafe=end\rpid=1\t\x1b[2J");
    assert_int_equal(report_parse(&read, text, report_format(text, &report)), 0);
    assert_string_equal(read.launcher, "/tmp/?nestsafe=end?pid=1??[2J");
    assert_int_equal(read.kind, REPORT_BEGIN);
    assert_int_equal(read.process.pid, 4711);
}

static void what_is_no_report(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "nestsafe",
        "nestsafe=",
        "nestsafe=begin",
        "nestsafe=begin\n",
        "nestsafe=middle\npid=1\ndecision=3\n",
        "pid=1\nnestsafe=begin\ndecision=3\n",
        "nestsafe=begin\npid=1\n",
        "nestsafe=begin\npid=1\ndecision=0\n",
        "nestsafe=begin\npid=1\ndecision=99\n",
        "nestsafe=begin\npid=0\ndecision=3\n",
        "nestsafe=begin\npid=-1\ndecision=3\n",
        "nestsafe=begin\npid=2147483648\ndecision=3\n",
        "nestsafe=begin\npid=1\ndecision=3\nmode=\n",
        "nestsafe=begin\npid=1\ndecision=3\nmode=all\n",
        "nestsafe=begin\npid=1\ndecision=3\ndoor=window\n",
        "nestsafe=begin\npid=1\ndecision=3\nscope=world\n",
        "nestsafe=begin\npid=1\ndecision=3\ndepth=1000001\n",
        "nestsafe=begin\npid=1\ndecision=3\nset=4294967297\n",
        "nestsafe=begin\npid=1\ndecision=3\njob=4294967296\n",
        "nestsafe=begin\npid=1\ndecision=3\nlauncher\n",
        "nestsafe=end\nstatus=1\n",
        "nestsafe=end\npid=1\nstatus=1",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct report read;
        errno = 0;
        if (report_parse(&read, texts[i], strlen(texts[i])) != -1)
            fail_case("'%s' was read", texts[i]);
        if (errno != EINVAL)
            fail_case("'%s' says errno %d", texts[i], errno);
    }
}

static void what_is_taken_with_care(void **state)
{
    (void)state;
    static const char text[] =
        "nestsafe=begin\npid=1\ndecision=3\nouter=99\nstatus=65536256\nrank=2147483648\n"
        "step=4294967296\nnews=later\nnews=5\nnews=99999999999999999999999\nhazards=x\n";
    struct report read;
    assert_int_equal(report_parse(&read, text, strlen(text)), 0);
    assert_int_equal(read.outer, OUTER_NONE);
    assert_int_equal(read.status, 256);
    assert_int_equal(read.rank, -1);
    assert_int_equal(read.step, -1);
    assert_int_equal(read.hazards, 0);
}

static void long_messages(void **state)
{
    (void)state;
    char text[REPORT_MAX + 1];
    struct report read;
    for (size_t more = 0; more < 2; more++) {
        int at = sprintf(text, "nestsafe=begin\npid=1\ndecision=3\nlauncher=");
        memset(text + at, 'x', REPORT_PATH_MAX);
        strcpy(text + at + REPORT_PATH_MAX - 1 + more, "\n");
        assert_int_equal(report_parse(&read, text, strlen(text)), more ? -1 : 0);
    }
    memset(text, 'x', sizeof(text));
    memcpy(text, "nestsafe=end\npid=1\na=", 21);
    text[REPORT_MAX - 1] = text[REPORT_MAX] = '\n';
    assert_int_equal(report_parse(&read, text, REPORT_MAX), 0);
    assert_int_equal(report_parse(&read, text, REPORT_MAX + 1), -1);
}

/* Never more than INT_MAX, never an enumeration's value that there is not. */
static void damaged_messages(void **state)
{
    (void)state;
    char text[REPORT_MAX], copy[REPORT_MAX];
    size_t length = report_format(text, &begin);
    srandom(1);
    for (int i = 0; i < 20000; i++) {
        struct report read;
        memcpy(copy, text, length);
        for (int j = 0; j < 1 + i % 4; j++)
            copy[(size_t)random() % length] = (char)random();
        if (report_parse(&read, copy, (size_t)random() % (length + 1)) != 0)
            continue;
        assert_in_range(read.process.pid, 1, INT_MAX);
        assert_in_range(read.mode, MODE_AUTO, MODE_OFF);
        assert_in_range(read.outer, OUTER_NONE, OUTER_STEP);
        assert_in_range(read.decision, DECISION_PASS, DECISION_DEPTH);
        assert_in_range(strlen(read.launcher), 0, REPORT_PATH_MAX - 1);
    }
}

static void what_a_verdict_knows(void **state)
{
    (void)state;
    static const struct {
        const char *rank;
        long expected;
    } cases[] = {{"0", 0},  {"17", 17}, {NULL, -1},        {"", -1},
                 {"x", -1}, {"-1", -1}, {"2147483648", -1}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct report report = {.rank = 5};
        const struct verdict verdict = {
            .outer = OUTER_HYDRA, .rank = cases[i].rank, .hazards = {hazard_at(0), hazard_at(2)}};
        report_verdict(&report, &verdict);
        assert_int_equal(report.rank, cases[i].expected);
        assert_int_equal(report.outer, OUTER_HYDRA);
        assert_int_equal(report.hazards, 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),          cmocka_unit_test(every_word),
        cmocka_unit_test(a_path_is_one_line),      cmocka_unit_test(what_is_no_report),
        cmocka_unit_test(what_is_taken_with_care), cmocka_unit_test(long_messages),
        cmocka_unit_test(damaged_messages),        cmocka_unit_test(what_a_verdict_knows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
