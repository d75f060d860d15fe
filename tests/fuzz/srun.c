/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command line of srun's, and Slurm's variables around it. Parts: the words, the environment. */
#include "fuzz.h"

#include "core/slurmstep.h"
#include "core/srun.h"

#include <limits.h>
#include <string.h>

static void check_words(char *argv[], const char *node)
{
    struct srun_words words, again;
    char options[SRUN_OPTIONS_MAX][SRUN_OPTION_SIZE];
    char *longer[FUZZ_LINES + SRUN_OPTIONS_MAX + 1];
    size_t count = 0;
    srun_read(&words, argv);
    while (argv[count])
        count++;
    bool found = !words.command;
    for (size_t i = 1; i < count; i++)
        found = found || argv[i] == words.command;
    REQUIRE(found);
    if (!argv[0])
        return;
    /* With our options before the user's it is the same command, placed and never waiting. */
    size_t ours = srun_options(options, &words, SCOPE_NODE, node);
    REQUIRE(ours >= 1 && ours <= SRUN_OPTIONS_MAX);
    longer[0] = argv[0];
    for (size_t i = 0; i < ours; i++) {
        REQUIRE(strlen(options[i]) < SRUN_OPTION_SIZE && options[i][0] == '-');
        longer[1 + i] = options[i];
    }
    memcpy(longer + 1 + ours, argv + 1, count * sizeof(*argv));
    srun_read(&again, longer);
    REQUIRE(again.command == words.command && again.own && again.immediate);
    REQUIRE(again.answers == words.answers && again.cpus == words.cpus);
    REQUIRE(again.places || !*node);
}

static void check_step(const struct env *env)
{
    unsigned job;
    long step;
    slurmstep_numbers(env, 1, &job, &step);
    REQUIRE(step >= -1 && step <= UINT_MAX);
    slurmstep_numbers(env, 2, &job, &step);
    REQUIRE(step != (long)SLURMSTEP_BATCH || env_get(env, "SLURM_STEP_ID"));
    REQUIRE(!slurmstep_is_sruns(env) ||
            (step >= 0 && (unsigned long)step < SLURMSTEP_FIRST_SPECIAL));
    slurmstep_tasks_here(env);
    slurmstep_job_nodes(env);
    const char *list = slurmstep_job_nodelist(env);
    REQUIRE(!list || env_get(env, "SLURM_JOB_NODELIST"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_lines lines;
    char **parts[2];
    struct env env;
    struct verdict verdict;
    fuzz_lines(&lines, data, size);
    fuzz_parts(&lines, parts, 2);
    REQUIRE(env_init(&env, parts[1]) == 0);
    const char *node = env_get(&env, "SLURMD_NODENAME");
    check_words(parts[0], node && strlen(node) < 256 ? node : "");
    check_step(&env);
    srun_is_plain(parts[0], &env);
    nesting_judge(&verdict, &env);
    REQUIRE(!srun_may_wait(&verdict, &env, 1) || verdict.nested);
    env_destroy(&env);
    fuzz_lines_free(&lines);
    return 0;
}
