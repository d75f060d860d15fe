/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/jobs: what a job's launches add up to, where it is kept, and for how long. */
#include "samples.h"
#include "support.h"

#include "collect/clock.h"
#include "collect/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *top, *spool, *rundir;
static struct jobs jobs;

static int set_up(void **state)
{
    (void)state;
    top = directory_make();
    spool = path_join(top, "spool");
    rundir = path_join(top, "run");
    return jobs_open(&jobs, spool);
}

static int tear_down(void **state)
{
    (void)state;
    jobs_close(&jobs);
    free(spool);
    free(rundir);
    directory_remove(top);
    return 0;
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

/* Size of a file below top, or -1. */
static long size_of(const char *name)
{
    struct stat status;
    char *path = path_join(top, name);
    long size = stat(path, &status) == 0 ? (long)status.st_size : -1;
    free(path);
    return size;
}

static void launches_add_up(void **state)
{
    (void)state;
    struct job *job = job_of(12);
    struct launch *launches[4];
    struct totals sum;
    assert_int_equal(job_sum(job), 0);
    assert_int_equal(job->state.serial,
                     0); /* a job without incidents is none of Slurm's business */
    for (long i = 0; i < 4; i++)
        launches[i] = begin(job, i + 1);
    launches[1]->incident.deed = DEED_REPAIRED;
    launches[1]->incident.mode = MODE_AUTO;
    launches[2]->incident.deed = DEED_DENIED;
    launches[2]->incident.began += 5000000;
    launches[3]->incident.deed = DEED_BYPASSED;
    launches[3]->incident.flavour = FLAVOUR_HYDRA;
    launches[3]->incident.began -= 5000000;
    assert_int_equal(job_sum(job), 0);
    assert_int_equal(job->state.serial, 1);
    end(job, launches[0]);
    assert_int_equal(job_sum(job), 0);
    assert_int_equal(job_sum(job), 0);
    assert_int_equal(job->state.serial, 2);
    jobstate_sum(&job->state, &sum);
    assert_int_equal(sum.launches, 4);
    assert_int_equal(sum.repaired, 1);
    assert_int_equal(sum.denied, 1);
    assert_int_equal(sum.bypassed, 1);
    assert_int_equal(sum.failed, 1);
    assert_int_equal(sum.preventable, 1);
    assert_int_equal(sum.first, 1795670555);
    assert_int_equal(sum.last, 1795670565);
    assert_int_equal(tally_rows(&sum.flavours), 2);
    assert_int_equal(tally_rows(&sum.classes), 2);
    assert_int_equal(tally_rows(&sum.modes), 2);
    assert_true(totals_equal(&sum, jobstate_totals(&job->state, "n1")));
}

static void a_job_is_one(void **state)
{
    (void)state;
    struct stepfile step = sample_step(12);
    struct job *job = job_of(12);
    step.step = 1;
    step.uid = 7;
    step.notify = false;
    step.accounting = ACCOUNTING_EXTRA;
    assert_ptr_equal(jobs_of_step(&jobs, &step), job);
    assert_ptr_equal(jobs_of(&jobs, 12, 0), job);
    assert_int_equal(job->state.uid, 7);
    assert_int_equal(job->state.field, ACCOUNTING_EXTRA);
    assert_false(job->state.notify);
    step.restart = 1;
    assert_ptr_not_equal(jobs_of_step(&jobs, &step), job);
    assert_ptr_not_equal(jobs_of(&jobs, 13, 0), job);
}

static void check_state(const char *path, uint64_t launches, uint64_t delivered)
{
    struct jobstate kept;
    struct totals sum;
    char text[10000];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = read(fd, text, sizeof(text));
    close(fd);
    assert_int_equal(jobstate_parse(&kept, text, (size_t)length), 0);
    jobstate_sum(&kept, &sum);
    assert_int_equal(sum.launches, launches);
    assert_int_equal(kept.delivered, delivered);
    assert_true(kept.told);
    jobstate_destroy(&kept);
}

static void a_state_is_saved(void **state)
{
    (void)state;
    char path[PATH_MAX], expected[PATH_MAX];
    struct job *job = job_of(12);
    begin(job, 1);
    job->delivered = 5;
    job->told = true;
    assert_int_equal(job_sum(job), 0);
    assert_int_equal(job_save(&jobs, job, rundir, path), 0);
    snprintf(expected, sizeof(expected), "%s/jobs/12.0", spool);
    assert_string_equal(path, expected);
    check_state(path, 1, 5);
    assert_int_equal(size_of("run"), -1);

    /* A directory of that name keeps the spool from taking it. */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(job_save(&jobs, job, rundir, path), 0);
    assert_int_equal(jobs.error, EISDIR);
    snprintf(expected, sizeof(expected), "%s/12.0", rundir);
    assert_string_equal(path, expected);
    check_state(path, 1, 5);
    assert_int_equal(job_save(&jobs, job, "/dev/null/x", path), -1);
    assert_int_equal(errno, ENOTDIR);
}

static void a_spool_that_cannot_be_used(void **state)
{
    (void)state;
    char path[PATH_MAX], long_path[PATH_MAX];
    struct jobs other;
    struct totals sum;
    file_write(top, "file", "", 0600);
    char *file = path_join(top, "file");
    memset(long_path, 'x', sizeof(long_path) - 1);
    long_path[sizeof(long_path) - 1] = '\0';
    assert_int_equal(jobs_open(&other, long_path), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(jobs_open(&other, file), -1);
    assert_int_equal(errno, ENOTDIR);
    const struct stepfile step = sample_step(12);
    struct job *job = jobs_of_step(&other, &step);
    for (long i = 0; i < 100; i++) {
        struct launch *launch = begin(job, i + 1);
        job_record(&other, job);
        if (i % 2)
            job_end(&other, job, launch);
    }
    jobs_expire(&other);
    assert_int_equal(job_sum(job), 0);
    jobstate_sum(&job->state, &sum);
    assert_int_equal(sum.launches, 100);
    assert_int_equal(job_save(&other, job, rundir, path), 0);
    assert_int_equal(other.error, 0); /* told when it was opened */

    /* It comes to be there later. */
    assert_int_equal(jobs_move(&other, file), -1);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(jobs_move(&other, file), 0);
    job_end(&other, job, job->launches);
    assert_true(size_of("file/jobs/12.0.journal") > 0);
    jobs_close(&other);
    free(file);
}

static void a_journal_does_not_grow_for_ever(void **state)
{
    (void)state;
    struct job *job = job_of(12);
    long most = 0;
    struct launch *running = begin(job, 1);
    for (long i = 0; i < 10000; i++) {
        struct launch *launch = begin(job, i + 2);
        job_record(&jobs, job);
        end(job, launch);
        if (i % 512 == 0 && size_of("spool/jobs/12.0.journal") > most)
            most = size_of("spool/jobs/12.0.journal");
    }
    assert_in_range(most, 1000, 4200 * 600);
    assert_int_equal(jobs.error, 0);
    /* Nothing is lost by writing it anew. */
    assert_ptr_equal(job->launches, running);
    jobs_close(&jobs);
    assert_int_equal(jobs_open(&jobs, spool), 0);
    job = jobs_of(&jobs, 12, 0);
    struct totals sum;
    jobstate_sum(&job->state, &sum);
    assert_int_equal(sum.launches, 10001);
    assert_int_equal(sum.failed, 10000);
}

static void idle_jobs_are_dropped(void **state)
{
    (void)state;
    int64_t long_ago = clock_steady() - 601 * 1000000LL;
    struct job *kept[5], *idle = job_of(1), *recent = job_of(2);
    struct waiter *waiter = calloc(1, sizeof(*waiter));
    for (uint32_t i = 0; i < COUNT(kept); i++)
        kept[i] = job_of(10 + i);
    end(idle, begin(idle, 1));
    assert_int_equal(job_sum(idle), 0);
    begin(kept[0], 1);
    waiter->reply = open("/dev/null", O_WRONLY | O_CLOEXEC);
    kept[1]->waiters = waiter;
    kept[2]->delivering = true;
    kept[3]->due = 1;
    kept[4]->changed = true;
    for (struct job *job = jobs.list; job; job = job->next)
        job->touched = job == recent ? job->touched : long_ago;
    jobs_expire(&jobs);
    unsigned count = 0;
    for (struct job *job = jobs.list; job; job = job->next) {
        assert_int_not_equal(job->state.job, 1);
        count++;
    }
    assert_int_equal(count, 1 + COUNT(kept));
    /* Its files are there, and it is the same job when it comes again. */
    idle = job_of(1);
    assert_int_equal(idle->ended.launches, 1);
    assert_int_equal(idle->state.nodes[0].totals.launches, 1);
}

static void a_job_that_cannot_be_written_stays(void **state)
{
    (void)state;
    struct job *job = job_of(1);
    end(job, begin(job, 1));
    assert_int_equal(job_sum(job), 0);
    job->touched -= 601 * 1000000LL;
    job->broken_journal = true;
    int directory = jobs.spool;
    jobs.spool = open("/dev/null", O_RDONLY | O_CLOEXEC);
    jobs_expire(&jobs);
    assert_ptr_equal(jobs.list, job);
    close(jobs.spool);
    jobs.spool = directory;
    jobs_expire(&jobs);
    assert_null(jobs.list);
    assert_int_equal(job_of(1)->ended.launches, 1);
}

static void age(const char *name, int days)
{
    char *path = path_join(top, name);
    const struct timespec times[2] = {{time(NULL) - days * 86400LL, 0},
                                      {time(NULL) - days * 86400LL, 0}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    free(path);
}

static void old_files_are_removed(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int days;
        bool kept;
    } files[] = {
        {"7.0", 31, false},        {"7.0.journal", 31, false}, {"8.1", 29, true},
        {"8.1.journal", 29, true}, {"9.0", 31, true}, /* known */
        {"9.0.journal", 31, true}, {"notes", 100, true},       {"7.0.journal.x", 31, true},
        {"x7.0", 31, true},
    };
    char *directory = path_join(spool, "jobs");
    for (size_t i = 0; i < COUNT(files); i++) {
        char *name = path_join("spool/jobs", files[i].name);
        file_write(directory, files[i].name, "", 0600);
        age(name, files[i].days);
        free(name);
    }
    job_of(9);
    age("spool/jobs/9.0.journal", 31);
    jobs_expire(&jobs);
    for (size_t i = 0; i < COUNT(files); i++) {
        char *name = path_join("spool/jobs", files[i].name);
        if ((size_of(name) >= 0) != files[i].kept)
            fail_case("%s is %s", name, files[i].kept ? "gone" : "there");
        free(name);
    }
    free(directory);
}

static void the_spool_moves(void **state)
{
    (void)state;
    char path[PATH_MAX];
    struct job *job = job_of(12);
    begin(job, 1);
    job_record(&jobs, job);
    end(job, begin(job, 2));
    char *other = path_join(top, "other"), *bad = path_join(top, "bad");
    file_write(top, "bad", "", 0600);
    int before = jobs.spool;
    assert_int_equal(jobs_move(&jobs, spool), 0);
    assert_int_equal(jobs_move(&jobs, bad), -1);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(jobs.spool, before);
    assert_int_equal(jobs_move(&jobs, other), 0);
    assert_ptr_equal(jobs.list, job);
    end(job, begin(job, 3));
    assert_int_equal(job_sum(job), 0);
    assert_int_equal(job_save(&jobs, job, rundir, path), 0);
    assert_int_equal(strncmp(path, other, strlen(other)), 0);
    jobs_close(&jobs);
    assert_int_equal(jobs_open(&jobs, other), 0);
    job = jobs_of(&jobs, 12, 0);
    assert_int_equal(job->ended.launches, 2);
    assert_int_equal(job->launches->incident.process.pid, 1);
    free(other);
    free(bad);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(launches_add_up),
        TEST(a_job_is_one),
        TEST(a_state_is_saved),
        TEST(a_spool_that_cannot_be_used),
        TEST(a_journal_does_not_grow_for_ever),
        TEST(idle_jobs_are_dropped),
        TEST(a_job_that_cannot_be_written_stays),
        TEST(old_files_are_removed),
        TEST(the_spool_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
