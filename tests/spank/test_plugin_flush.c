/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin on the fake SPANK host: the node's collector is started, and waited for where it has
 * seen something. Only root does that. */
#include "plugin.h"

#include "launch/address.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A task in whose step the collector has seen an incident. */
#define MARK "cd \"$RUN/steps\" && for step in *.*; do : >\"${step%.dirty}.dirty\"; done"

static void prepare_step(struct play *p, const char *script)
{
    static char variable[80];
    static const char *env[3];
    static const char *argv[4] = {"sh", "-c"};

    plugin_prepare(p, HOST_REMOTE, "");
    snprintf(variable, sizeof(variable), "RUN=%s", rundir);
    env[0] = "PATH=/usr/bin:/bin";
    env[1] = variable;
    argv[2] = script;
    p->sc.env = env;
    p->sc.argv = argv;
    p->sc.real_exec = true;
}

static int open_socket(bool listen)
{
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_int_equal(collector_address(&address, rundir), 0);
    if (listen) {
        unlink(address.sun_path);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    } else {
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    }
    return fd;
}

/* How many lines of the file heard in rundir begin so; it is removed. */
static int count_heard(const char *begin)
{
    char path[80], line[4096];
    int n = 0;

    snprintf(path, sizeof(path), "%s/heard", rundir);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof(line), f))
        n += strncmp(line, begin, strlen(begin)) == 0;
    if (f)
        fclose(f);
    unlink(path);
    return n;
}

/* A collector in a process of its own, until it is told to stop; holds: it never answers. */
static pid_t listen_there(bool holds, bool cleans)
{
    int fd = open_socket(true);
    pid_t pid = fork();

    if (pid != 0) {
        close(fd);
        return pid;
    }
    for (;;) {
        char text[128], name[256], control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
        struct iovec part = {.iov_base = text, .iov_len = sizeof(text) - 1};
        struct msghdr message = {.msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = control,
                                 .msg_controllen = sizeof(control)};
        ssize_t length = recvmsg(fd, &message, 0);
        int passed = -1;

        text[length < 0 ? 0 : length] = '\0';
        if (length <= 0 || strcmp(text, "stop") == 0)
            _exit(0);
        if (CMSG_FIRSTHDR(&message))
            memcpy(&passed, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
        snprintf(name, sizeof(name), "%s/heard", rundir);
        FILE *f = fopen(name, "ae");
        if (!f || fputs(text, f) < 0 || fclose(f) != 0)
            _exit(1);
        text[strcspn(text, "\n")] = '\0';
        snprintf(name, sizeof(name), "%s/steps/%s.dirty", rundir, text + strlen("flush="));
        if (cleans)
            unlink(name);
        if (!holds)
            close(passed);
    }
}

static void end_collector(pid_t pid)
{
    int status = 0;
    int fd = open_socket(false);

    assert_int_equal(write(fd, "stop", 4), 4);
    close(fd);
    if (pid > 0)
        assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static long long milliseconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static void test_who_has_seen_something_is_waited_for(void **state)
{
    static const struct {
        const char *script;
        enum host_step step;
        uint32_t tasks;
        bool cleans;
        int flushes;
    } cases[] = {
        {"true", HOST_STEP_SRUN, 2, false, 0},
        {"true", HOST_STEP_BATCH, 1, false, 0},
        /* After the last task and at the end of the step, unless there is nothing more. */
        {MARK, HOST_STEP_SRUN, 1, false, 2},
        {MARK, HOST_STEP_SRUN, 3, false, 2},
        {MARK, HOST_STEP_SRUN, 3, true, 1},
        {MARK, HOST_STEP_BATCH, 1, true, 1},
        {MARK, HOST_STEP_INTERACTIVE, 1, false, 2},
    };

    (void)state;
    if (geteuid() != 0)
        return;
    for (size_t i = 0; i < COUNT(cases) * HOST_RELEASES; i += host_stride()) {
        size_t c = i / HOST_RELEASES;
        pid_t collector = listen_there(false, cases[c].cleans);
        struct play p;

        prepare_step(&p, cases[c].script);
        p.sc.release = (enum host_release)(i % HOST_RELEASES);
        p.sc.contain_spank = true;
        p.sc.step = cases[c].step;
        p.sc.node_tasks = p.sc.total_tasks = cases[c].tasks;
        plugin_run(&p);
        assert_silent(&p.res);
        end_collector(collector);
        if (count_heard("flush=") != cases[c].flushes) {
            host_dump(&p.res);
            fail_msg("case %zu, release %zu", c, i % HOST_RELEASES);
        }
        end(&p);
    }
}

static void test_listed_twice(void **state)
{
    pid_t collector;
    struct play p;

    (void)state;
    if (geteuid() != 0)
        return;
    collector = listen_there(false, false);
    prepare_step(&p, MARK);
    plugin_add(&p, NULL, "");
    p.sc.node_tasks = p.sc.total_tasks = 3;
    plugin_run(&p);
    end_collector(collector);
    assert_int_equal(count_heard("flush="), 2);
    end(&p);
}

/* One that answers never costs 3 s, and not at each hook. */
static void test_patience_ends(void **state)
{
    pid_t collector;
    struct play p;
    long long before;

    (void)state;
    if (geteuid() != 0)
        return;
    collector = listen_there(true, false);
    prepare_step(&p, MARK);
    before = milliseconds();
    plugin_run(&p);
    assert_in_range(milliseconds() - before, 2900, 5900);
    assert_silent(&p.res);
    end_collector(collector);
    assert_int_equal(count_heard("flush="), 2);
    end(&p);
}

/* The lock in rundir, once nobody else has it. */
static void await_end(void)
{
    char path[80];
    int fd;

    snprintf(path, sizeof(path), "%s/lock", rundir);
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    close(fd);
}

static void test_the_collector_is_started(void **state)
{
    static const struct {
        enum host_context context;
        const char *args;
        bool starts;
    } cases[] = {
        {HOST_SLURMD, "", true},
        {HOST_SLURMD, "default=off", false},
        {HOST_SLURMD, "nonsense", false},
        {HOST_REMOTE, "", true},
        {HOST_REMOTE, "default=off", false},
    };

    (void)state;
    if (geteuid() != 0)
        return;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct play p;

        plugin_prepare(&p, cases[i].context, cases[i].args);
        p.sc.keep_children = true;
        p.sc.env = L("PATH=/usr/bin:/bin");
        run(&p);
        assert_int_equal(p.res.children_left, cases[i].starts); /* the host's, as a subreaper */
        assert_null(p.res.fds_left);
        end(&p);
        if (!cases[i].starts)
            continue;
        end_collector(0);
        await_end();
        assert_int_equal(count_heard("stop"), 1);
    }
}

static void test_a_collector_that_was_killed_is_started_again(void **state)
{
    static const char script[] =
        MARK " && python3 -c 'import os, socket; "
             "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b\"stop\", "
             "os.environ[\"RUN\"] + \"/collector.sock\")' && flock \"$RUN/lock\" true";

    (void)state;
    if (geteuid() != 0)
        return;
    for (int contained = 0; contained < 2; contained++) {
        struct play p;

        prepare_step(&p, script);
        p.sc.keep_children = true;
        p.sc.contain_spank = contained;
        p.sc.release = HOST_26_05;
        run(&p);
        assert_silent(&p.res);
        assert_int_equal(p.res.tasks[0].status, 0);
        assert_int_equal(p.res.children_left, 2); /* the first has ended, and the host waits not */
        end_collector(0);
        await_end();
        /* Not from the job's own namespaces, so only at the end of the step. */
        assert_int_equal(count_heard("flush="), contained ? 1 : 2);
        end(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_has_seen_something_is_waited_for),
        cmocka_unit_test(test_listed_twice),
        cmocka_unit_test(test_patience_ends),
        cmocka_unit_test_setup(test_the_collector_is_started, collector_dies),
        cmocka_unit_test(test_a_collector_that_was_killed_is_started_again),
    };

    play_begin();
    return cmocka_run_group_tests_name("plugin_flush", tests, installation_make,
                                       installation_remove);
}
