/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/inbox: who says what, and that nobody can say more than he may, or leave anything behind.
 */
#include "support.h"

#include "collect/inbox.h"

#include "launch/address.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOMEBODY = 65534, RIGHTS_MAX = 253 };

static char *top;
static int inbox = -1;

static int descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    int number = 0;
    assert_non_null(directory);
    while (readdir(directory))
        number++;
    closedir(directory);
    return number;
}

/* What the actions were called with. */
static struct heard {
    unsigned reports, flushes, peers, refusals;
    struct report report;
    pid_t pid;
    uid_t uid;
    char text[INBOX_MESSAGE_MAX + 1];
    char why[100];
    int descriptors; /* that were open at the last report */
} heard;

static void on_report(void *context, const struct report *report, pid_t pid, uid_t uid)
{
    assert_ptr_equal(context, &heard);
    heard.reports++;
    heard.report = *report;
    heard.descriptors = descriptors();
    heard.pid = pid;
    heard.uid = uid;
}

static void on_text(const char *text, int reply)
{
    strcpy(heard.text, text);
    assert_true(fcntl(reply, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(reply, F_GETFD) & FD_CLOEXEC);
    close(reply);
}

static void on_flush(void *context, const char *name, int reply)
{
    (void)context;
    heard.flushes++;
    on_text(name, reply);
}

static void on_peer(void *context, const char *json, int reply)
{
    (void)context;
    heard.peers++;
    on_text(json, reply);
}

static void on_refused(void *context, uid_t uid, const char *why)
{
    (void)context;
    heard.refusals++;
    heard.uid = uid;
    snprintf(heard.why, sizeof(heard.why), "%s", why);
}

static int read_all(void)
{
    static const struct inbox_actions actions = {on_report, on_flush, on_peer, on_refused};
    return inbox_read(inbox, 1000, &actions, &heard);
}

static int set_up(void **state)
{
    (void)state;
    top = directory_make();
    heard = (struct heard){0};
    inbox = inbox_open(top);
    return inbox < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    close(inbox);
    directory_remove(top);
    return 0;
}

/* Send a message with count descriptors, copies of fd. Returns 0 or an errno. */
static int send_with(const char *text, size_t length, int fd, size_t count)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    union {
        char room[CMSG_SPACE(RIGHTS_MAX * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec data = {(char *)text, length};
    struct msghdr header = {
        .msg_name = &address, .msg_namelen = sizeof(address), .msg_iov = &data, .msg_iovlen = 1};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/" COLLECTOR_SOCKET, top);
    if (count) {
        memset(&control, 0, sizeof(control));
        header.msg_control = control.room;
        header.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *part = CMSG_FIRSTHDR(&header);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(count * sizeof(int));
        for (size_t i = 0; i < count; i++)
            memcpy(CMSG_DATA(part) + i * sizeof(int), &fd, sizeof(int));
    }
    int from = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int error = sendmsg(from, &header, MSG_DONTWAIT) < 0 ? errno : 0;
    close(from);
    return error;
}

static void send_text(const char *text)
{
    assert_int_equal(send_with(text, strlen(text), -1, 0), 0);
}

/* The same from another user. */
static void send_as_somebody(const char *text, int fd, size_t count)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(setgid(SOMEBODY) != 0 || setuid(SOMEBODY) != 0
                  ? 99
                  : send_with(text, strlen(text), fd, count));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

#define REPORT "nestsafe=begin\npid=%d\ndecision=3\nlauncher=/bin/mpirun\n"

static void reports(void **state)
{
    (void)state;
    char text[200];
    snprintf(text, sizeof(text), REPORT, 1); /* it may say that it is process 1 */
    assert_int_equal(read_all(), 0);
    send_text(text);
    send_text("nestsafe=end\npid=1\nstatus=256\n");
    assert_int_equal(read_all(), 2);
    assert_int_equal(heard.reports, 2);
    assert_int_equal(heard.report.kind, REPORT_END);
    assert_int_equal(heard.report.status, 256);
    assert_int_equal(heard.pid, getpid());
    assert_int_equal(heard.uid, geteuid());
    assert_int_equal(read_all(), 0);
}

static void one_at_a_time(void **state)
{
    (void)state;
    static const struct inbox_actions actions = {on_report, on_flush, on_peer, on_refused};
    for (int i = 0; i < 3; i++)
        send_text("nestsafe=end\npid=1\nstatus=0\n");
    assert_int_equal(inbox_read(inbox, 2, &actions, &heard), 2);
    assert_int_equal(inbox_read(inbox, 2, &actions, &heard), 1);
    assert_int_equal(heard.reports, 3);
}

static void from_another_user(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("only root can be another user");
    int before = descriptors();
    char text[200];
    snprintf(text, sizeof(text), REPORT, 1);
    send_as_somebody(text, -1, 0);
    assert_int_equal(read_all(), 1);
    assert_int_equal(heard.reports, 1);
    assert_int_equal(heard.uid, SOMEBODY);
    assert_int_not_equal(heard.pid, getpid());
    static const char *const texts[] = {"flush=1.2\n", "peer\n{}", "flush=", "peer\n"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        send_as_somebody(texts[i], inbox, 1);
        assert_int_equal(read_all(), 1);
        assert_int_equal(heard.refusals, i + 1);
        assert_int_equal(heard.uid, SOMEBODY);
        assert_string_equal(heard.why, "a message that is root's to send");
    }
    assert_int_equal(heard.flushes + heard.peers, 0);
    assert_int_equal(descriptors(), before);
}

static void roots_messages(void **state)
{
    (void)state;
    int ends[2], before = descriptors();
    char *json = calloc(1, INBOX_MESSAGE_MAX + 1);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(send_with("flush=12.34\nmore", 16, ends[1], 1), 0);
    close(ends[1]);
    assert_int_equal(read_all(), 1);
    assert_int_equal(heard.flushes, 1);
    assert_string_equal(heard.text, "12.34");
    assert_int_equal(read(ends[0], json, 1), 0); /* closed by now */
    memset(json, 'x', INBOX_MESSAGE_MAX);
    memcpy(json, "peer\n", 5);
    assert_int_equal(send_with(json, INBOX_MESSAGE_MAX, ends[0], 1), 0);
    assert_int_equal(read_all(), 1);
    assert_int_equal(heard.peers, 1);
    assert_string_equal(heard.text, json + 5);
    send_text("flush=12.34\n");
    send_text("peer\n{}");
    assert_int_equal(read_all(), 2);
    assert_int_equal(heard.refusals, 2);
    assert_string_equal(heard.why, "a message without a way to answer");
    free(json);
    close(ends[0]);
    assert_int_equal(descriptors(), before);
}

static void what_is_no_message(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t length;
        const char *why;
    } cases[] = {
        {"", 0, "a message that is no report"},
        {"\n", 1, "a message that is no report"},
        {"\0", 1, "a message with a NUL in it"},
        {"nestsafe=end\npid=1\n\0", 20, "a message with a NUL in it"},
        {"flush=1.2\0\n", 11, "a message with a NUL in it"},
        {"peer", 4, "a message that is no report"},
        {"flush", 5, "a message that is no report"},
        {"FLUSH=1.2\n", 10, "a message that is no report"},
        {" peer\n{}", 8, "a message that is no report"},
        {"nestsafe=end\npid=0\n", 19, "a message that is no report"},
    };
    int before = descriptors();
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(send_with(cases[i].text, cases[i].length, inbox, i % 3), 0);
        assert_int_equal(read_all(), 1);
        assert_int_equal(heard.refusals, i + 1);
        assert_text(cases[i].text, heard.why, cases[i].why);
        assert_int_equal(heard.uid, geteuid());
    }
    assert_int_equal(descriptors(), before);
}

static void long_messages(void **state)
{
    (void)state;
    static const size_t sizes[] = {INBOX_MESSAGE_MAX, INBOX_MESSAGE_MAX + 1, 100000, 1 << 20};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        char *text = malloc(sizes[i]);
        memset(text, 'x', sizes[i]);
        memcpy(text, "nestsafe=end\n", 13);
        int error = send_with(text, sizes[i], -1, 0);
        free(text);
        if (error == EMSGSIZE)
            continue; /* the kernel's own limit */
        assert_int_equal(error, 0);
        assert_int_equal(read_all(), 1);
        assert_string_equal(heard.why, sizes[i] > INBOX_MESSAGE_MAX
                                           ? "a message that is too long"
                                           : "a message that is no report");
    }
    assert_int_equal(heard.reports, 0);
}

static void descriptors_are_closed(void **state)
{
    (void)state;
    static const char *const texts[] = {"garbage", "nestsafe=end\npid=1\n", "flush=1.2\n",
                                        "peer\n"};
    int before = descriptors();
    for (size_t i = 0; i < COUNT(texts); i++) {
        static const size_t counts[] = {1, 2, 8, 9, RIGHTS_MAX};
        for (size_t j = 0; j < COUNT(counts); j++) {
            assert_int_equal(send_with(texts[i], strlen(texts[i]), inbox, counts[j]), 0);
            assert_int_equal(read_all(), 1);
            assert_int_equal(descriptors(), before);
        }
    }
}

/* A user's descriptor does not even come in: who knows how long it takes to close. */
static void users_descriptors(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("only root can be another user");
    int ends[2], before = descriptors();
    char text[200], byte;
    snprintf(text, sizeof(text), REPORT, 1);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    send_as_somebody(text, ends[1], 3);
    close(ends[1]);
    assert_int_equal(read_all(), 1);
    assert_int_equal(heard.reports, 1); /* as good a report as without */
    assert_int_equal(heard.descriptors, before + 1);
    assert_int_equal(read(ends[0], &byte, 1), 0);
    close(ends[0]);
    assert_int_equal(descriptors(), before);
}

static void random_messages(void **state)
{
    (void)state;
    static const char *const beginnings[] = {"", "nestsafe=begin\n", "flush=", "peer\n",
                                             "nestsafe=begin\npid=1\ndecision=3\n"};
    int before = descriptors();
    srandom(1);
    for (int i = 0; i < 2000; i++) {
        char text[3000];
        const char *beginning = beginnings[i % COUNT(beginnings)];
        size_t length = strlen(beginning) + (size_t)random() % 200 * (i % 10 ? 1 : 14);
        for (size_t j = 0; j < length; j++)
            text[j] = (char)(random() % (i % 2 ? 256 : 128));
        memcpy(text, beginning, strlen(beginning));
        assert_int_equal(send_with(text, length, inbox, (size_t)random() % 4), 0);
        assert_int_equal(read_all(), 1);
    }
    unsigned sum = heard.reports + heard.flushes + heard.peers + heard.refusals;
    assert_int_equal(sum, 2000);
    assert_in_range(heard.flushes, 1, 400);
    assert_int_equal(descriptors(), before);
}

static void a_dead_collectors_socket(void **state)
{
    (void)state;
    struct stat status;
    char *path = path_join(top, COLLECTOR_SOCKET);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0666);
    int other = inbox_open(top); /* the directory's lock says that the other one is dead */
    assert_true(other >= 0);
    send_text("nestsafe=end\npid=1\nstatus=0\n");
    assert_int_equal(read_all(), 0);
    close(inbox);
    inbox = other;
    assert_int_equal(read_all(), 1);
    assert_int_equal(heard.uid, geteuid());
    free(path);
}

static void directories_that_do_not_do(void **state)
{
    (void)state;
    char path[300];
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(inbox_open(path), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(inbox_open("/nonexistent"), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(inbox_adopt(-1), -1);
    assert_int_equal(errno, EBADF);
}

static void a_socket_that_somebody_else_bound(void **state)
{
    (void)state;
    int ends[2];
    static const struct inbox_actions actions = {on_report, on_flush, on_peer, on_refused};
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    assert_int_equal(inbox_adopt(ends[0]), 0);
    assert_true(fcntl(ends[0], F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(ends[1], "nestsafe=end\npid=1\n", 19), 19);
    assert_int_equal(inbox_read(ends[0], 5, &actions, &heard), 1);
    assert_int_equal(heard.pid, getpid());
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(reports),
        TEST(one_at_a_time),
        TEST(from_another_user),
        TEST(roots_messages),
        TEST(what_is_no_message),
        TEST(long_messages),
        TEST(descriptors_are_closed),
        TEST(users_descriptors),
        TEST(random_messages),
        TEST(a_dead_collectors_socket),
        TEST(directories_that_do_not_do),
        TEST(a_socket_that_somebody_else_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
