/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/record: every field there and back, and paths that are no text. */
#include "samples.h"
#include "support.h"

#include "collect/record.h"

#include "core/slurmstep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* By way of text, as in the journal. */
static void there_and_back_again(const struct incident *incident, struct incident *read)
{
    json_t *json = record_to_json(incident, NULL);
    assert_non_null(json);
    char *text = json_dumps(json, JSON_COMPACT);
    assert_non_null(text);
    json_decref(json);
    json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    free(text);
    memset(read, 0xff, sizeof(*read));
    assert_int_equal(record_from_json(read, json), 0);
    json_decref(json);
}

static void check_same(const struct incident *a, const struct incident *b)
{
    assert_int_equal(a->process.pid, b->process.pid);
    assert_true(a->process.start == b->process.start);
    assert_true(a->began == b->began);
    assert_true(a->ended == b->ended);
    assert_int_equal(a->job, b->job);
    assert_int_equal(a->step, b->step);
    assert_int_equal(a->restart, b->restart);
    assert_int_equal(a->uid, b->uid);
    assert_int_equal(a->rank, b->rank);
    assert_int_equal(a->depth, b->depth);
    assert_int_equal(a->outer, b->outer);
    assert_int_equal(a->mode, b->mode);
    assert_int_equal(a->scope, b->scope);
    assert_int_equal(a->deed, b->deed);
    assert_int_equal(a->seen, b->seen);
    assert_int_equal(a->flavour, b->flavour);
    assert_int_equal(a->hazards, b->hazards);
    assert_memory_equal(a->counts, b->counts, sizeof(a->counts));
    assert_int_equal(a->status_known, b->status_known);
    assert_int_equal(a->status, b->status);
    assert_string_equal(a->node, b->node);
    assert_string_equal(a->version, b->version);
    assert_string_equal(a->launcher, b->launcher);
}

static void every_field(void **state)
{
    (void)state;
    struct incident read;
    struct incident incident = sample_failure(4711);
    struct incident least = {.process = {1, 0}, .rank = -1};
    there_and_back_again(&incident, &read);
    check_same(&incident, &read);
    there_and_back_again(&least, &read);
    check_same(&least, &read);

    incident.process = (struct process){INT32_MAX, INT64_MAX};
    incident.job = incident.uid = incident.restart = UINT32_MAX;
    incident.step = 4294967000U;
    incident.rank = INT32_MAX;
    incident.depth = 1000000;
    incident.deed = DEED_REPAIRED;
    incident.scope = SCOPE_JOB;
    for (unsigned i = 0; i < CHANGE_KINDS; i++)
        incident.counts[i] = 1000000 - i;
    incident.hazards = 0x1ff;
    memset(incident.node, 'n', sizeof(incident.node) - 1);
    memset(incident.version, '9', sizeof(incident.version) - 1);
    memset(incident.launcher, '/', sizeof(incident.launcher) - 1);
    there_and_back_again(&incident, &read);
    check_same(&incident, &read);
}

static void every_word(void **state)
{
    (void)state;
    struct incident read;
    for (unsigned i = 0; i < 8; i++) {
        struct incident incident = sample_failure(1);
        incident.seen = i;
        incident.mode = (enum mode)(i % (MODE_OFF + 1));
        incident.outer = (enum outer)(i % (OUTER_STEP + 1));
        incident.flavour = (enum flavour)(i % FLAVOURS);
        incident.deed = (enum deed)(i % DEEDS);
        incident.scope = incident.deed == DEED_REPAIRED && i > 4 ? SCOPE_JOB : SCOPE_NODE;
        incident.hazards = 1U << i;
        incident.step = i % 2 ? i : slurmstep_id(i % 4 ? "batch" : "interactive");
        there_and_back_again(&incident, &read);
        check_same(&incident, &read);
    }
}

static void every_end(void **state)
{
    (void)state;
    static const int statuses[] = {0, 1 << 8, 255 << 8, 9, 64};
    struct incident read;
    struct incident incident = sample_incident(1);
    for (size_t i = 0; i < COUNT(statuses); i++) {
        incident.ended = incident.began;
        incident.status_known = true;
        incident.status = statuses[i];
        there_and_back_again(&incident, &read);
        check_same(&incident, &read);
    }
    incident.status_known = false;
    incident.status = 0;
    srandom(1);
    for (int i = 0; i < 2000; i++) {
        incident.ended = incident.began + random() * (i % 7 + 1LL);
        there_and_back_again(&incident, &read);
        check_same(&incident, &read);
    }
    incident.ended = incident.began - 1; /* the clock was set back */
    there_and_back_again(&incident, &read);
    check_same(&incident, &read);
}

static void bytes_that_are_no_text(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *text;
    } cases[] = {
        {"/a b\"c\\d", "/a b\"c\\d"}, {"/\xc3\xa9", "/\xc3\xa9"},
        {"/\xff\xc3\xa9", "/???"},    {"/a\nb\x1b[2J\x7f", "/a?b?[2J?"},
        {"\xed\xa0\x80", "???"},      {"\xf4\x90\x80\x80", "????"},
        {"\xc0\xaf..", "??.."},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct incident read;
        struct incident incident = sample_incident(1);
        strcpy(incident.launcher, cases[i].bytes);
        strcpy(incident.version, cases[i].bytes);
        strcpy(incident.node, cases[i].bytes);
        there_and_back_again(&incident, &read);
        assert_text(cases[i].text, read.launcher, cases[i].text);
        assert_text(cases[i].text, read.version, cases[i].text);
        assert_text(cases[i].text, read.node, cases[i].text);
    }
    /* A path that was cut within a character. */
    struct incident read;
    struct incident incident = sample_incident(1);
    for (size_t i = 0; i + 2 < sizeof(incident.launcher); i += 2)
        memcpy(incident.launcher + i, "\xc3\xa9", 2);
    incident.launcher[sizeof(incident.launcher) - 2] = '\xc3';
    there_and_back_again(&incident, &read);
    assert_int_equal(strlen(read.launcher), sizeof(read.launcher) - 1);
}

static void as_documented(void **state)
{
    (void)state;
    struct incident incident = sample_failure(4711);
    json_t *json = record_to_json(&incident, "c1");
    assert_non_null(json);
    char *text = json_dumps(json, JSON_COMPACT);
    assert_text("record", text,
                "{\"v\":1,\"time\":\"2026-11-26T05:22:40.123456Z\",\"cluster\":\"c1\",\"job\":12,"
                "\"step\":\"0\",\"restart\":0,\"node\":\"n1\",\"uid\":60001,\"rank\":null,"
                "\"pid\":4711,\"launcher\":\"/usr/bin/mpirun\",\"flavour\":\"openmpi\","
                "\"version\":\"4.1.4\",\"depth\":1,\"outer\":\"srun\",\"seen\":\"kernel\","
                "\"mode\":\"audit\",\"scope\":null,\"action\":\"recorded\","
                "\"class\":\"silent-exit\",\"hazards\":[\"silent-exit\"],\"unset\":0,"
                "\"restored\":0,\"set\":0,\"kept\":0,\"status\":\"exit:1\",\"seconds\":1.234567,"
                "\"start\":1000,\"preventable\":1}");
    free(text);
    json_decref(json);
    json = record_to_json(&incident, "\xff");
    assert_non_null(json);
    json_decref(json);
}

static void times(void **state)
{
    (void)state;
    char text[40];
    assert_string_equal(record_time(text, 0), "1970-01-01T00:00:00.000000Z");
    assert_string_equal(record_time(text, 1795670560000001), "2026-11-26T05:22:40.000001Z");
    assert_string_equal(record_time(text, 1709164800000000), "2024-02-29T00:00:00.000000Z");
}

static void what_is_no_record(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "[]",
        "{}",
        "null",
        "1",
        "{\"pid\":1,\"mode\":\"audit\"}",
        "{\"pid\":1,\"seen\":\"kernel\"}",
        "{\"pid\":0,\"mode\":\"audit\",\"seen\":\"kernel\"}",
        "{\"pid\":\"1\",\"mode\":\"audit\",\"seen\":\"kernel\"}",
        "{\"pid\":1,\"mode\":\"all\",\"seen\":\"kernel\"}",
    };
    struct incident read;
    for (size_t i = 0; i < COUNT(texts); i++) {
        json_t *json = json_loads(texts[i], JSON_DECODE_ANY, NULL);
        assert_non_null(json);
        errno = 0;
        if (record_from_json(&read, json) != -1)
            fail_case("%s was read", texts[i]);
        assert_int_equal(errno, EINVAL);
        json_decref(json);
    }
    assert_int_equal(record_from_json(&read, NULL), -1);
}

/* A journal that a crash has left may say anything; sums of it must stay sums. */
static void times_that_cannot_be(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool began;
    } cases[] = {
        {"{\"mode\":\"auto\",\"seen\":\"path\",\"pid\":1,\"time\":\"1013-01-01T00:00:00.000000Z\"}",
         false},
        {"{\"mode\":\"auto\",\"seen\":\"path\",\"pid\":1,\"time\":\"2026-01-01T00:00:00.000000Z\","
         "\"seconds\":1e300}",
         true},
        {"{\"mode\":\"auto\",\"seen\":\"path\",\"pid\":1,\"time\":\"2026-01-01T00:00:00.000000Z\","
         "\"seconds\":-1e300}",
         true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct incident read;
        json_t *json = json_loads(cases[i].text, 0, NULL);
        assert_non_null(json);
        assert_int_equal(record_from_json(&read, json), 0);
        json_decref(json);
        assert_true(read.began > 0 || (read.began == 0 && !cases[i].began));
        assert_true(read.ended <= read.began + 1000000000000000000);
        assert_true(read.ended >= read.began - 1000000000000000000 || read.ended == 0);
    }
}

static void values_of_other_kinds(void **state)
{
    (void)state;
    static const char text[] =
        "{\"pid\":1,\"mode\":\"audit\",\"seen\":\"kernel\",\"time\":5,\"job\":\"x\",\"step\":7,"
        "\"flavour\":\"x\",\"action\":null,\"outer\":[],\"hazards\":[\"none\",3,\"slots\"],"
        "\"launcher\":{},\"seconds\":\"1\",\"status\":\"exit:\",\"rank\":null,\"news\":true}";
    struct incident read;
    json_t *json = json_loads(text, 0, NULL);
    assert_int_equal(record_from_json(&read, json), 0);
    assert_int_equal(read.job, 0);
    assert_int_equal(read.ended, 0);
    assert_int_equal(read.rank, -1);
    assert_int_equal(read.flavour, FLAVOUR_UNKNOWN);
    assert_string_equal(hazard_met(read.hazards, FLAVOUR_UNKNOWN)->name, "slots");
    assert_false(read.status_known);
    assert_string_equal(read.launcher, "");
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field),
        cmocka_unit_test(every_word),
        cmocka_unit_test(every_end),
        cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(times_that_cannot_be),
        cmocka_unit_test(as_documented),
        cmocka_unit_test(times),
        cmocka_unit_test(what_is_no_record),
        cmocka_unit_test(values_of_other_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
