# SPDX-License-Identifier: GPL-2.0-or-later
"""An MPI rank that asks nestsafe what an mpirun started here would meet."""
import subprocess

from mpi4py import MPI  # noqa: F401: importing it calls MPI_Init

subprocess.run(["nestsafe", "explain"], check=True)
