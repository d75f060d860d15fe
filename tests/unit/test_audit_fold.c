/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit/fold: what is counted, once, and in which group. */
#include "support.h"

#include "audit/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINE(launches, repaired, failed, mode, flavours, classes)                                  \
    "nestsafe:{\"v\":1,\"launches\":" launches ",\"repaired\":" repaired                           \
    ",\"denied\":0,\"bypassed\":0,\"failed\":" failed ",\"nodes\":\"n1\",\"mode\":\"" mode         \
    "\",\"flavours\":{" flavours "},\"classes\":{" classes "},\"first\":\"1970-01-02T00:00:00Z\"," \
    "\"last\":\"1970-01-02T00:10:00Z\"}"

enum { DAY = 86400, LAST = DAY + 600 }; /* of the launches above */

static const char ten[] =
    MINE("10", "0", "10", "audit", "\"openmpi\":10", "\"silent-exit\":8,\"slots\":2");
static const char two[] = MINE("2", "2", "1", "auto", "\"hydra\":2", "\"srun-wait\":2");

static struct audit_job job_of(const char *user, const char *text)
{
    return (struct audit_job){.user = user,
                              .account = "physics",
                              .partition = "main",
                              .text = text,
                              .cpus = 4,
                              .elapsed = 3600,
                              .start = DAY,
                              .end = DAY + 3600};
}

static void add(struct fold *fold, const char *user, const char *text)
{
    struct audit_job job = job_of(user, text);
    assert_int_equal(fold_add(fold, &job), 0);
}

static const struct group *find(const struct groups *groups, const char *key)
{
    for (size_t i = 0; i < groups->count; i++) {
        if (strcmp(groups->list[i]->key, key) == 0)
            return groups->list[i];
    }
    fail_case("no group '%s'", key);
}

static void jobs_add_up(void **state)
{
    (void)state;
    struct fold fold;
    fold_begin(&fold, BY_USER);
    add(&fold, "alice", ten);
    add(&fold, "bob", two);
    add(&fold, "alice", two);
    add(&fold, NULL, NULL);
    add(&fold, "carol", "JS1:another tool's");
    assert_int_equal(fold.seen, 5);
    assert_int_equal(fold.unreadable, 0);
    assert_int_equal(fold.groups.count, 2);
    const struct group *alice = find(&fold.groups, "alice");
    assert_int_equal(alice->jobs, 2);
    assert_int_equal(alice->totals.launches, 12);
    assert_int_equal(alice->totals.repaired, 2);
    assert_int_equal(alice->totals.failed, 11);
    assert_int_equal(alice->unrepaired, 10);
    assert_int_equal(alice->core_seconds, 2 * 4 * 3600);
    assert_string_equal(group_class(alice), "silent-exit");
    assert_int_equal(fold.all.jobs, 3);
    assert_int_equal(fold.all.totals.launches, 14);
    fold_end(&fold);
}

static void each_key_has_its_groups(void **state)
{
    (void)state;
    static const struct {
        enum audit_by by;
        const char *of_ten, *of_two;
    } cases[] = {
        {BY_USER, "alice", "bob"},        {BY_ACCOUNT, "physics", "physics"},
        {BY_PARTITION, "main", "main"},   {BY_LAUNCHER, "openmpi", "hydra"},
        {BY_CLASS, "mixed", "srun-wait"}, {BY_MODE, "audit", "auto"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fold fold;
        fold_begin(&fold, cases[i].by);
        add(&fold, "alice", ten);
        add(&fold, "bob", two);
        bool shared = strcmp(cases[i].of_ten, cases[i].of_two) == 0;
        assert_int_equal(find(&fold.groups, cases[i].of_ten)->totals.launches, shared ? 12 : 10);
        assert_int_equal(find(&fold.groups, cases[i].of_two)->totals.launches, shared ? 12 : 2);
        fold_end(&fold);
    }
}

static void only_who_was_not_repaired_is_talked_to(void **state)
{
    (void)state;
    struct fold fold;
    fold_begin(&fold, BY_ACCOUNT);
    add(&fold, "alice", ten);
    add(&fold, "bob", two);
    assert_int_equal(fold.contacts.count, 1);
    assert_string_equal(fold.contacts.list[0]->key, "alice");
    fold_end(&fold);
}

static void what_was_in_no_danger_is_not_to_be_repaired(void **state)
{
    (void)state;
    struct fold fold;
    fold_begin(&fold, BY_USER);
    add(&fold, "alice", MINE("5", "0", "5", "audit", "", "\"none\":5"));
    assert_int_equal(fold.contacts.count, 0);
    add(&fold, "bob", MINE("5", "0", "5", "audit", "", "\"none\":3,\"slots\":2"));
    assert_int_equal(fold.all.unrepaired, 2);
    assert_string_equal(group_class(&fold.all), "slots");
    fold_end(&fold);
}

/* A requeued job keeps the text of its first run. */
static void a_section_of_an_earlier_run_is_not_counted_again(void **state)
{
    (void)state;
    static const struct {
        time_t start;
        unsigned jobs;
    } cases[] = {{DAY, 1}, {LAST, 1}, {LAST + 60, 1}, {LAST + 61, 0}, {10 * DAY, 0}, {0, 1}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fold fold;
        struct audit_job job = job_of("alice", ten);
        fold_begin(&fold, BY_USER);
        job.start = cases[i].start;
        assert_int_equal(fold_add(&fold, &job), 0);
        assert_int_equal(fold.seen, 1);
        assert_int_equal(fold.all.jobs, cases[i].jobs);
        fold_end(&fold);
    }
}

static void what_cannot_be_read_or_true_is_not_counted(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "nestsafe:{broken",
        "nestsafe:{\"v\":2}",
        MINE("9223372036854775807", "0", "0", "audit", "", ""),
        MINE("14404001", "0", "0", "audit", "", ""), /* one more than 1000 a second of each CPU */
        MINE("3", "4", "0", "audit", "", ""),
        MINE("3", "0", "4", "audit", "", ""),
        MINE("-3", "0", "0", "audit", "", ""),
    };
    struct fold fold;
    fold_begin(&fold, BY_USER);
    for (size_t i = 0; i < COUNT(texts); i++)
        add(&fold, "mallory", texts[i]);
    assert_int_equal(fold.unreadable, COUNT(texts));
    assert_int_equal(fold.all.jobs, 0);
    assert_int_equal(fold.groups.count, 0);
    add(&fold, "alice", MINE("14404000", "0", "0", "audit", "", ""));
    assert_int_equal(fold.all.jobs, 1);
    fold_end(&fold);
}

static void nobody_makes_up_names(void **state)
{
    (void)state;
    struct fold fold;
    fold_begin(&fold, BY_CLASS);
    add(&fold, "mallory", MINE("3", "0", "3", "none", "\"mine\":3", "\"a\":1,\"b\":1,\"c\":1"));
    add(&fold, "alice", ten);
    const struct totals *all = &fold.all.totals;
    assert_int_equal(tally_rows(&all->classes), 3);
    assert_string_equal(all->classes.names[0], TALLY_OTHER);
    assert_int_equal(all->classes.counts[0], 3);
    assert_int_equal(find(&fold.groups, TALLY_OTHER)->jobs, 1);
    fold_end(&fold);
}

static void names_are_fit_to_be_shown(void **state)
{
    (void)state;
    struct fold fold;
    fold_begin(&fold, BY_USER);
    add(&fold, "a\033[2J\nb", ten);
    add(&fold, "", ten);
    add(&fold, NULL, ten);
    assert_int_equal(find(&fold.groups, "a?[2J?b")->jobs, 1);
    assert_int_equal(find(&fold.groups, "(none)")->jobs, 2);
    fold_end(&fold);
}

static void many_groups_sorted(void **state)
{
    (void)state;
    enum { USERS = 1000 };
    struct fold fold;
    fold_begin(&fold, BY_USER);
    for (int i = 0; i < 2 * USERS; i++) {
        char user[16];
        snprintf(user, sizeof(user), "u%d", i % USERS);
        add(&fold, user, i % USERS == 500 ? ten : two);
    }
    assert_int_equal(fold.groups.count, USERS);
    fold_sort(&fold);
    assert_string_equal(fold.groups.list[0]->key, "u500");
    for (size_t i = 2; i < USERS; i++)
        assert_true(strcmp(fold.groups.list[i - 1]->key, fold.groups.list[i]->key) < 0);
    fold_end(&fold);
}

static void days_are_those_of_the_reader(void **state)
{
    (void)state;
    struct fold fold;
    struct audit_job job = job_of("alice", ten);
    setenv("TZ", "UTC-3", 1); /* three hours east of Greenwich */
    tzset();
    fold_begin(&fold, BY_USER);
    job.end = 2 * DAY - 3 * 3600;
    assert_int_equal(fold_add(&fold, &job), 0);
    job.end--;
    assert_int_equal(fold_add(&fold, &job), 0);
    fold_sort(&fold);
    assert_int_equal(fold.days.count, 2);
    assert_string_equal(fold.days.list[0]->key, "1970-01-02");
    assert_string_equal(fold.days.list[1]->key, "1970-01-03");
    fold_end(&fold);
}

static void outcomes_add_up(void **state)
{
    (void)state;
    struct group group = {.totals = {.launches = 10, .repaired = 4, .denied = 1}, .unrepaired = 3};
    uint64_t outcomes[OUTCOMES];
    group_outcomes(&group, outcomes);
    assert_int_equal(outcomes[OUTCOME_REPAIRED], 4);
    assert_int_equal(outcomes[OUTCOME_DENIED], 1);
    assert_int_equal(outcomes[OUTCOME_UNREPAIRED], 3);
    assert_int_equal(outcomes[OUTCOME_WELL], 2);
    group.totals.denied = 9;
    group_outcomes(&group, outcomes);
    assert_int_equal(outcomes[OUTCOME_DENIED], 6);
    assert_int_equal(outcomes[OUTCOME_UNREPAIRED] + outcomes[OUTCOME_WELL], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_add_up),
        cmocka_unit_test(each_key_has_its_groups),
        cmocka_unit_test(only_who_was_not_repaired_is_talked_to),
        cmocka_unit_test(what_was_in_no_danger_is_not_to_be_repaired),
        cmocka_unit_test(a_section_of_an_earlier_run_is_not_counted_again),
        cmocka_unit_test(what_cannot_be_read_or_true_is_not_counted),
        cmocka_unit_test(nobody_makes_up_names),
        cmocka_unit_test(names_are_fit_to_be_shown),
        cmocka_unit_test(many_groups_sorted),
        cmocka_unit_test(days_are_those_of_the_reader),
        cmocka_unit_test(outcomes_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
