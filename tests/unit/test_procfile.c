/* SPDX-License-Identifier: GPL-2.0-or-later */
/* launch/procfile: texts of /proc/PID. */
#include "support.h"

#include "launch/procfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void stat_is_read(void **state)
{
    (void)state;
    struct procfile_stat stat;
    assert_int_equal(procfile_stat(&stat,
                                   "12 (a) Z 9 (b) S 7 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 "
                                   "0 987654321 9 9\n"),
                     0);
    assert_int_equal(stat.state, 'S');
    assert_int_equal(stat.parent, 7);
    assert_true(stat.start == 987654321);
}

static void what_is_no_stat(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "12 (a",
        "12 (a)",
        "12 (a) S",
        "12 (a) S 7 12",
        "12 (a) S x 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654321 9 9",
        "12 (a) S 7 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 x",
        "12 (a) S 7 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 99999999999999999999999 9",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct procfile_stat stat;
        errno = 0;
        assert_int_equal(procfile_stat(&stat, texts[i]), -1);
        assert_int_equal(errno, EIO);
    }
}

static void strings_that_have_an_end(void **state)
{
    (void)state;
    char text[] = "A=1\0\0B=2\0C=";
    char **strings = procfile_strings(text, sizeof(text) - 1);
    assert_string_equal(strings[0], "A=1");
    assert_string_equal(strings[1], "");
    assert_string_equal(strings[2], "B=2");
    assert_null(strings[3]);
    free(strings);
    strings = procfile_strings(text, 0);
    assert_null(strings[0]);
    free(strings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stat_is_read),
        cmocka_unit_test(what_is_no_stat),
        cmocka_unit_test(strings_that_have_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
