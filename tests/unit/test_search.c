/* SPDX-License-Identifier: GPL-2.0-or-later */
/* launch/search: the real launcher in PATH, with real files. */
#include "support.h"

#include "launch/search.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Directories: first and second have a launcher each; ours has links to this very program under the
 * name of every launcher; plain has a file that cannot be executed; odd has a directory called
 * mpirun and a link to nowhere; empty has nothing.
 */
static char *top;
static const char *const directories[] = {"first", "second", "ours", "plain", "odd", "empty"};

static void link_in(const char *directory, const char *name, const char *target)
{
    char *parent = path_join(top, directory);
    char *path = path_join(parent, name);
    assert_int_equal(symlink(target, path), 0);
    free(path);
    free(parent);
}

static int set_up(void **state)
{
    (void)state;
    top = directory_make();
    for (size_t i = 0; i < COUNT(directories); i++) {
        char *path = path_join(top, directories[i]);
        assert_int_equal(mkdir(path, 0755), 0);
        free(path);
    }
    file_write(top, "first/mpirun", "#!/bin/sh\n", 0755);
    file_write(top, "second/mpirun", "#!/bin/sh\n", 0755);
    file_write(top, "second/mpiexec", "#!/bin/sh\n", 0755);
    file_write(top, "plain/mpirun", "#!/bin/sh\n", 0644);
    link_in("ours", "mpirun", "/proc/self/exe");
    link_in("ours", "mpiexec", "/proc/self/exe");
    link_in("odd", "mpirun", "/nonexistent/mpirun");
    char *path = path_join(top, "odd/mpiexec");
    assert_int_equal(mkdir(path, 0755), 0);
    free(path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    directory_remove(top);
    return 0;
}

/* Write pattern with each '@' replaced by our directory and a '/'. */
static const char *expand(const char *pattern)
{
    static char text[PATH_MAX * 4];
    size_t at = 0;
    for (const char *c = pattern; *c; c++) {
        int length = *c == '@' ? snprintf(text + at, sizeof(text) - at, "%s/", top)
                               : snprintf(text + at, sizeof(text) - at, "%c", *c);
        at += (size_t)length;
        assert_true(at < sizeof(text));
    }
    text[at] = '\0';
    return text;
}

static void check(const char *name, const char *path, const char *found, int error)
{
    char *searched = strdup(expand(path));
    assert_non_null(searched);
    errno = 0;
    char *file = search_launcher(name, searched);
    int reported = errno;
    assert_text(path, file, found ? expand(found) : NULL);
    if (!found && reported != error)
        fail_case("%s: %s, expected %s", path, strerror(reported), strerror(error));
    free(file);
    free(searched);
}

static void what_comes_after_ours(void **state)
{
    (void)state;
    check("mpirun", "@ours:@first:@second", "@first/mpirun", 0);
    check("mpirun", "@ours:@second:@first", "@second/mpirun", 0);
    check("mpirun", "@first:@ours:@second", "@second/mpirun", 0);
    check("mpiexec", "@ours:@first:@second", "@second/mpiexec", 0);
    check("mpirun", "@empty:@ours:@empty:@nowhere:@first", "@first/mpirun", 0);
    check("mpirun", "@ours:@ours:@first:@ours", "@first/mpirun", 0);
    check("mpirun", "@ours/:@first/", "@first//mpirun", 0);
}

static void all_of_path_where_ours_is_not_in_it(void **state)
{
    (void)state;
    check("mpirun", "@first:@second", "@first/mpirun", 0);
    check("mpirun", "@empty:@second:@first", "@second/mpirun", 0);
    check("mpiexec", "@first:@second", "@second/mpiexec", 0);
}

static void nothing_is_found(void **state)
{
    (void)state;
    check("mpirun", "@ours", NULL, ENOENT);
    check("mpirun", "@ours:@empty", NULL, ENOENT);
    check("mpirun", "@first:@ours", NULL, ENOENT); /* before ours is not after it */
    check("mpirun", "@empty:@nowhere", NULL, ENOENT);
    check("orterun", "@first:@second", NULL, ENOENT);
    check("mpirun", "@ours:@ours", NULL, ENOENT);
    check("mpi", "@first", NULL, ENOENT);
}

static void files_that_cannot_be_executed(void **state)
{
    (void)state;
    check("mpirun", "@ours:@plain:@second", "@second/mpirun", 0);
    check("mpirun", "@plain:@second", "@second/mpirun", 0);
    check("mpirun", "@ours:@plain", NULL, EACCES);
    check("mpirun", "@ours:@plain:@empty", NULL, EACCES);
    check("mpirun", "@plain", NULL, EACCES);
    check("mpirun", "@ours:@odd:@second", "@second/mpirun", 0);
    check("mpirun", "@ours:@odd", NULL, ENOENT);
    check("mpiexec", "@ours:@odd:@second", "@second/mpiexec", 0);
}

/* Whatever it is called and wherever it is: this program is not the one to become. */
static void ourselves_by_other_names(void **state)
{
    (void)state;
    link_in("first", "mpirun.mpich", "/proc/self/exe");
    file_write(top, "second/mpirun.mpich", "#!/bin/sh\n", 0755);
    check("mpirun.mpich", "@first:@second", "@second/mpirun.mpich", 0);
    check("mpirun.mpich", "@second:@first", NULL, ENOENT);
    link_in("empty", "mpirun.openmpi", "../ours/mpirun");
    check("mpirun.openmpi", "@empty", NULL, ENOENT);
}

static void a_hard_link_is_ourselves_too(void **state)
{
    (void)state;
    char self[PATH_MAX];
    struct stat by_name;
    struct stat by_link;
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    assert_true(length > 0);
    self[length] = '\0';
    char *path = path_join(top, "first/prterun");
    bool same = stat(self, &by_name) == 0 && stat("/proc/self/exe", &by_link) == 0 &&
                by_name.st_ino == by_link.st_ino;
    if (!same || link(self, path) != 0) {
        free(path);
        leave_out("no hard link to this program, or valgrind");
    }
    check("prterun", "@first", NULL, ENOENT);
    file_write(top, "second/prterun", "#!/bin/sh\n", 0755);
    check("prterun", "@first:@second", "@second/prterun", 0);
    free(path);
}

/* An empty element is the current directory. */
static void empty_elements(void **state)
{
    (void)state;
    static const char *const paths[] = {"",         "@ours:",          "@ours::@second",
                                        ":@second", "@empty::@second", "@ours:@empty:"};
    char here[PATH_MAX];
    assert_non_null(getcwd(here, sizeof(here)));
    char *first = path_join(top, "first");
    char *empty = path_join(top, "empty");
    assert_int_equal(chdir(first), 0);
    for (size_t i = 0; i < COUNT(paths); i++)
        check("mpirun", paths[i], "./mpirun", 0);
    check("mpirun", "@ours:.", "./mpirun", 0);
    assert_int_equal(chdir(empty), 0);
    check("mpirun", "", NULL, ENOENT);
    check("mpirun", ":@second", "@second/mpirun", 0);
    assert_int_equal(chdir(here), 0);
    free(empty);
    free(first);
}

/* Without PATH there is a standard one (execvp(3)); "sh" stands for a launcher there. */
static void without_path(void **state)
{
    (void)state;
    char *file = search_launcher("sh", NULL);
    assert_non_null(file);
    assert_string_equal(strrchr(file, '/'), "/sh");
    assert_int_equal(file[0], '/');
    assert_int_equal(access(file, X_OK), 0);
    free(file);
    assert_null(search_launcher("no-launcher-of-this-name", NULL));
    assert_int_equal(errno, ENOENT);
}

static void a_very_long_path(void **state)
{
    (void)state;
    enum { ELEMENTS = 5000 };
    char *path = malloc(ELEMENTS * 16 + PATH_MAX);
    assert_non_null(path);
    size_t at = 0;
    for (int i = 0; i < ELEMENTS; i++)
        at += (size_t)sprintf(path + at, "/no/%d:", i);
    strcpy(path + at, expand("@second"));
    char *file = search_launcher("mpirun", path);
    assert_text("a long path", file, expand("@second/mpirun"));
    free(file);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_after_ours),
        cmocka_unit_test(all_of_path_where_ours_is_not_in_it),
        cmocka_unit_test(nothing_is_found),
        cmocka_unit_test(files_that_cannot_be_executed),
        cmocka_unit_test(ourselves_by_other_names),
        cmocka_unit_test(a_hard_link_is_ourselves_too),
        cmocka_unit_test(empty_elements),
        cmocka_unit_test(without_path),
        cmocka_unit_test(a_very_long_path),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
