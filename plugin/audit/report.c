/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all forms of the report say in the same words. */
#include "report.h"

#include "core/nesting.h"

#include <string.h>
#include <time.h>

const char contact_advice_note[] =
    "srun, sbatch and salloc take --mpi-nested-safe, or MPI_NESTED_SAFE=auto in their environment";

static void time_text(char *out, size_t size, time_t time)
{
    struct tm tm;
    localtime_r(&time, &tm);
    strftime(out, size, "%F %R", &tm);
}

void period_text(char out[PERIOD_TEXT], const struct options *options)
{
    char start[24] = "the beginning", end[24];
    if (options->start)
        time_text(start, sizeof(start), options->start);
    time_text(end, sizeof(end), options->end);
    snprintf(out, PERIOD_TEXT, "%s to %s", start, end);
}

const char *class_text(const char *name)
{
    const struct hazard *hazard;
    for (unsigned i = 0; (hazard = hazard_at(i)); i++) {
        if (strcmp(hazard->name, name) == 0)
            return hazard->text;
    }
    return "in no way that nestsafe knows of";
}

/* Who had asked for a repair, and missed it, need not be told to ask. */
const char *contact_advice(const struct group *contact)
{
    bool missed = contact->totals.bypassed > contact->unrepaired / 2;
    return missed ? "nestsafe run -- mpirun …" : "srun --mpi-nested-safe …";
}
