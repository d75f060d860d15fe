/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A SPANK plugin that does nothing, in each hook that nestsafe has. */
#include <slurm/spank.h>

SPANK_PLUGIN(nothing, 1);

#define HOOK(name)                                                                                 \
    int name(spank_t spank, int argc, char *argv[])                                                \
    {                                                                                              \
        (void)spank;                                                                               \
        (void)argc;                                                                                \
        (void)argv;                                                                                \
        return 0;                                                                                  \
    }

HOOK(slurm_spank_init)
HOOK(slurm_spank_init_post_opt)
HOOK(slurm_spank_user_init)
HOOK(slurm_spank_task_init)
HOOK(slurm_spank_task_exit)
HOOK(slurm_spank_exit)
