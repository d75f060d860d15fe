/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit/text and the reports: names and numbers in each format, as harmless text. */
#include "support.h"

#include "audit/report.h"
#include "audit/text.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void clean_names(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"alice", "alice"},
        {"Müller € 😀", "Müller € 😀"},
        {"a\tb\nc\033[2J\x7f", "a?b?c?[2J?"},
        {"latin\xfc-1", "latin?-1"},
        {"\xc2\x9b"
         "31m",
         "?31m"},
        {"a\xe2\x80\xae"
         "b",
         "a?b"},
        {"\xc0\xaf\xed\xa0\x80\xf5", "??????"},
        {"cut\xe2\x82", "cut??"},
        {"0123456789abcdef", "0123456789abcdef"},
        {"0123456789abcdefghijklmnopqrstuvwxyz", "0123456789abcdefghijklmnopqr..."},
        {"0123456789abcdefghijklmnopq\xe2\x82\xac\xe2\x82\xac", "0123456789abcdefghijklmnopq..."},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char out[32];
        assert_text(cases[i][0], text_clean(out, sizeof(out), cases[i][0]), cases[i][1]);
    }
    assert_int_equal(text_width("Müller €"), 8);
}

static void numbers(void **state)
{
    (void)state;
    char out[TEXT_NUMBER];
    assert_string_equal(text_count(out, 0), "0");
    assert_string_equal(text_count(out, 999), "999");
    assert_string_equal(text_count(out, 1000), "1,000");
    assert_string_equal(text_count(out, UINT64_MAX), "18,446,744,073,709,551,615");
    assert_string_equal(text_hours(out, 0), "0.0");
    assert_string_equal(text_hours(out, 3600 + 179), "1.0");
    assert_string_equal(text_hours(out, 3600 + 180), "1.1");
    assert_string_equal(text_hours(out, 3600 * 1000 - 1), "1,000.0");
    assert_int_equal(strlen(text_hours(out, UINT64_MAX)), strlen("5,124,095,576,030,431.0"));
}

/* What a report says of a job of this user; to free. */
static char *report_of(const char *user, enum audit_format format)
{
    static int (*const reports[])(FILE *, const struct fold *, const struct options *) = {
        [FORMAT_TABLE] = report_table,
        [FORMAT_CSV] = report_csv,
        [FORMAT_JSON] = report_json,
        [FORMAT_HTML] = report_html,
        [FORMAT_OPENMETRICS] = report_openmetrics,
    };
    const struct options options = {.end = 864000};
    const struct audit_job job = {
        .user = user,
        .text = "nestsafe:{\"v\":1,\"launches\":2,\"failed\":2,\"preventable\":1,\"nodes\":\"n1\","
                "\"mode\":\"audit\","
                "\"flavours\":{\"openmpi\":2},\"classes\":{\"recursion-banner\":2},"
                "\"first\":\"1970-01-02T00:00:00Z\",\"last\":\"1970-01-02T00:00:00Z\"}",
        .cpus = 1,
        .elapsed = 1800,
        .end = 90000,
    };
    struct fold fold;
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    assert_non_null(to);
    fold_begin(&fold, BY_USER);
    assert_int_equal(fold_add(&fold, &job), 0);
    fold_sort(&fold);
    assert_int_equal(reports[format](to, &fold, &options), 0);
    assert_int_equal(fclose(to), 0);
    fold_end(&fold);
    return text;
}

static void csv_is_text_for_spreadsheets(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"alice", "\"alice\""},
        {"a,b", "\"a,b\""},
        {"a\"b", "\"a\"\"b\""},
        {"=1+1", "\"'=1+1\""},
        {"+1", "\"'+1\""},
        {"-1", "\"'-1\""},
        {"@sum(a1)", "\"'@sum(a1)\""},
        {"a=1", "\"a=1\""},
        {"\t=1", "\"?=1\""},
        {"\r\n=1", "\"?"
                   "?=1\""},
        {"'x", "\"'x\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char wanted[256];
        char *text = report_of(cases[i][0], FORMAT_CSV);
        snprintf(wanted, sizeof(wanted),
                 "user,jobs,launches,repaired,denied,bypassed,failed,unrepaired,preventable,core_"
                 "hours,top_class\r\n"
                 "%s,1,2,0,0,0,2,2,1,0.50,\"recursion-banner\"\r\n",
                 cases[i][1]);
        assert_text(cases[i][0], text, wanted);
        free(text);
    }
}

static void html_is_text_between_tags(void **state)
{
    (void)state;
    char *text = report_of("<b>\"&'\033", FORMAT_HTML);
    assert_null(strstr(text, "<b>"));
    assert_null(strchr(text, '\033'));
    assert_non_null(strstr(text, "<th scope=\"row\">&lt;b&gt;&quot;&amp;&#39;?</th>"));
    assert_non_null(strstr(text, ": 2 failed, unrepaired</title>"));
    assert_non_null(strstr(text, "&quot;does not support recursive calls&quot;"));
    assert_null(strstr(text, "http:"));
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, " style=")); /* a strict policy would drop it */
    free(text);
}

static void json_is_json(void **state)
{
    (void)state;
    char *text = report_of("a\"\\\033\xff", FORMAT_JSON);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    json_t *group = json_array_get(json_object_get(root, "groups"), 0);
    assert_string_equal(json_string_value(json_object_get(group, "key")), "a\"\\??");
    assert_true(json_is_null(json_object_get(json_object_get(root, "period"), "start")));
    json_t *contact = json_array_get(json_object_get(root, "contacts"), 0);
    assert_non_null(strstr(json_string_value(json_object_get(contact, "advice")), "srun"));
    json_decref(root);
    free(text);
}

static void openmetrics_is_as_the_standard_says(void **state)
{
    (void)state;
    char *text = report_of("a\"\\b\n", FORMAT_OPENMETRICS);
    static const char *const lines[] = {
        "# TYPE nestsafe_launches gauge\n# HELP nestsafe_launches Nested launches, by what became "
        "of "
        "them.\nnestsafe_launches{user=\"a\\\"\\\\b?\",outcome=\"repaired\"} 0\n",
        "nestsafe_launches{user=\"a\\\"\\\\b?\",outcome=\"unrepaired\"} 2\n",
        "# UNIT nestsafe_core_seconds seconds\n",
        "nestsafe_core_seconds{user=\"a\\\"\\\\b?\"} 1800\n",
        "nestsafe_preventable_launches{user=\"a\\\"\\\\b?\"} 1\n",
        "nestsafe_class_launches{user=\"a\\\"\\\\b?\",class=\"recursion-banner\"} 2\n",
        "nestsafe_jobs_seen 1\n",
        "nestsafe_period_end_timestamp_seconds 864000\n",
    };
    for (size_t i = 0; i < COUNT(lines); i++) {
        if (!strstr(text, lines[i]))
            fail_msg("not in the report: %s\n%s", lines[i], text);
    }
    assert_string_equal(strstr(text, "# EOF"), "# EOF\n");
    free(text);
}

static void table_says_whom_to_tell_what(void **state)
{
    (void)state;
    char *text = report_of("somebody whose name is long\033[2J", FORMAT_TABLE);
    assert_non_null(strstr(text, "\n  somebody whose n~ "));
    assert_non_null(strstr(text, "srun --mpi-nested-safe"));
    assert_non_null(strstr(text, "recursion-banner: mpirun of Open MPI 4 refuses"));
    assert_null(strchr(text, '\033'));
    free(text);
}

static void who_missed_the_repair_is_told_another_way(void **state)
{
    (void)state;
    struct group contact = {.unrepaired = 10, .totals = {.bypassed = 5}};
    assert_non_null(strstr(contact_advice(&contact), "srun"));
    contact.totals.bypassed = 6;
    assert_non_null(strstr(contact_advice(&contact), "nestsafe run"));
}

static void nothing_is_a_report_too(void **state)
{
    (void)state;
    const struct options options = {.start = 1, .end = 864000};
    struct fold fold;
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    fold_begin(&fold, BY_USER);
    fold_sort(&fold);
    assert_int_equal(report_table(to, &fold, &options), 0);
    assert_int_equal(report_csv(to, &fold, &options), 0);
    assert_int_equal(report_json(to, &fold, &options), 0);
    assert_int_equal(report_html(to, &fold, &options), 0);
    assert_int_equal(report_openmetrics(to, &fold, &options), 0);
    assert_int_equal(fclose(to), 0);
    assert_non_null(strstr(text, "No nested launch is recorded"));
    fold_end(&fold);
    free(text);
}

/* What the table begins with on a terminal, or in a file. */
static void read_beginning(char beginning[static 64], bool terminal)
{
    struct fold fold;
    const struct options options = {.by = BY_USER};
    int other = terminal ? posix_openpt(O_RDWR | O_NOCTTY) : -1;
    assert_true(!terminal || (other >= 0 && grantpt(other) == 0 && unlockpt(other) == 0));
    FILE *to = terminal ? fopen(ptsname(other), "r+") : tmpfile();
    assert_non_null(to);
    fold_begin(&fold, BY_USER);
    assert_int_equal(report_table(to, &fold, &options), 0);
    fold_end(&fold);
    assert_int_equal(fflush(to), 0);
    if (!terminal)
        rewind(to);
    ssize_t length = read(terminal ? other : fileno(to), beginning, 63);
    assert_in_range(length, 10, 63);
    beginning[length] = '\0';
    fclose(to);
    if (terminal)
        close(other);
}

static void colour_is_for_terminals(void **state)
{
    static const char plain[] = "Nested MPI", bold[] = "\033[1mNested MPI";
    static const struct {
        const char *no_color;
        bool terminal;
        const char *begins;
    } cases[] = {{NULL, true, bold}, {"", true, bold}, {"1", true, plain}, {NULL, false, plain}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char beginning[64];
        unsetenv("NO_COLOR");
        if (cases[i].no_color)
            setenv("NO_COLOR", cases[i].no_color, 1);
        read_beginning(beginning, cases[i].terminal);
        if (strncmp(beginning, cases[i].begins, strlen(cases[i].begins)) != 0)
            fail_case("case %zu begins with '%s'", i, beginning);
    }
    unsetenv("NO_COLOR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean_names),
        cmocka_unit_test(numbers),
        cmocka_unit_test(csv_is_text_for_spreadsheets),
        cmocka_unit_test(html_is_text_between_tags),
        cmocka_unit_test(json_is_json),
        cmocka_unit_test(openmetrics_is_as_the_standard_says),
        cmocka_unit_test(table_says_whom_to_tell_what),
        cmocka_unit_test(who_missed_the_repair_is_told_another_way),
        cmocka_unit_test(nothing_is_a_report_too),
        cmocka_unit_test(colour_is_for_terminals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
