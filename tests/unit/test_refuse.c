/* SPDX-License-Identifier: GPL-2.0-or-later */
/* launch/refuse: what a launch says on standard error, and that it says it once. */
#include "environments.h"
#include "support.h"

#include "core/arm.h"
#include "core/decision.h"
#include "launch/prepare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *const mpirun[] = {(char *)"mpirun", (char *)"./app", NULL};

/* What say() writes to standard error; memory to free. */
static char *capture(const struct preparation *preparation, bool refuse)
{
    enum { MOST = 8192 };
    char *text = calloc(1, MOST);
    FILE *file = tmpfile();
    assert_non_null(text);
    assert_non_null(file);
    int saved = dup(STDERR_FILENO);
    assert_int_not_equal(saved, -1);
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    if (refuse)
        preparation_refuse(preparation, "mpirun");
    else
        preparation_complain(preparation);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    size_t length = fread(text, 1, MOST - 1, file);
    fclose(file);
    text[length] = '\0';
    return text;
}

static char *say(const char *const list[], const char *const more[], bool refuse)
{
    struct preparation preparation;
    struct env env;
    env_from(&env, list);
    env_add(&env, more);
    assert_int_equal(prepare(&preparation, env.vars, mpirun), 0);
    assert_int_equal(preparation_refuses(&preparation), refuse);
    char *text = capture(&preparation, refuse);
    preparation_destroy(&preparation);
    env_destroy(&env);
    return text;
}

static void check_says(const char *text, const char *const words[])
{
    for (size_t i = 0; words[i]; i++) {
        if (!strstr(text, words[i]))
            fail_case("no '%s' in '%s'", words[i], text);
    }
}

static void denied_launches_name_the_ways_out(void **state)
{
    (void)state;
    static const struct {
        const char *const *rank;
        const char *numbers; /* NULL: not known */
        bool singleton;
    } cases[] = {{openmpi_rank, "rank 1 of 2", false},
                 {hydra_rank, "rank 1 of 2", false},
                 {srun_pmix_rank, "rank 1 of 2", false},
                 {openmpi_singleton, NULL, true}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = say(cases[i].rank, LIST(MODE_VARIABLE "=deny"), true);
        check_says(text, LIST("nestsafe:", "mpirun refused", "--mpi-nested-safe=deny",
                              "srun --mpi-nested-safe", MODE_VARIABLE "=", "without mpirun",
                              "MPI_Comm_spawn", "Open MPI 5.0"));
        assert_int_equal(strstr(text, "MPI_Finalize") != NULL, cases[i].singleton);
        if (cases[i].numbers)
            check_says(text, LIST(cases[i].numbers));
        else
            assert_null(strstr(text, "(rank"));
        assert_int_equal(text[strlen(text) - 1], '\n');
        free(text);
    }
}

/* Numbers of an environment are no numbers of a launcher's: they must not flood a terminal. */
static void numbers_are_not_trusted(void **state)
{
    (void)state;
    char rank[4000] = "OMPI_COMM_WORLD_RANK=";
    size_t at = strlen(rank);
    memset(rank + at, '9', sizeof(rank) - at - 1);
    char *text = say(openmpi_rank, LIST(MODE_VARIABLE "=deny", rank), true);
    assert_true(strlen(text) < 2000);
    free(text);
}

static void launches_too_deep_say_so(void **state)
{
    (void)state;
    char *text = say(openmpi_rank, LIST(DEPTH_VARIABLE "=9"), true);
    check_says(text, LIST("nestsafe:", "mpirun refused", "max_depth", "9", "8"));
    free(text);
    text = say(LIST("PATH=/bin"), LIST(LAUNCH_VARIABLE "=1:2:16:job", DEPTH_VARIABLE "=1"), true);
    check_says(text, LIST("nestsafe:", "mpirun refused", "17 times"));
    free(text);
}

static void what_could_not_be_used_is_said(void **state)
{
    (void)state;
    char *text = say(openmpi_rank, LIST(MODE_VARIABLE "=nodes"), false);
    check_says(text, LIST("nestsafe: error:", MODE_VARIABLE, "'nodes'", MODE_NAMES, "'auto'"));
    free(text);
    text = say(openmpi_rank, LIST(RULES_VARIABLE "=/nonexistent/rules"), false);
    check_says(text, LIST("nestsafe: error:", "/nonexistent/rules", "without this site's rules"));
    free(text);
    text = say(openmpi_rank, LIST(MODE_VARIABLE "=node"), false);
    assert_string_equal(text, "");
    free(text);
}

static void it_is_said_once(void **state)
{
    (void)state;
    static const char *const bad[] = {MODE_VARIABLE "=nodes", NULL};
    struct preparation first;
    struct preparation second;
    struct env env;
    env_from(&env, openmpi_rank);
    env_add(&env, bad);
    assert_int_equal(prepare(&first, env.vars, mpirun), 0);
    assert_int_equal(prepare(&second, first.env.vars, mpirun), 0);
    assert_int_equal(second.decision, DECISION_AGAIN);
    char *text = capture(&second, false);
    assert_string_equal(text, "");
    free(text);
    preparation_destroy(&second);
    preparation_destroy(&first);
    env_destroy(&env);
}

/* A bad word comes from a job's environment, and goes to terminals and log files. */
static void a_bad_word_cannot_forge_a_line(void **state)
{
    (void)state;
    char *text = say(openmpi_rank, LIST(MODE_VARIABLE "=x'\nnestsafe: all is well\033[2J"), false);
    char *end = strchr(text, '\n');
    assert_non_null(end);
    assert_string_equal(end, "\n");
    assert_null(strchr(text, '\033'));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(denied_launches_name_the_ways_out),
        cmocka_unit_test(numbers_are_not_trusted),
        cmocka_unit_test(launches_too_deep_say_so),
        cmocka_unit_test(what_could_not_be_used_is_said),
        cmocka_unit_test(it_is_said_once),
        cmocka_unit_test(a_bad_word_cannot_forge_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
