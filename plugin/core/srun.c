/* SPDX-License-Identifier: GPL-2.0-or-later */
/* srun as a launcher: what its command line says, and what it is given where a rank starts it.
 * Options and variables: slurm_opt.c and srun's opt.c (env_vars) from 20.11.9 to 26.05.3. */
#include "srun.h"

#include "launcher.h"

#include <stdio.h>
#include <string.h>

/* A nested srun gives up after so many seconds where it cannot get what it asked for even so. */
enum { PATIENCE = 30 };

/* The short options whose value is the rest of the word, or else the next word. */
static const char with_value[] = "ABCDFGJLMNSTWbcdeimnopqrtwx";

/* The long ones whose value, if they have any, is in the same word. */
static const char *const without_value[] = {
    "async",
    "bcast",
    "compress",
    "consolidate-segments",
    "contiguous",
    "debugger-test",
    "disable-status",
    "exact",
    "exclusive",
    "external-launcher",
    "help",
    "hold",
    "immediate",
    "interactive",
    "kill-on-bad-exit",
    "label",
    "multi-prog",
    "nice",
    "no-allocate",
    "no-kill",
    "oom-kill-step",
    "overcommit",
    "overlap",
    "oversubscribe",
    "parsable",
    "preserve-env",
    "propagate",
    "pty",
    "quiet",
    "quit-on-interrupt",
    "reboot",
    "resv-ports",
    "send-libs",
    "spread-job",
    "spread-segments",
    "stepmgr",
    "test-only",
    "unbuffered",
    "usage",
    "use-min-nodes",
    "verbose",
    "version",
    "wait-for-children",
    "whole",
    "x11",
    "mpi-nested-safe",
};

enum meaning { ANSWERS, OWN, PLACES, CPUS, IMMEDIATE };

static const struct {
    const char *name;
    char letter;
    enum meaning meaning;
} options[] = {
    {"help", 'h', ANSWERS},
    {"usage", '\0', ANSWERS},
    {"version", 'V', ANSWERS},
    {"exact", '\0', OWN},
    {"exclusive", '\0', OWN},
    {"overlap", '\0', OWN},
    {"external-launcher", '\0', OWN},
    {"interactive", '\0', OWN},
    {"jobid", '\0', OWN},
    {"het-group", '\0', OWN},
    {"no-allocate", 'Z', OWN},
    {"test-only", '\0', OWN},
    {"nodes", 'N', PLACES},
    {"nodelist", 'w', PLACES},
    {"nodefile", 'F', PLACES},
    {"exclude", 'x', PLACES},
    {"relative", 'r', PLACES},
    {"distribution", 'm', PLACES},
    {"cpus-per-task", 'c', CPUS},
    {"cpus-per-gpu", '\0', CPUS},
    {"threads-per-core", '\0', CPUS},
    {"ntasks-per-core", '\0', CPUS},
    {"cores-per-socket", '\0', CPUS},
    {"sockets-per-node", '\0', CPUS},
    {"extra-node-info", 'B', CPUS},
    {"hint", '\0', CPUS},
    {"cpu-bind", '\0', CPUS},
    {"immediate", 'I', IMMEDIATE},
};

static void note(struct srun_words *words, enum meaning meaning)
{
    bool *const flags[] = {
        [ANSWERS] = &words->answers,     [OWN] = &words->own,
        [PLACES] = &words->places,       [CPUS] = &words->cpus,
        [IMMEDIATE] = &words->immediate,
    };
    *flags[meaning] = true;
}

/* "--name", "--name=value": returns whether the next word is its value. */
static bool read_long(struct srun_words *words, const char *name)
{
    size_t length = strcspn(name, "=");
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (strlen(options[i].name) == length && strncmp(options[i].name, name, length) == 0)
            note(words, options[i].meaning);
    }
    bool alone = name[length] == '\0';
    for (size_t i = 0; alone && i < sizeof(without_value) / sizeof(without_value[0]); i++)
        alone = strcmp(without_value[i], name) != 0;
    return alone;
}

/* "-n4", "-n", "-lu": the same. */
static bool read_short(struct srun_words *words, const char *letters)
{
    for (; *letters; letters++) {
        for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
            if (options[i].letter == *letters)
                note(words, options[i].meaning);
        }
        if (strchr(with_value, *letters))
            return letters[1] == '\0';
        if (strchr("IKk", *letters)) /* the value, if any, is the rest */
            return false;
    }
    return false;
}

void srun_read(struct srun_words *words, char *const argv[])
{
    *words = (struct srun_words){0};
    if (!argv[0])
        return;
    size_t i = 1;
    for (; argv[i] && argv[i][0] == '-' && argv[i][1]; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--") == 0) {
            i++;
            break;
        }
        bool takes = word[1] == '-' ? read_long(words, word + 2) : read_short(words, word + 1);
        if (takes && argv[i + 1])
            i++;
    }
    words->command = argv[i];
}

bool srun_is_plain(char *const argv[], const struct env *env)
{
    static const char *const own[] = {"SLURM_EXACT", "SLURM_EXCLUSIVE", "SLURM_EXTERNAL_LAUNCHER"};
    struct srun_words words;
    srun_read(&words, argv);
    bool plain = env_get(env, "SLURM_JOB_ID") && words.command && !words.answers && !words.own &&
                 !launcher_is_daemon(words.command);
    for (size_t i = 0; plain && i < sizeof(own) / sizeof(own[0]); i++)
        plain = !env_get(env, own[i]);
    return plain;
}

bool srun_may_wait(const struct verdict *verdict, const struct env *env, unsigned depth)
{
    const char *nodes = env_get(env, "SLURM_JOB_NUM_NODES");
    if (!verdict->nested || verdict->outer == OUTER_STEP)
        return false;
    bool launched = verdict->outer == OUTER_OPENMPI || verdict->outer == OUTER_HYDRA;
    return verdict->in_step || depth > 1 || (launched && nodes && strcmp(nodes, "1") != 0);
}

#define GONE(pattern_, why_)                                                                       \
    {                                                                                              \
        .pattern = pattern_, .node = ACTION_UNSET, .job = ACTION_UNSET, .family = FAMILY_SLURM,    \
        .needs = NEED_STEP, .why = why_, .source = "slurm 22-05-11 srun/libsrun/opt.c env_vars"    \
    }
#define REQUEST(pattern_)                                                                          \
    GONE(pattern_, "what the outer step asked for; srun would ask for it again")

const struct rule srun_rules[] = {
    {.pattern = "SLURM_OVERLAP",
     .node = ACTION_DEFAULT,
     .job = ACTION_DEFAULT,
     .family = FAMILY_SLURM,
     .value = "1",
     .why = "shares the CPUs that the outer step holds, instead of waiting for them",
     .source = "slurm 22-05-11 srun/libsrun/launch.c:533; seen"},
    {.pattern = "SLURM_CPU_BIND",
     .node = ACTION_SET,
     .job = ACTION_UNSET,
     .family = FAMILY_SLURM,
     .value = "%mask",
     .needs = NEED_STEP,
     .why = "the CPUs of this rank; the outer task's masks do not fit the nested step",
     .source = "srun(1); seen"},
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
    if (scope == SCOPE_NODE && !words->places && *node) {
        snprintf(texts[count++], SRUN_OPTION_SIZE, "--nodes=1");
        snprintf(texts[count++], SRUN_OPTION_SIZE, "--nodelist=%s", node);
    }
    if (!words->immediate)
        snprintf(texts[count++], SRUN_OPTION_SIZE, "--immediate=%d", PATIENCE);
    return count;
}
