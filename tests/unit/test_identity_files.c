/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/identity: libraries of launchers, and files that are none or that lie. */
#include "stopped.h"
#include "support.h"

#include "watch/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { MUTATIONS = 300 };

static char *top;
static const char orterun[] = "/usr/bin/orterun";

static int set_up(void **state)
{
    (void)state;
    top = directory_make();
    identity_end();
    alarm(120); /* nothing here may hold us up */
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    alarm(0);
    directory_remove(top);
    identity_end();
    return 0;
}

/* Identify a file by its path. */
static struct identity identify(const char *path)
{
    struct identity identity;
    identity_of_file(path, &identity);
    return identity;
}

/* "top/bin" and "top/NAME". */
static void make_directories(const char *name)
{
    char *bin = path_join(top, "bin");
    char *other = path_join(top, name);
    assert_int_equal(mkdir(bin, 0755), 0);
    assert_int_equal(mkdir(other, 0755), 0);
    free(other);
    free(bin);
}

/* A copy of Open MPI 4's launcher in top/bin; NULL where there is none, or where the library with
 * its version is not where Debian has it. */
static char *copy_of_orterun(void)
{
    const char *library = "/usr/lib/x86_64-linux-gnu/libopen-rte.so.40";
    if (access(orterun, R_OK) != 0 || access(library, R_OK) != 0)
        return NULL;
    return program_copy(orterun, top, "bin/mpirun", NULL, 0);
}

/* "top/name" as a library of version 4.9.8. */
static void make_library(const char *name)
{
    char *path = path_join(top, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite("\0v4.9.8\0", 1, 8, file), 8);
    assert_int_equal(fclose(file), 0);
    free(path);
}

static void a_library_beside(void **state)
{
    (void)state;
    static const char *const names[] = {"lib", "lib64"};
    for (size_t i = 0; i < COUNT(names); i++) {
        char name[64];
        make_directories(names[i]);
        char *launcher = copy_of_orterun();
        if (!launcher)
            leave_out("no Open MPI 4 of Debian's");
        snprintf(name, sizeof(name), "%s/libopen-rte.so.40", names[i]);
        make_library(name);
        struct identity identity = identify(launcher);
        assert_true(identity.launcher);
        assert_int_equal(identity.flavour, FLAVOUR_OPENMPI);
        assert_text("version", identity.version, "4.9.8");
        free(launcher);
        tear_down(state);
        set_up(state);
    }
}

/* The system's library serves where there is none beside that could be read. */
static void libraries_that_are_none(void **state)
{
    (void)state;
    make_directories("lib");
    char *launcher = copy_of_orterun();
    char *library = path_join(top, "lib/libopen-rte.so.40");
    if (!launcher)
        leave_out("no Open MPI 4 of Debian's");
    struct identity expected = identify(launcher);
    assert_true(strlen(expected.version) > 0);
    for (int i = 0; i < 4; i++) {
        switch (i) {
        case 0:
            assert_int_equal(mkfifo(library, 0644), 0);
            break;
        case 1:
            assert_int_equal(mkdir(library, 0755), 0);
            break;
        case 2:
            assert_int_equal(symlink("/dev/zero", library), 0);
            break;
        case 3:
            assert_int_equal(symlink(library, library), 0);
            break;
        }
        identity_end();
        struct identity identity = identify(launcher);
        assert_text("version", identity.version, expected.version);
        assert_int_equal(remove(library), 0);
    }
    free(library);
    free(launcher);
}

/* Where a user's file says its libraries are, nobody goes. */
static void a_users_run_path(void **state)
{
    (void)state;
    make_directories("lib");
    char *launcher = copy_of_orterun();
    if (!launcher)
        leave_out("no Open MPI 4 of Debian's");
    assert_int_equal(chmod(launcher, 0777), 0); /* so that it is not root's alone */
    struct identity expected = identify(launcher);
    char run_path[] = "/usr/lib/x86_64-linux-gnu/openmpi/lib";
    char other[sizeof(run_path)];
    size_t length = strlen(top);
    if (length + 2 > sizeof(other))
        leave_out("the path of this test's directory is too long");
    memset(other, '/', sizeof(other) - 1);
    memcpy(other + sizeof(other) - 1 - length, top, length);
    other[sizeof(other) - 1] = '\0';
    assert_int_equal(program_edit(launcher, run_path, other), 1);
    make_library("libopen-rte.so.40");
    assert_text("version", identify(launcher).version, expected.version);
    assert_int_equal(chmod(launcher, 0755), 0);
    if (geteuid() == 0)
        assert_text("root's", identify(launcher).version, "4.9.8");
    free(launcher);
}

static void what_is_no_file(void **state)
{
    (void)state;
    char *path = path_join(top, "mpirun");
    for (int i = 0; i < 6; i++) {
        struct identity identity;
        switch (i) {
        case 0:
            break; /* there is none */
        case 1:
            assert_int_equal(mkfifo(path, 0755), 0);
            break;
        case 2:
            assert_int_equal(mkdir(path, 0755), 0);
            break;
        case 3:
            assert_int_equal(symlink("/dev/zero", path), 0);
            break;
        case 4:
            assert_int_equal(symlink(path, path), 0);
            break;
        case 5:
            assert_int_equal(symlink("/proc/self/fd/0", path), 0);
            break;
        }
        identity = identify(path);
        assert_true(identity.launcher); /* a door says so, and so does the name */
        assert_int_equal(identity.flavour, FLAVOUR_UNKNOWN);
        assert_text("path", identity.path, path);
        assert_true(i == 0 || remove(path) == 0);
    }
    free(path);
    assert_false(identify("").launcher);
    assert_false(identify("/").launcher);
    assert_int_equal(identify("mpirun").flavour, FLAVOUR_UNKNOWN);
}

static void a_path_without_an_end(void **state)
{
    (void)state;
    char *path = malloc(100000);
    assert_non_null(path);
    memset(path, '/', 100000);
    strcpy(path + 99000, "/mpirun");
    assert_true(identify(path).launcher);
    assert_int_equal(strlen(identify(path).path), sizeof(((struct identity *)0)->path) - 1);
    free(path);
}

/* Memory as the kernel counts it, in KiB. */
static long memory_used(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void a_huge_file(void **state)
{
    (void)state;
    char *path = path_join(top, "mpirun");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), (off_t)1 << 40), 0);
    fclose(file);
    long before = memory_used();
    assert_int_equal(identify(path).flavour, FLAVOUR_UNKNOWN);
    assert_true(memory_used() - before < 100 * 1024);
    free(path);
}

static void more_files_than_are_remembered(void **state)
{
    (void)state;
    for (int i = 0; i < 2500; i++) {
        char name[32];
        snprintf(name, sizeof(name), "%d", i);
        file_write(top, name, "HYDRA build details", 0755);
        char *path = path_join(top, name);
        assert_false(identify(path).launcher);
        free(path);
    }
    file_write(top, "mpirun", "HYDRA build details", 0755);
    char *path = path_join(top, "mpirun");
    assert_int_equal(identify(path).flavour, FLAVOUR_HYDRA);
    free(path);
}

static void lies(void **state)
{
    (void)state;
    size_t length;
    char *original = file_bytes(access(orterun, R_OK) == 0 ? orterun : "/bin/true", &length);
    char *path = path_join(top, "mpirun");
    srandom(4);
    for (int i = 0; i < MUTATIONS; i++) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        size_t end = i % 4 ? length : (size_t)random() % length;
        char *mutant = malloc(length);
        assert_non_null(mutant);
        memcpy(mutant, original, length);
        for (int j = 0; j < 20; j++)
            mutant[(size_t)random() % (j % 2 ? 1024 : length)] = (char)random();
        assert_int_equal(fwrite(mutant, 1, end, file), end);
        fclose(file);
        free(mutant);
        identity_end();
        struct identity identity = identify(path);
        assert_true(identity.launcher);
        assert_true(strnlen(identity.version, IDENTITY_VERSION) < IDENTITY_VERSION);
    }
    free(path);
    free(original);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_library_beside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(libraries_that_are_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_users_run_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_path_without_an_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_huge_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_files_than_are_remembered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lies, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
