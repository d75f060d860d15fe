/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spank/collector, spank/flush: one collector is started where none lives, and waited for. */
#include "support.h"

#include "launch/address.h"
#include "launch/tell.h"
#include "spank/collector.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *top;
static char *rundir;
static char *program;
static const char *command[3];
static char error[RUNDIR_ERROR_MAX];

/* A collector that notes how it was started, and lives, with its descriptors, until the file "go"
 * beside its directory, a FIFO, has been written. */
static int set_up(void **state)
{
    (void)state;
    top = directory_make();
    rundir = path_join(top, "run");
    program = path_join(top, "program");
    command[0] = program;
    command[1] = "--port=7";
    char *go = path_join(top, "go");
    file_write(top, "program",
               "#!/bin/sh\n"
               "top=${1#--rundir=}/..\n"
               "{ echo \"$*\"; env; } >>\"$top/started\"\n"
               "readlink /proc/$$/fd/3 /proc/$$/fd/4 >>\"$top/started\"\n"
               "cat \"$top/go\"\n",
               0755);
    assert_int_equal(mkfifo(go, 0600), 0);
    free(go);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(program);
    free(rundir);
    directory_remove(top);
    return 0;
}

static int open_lock(void)
{
    char *path = path_join(rundir, COLLECTOR_LOCK);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    free(path);
    return fd;
}

static bool lives(void)
{
    int fd = open_lock();
    bool taken = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0;
    close(fd);
    return taken;
}

/* Let the collector end, and wait until it has. */
static void end_collector(void)
{
    char *path = path_join(top, "go");
    int go = open(path, O_WRONLY | O_CLOEXEC); /* waits until it reads */
    int lock = open_lock();
    assert_int_not_equal(go, -1);
    close(go);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    close(lock);
    free(path);
}

/* What collectors have noted; memory to free. */
static char *started(void)
{
    char *path = path_join(top, "started");
    char *text = calloc(1, 8192);
    FILE *file = fopen(path, "r");
    assert_non_null(text);
    if (file) {
        text[fread(text, 1, 8191, file)] = '\0';
        fclose(file);
    }
    free(path);
    return text;
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, part)); at++)
        n++;
    return n;
}

static void it_is_started_with_all_it_needs(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("not root");
    char expected[512];
    struct stat status;
    char *path = path_join(rundir, COLLECTOR_SOCKET);
    assert_int_equal(setenv("SLURM_CONF", "/etc/site/slurm.conf", 1), 0);
    assert_int_equal(setenv("NESTSAFE_CONNECTOR_NETNS", "/run/netns/outside", 1), 0);
    assert_int_equal(setenv("OTHER", "1", 1), 0);
    if (!collector_start(rundir, command, error))
        fail_case("%s", error);
    assert_true(lives());
    assert_int_equal(stat(path, &status), 0);
    assert_true(S_ISSOCK(status.st_mode));
    assert_int_equal(status.st_mode & 0777, 0666);
    end_collector();
    assert_false(lives());
    char *text = started();
    snprintf(expected, sizeof(expected), "--rundir=%s --port=7 --socket-fd=3 --lock-fd=4\n",
             rundir);
    assert_non_null(strstr(text, expected));
    assert_non_null(strstr(text, "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"));
    assert_non_null(strstr(text, "LANG=C.UTF-8\n"));
    assert_non_null(strstr(text, "SLURM_CONF=/etc/site/slurm.conf\n"));
    assert_non_null(strstr(text, "NESTSAFE_CONNECTOR_NETNS=/run/netns/outside\n"));
    assert_null(strstr(text, "OTHER="));
    assert_non_null(strstr(text, "socket:["));
    assert_non_null(strstr(text, "/run/lock\n"));
    free(text);
    free(path);
}

/* What is sent while it starts is kept for it, with the kernel's word on who sent it. */
static void what_is_sent_at_once_is_not_lost(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("not root");
    const struct report report = {.kind = REPORT_END, .process = {4711, 815}};
    file_write(top, "program",
               "#!/usr/bin/python3\n"
               "import os, socket, struct, sys\n"
               "top = sys.argv[1].split('=', 1)[1] + '/..'\n"
               "open(top + '/go').read()\n"
               "listener = socket.socket(fileno=3)\n"
               "text, extra, _, _ = listener.recvmsg(4096, 100)\n"
               "sender = struct.unpack('iii', extra[0][2])\n"
               "with open(top + '/started', 'wb') as out:\n"
               "    out.write(text + b'%d %d %d' % sender)\n",
               0755);
    assert_true(collector_start(rundir, command, error));
    tell(rundir, &report);
    end_collector();
    char *text = started();
    char expected[64];
    snprintf(expected, sizeof(expected), "%d %d %d", (int)getpid(), (int)getuid(), (int)getgid());
    assert_non_null(strstr(text, "pid=4711\n"));
    assert_non_null(strstr(text, expected));
    free(text);
}

static void of_many_that_come_at_once_one_starts_it(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("not root");
    enum { STARTERS = 16 };
    int start[2];
    int status;
    char c;
    assert_int_equal(pipe(start), 0);
    for (int i = 0; i < STARTERS; i++) {
        if (fork() == 0) {
            close(start[1]);
            status = read(start[0], &c, 1) == 0 && collector_start(rundir, command, error);
            _exit(status ? 0 : 1);
        }
    }
    close(start[0]);
    close(start[1]);
    for (int i = 0; i < STARTERS; i++) {
        assert_int_not_equal(wait(&status), -1);
        assert_int_equal(status, 0);
    }
    assert_true(lives());
    end_collector();
    char *text = started();
    assert_int_equal(count(text, "--rundir="), 1);
    free(text);
}

static void one_that_was_killed_is_replaced(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("not root");
    for (int i = 0; i < 3; i++) {
        assert_true(collector_start(rundir, command, error));
        assert_true(collector_start(rundir, command, error));
        end_collector(); /* its socket stays */
    }
    char *text = started();
    assert_int_equal(count(text, "--rundir="), 3);
    free(text);
}

static void what_goes_wrong_is_named(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("not root");
    char *missing = path_join(top, "missing");
    char *socket = path_join(rundir, COLLECTOR_SOCKET);
    char *lock = path_join(rundir, COLLECTOR_LOCK);
    char *long_path = path_join(top, "a-directory-that-is-far-too-long-for-the-address-of-a-socket-"
                                     "whatever-one-may-do-about-it");
    struct stat status;
    assert_false(collector_start(rundir, (const char *const[]){missing, NULL}, error));
    assert_non_null(strstr(error, missing));
    assert_non_null(strstr(error, strerror(ENOENT)));
    assert_false(lives());
    assert_int_equal(stat(socket, &status), -1);

    assert_false(collector_start(long_path, command, error));
    assert_non_null(strstr(error, strerror(ENAMETOOLONG)));

    assert_int_equal(unlink(lock), 0);
    assert_int_equal(symlink("../go", lock), 0);
    assert_false(collector_start(rundir, command, error));
    assert_non_null(strstr(error, rundir));
    free(long_path);
    free(lock);
    free(socket);
    free(missing);
}

/* ---- flush ---- */

static int listen_there(void)
{
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(mkdir(rundir, 0755), 0);
    assert_int_equal(collector_address(&address, rundir), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* The next message; the descriptor that came with it, or -1. */
static int receive(int fd, char text[static 128])
{
    char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
    struct iovec part = {.iov_base = text, .iov_len = 127};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
    int passed = -1;
    ssize_t length = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    text[length < 0 ? 0 : length] = '\0';
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_type == SCM_RIGHTS)
        memcpy(&passed, CMSG_DATA(header), sizeof(int));
    return passed;
}

static long long milliseconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static void a_flush_that_is_answered(void **state)
{
    (void)state;
    int fd = listen_there();
    int patience = 20000;
    pid_t child = fork();
    if (child == 0) {
        char text[128];
        int passed = receive(fd, text);
        bool right = passed >= 0 && strcmp(text, "flush=4711.815\n") == 0;
        close(passed);
        _exit(right ? 0 : 1);
    }
    assert_int_equal(collector_flush(rundir, "4711.815", &patience), 0);
    assert_in_range(patience, 1, 20000);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(fd);
}

static void a_collector_that_has_no_time(void **state)
{
    (void)state;
    int fd = listen_there();
    char text[128];
    for (int held = 0; held < 2; held++) {
        int patience = 300;
        long long before = milliseconds();
        assert_int_equal(collector_flush(rundir, "1.2", &patience), -1);
        assert_int_equal(errno, ETIMEDOUT);
        assert_int_equal(patience, 0);
        assert_in_range(milliseconds() - before, 299, 5000);
    }
    /* No patience is left, and yet it is told. */
    int none = 0;
    assert_int_equal(collector_flush(rundir, "3.4", &none), -1);
    assert_int_equal(errno, ETIMEDOUT);
    for (int i = 0; i < 2; i++)
        close(receive(fd, text));
    close(receive(fd, text));
    assert_string_equal(text, "flush=3.4\n");
    close(fd);
}

static void a_collector_whose_queue_is_full(void **state)
{
    (void)state;
    const struct report report = {.kind = REPORT_END, .process = {4711, 815}};
    int fd = listen_there();
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    char text[128];
    for (int i = 0; i < 2000; i++)
        tell(rundir, &report); /* as many as there is room for */
    int patience = 300;
    assert_int_equal(collector_flush(rundir, "1.2", &patience), -1);
    assert_int_equal(errno, ETIMEDOUT);
    /* Room is made while it waits. */
    pid_t child = fork();
    if (child == 0) {
        while (poll(&ready, 1, 20000) == 1) {
            int passed = receive(fd, text);
            if (passed >= 0)
                _exit(strcmp(text, "flush=1.2\n") == 0 ? 0 : 1);
        }
        _exit(2);
    }
    patience = 20000;
    int rc = collector_flush(rundir, "1.2", &patience);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(rc, 0);
    close(fd);
}

static void nobody_to_flush(void **state)
{
    (void)state;
    int patience = 20000;
    assert_int_equal(collector_flush(rundir, "1.2", &patience), -1);
    assert_int_equal(errno, ENOENT);
    close(listen_there());
    assert_int_equal(collector_flush(rundir, "1.2", &patience), -1);
    assert_int_equal(errno, ECONNREFUSED);
    assert_in_range(patience, 15000, 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_started_with_all_it_needs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_sent_at_once_is_not_lost, set_up, tear_down),
        cmocka_unit_test_setup_teardown(of_many_that_come_at_once_one_starts_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_was_killed_is_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_goes_wrong_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_flush_that_is_answered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_collector_that_has_no_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_collector_whose_queue_is_full, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_to_flush, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
