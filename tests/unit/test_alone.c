/* SPDX-License-Identifier: GPL-2.0-or-later */
/* launch/alone: which socket is closed. (Which programs are run alone needs MPI: tests/cluster.) */
#include "support.h"

#include "launch/alone.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLOSED = 0, OPEN = 1 };

/* In a child that has the parent's descriptor, or another file in its place. */
static int after_cutting_off(int fd, int instead, const char *text)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct env env;
        if (instead >= 0)
            dup2(instead, fd);
        env_from(&env, NO_STRINGS);
        env_set(&env, "PMI_FD", text);
        alone_cut_off(&env);
        env_destroy(&env);
        _exit(fcntl(fd, F_GETFD) == -1 ? CLOSED : OPEN);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void only_the_outer_jobs_socket(void **state)
{
    (void)state;
    int pair[2], other[2];
    char number[16], text[32];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, other), 0);
    int file = open("/dev/null", O_RDONLY);
    snprintf(number, sizeof(number), "%d", pair[0]);
    assert_int_equal(after_cutting_off(pair[0], -1, number), CLOSED);
    assert_int_equal(after_cutting_off(pair[0], file, number), OPEN);
    assert_int_equal(after_cutting_off(pair[0], other[0], number), OPEN);
    snprintf(number, sizeof(number), "%d", file);
    assert_int_equal(after_cutting_off(file, -1, number), OPEN);
    snprintf(text, sizeof(text), "%dx", pair[0]);
    assert_int_equal(after_cutting_off(pair[0], -1, text), OPEN);
    assert_int_equal(after_cutting_off(STDERR_FILENO, pair[0], "2"), OPEN);
    assert_int_equal(after_cutting_off(pair[0], -1, "-1"), OPEN);
    for (int i = 0; i < 2; i++) {
        close(pair[i]);
        close(other[i]);
    }
    close(file);
}

static void not_due_here(void **state)
{
    (void)state;
    static char *const asks[] = {(char *)"MPI_NESTED_SAFE=auto,alone", (char *)"PMI_RANK=0", NULL};
    /* This program is not linked with MPI. */
    assert_false(alone_is_due(asks));
    assert_false(alone_is_due(asks + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_outer_jobs_socket),
        cmocka_unit_test(not_due_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
