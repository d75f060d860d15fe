/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user of a watched job is told when a nested launch of his has failed. */
#include "advice.h"

#include "core/nesting.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool has(const struct tally *tally, const char *name)
{
    for (size_t row = 0; row < tally_rows(tally); row++) {
        if (strcmp(tally->names[row], name) == 0)
            return true;
    }
    return false;
}

/* The first fatal class that the job has met. */
static const struct hazard *cause(const struct totals *totals)
{
    const struct hazard *hazard;
    for (unsigned i = 0; (hazard = hazard_at(i)); i++) {
        if (hazard->fatal && has(&totals->classes, hazard->name))
            break;
    }
    return hazard;
}

char *advice(const struct totals *totals, char *text, size_t size)
{
    const struct hazard *hazard = cause(totals);
    snprintf(
        text, size,
        "nestsafe: an MPI rank of this job started mpirun, which failed because it is inside "
        "another MPI job (%s: %s). Ask for the repair: srun, sbatch or salloc "
        "--mpi-nested-safe, or MPI_NESTED_SAFE=auto in their environment. Other ways out: start "
        "the command without mpirun, call MPI_Finalize first (helps programs that neither srun nor "
        "mpirun has started), use MPI_Comm_spawn, or move to Open MPI 5.0.7 or later.",
        hazard ? hazard->name : "unknown", hazard ? hazard->text : "it cannot be said how");
    return text;
}
