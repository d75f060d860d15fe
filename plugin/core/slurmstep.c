/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slurm's steps, as far as a launch is concerned. */
#include "slurmstep.h"

#include "keyvalue.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    uint32_t id;
    const char *name;
} special[] = {{SLURMSTEP_BATCH, "batch"}, {0xfffffffcU, "extern"}, {0xfffffffaU, "interactive"}};

const char *slurmstep_name(uint32_t step)
{
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        if (special[i].id == step)
            return special[i].name;
    }
    return NULL;
}

uint32_t slurmstep_id(const char *name)
{
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        if (strcmp(special[i].name, name) == 0)
            return special[i].id;
    }
    return 0;
}

bool slurmstep_is_sruns(const struct env *env)
{
    const char *step = env_get(env, "SLURM_STEP_ID");
    unsigned long long id;
    return step && keyvalue_number(step, SLURMSTEP_FIRST_SPECIAL - 1, &id) == 0;
}

/* Takes an entry off a list of Slurm's that has one for each node in turn, "2(x3),1": 2 on three
 * nodes, 1 on the fourth. False at the end. */
static bool take_nodes(const char **at, unsigned long *value, unsigned long *nodes)
{
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    *value = strtoul(*at, &end, 10);
    *nodes = strncmp(end, "(x", 2) == 0 ? strtoul(end + 2, &end, 10) : 1;
    end += *end == ')';
    *at = end + (*end == ',');
    return true;
}

unsigned slurmstep_tasks_here(const struct env *env)
{
    const char *at = env_get(env, "SLURM_STEP_TASKS_PER_NODE");
    const char *place = env_get(env, "SLURM_NODEID");
    unsigned long long node;
    unsigned long nodes, tasks;
    if (!at || !place || keyvalue_number(place, UINT_MAX, &node) != 0)
        return 0;
    while (take_nodes(&at, &tasks, &nodes)) {
        if (node < nodes)
            return tasks <= UINT_MAX ? (unsigned)tasks : 0;
        node -= nodes;
    }
    return 0;
}

const char *slurmstep_job_nodelist(const struct env *env)
{
    const char *list = env_get(env, "SLURM_JOB_NODELIST");
    const char *steps = env_get(env, "SLURM_STEP_NODELIST");
    const char *other = env_get(env, "SLURM_NODELIST");
    bool lost = !env_get(env, "SLURM_JOB_NUM_NODES") && list && steps && other;
    return lost && strcmp(list, steps) == 0 ? other : list;
}

unsigned slurmstep_job_nodes(const struct env *env)
{
    const char *text = env_get(env, "SLURM_JOB_NUM_NODES");
    const char *at = env_get(env, "SLURM_JOB_CPUS_PER_NODE");
    unsigned long long number;
    unsigned long all = 0, nodes, cpus;
    if (text)
        return keyvalue_number(text, UINT_MAX, &number) == 0 ? (unsigned)number : 0;
    while (at && take_nodes(&at, &cpus, &nodes))
        all += nodes;
    return all <= UINT_MAX ? (unsigned)all : 0;
}

void slurmstep_numbers(const struct env *env, unsigned depth, unsigned *job, long *step)
{
    unsigned long long number;
    const char *text = env_get(env, "SLURM_JOB_ID");
    *job = text && keyvalue_number(text, UINT_MAX, &number) == 0 ? (unsigned)number : 0;
    text = env_get(env, "SLURM_STEP_ID");
    if (text && keyvalue_number(text, UINT_MAX, &number) == 0)
        *step = (long)number;
    else
        *step = *job && depth <= 1 ? (long)SLURMSTEP_BATCH : -1;
}
