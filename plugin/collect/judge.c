/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a launcher that has just begun a nested launch, and of which step? */
#include "judge.h"

#include "core/decision.h"
#include "core/keyvalue.h"
#include "core/launcher.h"
#include "core/slurmstep.h"
#include "core/srun.h"
#include "launch/process.h"
#include "launch/readfile.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is read of one process's environment, of all in a chain, and how many variables: users
 * choose how much they put there. */
enum {
    CHAIN_MAX = 64,
    CGROUP_MAX = 16 * 1024,
    STRINGS_MAX = 1024 * 1024,
    CHAIN_STRINGS_MAX = 8 * 1024 * 1024,
    VARIABLES_MAX = 8192,
};

/* The process and its ancestors below its slurmstepd, itself first. */
struct link {
    struct process_facts facts;
    struct env env; /* as it was executed; empty where it cannot be read */
    char *text;
    struct verdict verdict;
    bool launcher;
};

struct chain {
    struct link links[CHAIN_MAX];
    size_t count;
    struct step *step;
    bool elsewhere; /* below a slurmstepd that has registered no step here */
};

static void chain_free(struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        env_destroy(&chain->links[i].env);
        free(chain->links[i].text);
    }
    free(chain);
}

/* A step of mode off; or, where several slurmd share a kernel, one of another node. */
static bool is_slurmstepd(const struct process_facts *facts)
{
    char path[40];
    size_t length;
    snprintf(path, sizeof(path), "/proc/%ld/comm", facts->process.pid);
    char *name = facts->uid == 0 ? readfile(path, 64, &length) : NULL;
    bool is = name && strcmp(name, "slurmstepd\n") == 0;
    free(name);
    return is;
}

static void read_environment(struct link *link, size_t *bytes)
{
    pid_t pid = (pid_t)link->facts.process.pid;
    if (*bytes > CHAIN_STRINGS_MAX ||
        process_environment(pid, STRINGS_MAX, &link->env, &link->text) != 0) {
        *link = (struct link){.facts = link->facts};
        return;
    }
    *bytes += env_bytes(&link->env);
    if (link->env.count <= VARIABLES_MAX)
        return;
    env_destroy(&link->env);
    free(link->text);
    link->text = NULL;
}

/* Climb to the first ancestor that is a slurmstepd. */
static int climb(struct chain *chain, pid_t pid, struct steps *steps)
{
    size_t bytes = 0;
    while (pid > 1 && chain->count < CHAIN_MAX) {
        struct link *link = &chain->links[chain->count];
        if (process_read(pid, &link->facts) != 0)
            return chain->count == 0 ? -1 : 0;
        if (link->facts.uid == 0 && chain->count > 0)
            chain->step = steps_of(steps, &link->facts.process);
        chain->elsewhere = chain->count > 0 && !chain->step && is_slurmstepd(&link->facts);
        if (chain->step || chain->elsewhere)
            return 0;
        read_environment(link, &bytes);
        nesting_judge(&link->verdict, &link->env);
        chain->count++;
        pid = link->facts.parent;
    }
    return 0;
}

/* "…/job_12/step_0/…", as proctrack/cgroup and task/cgroup name it in every release. */
static struct step *step_of_cgroup(pid_t pid, uid_t uid, struct steps *steps)
{
    char path[40], word[24];
    unsigned job;
    size_t length;
    snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
    char *text = readfile(path, CGROUP_MAX, &length);
    const char *at = text ? strstr(text, "/job_") : NULL;
    struct step *step = NULL;
    if (at && sscanf(at, "/job_%u/step_%20[a-z0-9]", &job, word) == 2) {
        unsigned long long number;
        uint32_t id = slurmstep_id(word);
        if (id || keyvalue_number(word, UINT32_MAX, &number) == 0)
            step = steps_named(steps, job, id ? id : (uint32_t)number, uid);
    }
    free(text);
    return step;
}

/* A process whose parents have ended still says in its environment where it is from. It may lie,
 * but only about steps of the same user. */
static struct step *step_it_names(const struct link *link, struct steps *steps)
{
    struct trail trail;
    unsigned job;
    long step;
    trail_load(&trail, &link->env);
    slurmstep_numbers(&link->env, trail.depth, &job, &step);
    return job && step >= 0 ? steps_named(steps, job, (uint32_t)step, link->facts.uid) : NULL;
}

struct step *judge_step(const struct process_facts *self, struct steps *steps)
{
    struct process_facts facts = *self;
    struct step *step = step_of_cgroup((pid_t)self->process.pid, self->uid, steps);
    for (int i = 1; !step && i < CHAIN_MAX; i++) {
        if (facts.parent <= 1 || process_read(facts.parent, &facts) != 0)
            break;
        step = facts.uid == 0 ? steps_of(steps, &facts.process) : NULL;
        if (!step && is_slurmstepd(&facts))
            break;
    }
    return step;
}

/* The launcher above with no rank in between: then this is a part of its launch. */
static bool is_part(const struct chain *chain)
{
    for (size_t above = 1; above < chain->count; above++) {
        if (!chain->links[above].launcher)
            continue;
        for (size_t i = 0; i < above; i++) {
            if (nesting_is_new_rank(&chain->links[i].env, &chain->links[above].env))
                return false;
        }
        return true;
    }
    return false;
}

/* srun counts as the launcher of what it started; one behind another without a rank between is one.
 */
static unsigned depth_of(const struct chain *chain)
{
    unsigned depth = chain->step->file.step < SLURMSTEP_FIRST_SPECIAL ? 1 : 0;
    const struct link *below = &chain->links[0];
    for (size_t i = 1; i < chain->count; i++) {
        const struct link *link = &chain->links[i];
        if (link->launcher && nesting_is_new_rank(&below->env, &link->env))
            depth++;
        if (link->launcher)
            below = link;
    }
    return depth ? depth : 1;
}

static enum mode mode_of(const struct chain *chain)
{
    enum mode mode = chain->step->file.mode;
    const char *said = env_get(&chain->links[0].env, MODE_VARIABLE);
    if (said && *said)
        mode_parse(said, &mode);
    return mode;
}

static void conclude(struct judgement *judgement, const struct chain *chain)
{
    unsigned long long rank;
    size_t i = 0;
    judgement->step = chain->step;
    judgement->hazards = hazards_of(&chain->links[0].verdict);
    while (i < chain->count && !chain->links[i].verdict.nested)
        i++;
    if (i == chain->count)
        return;
    const struct verdict *verdict = &chain->links[i].verdict;
    judgement->nested = true;
    judgement->outer = verdict->outer;
    if (verdict->rank && keyvalue_number(verdict->rank, INT_MAX, &rank) == 0)
        judgement->rank = (long)rank;
    judgement->part = is_part(chain);
    judgement->depth = depth_of(chain);
    judgement->mode = mode_of(chain);
}

bool judge_is_repaired(const struct process_facts *facts, bool srun)
{
    struct env env;
    struct trail trail;
    char *text;
    if (process_environment((pid_t)facts->process.pid, STRINGS_MAX, &env, &text) != 0)
        return false;
    trail_load(&trail, &env);
    bool repaired = trail_is_of(&trail, &facts->process) && (trail.depth > 1 || srun);
    env_destroy(&env);
    free(text);
    return repaired;
}

/* One that was repaired was plain before, and says now how it shares CPUs. */
static bool is_plain(char *const argv[], const struct link *self)
{
    struct trail trail;
    trail_load(&trail, &self->env);
    if (trail_is_of(&trail, &self->facts.process))
        return true;
    return srun_may_wait(&self->verdict, &self->env, trail.depth) &&
           srun_is_plain(argv, &self->env);
}

/* A script's own words come after its interpreter, and perhaps a word for that. */
static char *const *own_words(char *const argv[])
{
    for (size_t i = 0; i <= 2 && argv[i]; i++) {
        if (launcher_is_one(argv[i]))
            return argv + i;
    }
    return argv;
}

static bool only_answers(pid_t pid, const struct link *self)
{
    char *text = NULL;
    char **argv = process_strings(pid, "cmdline", STRINGS_MAX, &text);
    char *const *words = argv ? own_words(argv) : NULL;
    bool answers = words && launcher_only_answers(words);
    if (words && words[0] && launcher_is_srun(words[0]))
        answers = !is_plain(words, self);
    free(argv);
    free(text);
    return answers;
}

int judge(struct judgement *judgement, pid_t pid, struct steps *steps,
          bool (*is_launcher)(pid_t pid))
{
    *judgement = (struct judgement){.rank = -1};
    struct chain *chain = calloc(1, sizeof(*chain));
    if (!chain)
        return -1;
    if (climb(chain, pid, steps) != 0) {
        chain_free(chain);
        errno = ESRCH;
        return -1;
    }
    const struct link *self = &chain->links[0];
    judgement->process = self->facts.process;
    judgement->uid = self->facts.uid;
    if (!chain->step && !chain->elsewhere)
        chain->step = step_of_cgroup(pid, self->facts.uid, steps);
    if (!chain->step && !chain->elsewhere)
        chain->step = step_it_names(self, steps);
    if (chain->step) {
        for (size_t i = 1; i < chain->count; i++)
            chain->links[i].launcher = is_launcher((pid_t)chain->links[i].facts.process.pid);
        conclude(judgement, chain);
        judgement->answers = judgement->nested && only_answers(pid, self);
    }
    chain_free(chain);
    return 0;
}
