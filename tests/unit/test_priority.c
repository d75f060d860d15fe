/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/priority: ahead of other sessions too, and not for what the collector starts. */
#include "support.h"

#include "collect/priority.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The session's nice value, or 100 where the kernel has none. */
static int of_session(void)
{
    int nice = 100;
    FILE *file = fopen("/proc/self/autogroup", "r");
    if (file && fscanf(file, "/autogroup-%*d nice %d", &nice) != 1)
        nice = 100;
    if (file)
        fclose(file);
    return nice;
}

static int become_real_time(void)
{
    const struct sched_param lowest = {.sched_priority = 1};
    return sched_setscheduler(0, SCHED_RR, &lowest) == 0 ? 0 : 1;
}

static bool has(int policy, int process, int session)
{
    return sched_getscheduler(0) == policy && getpriority(PRIO_PROCESS, 0) == process &&
           (of_session() == session || access("/proc/self/autogroup", F_OK) != 0);
}

/* The exit status of a child that does so. */
static int in_child(int (*act)(void))
{
    int status = -1;
    pid_t pid = fork();
    assert_int_not_equal(pid, -1);
    if (pid == 0)
        _exit(act());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static int drop(void)
{
    priority_drop();
    return has(SCHED_OTHER, 0, 0) ? 0 : 3;
}

static int raise_and_drop(void)
{
    int policy = in_child(become_real_time) == 0 ? SCHED_RR | SCHED_RESET_ON_FORK : SCHED_OTHER;
    priority_raise();
    if (!has(policy, -20, -20))
        return 1;
    return in_child(drop) == 0 ? 0 : 2;
}

static int raise_as_it_is(void)
{
    int before = of_session();
    priority_raise();
    return of_session() == before ? 0 : 1;
}

static int raise_as_a_shells(void)
{
    /* The leader of a group of a session is not given another. */
    if (setpgid(0, 0) != 0)
        return 2;
    return raise_as_it_is();
}

static void ahead_of_all_and_nobody_else_is(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("not root");
    assert_int_equal(in_child(raise_and_drop), 0);
}

static void a_session_of_others_is_left_alone(void **state)
{
    (void)state;
    assert_int_equal(in_child(raise_as_a_shells), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ahead_of_all_and_nobody_else_is),
        cmocka_unit_test(a_session_of_others_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
