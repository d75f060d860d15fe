/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The baseline: the MPI tuning as the user had it before any launcher or MPI library touched it,
 * carried through a job in NESTSAFE_BASELINE. */
#ifndef NESTSAFE_CORE_BASELINE_H
#define NESTSAFE_CORE_BASELINE_H

#include "env.h"
#include "rules.h"

/* Continued in NESTSAFE_BASELINE_1, _2, … where it is too long for one variable. */
#define BASELINE_VARIABLE "NESTSAFE_BASELINE"

/* What is stored where a baseline would make the environment too large for execve. */
#define BASELINE_LOST "-"

/*
 * Write the tuning that is in env now (variables whose rule is restore) into env's own baseline
 * variables, in place of an older baseline. Once env would then be larger than limit bytes
 * (env_bytes), a mark that the baseline is lost is stored instead.
 * Returns 0, or -1 with errno ENOMEM.
 */
int baseline_store(struct env *env, const struct ruleset *rules, size_t limit);

/*
 * Read the baseline that env carries into *baseline, which the caller destroys in every case.
 * Returns 1, or 0 where env carries none (or a lost one), or -1 with errno EINVAL (it does not
 * decode) or ENOMEM.
 */
int baseline_load(struct env *baseline, const struct env *env);

/* Remove the baseline that env carries. Returns whether there was one. */
bool baseline_drop(struct env *env);

#endif
