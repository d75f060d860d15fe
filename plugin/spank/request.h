/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user asked for: --mpi-nested-safe, its twin MPI_NESTED_SAFE, or nothing. */
#ifndef NESTSAFE_SPANK_REQUEST_H
#define NESTSAFE_SPANK_REQUEST_H

#include "config.h"

#include "core/mode.h"

#include <stdbool.h>
#include <stddef.h>

/* Where Slurm leaves an option of sbatch's for the sruns inside, also under --export=NONE, which
 * only lets SLURM* pass (slurm 22.05 plugstack.c:1193, env.c:1755). */
#define INHERITED_OPTION "SLURM_SPANK__SLURM_SPANK_OPTION_nestsafe_mpi_nested_safe"

struct request {
    bool given; /* the option was on the command line, with this mode */
    enum mode option;
    char error[192]; /* what was wrong with an option that was refused */
};

/* The outcome for one job step. */
struct resolved {
    enum mode mode;
    bool asked; /* by option or twin, not just the site's default */
};

/*
 * Take the option's argument. NULL and "" mean auto, and so does "(null)", which is what Slurm
 * makes of an option without a value on its way to other steps and to prolog and epilog (up
 * to 26.05, seen with 22.05.8). May be called again, as Slurm does. Returns 0, or -1 with what is
 * wrong in request->error.
 */
int request_take(struct request *request, const struct config *config, const char *argument);

/*
 * Option before twin (NULL or "": not set) before the site's default.
 * Returns 0, or -1 with what is wrong with the twin in error; *resolved is then the default.
 */
int request_resolve(const struct request *request, const struct config *config, const char *twin,
                    struct resolved *resolved, char *error, size_t size);

/* True if the twin must be set to the resolved mode so that steps inside the job, and launchers in
 * it, learn what the option said. Where the site's default changes nothing in a job, asking for
 * just that changes nothing either. */
bool request_sets_twin(const struct request *request, const struct config *config, const char *twin,
                       enum mode mode);

#endif
