/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/rules_file: a site's rows from the text of its file. */
#include "support.h"

#include "core/rules_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Parse text, which must be right and hold count rows. */
static const struct rule *parse(struct rules_file *file, const char *text, size_t count)
{
    if (rules_file_parse(file, text, "site.rules") != 0)
        fail_case("'%s': %s", text, file->error);
    assert_int_equal(file->rules.site_count, count);
    assert_string_equal(file->error, "");
    return file->rules.site;
}

static void files_without_rows(void **state)
{
    (void)state;
    static const char *const texts[] = {"",          "\n",           "\n\n\n",     "# only this",
                                        "  \t \r\n", "#\n # a\n\t#", "#A keep why"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct rules_file file;
        parse(&file, texts[i], 0);
        assert_null(rules_match(&file.rules, "A", 1));
        rules_file_destroy(&file);
    }
}

static void every_action(void **state)
{
    (void)state;
    struct rules_file file;
    const struct rule *row = parse(&file,
                                   "OMPI_MCA_one keep    stays for ever\n"
                                   "OMPI_MCA_two*\tunset\tgoes # and this is not told\n"
                                   "  A_3 restore   it was the user's   \n"
                                   "\n"
                                   "B set=value   is given\n"
                                   "C set=%cpus\n"
                                   "D set=$HOME",
                                   6);
    static const enum action actions[] = {ACTION_KEEP, ACTION_UNSET, ACTION_RESTORE,
                                          ACTION_SET,  ACTION_SET,   ACTION_SET};
    static const char *const names[] = {"OMPI_MCA_one", "OMPI_MCA_two*", "A_3", "B", "C", "D"};
    static const char *const values[] = {NULL, NULL, NULL, "value", "%cpus", "$HOME"};
    for (size_t i = 0; i < COUNT(actions); i++) {
        assert_text("pattern", row[i].pattern, names[i]);
        assert_int_equal(row[i].node, actions[i]);
        assert_int_equal(row[i].job, actions[i]);
        assert_int_equal(row[i].family, FAMILY_SITE);
        assert_text(names[i], row[i].value, values[i]);
        assert_null(row[i].needs);
        assert_null(row[i].written);
        assert_non_null(row[i].source);
        assert_true(row[i].why && *row[i].why);
        assert_int_equal(rule_is_tuning(&row[i]), actions[i] == ACTION_RESTORE);
    }
    assert_text("why", row[0].why, "stays for ever");
    assert_int_equal(strncmp(row[1].why, "goes", 4), 0);
    assert_null(strchr(row[1].why, '#'));
    rules_file_destroy(&file);
}

static void lines_may_end_in_CR_LF(void **state)
{
    (void)state;
    struct rules_file file;
    const struct rule *row = parse(&file, "A keep\r\n\r\nB set=1\r\nC unset because\r\n", 3);
    assert_int_equal(row[0].node, ACTION_KEEP);
    assert_text("value", row[1].value, "1");
    assert_text("why", row[2].why, "because");
    rules_file_destroy(&file);
}

static void the_text_is_copied(void **state)
{
    (void)state;
    struct rules_file file;
    char text[] = "A set=1 why";
    const struct rule *row = parse(&file, text, 1);
    memset(text, 'x', sizeof(text) - 1);
    assert_text("pattern", row[0].pattern, "A");
    assert_text("value", row[0].value, "1");
    rules_file_destroy(&file);
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *where;
        const char *word;
    } cases[] = {
        {"A", "f:1:", "''"},
        {"A drop", "f:1:", "'drop'"},
        {"A Keep", "f:1:", "'Keep'"},
        {"A keeps", "f:1:", "'keeps'"},
        {"A set", "f:1:", "'set'"},
        {"A default", "f:1:", "'default'"},
        {"A SET=1", "f:1:", "'SET=1'"},
        {"A* set=1", "f:1:", "'set=1'"},
        {"A = keep", "f:1:", "'='"},
        {"A=1 keep", "f:1:", "'A=1'"},
        {"* keep", "f:1:", "'*'"},
        {"*A keep", "f:1:", "'*A'"},
        {"A*B keep", "f:1:", "'A*B'"},
        {"A** keep", "f:1:", "'A**'"},
        {"A? keep", "f:1:", "'A?'"},
        {"9A keep", "f:1:", "'9A'"},
        {"9* keep", "f:1:", "'9*'"},
        {"A-B keep", "f:1:", "'A-B'"},
        {"\303\204 keep", "f:1:", "'\303\204'"},
        {"\"A\" keep", "f:1:", "'\"A\"'"},
        {"# one\nA keep\n\nB nothing\nC keep", "f:4:", "'nothing'"},
        {"A keep\nB #unset", "f:2:", "''"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rules_file file;
        errno = 0;
        if (rules_file_parse(&file, cases[i].text, "f") != -1)
            fail_case("'%s' was taken", cases[i].text);
        assert_int_equal(errno, EINVAL);
        if (strncmp(file.error, cases[i].where, 4) != 0 || !strstr(file.error, cases[i].word))
            fail_case("'%s': the error is '%s'", cases[i].text, file.error);
        assert_int_equal(file.rules.site_count, 0);
        rules_file_destroy(&file);
    }
}

static void long_words_do_not_overflow(void **state)
{
    (void)state;
    enum { LONG = 100000 };
    char *text = malloc(LONG + 64);
    struct rules_file file;
    assert_non_null(text);
    memset(text, 'A', LONG);
    strcpy(text + LONG, " keep");
    parse(&file, text, 1);
    rules_file_destroy(&file);
    strcpy(text + LONG, " bad");
    assert_int_equal(rules_file_parse(&file, text, "f"), -1);
    rules_file_destroy(&file);
    text[10] = '-';
    assert_int_equal(rules_file_parse(&file, text, text), -1);
    assert_true(strlen(file.error) < sizeof(file.error));
    rules_file_destroy(&file);
    free(text);
}

static void ten_thousand_rows(void **state)
{
    (void)state;
    enum { ROWS = 10000 };
    char *text = malloc(ROWS * 32);
    size_t at = 0;
    struct rules_file file;
    assert_non_null(text);
    for (int i = 0; i < ROWS; i++)
        at += (size_t)sprintf(text + at, "V_%d set=%d\n", i, i);
    parse(&file, text, ROWS);
    const struct rule *rule = rules_match(&file.rules, "V_9999", 6);
    assert_non_null(rule);
    assert_text("value", rule->value, "9999");
    rules_file_destroy(&file);
    free(text);
}

static void random_bytes_never_crash(void **state)
{
    (void)state;
    static const char alphabet[] = "A_*=#% \t\n\rkeepunsetrestore\377\001";
    unsigned seed = 20240611;
    for (int round = 0; round < 20000; round++) {
        char text[64];
        size_t length = (size_t)rand_r(&seed) % sizeof(text);
        struct rules_file file;
        for (size_t i = 0; i < length; i++)
            text[i] = alphabet[(size_t)rand_r(&seed) % (sizeof(alphabet) - 1)];
        text[length ? length - 1 : 0] = '\0';
        int rc = rules_file_parse(&file, text, "f");
        assert_int_equal(rc == 0, file.error[0] == '\0');
        for (size_t i = 0; i < file.rules.site_count; i++)
            assert_non_null(file.rules.site[i].pattern);
        rules_file_destroy(&file);
    }
}

static void destroy_is_safe_and_keeps_errno(void **state)
{
    (void)state;
    struct rules_file file = {0};
    errno = ENOTTY;
    rules_file_destroy(NULL);
    rules_file_destroy(&file);
    parse(&file, "A keep", 1);
    errno = ENOTTY;
    rules_file_destroy(&file);
    assert_int_equal(errno, ENOTTY);
    assert_int_equal(file.rules.site_count, 0);
    rules_file_destroy(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_without_rows),
        cmocka_unit_test(every_action),
        cmocka_unit_test(lines_may_end_in_CR_LF),
        cmocka_unit_test(the_text_is_copied),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(long_words_do_not_overflow),
        cmocka_unit_test(ten_thousand_rows),
        cmocka_unit_test(random_bytes_never_crash),
        cmocka_unit_test(destroy_is_safe_and_keeps_errno),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
