/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/delivery: when a job's totals go out, what comes of each answer, and who is told of it.
 * nestsafe-account is a script that records its calls and answers as the test wants it to. */
#include "samples.h"
#include "support.h"

#include "collect/clock.h"
#include "collect/delivery.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND 1000000LL

static char *top, *account;
static struct jobs jobs;
static struct courier courier;
static struct nodelog node_log;
static struct delivery delivery;

static const char script[] = "#!/bin/sh\n"
                             "cd \"${0%/*}\" || exit 99\n"
                             "printf '%s\\n' \"${*%%/*/jobs/*}\" >>calls\n"
                             "[ \"$1\" != notify ] || cat >>told\n"
                             "[ \"$1\" != deliver ] || cat \"$4\" >>sent\n"
                             "[ ! -p gate ] || read -r open <gate\n"
                             "read -r status output <answers || status=0\n"
                             "sed -i 1d answers\n"
                             "printf '%s\\n' \"$output\"\n"
                             "echo \"says $status\" >&2\n"
                             "exit \"$status\"\n";

static int set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN); /* as the collector does */
    top = directory_make();
    account = path_join(top, "account");
    file_write(top, "account", script, 0755);
    file_write(top, "answers", "", 0644);
    courier = (struct courier){0};
    node_log = (struct nodelog){0};
    snprintf(node_log.slurmd_log, sizeof(node_log.slurmd_log), "%s/log", top);
    delivery = (struct delivery){
        .jobs = &jobs, .courier = &courier, .log = &node_log, .account = account, .rundir = top};
    return jobs_open(&jobs, top);
}

static int tear_down(void **state)
{
    (void)state;
    jobs_close(&jobs);
    free(account);
    directory_remove(top);
    return 0;
}

/* The statuses of the next calls, and what they print; all others end with 0. */
static void answers(const char *text)
{
    file_write(top, "answers", text, 0644);
}

/* The text of a file; "" where it is not there. Valid until the next call. */
static const char *text_of(const char *name)
{
    static char text[65536];
    char *path = path_join(top, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
    text[length > 0 ? length : 0] = '\0';
    if (fd >= 0)
        close(fd);
    free(path);
    return text;
}

static void check_file(const char *name, const char *expected)
{
    assert_text(name, text_of(name), expected);
}

/* How often a word is in a file. */
static unsigned times_in(const char *name, const char *word)
{
    unsigned times = 0;
    for (const char *at = text_of(name); (at = strstr(at, word)); at += strlen(word))
        times++;
    return times;
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

/* Start what is due, and wait until all of it has ended. */
static void run(void)
{
    siginfo_t info;
    alarm(60);
    delivery_run(&delivery);
    while (delivery.running) {
        assert_int_equal(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), 0);
        courier_reap(&courier);
    }
    alarm(0);
}

static void run_now(struct job *job)
{
    job->due = 1;
    run();
}

static bool is_closed(int end)
{
    struct pollfd pipe = {.fd = end, .events = POLLIN};
    return poll(&pipe, 1, 0) == 1 && pipe.revents == POLLHUP;
}

/* Let somebody wait; returns the end of the pipe that he reads. */
static int wait_for(struct job *job, bool peer)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    delivery_wait(&delivery, job, ends[1], peer);
    return ends[0];
}

static void all_goes_well(void **state)
{
    (void)state;
    struct job *job = job_with_failure(12);
    int64_t now = clock_steady();
    delivery_wanted(job, false);
    assert_in_range(job->due - now, SECOND, 2 * SECOND);
    assert_true(delivery_run(&delivery) == job->due); /* it is not due yet */
    assert_int_equal(delivery.running, 0);
    run_now(job);
    check_file("calls", "deliver --node=n1 --port=868 \n");
    assert_int_equal(times_in("sent", "\"launches\":1"), 1);
    assert_int_equal(job->delivered, job->state.serial);
    assert_int_equal(job->deliveries, 1);
    assert_true(job->due == 0);
    assert_true(delivery_run(&delivery) == 0);
    assert_int_equal(times_in("jobs/12.0", "\"delivered\":1"), 1);
    run_now(job); /* nothing has changed since */
    check_file("calls", "deliver --node=n1 --port=868 \n");
    check_file("log", "");
}

static void somebody_waits(void **state)
{
    (void)state;
    char byte;
    struct job *job = job_with_failure(12);
    int one = wait_for(job, false), two = wait_for(job, false), peer = wait_for(job, true);
    assert_in_range(clock_steady() - job->due, 0, 10 * SECOND); /* due at once */
    assert_int_equal(read(peer, &byte, 1), 1);
    assert_int_equal(byte, 'k');
    assert_int_equal(read(peer, &byte, 1), -1);
    assert_false(is_closed(one) || is_closed(two));
    run();
    assert_true(is_closed(one) && is_closed(two));
    assert_int_equal(read(peer, &byte, 1), 1);
    assert_int_equal(byte, 'r');
    assert_true(is_closed(peer));
    check_file("calls", "deliver --node=n1 --port=868 \n");
    assert_null(job->waiters);
    /* There is nothing to wait for any more. */
    int three = wait_for(job, false);
    assert_true(is_closed(three));
    int last = wait_for(job, true);
    assert_int_equal(read(last, &byte, 1), 1);
    assert_int_equal(read(last, &byte, 1), 1);
    assert_int_equal(byte, 'r');
    assert_true(job->due == 0);
    const int ends[] = {one, two, three, peer, last};
    for (size_t i = 0; i < COUNT(ends); i++)
        close(ends[i]);
}

static void slurm_cannot_be_reached(void **state)
{
    (void)state;
    struct job *job = job_with_failure(12);
    answers("75\n75\n75\n75\n75\n75\n75\n75\n0 writer=n1\n");
    int end = wait_for(job, false);
    for (unsigned i = 0; i < 8; i++) {
        int64_t wait = i < 6 ? SECOND << i : 60 * SECOND;
        int64_t now = clock_steady();
        run_now(job);
        assert_int_equal(job->failures, i + 1);
        assert_in_range(job->due - now, wait / 2, wait + 10 * SECOND);
        assert_false(is_closed(end));
        int64_t due = job->due;
        delivery_wanted(job, true); /* that does not make Slurm answer any sooner */
        assert_true(job->due == due);
    }
    assert_int_equal(job->delivered, 0);
    assert_int_equal(times_in("log", "error: job 12: its record waits in "), 1);
    assert_int_equal(times_in("log", "says 75"), 1);
    run_now(job);
    assert_int_equal(job->delivered, 1);
    assert_int_equal(job->failures, 0);
    assert_true(is_closed(end));
    assert_true(delivery.told == 0);
    close(end);
}

static void slurm_says_no(void **state)
{
    (void)state;
    struct job *job = job_with_failure(12);
    answers("65\n");
    int end = wait_for(job, false);
    run();
    assert_true(is_closed(end));
    assert_true(job->due == 0);
    assert_int_equal(times_in("log", "error: job 12: its record cannot be delivered: says 65"), 1);
    run_now(job);
    check_file("calls", "deliver --node=n1 --port=868 \n");
    close(end);
}

static void the_program_is_missing_or_killed(void **state)
{
    (void)state;
    struct job *job = job_with_failure(12);
    delivery.account = "/nonexistent/account";
    run_now(job);
    assert_int_equal(job->failures, 1);
    assert_int_equal(job->delivered, 0);
    file_write(top, "account", "#!/bin/sh\nkill -9 $$\n", 0755);
    delivery.account = account;
    run_now(job);
    assert_int_equal(job->failures, 2);
    file_write(top, "account", script, 0755);
    run_now(job);
    assert_int_equal(job->delivered, 1);
}

static void whoever_has_gone_costs_nothing(void **state)
{
    (void)state;
    struct job *job = job_with_failure(12);
    job->failures = 1;
    job->due = clock_steady() + 2 * SECOND;
    int first = wait_for(job, false);
    for (int i = 0; i < 3000; i++) /* more than there may be descriptors */
        close(wait_for(job, i % 2));
    assert_true(!job->waiters->next || !job->waiters->next->next);
    assert_false(is_closed(first));
    run_now(job);
    assert_true(is_closed(first));
    close(first);
    job = job_with_failure(12);
    job->failures = 1;
    job->due = clock_steady() + 1000 * SECOND; /* longer than slurmstepd waits */
    assert_true(is_closed(wait_for(job, false)));
}

static void users_are_told_once(void **state)
{
    (void)state;
    struct job *job = job_with_failure(12);
    answers("0 writer=n1\n0\n");
    run_now(job);
    assert_true(job->told);
    check_file("calls", "deliver --node=n1 --port=868 \nnotify 12\n");
    assert_int_equal(times_in("told", "nestsafe: an MPI rank of this job started mpirun"), 1);
    assert_int_equal(times_in("told", "silent-exit"), 1);
    assert_int_equal(times_in("jobs/12.0", "\"told\":true"), 1);
    for (int i = 0; i < 3; i++) {
        job_with_failure(12);
        run_now(job);
    }
    assert_int_equal(times_in("calls", "deliver"), 4);
    assert_int_equal(times_in("calls", "notify"), 1);
    jobs_close(&jobs);
    assert_int_equal(jobs_open(&jobs, top), 0);
    job = job_with_failure(12);
    run_now(job);
    assert_int_equal(times_in("calls", "notify"), 1);
    assert_string_equal(job->state.writer, "n1");
}

static void users_that_are_not_told(void **state)
{
    (void)state;
    struct job *site = job_with_failure(12), *other = job_with_failure(13);
    struct job *fine = job_with_failure(14), *unknown = job_with_failure(15);
    site->state.notify = false;
    fine->ended.preventable = 0;
    answers("0 writer=n1\n0 writer=n2 10.0.0.2\n0 writer=n1\n0\n");
    run_now(site);
    run_now(other);
    run_now(fine);
    run_now(unknown);
    assert_int_equal(times_in("calls", "notify"), 0);
    assert_int_equal(times_in("calls", "deliver"), 4);
    assert_string_equal(other->state.writer, "n2");
    assert_string_equal(other->state.address, "10.0.0.2");
    assert_string_equal(unknown->state.writer, "");
}

static void a_user_that_cannot_be_told(void **state)
{
    (void)state;
    struct job *job = job_with_failure(12);
    int end = wait_for(job, false);
    answers("0 writer=n1\n1\n");
    run_now(job);
    assert_true(is_closed(end));
    assert_int_equal(times_in("log", "error: job 12: its user could not be told: says 1"), 1);
    job_with_failure(12);
    run_now(job);
    assert_int_equal(times_in("calls", "notify"), 1);
    close(end);
}

static void only_so_many_at_a_time(void **state)
{
    (void)state;
    char *gate = path_join(top, "gate");
    assert_int_equal(mkfifo(gate, 0600), 0);
    for (uint32_t i = 0; i < 10; i++)
        job_with_failure(20 + i)->due = 1;
    assert_true(delivery_run(&delivery) == 0);
    assert_int_equal(delivery.running, 4);
    assert_true(delivery_run(&delivery) == 0);
    assert_int_equal(delivery.running, 4);
    struct job *later = jobs.list;
    while (later->delivering)
        later = later->next;
    later->due = clock_steady() + 1000 * SECOND;
    assert_true(delivery_run(&delivery) == later->due);
    later->due = 1;
    int fd = open(gate, O_RDWR | O_CLOEXEC);
    assert_int_equal(unlink(gate), 0);
    assert_int_equal(write(fd, "\n\n\n\n", 4), 4);
    for (int i = 0; i < 10; i++)
        run();
    close(fd);
    for (struct job *job = jobs.list; job; job = job->next)
        assert_int_equal(job->delivered, 1);
    free(gate);
}

static void more_happens_meanwhile(void **state)
{
    (void)state;
    struct job *job = job_with_failure(12);
    job->due = 1;
    delivery_run(&delivery);
    assert_int_equal(delivery.running, 1);
    job_with_failure(12);
    int end = wait_for(job, false);
    run();
    assert_int_equal(job->delivered, 1);
    assert_false(is_closed(end)); /* it is the second that is waited for */
    assert_true(job->due != 0);
    run();
    assert_true(is_closed(end));
    assert_int_equal(job->delivered, 2);
    assert_int_equal(times_in("sent", "\"launches\":2"), 1);
    close(end);
}

static void nowhere_to_write(void **state)
{
    (void)state;
    struct job *job = job_with_failure(12);
    int directory = jobs.spool;
    jobs.spool = -1;
    delivery.rundir = "/dev/null";
    int end = wait_for(job, false);
    run_now(job);
    assert_int_equal(job->failures, 1);
    assert_int_equal(times_in("log", "error: job 12: its record waits in"), 1);
    check_file("calls", "");
    jobs.spool = directory;
    run_now(job);
    assert_int_equal(job->delivered, 1);
    assert_true(is_closed(end));
    close(end);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(all_goes_well),
        TEST(somebody_waits),
        TEST(slurm_cannot_be_reached),
        TEST(slurm_says_no),
        TEST(the_program_is_missing_or_killed),
        TEST(whoever_has_gone_costs_nothing),
        TEST(users_are_told_once),
        TEST(users_that_are_not_told),
        TEST(a_user_that_cannot_be_told),
        TEST(only_so_many_at_a_time),
        TEST(more_happens_meanwhile),
        TEST(nowhere_to_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
