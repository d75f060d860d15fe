/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flavours: the families of launchers that behave alike. */
#ifndef NESTSAFE_CORE_FLAVOUR_H
#define NESTSAFE_CORE_FLAVOUR_H

enum flavour {
    FLAVOUR_UNKNOWN,
    FLAVOUR_OPENMPI, /* Open MPI up to 4: ORTE */
    FLAVOUR_PRRTE,   /* Open MPI 5 and later, and PRRTE itself */
    FLAVOUR_HYDRA,   /* MPICH and what descends from it */
    FLAVOUR_INTEL,
    FLAVOUR_MVAPICH,
    FLAVOUR_SLURM, /* srun */
    FLAVOURS
};

/* "openmpi", "prrte", "hydra", "intel", "mvapich", "slurm", "unknown". */
const char *flavour_name(enum flavour flavour);

#endif
