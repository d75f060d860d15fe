/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/jobs: a collector that is killed, wherever that is, loses no launch and counts none
 * twice. */
#include "samples.h"
#include "support.h"

#include "collect/delivery.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *top, *rundir;
static struct jobs jobs;
static unsigned found_count;
static long found_last;

static int set_up(void **state)
{
    (void)state;
    top = directory_make();
    rundir = path_join(top, "run");
    return jobs_open(&jobs, top);
}

static int tear_down(void **state)
{
    (void)state;
    jobs_close(&jobs);
    free(rundir);
    directory_remove(top);
    return 0;
}

static void found(void *context, struct launch *launch)
{
    assert_ptr_equal(context, &jobs);
    assert_non_null(launch->job);
    found_last = launch->incident.process.pid;
    found_count++;
}

/* What is in memory is lost, and a new collector begins. */
static void kill_it(void)
{
    jobs_close(&jobs);
    found_count = 0;
    assert_int_equal(jobs_open(&jobs, top), 0);
    jobs_restore(&jobs, found, &jobs);
    delivery_resume(&jobs);
}

static struct job *job_of(uint32_t id)
{
    const struct stepfile step = sample_step(id);
    struct job *job = jobs_of_step(&jobs, &step);
    assert_non_null(job);
    return job;
}

static struct launch *begin(struct job *job, long pid)
{
    const struct incident incident = sample_incident(pid);
    struct launch *launch = job_begin(job, &incident);
    assert_non_null(launch);
    return launch;
}

static void end(struct job *job, struct launch *launch)
{
    launch->incident = sample_failure(launch->incident.process.pid);
    job_end(&jobs, job, launch);
}

static struct totals sum_of(struct job *job)
{
    struct totals sum;
    assert_int_equal(job_sum(job), 0);
    jobstate_sum(&job->state, &sum);
    return sum;
}

static void at_each_step_of_a_launch(void **state)
{
    (void)state;
    struct job *job = job_of(12);
    struct launch *launch = begin(job, 1);
    launch->incident.seen = SEEN_PATH;
    job_record(&jobs, job);
    kill_it();
    job = jobs_of(&jobs, 12, 0);
    assert_int_equal(found_count, 1);
    assert_int_equal(job->launches->incident.seen, SEEN_PATH);
    assert_int_equal(sum_of(job).launches, 1);
    /* It becomes known better, and is recorded again. */
    job->launches->incident.seen |= SEEN_KERNEL;
    job->launches->recorded = false;
    job_record(&jobs, job);
    kill_it();
    job = jobs_of(&jobs, 12, 0);
    assert_int_equal(found_count, 1);
    assert_int_equal(job->launches->incident.seen, SEEN_PATH | SEEN_KERNEL);
    end(job, job->launches);
    for (int i = 0; i < 3; i++) {
        kill_it();
        job = jobs_of(&jobs, 12, 0);
        assert_int_equal(found_count, 0);
        assert_null(job->launches);
        assert_int_equal(sum_of(job).launches, 1);
        assert_int_equal(sum_of(job).failed, 1);
    }
}

/* Process ids come again, and with another start time it is another launch. */
static void the_same_process_id(void **state)
{
    (void)state;
    struct job *job = job_of(12);
    for (unsigned long long start = 1; start <= 3; start++) {
        struct launch *launch = begin(job, 7);
        launch->incident.process.start = start;
        job_record(&jobs, job);
        launch->incident.ended = launch->incident.began + 1;
        job_end(&jobs, job, launch);
    }
    kill_it();
    assert_int_equal(sum_of(jobs_of(&jobs, 12, 0)).launches, 3);
}

static void recorded_once(void **state)
{
    (void)state;
    struct stat first, second;
    char *path = path_join(top, "jobs/12.0.journal");
    struct job *job = job_of(12);
    begin(job, 1);
    job_record(&jobs, job);
    assert_int_equal(stat(path, &first), 0);
    job_record(&jobs, job);
    assert_int_equal(stat(path, &second), 0);
    assert_int_equal(first.st_size, second.st_size);
    free(path);
}

/* Launches of three jobs that begin and end while the collector is killed again and again; whatever
 * had been recorded counts once. */
static void again_and_again(void **state)
{
    (void)state;
    enum { JOBS = 3, ROUNDS = 3000 };
    uint64_t begun[JOBS] = {0}, ended[JOBS] = {0};
    long pid = 0;
    srandom(1);
    for (int round = 0; round < ROUNDS; round++) {
        unsigned id = (unsigned)random() % JOBS;
        struct job *job = job_of(id + 1);
        long what = random() % 100;
        if (what < 45) {
            begin(job, ++pid);
            job_record(&jobs, job);
            begun[id]++;
        } else if (what < 90 && job->launches) {
            struct launch *launch = job->launches;
            while (launch->next_of_job && random() % 2)
                launch = launch->next_of_job;
            end(job, launch);
            ended[id]++;
        } else if (what < 93) {
            job->broken_journal = true;
        } else if (what < 96) {
            job->lines = 4096;
        } else if (what >= 98) {
            kill_it();
            uint64_t left = 0;
            for (unsigned i = 0; i < JOBS; i++) {
                struct totals sum = sum_of(job_of(i + 1));
                assert_int_equal(sum.launches, begun[i]);
                assert_int_equal(sum.failed, ended[i]);
                left += begun[i] - ended[i];
            }
            assert_int_equal(found_count, left);
        }
    }
    assert_true(begun[0] > 100 && ended[0] > 100);
}

/* Else one that is killed often enough would let it grow for ever. */
static void how_long_the_journal_is(void **state)
{
    (void)state;
    struct stat status;
    char *path = path_join(top, "jobs/12.0.journal");
    struct job *job = job_of(12);
    for (long pid = 1; pid <= 3000; pid++) {
        end(job, begin(job, pid));
        if (pid % 1000 == 0) {
            kill_it();
            job = job_of(12);
        }
    }
    assert_int_equal(job->lines, 3000);
    for (long pid = 3001; pid <= 4097; pid++)
        end(job, begin(job, pid));
    assert_int_equal(stat(path, &status), 0);
    assert_in_range(status.st_size, 1, 10000);
    assert_int_equal(sum_of(job).launches, 4097);
    free(path);
}

/* The last line was cut off; what is recorded after that must not be lost with it. */
static void behind_a_cut_line(void **state)
{
    (void)state;
    struct stat status;
    char *path = path_join(top, "jobs/12.0.journal");
    struct job *job = job_of(12);
    begin(job, 1);
    job_record(&jobs, job);
    end(job, job->launches);
    for (long cut = 1; cut < 20; cut += 6) {
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(truncate(path, status.st_size - cut), 0);
        kill_it();
        job = job_of(12);
        end(job, begin(job, 100 + cut));
        kill_it();
        job = job_of(12);
        assert_int_equal(job->ended.launches + found_count, 2);
        assert_int_equal(sum_of(job).launches, 2);
        jobs_close(&jobs);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(jobs_open(&jobs, top), 0);
        job = job_of(12);
        begin(job, 1);
        job_record(&jobs, job);
        end(job, job->launches);
    }
    free(path);
}

static void what_was_delivered(void **state)
{
    (void)state;
    char path[PATH_MAX];
    struct job *job = job_of(12);
    end(job, begin(job, 1));
    assert_int_equal(job_sum(job), 0);
    assert_int_equal(job_save(&jobs, job, rundir, path), 0);
    kill_it();
    job = jobs_of(&jobs, 12, 0);
    assert_int_equal(job->state.serial, 1);
    assert_int_equal(job->delivered, 0);
    assert_false(job->told);
    assert_true(job->due != 0); /* it is on its way again */
    job->delivered = 1;
    job->told = true;
    assert_int_equal(job_save(&jobs, job, rundir, path), 0);
    kill_it();
    job = jobs_of(&jobs, 12, 0);
    assert_int_equal(job->state.serial, 1);
    assert_int_equal(job->delivered, 1);
    assert_true(job->told);
    assert_true(job->due == 0);
    /* The journal knows of a launch that the state does not. */
    end(job, begin(job, 2));
    kill_it();
    job = jobs_of(&jobs, 12, 0);
    assert_int_equal(job->state.serial, 2);
    assert_true(job->due != 0);
}

/* This node writes for a job that it is known only by the others' shares of. */
static void a_job_of_other_nodes(void **state)
{
    (void)state;
    char path[PATH_MAX];
    const struct totals totals = {.launches = 5};
    struct job *job = jobs_of(&jobs, 12, 0);
    assert_int_equal(jobstate_set(&job->state, "n2", &totals), 1);
    strcpy(job->settings.node, "n1");
    strcpy(job->state.writer, "n1");
    assert_int_equal(job_save(&jobs, job, rundir, path), 0);
    kill_it();
    job = jobs_of(&jobs, 12, 0);
    assert_string_equal(job->settings.node, "n1");
    assert_true(job->due != 0);
    /* Then it has a step here too, whose settings last. */
    job = job_of(12);
    end(job, begin(job, 1));
    kill_it();
    job = jobs_of(&jobs, 12, 0);
    assert_int_equal(job->settings.job, 12);
    assert_string_equal(job->settings.log, "slurmd");
    assert_int_equal(sum_of(job).launches, 6);
    /* Another node writes. */
    strcpy(job->state.writer, "n3");
    strcpy(job->state.address, "10.0.0.3");
    assert_int_equal(job_save(&jobs, job, rundir, path), 0);
    kill_it();
    assert_string_equal(jobs_of(&jobs, 12, 0)->settings.node, "n1");
}

static void damaged_files(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "\n", "{}\n", "\xff\n", "{\"v\":1"};
    char *directory = path_join(top, "jobs");
    for (size_t i = 0; i < COUNT(texts); i++) {
        file_write(directory, "12.0", texts[i], 0600);
        file_write(directory, "12.0.journal", texts[i], 0600);
        kill_it();
        assert_int_equal(found_count, 0);
        struct job *job = job_of(12);
        assert_int_equal(sum_of(job).launches, 0);
        end(job, begin(job, (long)i + 1));
        kill_it();
        assert_int_equal(sum_of(job_of(12)).launches, 1);
    }
    free(directory);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(at_each_step_of_a_launch), TEST(the_same_process_id),     TEST(recorded_once),
        TEST(again_and_again),          TEST(how_long_the_journal_is), TEST(behind_a_cut_line),
        TEST(what_was_delivered),       TEST(a_job_of_other_nodes),    TEST(damaged_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
