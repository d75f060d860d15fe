/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit/windows: they cover a period, and fit what they hold. */
#include "support.h"

#include "audit/windows.h"

/* All windows of a period, each with so many records: how many there are. */
static unsigned walk(time_t start, time_t end, size_t records, time_t *longest)
{
    struct windows windows;
    time_t from, to, reached = start;
    unsigned count = 0;
    *longest = 0;
    windows_begin(&windows, start, end);
    while (windows_next(&windows, &from, &to)) {
        assert_int_equal(from, reached);
        assert_true(to > from);
        reached = to;
        *longest = to - from > *longest ? to - from : *longest;
        windows_learn(&windows, records);
        count++;
    }
    assert_int_equal(reached, end);
    return count;
}

static void a_period_is_covered(void **state)
{
    (void)state;
    static const time_t lengths[] = {
        1, 2, WINDOW_FIRST - 1, WINDOW_FIRST, WINDOW_FIRST + 1, 7 * 86400 + 13};
    static const size_t records[] = {0, 1, WINDOW_RECORDS, 3 * WINDOW_RECORDS};
    time_t longest;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        for (size_t j = 0; j < COUNT(records); j++) {
            walk(1000, 1000 + lengths[i], records[j], &longest);
            assert_true(longest <= WINDOW_MAX);
        }
    }
}

static void an_empty_period_has_none(void **state)
{
    (void)state;
    struct windows windows;
    time_t from, to;
    windows_begin(&windows, 1000, 1000);
    assert_false(windows_next(&windows, &from, &to));
}

static void quiet_times_take_few(void **state)
{
    (void)state;
    time_t longest;
    assert_true(walk(0, 30 * 86400, 0, &longest) < 25);
    assert_int_equal(longest, WINDOW_MAX);
}

static void busy_times_take_short_ones_at_once(void **state)
{
    (void)state;
    struct windows windows;
    time_t from, to;
    windows_begin(&windows, 0, 86400);
    assert_true(windows_next(&windows, &from, &to));
    windows_learn(&windows, 4 * WINDOW_RECORDS);
    assert_true(windows_next(&windows, &from, &to));
    assert_int_equal(to - from, WINDOW_FIRST / 4);
    windows_learn(&windows, 0);
    assert_true(windows_next(&windows, &from, &to));
    assert_int_equal(to - from, WINDOW_FIRST / 2);
}

static void a_second_is_the_least(void **state)
{
    (void)state;
    struct windows windows;
    time_t from, to;
    windows_begin(&windows, 0, 86400);
    for (int i = 0; i < 40; i++)
        windows_learn(&windows, 100 * WINDOW_RECORDS);
    assert_true(windows_next(&windows, &from, &to));
    assert_int_equal(to - from, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_period_is_covered),
        cmocka_unit_test(an_empty_period_has_none),
        cmocka_unit_test(quiet_times_take_few),
        cmocka_unit_test(busy_times_take_short_ones_at_once),
        cmocka_unit_test(a_second_is_the_least),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
