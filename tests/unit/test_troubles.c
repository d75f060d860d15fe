/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/troubles: when programs have ended unseen, which is said, and how often. */
#include "support.h"

#include "collect/clock.h"
#include "collect/troubles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MILLISECOND = 1000 };

static char *top, *path;
static struct nodelog node_log;
static struct logbook book;
static struct steps steps;
static struct troubles troubles;

static int set_up(void **state)
{
    (void)state;
    top = directory_make();
    path = path_join(top, "slurmd.log");
    node_log = (struct nodelog){0};
    nodelog_locate(&node_log, path, "n1");
    book = (struct logbook){.log = &node_log};
    steps = (struct steps){0};
    troubles = (struct troubles){.book = &book, .steps = &steps};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(path);
    directory_remove(top);
    return 0;
}

/* So many programs were gone when the events of that long ago were read. */
static void miss(unsigned programs, int milliseconds)
{
    int64_t then = clock_steady() - (int64_t)milliseconds * MILLISECOND;
    troubles_missed(&troubles, programs, (uint64_t)then * 1000);
}

/* The last line, without its end; "" where there is none. Valid until the next call. */
static const char *last_line(void)
{
    static char line[TROUBLES_LINE];
    FILE *file = fopen(path, "r");
    line[0] = '\0';
    while (file && fgets(line, sizeof(line), file))
        line[strcspn(line, "\n")] = '\0';
    if (file)
        fclose(file);
    return line;
}

static void what_was_missed_late_is_said(void **state)
{
    (void)state;
    miss(3, 120);
    assert_non_null(
        strstr(last_line(), "nestsafe: error: the kernel's process events were read 0."));
    assert_non_null(strstr(last_line(), " seconds late, when 3 programs had ended; launches among "
                                        "them that bypass nestsafe are missing"));
}

static void what_nobody_could_have_seen_is_not(void **state)
{
    (void)state;
    miss(3, 1);
    miss(0, 5000);
    assert_string_equal(last_line(), "");
}

static void it_is_said_once_a_minute(void **state)
{
    (void)state;
    miss(1, 60);
    assert_non_null(strstr(last_line(), "when 1 program had ended"));
    miss(2, 60);
    assert_non_null(strstr(last_line(), "when 1 program had ended"));
    troubles.late_told -= 61 * (int64_t)1000 * MILLISECOND;
    miss(2, 60);
    assert_non_null(strstr(last_line(), "when 2 programs had ended"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_missed_late_is_said),
        TEST(what_nobody_could_have_seen_is_not),
        TEST(it_is_said_once_a_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
