/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One launch, from the facts of this process to the environment that its launcher is to have. */
#include "prepare.h"

#include "core/arm.h"
#include "core/baseline.h"
#include "core/decimal.h"
#include "core/launcher.h"
#include "core/printable.h"
#include "core/slurmstep.h"
#include "cpus.h"
#include "paths.h"
#include "process.h"
#include "readfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

size_t environment_limit(void)
{
    long most = sysconf(_SC_ARG_MAX);
    return most > 0 ? (size_t)most / 4 * 3 : 96 * 1024;
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

/* So much tuning is searched one by one. */
enum { TUNING_FEW = 12 };

static int find_baseline(struct preparation *preparation)
{
    const struct verdict *verdict = &preparation->verdict;
    /* The node's name may stand anywhere above, and an srun is told it. */
    const struct ancestry_use use = {&preparation->env, verdict};
    ancestry_read(&preparation->ancestry, preparation->srun ? NULL : &use);
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
    /* Each variable of the tuning is looked up in both. */
    if (preparation->baseline.count > TUNING_FEW) {
        env_index(&preparation->baseline);
        ancestry_index(&preparation->ancestry);
    }
    return 0;
}

/* As Slurm calls this node, also where its host is called otherwise. */
static void find_node(const struct preparation *preparation, char node[static 256])
{
    const char *name = lineage_node(&preparation->ancestry.lineage, &preparation->env);
    node[0] = '\0';
    if (name && strlen(name) < 256)
        strcpy(node, name);
    else if (!name && gethostname(node, 256) == 0)
        node[strcspn(node, ".")] = '\0';
}

static int lengthen(struct preparation *preparation, char *const argv[],
                    const struct srun_words *words)
{
    char node[256];
    size_t given = 0;
    find_node(preparation, node);
    size_t ours = srun_options(preparation->options, words, preparation->scope, node);
    while (argv[given])
        given++;
    preparation->argv = calloc(given + ours + 1, sizeof(*argv));
    if (!preparation->argv)
        return -1;
    preparation->argv[0] = argv[0];
    for (size_t i = 0; i < ours; i++)
        preparation->argv[1 + i] = preparation->options[i];
    memcpy(preparation->argv + 1 + ours, argv + 1, (given - 1) * sizeof(*argv));
    return 0;
}

static int repair_srun(struct preparation *preparation, const struct plan_facts *facts,
                       char *const argv[])
{
    struct srun_words words;
    struct plan_facts slurms = *facts;
    char *mask = NULL;
    srun_read(&words, argv);
    /* With a number of CPUs the step is given some of the node's, perhaps not this rank's. */
    if (!words.cpus && !words.places)
        mask = cpus_mask();
    slurms.mask = mask;
    int rc = plan_srun(&preparation->plan, &preparation->env, &slurms);
    free(mask);
    return rc == 0 ? lengthen(preparation, argv, &words) : rc;
}

/* A program that runs alone has no launcher's arguments. Where the program's own begin is not
 * known, and a launch that is bound as it is without us does no harm. */
static bool places_cpus(char *const argv[])
{
    while (argv && *argv && !launcher_word_places(*argv))
        argv++;
    return argv && *argv;
}

/* In scope node PRRTE has to find a program of ours, and where PATH is unset it finds none, not
 * even by its absolute path (prrte v3.0.8 plm_ssh_module.c:1401). It gets what execvp() would
 * search. */
static int give_path(struct preparation *preparation)
{
    if (preparation->scope != SCOPE_NODE || env_get(&preparation->env, "PATH"))
        return 0;
    return env_set(&preparation->env, "PATH", "/bin:/usr/bin");
}

static int repair(struct preparation *preparation, char *const argv[])
{
    char tag[3 * DECIMAL_SIZE];
    char *at = stpcpy(decimal(tag, getuid()), ".");
    at = stpcpy(decimal(at, (unsigned long long)preparation->self.pid), ".");
    decimal(at, preparation->self.start);
    if (find_baseline(preparation) != 0)
        return -1;
    const struct verdict *verdict = &preparation->verdict;
    struct trail *trail = &preparation->trail;
    preparation->scope =
        mode_scope(preparation->mode, verdict->alone, trail->confined || verdict->parted);
    trail->confined = preparation->scope == SCOPE_NODE;
    preparation->cpus = cpus_count();
    struct plan_facts facts = {
        .rules = &preparation->site.rules,
        .baseline = preparation->baseline_known ? &preparation->baseline : NULL,
        .rank = preparation->origin.rank,
        .told = preparation->origin.told,
        .scope = preparation->scope,
        .cpus = preparation->cpus > verdict->tasks ? preparation->cpus : verdict->tasks,
        .places = places_cpus(argv),
        .tag = tag,
        /* Also in a container that has taken it away: else launchers would find the user's ssh. */
        .unreachable = access(path_unreachable, X_OK) == 0 ? path_unreachable : "/bin/false",
        .limit = environment_limit(),
    };
    if (preparation->srun)
        return repair_srun(preparation, &facts, argv);
    int rc = plan_repair(&preparation->plan, &preparation->env, &facts);
    return rc == 0 ? give_path(preparation) : rc;
}

/* The facts that decisions are made from. */
static int look(struct preparation *preparation, char *const vars[])
{
    *preparation = (struct preparation){0};
    if (env_init(&preparation->env, vars) != 0)
        return -1;
    env_index(&preparation->env);
    preparation->self = process_self();
    read_mode(preparation);
    nesting_judge(&preparation->verdict, &preparation->env);
    trail_load(&preparation->trail, &preparation->env);
    if (preparation->trail.alone)
        nesting_below_alone(&preparation->verdict);
    read_place(preparation);
    return 0;
}

/* What was decided. */
static int carry_out(struct preparation *preparation, char *const argv[])
{
    bool tracks = preparation->decision == DECISION_TRACK;
    bool repairs = preparation->decision == DECISION_REPAIR;
    const char *rules = env_get(&preparation->env, RULES_VARIABLE);
    if ((tracks || repairs) && rules)
        readfile_rules(&preparation->site, rules);
    if (repairs && repair(preparation, argv) != 0)
        return -1;
    if (tracks &&
        baseline_store(&preparation->env, &preparation->site.rules, environment_limit()) != 0)
        return -1;
    if (tracks || repairs || preparation->decision == DECISION_AGAIN)
        return trail_store(&preparation->env, &preparation->trail, &preparation->self);
    return 0;
}

int prepare(struct preparation *preparation, char *const vars[], char *const argv[])
{
    if (look(preparation, vars) != 0)
        return -1;
    preparation->srun = argv[0] && launcher_is_srun(argv[0]);
    if (preparation->srun)
        preparation->decision = decide_srun(
            &preparation->trail, preparation->mode, &preparation->self,
            srun_may_wait(&preparation->verdict, &preparation->env, preparation->trail.depth),
            srun_is_plain(argv, &preparation->env));
    else
        preparation->decision = decide(&preparation->trail, &preparation->verdict,
                                       preparation->mode, &preparation->self, argv);
    return carry_out(preparation, argv);
}

int prepare_alone(struct preparation *preparation, char *const vars[])
{
    if (look(preparation, vars) != 0)
        return -1;
    preparation->decision =
        decide_alone(&preparation->trail, &preparation->verdict, &preparation->self);
    return carry_out(preparation, NULL);
}

void preparation_destroy(struct preparation *preparation)
{
    plan_destroy(&preparation->plan);
    free(preparation->argv);
    env_destroy(&preparation->env);
    env_destroy(&preparation->baseline);
    ancestry_destroy(&preparation->ancestry);
    rules_file_destroy(&preparation->site);
}
