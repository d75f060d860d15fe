/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/steps, collect/tenure: which steps are registered on this node, whether any is, and
 * whether somebody else has listened for them before and was killed. */
#include "support.h"

#include "collect/steps.h"
#include "collect/tenure.h"
#include "launch/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *top;
static int rundir = -1;
static struct steps steps;

static int set_up(void **state)
{
    (void)state;
    top = directory_make();
    rundir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(steps_open(&steps, rundir), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    steps_close(&steps);
    close(rundir);
    directory_remove(top);
    return 0;
}

/* As the plugin does it: under another name first. */
static void register_step(const struct process *stepd, uint32_t job)
{
    char text[STEPFILE_MAX + 1], name[64];
    const struct stepfile file = {.job = job,
                                  .step = 3,
                                  .uid = 1000,
                                  .mode = MODE_AUDIT,
                                  .node = "n1",
                                  .spool = "/var/spool"};
    size_t length = stepfile_format(text, &file);
    assert_int_not_equal(length, 0);
    text[length] = '\0';
    stepfile_name(name, stepd);
    file_write(top, "steps/.new", text, 0600);
    assert_int_equal(renameat(steps.directory, ".new", steps.directory, name), 0);
}

static void end_step(const struct process *stepd)
{
    char name[64];
    stepfile_name(name, stepd);
    assert_int_equal(unlinkat(steps.directory, name, 0), 0);
}

static bool has(const char *name)
{
    return faccessat(steps.directory, name, F_OK, 0) == 0;
}

static void whether_any_is_there(void **state)
{
    (void)state;
    const struct process one = {11, 100}, other = {12, 200};
    assert_false(steps_are_present(&steps));
    file_write(top, "steps/.hidden", "", 0600);
    file_write(top, "steps/11.100.dirty", "", 0600);
    assert_false(steps_are_present(&steps));
    register_step(&one, 1);
    assert_true(steps_are_present(&steps));
    assert_true(steps_are_present(&steps));
    register_step(&other, 2);
    end_step(&one);
    assert_true(steps_are_present(&steps));
    end_step(&other);
    assert_false(steps_are_present(&steps));
    assert_false(steps_are_present(&steps));
}

static void those_that_were_there_before(void **state)
{
    (void)state;
    const struct process one = {11, 100};
    register_step(&one, 1);
    steps_close(&steps);
    assert_int_equal(steps_open(&steps, rundir), 0);
    assert_true(steps_are_present(&steps));
    end_step(&one);
    assert_false(steps_are_present(&steps));
}

static void more_changes_than_are_remembered(void **state)
{
    (void)state;
    const struct process one = {11, 100};
    /* fs.inotify.max_queued_events is 16384. */
    for (int i = 0; i < 10000; i++) {
        register_step(&one, 1);
        end_step(&one);
    }
    register_step(&one, 1);
    assert_true(steps_are_present(&steps));
    end_step(&one);
    assert_false(steps_are_present(&steps));
}

static void without_being_told_of_changes(void **state)
{
    (void)state;
    close(steps.changes);
    steps.changes = -1;
    assert_true(steps_are_present(&steps));
}

static void by_process_name_and_number(void **state)
{
    (void)state;
    const struct process one = {11, 100}, none = {11, 101};
    assert_null(steps_of(&steps, &one));
    assert_null(steps_any(&steps));
    register_step(&one, 7);
    assert_int_equal(steps_any(&steps)->file.job, 7);
    const struct step *step = steps_of(&steps, &one);
    assert_non_null(step);
    assert_int_equal(step->file.job, 7);
    assert_ptr_equal(steps_of(&steps, &one), step);
    assert_ptr_equal(steps_by_name(&steps, "11.100"), step);
    assert_ptr_equal(steps_named(&steps, 7, 3, 1000), step);
    assert_null(steps_of(&steps, &none));
    assert_null(steps_named(&steps, 7, 3, 1001));
    assert_null(steps_named(&steps, 7, 4, 1000));
    static const char *const names[] = {"11.100.dirty", ".11.100",   "11",
                                        "-11.100",      "../11.100", ""};
    for (size_t i = 0; i < COUNT(names); i++)
        assert_null(steps_by_name(&steps, names[i]));
}

static void those_of_dead_processes_are_forgotten(void **state)
{
    (void)state;
    const struct process dead = {1, 99999999999}, self = process_self();
    char name[64], dirty[80];
    register_step(&dead, 1);
    register_step(&self, 2);
    stepfile_name(name, &self);
    snprintf(dirty, sizeof(dirty), "%s" STEPFILE_DIRTY, name);
    steps_mark(&steps, steps_of(&steps, &dead));
    steps_mark(&steps, steps_of(&steps, &self));
    assert_true(has("1.99999999999.dirty") && has(dirty));
    steps_forget(&steps);
    assert_false(has("1.99999999999") || has("1.99999999999.dirty"));
    assert_true(has(name) && has(dirty));
    assert_null(steps_of(&steps, &dead));
    assert_non_null(steps_of(&steps, &self));
}

static void what_is_no_registration(void **state)
{
    (void)state;
    const struct process one = {11, 100};
    file_write(top, "steps/11.100", "job=nonsense\n", 0600);
    assert_null(steps_of(&steps, &one));
    assert_int_equal(unlinkat(steps.directory, "11.100", 0), 0);
    file_write(top, "file", "job=1\nuid=1\nmode=audit\n", 0600);
    assert_int_equal(symlinkat("../file", steps.directory, "11.100"), 0);
    assert_null(steps_of(&steps, &one));
    assert_int_equal(unlinkat(steps.directory, "11.100", 0), 0);
    assert_int_equal(mkfifoat(steps.directory, "11.100", 0600), 0);
    assert_null(steps_of(&steps, &one));
}

static void a_directory_that_others_can_read(void **state)
{
    (void)state;
    struct steps others;
    assert_int_equal(fchmodat(rundir, "steps", 0755, 0), 0);
    assert_int_equal(steps_open(&others, rundir), -1);
    assert_int_equal(errno, EPERM);
    steps_close(&others);
}

static void who_was_killed(void **state)
{
    (void)state;
    assert_false(tenure_begin(rundir));
    assert_true(tenure_begin(rundir));
    assert_true(tenure_begin(rundir));
    tenure_end(rundir);
    assert_false(tenure_begin(rundir));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(whether_any_is_there),
        TEST(those_that_were_there_before),
        TEST(more_changes_than_are_remembered),
        TEST(without_being_told_of_changes),
        TEST(by_process_name_and_number),
        TEST(those_of_dead_processes_are_forgotten),
        TEST(what_is_no_registration),
        TEST(a_directory_that_others_can_read),
        TEST(who_was_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
