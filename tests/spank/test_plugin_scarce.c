/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin on the fake SPANK host: memory, descriptors and processes run out, at each place where
 * it asks for some, in each hook; and neither the job nor the node hears of it. */
#include "plugin.h"
#include "scarce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const rank_environment[] = {"PATH=/usr/bin:/bin",
                                               "OMPI_COMM_WORLD_RANK=0",
                                               "OMPI_MCA_ess_base_jobid=1",
                                               "OMPI_MCA_btl=self",
                                               "LD_PRELOAD=/x/own.so",
                                               "NESTSAFE_BASELINE=OMPI_MCA_btl=tcp;HYDRA_RMK=x;",
                                               "NESTSAFE_DEPTH=1",
                                               "NESTSAFE_LAUNCH=1:2:0:node",
                                               NULL};

static const char *const arguments[] = {"--mpi-nested-safe=node,alone", "true", NULL};

static const struct {
    enum host_context context;
    enum host_step step;
} places[] = {
    {HOST_LOCAL, 0},
    {HOST_ALLOCATOR, 0},
    {HOST_REMOTE, HOST_STEP_SRUN},
    {HOST_REMOTE, HOST_STEP_BATCH},
    {HOST_REMOTE, HOST_STEP_INTERACTIVE},
    {HOST_REMOTE, HOST_STEP_EXTERN},
    {HOST_SLURMD, 0},
};

/* As on a node where there has been no step yet. */
static void forget_steps(void)
{
    static const char *const made[] = {"launchers/simrun", "launchers/jobrun", "launchers",
                                       "steps"};
    char path[sizeof(rundir) + 32];

    for (size_t i = 0; i < COUNT(made); i++) {
        snprintf(path, sizeof(path), "%s/%s", rundir, made[i]);
        remove(path);
    }
}

static void prepare_place(struct play *p, size_t place)
{
    char args[4200];

    forget_steps();
    snprintf(args, sizeof(args), "preload=always launchers=simrun,jobrun rules=%s",
             file_make("site.rules", "unset other MY_STATE\n"));
    plugin_prepare(p, places[place].context, args);
    p->sc.step = places[place].step;
    p->sc.env = rank_environment;
    p->sc.node_tasks = p->sc.total_tasks = places[place].step == HOST_STEP_SRUN ? 2 : 1;
    if (p->sc.context == HOST_LOCAL || p->sc.context == HOST_ALLOCATOR)
        p->sc.args = arguments;
    else if (p->sc.context == HOST_REMOTE && p->sc.step == HOST_STEP_SRUN)
        plugin_give(p, "node,alone");
}

/* Returns how many calls there were that could fail. */
static unsigned each_fails_once(size_t place)
{
    unsigned step = getenv("HOST_TEST_VALGRIND") ? 7 : 1;

    for (unsigned nth = 1;; nth += step) {
        struct play p;
        unsigned calls;

        prepare_place(&p, place);
        scarce_begin(nth);
        attempt(&p);
        calls = scarce_calls();
        /* The collector that it has started is no leftover. */
        p.res.children_left = 0;
        if (p.res.failed || p.res.fds_left || p.res.leaked || p.res.signal)
            print_message("# place %zu, call %u, %s\n", place, nth, scarce_failed());
        assert_harmless(&p);
        end(&p);
        if (calls < nth)
            return calls;
    }
}

static void test_each_call_fails_once(void **state)
{
    (void)state;
    for (size_t place = 0; place < COUNT(places); place++) {
        unsigned calls = each_fails_once(place);

        print_message("# place %zu: %u calls\n", place, calls);
        if (places[place].context != HOST_SLURMD || geteuid() == 0)
            assert_in_range(calls, 2, 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_call_fails_once),
        cmocka_unit_test_setup(test_each_call_fails_once, collector_dies),
    };

    play_begin();
    return cmocka_run_group_tests_name("plugin_scarce", tests, installation_make,
                                       installation_remove);
}
