/* SPDX-License-Identifier: GPL-2.0-or-later */
/* account/line: lines from somebody who may be slow, silent, or talk too much. */
#include "support.h"

#include "account/line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SHORT = 50, LONG = 20000 }; /* milliseconds */

static int ends[2];

static int set_up(void **state)
{
    (void)state;
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
}

static int tear_down(void **state)
{
    (void)state;
    close(ends[0]);
    if (ends[1] >= 0)
        close(ends[1]);
    return 0;
}

static void say(const char *text)
{
    assert_int_equal(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
}

static void lines_however_they_come(void **state)
{
    (void)state;
    struct lines lines = {.fd = ends[0]};
    say("kept\nrecorded\n\nre");
    assert_string_equal(line_next(&lines, clock_ms() + LONG), "kept");
    assert_string_equal(line_next(&lines, clock_ms() + LONG), "recorded");
    assert_string_equal(line_next(&lines, clock_ms() + LONG), "");
    assert_null(line_next(&lines, clock_ms() + SHORT));
    assert_int_equal(errno, ETIMEDOUT);
    say("st\n");
    assert_string_equal(line_next(&lines, clock_ms() + LONG), "rest");
}

static void time_that_is_over(void **state)
{
    (void)state;
    struct lines lines = {.fd = ends[0]};
    int64_t began = clock_ms();
    assert_null(line_next(&lines, began - LONG));
    assert_int_equal(errno, ETIMEDOUT);
    assert_null(line_next(&lines, began + SHORT));
    assert_int_equal(errno, ETIMEDOUT);
    assert_in_range(clock_ms() - began, SHORT, LONG);
}

static void somebody_who_hangs_up(void **state)
{
    (void)state;
    struct lines lines = {.fd = ends[0]};
    say("half a li");
    close(ends[1]);
    ends[1] = -1;
    assert_null(line_next(&lines, clock_ms() + LONG));
    assert_int_equal(errno, EPIPE);
}

static void the_longest_line(void **state)
{
    (void)state;
    struct lines lines = {.fd = ends[0]};
    char text[LINE_SIZE + 1];
    memset(text, 'a', LINE_SIZE);
    text[LINE_SIZE - 1] = '\n';
    text[LINE_SIZE] = '\0';
    say(text);
    assert_int_equal(strlen(line_next(&lines, clock_ms() + LONG)), LINE_SIZE - 1);
    say("more\n");
    assert_null(line_next(&lines, clock_ms() + LONG));
    assert_int_equal(errno, EMSGSIZE);
}

static void a_line_too_long(void **state)
{
    (void)state;
    struct lines lines = {.fd = ends[0]};
    char text[LINE_SIZE + 2];
    memset(text, 'a', LINE_SIZE);
    strcpy(text + LINE_SIZE, "\n");
    say(text);
    assert_null(line_next(&lines, clock_ms() + LONG));
    assert_int_equal(errno, EMSGSIZE);
}

static void writing_to_nobody(void **state)
{
    (void)state;
    char *text = calloc(1, 16 * 1024 * 1024);
    assert_int_equal(write_all(ends[0], "kept\n", 5, clock_ms() + LONG), 0);
    assert_int_equal(write_all(ends[0], text, 16 * 1024 * 1024, clock_ms() + SHORT), -1);
    assert_int_equal(errno, ETIMEDOUT);
    close(ends[1]);
    ends[1] = -1;
    assert_int_equal(write_all(ends[0], "kept\n", 5, clock_ms() + LONG), -1);
    assert_int_equal(errno, EPIPE);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_however_they_come, set_up, tear_down),
        cmocka_unit_test_setup_teardown(time_that_is_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(somebody_who_hangs_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_longest_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_line_too_long, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writing_to_nobody, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
