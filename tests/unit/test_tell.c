/* SPDX-License-Identifier: GPL-2.0-or-later */
/* launch/tell: what reaches the collector's socket, and that nothing else ever happens. */
#include "environments.h"
#include "support.h"

#include "core/arm.h"
#include "launch/address.h"
#include "launch/process.h"
#include "launch/tell.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *rundir;
static int listener = -1;

static void listen_there(void)
{
    struct sockaddr_un address;
    listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_int_not_equal(listener, -1);
    assert_int_equal(collector_address(&address, rundir), 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
}

static int set_up(void **state)
{
    (void)state;
    rundir = directory_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (listener >= 0)
        close(listener);
    listener = -1;
    directory_remove(rundir);
    return 0;
}

/* The next report that has come, if any. */
static bool receive(struct report *report)
{
    char text[REPORT_MAX + 1];
    ssize_t length = recv(listener, text, sizeof(text), 0);
    if (length < 0)
        return false;
    assert_int_equal(report_parse(report, text, (size_t)length), 0);
    return true;
}

static size_t open_descriptors(void)
{
    size_t count = 0;
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

/* Whatever there is at the other end, it comes back at once and leaves no trace. */
static void tell_and_watch(const char *to)
{
    const struct report report = {.kind = REPORT_END, .process = {4711, 815}, .status = 256};
    size_t before = open_descriptors();
    alarm(20);
    errno = ENOTTY;
    tell(to, &report);
    assert_int_equal(errno, ENOTTY);
    alarm(0);
    assert_int_equal(open_descriptors(), before);
}

static void what_is_told_arrives(void **state)
{
    (void)state;
    struct report report;
    listen_there();
    tell_and_watch(rundir);
    assert_true(receive(&report));
    assert_int_equal(report.kind, REPORT_END);
    assert_int_equal(report.process.pid, 4711);
    assert_int_equal(report.process.start, 815);
    assert_int_equal(report.status, 256);
    assert_false(receive(&report));
}

static void nobody_listens(void **state)
{
    (void)state;
    char *path = path_join(rundir, COLLECTOR_SOCKET);
    tell_and_watch("/nonexistent");
    tell_and_watch(rundir);
    listen_there();
    close(listener); /* its name stays */
    listener = -1;
    tell_and_watch(rundir);
    assert_int_equal(unlink(path), 0);
    file_write(rundir, COLLECTOR_SOCKET, "", 0644);
    tell_and_watch(rundir);
    free(path);
}

static void a_collector_that_does_not_read(void **state)
{
    (void)state;
    struct report report;
    size_t told = 0;
    size_t arrived = 0;
    FILE *file = fopen("/proc/sys/net/unix/max_dgram_qlen", "r");
    size_t room = 10;
    if (file && fscanf(file, "%zu", &room) != 1)
        room = 10;
    if (file)
        fclose(file);
    listen_there();
    for (; told < 2 * room + 10; told++)
        tell_and_watch(rundir);
    while (receive(&report))
        arrived++;
    assert_in_range(arrived, 1, told - 1);
}

static void the_length_of_paths(void **state)
{
    (void)state;
    struct sockaddr_un address;
    char path[200];
    memset(path, 'd', sizeof(path));
    path[0] = '/';
    path[RUNDIR_LENGTH_MAX] = '\0';
    assert_int_equal(collector_address(&address, path), 0);
    assert_int_equal(address.sun_family, AF_UNIX);
    assert_int_equal(strlen(address.sun_path), sizeof(address.sun_path) - 1);
    assert_string_equal(strrchr(address.sun_path, '/'), "/" COLLECTOR_SOCKET);
    path[RUNDIR_LENGTH_MAX] = 'd';
    path[RUNDIR_LENGTH_MAX + 1] = '\0';
    assert_int_equal(collector_address(&address, path), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    tell_and_watch(path);
}

/* A launch as it is prepared, in an environment that says where the collector is. */
static void prepare_from(struct preparation *preparation, struct env *env, const char *const rank[],
                         const char *const more[], const char *option)
{
    char *argv[] = {(char *)"mpirun", (char *)option, NULL};
    env_from(env, rank);
    env_add(env, more);
    assert_int_equal(env_set(env, RUNDIR_VARIABLE, rundir), 0);
    assert_int_equal(prepare(preparation, env->vars, argv), 0);
}

static void a_repaired_launch(void **state)
{
    (void)state;
    struct preparation preparation;
    struct report report;
    struct env env;
    struct process self = process_self();
    listen_there();
    prepare_from(&preparation, &env, srun_pmix_rank_after_init,
                 LIST(MODE_VARIABLE "=job", "NESTSAFE_DEPTH=1"), "-np");
    errno = ENOTTY;
    tell_begin(&preparation, DOOR_GUARD, "/opt/bin/mpirun");
    assert_int_equal(errno, ENOTTY);
    assert_true(receive(&report));
    assert_int_equal(report.kind, REPORT_BEGIN);
    assert_int_equal(report.process.pid, self.pid);
    assert_int_equal(report.process.start, self.start);
    assert_int_equal(report.door, DOOR_GUARD);
    assert_int_equal(report.decision, DECISION_REPAIR);
    assert_int_equal(report.mode, MODE_JOB);
    assert_int_equal(report.scope, SCOPE_JOB);
    assert_int_equal(report.outer, OUTER_SRUN);
    assert_int_equal(report.depth, 1);
    assert_memory_equal(report.counts, preparation.plan.counts, sizeof(report.counts));
    assert_true(report.counts[CHANGE_UNSET] > 0);
    assert_true(report.hazards != 0);
    assert_int_equal(report.hazards, hazards_of(&preparation.verdict));
    assert_int_equal(report.job, 77);
    assert_int_equal(report.step, 0);
    assert_int_equal(report.rank, 1);
    assert_string_equal(report.launcher, "/opt/bin/mpirun");
    assert_false(receive(&report));

    tell_end(&preparation, 3);
    assert_true(receive(&report));
    assert_int_equal(report.kind, REPORT_END);
    assert_int_equal(report.process.pid, self.pid);
    assert_true(WIFEXITED(report.status));
    assert_int_equal(WEXITSTATUS(report.status), 3);
    /* exit(3) takes any int, and its parent sees the low byte. */
    tell_end(&preparation, -1);
    assert_true(receive(&report));
    assert_int_equal(report.status, 255 << 8);
    preparation_destroy(&preparation);
    env_destroy(&env);
}

static void what_is_told_of(void **state)
{
    (void)state;
    static const struct {
        const char *const *rank;
        const char *more[3];
        const char *option;
        bool told;
        enum decision decision;
        unsigned depth;
    } cases[] = {
        {openmpi_rank, {"A=1"}, "-np", true, DECISION_REPAIR, 1},
        {openmpi_rank, {"NESTSAFE_DEPTH=4"}, "-np", true, DECISION_REPAIR, 4},
        {openmpi_rank, {MODE_VARIABLE "=deny"}, "-np", true, DECISION_DENY, 1},
        {openmpi_rank, {"NESTSAFE_DEPTH=9"}, "-np", true, DECISION_DEPTH, 9},
        {openmpi_rank, {"A=1"}, "--version", false, DECISION_PASS, 0},
        {openmpi_rank, {MODE_VARIABLE "=audit"}, "-np", false, DECISION_PASS, 0},
        {openmpi_rank, {MODE_VARIABLE "=off"}, "-np", false, DECISION_PASS, 0},
        {batch_script, {"A=1"}, "-np", false, DECISION_TRACK, 0},
        {batch_script, {"NESTSAFE_LAUNCH=1:2:0:node"}, "-np", false, DECISION_AGAIN, 0},
    };
    listen_there();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct preparation preparation;
        struct report report;
        struct env env;
        prepare_from(&preparation, &env, cases[i].rank, cases[i].more, cases[i].option);
        assert_int_equal(preparation.decision, cases[i].decision);
        assert_int_equal(tell_awaits_end(&preparation), cases[i].told);
        tell_begin(&preparation, DOOR_PATH, "/usr/bin/mpirun");
        assert_int_equal(receive(&report), cases[i].told);
        if (cases[i].told) {
            assert_int_equal(report.decision, cases[i].decision);
            assert_int_equal(report.depth, cases[i].depth);
        }
        preparation_destroy(&preparation);
        env_destroy(&env);
    }
}

/* The guard comes after nestsafe-launch in the same process. */
static void the_second_door_tells_the_end_only(void **state)
{
    (void)state;
    static const char *const *const environments[] = {openmpi_rank, batch_script};
    listen_there();
    for (size_t i = 0; i < COUNT(environments); i++) {
        char *argv[] = {(char *)"mpirun", NULL};
        struct preparation first;
        struct preparation second;
        struct report report;
        struct env env;
        prepare_from(&first, &env, environments[i], LIST("A=1"), "-np");
        assert_int_equal(prepare(&second, first.env.vars, argv), 0);
        assert_int_equal(second.decision, DECISION_AGAIN);
        tell_begin(&second, DOOR_GUARD, "/usr/bin/mpirun");
        assert_false(receive(&report));
        assert_int_equal(tell_awaits_end(&second), i == 0);
        preparation_destroy(&second);
        preparation_destroy(&first);
        env_destroy(&env);
    }
}

static void paths_of_launchers(void **state)
{
    (void)state;
    char expected[REPORT_PATH_MAX] = "";
    char *directory = realpath(rundir, NULL);
    char *long_path = calloc(1, REPORT_PATH_MAX + 1);
    file_write(rundir, "mpirun", "", 0755);
    assert_int_equal(chdir(rundir), 0);
    assert_non_null(directory);
    snprintf(expected, sizeof(expected), "%s/mpirun", directory);
    memset(long_path, 'x', REPORT_PATH_MAX);
    long_path[0] = '/';
    const struct {
        const char *path;
        const char *told;
    } cases[] = {
        {"/usr/bin/mpirun", "/usr/bin/mpirun"},
        {"./mpirun", expected},
        {"mpirun", expected},
        {"not/there", ""},
        {"/a\nb", "/a?b"},
        {long_path, ""},
    };
    listen_there();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct preparation preparation;
        struct report report;
        struct env env;
        prepare_from(&preparation, &env, openmpi_rank, NO_STRINGS, "-np");
        tell_begin(&preparation, DOOR_PATH, cases[i].path);
        assert_true(receive(&report));
        assert_string_equal(report.launcher, cases[i].told);
        preparation_destroy(&preparation);
        env_destroy(&env);
    }
    assert_int_equal(chdir("/"), 0);
    free(long_path);
    free(directory);
}

/* A relative directory would be another one for each process. */
static void directories_that_do_not_count(void **state)
{
    (void)state;
    static const char *const values[] = {"", "run", "./run"};
    char *argv[] = {(char *)"mpirun", NULL};
    for (size_t i = 0; i < COUNT(values); i++) {
        struct preparation preparation;
        struct env env;
        env_from(&env, openmpi_rank);
        assert_int_equal(env_set(&env, RUNDIR_VARIABLE, values[i]), 0);
        assert_int_equal(prepare(&preparation, env.vars, argv), 0);
        assert_null(preparation.rundir);
        preparation_destroy(&preparation);
        env_destroy(&env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_told_arrives, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_listens, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_collector_that_does_not_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_length_of_paths, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_repaired_launch, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_told_of, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_second_door_tells_the_end_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(paths_of_launchers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(directories_that_do_not_count, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
