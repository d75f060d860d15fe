/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/launches and collect/advice: launches by their process, and what a user is told. */
#include "samples.h"
#include "support.h"

#include "collect/advice.h"
#include "collect/launches.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 5000 };

static struct launch *launch_new(long pid)
{
    struct launch *launch = calloc(1, sizeof(*launch));
    assert_non_null(launch);
    launch->incident = sample_incident(pid);
    return launch;
}

static void drop(struct launches *launches, struct launch *launch)
{
    launches_remove(launches, launch);
    free(launch);
}

static void found_by_their_process(void **state)
{
    (void)state;
    struct launches launches = {0};
    assert_null(launches_find(&launches, 1));
    for (long pid = 1; pid <= MANY; pid++)
        launches_add(&launches, launch_new(pid));
    assert_int_equal(launches.count, MANY);
    for (pid_t pid = 1; pid <= MANY; pid++)
        assert_int_equal(launches_find(&launches, pid)->incident.process.pid, pid);
    assert_null(launches_find(&launches, 0));
    assert_null(launches_find(&launches, -1));
    assert_null(launches_find(&launches, MANY + 1));
    for (pid_t pid = 2; pid <= MANY; pid += 2)
        drop(&launches, launches_find(&launches, pid));
    for (pid_t pid = 1; pid <= MANY; pid++)
        assert_true(!launches_find(&launches, pid) == !(pid % 2));
    assert_int_equal(launches.count, MANY / 2);
    for (pid_t pid = 1; pid <= MANY; pid += 2)
        drop(&launches, launches_find(&launches, pid));
    assert_int_equal(launches.count, 0);
}

static void what_is_not_there_stays_so(void **state)
{
    (void)state;
    struct launches launches = {0};
    struct launch *in = launch_new(7), *out = launch_new(7 + LAUNCH_BUCKETS);
    launches_add(&launches, in);
    launches_remove(&launches, out);
    assert_int_equal(launches.count, 1);
    assert_ptr_equal(launches_find(&launches, 7), in);
    drop(&launches, in);
    free(out);
}

struct visits {
    struct launches *launches;
    bool seen[MANY + 1];
    int count;
};

static void visit(void *context, struct launch *launch)
{
    struct visits *visits = context;
    long pid = launch->incident.process.pid;
    assert_false(visits->seen[pid]);
    visits->seen[pid] = true;
    visits->count++;
    if (pid % 3 == 0)
        drop(visits->launches, launch);
}

static void each_once_although_some_go(void **state)
{
    (void)state;
    struct launches launches = {0};
    struct visits visits = {.launches = &launches};
    for (long pid = 1; pid <= MANY; pid++)
        launches_add(&launches, launch_new(pid));
    launches_each(&launches, visit, &visits);
    assert_int_equal(visits.count, MANY);
    assert_int_equal(launches.count, MANY - MANY / 3);
    for (pid_t pid = 1; pid <= MANY; pid++) {
        struct launch *launch = launches_find(&launches, pid);
        assert_true(!launch == !(pid % 3));
        if (launch)
            drop(&launches, launch);
    }
}

static void advice_names_the_cause(void **state)
{
    (void)state;
    static const struct {
        const char *classes[4];
        const char *cause;
    } cases[] = {
        {{"silent-exit"}, "(silent-exit: mpirun of Open MPI 4 exits 1 and prints nothing)"},
        {{"none", "slots", "session-directory", "name-clash"}, "(name-clash: "},
        {{"name-clash", "recursion-banner"}, "(recursion-banner: "}, /* the table's order */
        {{"none", "slots"}, "(unknown: "},
        {{NULL}, "(unknown: "},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[1024];
        struct totals totals = {0};
        for (size_t j = 0; j < COUNT(cases[i].classes) && cases[i].classes[j]; j++)
            tally_add(&totals.classes, cases[i].classes[j], 1);
        assert_ptr_equal(advice(&totals, text, sizeof(text)), text);
        if (!strstr(text, cases[i].cause))
            fail_case("no %s in %s", cases[i].cause, text);
        assert_non_null(strstr(text, "--mpi-nested-safe"));
        assert_null(strchr(text, '\n'));
        assert_int_equal(text[strlen(text) - 1], '.'); /* it was not cut */
    }
}

static void advice_fits(void **state)
{
    (void)state;
    const struct hazard *hazard;
    for (unsigned i = 0; (hazard = hazard_at(i)); i++) {
        char text[1024];
        struct totals totals = {0};
        tally_add(&totals.classes, hazard->name, 1);
        assert_int_equal(strstr(advice(&totals, text, sizeof(text)), hazard->text) != NULL,
                         hazard->fatal);
    }
    char *small = malloc(10);
    const struct totals none = {0};
    advice(&none, small, 10);
    assert_string_equal(small, "nestsafe:");
    free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_by_their_process),
        cmocka_unit_test(what_is_not_there_stays_so),
        cmocka_unit_test(each_once_although_some_go),
        cmocka_unit_test(advice_names_the_cause),
        cmocka_unit_test(advice_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
