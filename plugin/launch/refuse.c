/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a launch says on standard error: why it was refused, or what could not be used. */
#include "prepare.h"

#include "core/mode.h"
#include "core/printable.h"

#include <stdio.h>
#include <unistd.h>

bool preparation_refuses(const struct preparation *preparation)
{
    return preparation->decision == DECISION_DENY || preparation->decision == DECISION_DEPTH;
}

void preparation_complain(const struct preparation *preparation)
{
    if (preparation->decision == DECISION_AGAIN || preparation->decision == DECISION_PASS)
        return; /* said once a launch */
    if (preparation->bad_mode[0])
        dprintf(STDERR_FILENO,
                "nestsafe: error: " MODE_VARIABLE
                ": invalid mode '%s'; valid are " MODE_NAMES MODE_ALONE_HINT
                "; going on with '%s'\n",
                preparation->bad_mode, mode_name(preparation->mode));
    if (preparation->site.error[0])
        dprintf(STDERR_FILENO, "nestsafe: error: %s; going on without this site's rules\n",
                preparation->site.error);
    if (preparation->decision == DECISION_REPAIR && mode_plain(preparation->mode) == MODE_JOB &&
        preparation->verdict.parted)
        dprintf(STDERR_FILENO,
                "nestsafe: warning: 'job' is not possible in a step of a heterogeneous job; "
                "going on with 'node'\n");
}

static void refuse_depth(const struct preparation *preparation, const char *launcher)
{
    const struct trail *trail = &preparation->trail;
    if (trail->hops)
        dprintf(STDERR_FILENO,
                "nestsafe: error: %s refused: max_depth: launchers have started launchers %u times "
                "in a "
                "row without starting a program. Does %s start itself?\n",
                launcher, trail->hops, launcher);
    else
        dprintf(STDERR_FILENO,
                "nestsafe: error: %s refused: max_depth: this launch is nested %u deep, more than "
                "the %u "
                "allowed here. Does the program start itself?\n",
                launcher, trail->depth, trail->max_depth);
}

static void refuse_denied(const struct preparation *preparation, const char *launcher)
{
    const struct verdict *verdict = &preparation->verdict;
    char numbers[64] = "";
    char rank[12], size[12];
    if (verdict->rank && verdict->size)
        snprintf(numbers, sizeof(numbers), " (rank %s of %s)",
                 printable(rank, sizeof(rank), verdict->rank),
                 printable(size, sizeof(size), verdict->size));
    const char *finalize = verdict->outer == OUTER_SINGLETON
                               ? "  - call MPI_Finalize before starting it (helps singletons, as "
                                 "this program is)\n"
                               : "";
    const char *more = preparation->srun
                           ? "  - say how its step shares the CPUs of this one: srun --overlap\n"
                           : "  - use MPI_Comm_spawn\n"
                             "  - move to Open MPI 5.0.7 or later\n";
    dprintf(
        STDERR_FILENO,
        "nestsafe: error: %s refused: it was started by %s%s, and nested launches are "
        "denied in this job (--mpi-nested-safe=deny, or the site's default).\n"
        "Ways out:\n"
        "  - ask for the repair, if the site allows it: srun --mpi-nested-safe, or " MODE_VARIABLE
        "=auto\n"
        "  - start the command without %s; an MPI program so: nestsafe run --alone -- PROGRAM\n"
        "%s%s",
        launcher, outer_name(verdict->outer), numbers, launcher, finalize, more);
}

void preparation_refuse(const struct preparation *preparation, const char *launcher)
{
    if (preparation->decision == DECISION_DENY)
        refuse_denied(preparation, launcher);
    else
        refuse_depth(preparation, launcher);
}
