/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spank/rundir: root opens or makes the collector's directory, and walks into no trap. */
#include "support.h"

#include "spank/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *top;
static char error[RUNDIR_ERROR_MAX];

static int set_up(void **state)
{
    (void)state;
    top = directory_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    directory_remove(top);
    return 0;
}

static unsigned mode_of(int fd)
{
    struct stat status;
    assert_int_equal(fstat(fd, &status), 0);
    return status.st_mode & 07777;
}

static void make(const char *name, unsigned mode, uid_t owner)
{
    char *path = path_join(top, name);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chmod(path, mode), 0);
    assert_int_equal(chown(path, owner, 0), 0);
    free(path);
}

static void it_is_made_where_it_is_absent(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("not root");
    static const char *const names[] = {"run", "run/", "other//"};
    mode_t before = umask(077);
    for (size_t i = 0; i < COUNT(names); i++) {
        char *path = path_join(top, names[i]);
        if (i != 1)
            assert_int_equal(rundir_open(path, false, error), -1);
        int fd = rundir_open(path, true, error);
        assert_int_not_equal(fd, -1);
        assert_int_equal(mode_of(fd), 0755);
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        close(fd);
        fd = rundir_open_steps(path, true, error);
        assert_int_not_equal(fd, -1);
        assert_int_equal(mode_of(fd), 0700);
        close(fd);
        fd = rundir_open_steps(path, false, error);
        assert_int_not_equal(fd, -1);
        close(fd);
        free(path);
    }
    umask(before);
}

/* Only itself: a typing error is no reason to make directories anywhere. */
static void what_is_above_must_be_there(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("not root");
    char *path = path_join(top, "missing/run");
    assert_int_equal(rundir_open(path, true, error), -1);
    assert_non_null(strstr(error, "/missing: "));
    assert_non_null(strstr(error, strerror(ENOENT)));
    free(path);
}

static void traps(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("not root");
    make("good", 0755, 0);
    make("others", 0755, 60001);
    make("world", 0777, 0);
    make("group", 0775, 0);
    make("sticky", 01777, 0);
    file_write(top, "file", "", 0644);
    char *link = path_join(top, "link");
    assert_int_equal(symlink("good", link), 0);
    static const struct {
        const char *name;
        const char *fault; /* NULL: none */
    } cases[] = {
        {"good", NULL},
        {"good/run", NULL},
        {"sticky/run", NULL},
        {"others", "is not root's"},
        {"others/run", "is not root's"},
        {"world", "others than root can write there"},
        {"world/run", "others than root can write there"},
        {"group", "others than root can write there"},
        {"sticky", "others than root can write there"},
        {"link", ": "},
        {"link/run", ": "},
        {"file", ": "},
        {"file/run", ": "},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *path = path_join(top, cases[i].name);
        error[0] = '\0';
        int fd = rundir_open(path, true, error);
        if ((fd >= 0) != !cases[i].fault)
            fail_case("%s: %d, %s", cases[i].name, fd, error);
        if (cases[i].fault && (!strstr(error, top) || !strstr(error, cases[i].fault)))
            fail_case("%s: the error is '%s'", cases[i].name, error);
        if (fd >= 0)
            close(fd);
        free(path);
    }
    free(link);
}

static void a_trap_in_the_place_of_the_steps(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("not root");
    char *run = path_join(top, "run");
    char *steps = path_join(top, "run/steps");
    make("run", 0755, 0);
    assert_int_equal(symlink("/tmp", steps), 0);
    assert_int_equal(rundir_open_steps(run, true, error), -1);
    assert_non_null(strstr(error, steps));
    assert_int_equal(unlink(steps), 0);
    make("run/steps", 0700, 60001);
    assert_int_equal(rundir_open_steps(run, true, error), -1);
    assert_non_null(strstr(error, "is not root's"));
    free(steps);
    free(run);
}

static void paths_of_any_length(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("not root");
    char *path = malloc(100001);
    assert_non_null(path);
    memset(path, 'd', 100000);
    path[0] = '/';
    path[100000] = '\0';
    assert_int_equal(rundir_open(path, true, error), -1);
    assert_in_range(strlen(error), 1, sizeof(error) - 1);
    assert_int_equal(rundir_open_steps(path, true, error), -1);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_made_where_it_is_absent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_above_must_be_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(traps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_trap_in_the_place_of_the_steps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(paths_of_any_length, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
