/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In srun, sbatch and salloc: what the user asked for reaches every step, whatever happens to the
 * environment on the way. */
#ifndef NESTSAFE_SPANK_SUBMIT_H
#define NESTSAFE_SPANK_SUBMIT_H

#include "config.h"
#include "request.h"

#include <slurm/spank.h>

/*
 * Before Slurm reads options. A twin becomes an option that Slurm finds by its own way of handing
 * options on, since --export=NONE drops the twin; a command line overrides both.
 */
void submit_begin(const struct config *config);

/*
 * After Slurm has read options. Returns 0, or -1 where what the twin says is wrong, with that in
 * error (size bytes): then nothing is to be submitted.
 */
int submit_end(const struct config *config, const struct request *request, spank_context_t context,
               char *error, size_t size);

#endif
