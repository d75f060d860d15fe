/* SPDX-License-Identifier: GPL-2.0-or-later */
/* srun as a launcher: what its command line says, and what it is given where a rank starts it. */
#ifndef NESTSAFE_CORE_SRUN_H
#define NESTSAFE_CORE_SRUN_H

#include "env.h"
#include "mode.h"
#include "nesting.h"
#include "rules.h"

#include <stdbool.h>
#include <stddef.h>

/* What the words before the command say. */
struct srun_words {
    bool answers;   /* it prints its version or help */
    bool own;       /* how the step shares the job's CPUs, or another job: the user's own affair */
    bool places;    /* on which nodes */
    bool cpus;      /* how many CPUs, or which */
    bool immediate; /* how long it may wait */
    const char *command;
};

void srun_read(struct srun_words *words, char *const argv[]);

/* True for an srun that a rank starts as if it were not in a step: one that would wait for the CPUs
 * of that step. Not one whose words or environment say how it shares them, that starts a launcher's
 * daemons, or that is in no job. */
bool srun_is_plain(char *const argv[], const struct env *env);

/* True if something that started this rank may hold the CPUs that srun asks for: a step around it,
 * or the step of a launcher's daemons on other nodes. A singleton in a batch script is in none, and
 * its sruns take turns as they always did. depth: of the trail, since scope node hides the step. */
bool srun_may_wait(const struct verdict *verdict, const struct env *env, unsigned depth);

/* What Slurm's variables of the outer step, which are srun's options, become for a nested srun: the
 * rows that come before those of the rule table. */
extern const struct rule srun_rules[];
extern const size_t srun_rules_count;

/* The most options that srun_options gives, and room for their texts. */
enum { SRUN_OPTIONS_MAX = 4, SRUN_OPTION_SIZE = 320 };

/* The options that go before the user's own, which win: to share the CPUs that the outer step holds
 * (SLURM_OVERLAP would do that for all that is started from the nested step too), the node in scope
 * node, and an end to waiting. Returns how many. */
size_t srun_options(char options[SRUN_OPTIONS_MAX][SRUN_OPTION_SIZE],
                    const struct srun_words *words, enum scope scope, const char *node);

#endif
