/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/courier: errands, what they are given, and what came of them. */
#include "support.h"

#include "collect/courier.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct courier courier;
static struct errand_result last;
static unsigned done;

static void count(void *context, const struct errand_result *result)
{
    assert_ptr_equal(context, &done);
    last = *result;
    done++;
}

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

/* Until number errands have ended in all. */
static void wait_for(unsigned number)
{
    siginfo_t info;
    alarm(60);
    while (done < number) {
        assert_int_equal(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), 0);
        courier_reap(&courier);
    }
    alarm(0);
}

static int set_up(void **state)
{
    (void)state;
    courier = (struct courier){0};
    done = 0;
    return 0;
}

/* Run a shell script as an errand. */
static const struct errand_result *run(const char *script, const char *input)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    unsigned before = done;
    assert_int_equal(courier_send(&courier, argv, input, -1, count, &done), 0);
    wait_for(before + 1);
    return &last;
}

static void what_came_of_it(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        int status;
        const char *output, *complaint;
    } cases[] = {
        {"exit 0", 0, "", ""},
        {"exit 75", 75, "", ""},
        {"exit 255", 255, "", ""},
        {"echo a; echo b", 0, "a\nb\n", ""},
        {"echo first >&2; echo last >&2; exit 65", 65, "", "last"},
        {"printf 'no end' >&2; exit 1", 1, "", "no end"},
        {"printf 'two\\n\\n\\n' >&2", 0, "", "two"},
        {"kill -9 $$", 256 + SIGKILL, "", ""},
        {"kill -15 $$", 256 + SIGTERM, "", ""},
    };
    int before = descriptors();
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct errand_result *result = run(cases[i].script, NULL);
        if (result->status != cases[i].status)
            fail_case("%s: status %d", cases[i].script, result->status);
        assert_text(cases[i].script, result->output, cases[i].output);
        assert_text(cases[i].script, result->complaint, cases[i].complaint);
    }
    assert_int_equal(descriptors(), before);
}

static void long_texts(void **state)
{
    (void)state;
    const struct errand_result *result =
        run("i=0; while [ $i -lt 400 ]; do echo \"line $i 0123456789\"; echo \"line $i\" >&2; "
            "i=$((i+1)); done",
            NULL);
    assert_int_equal(result->status, 0);
    assert_int_equal(strlen(result->output), ERRAND_OUTPUT - 1);
    assert_int_equal(strncmp(result->output, "line 0 0123456789\nline 1 ", 25), 0);
    assert_string_equal(result->complaint, "line 399");
    result = run("head -c 1000 /dev/zero | tr '\\0' x >&2; echo end >&2", NULL);
    assert_int_equal(strlen(result->complaint), sizeof(result->complaint) - 2);
    assert_string_equal(result->complaint + sizeof(result->complaint) - 5, "end");
}

static void input(void **state)
{
    (void)state;
    char *text = malloc(100001);
    assert_string_equal(run("cat", "a\nb")->output, "a\nb");
    assert_string_equal(run("cat", "")->output, "");
    assert_string_equal(run("cat; echo end", NULL)->output, "end\n"); /* /dev/null */
    memset(text, 'x', 100000);
    text[100000] = '\0';
    assert_string_equal(run("wc -c", text)->output, "100000\n");
    free(text);
}

static void a_connection(void **state)
{
    (void)state;
    int ends[2];
    char answer[8] = "";
    const char *const argv[] = {"/bin/sh", "-c", "read word; echo \"$word\"; echo no >&2", NULL};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    int before = descriptors();
    assert_int_equal(courier_send(&courier, argv, NULL, ends[1], count, &done), 0);
    assert_int_equal(write(ends[0], "hear\n", 5), 5);
    assert_int_equal(read(ends[0], answer, sizeof(answer)), 5);
    assert_string_equal(answer, "hear\n");
    wait_for(1);
    assert_string_equal(last.output, "");
    assert_string_equal(last.complaint, "no");
    assert_int_equal(descriptors(), before); /* the connection is still ours */
    close(ends[0]);
    close(ends[1]);
}

static void nothing_else_is_inherited(void **state)
{
    (void)state;
    for (int fd = 3; fd < 1024; fd++) /* make's and the like */
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    sigset_t blocked, old;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &old);
    assert_string_equal(run("ls /proc/self/fd | wc -l", NULL)->output, "4\n"); /* and ls's own */
    assert_string_equal(run("sed -n 's/^SigBlk:\\t*//p' /proc/self/status", NULL)->output,
                        "0000000000000000\n");
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static void programs_that_cannot_be_executed(void **state)
{
    (void)state;
    const char *const argv[] = {"/nonexistent/program", NULL};
    assert_int_equal(courier_send(&courier, argv, NULL, -1, count, &done), 0);
    wait_for(1);
    assert_int_equal(last.status, 127);
}

static void too_many(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/cat", NULL};
    int ends[2], before = descriptors();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    for (int i = 0; i < ERRANDS_MAX; i++)
        assert_int_equal(courier_send(&courier, argv, NULL, ends[1], count, &done), 0);
    errno = 0;
    assert_int_equal(courier_send(&courier, argv, NULL, -1, count, &done), -1);
    assert_int_equal(errno, EAGAIN);
    courier_reap(&courier); /* none has ended */
    assert_int_equal(done, 0);
    close(ends[1]);
    assert_int_equal(shutdown(ends[0], SHUT_RDWR), 0);
    wait_for(ERRANDS_MAX);
    close(ends[0]);
    assert_int_equal(descriptors(), before);
    assert_int_equal(run("exit 3", NULL)->status, 3);
}

static void again(void *context, const struct errand_result *result)
{
    const char *const argv[] = {"/bin/true", NULL};
    (void)result;
    assert_int_equal(courier_send(&courier, argv, NULL, -1, count, context), 0);
}

static void one_may_send_the_next(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/false", NULL};
    assert_int_equal(courier_send(&courier, argv, NULL, -1, again, &done), 0);
    wait_for(1);
    assert_int_equal(last.status, 0);
}

static void those_that_are_left(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/cat", NULL};
    int ends[2], before = descriptors();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(courier_send(&courier, argv, NULL, ends[1], count, &done), 0);
    pid_t pid = courier.errands[0].pid;
    courier_leave(&courier);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(descriptors(), before);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    courier_reap(&courier);
    assert_int_equal(done, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_came_of_it, set_up),
        cmocka_unit_test_setup(long_texts, set_up),
        cmocka_unit_test_setup(input, set_up),
        cmocka_unit_test_setup(a_connection, set_up),
        cmocka_unit_test_setup(nothing_else_is_inherited, set_up),
        cmocka_unit_test_setup(programs_that_cannot_be_executed, set_up),
        cmocka_unit_test_setup(too_many, set_up),
        cmocka_unit_test_setup(one_may_send_the_next, set_up),
        cmocka_unit_test_setup(those_that_are_left, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
