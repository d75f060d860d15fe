/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/mode: the words that a job may ask with. */
#include "support.h"

#include "core/mode.h"

#include <errno.h>
#include <string.h>

static const struct {
    enum mode mode;
    const char *name;
    bool armed;
    enum scope alone;
    enum scope among_others;
} modes[] = {
    {MODE_AUTO, "auto", true, SCOPE_JOB, SCOPE_NODE},
    {MODE_NODE, "node", true, SCOPE_NODE, SCOPE_NODE},
    {MODE_JOB, "job", true, SCOPE_JOB, SCOPE_JOB},
    {MODE_AUDIT, "audit", false, 0, 0},
    {MODE_DENY, "deny", true, 0, 0},
    {MODE_OFF, "off", false, 0, 0},
    {MODE_AUTO_ALONE, "auto,alone", true, SCOPE_JOB, SCOPE_NODE},
    {MODE_NODE_ALONE, "node,alone", true, SCOPE_NODE, SCOPE_NODE},
    {MODE_JOB_ALONE, "job,alone", true, SCOPE_JOB, SCOPE_JOB},
};

static void every_mode_has_a_name(void **state)
{
    (void)state;
    char list[128] = "";
    for (size_t i = 0; i < COUNT(modes); i++) {
        enum mode mode = MODE_OFF;
        assert_string_equal(mode_name(modes[i].mode), modes[i].name);
        assert_int_equal(mode_parse(modes[i].name, &mode), 0);
        assert_int_equal(mode, modes[i].mode);
        if (mode_runs_alone(modes[i].mode))
            continue;
        strcat(list, i ? ", " : "");
        strcat(list, modes[i].name);
    }
    assert_string_equal(MODE_NAMES, list);
    assert_int_equal(MODE_JOB_ALONE + 1, COUNT(modes));
}

static void nothing_means_auto(void **state)
{
    (void)state;
    static const char *const words[] = {NULL, ""};
    for (size_t i = 0; i < COUNT(words); i++) {
        enum mode mode = MODE_OFF;
        assert_int_equal(mode_parse(words[i], &mode), 0);
        assert_int_equal(mode, MODE_AUTO);
    }
}

static void other_words_are_refused(void **state)
{
    (void)state;
    static const char *const words[] = {"AUTO",        "Auto",        "aut",
                                        "autos",       " auto",       "auto ",
                                        "auto\n",      "0",           "1",
                                        "on",          "yes",         "none",
                                        "node,job",    "off;",        "audit=",
                                        "deny\t",      " ",           "alone",
                                        ",alone",      "auto,",       "auto,alone,alone",
                                        "auto, alone", "audit,alone", "deny,alone",
                                        "off,alone"};
    for (size_t i = 0; i < COUNT(words); i++) {
        enum mode mode = MODE_DENY;
        errno = 0;
        if (mode_parse(words[i], &mode) != -1)
            fail_case("'%s' was taken for a mode", words[i]);
        assert_int_equal(errno, EINVAL);
        assert_int_equal(mode, MODE_DENY);
    }
}

static void what_modes_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(modes); i++) {
        assert_int_equal(mode_is_armed(modes[i].mode), modes[i].armed);
        bool repairs = mode_plain(modes[i].mode) <= MODE_JOB;
        assert_int_equal(mode_runs_alone(modes[i].mode), i > MODE_OFF);
        assert_string_equal(mode_name(mode_plain(modes[i].mode)),
                            modes[i > MODE_OFF ? i - MODE_OFF - 1 : i].name);
        if (!repairs)
            continue;
        assert_int_equal(mode_scope(modes[i].mode, true, false), modes[i].alone);
        assert_int_equal(mode_scope(modes[i].mode, false, false), modes[i].among_others);
        assert_int_equal(mode_scope(modes[i].mode, true, true), SCOPE_NODE);
        assert_int_equal(mode_scope(modes[i].mode, false, true), SCOPE_NODE);
    }
}

static void scopes_have_names(void **state)
{
    (void)state;
    assert_string_equal(scope_name(SCOPE_NODE), "node");
    assert_string_equal(scope_name(SCOPE_JOB), "job");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mode_has_a_name),   cmocka_unit_test(nothing_means_auto),
        cmocka_unit_test(other_words_are_refused), cmocka_unit_test(what_modes_do),
        cmocka_unit_test(scopes_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
