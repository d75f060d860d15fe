/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/watch: real processes, as the kernel's process connector tells of them. */
#include "support.h"

#include "watch/watch.h"

#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, NOBODY = 0x7ffffff0 };

/* What was told of one process until it ended. */
struct seen {
    int execs;
    int exits;
    int losses;
    int status;
    bool forged;             /* an event of process NOBODY */
    struct watch_event exec; /* the last one */
    struct watch_event exit;
};

static int watch = -1;
static char why[128];

static int set_up(void **state)
{
    (void)state;
    watch = watch_open();
    if (watch < 0)
        snprintf(why, sizeof(why), "no process connector: %s", strerror(errno));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (watch >= 0)
        watch_close(watch);
    return 0;
}

static void note(struct seen *seen, const struct watch_event *event, pid_t pid)
{
    seen->losses += event->kind == WATCH_LOST;
    seen->forged = seen->forged || event->pid == NOBODY;
    if (event->pid != pid)
        return;
    if (event->kind == WATCH_EXEC) {
        seen->execs++;
        seen->exec = *event;
    } else if (event->kind == WATCH_EXIT) {
        seen->exits++;
        seen->exit = *event;
    }
}

/* Read events until the end of last has been told; see what is told of pid. */
static void read_until(int fd, struct seen *seen, pid_t pid, pid_t last)
{
    bool end = false;
    while (!end) {
        struct watch_event events[16];
        bool more = true;
        while (more) {
            int got = watch_read(fd, events, COUNT(events), &more);
            assert_true(got >= 0);
            for (int i = 0; i < got; i++) {
                note(seen, &events[i], pid);
                end = end || (events[i].pid == last && events[i].kind == WATCH_EXIT);
            }
        }
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (!end && poll(&ready, 1, 10000) == 0)
            fail_case("no event of process %ld", (long)last);
    }
}

static pid_t start_shell(const char *command)
{
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    assert_true(child > 0);
    return child;
}

/* Run a command, and see what is told of its process. */
static struct seen see(const char *command)
{
    struct seen seen = {0};
    pid_t child = start_shell(command);
    assert_int_equal(waitpid(child, &seen.status, 0), child);
    read_until(watch, &seen, child, child);
    return seen;
}

static void a_program_begins_and_ends(void **state)
{
    (void)state;
    if (watch < 0)
        leave_out(why);
    struct timespec before;
    struct timespec after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    struct seen seen = see("exit 0");
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_int_equal(seen.execs, 1);
    assert_int_equal(seen.exits, 1);
    assert_int_equal(seen.exit.status, 0);
    assert_true(seen.exec.nanoseconds < seen.exit.nanoseconds);
    uint64_t second = UINT64_C(1000000000);
    assert_true(seen.exec.nanoseconds / second >= (uint64_t)before.tv_sec);
    assert_true(seen.exit.nanoseconds / second <= (uint64_t)after.tv_sec);
}

static void every_exec_of_a_process(void **state)
{
    (void)state;
    if (watch < 0)
        leave_out(why);
    struct seen seen = see("exec sh -c 'exec true'");
    assert_int_equal(seen.execs, 3);
    assert_int_equal(seen.exits, 1);
}

static void how_it_ended(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        int code;
        int signal;
    } cases[] = {
        {"exit 3", 3, 0}, {"exit 255", 255, 0}, {"kill -9 $$", 0, 9}, {"kill -15 $$", 0, 15}};
    if (watch < 0)
        leave_out(why);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct seen seen = see(cases[i].command);
        assert_int_equal(seen.exit.status, seen.status);
        if (cases[i].signal)
            assert_int_equal(WTERMSIG(seen.exit.status), cases[i].signal);
        else
            assert_int_equal(WEXITSTATUS(seen.exit.status), cases[i].code);
    }
}

static void *thread_that_ends(void *argument)
{
    return argument;
}

static void end_after_threads(void)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, thread_that_ends, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    _exit(7);
}

static void the_end_of_a_thread_is_none(void **state)
{
    (void)state;
    if (watch < 0)
        leave_out(why);
    struct seen seen = {0};
    pid_t child = fork();
    if (child == 0)
        end_after_threads();
    assert_int_equal(waitpid(child, NULL, 0), child);
    pid_t later = start_shell("exit 0");
    assert_int_equal(waitpid(later, NULL, 0), later);
    read_until(watch, &seen, child, later);
    assert_int_equal(seen.exits, 1);
    assert_int_equal(WEXITSTATUS(seen.exit.status), 7);
}

/* What the kernel would send of an exec by process NOBODY, from a socket of ours. */
static void send_forged(int to)
{
    struct sockaddr_nl address;
    socklen_t size = sizeof(address);
    assert_int_equal(getsockname(to, (struct sockaddr *)&address, &size), 0);
    address.nl_groups = 0;
    struct proc_event event = {.what = PROC_EVENT_EXEC};
    event.event_data.exec.process_pid = NOBODY;
    event.event_data.exec.process_tgid = NOBODY;
    struct cn_msg connector = {.id = {CN_IDX_PROC, CN_VAL_PROC}, .len = sizeof(event)};
    struct nlmsghdr header = {.nlmsg_len = NLMSG_LENGTH(sizeof(connector) + sizeof(event)),
                              .nlmsg_type = NLMSG_DONE};
    char message[NLMSG_HDRLEN + sizeof(connector) + sizeof(event)];
    memcpy(message, &header, sizeof(header));
    memcpy(message + NLMSG_HDRLEN, &connector, sizeof(connector));
    memcpy(message + NLMSG_HDRLEN + sizeof(connector), &event, sizeof(event));
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR);
    assert_true(fd >= 0);
    assert_int_equal(sendto(fd, message, sizeof(message), 0, (struct sockaddr *)&address, size),
                     sizeof(message));
    close(fd);
}

static void only_the_kernel_is_believed(void **state)
{
    (void)state;
    if (watch < 0)
        leave_out(why);
    send_forged(watch);
    struct seen seen = see("exit 0");
    assert_false(seen.forged);
    assert_int_equal(seen.exits, 1);
}

static void nothing_there(void **state)
{
    (void)state;
    struct watch_event event;
    if (watch < 0)
        leave_out(why);
    see("exit 0");
    bool more = true;
    while (more)
        watch_read(watch, &event, 1, &more);
    assert_int_equal(watch_read(watch, &event, 0, &more), 0);
}

static void a_descriptor_that_is_of_no_use(void **state)
{
    (void)state;
    struct watch_event event;
    errno = 0;
    bool more;
    assert_int_equal(watch_read(-1, &event, 1, &more), -1);
    assert_int_equal(errno, EBADF);
}

static void what_the_kernel_dropped(void **state)
{
    (void)state;
    if (watch < 0)
        leave_out(why);
    struct seen seen = {0};
    int smallest = 1;
    int fd = watch_open();
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &smallest, sizeof(smallest)), 0);
    for (int i = 0; i < 20; i++)
        waitpid(start_shell("exit 0"), NULL, 0);
    struct watch_event event;
    bool more;
    for (int i = 0; i < 1000 && !seen.losses && watch_read(fd, &event, 1, &more) > 0; i++)
        note(&seen, &event, 0);
    assert_int_equal(seen.losses, 1);
    /* What comes later is told again. */
    pid_t child = start_shell("exit 0");
    read_until(fd, &seen, child, child);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(seen.exits, 1);
    watch_close(fd);
}

/* Returns the exit status of a process in a network namespace of its own. */
static int watch_elsewhere(void)
{
    char here[64] = "";
    char still[64] = "";
    if (readlink("/proc/self/ns/net", here, sizeof(here) - 1) < 0)
        return 2;
    int fd = watch_open();
    if (fd < 0)
        return 3;
    if (readlink("/proc/self/ns/net", still, sizeof(still) - 1) < 0 || strcmp(here, still) != 0)
        return 4;
    struct seen seen = {0};
    pid_t child = start_shell("exit 5");
    waitpid(child, NULL, 0);
    read_until(fd, &seen, child, child);
    watch_close(fd);
    if (waitpid(-1, NULL, 0) != -1 || errno != ECHILD)
        return 5;
    return seen.execs == 1 && WEXITSTATUS(seen.exit.status) == 5 ? 0 : 6;
}

static void from_another_network_namespace(void **state)
{
    (void)state;
    if (watch < 0)
        leave_out(why);
    int status;
    char namespace[64];
    snprintf(namespace, sizeof(namespace), "/proc/%ld/ns/net", (long)getpid());
    pid_t child = fork();
    if (child == 0) {
        setenv(WATCH_NAMESPACE_VARIABLE, namespace, 1);
        _exit(unshare(CLONE_NEWNET) != 0 ? 1 : watch_elsewhere());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 1)
        leave_out("no network namespace can be made here");
    assert_int_equal(status, 0);
}

static void not_as_a_normal_user(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("only root can become another user");
    int status;
    pid_t child = fork();
    if (child == 0) {
        if (setuid(65534) != 0)
            _exit(1);
        _exit(watch_open() == -1 && errno == EPERM ? 0 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_begins_and_ends),
        cmocka_unit_test(every_exec_of_a_process),
        cmocka_unit_test(how_it_ended),
        cmocka_unit_test(the_end_of_a_thread_is_none),
        cmocka_unit_test(only_the_kernel_is_believed),
        cmocka_unit_test(nothing_there),
        cmocka_unit_test(a_descriptor_that_is_of_no_use),
        cmocka_unit_test(what_the_kernel_dropped),
        cmocka_unit_test(from_another_network_namespace),
        cmocka_unit_test(not_as_a_normal_user),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
