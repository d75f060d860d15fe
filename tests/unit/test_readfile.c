/* SPDX-License-Identifier: GPL-2.0-or-later */
/* launch/readfile: whole files, their limits, and a site's rules from a file. */
#include "support.h"

#include "launch/readfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *top;

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

static void files_of_any_size(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 8192, 8193, 100000};
    char *path = path_join(top, "file");
    for (size_t i = 0; i < COUNT(sizes); i++) {
        char *text = malloc(sizes[i] + 1);
        size_t length = 1;
        assert_non_null(text);
        memset(text, 'x', sizes[i]);
        text[sizes[i]] = '\0';
        file_write(top, "file", text, 0600);
        char *read = readfile(path, sizes[i], &length);
        assert_non_null(read);
        assert_int_equal(length, sizes[i]);
        assert_string_equal(read, text);
        free(read);
        if (sizes[i]) {
            errno = 0;
            assert_null(readfile(path, sizes[i] - 1, &length));
            assert_int_equal(errno, EFBIG);
        }
        free(text);
    }
    free(path);
}

static void files_that_cannot_be_read(void **state)
{
    (void)state;
    size_t length;
    assert_null(readfile("/nonexistent/file", 100, &length));
    assert_int_equal(errno, ENOENT);
    assert_null(readfile(top, 100, &length));
    assert_int_equal(errno, EISDIR);
}

static void files_without_a_size(void **state)
{
    (void)state;
    size_t length;
    char *text = readfile("/proc/self/status", 100000, &length);
    assert_non_null(text);
    assert_int_equal(strncmp(text, "Name:", 5), 0);
    assert_int_equal(strlen(text), length);
    free(text);
}

static void a_fifo_holds_nobody_up(void **state)
{
    (void)state;
    size_t length;
    char *path = path_join(top, "fifo");
    assert_int_equal(mkfifo(path, 0600), 0);
    alarm(20);
    free(readfile(path, 100, &length)); /* whatever it gives, it gives it at once */
    alarm(0);
    free(path);
}

static void files_of_root_alone(void **state)
{
    (void)state;
    size_t length;
    char *path = path_join(top, "file");
    char *link = path_join(top, "link");
    if (geteuid() != 0)
        leave_out("only root has files of root's");
    file_write(top, "file", "text", 0644);
    assert_int_equal(symlink(path, link), 0);
    char *text = readfile_root(path, 100, &length);
    assert_string_equal(text, "text");
    free(text);
    assert_null(readfile_root(link, 100, &length));
    assert_int_equal(errno, ELOOP);
    assert_null(readfile_root(top, 100, &length));
    assert_int_equal(errno, EPERM);
    static const mode_t modes[] = {0664, 0646};
    for (size_t i = 0; i < COUNT(modes); i++) {
        assert_int_equal(chmod(path, modes[i]), 0);
        assert_null(readfile_root(path, 100, &length));
        assert_int_equal(errno, EPERM);
    }
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(chown(path, 1, 0), 0);
    assert_null(readfile_root(path, 100, &length));
    assert_int_equal(errno, EPERM);
    free(link);
    free(path);
}

static void rules(void **state)
{
    (void)state;
    struct rules_file file;
    char *path = path_join(top, "rules");
    file_write(top, "rules", "A keep\nB set=1 why\n", 0644);
    assert_int_equal(readfile_rules(&file, path), 0);
    assert_int_equal(file.rules.site_count, 2);
    assert_string_equal(file.error, "");
    rules_file_destroy(&file);
    free(path);
}

static void bad_rules_are_named(void **state)
{
    (void)state;
    struct rules_file file;
    char *path = path_join(top, "rules");
    char *missing = path_join(top, "missing");
    file_write(top, "rules", "A keep\nB drop\n", 0644);
    assert_int_equal(readfile_rules(&file, path), -1);
    assert_non_null(strstr(file.error, path));
    assert_non_null(strstr(file.error, ":2:"));
    assert_int_equal(file.rules.site_count, 0);
    rules_file_destroy(&file);

    assert_int_equal(readfile_rules(&file, missing), -1);
    assert_non_null(strstr(file.error, missing));
    assert_non_null(strstr(file.error, strerror(ENOENT)));
    rules_file_destroy(&file);

    assert_int_equal(readfile_rules(&file, top), -1);
    assert_non_null(strstr(file.error, top));
    rules_file_destroy(&file);
    free(missing);
    free(path);
}

static void rules_are_text(void **state)
{
    (void)state;
    struct rules_file file;
    char *path = path_join(top, "binary");
    FILE *binary = fopen(path, "w");
    assert_non_null(binary);
    assert_int_equal(fwrite("A keep\n\0B keep\n", 1, 15, binary), 15);
    assert_int_equal(fclose(binary), 0);
    assert_int_equal(readfile_rules(&file, path), -1);
    assert_non_null(strstr(file.error, path));
    assert_int_equal(file.rules.site_count, 0);
    rules_file_destroy(&file);
    free(path);
}

static void rules_without_an_end(void **state)
{
    (void)state;
    struct rules_file file;
    assert_int_equal(readfile_rules(&file, "/dev/zero"), -1);
    assert_non_null(strstr(file.error, "/dev/zero"));
    rules_file_destroy(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_any_size),    cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(files_without_a_size), cmocka_unit_test(a_fifo_holds_nobody_up),
        cmocka_unit_test(files_of_root_alone),  cmocka_unit_test(rules),
        cmocka_unit_test(bad_rules_are_named),  cmocka_unit_test(rules_are_text),
        cmocka_unit_test(rules_without_an_end),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
