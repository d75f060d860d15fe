/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/words: arguments of loaders and interpreters. */
#include "support.h"

#include "watch/words.h"

#include <stdlib.h>
#include <string.h>

static void who_runs_others(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum runner runner;
    } cases[] = {
        {"ld-linux-x86-64.so.2", RUNNER_LOADER},
        {"ld-2.36.so", RUNNER_LOADER},
        {"ld.so", RUNNER_LOADER},
        {"sh", RUNNER_INTERPRETER},
        {"python3.11", RUNNER_INTERPRETER},
        {"perl", RUNNER_INTERPRETER},
        {"env", RUNNER_INTERPRETER},
        {"ld", RUNNER_NONE},
        {"shred", RUNNER_NONE},
        {"python3-config", RUNNER_NONE},
        {"mpirun", RUNNER_NONE},
        {"", RUNNER_NONE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (runner_of(cases[i].name) != cases[i].runner)
            fail_case("%s", cases[i].name);
    }
}

/* The words are in memory of just their size, so that a sanitizer sees what is read behind it. */
static void check(enum runner runner, const char *const list[], const char *script,
                  const char *expected)
{
    size_t length = 0;
    for (size_t i = 0; list[i]; i++)
        length += strlen(list[i]) + 1;
    char *cmdline = malloc(length ? length : 1);
    assert_non_null(cmdline);
    char *at = cmdline;
    for (size_t i = 0; list[i]; i++) {
        memcpy(at, list[i], strlen(list[i]) + 1);
        at += strlen(list[i]) + 1;
    }
    assert_text("the program", words_program(runner, cmdline, length, script), expected);
    free(cmdline);
}

static void a_loaders_program(void **state)
{
    (void)state;
    check(RUNNER_LOADER, LIST("ld.so", "/bin/x", "y"), NULL, "/bin/x");
    check(RUNNER_LOADER, LIST("ld.so", "--list", "x"), NULL, "x");
    check(RUNNER_LOADER, LIST("ld.so", "--library-path", "/lib", "--argv0", "a", "x", "y"), NULL,
          "x");
    check(RUNNER_LOADER, LIST("ld.so", "--argv0"), NULL, NULL);
    check(RUNNER_LOADER, LIST("ld.so"), NULL, NULL);
    check(RUNNER_LOADER, NO_STRINGS, NULL, NULL);
}

static void a_script_that_was_named(void **state)
{
    (void)state;
    check(RUNNER_INTERPRETER, LIST("sh", "mpirun", "-n"), NULL, "mpirun");
    check(RUNNER_INTERPRETER, LIST("sh", "-e", "a/mpirun"), NULL, "a/mpirun");
    check(RUNNER_INTERPRETER, LIST("sh", "wrapper", "mpirun"), NULL, "wrapper");
    check(RUNNER_INTERPRETER, LIST("sh", "-c", "mpirun"), NULL, NULL);
    check(RUNNER_INTERPRETER, LIST("sh", "-ec", "mpirun"), NULL, NULL);
    check(RUNNER_INTERPRETER, LIST("python3", "-m", "mpirun"), NULL, NULL);
    check(RUNNER_INTERPRETER, LIST("sh", "-e", "-u", "mpirun"), NULL, NULL);
    check(RUNNER_INTERPRETER, LIST("/usr/bin/env", "mpirun"), NULL, NULL);
    check(RUNNER_INTERPRETER, LIST("sh"), NULL, NULL);
    check(RUNNER_INTERPRETER, LIST("sh", "-e"), NULL, NULL);
}

static void a_script_that_the_kernel_started(void **state)
{
    (void)state;
    check(RUNNER_INTERPRETER, LIST("/bin/sh", "/opt/mpirun", "-n"), "mpirun", "/opt/mpirun");
    check(RUNNER_INTERPRETER, LIST("/bin/sh", "-ec", "/opt/mpirun"), "mpirun", "/opt/mpirun");
    check(RUNNER_INTERPRETER, LIST("env", "bash", "./mpirun", "x"), "mpirun", "./mpirun");
    check(RUNNER_INTERPRETER, LIST("env", "x", "y", "z", "mpirun"), "mpirun", NULL);
    check(RUNNER_NONE, LIST("prte", "mpirun"), "mpirun", NULL);
}

static void what_was_cut_off(void **state)
{
    (void)state;
    static const char cut[] = {'s', 'h', '\0', 'm', 'p', 'i', 'r', 'u', 'n'};
    assert_null(words_program(RUNNER_INTERPRETER, cut, sizeof(cut), NULL));
    assert_null(words_program(RUNNER_INTERPRETER, cut, 0, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_runs_others),
        cmocka_unit_test(a_loaders_program),
        cmocka_unit_test(a_script_that_was_named),
        cmocka_unit_test(a_script_that_the_kernel_started),
        cmocka_unit_test(what_was_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
