/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/section: exact in little room, and a guest in other tools' text. */
#include "support.h"

#include "core/section.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OURS "nestsafe:{\"v\":1,\"launches\":2}"

static struct totals example(void)
{
    struct totals totals = {
        .launches = 80, .failed = 80, .preventable = 79, .first = 1795670560, .last = 1795670581};
    tally_add(&totals.flavours, "openmpi", 80);
    tally_add(&totals.classes, "silent-exit", 80);
    tally_add(&totals.modes, "audit", 80);
    return totals;
}

static uint64_t tally_sum(const struct tally *tally)
{
    uint64_t sum = 0;
    for (size_t row = 0; row < tally_rows(tally); row++)
        sum += tally->counts[row];
    return sum;
}

static void as_documented(void **state)
{
    (void)state;
    const struct totals totals = example();
    char *section = section_make(&totals, "n[1-4]", 4, SECTION_MAX);
    assert_text("section", section,
                "nestsafe:{\"v\":1,\"launches\":80,\"repaired\":0,\"denied\":0,\"bypassed\":0,"
                "\"failed\":80,\"preventable\":79,\"nodes\":\"n[1-4]\",\"mode\":\"audit\","
                "\"flavours\":{\"openmpi\":80},\"classes\":{\"silent-exit\":80},"
                "\"first\":\"2026-11-26T05:22:40Z\",\"last\":\"2026-11-26T05:23:01Z\"}");
    free(section);
}

static void there_and_back(void **state)
{
    (void)state;
    const struct totals totals = example();
    struct section read;
    char *section = section_make(&totals, "n[1-4]", 4, SECTION_MAX);
    char *text = section_put("JS1:abc= user's \"note\"", section);
    assert_int_equal(section_read(&read, text), 1);
    assert_memory_equal(&read.totals, &totals, sizeof(totals));
    assert_string_equal(read.nodes, "n[1-4]");
    free(text);
    free(section);
}

static void several_modes_are_mixed(void **state)
{
    (void)state;
    struct totals totals = example();
    struct section read;
    tally_add(&totals.modes, "auto", 1);
    char *section = section_make(&totals, "n1", 1, SECTION_MAX);
    assert_non_null(strstr(section, "\"mode\":\"mixed\""));
    assert_int_equal(section_read(&read, section), 1);
    char *again = section_make(&read.totals, read.nodes, 1, SECTION_MAX);
    assert_string_equal(again, section);
    free(again);
    free(section);
}

/* Totals with more kinds than a tally holds, and their largest counts first. */
static struct totals many_kinds(uint64_t unit)
{
    struct totals totals = {.first = 1795670560, .last = 1795670581};
    char name[TALLY_NAME];
    for (unsigned i = 0; i < 40; i++) {
        uint64_t amount = unit * (40 - i);
        totals.launches += amount;
        snprintf(name, sizeof(name), "a-flavour-of-launch-%u", i);
        tally_add(&totals.flavours, name, amount);
        snprintf(name, sizeof(name), "class-of-failure-%u", i);
        tally_add(&totals.classes, name, amount);
    }
    totals.failed = totals.launches;
    tally_add(&totals.modes, "audit", totals.launches);
    return totals;
}

static void counts_stay_exact_in_little_room(void **state)
{
    (void)state;
    static const uint64_t units[] = {1, 1000003, 11000000000000000ull};
    char nodes[400];
    for (size_t u = 0; u < COUNT(units); u++) {
        for (size_t width = 0; width < sizeof(nodes); width += 7) {
            const struct totals totals = many_kinds(units[u]);
            struct section read;
            memset(nodes, 'n', width);
            nodes[width] = '\0';
            char *section = section_make(&totals, nodes, 1000, SECTION_MAX);
            assert_non_null(section);
            assert_true(strlen(section) <= SECTION_MAX);
            assert_int_equal(section_read(&read, section), 1);
            assert_true(read.totals.launches == totals.launches);
            assert_true(read.totals.failed == totals.failed);
            assert_true(tally_sum(&read.totals.flavours) == totals.launches);
            assert_true(tally_sum(&read.totals.classes) == totals.failed);
            free(section);
        }
    }
}

static void classes_go_before_flavours(void **state)
{
    (void)state;
    const struct totals totals = many_kinds(1);
    char *whole = section_make(&totals, "n1", 1, SECTION_MAX);
    assert_non_null(strstr(whole, "\"classes\":{\"other\":"));
    assert_non_null(strstr(whole, "\"a-flavour-of-launch-0\":40"));
    free(whole);

    struct totals few = example();
    tally_add(&few.classes, "universe", 1);
    whole = section_make(&few, "n1", 1, SECTION_MAX);
    char *less = section_make(&few, "n1", 1, strlen(whole) - 1);
    assert_non_null(strstr(less, "\"classes\":{\"silent-exit\":80,\"other\":1}"));
    assert_non_null(strstr(less, "\"openmpi\":80"));
    free(less);
    free(whole);
}

/* 1000 nodes of which no two are next to each other: such a list has no short form. */
static void long_host_lists_become_a_number(void **state)
{
    (void)state;
    const struct totals totals = example();
    struct section read;
    char nodes[1000 * sizeof("1998,") + 3] = "n[";
    for (int i = 0; i < 1000; i++)
        snprintf(nodes + strlen(nodes), 7, "%s%d", i ? "," : "", 2 * i);
    strcat(nodes, "]");
    char *section = section_make(&totals, nodes, 1000, SECTION_MAX);
    assert_non_null(section);
    assert_true(strlen(section) <= SECTION_MAX);
    assert_int_equal(section_read(&read, section), 1);
    assert_string_equal(read.nodes, "1000 nodes");
    assert_memory_equal(&read.totals, &totals, sizeof(totals));
    free(section);
}

static void too_little_room(void **state)
{
    (void)state;
    const struct totals totals = many_kinds(1);
    size_t max = SECTION_MAX;
    char *section;
    while ((section = section_make(&totals, "n[1-1000]", 1000, max))) {
        assert_true(strlen(section) <= max);
        max = strlen(section) - 1;
        free(section);
    }
    assert_int_equal(errno, EMSGSIZE);
    assert_in_range(max, 200, 260);
    assert_null(section_make(&totals, "n1", 1, 0));
    assert_int_equal(errno, EMSGSIZE);
}

static void other_text_is_kept_byte_for_byte(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        const char *after;
    } cases[] = {
        {NULL, "S"},
        {"", "S"},
        {"JS1:H4sIAAAA=", "JS1:H4sIAAAA= S"},
        {"trailing blank ", "trailing blank  S"},
        {"it's \"quoted\" \\ \t\r\n \xff\xfe", "it's \"quoted\" \\ \t\r\n \xff\xfe S"},
        {OURS, "S"},
        {"before " OURS, "before S"},
        {OURS " behind", "S behind"},
        {"x," OURS ";y|z", "x,S;y|z"},
        {"x " OURS "\xff\xfe", "x S\xff\xfe"},
        {"two " OURS " and " OURS, "two S and " OURS},
        {"100% %s %n " OURS " %s", "100% %s %n S %s"},
        /* These only look like ours. */
        {"nestsafe:{", "nestsafe:{ S"},
        {"nestsafe:{\"v\":1,\"laun", "nestsafe:{\"v\":1,\"laun S"},
        {"nestsafe:{\"v\":1,\"laun " OURS, "nestsafe:{\"v\":1,\"laun S"},
        {"nestsafe:{} x", "nestsafe:{} x S"},
        {"nestsafe:{\"v\":\"1\"}", "nestsafe:{\"v\":\"1\"} S"},
        {"nestsafe:{\"v\":1,\"v\":1}", "nestsafe:{\"v\":1,\"v\":1} S"},
        {"nestsafe:[1]", "nestsafe:[1] S"},
        {"x" OURS, "x" OURS " S"},
        {"url:" OURS, "url:" OURS " S"},
        {"{\"log\":\"nestsafe:{\\\"v\\\":1}\"}", "{\"log\":\"nestsafe:{\\\"v\\\":1}\"} S"},
        {"'" OURS "' said he; " OURS, "'" OURS "' said he; S"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = section_put(cases[i].before, "S");
        assert_text(cases[i].before ? cases[i].before : "(null)", text, cases[i].after);
        free(text);
    }
}

static void a_second_time_replaces_the_first(void **state)
{
    (void)state;
    struct totals totals = example();
    char *section = section_make(&totals, "n1", 1, SECTION_MAX);
    char *once = section_put("see nestsafe:{ in the manual", section);
    char *twice = section_put(once, section);
    assert_string_equal(twice, once);
    totals.launches++;
    char *other = section_make(&totals, "n1", 1, SECTION_MAX);
    char *changed = section_put(once, other);
    char *back = section_put(changed, section);
    assert_string_not_equal(changed, once);
    assert_string_equal(back, once);
    free(back);
    free(changed);
    free(other);
    free(twice);
    free(once);
    free(section);
}

/* Whatever says so in the place of a section is not believed unless all of it makes sense. */
static void forged_sections(void **state)
{
    (void)state;
#define TIMES ",\"first\":\"2026-11-26T05:22:40Z\",\"last\":\"2026-11-26T05:23:01Z\"}"
    static const struct {
        const char *text;
        int result;
    } cases[] = {
        {"nestsafe:{\"v\":1,\"launches\":2,\"nodes\":\"n1\",\"mode\":\"auto\"" TIMES, 1},
        {"no section, nestsafe: nothing", 0},
        {"", 0},
        {"\"nestsafe:{\"", 0},
        {"nestsafe:{", -1},
        {"nestsafe:{}", -1},
        {"nestsafe:{\"v\":2,\"launches\":2,\"nodes\":\"n1\",\"mode\":\"auto\"" TIMES, -1},
        {"nestsafe:{\"v\":1,\"nodes\":\"n1\",\"mode\":\"auto\"" TIMES, -1},
        {"nestsafe:{\"v\":1,\"launches\":-2,\"nodes\":\"n1\",\"mode\":\"auto\"" TIMES, -1},
        {"nestsafe:{\"v\":1,\"launches\":2,\"nodes\":1,\"mode\":\"auto\"" TIMES, -1},
        {"nestsafe:{\"v\":1,\"launches\":2,\"nodes\":\"n1\",\"mode\":7" TIMES, -1},
        {"nestsafe:{\"v\":1,\"launches\":2,\"nodes\":\"n1\",\"mode\":\"auto\"}", -1},
        {"nestsafe:{\"v\":1,\"launches\":2,\"nodes\":\"n1\",\"mode\":\"auto\","
         "\"first\":\"1969-01-01T00:00:00Z\",\"last\":\"2026-11-26T05:23:01Z\"}",
         -1},
        {"nestsafe:{\"v\":1,\"launches\":2,\"nodes\":\"n1\",\"mode\":\"auto\","
         "\"first\":\"2026-11-26T05:22:40Z and more\",\"last\":\"2026-11-26T05:23:01Z\"}",
         -1},
        {"nestsafe:{\"v\":1,\"launches\":2,\"nodes\":\"n1\",\"mode\":\"auto\","
         "\"flavours\":{\"x\":-1}" TIMES,
         -1},
    };
#undef TIMES
    struct section section;
    for (size_t i = 0; i < COUNT(cases); i++) {
        errno = 0;
        int result = section_read(&section, cases[i].text);
        if (result != cases[i].result)
            fail_case("%s gives %d", cases[i].text, result);
        assert_int_equal(errno, cases[i].result < 0 ? EINVAL : 0);
    }
    assert_int_equal(section_read(&section, NULL), 0);

    char *text = malloc(2 * SECTION_MAX + 200);
    snprintf(
        text, 2 * SECTION_MAX + 200,
        "nestsafe:{\"v\":1,\"launches\":2,\"mode\":\"auto\",\"first\":\"2026-11-26T05:22:40Z\","
        "\"last\":\"2026-11-26T05:23:01Z\",\"nodes\":\"%0*d\"}",
        SECTION_MAX, 0);
    assert_int_equal(section_read(&section, text), -1);
    free(text);
}

static void deep_nonsense_ends(void **state)
{
    (void)state;
    enum { DEPTH = 200000 };
    char *text = malloc(DEPTH + 100);
    size_t begin, length;
    strcpy(text, "nestsafe:{\"v\":");
    memset(text + strlen(text), '[', DEPTH);
    text[DEPTH] = '\0';
    assert_false(section_find(text, &begin, &length));
    free(text);
}

static void room_is_what_is_left(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t limit, room;
    } cases[] = {
        {NULL, 1024, 1024},      {"", 1024, 1024},
        {"1234567", 1024, 1016}, {"1234567 " OURS " 90", 1024, 1013},
        {"1234567", 8, 0},       {"1234567", 7, 0},
        {"1234567", 9, 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(section_room(cases[i].text, cases[i].limit), cases[i].room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_documented),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(several_modes_are_mixed),
        cmocka_unit_test(counts_stay_exact_in_little_room),
        cmocka_unit_test(classes_go_before_flavours),
        cmocka_unit_test(long_host_lists_become_a_number),
        cmocka_unit_test(too_little_room),
        cmocka_unit_test(other_text_is_kept_byte_for_byte),
        cmocka_unit_test(a_second_time_replaces_the_first),
        cmocka_unit_test(forged_sections),
        cmocka_unit_test(deep_nonsense_ends),
        cmocka_unit_test(room_is_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
