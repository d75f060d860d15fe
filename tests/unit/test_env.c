/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/env: an environment as a value. */
#include "support.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool indexed;

static int without_index(void **state)
{
    (void)state;
    indexed = false;
    return 0;
}

static int with_index(void **state)
{
    (void)state;
    indexed = true;
    return 0;
}

static void start(struct env *env, const char *const list[])
{
    env_from(env, list);
    if (indexed)
        env_index(env);
}

static void empty_environments(void **state)
{
    (void)state;
    struct env env;
    for (int with_list = 0; with_list < 2; with_list++) {
        assert_int_equal(env_init(&env, with_list ? (char *const[]){NULL} : NULL), 0);
        assert_int_equal(env.count, 0);
        assert_non_null(env.vars);
        assert_null(env.vars[0]);
        assert_null(env_get(&env, "A"));
        assert_int_equal(env_unset(&env, "A"), 0);
        assert_int_equal(env_bytes(&env), 0);
        env_destroy(&env);
    }
}

static void destroy_is_safe_and_keeps_errno(void **state)
{
    (void)state;
    struct env env = {0};
    errno = ENOTTY;
    env_destroy(&env);
    assert_int_equal(errno, ENOTTY);
    assert_int_equal(env_init(&env, NULL), 0);
    assert_int_equal(env_set(&env, "A", "1"), 0);
    errno = EDOM;
    env_destroy(&env);
    assert_int_equal(errno, EDOM);
    assert_null(env.vars);
    assert_int_equal(env.count, 0);
    env_destroy(&env);
}

static void strings_are_borrowed(void **state)
{
    (void)state;
    static const char *const list[] = {"A=1", "B=2", NULL};
    struct env env;
    start(&env, list);
    assert_ptr_equal(env.vars[0], list[0]);
    assert_ptr_equal(env.vars[1], list[1]);
    assert_null(env.vars[2]);
    assert_int_equal(env_set(&env, "A", "changed"), 0);
    assert_string_equal(list[0], "A=1");
    env_destroy(&env);
}

static void get_finds_whole_names_only(void **state)
{
    (void)state;
    struct env env;
    start(&env, LIST("AB=1", "A=2", "ABC=3", "EMPTY=", "EQUALS=a=b=", "NOTHING", "=odd", ""));
    assert_variable(&env, "A", "2");
    assert_variable(&env, "AB", "1");
    assert_variable(&env, "ABC", "3");
    assert_variable(&env, "EMPTY", "");
    assert_variable(&env, "EQUALS", "a=b=");
    assert_variable(&env, "B", NULL);
    assert_variable(&env, "a", NULL);
    assert_variable(&env, "ABCD", NULL);
    assert_variable(&env, "NOTHING", NULL);
    assert_variable(&env, "", NULL);
    assert_variable(&env, "=", NULL);
    assert_variable(&env, "=odd", NULL);
    env_destroy(&env);
}

static void a_name_may_be_an_entry(void **state)
{
    (void)state;
    struct env env;
    start(&env, LIST("AB=1", "A=2"));
    assert_variable(&env, "A=anything", "2");
    assert_variable(&env, "AB=", "1");
    assert_variable(&env, "ABC=1", NULL);
    assert_int_equal(env_unset(&env, "A=9"), 1);
    assert_variable(&env, "A", NULL);
    assert_variable(&env, "AB", "1");
    env_destroy(&env);
}

static void of_two_entries_the_first_counts(void **state)
{
    (void)state;
    struct env env;
    start(&env, LIST("A=first", "B=b", "A=second", "C=c", "A=third"));
    assert_variable(&env, "A", "first");
    assert_int_equal(env_set(&env, "A", "new"), 0);
    assert_int_equal(env.count, 3);
    assert_string_equal(env.vars[0], "A=new");
    assert_string_equal(env.vars[1], "B=b");
    assert_string_equal(env.vars[2], "C=c");
    assert_null(env.vars[3]);
    env_destroy(&env);
}

static void unset_keeps_the_order_of_the_others(void **state)
{
    (void)state;
    struct env env;
    start(&env, LIST("A=1", "B=2", "A=3", "C=4", "AA=5", "A=6"));
    assert_int_equal(env_unset(&env, "A"), 3);
    assert_int_equal(env.count, 3);
    assert_string_equal(env.vars[0], "B=2");
    assert_string_equal(env.vars[1], "C=4");
    assert_string_equal(env.vars[2], "AA=5");
    assert_null(env.vars[3]);
    assert_int_equal(env_unset(&env, "A"), 0);
    assert_int_equal(env_unset(&env, ""), 0);
    assert_int_equal(env_unset(&env, "=2"), 0);
    assert_int_equal(env.count, 3);
    env_destroy(&env);
}

static void set_refuses_what_is_no_name(void **state)
{
    (void)state;
    static const char *const names[] = {"", "=", "A=", "A=B", "=A"};
    struct env env;
    start(&env, LIST("A=1"));
    for (size_t i = 0; i < COUNT(names); i++) {
        errno = 0;
        assert_int_equal(env_set(&env, names[i], "x"), -1);
        assert_int_equal(errno, EINVAL);
    }
    assert_int_equal(env.count, 1);
    assert_variable(&env, "A", "1");
    env_destroy(&env);
}

static void a_value_may_come_from_the_environment_itself(void **state)
{
    (void)state;
    struct env env;
    start(&env, LIST("A=1"));
    assert_int_equal(env_set(&env, "B", "two"), 0);
    assert_int_equal(env_set(&env, "B", env_get(&env, "B") + 1), 0);
    assert_variable(&env, "B", "wo");
    const char *kept = env_get(&env, "B");
    assert_int_equal(env_set(&env, "B", "other"), 0);
    assert_string_equal(kept, "wo"); /* lives as long as the environment */
    env_destroy(&env);
}

static void it_grows(void **state)
{
    (void)state;
    struct env env;
    char name[32];
    start(&env, NO_STRINGS);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 1000; i++) {
            snprintf(name, sizeof(name), "NAME_%d", i);
            assert_int_equal(env_set(&env, name, round ? name : "old"), 0);
        }
    }
    assert_int_equal(env.count, 1000);
    assert_null(env.vars[1000]);
    assert_variable(&env, "NAME_0", "NAME_0");
    assert_variable(&env, "NAME_999", "NAME_999");
    env_destroy(&env);
}

static void values_may_hold_any_byte(void **state)
{
    (void)state;
    char value[256];
    struct env env;
    for (int i = 0; i < 255; i++)
        value[i] = (char)(i + 1);
    value[255] = '\0';
    start(&env, NO_STRINGS);
    assert_int_equal(env_set(&env, "A", value), 0);
    assert_variable(&env, "A", value);
    env_destroy(&env);
}

static void bytes_are_what_execve_counts(void **state)
{
    (void)state;
    struct env env;
    start(&env, LIST("A=1", "LONGER=value"));
    assert_int_equal(env_bytes(&env), 4 + 13 + 2 * sizeof(char *));
    env_unset(&env, "A");
    assert_int_equal(env_bytes(&env), 13 + sizeof(char *));
    env_destroy(&env);
}

static void edits_go_by_position(void **state)
{
    (void)state;
    struct env env;
    const struct env_edit edits[] = {{0, NULL}, {2, "new"}, {4, NULL}};
    start(&env, LIST("A=1", "B=2", "C=3", "A=4", "D=5", "E=6"));
    assert_int_equal(env_first(&env, 3), 0);
    assert_int_equal(env_first(&env, 5), 5);
    assert_int_equal(env_edit(&env, edits, COUNT(edits)), 0);
    assert_int_equal(env.count, 4);
    assert_string_equal(env.vars[0], "B=2");
    assert_string_equal(env.vars[1], "C=new");
    assert_string_equal(env.vars[2], "A=4");
    assert_string_equal(env.vars[3], "E=6");
    assert_null(env.vars[4]);
    assert_variable(&env, "A", "4");
    assert_variable(&env, "D", NULL);
    assert_variable(&env, "E", "6");
    env_destroy(&env);
}

static void a_copy_is_one_of_its_own(void **state)
{
    (void)state;
    struct env env, copy;
    start(&env, LIST("A=1", "B=2", "B=3"));
    assert_int_equal(env_copy(&copy, &env), 0);
    env_unset(&env, "A");
    assert_int_equal(env_set(&copy, "B", "new"), 0);
    assert_int_equal(copy.count, 2);
    assert_variable(&copy, "A", "1");
    assert_variable(&copy, "B", "new");
    assert_variable(&env, "A", NULL);
    assert_variable(&env, "B", "2");
    env_destroy(&env);
    env_destroy(&copy);
}

static void name_length_of_entries(void **state)
{
    (void)state;
    assert_int_equal(env_name_length("AB=C"), 2);
    assert_int_equal(env_name_length("A="), 1);
    assert_int_equal(env_name_length("A=B=C"), 1);
    assert_int_equal(env_name_length("AB"), 0);
    assert_int_equal(env_name_length("=A"), 0);
    assert_int_equal(env_name_length(""), 0);
}

#define BOTH(test)                                                                                 \
    cmocka_unit_test_setup(test, without_index),                                                   \
    {                                                                                              \
#test ", with an index", test, with_index, NULL, NULL                                      \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(empty_environments),
        BOTH(destroy_is_safe_and_keeps_errno),
        BOTH(strings_are_borrowed),
        BOTH(get_finds_whole_names_only),
        BOTH(a_name_may_be_an_entry),
        BOTH(of_two_entries_the_first_counts),
        BOTH(unset_keeps_the_order_of_the_others),
        BOTH(set_refuses_what_is_no_name),
        BOTH(a_value_may_come_from_the_environment_itself),
        BOTH(it_grows),
        BOTH(values_may_hold_any_byte),
        BOTH(bytes_are_what_execve_counts),
        BOTH(edits_go_by_position),
        BOTH(a_copy_is_one_of_its_own),
        BOTH(name_length_of_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
