/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/identity: processes of real launchers, of their copies, and of scripts, right after their
 * exec. */
#include "stopped.h"
#include "support.h"

#include "watch/identity.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { USER = 65534, OTHER = 65533 };

static char *top;
static const char nowhere[] = "/nonexistent/nestsafe-launch";
static const char hydra[] = "\0HYDRA build details:\0"
                            "9.9.9";

static int set_up(void **state)
{
    (void)state;
    top = directory_make();
    identity_end();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    directory_remove(top);
    identity_end();
    return 0;
}

/* Identify a process that executes file. */
static struct identity identify_as(uid_t uid, const char *file, const char *const arguments[],
                                   const char *doors)
{
    struct identity identity;
    pid_t pid = stopped_start_as(uid, file, arguments);
    if (!pid)
        fail_case("%s cannot be executed", file);
    assert_int_equal(identity_of(pid, doors, &identity), 0);
    stopped_end(pid);
    return identity;
}

static struct identity identify(const char *file, const char *const arguments[])
{
    return identify_as(geteuid(), file, arguments, nowhere);
}

#define assert_launcher(identity, path, flavour, version)                                          \
    check_launcher(identity, path, flavour, version, __FILE__, __LINE__)
static void check_launcher(struct identity identity, const char *path, enum flavour flavour,
                           const char *version, const char *file, int line)
{
    if (!identity.launcher)
        fail_at(file, line, "%s is no launcher", path);
    check_text("path", identity.path, path, file, line);
    check_text("flavour", flavour_name(identity.flavour), flavour_name(flavour), file, line);
    check_text("version", identity.version, version, file, line);
}

static void assert_none(struct identity identity)
{
    static const struct identity none;
    assert_memory_equal(&identity, &none, sizeof(none));
}

/* What a launcher says of its version: its whole answer. */
static char *ask(const char *launcher)
{
    static char answer[4096];
    char *command;
    assert_int_not_equal(asprintf(&command, "%s --version 2>&1", launcher), -1);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    answer[fread(answer, 1, sizeof(answer) - 1, output)] = '\0';
    pclose(output);
    free(command);
    return answer;
}

/* Returns the real path of a launcher that is installed, to free; or NULL. */
static char *installed(const char *name)
{
    char *path = path_join("/usr/bin", name);
    char *real = realpath(path, NULL);
    free(path);
    return real;
}

static void what_is_installed(void **state)
{
    (void)state;
    static const char *const names[] = {"mpirun.openmpi", "mpiexec.openmpi", "mpirun.mpich",
                                        "mpiexec.hydra"};
    for (size_t i = 0; i < COUNT(names); i++) {
        char *real = installed(names[i]);
        char *path = path_join("/usr/bin", names[i]);
        if (!real) {
            print_message("# left out: no %s here\n", path);
        } else {
            struct identity identity = identify(path, LIST(names[i]));
            assert_true(identity.launcher && !identity.door);
            assert_text(path, identity.path, real);
            bool openmpi = strstr(names[i], "openmpi");
            assert_true(openmpi ? identity.flavour == FLAVOUR_OPENMPI ||
                                      identity.flavour == FLAVOUR_PRRTE
                                : identity.flavour == FLAVOUR_HYDRA);
            assert_true(strlen(identity.version) >= 3);
            if (!strstr(ask(path), identity.version))
                fail_case("%s is not of version %s", path, identity.version);

            struct identity again;
            identity_of_file(real, &again);
            assert_memory_equal(&again, &identity, sizeof(again));
        }
        free(path);
        free(real);
    }
}

static void other_programs(void **state)
{
    (void)state;
    assert_none(identify("/bin/true", LIST("true")));
    assert_none(identify("/bin/true", LIST("mpirun"))); /* argv[0] is anybody's to choose */
    assert_none(identify("/bin/sh", LIST("sh", "-c", "mpirun")));
}

/* A launcher of our own, which is not the system's. */
static char *make_launcher(const char *name)
{
    return program_copy("/bin/true", top, name, hydra, sizeof(hydra));
}

static void a_copy_under_another_name(void **state)
{
    (void)state;
    char *launcher = make_launcher("mpirun");
    char *copy = program_copy(launcher, top, "solver", NULL, 0);
    assert_none(identify(copy, LIST("solver")));
    assert_launcher(identify(launcher, LIST("x")), launcher, FLAVOUR_HYDRA, "9.9.9");
    assert_launcher(identify(copy, LIST("solver")), copy, FLAVOUR_HYDRA, "9.9.9");
    free(copy);
    free(launcher);
}

static void a_copy_of_the_systems(void **state)
{
    (void)state;
    char *launcher = installed("mpiexec.hydra");
    if (!launcher)
        leave_out("no mpiexec.hydra of the system's");
    char *copy = program_copy(launcher, top, "solver", NULL, 0);
    assert_none(identify(copy, LIST("solver")));
    identity_begin();
    struct identity original = identify(launcher, LIST("x"));
    assert_launcher(identify(copy, LIST("solver")), copy, FLAVOUR_HYDRA, original.version);
    if (geteuid() == 0)
        assert_launcher(identify_as(USER, copy, LIST("solver"), nowhere), copy, FLAVOUR_HYDRA,
                        original.version);
    free(copy);
    free(launcher);
}

static void a_hard_link(void **state)
{
    (void)state;
    char *launcher = make_launcher("mpiexec");
    char *other = path_join(top, "other");
    assert_int_equal(link(launcher, other), 0);
    identify(launcher, LIST("x"));
    assert_launcher(identify(other, LIST("x")), other, FLAVOUR_HYDRA, "9.9.9");
    free(other);
    free(launcher);
}

static void a_symbolic_link(void **state)
{
    (void)state;
    char *program = make_launcher("prterun-3");
    char *name = path_join(top, "prterun");
    assert_int_equal(symlink(program, name), 0);
    assert_launcher(identify(name, LIST("x")), program, FLAVOUR_HYDRA, "9.9.9");
    assert_none(identify(program, LIST("x"))); /* it was not learned: it has a name of its own */
    free(name);
    free(program);
}

static void one_that_was_deleted(void **state)
{
    (void)state;
    struct identity identity;
    char *launcher = make_launcher("mpirun");
    pid_t pid = stopped_start(launcher, LIST("x"), NO_STRINGS);
    assert_int_equal(unlink(launcher), 0);
    assert_int_equal(identity_of(pid, nowhere, &identity), 0);
    assert_launcher(identity, launcher, FLAVOUR_HYDRA, "9.9.9");
    stopped_end(pid);
    free(launcher);
}

static void one_that_was_replaced(void **state)
{
    (void)state;
    char *launcher = make_launcher("mpirun");
    identify(launcher, LIST("x"));
    assert_int_equal(program_edit(launcher, "9.9.9", "8.8.8"), 1);
    assert_launcher(identify(launcher, LIST("x")), launcher, FLAVOUR_HYDRA, "8.8.8");
    free(launcher);
}

/* A user may call a copy of any program mpirun: that makes no launchers of others' programs. */
static void what_a_user_taught_us(void **state)
{
    (void)state;
    if (geteuid() != 0)
        leave_out("only root can start other users' processes");
    char *launcher = make_launcher("mpirun");
    assert_int_equal(chown(launcher, USER, USER), 0);
    identify_as(USER, launcher, LIST("x"), nowhere);
    assert_none(identify_as(OTHER, "/bin/true", LIST("true"), nowhere));
    assert_none(identify("/bin/true", LIST("true")));
    assert_true(identify_as(USER, "/bin/true", LIST("true"), nowhere).launcher);
    free(launcher);
}

static void a_wrapper_teaches_nothing(void **state)
{
    (void)state;
    char *wrapper = program_copy("/bin/true", top, "mpirun", NULL, 0);
    assert_launcher(identify(wrapper, LIST("x")), wrapper, FLAVOUR_UNKNOWN, "");
    assert_none(identify("/bin/true", LIST("true")));
    free(wrapper);
}

static void scripts(void **state)
{
    (void)state;
    file_write(top, "mpirun", "#!/bin/sh -e\n: ${I_MPI_ROOT}\n", 0755);
    file_write(top, "solver", "#!/bin/sh\n", 0755);
    char *script = path_join(top, "mpirun");
    char *solver = path_join(top, "solver");
    char *link = path_join(top, "mpiexec");
    assert_int_equal(symlink(script, link), 0);
    assert_launcher(identify(script, LIST("x", "-n")), script, FLAVOUR_INTEL, "");
    assert_launcher(identify(link, LIST("x", "-n")), link, FLAVOUR_INTEL, "");
    assert_launcher(identify("/bin/sh", LIST("sh", script, "-n")), script, FLAVOUR_INTEL, "");
    assert_launcher(identify("/bin/sh", LIST("sh", "-e", script)), script, FLAVOUR_INTEL, "");
    assert_none(identify("/usr/bin/env", LIST("env", script)));
    assert_none(identify(solver, LIST("x", script)));
    assert_none(identify("/bin/sh", LIST("sh", solver, script)));
    free(link);
    free(solver);
    free(script);
}

static void a_script_of_the_working_directory(void **state)
{
    (void)state;
    char *before = getcwd(NULL, 0);
    assert_non_null(before);
    file_write(top, "mpirun", "#!/bin/sh\n", 0755);
    assert_int_equal(chdir(top), 0);
    struct identity identity = identify("./mpirun", LIST("x"));
    assert_int_equal(chdir(before), 0);
    char *real = realpath(top, NULL);
    char *expected = path_join(real, "./mpirun");
    assert_launcher(identity, expected, FLAVOUR_UNKNOWN, "");
    free(expected);
    free(real);
    free(before);
}

static void through_the_loader(void **state)
{
    (void)state;
    glob_t loaders;
    if (glob("/lib64/ld-linux*", 0, NULL, &loaders) != 0)
        leave_out("no loader where x86-64 has it");
    const char *loader = loaders.gl_pathv[0];
    char *launcher = make_launcher("mpirun");
    char *copy = program_copy(launcher, top, "solver", NULL, 0);
    assert_none(identify(loader, LIST("x", copy)));
    assert_launcher(identify(loader, LIST("x", launcher)), launcher, FLAVOUR_HYDRA, "9.9.9");
    assert_none(identify(loader, LIST("x", "--list")));
    assert_none(identify(loader, LIST("x", "/bin/true", launcher)));
    identify(launcher, LIST("x"));
    assert_launcher(identify(loader, LIST("x", "--argv0", "y", copy)), copy, FLAVOUR_HYDRA,
                    "9.9.9");
    free(copy);
    free(launcher);
    globfree(&loaders);
}

static void doors(void **state)
{
    (void)state;
    char *door = program_copy("/bin/true", top, "nestsafe-launch", NULL, 0);
    char *name = path_join(top, "mpirun");
    char *elsewhere = path_join(top, "mpiexec");
    char *copy = program_copy("/bin/true", top, "prun", NULL, 0);
    assert_int_equal(symlink(door, name), 0);
    assert_int_equal(link(door, elsewhere), 0);
    const char *const files[] = {door, name, elsewhere};
    for (size_t i = 0; i < COUNT(files); i++) {
        struct identity identity = identify_as(geteuid(), files[i], LIST("x"), door);
        assert_true(identity.door);
        assert_launcher(identity, i == 2 ? elsewhere : door, FLAVOUR_UNKNOWN, "");
    }
    assert_false(identify_as(geteuid(), copy, LIST("x"), door).door);
    assert_none(identify_as(geteuid(), "/bin/true", LIST("x"), door));
    free(copy);
    free(elsewhere);
    free(name);
    free(door);
}

static void processes_that_have_ended(void **state)
{
    (void)state;
    struct identity identity;
    siginfo_t info;
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    for (int i = 0; i < 2; i++) {
        errno = 0;
        assert_int_equal(identity_of(child, nowhere, &identity), -1);
        assert_int_equal(errno, ESRCH);
        assert_none(identity);
        if (i == 0)
            assert_int_equal(waitpid(child, NULL, 0), child);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_installed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_programs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_copy_under_another_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_copy_of_the_systems, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_hard_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_symbolic_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_was_deleted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_was_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_user_taught_us, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wrapper_teaches_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(scripts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_script_of_the_working_directory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(through_the_loader, set_up, tear_down),
        cmocka_unit_test_setup_teardown(doors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(processes_that_have_ended, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
