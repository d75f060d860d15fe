/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/nodelog: who gets which line, how many, and what becomes of a log that cannot be written.
 */
#include "support.h"

#include "collect/nodelog.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE "nested launch: job=12.0"
#define JSON "{\"v\":1,\"job\":12}"

static char *top, *slurmd, *json_file;
static struct nodelog node_log;
static char told[4096]; /* to syslog */

/* In the C library's place, with and without _FORTIFY_SOURCE. */
void syslog(int priority, const char *format, ...);
void __syslog_chk(int priority, int flag, const char *format, ...);

static void syslog_tell(const char *format, va_list arguments)
{
    size_t at = strlen(told);
    vsnprintf(told + at, sizeof(told) - at, format, arguments);
    strncat(told, "\n", sizeof(told) - strlen(told) - 1);
}

__attribute__((format(printf, 2, 3))) void syslog(int priority, const char *format, ...)
{
    va_list arguments;
    (void)priority;
    va_start(arguments, format);
    syslog_tell(format, arguments);
    va_end(arguments);
}

__attribute__((format(printf, 3, 4))) void __syslog_chk(int priority, int flag, const char *format,
                                                        ...)
{
    va_list arguments;
    (void)priority;
    (void)flag;
    va_start(arguments, format);
    syslog_tell(format, arguments);
    va_end(arguments);
}

static int set_up(void **state)
{
    (void)state;
    top = directory_make();
    slurmd = path_join(top, "slurmd.log");
    json_file = path_join(top, "records.jsonl");
    node_log = (struct nodelog){0};
    nodelog_locate(&node_log, slurmd, "n1");
    told[0] = '\0';
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(slurmd);
    free(json_file);
    directory_remove(top);
    return 0;
}

/* To free; "" for a file that is not there. */
static char *text_of(const char *path)
{
    char *text = calloc(1, 1 << 20);
    FILE *file = fopen(path, "r");
    if (file) {
        text[fread(text, 1, (1 << 20) - 1, file)] = '\0';
        fclose(file);
    }
    return text;
}

/* How often a text is in a file. */
static unsigned times_in(const char *path, const char *what)
{
    char *text = text_of(path);
    unsigned times = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        times++;
    free(text);
    return times;
}

static void pass_seconds(int seconds)
{
    for (int i = 0; i < SINKS_MAX; i++)
        node_log.sinks[i].filled -= seconds * 1000000LL;
}

static void in_slurms_style(void **state)
{
    (void)state;
    int date[6], milliseconds, end = 0;
    nodelog_incident(&node_log, "slurmd", LINE, JSON);
    char *text = text_of(slurmd);
    assert_int_equal(sscanf(text, "[%4d-%2d-%2dT%2d:%2d:%2d.%3d] nestsafe: %n", &date[0], &date[1],
                            &date[2], &date[3], &date[4], &date[5], &milliseconds, &end),
                     7);
    assert_int_equal(end, strlen("[2026-11-26T05:22:40.123] nestsafe: "));
    assert_string_equal(text + end, LINE "\n");
    free(text);
    nodelog_say(&node_log, "error: %s %d", "a\nb\x1b", 5);
    text = text_of(slurmd);
    assert_non_null(strstr(text, "] nestsafe: error: a?b? 5\n"));
    free(text);
    assert_string_equal(told, "");
}

static void long_lines_end(void **state)
{
    (void)state;
    char line[5000];
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    nodelog_incident(&node_log, "slurmd", line, JSON);
    nodelog_say(&node_log, "%s", line);
    char *text = text_of(slurmd);
    assert_int_equal(times_in(slurmd, "\n"), 2);
    assert_int_equal(text[strlen(text) - 1], '\n');
    assert_in_range(strlen(text), 2000, 2300);
    free(text);
    char *json = calloc(1, 9000);
    memset(json, 'j', 8999);
    nodelog_incident(&node_log, json_file, LINE, json); /* half of it would be no JSON */
    assert_int_equal(times_in(json_file, "j"), 0);
    assert_int_equal(times_in(slurmd, "error: log="), 1);
    free(json);
}

static void to_each_target(void **state)
{
    (void)state;
    char targets[512], *other = path_join(top, "other");
    snprintf(targets, sizeof(targets), ",slurmd,,%s,syslog,%s,", json_file, other);
    nodelog_incident(&node_log, targets, LINE, JSON);
    assert_int_equal(times_in(slurmd, LINE "\n"), 1);
    assert_string_equal(told, LINE "\n");
    const char *const files[] = {json_file, other};
    for (size_t i = 0; i < COUNT(files); i++) {
        struct stat status;
        char *text = text_of(files[i]);
        assert_string_equal(text, JSON "\n");
        assert_int_equal(stat(files[i], &status), 0);
        assert_int_equal(status.st_mode & 0777 & ~0640, 0);
        free(text);
    }
    free(other);
}

static void where_slurmds_log_is(void **state)
{
    (void)state;
    char host[256] = "", expected[600], *pattern;
    gethostname(host, sizeof(host) - 1);
    host[strcspn(host, ".")] = '\0';
    struct nodelog other = {0};
    pattern = path_join(top, "%h-%n-%x-%");
    nodelog_locate(&other, pattern, "node1");
    snprintf(expected, sizeof(expected), "%s/%s-node1-%%x-%%", top, host);
    assert_string_equal(other.slurmd_log, expected);
    assert_true(other.located);
    free(pattern);

    static const char *const none[] = {NULL, ""};
    for (size_t i = 0; i < COUNT(none); i++) {
        other = (struct nodelog){0};
        nodelog_locate(&other, none[i], "node1");
        assert_true(other.located);
        nodelog_incident(&other, "slurmd", LINE, JSON);
    }
    assert_string_equal(told, LINE "\n" LINE "\n");

    char *deep = calloc(1, 3 * PATH_MAX);
    for (int i = 0; i < 2 * PATH_MAX; i += 2)
        memcpy(deep + i, "%n", 2);
    memset(host, 'n', sizeof(host) - 1);
    nodelog_locate(&other, deep, host);
    assert_int_equal(strlen(other.slurmd_log), sizeof(other.slurmd_log) - 1);
    free(deep);
}

/* Whatever was written one by one and whatever was folded make up the whole. */
static void check_storm(const char *target, const char *path, const char *line, const char *folded)
{
    enum { STORM = 5000 };
    unsigned long long number = 0, sum = 0;
    /* Asked before or not. */
    for (int i = 0; i < STORM; i++) {
        if (i % 2 == 0 || nodelog_takes(&node_log, target))
            nodelog_incident(&node_log, target, LINE, JSON);
    }
    unsigned shown = times_in(path, line);
    assert_in_range(shown, 1, STORM - 1);
    bool more = nodelog_fold(&node_log);
    if (!more) /* it took long enough for a credit to come back */
        nodelog_incident(&node_log, target, LINE, JSON);
    pass_seconds(1);
    assert_false(nodelog_fold(&node_log));
    assert_false(nodelog_fold(&node_log));
    char *text = text_of(path);
    for (const char *at = text; (at = strstr(at, folded)); at++) {
        const char *digits = at;
        while (digits > text && digits[-1] >= '0' && digits[-1] <= '9')
            digits--;
        if (digits == at)
            digits = at + strlen(folded);
        assert_int_equal(sscanf(digits, "%llu", &number), 1);
        sum += number;
    }
    free(text);
    assert_int_equal(sum + times_in(path, line), STORM + !more);
}

static void a_storm_in_slurmds_log(void **state)
{
    (void)state;
    check_storm("slurmd", slurmd, LINE "\n", " more nested launches were counted");
    assert_in_range(times_in(slurmd, "\n"), 51, 200);
}

static void a_storm_in_a_file(void **state)
{
    (void)state;
    check_storm(json_file, json_file, JSON "\n", "\"folded\":");
    assert_in_range(times_in(json_file, "\n"), 2001, 4000);
}

static void after_a_storm(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++)
        nodelog_incident(&node_log, "slurmd", LINE, JSON);
    /* As long as something is folded, more is: the order of what is told stays. */
    pass_seconds(100);
    unsigned shown = times_in(slurmd, LINE "\n");
    nodelog_incident(&node_log, "slurmd", LINE, JSON);
    assert_int_equal(times_in(slurmd, LINE "\n"), shown);
    assert_false(nodelog_fold(&node_log));
    nodelog_incident(&node_log, "slurmd", LINE, JSON);
    assert_int_equal(times_in(slurmd, LINE "\n"), shown + 1);
    /* What was saved up in quiet times ends somewhere. */
    pass_seconds(1000000);
    for (int i = 0; i < 200; i++)
        nodelog_incident(&node_log, "slurmd", LINE, JSON);
    assert_in_range(times_in(slurmd, LINE "\n"), shown + 1 + 49, shown + 1 + 100);
}

static void files_are_rotated(void **state)
{
    (void)state;
    char *old = path_join(top, "old");
    char targets[600];
    snprintf(targets, sizeof(targets), "slurmd,%s", json_file);
    nodelog_incident(&node_log, targets, LINE, JSON);
    assert_int_equal(rename(json_file, old), 0);
    assert_int_equal(unlink(slurmd), 0);
    nodelog_incident(&node_log, targets, LINE, JSON);
    assert_int_equal(times_in(json_file, JSON "\n"), 1);
    assert_int_equal(times_in(old, JSON "\n"), 1);
    assert_int_equal(times_in(slurmd, LINE "\n"), 1);
    free(old);
}

static void what_cannot_be_written_is_said_once(void **state)
{
    (void)state;
    char *fifo = path_join(top, "fifo"), *link = path_join(top, "link");
    char *missing = path_join(top, "missing/file");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    file_write(top, "victim", "", 0600);
    assert_int_equal(symlink("victim", link), 0);
    const char *const targets[] = {"/dev/full", fifo, link, missing, top};
    alarm(60);
    for (size_t i = 0; i < COUNT(targets); i++) {
        char error[600];
        for (int j = 0; j < 30; j++)
            nodelog_incident(&node_log, targets[i], LINE, JSON);
        snprintf(error, sizeof(error), "error: log=%s: ", targets[i]);
        if (times_in(slurmd, error) != 1)
            fail_case("%u times %s", times_in(slurmd, error), error);
    }
    alarm(0);
    assert_int_equal(times_in(link, "v"), 0);
    /* Once it works, and then does not again, that is news. */
    assert_int_equal(unlink(link), 0);
    nodelog_incident(&node_log, link, LINE, JSON);
    assert_int_equal(times_in(link, JSON "\n"), 1);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(symlink("victim", link), 0);
    nodelog_incident(&node_log, link, LINE, JSON);
    assert_int_equal(times_in(slurmd, "link: "), 2);
    free(fifo);
    free(link);
    free(missing);
}

static void syslog_takes_what_slurmds_log_does_not(void **state)
{
    (void)state;
    nodelog_locate(&node_log, "/dev/full", "n1");
    nodelog_incident(&node_log, "slurmd", LINE, JSON);
    nodelog_say(&node_log, "hello");
    assert_string_equal(told, LINE "\nhello\n");
}

static void half_a_line_is_taken_back(void **state)
{
    (void)state;
    struct rlimit old, limit;
    char json[191] = ""; /* five lines are 955 bytes long */
    memset(json, 'j', sizeof(json) - 1);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    limit = (struct rlimit){1000, old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    nodelog_locate(&node_log, "", "n1");
    for (int i = 0; i < 20; i++)
        nodelog_incident(&node_log, json_file, LINE, json);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_DFL);
    char *text = text_of(json_file);
    assert_int_equal(strlen(text), 955);
    assert_int_equal(text[954], '\n');
    free(text);
    assert_non_null(strstr(told, "error: log="));
    assert_null(strstr(strstr(told, "error: log=") + 1, "error: log="));
    nodelog_incident(&node_log, json_file, LINE, JSON);
    assert_int_equal(times_in(json_file, "\n" JSON "\n"), 1);
}

static void more_targets_than_there_is_room_for(void **state)
{
    (void)state;
    char name[40], targets[400];
    for (int i = 0; i < 3 * SINKS_MAX; i++) {
        snprintf(name, sizeof(name), "file%d", i);
        char *path = path_join(top, name);
        nodelog_incident(&node_log, path, LINE, JSON);
        assert_int_equal(times_in(path, JSON "\n"), 1);
        free(path);
    }
    /* A name that is too long is passed over, its neighbours are not. */
    memset(targets, 'x', sizeof(targets));
    memcpy(targets, "slurmd,/", 8);
    strcpy(targets + 300, ",syslog");
    nodelog_incident(&node_log, targets, LINE, JSON);
    assert_int_equal(times_in(slurmd, LINE "\n"), 1);
    assert_string_equal(told, LINE "\n");
    nodelog_incident(&node_log, "", LINE, JSON);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(in_slurms_style),
        TEST(long_lines_end),
        TEST(to_each_target),
        TEST(where_slurmds_log_is),
        TEST(a_storm_in_slurmds_log),
        TEST(a_storm_in_a_file),
        TEST(after_a_storm),
        TEST(files_are_rotated),
        TEST(what_cannot_be_written_is_said_once),
        TEST(syslog_takes_what_slurmds_log_does_not),
        TEST(half_a_line_is_taken_back),
        TEST(more_targets_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
