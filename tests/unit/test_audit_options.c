/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit/options: what is understood, what is refused and how, and what holds unless it is said. */
#include "support.h"

#include "audit/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOW = 1795700000, MIDNIGHT = NOW - NOW % 86400, USER = 60001 };

#define parse(options, uid, ...) parse_list(options, uid, LIST("audit", __VA_ARGS__))

static int parse_list(struct options *options, unsigned uid, const char *const list[])
{
    char *argv[16];
    int argc = 0;
    while (list[argc]) {
        argv[argc] = (char *)list[argc];
        argc++;
    }
    argv[argc] = NULL;
    return options_parse(options, argc, argv, uid, NOW);
}

static int set_up(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    return 0;
}

static void what_holds_unless_it_is_said(void **state)
{
    (void)state;
    struct options options;
    assert_int_equal(parse_list(&options, USER, LIST("audit")), 0);
    assert_int_equal(options.start, MIDNIGHT);
    assert_int_equal(options.end, NOW + 1);
    assert_false(options.all_users);
    assert_int_equal(options.users.count, 1);
    assert_string_equal(options.users.list[0], "60001");
    assert_int_equal(options.by, BY_USER);
    assert_int_equal(options.format, FORMAT_TABLE);
    options_destroy(&options);

    assert_int_equal(parse_list(&options, 0, LIST("audit")), 0);
    assert_true(options.all_users);
    assert_int_equal(options.users.count, 0);
    options_destroy(&options);
}

static void jobs_are_meant_whenever_they_ended(void **state)
{
    (void)state;
    struct options options;
    assert_int_equal(parse(&options, USER, "-j", "12,34_5,", "--jobs=56+0"), 0);
    assert_int_equal(options.start, 0);
    assert_true(options.all_users);
    assert_int_equal(options.job_count, 3);
    assert_int_equal(options.jobs[0].job, 12);
    assert_int_equal(options.jobs[0].task, -1);
    assert_int_equal(options.jobs[0].component, -1);
    assert_int_equal(options.jobs[1].job, 34);
    assert_int_equal(options.jobs[1].task, 5);
    assert_int_equal(options.jobs[2].component, 0);
    options_destroy(&options);
}

static void lists(void **state)
{
    (void)state;
    struct options options;
    assert_int_equal(parse(&options, 0, "-uroot,60002", "-A", "a,b", "-r", "p q", "-M", "c"), 0);
    assert_false(options.all_users);
    assert_int_equal(options.users.count, 2);
    assert_string_equal(options.users.list[0], "0");
    assert_string_equal(options.users.list[1], "60002");
    assert_int_equal(options.accounts.count, 2);
    assert_string_equal(options.accounts.list[1], "b");
    assert_string_equal(options.partitions.list[0], "p q");
    assert_string_equal(options.clusters.list[0], "c");
    assert_false(options.all_clusters);
    options_destroy(&options);

    assert_int_equal(parse(&options, USER, "--allusers", "--clusters=all"), 0);
    assert_true(options.all_users);
    assert_true(options.all_clusters);
    options_destroy(&options);
}

static void times_are_slurms(void **state)
{
    (void)state;
    struct options options;
    assert_int_equal(parse(&options, 0, "-S", "2026-11-16", "-E", "2026-11-23T08:00:01"), 0);
    assert_int_equal(options.start, 1794787200);
    assert_int_equal(options.end, 1794787200 + 7 * 86400 + 8 * 3600 + 1);
    options_destroy(&options);
    assert_int_equal(parse(&options, 0, "-S", "now-7days", "-E", "now"), 0);
    assert_int_equal(options.end - options.start, 7 * 86400);
    options_destroy(&options);
}

static void choices(void **state)
{
    (void)state;
    struct options options;
    assert_int_equal(parse(&options, 0, "--by=class", "--format", "html", "--field=comment"), 0);
    assert_int_equal(options.by, BY_CLASS);
    assert_int_equal(options.format, FORMAT_HTML);
    assert_int_equal(options.field, FIELD_COMMENT);
    options_destroy(&options);
    assert_int_equal(parse(&options, 0, "--help"), 0);
    assert_true(options.help);
    options_destroy(&options);
}

static void errors_name_the_option_and_the_value(void **state)
{
    (void)state;
    static const char *const cases[][4] = {
        {"--starttime=yesterweek", NULL, "--starttime: ", "'yesterweek'"},
        {"-E", "", "--endtime: ", "''"},
        {"-S", "2100-01-01", "--starttime: ", "before it ends"},
        {"-u", "nobody-of-that-name", "--user: ", "'nobody-of-that-name'"},
        {"-u", "99999999999", "--user: ", "'99999999999'"},
        {"-u", ",", "--user: ", "','"},
        {"--accounts", "x') or ('1", "--accounts: ", "'x') or ('1'"},
        {"-j", "12.batch", "--jobs: ", "'12.batch'"},
        {"-j", "12_", "--jobs: ", "'12_'"},
        {"-j", "0", "--jobs: ", "'0'"},
        {"-j", "-1", "--jobs: ", "'-1'"},
        {"-j", "4294967296", "--jobs: ", "'4294967296'"},
        {"--by", "colour", "--by: ",
         "'colour'; valid are user, account, partition, launcher, "
         "class, mode"},
        {"--format=pdf", NULL,
         "--format: ", "'pdf'; valid are table, csv, json, html, openmetrics"},
        {"--field=x\033[2J", NULL, "--field: ", "'x?[2J'"},
        {"-S", NULL, "-S", "needs a value"},
        {"-x", NULL, "-x", "no option"},
        {"--nonsense", NULL, "--nonsense", "no option"},
        {"more", NULL, "more", "unexpected"},
        {"-a", "-ualice_is_root", "--", "'alice_is_root'"},
        {"-a", "-u0", "--allusers", "--user"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct options options;
        assert_int_equal(parse(&options, USER, cases[i][0], cases[i][1]), -1);
        if (!strstr(options.error, cases[i][2]) || !strstr(options.error, cases[i][3]))
            fail_case("%s: %s", cases[i][0], options.error);
        options_destroy(&options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_holds_unless_it_is_said),
        cmocka_unit_test(jobs_are_meant_whenever_they_ended),
        cmocka_unit_test(lists),
        cmocka_unit_test(times_are_slurms),
        cmocka_unit_test(choices),
        cmocka_unit_test(errors_name_the_option_and_the_value),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
