/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Did the job ask for protection, and has it got it? srun leaves the word of who asked in the
 * step's environment on every node. What the node's own plugin adds is the mark of its step:
 * NESTSAFE_MODE alone may come from a batch script around the step, on another node. */
#include "asked.h"

#include "core/decision.h"
#include "core/launcher.h"
#include "core/mode.h"
#include "core/printable.h"
#include "core/slurmstep.h"
#include "launch/process.h"
#include "spank/request.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STRINGS_MAX = 4 * 1024 * 1024, ANCESTORS_MAX = 64 };

/* As the first process of this step was executed. */
struct beginning {
    bool known;
    bool said;
    bool armed;
};

static const char *said_in(const struct env *env)
{
    const char *said = env_get(env, MODE_VARIABLE);
    return said && *said ? said : env_get(env, INHERITED_OPTION);
}

/* "0:JOB.STEP" where the process is a slurmstepd, which shows "slurmstepd: [JOB.STEP]", the step by
 * number or name (slurm slurmstepd.c, setproctitle); else "". */
static void mark_of(pid_t pid, char mark[static 64])
{
    unsigned job;
    char step[24], *end, *text;
    char **words = process_strings(pid, "cmdline", STRINGS_MAX, &text);
    mark[0] = '\0';
    if (words && words[0] && sscanf(words[0], "slurmstepd: [%u.%23[^]]]", &job, step) == 2) {
        unsigned long number = strtoul(step, &end, 10);
        if (end == step)
            number = slurmstep_id(step);
        snprintf(mark, 64, "0:%u.%lu", job, number);
    }
    if (words)
        free(text);
    free(words);
}

/* The step of a launcher's daemons is left as it is: its ranks are armed by the launcher. */
static bool is_launchers(pid_t pid)
{
    char *text;
    char **words = process_strings(pid, "cmdline", STRINGS_MAX, &text);
    bool daemon = words && words[0] && launcher_is_daemon(words[0]);
    if (words)
        free(text);
    free(words);
    return daemon;
}

/* What the process began with, if it is of that job. */
static bool take(struct beginning *beginning, pid_t pid, const char *job, const char *mark)
{
    struct env env;
    char *text;
    if (process_environment(pid, STRINGS_MAX, &env, &text) != 0)
        return false;
    const char *its = env_get(&env, "SLURM_JOB_ID");
    const char *armed = env_get(&env, ARMED_MODE_VARIABLE);
    const char *launch = env_get(&env, LAUNCH_VARIABLE);
    bool same = its && strcmp(its, job) == 0;
    size_t length = strlen(mark);
    if (same) {
        /* What follows the mark is the scope, after a ':'. */
        bool marked = !length || (launch && strncmp(launch, mark, length) == 0 &&
                                  (launch[length] == '\0' || launch[length] == ':'));
        *beginning = (struct beginning){
            .known = true, .said = said_in(&env), .armed = armed && *armed && marked};
    }
    env_destroy(&env);
    free(text);
    return same;
}

/* Upwards to the last one that can be looked at: slurmstepd is root's. */
static struct beginning look_up(const char *job)
{
    struct beginning beginning = {0};
    struct process_facts facts;
    char mark[64];
    pid_t pid = getpid();
    for (int i = 0; i < ANCESTORS_MAX && pid > 1; i++) {
        if (process_read(pid, &facts) != 0)
            break;
        mark_of(facts.parent, mark);
        bool first = *mark;
        if (first && is_launchers(pid))
            mark[0] = '\0';
        if (!take(&beginning, pid, job, mark) || first)
            break;
        pid = facts.parent;
    }
    return beginning;
}

enum asked asked_here(char *word, size_t size)
{
    const char *job = getenv("SLURM_JOB_ID");
    const char *armed = getenv(ARMED_MODE_VARIABLE);
    const char *said = getenv(MODE_VARIABLE);
    enum mode mode;
    if (!said || !*said)
        said = getenv(INHERITED_OPTION);
    if (said && strcmp(said, "(null)") == 0)
        said = mode_name(MODE_AUTO);
    printable(word, size, said ? said : "");
    if (!job || !said || mode_parse(said, &mode) != 0 || !mode_is_armed(mode))
        return ASKED_NOTHING;
    struct beginning beginning = look_up(job);
    if (!beginning.known)
        return armed && *armed ? ASKED_GOT : ASKED_IN_VAIN;
    if (beginning.said)
        return beginning.armed ? ASKED_GOT : ASKED_IN_VAIN;
    return armed && *armed ? ASKED_GOT : ASKED_LATER;
}
