/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What to do about one launch, and the trail that launches leave for those below them. */
#include "decision.h"

#include "decimal.h"
#include "keyvalue.h"
#include "launcher.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Intel MPI's mpirun is a script that starts mpiexec.hydra, and sites wrap that again: a few
 * launchers in a row are normal, this many are one that finds itself. */
enum { HOPS_MAX = 16 };

static const char scope_alone[] = "alone";

static unsigned get_number(const struct env *env, const char *name, unsigned otherwise)
{
    const char *text = env_get(env, name);
    char *end;
    if (!text || *text < '0' || *text > '9')
        return otherwise;
    unsigned long number = strtoul(text, &end, 10);
    return *end || number > 1000000 ? otherwise : (unsigned)number;
}

/* A decimal number up to most, and the character after it. */
static bool take_number(const char **text, unsigned long long most, char after,
                        unsigned long long *number)
{
    char *end;
    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    *number = strtoull(*text, &end, 10);
    if (errno || *number > most || *end != after)
        return false;
    *text = end + 1;
    return true;
}

/* "PID:START:HOPS:SCOPE" or "PID:START:HOPS:JOB:SCOPE", which is also what anybody may have put
 * there. */
static int parse_launch(struct trail *trail, const char *text, unsigned long long *job)
{
    unsigned long long pid, hops;
    if (!take_number(&text, LONG_MAX, ':', &pid) ||
        !take_number(&text, ULLONG_MAX, ':', &trail->launch.start) ||
        !take_number(&text, 1000000, ':', &hops))
        return -1;
    take_number(&text, UINT_MAX, ':', job);
    trail->launch.pid = (long)pid;
    trail->hops = (unsigned)hops;
    trail->alone = strcmp(text, scope_alone) == 0;
    trail->confined = trail->alone || strcmp(text, scope_name(SCOPE_NODE)) == 0;
    return trail->confined || strcmp(text, scope_name(SCOPE_JOB)) == 0 ? 0 : -1;
}

/* "0:JOB.STEP:node": what an srun that was confined left to the ranks of its step. */
static bool is_confined_step(const char *launch, unsigned long long *job)
{
    unsigned long long none;
    const char *scope = strrchr(launch, ':');
    if (!take_number(&launch, 0, ':', &none) || scope < launch ||
        strcmp(scope + 1, scope_name(SCOPE_NODE)) != 0)
        return false;
    take_number(&launch, UINT_MAX, '.', job);
    return true;
}

static unsigned long long job_of(const struct env *env)
{
    unsigned long long job;
    const char *text = env_get(env, "SLURM_JOB_ID");
    return text && keyvalue_number(text, UINT_MAX, &job) == 0 ? job : 0;
}

void trail_load(struct trail *trail, const struct env *env)
{
    *trail = (struct trail){0};
    trail->depth = get_number(env, DEPTH_VARIABLE, 0);
    trail->max_depth = get_number(env, MAX_DEPTH_VARIABLE, DEPTH_MAX);
    const char *launch = env_get(env, LAUNCH_VARIABLE);
    unsigned long long job = 0;
    if (launch && parse_launch(trail, launch, &job) != 0) {
        trail->launch = (struct process){0};
        trail->hops = 0;
        trail->confined = is_confined_step(launch, &job);
        trail->alone = false;
    }
    /* A job of its own, which was submitted below that launch. */
    if (job && job_of(env) && job != job_of(env)) {
        trail->launch = (struct process){0};
        trail->hops = 0;
        trail->confined = trail->alone = false;
    }
}

int trail_store(struct env *env, const struct trail *trail, const struct process *self)
{
    char text[4 * DECIMAL_SIZE + sizeof(scope_alone)];
    decimal(text, trail->depth);
    if (env_set(env, DEPTH_VARIABLE, text) != 0)
        return -1;
    char *at = stpcpy(decimal(text, (unsigned long long)self->pid), ":");
    at = stpcpy(decimal(at, self->start), ":");
    at = stpcpy(decimal(at, trail->hops), ":");
    unsigned long long job = job_of(env);
    if (job)
        at = stpcpy(decimal(at, job), ":");
    stpcpy(at, trail->alone ? scope_alone : scope_name(trail->confined ? SCOPE_NODE : SCOPE_JOB));
    return env_set(env, LAUNCH_VARIABLE, text);
}

bool trail_is_of(const struct trail *trail, const struct process *self)
{
    return trail->launch.pid == self->pid && trail->launch.start == self->start;
}

/* A program that runs alone is no launch: the launcher that it becomes by exec is. */
static bool is_part(const struct trail *trail, const struct process *self)
{
    return trail_is_of(trail, self) && !trail->alone;
}

/* Count a launch below what stands above it. Returns false where that is too deep. */
static bool go_deeper(struct trail *trail)
{
    if (trail->depth == 0)
        trail->depth = 1; /* a rank, though whoever started it left no trail */
    if (trail->depth > trail->max_depth)
        return false;
    trail->depth++;
    return true;
}

enum decision decide(struct trail *trail, const struct verdict *verdict, enum mode mode,
                     const struct process *self, char *const argv[])
{
    if (!mode_is_armed(mode) || launcher_only_answers(argv))
        return DECISION_PASS;
    bool again = is_part(trail, self);
    if (again || (!verdict->nested && trail->launch.pid)) {
        /* A launch above and yet no rank: a launcher that is a script around another one. */
        if (++trail->hops > HOPS_MAX)
            return DECISION_DEPTH;
        return DECISION_AGAIN;
    }
    trail->hops = 0;
    trail->alone = false;
    /* A task of srun's that is no MPI rank is nobody to deny a launcher to. */
    bool denied = mode == MODE_DENY && verdict->outer != OUTER_STEP;
    if (!verdict->nested || (mode == MODE_DENY && !denied)) {
        trail->depth++;
        return DECISION_TRACK;
    }
    if (denied) {
        trail->depth += trail->depth == 0;
        return DECISION_DENY;
    }
    return go_deeper(trail) ? DECISION_REPAIR : DECISION_DEPTH;
}

enum decision decide_srun(struct trail *trail, enum mode mode, const struct process *self,
                          bool waits, bool plain)
{
    if (!mode_is_armed(mode))
        return DECISION_PASS;
    /* It was given options of ours, and is none that says nothing itself any more. */
    if (is_part(trail, self))
        return ++trail->hops > HOPS_MAX ? DECISION_DEPTH : DECISION_AGAIN;
    if (!waits || !plain)
        return DECISION_PASS;
    trail->hops = 0;
    trail->alone = false;
    if (mode == MODE_DENY) {
        trail->depth += trail->depth == 0;
        return DECISION_DENY;
    }
    if (!go_deeper(trail))
        return DECISION_DEPTH;
    trail->depth--;
    return DECISION_REPAIR;
}

enum decision decide_alone(struct trail *trail, const struct verdict *verdict,
                           const struct process *self)
{
    if (!verdict->nested || trail_is_of(trail, self))
        return DECISION_PASS;
    trail->hops = 0;
    trail->alone = true;
    trail->confined = true;
    return go_deeper(trail) ? DECISION_REPAIR : DECISION_DEPTH;
}
