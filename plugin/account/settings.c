/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe-account settings: what the collector wants to know of slurm.conf. */
#include "account.h"
#include "ctld.h"
#include "slurm_compat.h"

#include <stdio.h>
#include <stdlib.h>

enum outcome account_settings(int argc, char *argv[])
{
    struct ctld_settings settings = {0};
    (void)argv;
    if (argc != 1)
        return OUTCOME_MISUSE;
    slurm_init(NULL);
    enum outcome outcome = ctld_settings(&settings);
    slurm_fini();
    if (outcome == OUTCOME_DONE)
        printf("cluster=%s\nslurmd_log=%s\n", settings.cluster,
               settings.slurmd_log ? settings.slurmd_log : "");
    free(settings.cluster);
    free(settings.slurmd_log);
    return outcome;
}
