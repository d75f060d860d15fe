-- SPDX-License-Identifier: GPL-2.0-or-later
-- For Lmod, which takes this file before the other one: as there, MPI_NESTED_SAFE=auto.
help([[
MPI launchers (mpirun, mpiexec, ...) work in MPI ranks of the jobs that are submitted from here.
Another mode for one job: srun --mpi-nested-safe=MODE; the modes: srun --mpi-nested-safe=help
]])
whatis("Name: mpi-nested-safe")
whatis("Description: Nested MPI launches that work (MPI_NESTED_SAFE=auto)")

setenv("MPI_NESTED_SAFE", "auto")
