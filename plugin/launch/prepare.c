/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One launch, from the facts of this process to the environment that its launcher is to have. */
#include "prepare.h"

#include "core/arm.h"
#include "core/baseline.h"
#include "core/printable.h"
#include "core/slurmstep.h"
#include "paths.h"
#include "process.h"
#include "readfile.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

size_t environment_limit(void)
{
    long most = sysconf(_SC_ARG_MAX);
    return most > 0 ? (size_t)most / 4 * 3 : 96 * 1024;
}

static unsigned count_cpus(void)
{
    /* The kernel refuses a set smaller than its own (sched_getaffinity(2)): ask for ever more. */
    for (int cpus = CPU_SETSIZE; cpus <= CPU_SETSIZE * 64; cpus *= 2) {
        cpu_set_t *set = CPU_ALLOC((size_t)cpus);
        size_t size = CPU_ALLOC_SIZE((size_t)cpus);
        int count = 0;
        if (set && sched_getaffinity(0, size, set) == 0)
            count = CPU_COUNT_S(size, set);
        CPU_FREE(set);
        if (count > 0)
            return (unsigned)count;
    }
    return 1;
}

static void read_mode(struct preparation *preparation)
{
    const char *armed = env_get(&preparation->env, ARMED_MODE_VARIABLE);
    const char *asked = env_get(&preparation->env, MODE_VARIABLE);
    preparation->mode = MODE_AUTO;
    mode_parse(armed, &preparation->mode);
    if (asked && *asked && mode_parse(asked, &preparation->mode) != 0)
        printable(preparation->bad_mode, sizeof(preparation->bad_mode), asked);
}

static void read_place(struct preparation *preparation)
{
    const struct env *env = &preparation->env;
    const char *rundir = env_get(env, RUNDIR_VARIABLE);
    preparation->rundir = rundir && *rundir == '/' ? rundir : NULL;
    slurmstep_numbers(env, preparation->trail.depth, &preparation->job, &preparation->step);
}

static int find_baseline(struct preparation *preparation)
{
    const struct verdict *verdict = &preparation->verdict;
    ancestry_read(&preparation->ancestry);
    struct origin *origin = &preparation->origin;
    *origin = lineage_find(&preparation->ancestry.lineage, &preparation->env, verdict);
    if (!origin->before && !origin->told) {
        ancestry_read_launcher(&preparation->ancestry, &preparation->trail.launch);
        *origin = lineage_find(&preparation->ancestry.lineage, &preparation->env, verdict);
    }
    int found = baseline_load(&preparation->baseline, &preparation->env);
    if (found < 0 && errno == ENOMEM)
        return -1;
    /* A singleton has no launcher above it, so what it began with is the truth of the matter; the
     * carried baseline is from before the script that started it. Elsewhere it is the better
     * source, as it knows the trail through other nodes. */
    bool singleton = verdict->outer == OUTER_SINGLETON;
    if (origin->before && (singleton || found <= 0)) {
        env_destroy(&preparation->baseline);
        if (env_init(&preparation->baseline, origin->before->vars) != 0)
            return -1;
        found = 1;
    }
    preparation->baseline_known = found > 0;
    return 0;
}

static int repair(struct preparation *preparation)
{
    char tag[80];
    snprintf(tag, sizeof(tag), "%u.%ld.%llu", (unsigned)getuid(), preparation->self.pid,
             preparation->self.start);
    if (find_baseline(preparation) != 0)
        return -1;
    const struct verdict *verdict = &preparation->verdict;
    struct trail *trail = &preparation->trail;
    preparation->scope =
        mode_scope(preparation->mode, verdict->alone, trail->confined || verdict->parted);
    trail->confined = preparation->scope == SCOPE_NODE;
    preparation->cpus = count_cpus();
    struct plan_facts facts = {
        .rules = &preparation->site.rules,
        .baseline = preparation->baseline_known ? &preparation->baseline : NULL,
        .rank = preparation->origin.rank,
        .told = preparation->origin.told,
        .scope = preparation->scope,
        .cpus = preparation->cpus > verdict->tasks ? preparation->cpus : verdict->tasks,
        .tag = tag,
        .unreachable = access(path_unreachable, X_OK) == 0 ? path_unreachable : NULL,
        .limit = environment_limit(),
    };
    return plan_repair(&preparation->plan, &preparation->env, &facts);
}

int prepare(struct preparation *preparation, char *const vars[], char *const argv[])
{
    *preparation = (struct preparation){0};
    if (env_init(&preparation->env, vars) != 0)
        return -1;
    preparation->self = process_self();
    read_mode(preparation);
    nesting_judge(&preparation->verdict, &preparation->env);
    trail_load(&preparation->trail, &preparation->env);
    read_place(preparation);
    preparation->decision = decide(&preparation->trail, &preparation->verdict, preparation->mode,
                                   &preparation->self, argv);
    bool tracks = preparation->decision == DECISION_TRACK;
    bool repairs = preparation->decision == DECISION_REPAIR;
    const char *rules = env_get(&preparation->env, RULES_VARIABLE);
    if ((tracks || repairs) && rules)
        readfile_rules(&preparation->site, rules);
    if (repairs && repair(preparation) != 0)
        return -1;
    if (tracks &&
        baseline_store(&preparation->env, &preparation->site.rules, environment_limit()) != 0)
        return -1;
    if (tracks || repairs || preparation->decision == DECISION_AGAIN)
        return trail_store(&preparation->env, &preparation->trail, &preparation->self);
    return 0;
}

void preparation_destroy(struct preparation *preparation)
{
    plan_destroy(&preparation->plan);
    env_destroy(&preparation->env);
    env_destroy(&preparation->baseline);
    ancestry_destroy(&preparation->ancestry);
    rules_file_destroy(&preparation->site);
}
