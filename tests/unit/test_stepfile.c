/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/stepfile: a step's registration, there and back, and what is none. */
#include "support.h"

#include "core/stepfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct stepfile step = {
    .job = 12,
    .step = 4294967291U,
    .restart = 3,
    .uid = 60001,
    .nodes = 1024,
    .index = 1023,
    .mode = MODE_AUDIT,
    .asked = true,
    .notify = true,
    .accounting = ACCOUNTING_EXTRA,
    .port = 868,
    .node = "n1",
    .log = "slurmd,/var/log/nestsafe.jsonl",
    .spool = "/var/spool/nestsafe",
};

static void check_same(const struct stepfile *a, const struct stepfile *b)
{
    assert_int_equal(a->job, b->job);
    assert_int_equal(a->step, b->step);
    assert_int_equal(a->restart, b->restart);
    assert_int_equal(a->uid, b->uid);
    assert_int_equal(a->nodes, b->nodes);
    assert_int_equal(a->index, b->index);
    assert_int_equal(a->mode, b->mode);
    assert_int_equal(a->asked, b->asked);
    assert_int_equal(a->notify, b->notify);
    assert_int_equal(a->accounting, b->accounting);
    assert_int_equal(a->port, b->port);
    assert_string_equal(a->node, b->node);
    assert_string_equal(a->log, b->log);
    assert_string_equal(a->spool, b->spool);
}

static void there_and_back(void **state)
{
    (void)state;
    char text[STEPFILE_MAX];
    struct stepfile read;
    struct stepfile least = {.nodes = 1, .accounting = ACCOUNTING_NONE, .mode = MODE_OFF};
    struct stepfile most = step;
    most.job = most.step = most.restart = most.uid = most.nodes = most.index = UINT32_MAX;
    most.port = 65535;
    memset(most.node, 'n', sizeof(most.node) - 1);
    memset(most.log, '\xff', sizeof(most.log) - 1);
    memset(most.spool, '=', sizeof(most.spool) - 1);
    const struct stepfile *const cases[] = {&step, &least, &most};
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t length = stepfile_format(text, cases[i]);
        assert_in_range(length, 1, STEPFILE_MAX);
        assert_int_equal(stepfile_parse(&read, text, length), 0);
        check_same(&read, cases[i]);
    }
}

static void no_line_can_be_smuggled_in(void **state)
{
    (void)state;
    char text[STEPFILE_MAX];
    struct stepfile bad[] = {step, step, step};
    strcpy(bad[0].node, "n1\nuid=0");
    strcpy(bad[1].log, "/a\x7f");
    strcpy(bad[2].spool, "/a\t");
    for (size_t i = 0; i < COUNT(bad); i++) {
        errno = 0;
        assert_int_equal(stepfile_format(text, &bad[i]), 0);
        assert_int_equal(errno, EINVAL);
    }
}

static void what_may_be_missing(void **state)
{
    (void)state;
    static const char text[] = "uid=7\njob=1\nnews=of a later release\nmode=deny\n";
    struct stepfile read;
    assert_int_equal(stepfile_parse(&read, text, strlen(text)), 0);
    assert_int_equal(read.nodes, 1);
    assert_int_equal(read.accounting, ACCOUNTING_NONE);
    assert_int_equal(read.mode, MODE_DENY);
    assert_int_equal(read.uid, 7);
    assert_int_equal(read.port, 0);
    assert_false(read.notify);
    assert_string_equal(read.log, "");
}

static void what_is_no_registration(void **state)
{
    (void)state;
    static const char good[] = "job=1\nuid=7\nmode=auto\n";
    static const char *const texts[] = {
        "",
        "job=1\nuid=7\n",
        "job=1\nmode=auto\n",
        "uid=7\nmode=auto\n",
        "job=1\nuid=7\nmode=\n",
        "job=1\nuid=7\nmode=AUTO\n",
        "job=4294967296\nuid=7\nmode=auto\n",
        "job=-1\nuid=7\nmode=auto\n",
        "job=1\nuid=\nmode=auto\n",
        "job=1\nuid=7\nmode=auto\nport=65536\n",
        "job=1\nuid=7\nmode=auto\nnotify=2\n",
        "job=1\nuid=7\nmode=auto\nasked=yes\n",
        "job=1\nuid=7\nmode=auto\naccounting=system\n",
        "job=1\nuid=7\nmode=auto\nnode",
        "job=1\nuid=7\nmode=auto\nnode\n",
    };
    struct stepfile read;
    assert_int_equal(stepfile_parse(&read, good, strlen(good)), 0);
    for (size_t i = 0; i < COUNT(texts); i++) {
        errno = 0;
        if (stepfile_parse(&read, texts[i], strlen(texts[i])) != -1)
            fail_case("'%s' was read", texts[i]);
        if (errno != EINVAL)
            fail_case("'%s' says errno %d", texts[i], errno);
    }
    assert_int_equal(stepfile_parse(&read, good, strlen(good) + 1), -1); /* a NUL */
}

static void what_is_too_long(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        size_t most;
    } cases[] = {{"node", sizeof(step.node) - 1},
                 {"log", sizeof(step.log) - 1},
                 {"spool", sizeof(step.spool) - 1}};
    char text[STEPFILE_MAX + 1];
    struct stepfile read;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t more = 0; more < 2; more++) {
            int at = sprintf(text, "job=1\nuid=7\nmode=auto\n%s=", cases[i].key);
            memset(text + at, 'x', cases[i].most + more);
            strcpy(text + at + cases[i].most + more, "\n");
            assert_int_equal(stepfile_parse(&read, text, strlen(text)), more ? -1 : 0);
        }
    }
    memset(text, 'x', sizeof(text));
    memcpy(text, "job=1\nuid=7\nmode=auto\na=", 24);
    text[STEPFILE_MAX - 1] = '\n';
    assert_int_equal(stepfile_parse(&read, text, STEPFILE_MAX), 0);
    text[STEPFILE_MAX] = '\n';
    assert_int_equal(stepfile_parse(&read, text, STEPFILE_MAX + 1), -1);
}

static void half_a_file(void **state)
{
    (void)state;
    char text[STEPFILE_MAX];
    struct stepfile read;
    size_t length = stepfile_format(text, &step);
    for (size_t part = 0; part < length; part++) {
        if (part == 0 || text[part - 1] != '\n')
            assert_int_equal(stepfile_parse(&read, text, part), -1);
    }
}

static void names(void **state)
{
    (void)state;
    char name[64];
    const struct process stepd = {INT32_MAX, UINT64_MAX};
    stepfile_name(name, &stepd);
    assert_string_equal(name, "2147483647.18446744073709551615");
    for (int i = ACCOUNTING_ADMIN_COMMENT; i <= ACCOUNTING_NONE; i++) {
        enum accounting accounting = ACCOUNTING_COMMENT;
        assert_int_equal(accounting_parse(accounting_name((enum accounting)i), &accounting), 0);
        assert_int_equal(accounting, i);
    }
    enum accounting untouched = ACCOUNTING_EXTRA;
    assert_int_equal(accounting_parse("Comment", &untouched), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(untouched, ACCOUNTING_EXTRA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(no_line_can_be_smuggled_in),
        cmocka_unit_test(what_may_be_missing),
        cmocka_unit_test(what_is_no_registration),
        cmocka_unit_test(what_is_too_long),
        cmocka_unit_test(half_a_file),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
