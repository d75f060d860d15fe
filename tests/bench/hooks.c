/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hooks LINE TASKS [MODE]: a step of so many tasks on the fake SPANK host (tests/spank/host.h),
 * with this line of plugstack.conf and, where a mode is given, --mpi-nested-safe=MODE. */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>

extern char **environ;

static int count_executed(const struct host_result *result)
{
    int executed = 0;
    for (size_t i = 0; i < result->n_tasks; i++)
        executed += result->tasks[i].execed;
    return executed;
}

int main(int argc, char *argv[])
{
    if (argc < 3)
        return 2;
    const char *const lines[] = {argv[1], NULL};
    const struct host_option option = {"nestsafe", "mpi-nested-safe", argc > 3 ? argv[3] : NULL};
    struct host_scenario scenario;
    struct host_result result;
    host_scenario_init(&scenario, HOST_REMOTE);
    scenario.plugstack = lines;
    scenario.env = (const char *const *)environ;
    scenario.node_tasks = scenario.total_tasks = (uint32_t)atoi(argv[2]);
    scenario.options = &option;
    scenario.n_options = argc > 3;
    if (host_run(&scenario, &result) != 0) {
        perror("host_run");
        return 1;
    }
    bool good = count_executed(&result) == atoi(argv[2]);
    if (!good)
        host_dump(&result);
    host_result_free(&result);
    return good ? 0 : 1;
}
