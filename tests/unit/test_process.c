/* SPDX-License-Identifier: GPL-2.0-or-later */
/* launch/process: this process and its children, as /proc has them. */
#include "stopped.h"
#include "support.h"

#include "launch/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENOUGH = 1024 * 1024 };

static void who_a_process_is(void **state)
{
    (void)state;
    struct process_facts own;
    struct process_facts other;
    assert_int_equal(process_read(getpid(), &own), 0);
    assert_int_equal(own.process.pid, getpid());
    assert_int_equal(own.parent, getppid());
    assert_int_equal(own.uid, geteuid());
    assert_false(own.ended);
    assert_true(own.process.start == process_self().start && own.process.start > 0);
    pid_t child = stopped_start("/bin/true", LIST("true"), NO_STRINGS);
    assert_int_equal(process_read(child, &other), 0);
    assert_int_equal(other.process.pid, child);
    assert_int_equal(other.parent, getpid());
    assert_true(other.process.start >= own.process.start);
    stopped_end(child);
}

static void whatever_it_calls_itself(void **state)
{
    (void)state;
    static const char *const names[] = {") Z 1 1", "a (b) c", "((((", "\n)", ""};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct process_facts facts;
        assert_int_equal(prctl(PR_SET_NAME, names[i]), 0);
        assert_int_equal(process_read(getpid(), &facts), 0);
        assert_int_equal(facts.parent, getppid());
        assert_false(facts.ended);
    }
}

/* Then the files of a process are root's. */
static void a_process_that_must_not_be_dumped(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("only root can be another user");
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct process_facts facts;
        if (setuid(65534) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
            _exit(1);
        _exit(process_read(getpid(), &facts) == 0 && facts.uid == 65534 ? 0 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void what_it_was_executed_with(void **state)
{
    (void)state;
    char *text;
    struct env env;
    pid_t child =
        stopped_start("/bin/true", LIST("the name", "", "b\n"), LIST("A=1", "B=", "C=x=y z"));
    char **arguments = process_strings(child, "cmdline", ENOUGH, &text);
    assert_non_null(arguments);
    assert_text("argument 0", arguments[0], "the name");
    assert_text("argument 1", arguments[1], "");
    assert_text("argument 2", arguments[2], "b\n");
    assert_null(arguments[3]);
    free(arguments);
    free(text);
    assert_int_equal(process_environment(child, ENOUGH, &env, &text), 0);
    assert_int_equal(env.count, 3);
    assert_variable(&env, "A", "1");
    assert_variable(&env, "B", "");
    assert_variable(&env, "C", "x=y z");
    env_destroy(&env);
    free(text);
    stopped_end(child);
}

static void no_more_than_was_asked_for(void **state)
{
    (void)state;
    char *text;
    struct env env;
    pid_t child = stopped_start("/bin/true", LIST("true"), LIST("A=1234567"));
    assert_int_equal(process_environment(child, 10, &env, &text), 0);
    env_destroy(&env);
    free(text);
    errno = 0;
    assert_int_equal(process_environment(child, 9, &env, &text), -1);
    assert_int_equal(errno, EFBIG);
    stopped_end(child);
}

static void a_process_that_has_ended(void **state)
{
    (void)state;
    char *text;
    struct env env;
    struct process_facts facts;
    siginfo_t info;
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(process_read(child, &facts), 0);
    assert_true(facts.ended);
    assert_int_equal(facts.parent, getpid());
    if (process_environment(child, ENOUGH, &env, &text) == 0) {
        assert_int_equal(env.count, 0);
        env_destroy(&env);
        free(text);
    } else {
        assert_int_equal(errno, ESRCH);
    }

    assert_int_equal(waitpid(child, NULL, 0), child);
    errno = 0;
    assert_int_equal(process_read(child, &facts), -1);
    assert_int_equal(errno, ESRCH);
    errno = 0;
    assert_int_equal(process_environment(child, ENOUGH, &env, &text), -1);
    assert_int_equal(errno, ESRCH);
    errno = 0;
    assert_null(process_strings(child, "cmdline", ENOUGH, &text));
    assert_int_equal(errno, ESRCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_a_process_is),
        cmocka_unit_test(whatever_it_calls_itself),
        cmocka_unit_test(a_process_that_must_not_be_dumped),
        cmocka_unit_test(what_it_was_executed_with),
        cmocka_unit_test(no_more_than_was_asked_for),
        cmocka_unit_test(a_process_that_has_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
