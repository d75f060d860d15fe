/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/totals: sums that stay exact, whatever they are made of, and totals from anybody's JSON. */
#include "support.h"

#include "core/totals.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static uint64_t tally_sum(const struct tally *tally)
{
    uint64_t sum = 0;
    for (size_t row = 0; row < tally_rows(tally); row++)
        sum += tally->counts[row];
    return sum;
}

static uint64_t count_of(const struct tally *tally, const char *name)
{
    for (size_t row = 0; row < tally_rows(tally); row++) {
        if (strcmp(tally->names[row], name) == 0)
            return tally->counts[row];
    }
    return 0;
}

static void names_are_counted(void **state)
{
    (void)state;
    struct tally tally = {0};
    tally_add(&tally, "openmpi", 2);
    tally_add(&tally, "hydra", 1);
    tally_add(&tally, "openmpi", 40);
    tally_add(&tally, "prrte", 0);
    assert_int_equal(tally_rows(&tally), 2);
    assert_int_equal(count_of(&tally, "openmpi"), 42);
    assert_int_equal(count_of(&tally, "hydra"), 1);
}

static void a_full_table_loses_no_count(void **state)
{
    (void)state;
    struct tally tally = {0};
    char name[TALLY_NAME];
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "name%d", i);
        tally_add(&tally, name, (uint64_t)i + 1);
    }
    tally_add(&tally, "name3", 1000);
    assert_int_equal(tally_rows(&tally), TALLY_KINDS);
    assert_string_equal(tally.names[TALLY_KINDS - 1], TALLY_OTHER);
    assert_int_equal(count_of(&tally, "name3"), 1004);
    assert_int_equal(tally_sum(&tally), 5050 + 1000);
}

static void other_is_one_row(void **state)
{
    (void)state;
    struct tally tally = {0};
    char name[TALLY_NAME];
    tally_add(&tally, TALLY_OTHER, 5);
    tally_add(&tally, "", 1);
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof(name), "name%d", i);
        tally_add(&tally, name, 1);
    }
    assert_int_equal(tally_sum(&tally), 26);
    assert_int_equal(count_of(&tally, TALLY_OTHER), 6 + 20 - (TALLY_KINDS - 2));
}

static void names_of_any_kind(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *kept;
    } cases[] = {
        {"silent-exit", "silent-exit"},
        {"a b\"c\\d'e\n", "a_b_c_d_e_"},
        {"\xc3\xa9\xff", "___"},
        {"0123456789012345678901234567", "01234567890123456789012"},
        {"4.1+x", "4.1+x"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tally tally = {0};
        tally_add(&tally, cases[i].name, 1);
        assert_string_equal(tally.names[0], cases[i].kept);
    }
}

static void sums_do_not_wrap(void **state)
{
    (void)state;
    struct totals totals = {.launches = INT64_MAX - 1};
    const struct totals more = {.launches = UINT64_MAX};
    totals_add(&totals, &more);
    assert_true(totals.launches == INT64_MAX);
    tally_add(&totals.flavours, "openmpi", UINT64_MAX);
    tally_add(&totals.flavours, "openmpi", 1);
    assert_true(totals.flavours.counts[0] == INT64_MAX);
}

static void nodes_add_up(void **state)
{
    (void)state;
    struct totals sum = {0};
    struct totals node = {.launches = 3, .repaired = 2, .failed = 1, .first = 500, .last = 600};
    tally_add(&node.flavours, "openmpi", 3);
    tally_add(&node.classes, "silent-exit", 1);
    tally_add(&node.modes, "auto", 3);
    totals_add(&sum, &node);
    node.first = 400;
    node.last = 450;
    node.denied = 7;
    node.bypassed = 9;
    node.preventable = 5;
    totals_add(&sum, &node);
    assert_int_equal(sum.launches, 6);
    assert_int_equal(sum.repaired, 4);
    assert_int_equal(sum.failed, 2);
    assert_int_equal(sum.denied, 7);
    assert_int_equal(sum.bypassed, 9);
    assert_int_equal(sum.preventable, 5);
    assert_int_equal(count_of(&sum.flavours, "openmpi"), 6);
    assert_int_equal(count_of(&sum.classes, "silent-exit"), 2);
    assert_int_equal(count_of(&sum.modes, "auto"), 6);
    assert_int_equal(sum.first, 400);
    assert_int_equal(sum.last, 600);
    const struct totals nothing = {0};
    totals_add(&sum, &nothing);
    assert_int_equal(sum.first, 400);
    assert_int_equal(sum.last, 600);
}

static void there_and_back(void **state)
{
    (void)state;
    struct totals totals = {.launches = 9007199254740993,
                            .repaired = 1,
                            .denied = 2,
                            .bypassed = 3,
                            .failed = 4,
                            .preventable = 5,
                            .first = 1795670560,
                            .last = 1795670561};
    struct totals read;
    tally_add(&totals.flavours, "openmpi", 80);
    tally_add(&totals.flavours, "hydra", INT64_MAX);
    tally_add(&totals.classes, "silent-exit", 5);
    tally_add(&totals.modes, "audit", 6);
    json_t *json = totals_to_json(&totals);
    assert_non_null(json);
    assert_int_equal(totals_from_json(&read, json), 0);
    assert_memory_equal(&read, &totals, sizeof(totals));
    json_decref(json);
}

static void json_from_anybody(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        bool good;
    } cases[] = {
        {"{}", true},
        {"{\"launches\":1,\"news\":[1,{}]}", true},
        {"{\"flavours\":{\"a b\":1,\"\":2}}", true},
        {"[]", false},
        {"null", false},
        {"{\"launches\":-1}", false},
        {"{\"launches\":1.0}", false},
        {"{\"launches\":\"1\"}", false},
        {"{\"launches\":null}", false},
        {"{\"first\":-1}", false},
        {"{\"last\":\"2026-11-26T05:22:40Z\"}", false},
        {"{\"flavours\":[]}", false},
        {"{\"flavours\":{\"openmpi\":-1}}", false},
        {"{\"modes\":{\"audit\":\"1\"}}", false},
        {"{\"classes\":3}", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct totals totals;
        json_t *json = json_loads(cases[i].json, JSON_DECODE_ANY, NULL);
        assert_non_null(json);
        errno = 0;
        int rc = totals_from_json(&totals, json);
        if (rc != (cases[i].good ? 0 : -1))
            fail_case("%s gives %d", cases[i].json, rc);
        assert_int_equal(errno, cases[i].good ? 0 : EINVAL);
        json_decref(json);
    }
    struct totals totals;
    assert_int_equal(totals_from_json(&totals, NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_counted), cmocka_unit_test(a_full_table_loses_no_count),
        cmocka_unit_test(other_is_one_row),  cmocka_unit_test(names_of_any_kind),
        cmocka_unit_test(sums_do_not_wrap),  cmocka_unit_test(nodes_add_up),
        cmocka_unit_test(there_and_back),    cmocka_unit_test(json_from_anybody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
