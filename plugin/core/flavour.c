/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flavours: the families of launchers that behave alike. */
#include "flavour.h"

const char *flavour_name(enum flavour flavour)
{
    static const char *const names[FLAVOURS] = {
        [FLAVOUR_UNKNOWN] = "unknown", [FLAVOUR_OPENMPI] = "openmpi", [FLAVOUR_PRRTE] = "prrte",
        [FLAVOUR_HYDRA] = "hydra",     [FLAVOUR_INTEL] = "intel",     [FLAVOUR_MVAPICH] = "mvapich",
        [FLAVOUR_SLURM] = "slurm",
    };
    return names[flavour];
}
