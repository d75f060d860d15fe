/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user of a watched job is told when a nested launch of his has failed. */
#ifndef NESTSAFE_COLLECT_ADVICE_H
#define NESTSAFE_COLLECT_ADVICE_H

#include "core/totals.h"

#include <stddef.h>

/* Put into text what happened, why, and what to ask for. One line: Slurm puts its own words before
 * each message. Returns text. */
char *advice(const struct totals *totals, char *text, size_t size);

#endif
