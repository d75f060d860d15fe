/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Environments of real ranks: what MPI left in them, with neutral hosts, addresses and numbers. */
#ifndef NESTSAFE_TESTS_UNIT_ENVIRONMENTS_H
#define NESTSAFE_TESTS_UNIT_ENVIRONMENTS_H

/* Open MPI 4.1.4: rank 1 of `mpirun -np 2 --oversubscribe`, before MPI_Init. */
extern const char *const openmpi_rank_began[];

/* The same, of `mpirun -np 2 --oversubscribe --bind-to none --mca btl self,vader`, after
 * MPI_Init. */
extern const char *const openmpi_rank[];

/* Open MPI 4.1.4: after MPI_Init without a launcher. */
extern const char *const openmpi_singleton[];

/* Open MPI 5.0.7: rank 1 of 2, from the list of what it adds to 4.1's. */
extern const char *const openmpi5_rank[];

/* MPICH 4.0.2: rank 1 of `mpiexec.hydra -np 2`. */
extern const char *const hydra_rank[];

/* Slurm 22.05: task 1 of `srun -n2 -N2` in a job of two nodes, of four CPUs each: with --mpi=pmix,
 * with --mpi=pmi2, and with --mpi=none. */
extern const char *const srun_pmix_rank[];
extern const char *const srun_pmi2_rank[];
extern const char *const srun_task[];

/* The first is the latter after MPI_Init of Open MPI 4.1. */
extern const char *const srun_pmix_rank_after_init[];

/* Slurm: a batch script (a job, and no step of srun's), and salloc's interactive step, which has a
 * step's number and the job's counts. */
extern const char *const batch_script[];
extern const char *const interactive_step[];

#endif
