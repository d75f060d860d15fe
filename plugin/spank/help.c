/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --mpi-nested-safe=help says: the modes, and what this site makes of them. */
#include "help.h"

#include <string.h>

#define ALONE_TEXT ", and so that an MPI program started without a launcher is a job of one process"

static const char *const texts[] = {
    [MODE_AUTO] = "repaired; all of the job for a rank that is alone in it, else its rank's node",
    [MODE_NODE] = "repaired; the nested job gets its rank's node and CPUs",
    [MODE_JOB] = "repaired; the nested job may use all nodes of the job",
    [MODE_AUDIT] = "recorded only; the job's environment stays as it is",
    [MODE_DENY] = "a launcher in an MPI rank refuses, and names the ways out",
    [MODE_OFF] = "nothing, not even recorded",
    [MODE_AUTO_ALONE] = "as auto" ALONE_TEXT,
    [MODE_NODE_ALONE] = "as node" ALONE_TEXT,
    [MODE_JOB_ALONE] = "as job" ALONE_TEXT,
};

bool help_is_for(const char *program)
{
    static const char *const programs[] = {"srun", "sbatch", "salloc"};
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        if (strcmp(program, programs[i]) == 0)
            return true;
    }
    return false;
}

static void print_mode(FILE *to, const struct config *config, enum mode mode)
{
    fprintf(to, "        %-13s%s%s\n", mode_name(mode), texts[mode],
            config_allows(config, mode) ? "" : " (not allowed on this cluster)");
}

void help_print(FILE *to, const struct config *config)
{
    fputs("Nested MPI launch options:\n"
          "    --mpi-nested-safe[=MODE]\n"
          "                     what happens where an MPI rank starts mpirun or another launcher\n",
          to);
    for (size_t mode = 0; mode < sizeof(texts) / sizeof(texts[0]); mode++)
        print_mode(to, config, (enum mode)mode);
    if (config->valid)
        fprintf(to, "    Without MODE it is auto, and where nothing is asked for %s.\n",
                mode_name(config->default_mode));
    else
        fputs("    None of them does anything here: nestsafe's line in plugstack.conf is wrong.\n",
              to);
}
