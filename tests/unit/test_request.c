/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spank/request: option before twin before the site's default, and what the site allows. */
#include "support.h"

#include "spank/request.h"

#include <string.h>

static const struct config open_site = {.valid = true, .default_mode = MODE_AUDIT, .allowed = ~0U};
static const struct config strict_site = {
    .valid = true, .default_mode = MODE_DENY, .allowed = 1U << MODE_NODE | 1U << MODE_DENY};

static void an_option_is_taken(void **state)
{
    (void)state;
    static const struct {
        const char *argument;
        enum mode mode;
    } cases[] = {{"(null)", MODE_AUTO},
                 {NULL, MODE_AUTO},
                 {"", MODE_AUTO},
                 {"auto", MODE_AUTO},
                 {"node", MODE_NODE},
                 {"job", MODE_JOB},
                 {"audit", MODE_AUDIT},
                 {"deny", MODE_DENY},
                 {"off", MODE_OFF},
                 {"auto,alone", MODE_AUTO_ALONE},
                 {"job,alone", MODE_JOB_ALONE}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request request = {0};
        assert_int_equal(request_take(&request, &open_site, cases[i].argument), 0);
        assert_true(request.given);
        assert_int_equal(request.option, cases[i].mode);
        assert_string_equal(request.error, "");
    }
}

/* Slurm calls back twice on the remote side. */
static void an_option_may_be_taken_again(void **state)
{
    (void)state;
    struct request request = {0};
    assert_int_equal(request_take(&request, &open_site, NULL), 0);
    assert_int_equal(request_take(&request, &open_site, ""), 0);
    assert_int_equal(request.option, MODE_AUTO);
    assert_int_equal(request_take(&request, &open_site, "job"), 0);
    assert_int_equal(request.option, MODE_JOB);
}

static void a_bad_option_says_what_is_valid(void **state)
{
    (void)state;
    static const char *const arguments[] = {"nodes", "Node", " ", "node,job", "1", "(null", "null"};
    for (size_t i = 0; i < COUNT(arguments); i++) {
        struct request request = {0};
        assert_int_equal(request_take(&request, &open_site, arguments[i]), -1);
        assert_false(request.given);
        if (!strstr(request.error, "--mpi-nested-safe") || !strstr(request.error, arguments[i]) ||
            !strstr(request.error, MODE_NAMES))
            fail_case("'%s': the error is '%s'", arguments[i], request.error);
    }
}

/* Of ",alone" it speaks where the site allows something that repairs. */
static void a_bad_option_says_what_may_be_alone(void **state)
{
    (void)state;
    static const struct {
        unsigned allowed;
        const char *end;
    } cases[] = {
        {~0U, "off; auto, node and job also with ',alone'"},
        {1U << MODE_NODE | 1U << MODE_DENY, "node, deny; node also with ',alone'"},
        {1U << MODE_AUTO | 1U << MODE_JOB, "auto, job; auto and job also with ',alone'"},
        {1U << MODE_AUDIT | 1U << MODE_OFF, "valid are audit, off"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct config site = {.valid = true, .allowed = cases[i].allowed};
        struct request request = {0};
        assert_int_equal(request_take(&request, &site, "x"), -1);
        size_t length = strlen(request.error), end = strlen(cases[i].end);
        if (length < end || strcmp(request.error + length - end, cases[i].end) != 0)
            fail_case("the error is '%s'", request.error);
    }
}

static void what_is_not_allowed_is_refused(void **state)
{
    (void)state;
    static const char *const arguments[] = {NULL, "auto", "job", "audit", "off", "auto,alone"};
    for (size_t i = 0; i < COUNT(arguments); i++) {
        struct request request = {0};
        assert_int_equal(request_take(&request, &strict_site, arguments[i]), -1);
        assert_false(request.given);
        if (!strstr(request.error, "--mpi-nested-safe") || !strstr(request.error, "node, deny") ||
            !strstr(request.error, arguments[i] ? arguments[i] : "auto"))
            fail_case("the error is '%s'", request.error);
    }
    struct request request = {0};
    assert_int_equal(request_take(&request, &strict_site, "node"), 0);
    assert_int_equal(request_take(&request, &strict_site, "off"), -1);
    assert_true(request.given); /* what was taken before stays */
    assert_int_equal(request.option, MODE_NODE);
}

static void errors_fit(void **state)
{
    (void)state;
    char word[5000];
    struct request request = {0};
    struct resolved resolved;
    memset(word, 'x', sizeof(word));
    word[sizeof(word) - 1] = '\0';
    assert_int_equal(request_take(&request, &open_site, word), -1);
    assert_in_range(strlen(request.error), 20, sizeof(request.error) - 1);
    request = (struct request){0};
    for (size_t size = 1; size < 300; size++) {
        char error[304];
        memset(error, '#', sizeof(error));
        assert_int_equal(request_resolve(&request, &open_site, word, &resolved, error, size), -1);
        assert_in_range(strlen(error), 0, size - 1);
        assert_int_equal(error[size], '#');
    }
}

static void who_has_the_say(void **state)
{
    (void)state;
    static const struct {
        const struct config *site;
        const char *option; /* "-": not given */
        const char *twin;
        int rc;
        enum mode mode;
        bool asked;
    } cases[] = {
        {&open_site, "-", NULL, 0, MODE_AUDIT, false},
        {&open_site, "-", "", 0, MODE_AUDIT, false},
        {&open_site, "-", "node", 0, MODE_NODE, true},
        {&open_site, "-", "audit", 0, MODE_AUDIT, true},
        {&open_site, "-", "off", 0, MODE_OFF, true},
        {&open_site, "", NULL, 0, MODE_AUTO, true},
        {&open_site, "job", "node", 0, MODE_JOB, true},
        {&open_site, "off", "node", 0, MODE_OFF, true},
        {&open_site, "job", "nonsense", 0, MODE_JOB, true},
        {&open_site, "-", "nonsense", -1, MODE_AUDIT, false},
        {&open_site, "-", "AUTO", -1, MODE_AUDIT, false},
        {&open_site, "-", " ", -1, MODE_AUDIT, false},
        {&strict_site, "-", NULL, 0, MODE_DENY, false},
        {&strict_site, "-", "node", 0, MODE_NODE, true},
        {&strict_site, "-", "off", -1, MODE_DENY, false},
        {&strict_site, "-", "auto", -1, MODE_DENY, false},
        {&strict_site, "node", "off", 0, MODE_NODE, true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request request = {0};
        struct resolved resolved;
        char error[256] = "";
        memset(&resolved, 0xff, sizeof(resolved));
        if (strcmp(cases[i].option, "-") != 0)
            assert_int_equal(request_take(&request, cases[i].site, cases[i].option), 0);
        int rc = request_resolve(&request, cases[i].site, cases[i].twin, &resolved, error,
                                 sizeof(error));
        if (rc != cases[i].rc || resolved.mode != cases[i].mode || resolved.asked != cases[i].asked)
            fail_case("case %zu: %d, %s", i, rc, mode_name(resolved.mode));
        assert_int_equal(rc != 0, error[0] != '\0');
        if (rc != 0 && (!strstr(error, MODE_VARIABLE) || !strstr(error, cases[i].twin)))
            fail_case("case %zu: the error is '%s'", i, error);
    }
}

static void when_the_twin_is_set(void **state)
{
    (void)state;
    static const struct config armed_site = {.default_mode = MODE_NODE, .allowed = ~0U};
    static const struct config off_site = {.default_mode = MODE_OFF, .allowed = ~0U};
    static const struct {
        const struct config *site;
        bool given;
        enum mode mode;
        const char *twin;
        bool sets;
    } cases[] = {
        {&open_site, false, MODE_AUTO, NULL, false},
        {&open_site, false, MODE_AUTO, "node", false},
        {&open_site, true, MODE_AUTO, NULL, true},
        {&open_site, true, MODE_AUTO, "", true},
        {&open_site, true, MODE_AUTO, "node", true},
        {&open_site, true, MODE_AUTO, "auto", false},
        {&open_site, true, MODE_AUDIT, NULL, false}, /* byte for byte */
        {&open_site, true, MODE_AUDIT, "", false},
        {&open_site, true, MODE_AUDIT, "audit", false},
        {&open_site, true, MODE_AUDIT, "deny", true},
        {&open_site, true, MODE_OFF, NULL, true},
        {&off_site, true, MODE_OFF, NULL, false},
        {&off_site, true, MODE_AUDIT, NULL, true},
        {&off_site, true, MODE_OFF, "node", true},
        {&armed_site, true, MODE_NODE, NULL, true},
        {&armed_site, true, MODE_OFF, NULL, true},
        {&armed_site, false, MODE_NODE, NULL, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct request request = {.given = cases[i].given, .option = cases[i].mode};
        if (request_sets_twin(&request, cases[i].site, cases[i].twin, cases[i].mode) !=
            cases[i].sets)
            fail_case("case %zu: %s", i, mode_name(cases[i].mode));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_option_is_taken),
        cmocka_unit_test(an_option_may_be_taken_again),
        cmocka_unit_test(a_bad_option_says_what_is_valid),
        cmocka_unit_test(a_bad_option_says_what_may_be_alone),
        cmocka_unit_test(what_is_not_allowed_is_refused),
        cmocka_unit_test(errors_fit),
        cmocka_unit_test(who_has_the_say),
        cmocka_unit_test(when_the_twin_is_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
