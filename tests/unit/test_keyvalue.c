/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/keyvalue: lines that hold what they were given, and lines from anybody. */
#include "support.h"

#include "core/keyvalue.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static void lines_are_added(void **state)
{
    (void)state;
    char text[256] = "";
    struct keyvalue to = {.text = text, .size = sizeof(text)};
    keyvalue_add(&to, "a", "1=2 3");
    keyvalue_add_number(&to, "most", ULLONG_MAX);
    keyvalue_add(&to, "empty", "");
    keyvalue_add(&to, "bytes", "\xc3\xa9\xff~");
    assert_string_equal(text, "a=1=2 3\nmost=18446744073709551615\nempty=\nbytes=\xc3\xa9\xff~\n");
    assert_int_equal(to.length, strlen(text));
    assert_false(to.overflow);
}

static void a_value_is_one_line(void **state)
{
    (void)state;
    char text[64];
    struct keyvalue to = {.text = text, .size = sizeof(text)};
    keyvalue_add(&to, "path", "/a\nuid=0\r\t\x1b\x7f\x01");
    assert_string_equal(text, "path=/a?uid=0?????\n");
}

static void what_does_not_fit_is_left_out(void **state)
{
    (void)state;
    for (size_t size = 0; size < 16; size++) {
        char *text = malloc(size ? size : 1); /* of that size, so that valgrind sees more */
        struct keyvalue to = {.text = text, .size = size};
        keyvalue_add(&to, "a", "1");
        keyvalue_add(&to, "bc", "12345");
        keyvalue_add(&to, "d", "");
        const char *expected = size >= 14 ? "a=1\nbc=12345\n" : size >= 8 ? "a=1\nd=\n" : "";
        if (size >= 5 && size < 8)
            expected = "a=1\n";
        if (size == 4)
            expected = "d=\n";
        assert_int_equal(to.length, strlen(expected));
        if (size)
            assert_string_equal(text, expected);
        assert_int_equal(to.overflow, size < 17);
        free(text);
    }
}

static void lines_are_read(void **state)
{
    (void)state;
    char text[] = "a=1\nb==\n=c\n=\n\xff=\x01\n";
    static const char *const pairs[][2] = {
        {"a", "1"}, {"b", "="}, {"", "c"}, {"", ""}, {"\xff", "\x01"}};
    char *at = text, *key, *value;
    size_t length = strlen(text);
    for (size_t i = 0; i < COUNT(pairs); i++) {
        assert_int_equal(keyvalue_next(&at, &length, &key, &value), 1);
        assert_string_equal(key, pairs[i][0]);
        assert_string_equal(value, pairs[i][1]);
    }
    assert_int_equal(keyvalue_next(&at, &length, &key, &value), 0);
    assert_ptr_equal(at, text + sizeof(text) - 1);
}

static void what_is_no_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {{"a=1", 3},     {"a\n", 2},    {"\n", 1}, {"a\nb=1\n", 6},
                 {"a\0=1\n", 5}, {"a=\0\n", 4}, {"\0", 1}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = malloc(cases[i].length);
        char *at = text, *key, *value;
        size_t length = cases[i].length;
        memcpy(text, cases[i].text, length);
        errno = 0;
        if (keyvalue_next(&at, &length, &key, &value) != -1)
            fail_case("case %zu was read", i);
        assert_int_equal(errno, EINVAL);
        free(text);
    }
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned long long most;
        long long number; /* -1: none */
    } cases[] = {
        {"0", 0, 0},
        {"007", 7, 7},
        {"65535", 65535, 65535},
        {"65536", 65535, -1},
        {"9223372036854775807", ULLONG_MAX, LLONG_MAX},
        {"18446744073709551616", ULLONG_MAX, -1},
        {"99999999999999999999999999", ULLONG_MAX, -1},
        {"", ULLONG_MAX, -1},
        {"-1", ULLONG_MAX, -1},
        {"+1", ULLONG_MAX, -1},
        {" 1", ULLONG_MAX, -1},
        {"1 ", ULLONG_MAX, -1},
        {"0x10", ULLONG_MAX, -1},
        {"1.5", ULLONG_MAX, -1},
        {"1e3", ULLONG_MAX, -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned long long number = 42;
        errno = 0;
        int rc = keyvalue_number(cases[i].text, cases[i].most, &number);
        if (rc != (cases[i].number < 0 ? -1 : 0))
            fail_case("'%s' gives %d", cases[i].text, rc);
        assert_true(number == (rc ? 42 : (unsigned long long)cases[i].number));
        if (rc)
            assert_int_equal(errno, EINVAL);
    }
}

static const char *colour(unsigned position)
{
    return (const char *[]){"red", "green"}[position];
}

static void names(void **state)
{
    (void)state;
    assert_int_equal(keyvalue_name("red", colour, 2), 0);
    assert_int_equal(keyvalue_name("green", colour, 2), 1);
    static const char *const others[] = {"", "blue", "gree", "greens", "Red"};
    for (size_t i = 0; i < COUNT(others); i++) {
        errno = 0;
        assert_int_equal(keyvalue_name(others[i], colour, 2), -1);
        assert_int_equal(errno, EINVAL);
    }
}

static void copies_fit(void **state)
{
    (void)state;
    char out[4] = "old";
    assert_int_equal(keyvalue_copy(out, sizeof(out), "1234"), -1);
    assert_int_equal(errno, EINVAL);
    assert_string_equal(out, "old");
    assert_int_equal(keyvalue_copy(out, sizeof(out), "123"), 0);
    assert_string_equal(out, "123");
    assert_int_equal(keyvalue_copy(out, sizeof(out), ""), 0);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_added),
        cmocka_unit_test(a_value_is_one_line),
        cmocka_unit_test(what_does_not_fit_is_left_out),
        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(what_is_no_line),
        cmocka_unit_test(numbers),
        cmocka_unit_test(names),
        cmocka_unit_test(copies_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
