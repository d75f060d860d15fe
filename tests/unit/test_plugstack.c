/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli/plugstack: lines, includes and limits as slurm plugstack.c has them. */
#include "support.h"

#include "cli/plugstack.h"

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

static void lines(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum plugstack_kind kind;
        const char *path;
        const char *last; /* word, if any */
        int argc;
    } cases[] = {
        {"", PLUGSTACK_NOTHING, NULL, NULL, 0},
        {" \t\n", PLUGSTACK_NOTHING, NULL, NULL, 0},
        {"# optional a.so\n", PLUGSTACK_NOTHING, NULL, NULL, 0},
        {"optional a.so\n", PLUGSTACK_OPTIONAL, "a.so", NULL, 0},
        {"\trequired  /b/a.so  x=1 y", PLUGSTACK_REQUIRED, "/b/a.so", "y", 2},
        {"optional a.so x=1 # y=2\n", PLUGSTACK_OPTIONAL, "a.so", "x=1", 1},
        {"optional a.so#x=1", PLUGSTACK_OPTIONAL, "a.so", NULL, 0},
        {"include *.conf\n", PLUGSTACK_INCLUDE, "*.conf", NULL, 0},
        {"Optional a.so", PLUGSTACK_INVALID, "a.so", NULL, 0},
        {"optional", PLUGSTACK_INVALID, NULL, NULL, 0},
        {"optional # a.so", PLUGSTACK_INVALID, NULL, NULL, 0},
        {"a", PLUGSTACK_INVALID, NULL, NULL, 0},
        {"a b c d", PLUGSTACK_INVALID, "b", "d", 2},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct plugstack_line line;
        assert_int_equal(plugstack_parse(&line, cases[i].text), 0);
        if (line.kind != cases[i].kind || line.argc != cases[i].argc)
            fail_case("'%s': kind %d, %d words", cases[i].text, line.kind, line.argc);
        assert_text(cases[i].text, line.path, cases[i].path);
        assert_text(cases[i].text, line.argc ? line.argv[line.argc - 1] : NULL, cases[i].last);
        free(line.text);
        free(line.argv);
    }
}

/* "PATH FILE:NUMBER …" of all lines, the files without their directory. */
static char *listed(const char *name)
{
    struct plugstack stack;
    char *text = NULL;
    size_t size;
    char *path = path_join(top, name);
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_int_equal(plugstack_read(&stack, path), 0);
    for (size_t i = 0; i < stack.count; i++)
        fprintf(stream, "%s%s %s:%u", i ? ", " : "", stack.lines[i].path,
                strrchr(stack.lines[i].file, '/') + 1, stack.lines[i].number);
    if (stack.unreadable)
        fprintf(stream, " unreadable %s", strrchr(stack.unreadable, '/') + 1);
    plugstack_destroy(&stack);
    free(path);
    fclose(stream);
    return text;
}

static void assert_listed(const char *name, const char *expected)
{
    char *text = listed(name);
    assert_text(name, text, expected);
    free(text);
}

static void includes(void **state)
{
    (void)state;
    char text[4096];
    char *below = path_join(top, "d");
    assert_int_equal(mkdir(below, 0700), 0);
    snprintf(text, sizeof(text), "optional a\ninclude d/*.conf\ninclude %s/2.conf\nrequired z\n",
             below);
    file_write(top, "stack", text, 0600);
    file_write(below, "1.conf", "\noptional one x", 0600);
    /* Beside the file that includes, not the first one. */
    file_write(below, "2.conf", "optional two\ninclude more\ninclude nothing\n", 0600);
    file_write(below, "more", "optional three\nnonsense x\n", 0600);
    file_write(below, "other", "optional other\n", 0600);
    assert_listed("stack", "a stack:1, one 1.conf:2, two 2.conf:1, three more:1, x more:2, "
                           "two 2.conf:1, three more:1, x more:2, z stack:4");
    free(below);
}

static void files_that_are_not_there_or_not_to_be_read(void **state)
{
    (void)state;
    assert_listed("absent", "");
    file_write(top, "outer", "include absent\ninclude locked\noptional a\n", 0600);
    assert_listed("outer", "a outer:3");
    file_write(top, "locked", "optional b\n", 0);
    assert_listed("outer",
                  geteuid() == 0 ? "b locked:1, a outer:3" : "a outer:3 unreadable locked");
}

static void a_file_that_includes_itself_has_an_end(void **state)
{
    (void)state;
    file_write(top, "self", "optional a\ninclude self\n", 0600);
    char *text = listed("self");
    assert_true(strlen(text) > 8 && strlen(text) < 1000);
    free(text);
}

static void long_lines_are_cut_where_slurm_cuts_them(void **state)
{
    (void)state;
    char *text = malloc(10000);
    assert_non_null(text);
    memset(text, 'x', 9999);
    memcpy(text, "optional a ", 11);
    memcpy(text + 4095, "optional b\noptional c\n", 23);
    file_write(top, "long", text, 0600);
    assert_listed("long", "a long:1, b long:2, c long:3");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(includes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_that_are_not_there_or_not_to_be_read, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_includes_itself_has_an_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_lines_are_cut_where_slurm_cuts_them, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
