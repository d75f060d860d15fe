/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/journal: what is written is read, and what was cut off or damaged is passed over. */
#include "samples.h"
#include "support.h"

#include "collect/journal.h"
#include "collect/spoolfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *top;
static int directory = -1;
static struct journal last;

static int set_up(void **state)
{
    (void)state;
    top = directory_make();
    directory = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return directory < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    journal_pause(&last);
    close(directory);
    directory_remove(top);
    return 0;
}

/* What was read, in order. */
struct story {
    char words[512]; /* "settings", "totals" and process ids, with '.' behind one that has ended */
    struct stepfile settings;
    struct totals totals;
    struct incident last;
};

static void tell(struct story *story, const char *word)
{
    size_t at = strlen(story->words);
    snprintf(story->words + at, sizeof(story->words) - at, "%s ", word);
}

static void on_settings(void *context, const struct stepfile *settings)
{
    struct story *story = context;
    story->settings = *settings;
    tell(story, "settings");
}

static void on_totals(void *context, const struct totals *totals)
{
    struct story *story = context;
    story->totals = *totals;
    tell(story, "totals");
}

static void on_launch(void *context, const struct incident *incident)
{
    struct story *story = context;
    char word[32];
    story->last = *incident;
    snprintf(word, sizeof(word), "%ld%s", incident->process.pid, incident->ended ? "." : "");
    tell(story, word);
}

static int read_story(struct story *story)
{
    static const struct journal_reader reader = {on_settings, on_totals, on_launch};
    *story = (struct story){0};
    return journal_read(directory, "j", &reader, story);
}

static void names(void **state)
{
    (void)state;
    char name[JOURNAL_NAME];
    journal_name(name, 12, 0);
    assert_string_equal(name, "12.0.journal");
    journal_name(name, UINT32_MAX, UINT32_MAX);
    assert_string_equal(name, "4294967295.4294967295.journal");
}

static void there_and_back(void **state)
{
    (void)state;
    struct story story;
    const struct stepfile step = sample_step(12);
    struct totals totals = {.launches = 3, .failed = 1, .first = 5, .last = 6};
    const struct incident one = sample_incident(1), two = sample_incident(2);
    const struct incident ended = sample_failure(1), three = sample_incident(3);
    tally_add(&totals.flavours, "openmpi", 3);
    assert_int_equal(read_story(&story), -1);
    assert_int_equal(errno, ENOENT);
    const struct incident *const launches[] = {&one, &two};
    assert_int_equal(journal_write(directory, "j", &step, &totals, launches, 2), 0);
    assert_int_equal(journal_append(&last, directory, "j", &ended), 0);
    assert_int_equal(journal_append(&last, directory, "j", &three), 0);
    assert_int_equal(read_story(&story), 0);
    assert_string_equal(story.words, "settings totals 1 2 1. 3 ");
    assert_true(totals_equal(&story.totals, &totals));
    assert_string_equal(story.settings.node, step.node);
    assert_string_equal(story.settings.log, step.log);
    assert_int_equal(story.settings.job, step.job);
    assert_true(story.last.process.start == three.process.start);
    assert_int_equal(journal_write(directory, "j", &step, &totals, NULL, 0), 0);
    assert_int_equal(read_story(&story), 0);
    assert_string_equal(story.words, "settings totals ");
}

static void an_append_makes_it(void **state)
{
    (void)state;
    struct stat status;
    struct story story;
    const struct incident one = sample_incident(1);
    assert_int_equal(journal_append(&last, directory, "j", &one), 0);
    assert_int_equal(fstatat(directory, "j", &status, 0), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(read_story(&story), 0);
    assert_string_equal(story.words, "1 ");
}

/* Lines that come at once go into one file, whatever becomes of its name. */
static void open_until_a_pause(void **state)
{
    (void)state;
    struct story story;
    const struct incident one = sample_incident(1), two = sample_incident(2);
    const struct incident three = sample_incident(3), four = sample_incident(4);
    assert_int_equal(journal_append(&last, directory, "j", &one), 0);
    assert_int_equal(renameat(directory, "j", directory, "away"), 0);
    assert_int_equal(journal_append(&last, directory, "j", &two), 0);
    assert_int_equal(faccessat(directory, "j", F_OK, 0), -1);
    journal_pause(&last);
    assert_int_equal(journal_append(&last, directory, "j", &three), 0);
    assert_int_equal(journal_append(&last, directory, "k", &four), 0);
    assert_int_equal(read_story(&story), 0);
    assert_string_equal(story.words, "3 ");
    assert_int_equal(renameat(directory, "away", directory, "j"), 0);
    assert_int_equal(read_story(&story), 0);
    assert_string_equal(story.words, "1 2 ");
    assert_int_equal(renameat(directory, "k", directory, "j"), 0);
    assert_int_equal(read_story(&story), 0);
    assert_string_equal(story.words, "4 ");
}

static void cut_anywhere(void **state)
{
    (void)state;
    struct story story;
    size_t length;
    const struct stepfile step = sample_step(12);
    const struct totals totals = {0};
    const struct incident one = sample_incident(1), two = sample_incident(2);
    const struct incident *const launches[] = {&one};
    assert_int_equal(journal_write(directory, "j", &step, &totals, launches, 1), 0);
    assert_int_equal(journal_append(&last, directory, "j", &two), 0);
    char *text = spoolfile_read(directory, "j", &length);
    char *path = path_join(top, "j");
    for (size_t part = length; part-- > 0;) {
        assert_int_equal(truncate(path, (off_t)part), 0);
        bool whole = part == 0 || text[part - 1] == '\n';
        int rc = read_story(&story);
        if (rc != (whole ? 0 : 1))
            fail_case("%zu bytes give %d", part, rc);
        /* A line that lacks its end only is as good as whole. */
        size_t lines = 0;
        for (size_t i = 0; i < part + (text[part] == '\n'); i++)
            lines += text[i] == '\n';
        static const char *const words[] = {"", "settings ", "settings totals ",
                                            "settings totals 1 ", "settings totals 1 2 "};
        assert_string_equal(story.words, words[lines]);
    }
    free(text);
    free(path);
}

static void write_bytes(const char *bytes, size_t length)
{
    int fd = openat(directory, "j", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    close(fd);
}

static void garbage_between_the_lines(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
    } garbage[] = {
        {"\n", 1},
        {"\0\0\0\0\n", 5},
        {"{\"launch\":{\"pid\":7\n", 19},
        {"{\"launch\":{}}\n", 14},
        {"{\"launch\":{\"pid\":7,\"mode\":\"audit\",\"seen\":\"\"},\"launch\":1}\n", 57},
        {"{\"totals\":[]}\n", 14},
        {"{\"totals\":{\"launches\":-1}}\n", 27},
        {"{\"settings\":\"job=1\\n\"}\n", 23},
        {"{\"settings\":7}\n", 15},
        {"{\"news\":{}}\n", 12},
        {"[]\n", 3},
        {"\xff\xfe\n", 3},
        {"not json\n", 9},
    };
    struct story story;
    for (size_t i = 0; i < COUNT(garbage); i++) {
        const struct incident incident = sample_incident((long)i + 1);
        write_bytes(garbage[i].bytes, garbage[i].length);
        assert_int_equal(journal_append(&last, directory, "j", &incident), 0);
    }
    assert_int_equal(read_story(&story), 0);
    assert_string_equal(story.words, "1 2 3 4 5 6 7 8 9 10 11 12 13 ");
}

/* After a crash of the node a file may hold NULs where its last blocks were not written. */
static void behind_a_crash(void **state)
{
    (void)state;
    static const char zeros[4096];
    struct story story;
    const struct incident one = sample_incident(1), two = sample_incident(2);
    assert_int_equal(journal_append(&last, directory, "j", &one), 0);
    write_bytes(zeros, sizeof(zeros));
    assert_int_equal(read_story(&story), 1);
    assert_string_equal(story.words, "1 ");
    write_bytes("\n", 1);
    assert_int_equal(journal_append(&last, directory, "j", &two), 0);
    assert_int_equal(read_story(&story), 0);
    assert_string_equal(story.words, "1 2 ");
}

static void what_it_does_not_follow(void **state)
{
    (void)state;
    const struct incident one = sample_incident(1);
    file_write(top, "victim", "", 0600);
    assert_int_equal(symlinkat("victim", directory, "j"), 0);
    assert_int_equal(journal_append(&last, directory, "j", &one), -1);
    assert_int_equal(errno, ELOOP);
    assert_int_equal(unlinkat(directory, "j", 0), 0);
    assert_int_equal(symlinkat("/dev/full", directory, "j"), 0);
    assert_int_equal(journal_append(&last, directory, "j", &one), -1);
    assert_int_equal(journal_append(&last, -1, "j", &one), -1);
    assert_int_equal(errno, EBADF);
}

static void what_cannot_be_written(void **state)
{
    (void)state;
    struct story story;
    const struct stepfile step = sample_step(12);
    struct stepfile bad = step;
    const struct totals totals = {.launches = 1};
    assert_int_equal(journal_write(directory, "j", &step, &totals, NULL, 0), 0);
    assert_int_equal(journal_write(-1, "j", &step, &totals, NULL, 0), -1);
    assert_int_equal(errno, EBADF);
    /* Settings that are none are left out, and take nothing else with them. */
    strcpy(bad.log, "a\nb");
    assert_int_equal(journal_write(directory, "j", &bad, &totals, NULL, 0), 0);
    assert_int_equal(read_story(&story), 0);
    assert_string_equal(story.words, "totals ");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(names),
        TEST(there_and_back),
        TEST(an_append_makes_it),
        TEST(open_until_a_pause),
        TEST(cut_anywhere),
        TEST(garbage_between_the_lines),
        TEST(behind_a_crash),
        TEST(what_it_does_not_follow),
        TEST(what_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
