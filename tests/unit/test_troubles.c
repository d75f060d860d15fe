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

/* A program was gone that had begun so long ago. */
static void miss(int milliseconds)
{
    int64_t then = clock_steady() - (int64_t)milliseconds * MILLISECOND;
    troubles_missed(&troubles, (uint64_t)then * 1000);
}

static int64_t run(void)
{
    return troubles_run(&troubles);
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
    miss(60);
    miss(120);
    miss(60);
    assert_true(run() == 0);
    /* Who is slow here is later still. */
    assert_non_null(strstr(last_line(), "nestsafe: error: 3 more programs had ended before they "
                                        "could be looked at, up to 0.1"));
    assert_non_null(strstr(last_line(), " seconds late (3 in all); launches among them that bypass "
                                        "nestsafe are missing"));
}

/* A launcher that fails at once lives for some 10 ms. */
static void what_nobody_could_have_seen_is_not(void **state)
{
    (void)state;
    miss(-1000);
    assert_true(run() == 0);
    assert_string_equal(last_line(), "");
    miss(11);
    run();
    assert_non_null(strstr(last_line(), "(1 in all)"));
}

/* And the last ones are said as well, though no more are missed. */
static void it_is_said_once_a_minute(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        miss(60);
        int64_t wait = run() - clock_steady();
        assert_true(i == 0 || (wait > 50000 * MILLISECOND && wait <= 60000 * MILLISECOND));
        assert_non_null(strstr(last_line(), "(1 in all)"));
    }
    troubles.missed_told -= 61 * (int64_t)1000 * MILLISECOND;
    assert_true(run() == 0);
    assert_non_null(strstr(last_line(), "error: 2 more programs "));
    assert_non_null(strstr(last_line(), "(3 in all)"));
}

/* While it is being asked where slurmd's log is. */
static void what_waits_is_not_lost(void **state)
{
    (void)state;
    struct step step = {.file.node = "n1"};
    steps.list = &step;
    node_log.located = false;
    book.asking = true;
    miss(60);
    run();
    assert_string_equal(last_line(), "");
    node_log.located = true;
    book.asking = false;
    run();
    assert_non_null(strstr(last_line(), "(1 in all)"));
}

static void the_last_words(void **state)
{
    (void)state;
    miss(60);
    run();
    miss(60);
    miss(60);
    run();
    assert_non_null(strstr(last_line(), "(1 in all)"));
    troubles_close(&troubles);
    assert_non_null(strstr(last_line(), "(3 in all)"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_missed_late_is_said),
        TEST(what_nobody_could_have_seen_is_not),
        TEST(it_is_said_once_a_minute),
        TEST(what_waits_is_not_lost),
        TEST(the_last_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
