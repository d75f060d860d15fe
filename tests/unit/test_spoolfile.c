/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/spoolfile: files that are there whole or not at all, in directories that nobody else can
 * have a hand in. */
#include "support.h"

#include "collect/spoolfile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOMEBODY = 65534 };

static char *top;
static int directory = -1;

static int set_up(void **state)
{
    (void)state;
    top = directory_make();
    directory = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return directory < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    close(directory);
    directory_remove(top);
    return 0;
}

/* Open a directory below top. Returns 0 or an errno; closes it. */
static int open_below(const char *name)
{
    char *path = path_join(top, name);
    errno = 0;
    int fd = spoolfile_directory(path);
    int error = fd < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    free(path);
    return error;
}

static unsigned mode_of(const char *name)
{
    struct stat status;
    assert_int_equal(fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW), 0);
    return status.st_mode & 07777;
}

static void directories_are_made(void **state)
{
    (void)state;
    mode_t mask = umask(022);
    assert_int_equal(open_below("a/b/c"), 0);
    assert_int_equal(mode_of("a"), 0755);
    assert_int_equal(mode_of("a/b"), 0755);
    assert_int_equal(mode_of("a/b/c"), 0700);
    assert_int_equal(open_below("a/b/c"), 0);
    assert_int_equal(open_below("a//d///"), 0);
    assert_int_equal(mode_of("a/d"), 0700);
    umask(mask);
}

static void directories_that_others_write_in(void **state)
{
    (void)state;
    assert_int_equal(open_below("a/b"), 0);
    assert_int_equal(fchmodat(directory, "a", 0777, 0), 0);
    assert_int_equal(open_below("a/b"), EPERM);
    assert_int_equal(open_below("a/new"), EPERM);
    assert_int_equal(open_below("a"), EPERM);
    assert_int_equal(fchmodat(directory, "a", 0770, 0), 0);
    assert_int_equal(open_below("a/b"), EPERM);
    assert_int_equal(fchmodat(directory, "a", 01777, 0), 0);
    assert_int_equal(open_below("a/b"), 0); /* as in /tmp: what is there is protected */
    assert_int_equal(open_below("a"), EPERM);
    assert_int_equal(fchmodat(directory, "a", 0755, 0), 0);
    assert_int_equal(fchmodat(directory, "a/b", 0720, 0), 0);
    assert_int_equal(open_below("a/b"), EPERM);
    assert_int_equal(open_below("a/b/c"), EPERM);
}

static void directories_of_somebody_else(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("only root can give a directory away");
    assert_int_equal(open_below("a/b/c"), 0);
    assert_int_equal(fchownat(directory, "a/b", SOMEBODY, SOMEBODY, 0), 0);
    assert_int_equal(open_below("a/b/c"), EPERM);
    assert_int_equal(open_below("a/b"), EPERM);
    assert_int_equal(fchownat(directory, "a/b", 0, 0, 0), 0);
    assert_int_equal(open_below("a/b/c"), 0);
}

static void links_in_a_directory_of_all(void **state)
{
    (void)state;
    assert_int_equal(open_below("real"), 0);
    assert_int_equal(open_below("all/x"), 0);
    assert_int_equal(symlinkat("../real", directory, "all/link"), 0);
    assert_int_equal(open_below("all/link"), 0); /* of ours, in a directory of ours */
    assert_int_equal(fchmodat(directory, "all", 01777, 0), 0);
    int error = open_below("all/link");
    assert_true(error == ELOOP || error == ENOTDIR);
    error = open_below("all/link/more");
    assert_true(error == ELOOP || error == ENOTDIR);
}

static void what_is_no_directory(void **state)
{
    (void)state;
    char path[5000];
    file_write(top, "file", "", 0600);
    assert_int_equal(open_below("file"), ENOTDIR);
    assert_int_equal(open_below("file/more"), ENOTDIR);
    assert_int_equal(symlinkat("nowhere", directory, "dangling"), 0);
    assert_int_equal(open_below("dangling"), ENOENT);
    memset(path, '/', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(spoolfile_directory(path), -1);
    assert_int_equal(errno, ENAMETOOLONG);
}

static void check_file(const char *name, const char *expected)
{
    size_t length;
    char *text = spoolfile_read(directory, name, &length);
    assert_non_null(text);
    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
    free(text);
}

static void files_there_and_back(void **state)
{
    (void)state;
    assert_int_equal(spoolfile_replace(directory, "1.0", LIST("a", "", "b\n"), 3), 0);
    check_file("1.0", "ab\n");
    assert_int_equal(mode_of("1.0"), 0600);
    assert_int_equal(spoolfile_replace(directory, "1.0", LIST("c"), 1), 0);
    check_file("1.0", "c");
    assert_int_equal(spoolfile_replace(directory, "1.0", NO_STRINGS, 0), 0);
    check_file("1.0", "");
    assert_int_equal(faccessat(directory, "1.0.new", F_OK, 0), -1);
}

static void what_could_not_be_made_is_not_written(void **state)
{
    (void)state;
    const char *const lines[] = {"new", NULL};
    file_write(top, "1.0", "old", 0600);
    assert_int_equal(spoolfile_replace(directory, "1.0", lines, 2), -1);
    assert_int_equal(errno, ENOMEM);
    check_file("1.0", "old");
    assert_int_equal(faccessat(directory, "1.0.new", F_OK, 0), -1);
}

/* A collector that was killed has left its temporary file; or it is a trap. */
static void what_stands_in_the_way(void **state)
{
    (void)state;
    file_write(top, "victim", "victim", 0600);
    file_write(top, "1.0.new", "rest", 0644);
    assert_int_equal(spoolfile_replace(directory, "1.0", LIST("a"), 1), 0);
    check_file("1.0", "a");
    assert_int_equal(mode_of("1.0"), 0600);
    assert_int_equal(symlinkat("victim", directory, "1.0.new"), 0);
    assert_int_equal(spoolfile_replace(directory, "1.0", LIST("b"), 1), 0);
    assert_int_equal(unlinkat(directory, "1.0", 0), 0);
    assert_int_equal(symlinkat("victim", directory, "1.0"), 0);
    assert_int_equal(spoolfile_replace(directory, "1.0", LIST("c"), 1), 0);
    check_file("1.0", "c");
    check_file("victim", "victim");
}

static void what_is_not_read(void **state)
{
    (void)state;
    size_t length;
    assert_null(spoolfile_read(directory, "missing", &length));
    assert_int_equal(errno, ENOENT);
    file_write(top, "file", "text", 0600);
    assert_int_equal(symlinkat("file", directory, "link"), 0);
    assert_null(spoolfile_read(directory, "link", &length));
    assert_int_equal(errno, ELOOP);
    assert_int_equal(mkdirat(directory, "sub", 0700), 0);
    assert_null(spoolfile_read(directory, "sub", &length));
    assert_int_equal(mkfifoat(directory, "fifo", 0600), 0);
    alarm(20);
    assert_null(spoolfile_read(directory, "fifo", &length));
    alarm(0);
    assert_int_equal(mknodat(directory, "socket", S_IFSOCK | 0600, 0), 0);
    assert_null(spoolfile_read(directory, "socket", &length));
    for (int more = 0; more < 2; more++) {
        char *path = path_join(top, "large");
        file_write(top, "large", "", 0600);
        assert_int_equal(truncate(path, 64 * 1024 * 1024 + more), 0);
        char *text = spoolfile_read(directory, "large", &length);
        assert_int_equal(text == NULL, more);
        if (more)
            assert_int_equal(errno, EFBIG);
        free(text);
        free(path);
    }
}

static void a_nul_is_a_byte(void **state)
{
    (void)state;
    size_t length;
    int fd = openat(directory, "nul", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "a\0b", 3), 3);
    close(fd);
    char *text = spoolfile_read(directory, "nul", &length);
    assert_non_null(text);
    assert_int_equal(length, 3);
    assert_memory_equal(text, "a\0b", 4);
    free(text);
}

static void full_disk_leaves_the_old_file(int where, int error)
{
    static char line[8192];
    size_t length;
    memset(line, 'x', sizeof(line) - 1);
    assert_int_equal(spoolfile_replace(where, "1.0", LIST("old"), 1), 0);
    for (int i = 0; i < 3; i++) {
        const char *lines[20];
        for (size_t j = 0; j < COUNT(lines); j++)
            lines[j] = line;
        errno = 0;
        assert_int_equal(spoolfile_replace(where, "1.0", lines, COUNT(lines)), -1);
        assert_int_equal(errno, error);
        assert_int_equal(faccessat(where, "1.0.new", F_OK, 0), -1);
        char *text = spoolfile_read(where, "1.0", &length);
        assert_non_null(text);
        assert_string_equal(text, "old");
        free(text);
    }
    assert_int_equal(spoolfile_replace(where, "1.0", LIST("new"), 1), 0);
}

static void a_file_size_limit(void **state)
{
    (void)state;
    struct rlimit old, limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    limit = (struct rlimit){20000, old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    /* First a part of a line is written, which is as if the disk were full. */
    full_disk_leaves_the_old_file(directory, ENOSPC);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_DFL);
}

/* Returns 0, or the error of opening a log below top; what is written to it stays there. */
static int log_below(const char *name)
{
    char *path = path_join(top, name);
    int fd = spoolfile_log(path);
    int error = fd < 0 ? errno : 0;
    if (fd >= 0 && (write(fd, "line\n", 5) != 5 || close(fd) != 0))
        error = EIO;
    free(path);
    return error;
}

static void logs(void **state)
{
    (void)state;
    assert_int_equal(mkdirat(directory, "log", 0755), 0);
    assert_int_equal(log_below("log/new"), 0);
    assert_int_equal(log_below("log/new"), 0);
    assert_int_equal(mode_of("log/new") & 0137, 0);
    check_file("log/new", "line\nline\n");
    assert_int_equal(log_below("log/missing/new"), ENOENT);
    assert_int_equal(symlinkat("new", directory, "log/link"), 0);
    assert_int_equal(log_below("log/link"), ELOOP);
    assert_int_equal(log_below("log"), EISDIR);
    assert_int_equal(linkat(directory, "log/new", directory, "log/second", 0), 0);
    assert_int_equal(log_below("log/new"), EPERM);
    assert_int_equal(unlinkat(directory, "log/second", 0), 0);
    assert_int_equal(fchmodat(directory, "log", 0775, 0), 0);
    assert_int_equal(log_below("log/new"), 0); /* a group is the administrator's to choose */
    assert_int_equal(fchmodat(directory, "log", 0777, 0), 0);
    assert_int_equal(log_below("log/new"), EPERM);
    assert_int_equal(fchmodat(directory, "log", 01777, 0), 0);
    assert_int_equal(log_below("log/new"), 0);
    check_file("log/new", "line\nline\nline\nline\n");
}

static void logs_of_somebody_else(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("only root can give a file away");
    assert_int_equal(mkdirat(directory, "log", 0755), 0);
    assert_int_equal(mkdirat(directory, "log/deep", 0755), 0);
    assert_int_equal(log_below("log/deep/file"), 0);
    assert_int_equal(fchownat(directory, "log/deep/file", SOMEBODY, SOMEBODY, 0), 0);
    assert_int_equal(log_below("log/deep/file"), EPERM);
    assert_int_equal(fchownat(directory, "log/deep/file", 0, 0, 0), 0);
    assert_int_equal(fchownat(directory, "log", SOMEBODY, SOMEBODY, 0), 0);
    assert_int_equal(log_below("log/deep/file"), EPERM);
    check_file("log/deep/file", "line\n");
}

static void a_full_disk(void **state)
{
    (void)state;
    char *path = path_join(top, "disk");
    assert_int_equal(mkdir(path, 0700), 0);
    if (mount("none", path, "tmpfs", 0, "size=64k,mode=0700") != 0) {
        free(path);
        leave_out("no file system can be mounted here");
    }
    int disk = spoolfile_directory(path);
    assert_true(disk >= 0);
    full_disk_leaves_the_old_file(disk, ENOSPC);
    close(disk);
    assert_int_equal(umount(path), 0);
    free(path);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(directories_are_made),
        TEST(directories_that_others_write_in),
        TEST(directories_of_somebody_else),
        TEST(links_in_a_directory_of_all),
        TEST(what_is_no_directory),
        TEST(files_there_and_back),
        TEST(what_could_not_be_made_is_not_written),
        TEST(what_stands_in_the_way),
        TEST(what_is_not_read),
        TEST(a_nul_is_a_byte),
        TEST(a_file_size_limit),
        TEST(a_full_disk),
        TEST(logs),
        TEST(logs_of_somebody_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
