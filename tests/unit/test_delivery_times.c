/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/delivery: when a job's totals are due. */
#include "samples.h"
#include "support.h"

#include "collect/clock.h"
#include "collect/delivery.h"

#include <string.h>

#define SECOND 1000000LL

static char *top;
static struct jobs jobs;

static int set_up(void **state)
{
    (void)state;
    top = directory_make();
    return jobs_open(&jobs, top);
}

static int tear_down(void **state)
{
    (void)state;
    jobs_close(&jobs);
    directory_remove(top);
    return 0;
}

static struct job *job_with_failure(uint32_t id)
{
    const struct stepfile step = sample_step(id);
    const struct incident incident = sample_failure(1);
    struct job *job = jobs_of_step(&jobs, &step);
    assert_non_null(job);
    job_end(&jobs, job, job_begin(job, &incident));
    return job;
}

static void ever_more_seldom(void **state)
{
    (void)state;
    struct job *job = job_with_failure(12);
    static const struct {
        unsigned deliveries;
        bool urgent;
        int64_t seconds;
    } cases[] = {{0, true, 0},  {0, false, 1},  {1, false, 10},    {2, false, 20},
                 {19, true, 0}, {20, true, 10}, {10, false, 5120}, {1000, false, 5120}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        job->due = 0;
        job->deliveries = cases[i].deliveries;
        int64_t now = clock_steady();
        delivery_wanted(job, cases[i].urgent);
        assert_in_range(job->due - now, cases[i].seconds * SECOND, (cases[i].seconds + 5) * SECOND);
    }
    delivery_wanted(job, true); /* the sooner of the two */
    assert_in_range(job->due - clock_steady() + SECOND, SECOND, 11 * SECOND);
    int64_t due = job->due;
    delivery_wanted(job, false);
    assert_true(job->due == due);
    job->settings.nodes = job->settings.index = UINT32_MAX;
    job->due = 0;
    job->deliveries = 0;
    delivery_wanted(job, true);
    assert_in_range(job->due - clock_steady(), 0, 269000000LL * SECOND);
}

/* Each asks for the job and for its first node's address: 50 requests a second are not to be more.
 */
static void nodes_that_end_together(void **state)
{
    (void)state;
    struct job *job = job_with_failure(12);
    int64_t before = 0;
    job->settings.nodes = 1000;
    for (job->settings.index = 0; job->settings.index < 1000; job->settings.index++) {
        job->due = 0;
        int64_t now = clock_steady();
        /* However often somebody waits, that is not another chance to be early. */
        for (int i = 0; i < 3; i++)
            delivery_wanted(job, true);
        int64_t wait = job->due - now;
        assert_in_range(wait - before, job->settings.index ? SECOND / 25 : 0, 5 * SECOND);
        before = job->settings.index * SECOND / 16;
    }
    assert_in_range(job->due - clock_steady(), 61 * SECOND, 63 * SECOND);
    strcpy(job->state.writer, "n1"); /* that is not slurmctld */
    job->due = 0;
    delivery_wanted(job, true);
    assert_in_range(job->due - clock_steady() + SECOND, SECOND / 2, 2 * SECOND);
}

static void begin_anew(void)
{
    jobs_close(&jobs);
    assert_int_equal(jobs_open(&jobs, top), 0);
    jobs_restore(&jobs, NULL, NULL);
    /* As for a launch that has ended meanwhile. */
    for (struct job *job = jobs.list; job; job = job->next)
        delivery_wanted(job, false);
    delivery_resume(&jobs);
}

static void save(struct job *job, const char *journal)
{
    char path[PATH_MAX];
    assert_int_equal(job_sum(job), 0);
    assert_int_equal(job_save(&jobs, job, top, path), 0);
    assert_int_equal(journal_write(jobs.spool, journal, &job->settings, &job->ended, NULL, 0), 0);
}

/* A package is replaced on all nodes at once. */
static void nodes_that_begin_anew_together(void **state)
{
    (void)state;
    struct job *job = job_with_failure(12);
    job->settings.index = 400;
    save(job, "12.0.journal");
    int64_t now = clock_steady();
    begin_anew();
    assert_in_range(jobs_of(&jobs, 12, 0)->due - now, 24 * SECOND, 90 * SECOND);
}

/* Each has a job of its own, which has no other node. */
static void jobs_of_one_node_that_begin_anew_together(void **state)
{
    (void)state;
    enum { JOBS = 200, PARTS = 6 };
    unsigned in_part[PARTS] = {0};
    char journal[JOURNAL_NAME];
    for (unsigned id = 1; id <= JOBS; id++) {
        journal_name(journal, id, 0);
        save(job_with_failure(id), journal);
    }
    int64_t now = clock_steady();
    begin_anew();
    for (unsigned id = 1; id <= JOBS; id++) {
        int64_t part = (jobs_of(&jobs, id, 0)->due - now) / (10 * SECOND);
        assert_in_range(part, 0, PARTS);
        in_part[part < PARTS ? part : PARTS - 1]++;
    }
    for (unsigned part = 0; part < PARTS; part++)
        assert_in_range(in_part[part], JOBS / PARTS / 2, JOBS / PARTS * 2);
}

/* Whoever ends a job of many nodes with steps of one each has them end together, too. */
static void nodes_whose_last_step_was_their_own(void **state)
{
    (void)state;
    struct stepfile step = sample_step(12);
    jobs_of_step(&jobs, &step);
    step.nodes = 1000;
    step.index = 400;
    jobs_of_step(&jobs, &step);
    step.nodes = 1;
    step.index = 0;
    step.uid = 7;
    struct job *job = jobs_of_step(&jobs, &step);
    assert_int_equal(job->settings.uid, 7);
    int64_t now = clock_steady();
    delivery_wanted(job, true);
    assert_in_range(job->due - now, 25 * SECOND, 30 * SECOND);
    begin_anew();
    assert_int_equal(jobs_of(&jobs, 12, 0)->settings.index, 400);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(ever_more_seldom),
        TEST(nodes_that_end_together),
        TEST(nodes_that_begin_anew_together),
        TEST(jobs_of_one_node_that_begin_anew_together),
        TEST(nodes_whose_last_step_was_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
