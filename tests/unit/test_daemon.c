/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spank/daemon: what a daemon is started with, and what it is started out of. */
#include "support.h"

#include "spank/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* But the two that are the C library's own, and cannot be set. */
#define ALL_SIGNALS (~(3ULL << (SIGRTMIN - 3)))

static char *top;

static int set_up(void **state)
{
    (void)state;
    top = directory_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    directory_remove(top);
    return 0;
}

/* A program that tells of itself through the first descriptor it gets, up to the end of it. */
static char *write_program(void)
{
    file_write(top, "program",
               "#!/bin/sh\n"
               "exec >&3\n"
               "echo \"arguments $*\"\n"
               "echo \"directory $(pwd)\"\n"
               "umask\n"
               "env\n"
               "echo \"descriptors\" $(ls /proc/$$/fd)\n"
               "echo \"null $(readlink /proc/$$/fd/0) $(readlink /proc/$$/fd/2)\"\n"
               /* Not with cat: dash has all signals blocked when it begins to wait for one. */
               "while read -r line; do echo \"$line\"; done </proc/$$/status\n"
               "read -r pid name state parent group session rest </proc/$$/stat\n"
               "echo \"session $session\"\n"
               "cat <&4\n",
               0755);
    return path_join(top, "program");
}

/* Everything until the other end closes; memory to free. */
static char *read_all(int fd)
{
    size_t length = 0;
    char *text = calloc(1, 65536);
    assert_non_null(text);
    for (ssize_t got; (got = read(fd, text + length, 65535 - length)) > 0;)
        length += (size_t)got;
    return text;
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_case("no '%s' in: %s", part, text);
}

/* The set of signals on that line of /proc/PID/status. */
static unsigned long long signals(const char *text, const char *name)
{
    const char *line = strstr(text, name);
    assert_non_null(line);
    return strtoull(line + strlen(name), NULL, 16);
}

static void a_daemon_is_nobodys_child(void **state)
{
    (void)state;
    int out[2], in[2];
    sigset_t blocked, before;
    char line[64];
    char *program = write_program();
    char *argv[] = {program, (char *)"--one=1", (char *)"two", NULL};
    char *envp[] = {(char *)"PATH=/usr/bin:/bin", (char *)"ONLY=this", NULL};
    assert_int_equal(pipe2(out, 0), 0);
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    int stray = dup2(out[0], 77); /* not to be passed on */
    assert_int_equal(stray, 77);
    /* As slurmstepd is; what it ignores, its daemons would ignore for good. */
    sigfillset(&blocked);
    sigprocmask(SIG_SETMASK, &blocked, &before);
    signal(SIGHUP, SIG_IGN);
    mode_t mask = umask(0777);
    int rc = daemon_start(argv, envp, (const int[]){out[1], in[0]}, 2);
    umask(mask);
    signal(SIGHUP, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    assert_int_equal(rc, 0);
    close(out[1]);
    close(in[0]);
    /* Nobody's child is waited for, and none is left. */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    assert_int_equal(write(in[1], "end\n", 4), 4);
    close(in[1]);
    char *text = read_all(out[0]);
    close(out[0]);
    close(stray);
    has(text, "arguments --one=1 two\n");
    has(text, "directory /\n");
    has(text, "0022\n");
    has(text, "ONLY=this\n");
    assert_null(strstr(text, "HOME="));
    has(text, "null /dev/null /dev/null\n");
    assert_int_equal(signals(text, "SigBlk:") & ALL_SIGNALS, 0);
    assert_int_equal(signals(text, "SigIgn:") & ALL_SIGNALS, 0);
    has(text, "\nend\n");
    /* sh itself opens its script, as 10 or so; 77 is none of it. */
    has(text, " 2 3 4");
    assert_null(strstr(text, " 77"));
    snprintf(line, sizeof(line), "PPid:\t%d\n", (int)getpid());
    assert_null(strstr(text, line));
    snprintf(line, sizeof(line), "session %d\n", (int)getsid(0));
    assert_null(strstr(text, line));
    free(text);
    free(program);
}

/* The places of descriptors may be each other's. */
static void descriptors_in_the_wrong_places(void **state)
{
    (void)state;
    int out[2], in[2];
    char *program = write_program();
    char *argv[] = {program, NULL};
    char *envp[] = {(char *)"PATH=/usr/bin:/bin", NULL};
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    int saved[2] = {fcntl(3, F_DUPFD_CLOEXEC, 100), fcntl(4, F_DUPFD_CLOEXEC, 100)};
    int from[2] = {fcntl(out[0], F_DUPFD_CLOEXEC, 100), fcntl(in[1], F_DUPFD_CLOEXEC, 100)};
    int to[2] = {fcntl(out[1], F_DUPFD_CLOEXEC, 100), fcntl(in[0], F_DUPFD_CLOEXEC, 100)};
    assert_int_equal(dup2(to[0], 4), 4);
    assert_int_equal(dup2(to[1], 3), 3);
    assert_int_equal(daemon_start(argv, envp, (const int[]){4, 3}, 2), 0);
    for (int i = 0; i < 2; i++) {
        close(to[i]);
        if (saved[i] < 0 || dup2(saved[i], 3 + i) < 0)
            close(3 + i);
        close(saved[i]);
    }
    for (int i = 0; i < 2; i++) {
        close(out[i]);
        close(in[i]);
    }
    assert_int_equal(write(from[1], "through\n", 8), 8);
    close(from[1]);
    char *text = read_all(from[0]);
    close(from[0]);
    has(text, "\nthrough\n");
    free(text);
    free(program);
}

static void what_cannot_be_executed_is_known_at_once(void **state)
{
    (void)state;
    file_write(top, "data", "", 0644);
    char *data = path_join(top, "data");
    char *missing = path_join(top, "missing");
    const struct {
        char *path;
        int error;
    } cases[] = {{data, EACCES}, {missing, ENOENT}, {top, EACCES}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *argv[] = {cases[i].path, NULL};
        char *envp[] = {NULL};
        errno = 0;
        assert_int_equal(daemon_start(argv, envp, NULL, 0), -1);
        assert_int_equal(errno, cases[i].error);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    }
    free(missing);
    free(data);
}

static void cgroups_of_jobs(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *places[2];
    } cases[] = {
        {"0::/system.slice/slurmstepd.scope/job_12/step_0/slurm",
         {"/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/unified/cgroup.procs"}},
        {"0::/system.slice/slurmstepd.scope/system",
         {"/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/unified/cgroup.procs"}},
        {"7:freezer:/slurm/uid_60001/job_12/step_batch",
         {"/sys/fs/cgroup/freezer/cgroup.procs", ""}},
        {"4:cpu,cpuacct:/slurm_n1/uid_0/job_12", {"/sys/fs/cgroup/cpu,cpuacct/cgroup.procs", ""}},
        {"1:name=systemd:/slurm/job_1", {"/sys/fs/cgroup/systemd/cgroup.procs", ""}},
        {"0::/system.slice/slurmd.service", {"", ""}},
        {"0::/user.slice/myjob_12", {"", ""}},
        {"9:name=systemd:/", {"", ""}},
        {"no line at all", {"", ""}},
        {"1:half", {"", ""}},
        {"", {"", ""}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (unsigned place = 0; place < 3; place++) {
            char path[256];
            daemon_cgroup_root(cases[i].line, place, path, sizeof(path));
            assert_text(cases[i].line, path, place < 2 ? cases[i].places[place] : "");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_daemon_is_nobodys_child),
        cmocka_unit_test(descriptors_in_the_wrong_places),
        cmocka_unit_test(what_cannot_be_executed_is_known_at_once),
        cmocka_unit_test(cgroups_of_jobs),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
