# SPDX-License-Identifier: GPL-2.0-or-later
"""The program of https://github.com/python/cpython/issues/132377: an MPI rank that runs mpirun."""
import subprocess

from mpi4py import MPI  # importing it calls MPI_Init

rank = MPI.COMM_WORLD.Get_rank()
subprocess.run(["mpirun", "-np", "1", "echo", f"nested launch of rank {rank} works"], check=True)
