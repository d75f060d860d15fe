/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/jobstate: a job's totals by node, and what of them goes from node to node. */
#include "support.h"

#include "core/jobstate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATE                                                                                      \
    "{\"v\":1,\"job\":12,\"restart\":3,\"uid\":60001,\"field\":\"comment\",\"serial\":17,"         \
    "\"delivered\":16,\"notify\":true,\"told\":false,\"nodes\":{%s}%s}"
#define TOTALS                                                                                     \
    "{\"launches\":2,\"repaired\":1,\"denied\":0,\"bypassed\":0,\"failed\":1,"                     \
    "\"preventable\":1,"                                                                           \
    "\"flavours\":{\"openmpi\":2},\"classes\":{},\"modes\":{\"auto\":2},"                          \
    "\"first\":100,\"last\":200}"
#define WRITER ",\"writer\":{\"node\":\"n1\",\"address\":\"10.0.0.1\"}"

static void a_file_there_and_back(void **state)
{
    (void)state;
    static const struct {
        const char *nodes, *writer;
    } cases[] = {
        {"", ""},
        {"\"n1\":" TOTALS, ""},
        {"\"n1\":" TOTALS ",\"n-2.site_x\":" TOTALS, WRITER},
        {"\"n1\":" TOTALS, ",\"writer\":{\"node\":\"n1\",\"address\":\"\"}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct jobstate job;
        char text[2000];
        snprintf(text, sizeof(text), STATE, cases[i].nodes, cases[i].writer);
        assert_int_equal(jobstate_parse(&job, text, strlen(text)), 0);
        assert_int_equal(job.job, 12);
        assert_int_equal(job.restart, 3);
        assert_int_equal(job.uid, 60001);
        assert_int_equal(job.field, ACCOUNTING_COMMENT);
        assert_int_equal(job.serial, 17);
        assert_int_equal(job.delivered, 16);
        assert_true(job.notify);
        assert_false(job.told);
        char *written = jobstate_format(&job);
        assert_text("file", written, text);
        free(written);
        jobstate_destroy(&job);
    }
}

static void an_older_file(void **state)
{
    (void)state;
    const char text[] = "{\"v\":1,\"job\":1,\"restart\":0,\"uid\":0,\"field\":\"extra\","
                        "\"serial\":5,\"nodes\":{}}";
    struct jobstate job;
    assert_int_equal(jobstate_parse(&job, text, strlen(text)), 0);
    assert_int_equal(job.delivered, 0);
    assert_false(job.notify);
    assert_false(job.told);
    jobstate_destroy(&job);
}

static void totals_are_replaced(void **state)
{
    (void)state;
    struct jobstate job = {.job = 1};
    struct totals totals = {.launches = 3};
    struct totals sum;
    tally_add(&totals.flavours, "openmpi", 3);
    assert_null(jobstate_totals(&job, "n1"));
    assert_int_equal(jobstate_set(&job, "n1", &totals), 1);
    assert_int_equal(jobstate_set(&job, "n1", &totals), 0);
    assert_int_equal(job.serial, 1);
    assert_int_equal(jobstate_set(&job, "n2", &totals), 1);
    totals.launches = 5;
    assert_int_equal(jobstate_set(&job, "n1", &totals), 1);
    tally_add(&totals.classes, "silent-exit", 1);
    assert_int_equal(jobstate_set(&job, "n1", &totals), 1);
    totals.last = 7;
    assert_int_equal(jobstate_set(&job, "n1", &totals), 1);
    assert_int_equal(job.serial, 5);
    assert_int_equal(job.count, 2);
    assert_int_equal(jobstate_totals(&job, "n1")->launches, 5);
    jobstate_sum(&job, &sum);
    assert_int_equal(sum.launches, 8);
    assert_int_equal(sum.flavours.counts[0], 6);
    jobstate_destroy(&job);
    jobstate_destroy(&job);
}

static void many_nodes(void **state)
{
    (void)state;
    struct jobstate job = {.job = 1, .field = ACCOUNTING_EXTRA};
    struct jobstate read;
    struct totals sum;
    char name[JOBSTATE_NODE];
    for (int i = 1; i <= 1000; i++) {
        struct totals totals = {.launches = (uint64_t)i};
        snprintf(name, sizeof(name), "node%d", i);
        assert_int_equal(jobstate_set(&job, name, &totals), 1);
    }
    char *text = jobstate_format(&job);
    assert_int_equal(jobstate_parse(&read, text, strlen(text)), 0);
    jobstate_sum(&read, &sum);
    assert_int_equal(sum.launches, 500500);
    assert_int_equal(read.count, 1000);
    assert_int_equal(read.serial, 1000);
    free(text);
    jobstate_destroy(&read);
    jobstate_destroy(&job);
}

static void names_that_are_none(void **state)
{
    (void)state;
    struct jobstate job = {.job = 1};
    const struct totals totals = {0};
    char name[JOBSTATE_NODE + 1];
    memset(name, 'n', JOBSTATE_NODE);
    name[JOBSTATE_NODE] = '\0';
    const char *const names[] = {"", "a b", "../n1", "n1\n", "n[1-4]", "n1,n2", "\xc3\xa9", name};
    for (size_t i = 0; i < COUNT(names); i++) {
        errno = 0;
        assert_int_equal(jobstate_set(&job, names[i], &totals), -1);
        assert_int_equal(errno, EINVAL);
    }
    assert_int_equal(jobstate_set(&job, name + 1, &totals), 1);
    jobstate_destroy(&job);
}

static void damaged_files(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"v\":2,\"job\":1,\"restart\":0,\"uid\":0,\"field\":\"extra\",\"serial\":0,\"nodes\":{}}",
        "{\"v\":1,\"job\":0,\"restart\":0,\"uid\":0,\"field\":\"extra\",\"serial\":0,\"nodes\":{}}",
        "{\"v\":1,\"job\":4294967296,\"restart\":0,\"uid\":0,\"field\":\"extra\",\"serial\":0,"
        "\"nodes\":{}}",
        "{\"v\":1,\"job\":1,\"restart\":-1,\"uid\":0,\"field\":\"extra\",\"serial\":0,\"nodes\":{}"
        "}",
        "{\"v\":1,\"job\":1,\"restart\":0,\"uid\":\"0\",\"field\":\"extra\",\"serial\":0,"
        "\"nodes\":{}}",
        "{\"v\":1,\"job\":1,\"restart\":0,\"uid\":0,\"field\":\"system_comment\",\"serial\":0,"
        "\"nodes\":{}}",
        "{\"v\":1,\"job\":1,\"restart\":0,\"uid\":0,\"field\":\"extra\",\"nodes\":{}}",
        "{\"v\":1,\"job\":1,\"restart\":0,\"uid\":0,\"field\":\"extra\",\"serial\":0,\"nodes\":[]}",
        "{\"v\":1,\"job\":1,\"restart\":0,\"uid\":0,\"field\":\"extra\",\"serial\":0,"
        "\"nodes\":{\"n 1\":{}}}",
        "{\"v\":1,\"job\":1,\"restart\":0,\"uid\":0,\"field\":\"extra\",\"serial\":0,"
        "\"nodes\":{\"n1\":{\"launches\":-1}}}",
        "{\"v\":1,\"job\":1,\"restart\":0,\"uid\":0,\"field\":\"extra\",\"serial\":0,"
        "\"nodes\":{\"n1\":{},\"n1\":{}}}",
        "{\"v\":1,\"job\":1,\"restart\":0,\"uid\":0,\"field\":\"extra\",\"serial\":0,"
        "\"nodes\":{\"n1\":{}},\"writer\":{\"node\":\"n1\"}}",
        "{\"v\":1,\"job\":1,\"restart\":0,\"uid\":0,\"field\":\"extra\",\"serial\":0,"
        "\"nodes\":{\"n1\":{}},\"writer\":{\"node\":\"\",\"address\":\"\"}}",
        "{\"v\":1,\"job\":1,\"restart\":0,\"uid\":0,\"field\":\"extra\",\"serial\":0,"
        "\"nodes\":{\"n1\":{}}} more",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct jobstate job;
        errno = 0;
        if (jobstate_parse(&job, texts[i], strlen(texts[i])) != -1)
            fail_case("%s was read", texts[i]);
        assert_int_equal(errno, EINVAL);
        assert_null(job.nodes);
    }
}

static void half_a_file(void **state)
{
    (void)state;
    char text[2000];
    struct jobstate job;
    snprintf(text, sizeof(text), STATE, "\"n1\":" TOTALS ",\"n2\":" TOTALS, WRITER);
    for (size_t length = 0; length < strlen(text); length++)
        assert_int_equal(jobstate_parse(&job, text, length), -1);
}

static void a_share_there_and_back(void **state)
{
    (void)state;
    const char text[] =
        "{\"v\":1,\"job\":12,\"restart\":3,\"uid\":60001,\"field\":\"admin_comment\""
        ",\"notify\":true,\"node\":\"n2\",\"to\":\"n1\",\"totals\":" TOTALS "}";
    struct share share;
    assert_int_equal(share_parse(&share, text, strlen(text)), 0);
    assert_int_equal(share.job, 12);
    assert_int_equal(share.restart, 3);
    assert_int_equal(share.uid, 60001);
    assert_int_equal(share.field, ACCOUNTING_ADMIN_COMMENT);
    assert_true(share.notify);
    assert_string_equal(share.node, "n2");
    assert_string_equal(share.to, "n1");
    assert_int_equal(share.totals.launches, 2);
    char *written = share_format(&share);
    assert_text("share", written, text);
    free(written);
    for (size_t length = 0; length < strlen(text); length++)
        assert_int_equal(share_parse(&share, text, length), -1);
}

static void shares_from_anybody(void **state)
{
    (void)state;
#define HEAD "{\"v\":1,\"job\":1,\"restart\":0,\"uid\":0,\"field\":\"extra\","
    static const char *const texts[] = {
        HEAD "\"to\":\"n1\",\"totals\":{}}",
        HEAD "\"node\":\"n2\",\"totals\":{}}",
        HEAD "\"node\":\"n2\",\"to\":\"n1\"}",
        HEAD "\"node\":\"/\",\"to\":\"n1\",\"totals\":{}}",
        HEAD "\"node\":\"n2\",\"to\":\"n[1]\",\"totals\":{}}",
        HEAD "\"node\":\"n2\",\"to\":\"n1\",\"totals\":{\"flavours\":7}}",
        "{\"v\":1,\"node\":\"n2\",\"to\":\"n1\",\"totals\":{}}",
    };
#undef HEAD
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct share share;
        errno = 0;
        if (share_parse(&share, texts[i], strlen(texts[i])) != -1)
            fail_case("%s was read", texts[i]);
        assert_int_equal(errno, EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_there_and_back), cmocka_unit_test(an_older_file),
        cmocka_unit_test(totals_are_replaced),   cmocka_unit_test(many_nodes),
        cmocka_unit_test(names_that_are_none),   cmocka_unit_test(damaged_files),
        cmocka_unit_test(half_a_file),           cmocka_unit_test(a_share_there_and_back),
        cmocka_unit_test(shares_from_anybody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
