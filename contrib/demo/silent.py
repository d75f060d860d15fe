# SPDX-License-Identifier: GPL-2.0-or-later
"""An MPI rank that runs mpirun and looks at what mpirun has to say."""
import subprocess

from mpi4py import MPI  # importing it calls MPI_Init

mpirun = subprocess.run(["mpirun", "-np", "1", "true"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
print(f"mpirun in rank {MPI.COMM_WORLD.Get_rank()}: exit status {mpirun.returncode}, printed {len(mpirun.stdout)} bytes")
