/* SPDX-License-Identifier: GPL-2.0-or-later */
/* launch/ancestry: a real chain of processes, and what the last of it finds above itself. */
#include "support.h"

#include "launch/ancestry.h"
#include "launch/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The last process of a chain: "COUNT", one line for each ancestor's variables, and the parent's
 * arguments. What it sets itself is not to be seen. */
static int leaf(void)
{
    struct ancestry ancestry;
    setenv("SET_LATER", "1", 1);
    ancestry_read(&ancestry, NULL);
    const struct lineage *lineage = &ancestry.lineage;
    printf("%zu\n", lineage->count);
    for (size_t i = 0; i < lineage->count; i++) {
        const struct env *env = &lineage->ancestors[i].env;
        for (size_t j = 0; j < env->count; j++)
            printf("%s;", env->vars[j]);
        printf("\n");
    }
    char *const *parent = lineage->count ? lineage->ancestors[0].argv : NULL;
    for (size_t i = 1; parent && parent[i]; i++) /* after the name of the program */
        printf("%s;", parent[i]);
    printf("\n");
    ancestry_destroy(&ancestry);
    return 0;
}

/* Line number of output, from 0; cut out of it. */
static const char *line_of(char *output, unsigned number)
{
    char *line = output;
    while (number-- && line)
        line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
    assert_non_null(line);
    static char copy[4096];
    snprintf(copy, sizeof(copy), "%s", line ? line : "");
    copy[strcspn(copy, "\n")] = '\0';
    return copy;
}

static void the_parents_environment_comes_first(void **state)
{
    (void)state;
    const char *const *const groups[] = {LIST("LEVEL=outermost"), LIST("LEVEL=2", "A=1", "EMPTY="),
                                         LIST("LEVEL=3", "B=x=y", "C=a b"), LIST("LEVEL=leaf")};
    char *output = chain_run(groups, COUNT(groups));
    assert_non_null(output);
    assert_true(atoi(output) >= 3);
    assert_text("parent", line_of(output, 1), "LEVEL=3;B=x=y;C=a b;");
    assert_text("grandparent", line_of(output, 2), "LEVEL=2;A=1;EMPTY=;");
    assert_text("outermost", line_of(output, 3), "LEVEL=outermost;");
    free(output);
}

static void the_parents_arguments(void **state)
{
    (void)state;
    const char *const *const groups[] = {LIST("LEVEL=1"), LIST("LEVEL=2"),
                                         LIST("A=", "B=x y", "C=\n\t;")};
    char *output = chain_run(groups, COUNT(groups));
    assert_non_null(output);
    /* The parent's words are what the chain is made of: the last environment. */
    static const char expected[] = "\n--chain;A=;B=x y;C=\n\t;;\n";
    size_t length = strlen(output);
    assert_true(length > sizeof(expected));
    assert_string_equal(output + length - strlen(expected), expected);
    free(output);
}

static void an_empty_environment_is_an_ancestor_too(void **state)
{
    (void)state;
    const char *const *const groups[] = {LIST("LEVEL=1"), NO_STRINGS, LIST("LEVEL=leaf")};
    char *output = chain_run(groups, COUNT(groups));
    assert_non_null(output);
    assert_text("parent", line_of(output, 1), "");
    assert_text("grandparent", line_of(output, 2), "LEVEL=1;");
    free(output);
}

static void a_large_environment(void **state)
{
    (void)state;
    enum { SIZE = 100000 };
    char *large = malloc(SIZE);
    assert_non_null(large);
    memset(large, 'x', SIZE);
    memcpy(large, "LARGE=", 6);
    large[SIZE - 1] = '\0';
    const char *const *const groups[] = {LIST("LEVEL=1"), LIST(large, "LAST=1"), LIST("A=leaf")};
    char *output = chain_run(groups, COUNT(groups));
    assert_non_null(output);
    char *line = strchr(output, '\n') + 1;
    assert_int_equal(strncmp(line, large, SIZE - 1), 0);
    assert_int_equal(strncmp(line + SIZE - 1, ";LAST=1;\n", 9), 0);
    free(output);
    free(large);
}

static void there_is_an_end_to_it(void **state)
{
    (void)state;
    const char *groups_entry[] = {"LEVEL=some", NULL};
    const char *const *groups[ANCESTRY_MAX + 6];
    for (size_t i = 0; i < COUNT(groups); i++)
        groups[i] = groups_entry;
    char *output = chain_run(groups, COUNT(groups));
    assert_non_null(output);
    assert_int_equal(atoi(output), ANCESTRY_MAX);
    assert_text("the last", line_of(output, ANCESTRY_MAX), "LEVEL=some;");
    free(output);
}

/* slurmstepd is root's: what it began with is none of a user's business. */
static void another_users_process_ends_it(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("only root can start another user's process");
    const char *const *const groups[] = {LIST("SECRET=1"), LIST("@uid=65534", "LEVEL=task"),
                                         LIST("LEVEL=program"), LIST("LEVEL=leaf")};
    char *output = chain_run(groups, COUNT(groups));
    if (!output)
        leave_out("this program is out of reach for others");
    assert_text("count", line_of(output, 0), "2");
    assert_text("parent", line_of(output, 1), "LEVEL=program;");
    assert_text("task", line_of(output, 2), "LEVEL=task;");
    assert_null(strstr(output, "SECRET"));
    free(output);
}

static void who_am_i(void **state)
{
    (void)state;
    struct process self = process_self();
    struct process again = process_self();
    assert_int_equal(self.pid, getpid());
    assert_true(self.start > 0);
    assert_true(self.start == again.start);
    /* Field 22, behind a name that may hold anything. */
    char text[4096] = "";
    FILE *file = fopen("/proc/self/stat", "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof(text), file));
    fclose(file);
    char *field = strrchr(text, ')') + 2;
    for (int number = 3; number < 22; number++)
        field = strchr(field, ' ') + 1;
    assert_true(self.start == strtoull(field, NULL, 10));
}

static void destroy_is_safe_and_keeps_errno(void **state)
{
    (void)state;
    static struct ancestry ancestry;
    errno = ENOTTY;
    ancestry_destroy(&ancestry);
    assert_int_equal(errno, ENOTTY);
    ancestry_read(&ancestry, NULL);
    errno = ENOTTY;
    ancestry_destroy(&ancestry);
    assert_int_equal(errno, ENOTTY);
    assert_int_equal(ancestry.lineage.count, 0);
    ancestry_destroy(&ancestry);
}

int main(int argc, char *argv[])
{
    int status;
    if (chain_main(argc, argv, leaf, &status))
        return status;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parents_environment_comes_first),
        cmocka_unit_test(the_parents_arguments),
        cmocka_unit_test(an_empty_environment_is_an_ancestor_too),
        cmocka_unit_test(a_large_environment),
        cmocka_unit_test(there_is_an_end_to_it),
        cmocka_unit_test(another_users_process_ends_it),
        cmocka_unit_test(who_am_i),
        cmocka_unit_test(destroy_is_safe_and_keeps_errno),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
