/* SPDX-License-Identifier: GPL-2.0-or-later */
/* srun as a launcher: whether it is a rank's own, and what it is given then. Variables: srun's
 * opt.c (env_vars) from 20.11.9 to 26.05.3. */
#include "srun.h"

#include "baseline.h"
#include "decision.h"
#include "launcher.h"
#include "slurmstep.h"

#include <stdio.h>
#include <string.h>

/* A nested srun gives up after so many seconds where it cannot get what it asked for even so. */
enum { PATIENCE = 30 };

/* In the job around a launcher that was repaired in scope job, it is not the user's word but what
 * the launcher was given (rules_table.c), unless the user has said so too. */
static bool is_users_overlap(const struct env *env)
{
    struct trail trail;
    struct env baseline;
    trail_load(&trail, env);
    if (!env_get(env, "SLURM_OVERLAP"))
        return false;
    if (!trail.launch.pid || trail.confined || trail.depth < 2)
        return true;
    bool users = baseline_load(&baseline, env) > 0 && env_get(&baseline, "SLURM_OVERLAP");
    env_destroy(&baseline);
    return users;
}

bool srun_is_plain(char *const argv[], const struct env *env)
{
    static const char *const own[] = {"SLURM_EXACT", "SLURM_EXCLUSIVE", "SLURM_EXTERNAL_LAUNCHER"};
    struct srun_words words;
    srun_read(&words, argv);
    bool plain = env_get(env, "SLURM_JOB_ID") && words.command && !words.answers && !words.own &&
                 !launcher_is_daemon(words.command) && !is_users_overlap(env);
    for (size_t i = 0; plain && i < sizeof(own) / sizeof(own[0]); i++)
        plain = !env_get(env, own[i]);
    return plain;
}

bool srun_may_wait(const struct verdict *verdict, const struct env *env, unsigned depth)
{
    if (!verdict->nested || verdict->outer == OUTER_STEP)
        return false;
    bool launched = verdict->outer == OUTER_OPENMPI || verdict->outer == OUTER_HYDRA;
    return verdict->in_step || depth > 1 || (launched && slurmstep_job_nodes(env) > 1);
}

#define GONE(pattern_, why_)                                                                       \
    {                                                                                              \
        .pattern = pattern_, .node = ACTION_UNSET, .job = ACTION_UNSET, .family = FAMILY_SLURM,    \
        .needs = NEED_STEP, .why = why_, .source = "slurm 22-05-11 srun/libsrun/opt.c env_vars"    \
    }
#define JOBS(pattern_, value_)                                                                     \
    {                                                                                              \
        .pattern = pattern_, .node = ACTION_KEEP, .job = ACTION_SET, .family = FAMILY_SLURM,       \
        .value = value_, .needs = NEED_STEP,                                                       \
        .why = "the job's, where a launcher had taken it away",                                    \
        .source = "slurm 26-05-3 srun/opt.c env_vars; seen"                                        \
    }
#define REQUEST(pattern_)                                                                          \
    GONE(pattern_, "what the outer step asked for; srun would ask for it again")

const struct rule srun_rules[] = {
    {.pattern = "SLURM_CPU_BIND",
     .node = ACTION_SET,
     .job = ACTION_UNSET,
     .family = FAMILY_SLURM,
     .value = "%mask",
     .needs = NEED_STEP,
     .why = "the CPUs of this rank; the outer task's masks do not fit the nested step",
     .source = "srun(1); seen"},
    JOBS("SLURM_JOB_NODELIST", "%nodelist"),
    JOBS("SLURM_JOB_NUM_NODES", "%nodes"),
    GONE("SLURM_CPU_BIND_*", "the outer task's"),
    GONE("SLURM_MEM_BIND*", "the outer task's"),
    REQUEST("SLURM_DISTRIBUTION"),
    REQUEST("SLURM_NTASKS*"),
    REQUEST("SLURM_NPROCS"),
    REQUEST("SLURM_CPUS_PER_*"),
    REQUEST("SRUN_CPUS_PER_TASK"),
    REQUEST("SLURM_MEM_PER_*"),
    REQUEST("SLURM_GPU*"),
    REQUEST("SLURM_GRES*"),
    REQUEST("SLURM_TRES_*"),
    REQUEST("SLURM_THREADS_PER_CORE"),
    REQUEST("SLURM_NCORES_PER_SOCKET"),
    REQUEST("SLURM_NSOCKETS_PER_NODE"),
    REQUEST("SLURM_HINT"),
    REQUEST("SLURM_OVERCOMMIT"),
    REQUEST("SLURM_RESV_PORTS"),
    GONE("SLURM_PMIX_MAPPING_SERV", "leads to the outer step's servers"),
    GONE("SLURM_PMIXP_*", "leads to the outer step's servers"),
    GONE("SLURM_PMI2_*", "leads to the outer step's servers"),
};
const size_t srun_rules_count = sizeof(srun_rules) / sizeof(srun_rules[0]);

size_t srun_options(char texts[SRUN_OPTIONS_MAX][SRUN_OPTION_SIZE], const struct srun_words *words,
                    enum scope scope, const char *node)
{
    size_t count = 0;
    snprintf(texts[count++], SRUN_OPTION_SIZE, "--overlap");
    if (scope == SCOPE_NODE && !words->places && *node) {
        snprintf(texts[count++], SRUN_OPTION_SIZE, "--nodes=1");
        snprintf(texts[count++], SRUN_OPTION_SIZE, "--nodelist=%s", node);
    }
    if (!words->immediate)
        snprintf(texts[count++], SRUN_OPTION_SIZE, "--immediate=%d", PATIENCE);
    return count;
}
