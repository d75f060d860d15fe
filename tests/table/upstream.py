# SPDX-License-Identifier: GPL-2.0-or-later
"""What the MPIs and Slurm do of themselves, by release: which cells cannot start, which break without nestsafe
and why, and what goes wrong now and then in any job of theirs.

Data, and the releases it goes by. A condition is asked of a cell (cells.py) and of what is installed.
"""
import dataclasses
import os
import re
import shutil
import subprocess
import tempfile
from typing import Callable

from cells import NONE, PMI2, PMIX


@dataclasses.dataclass(frozen=True)
class Installed:
    slurm: str
    openmpi: str
    mpich: str
    pmix: bool  # whether srun has --mpi=pmix
    launchers: tuple  # of cells.INNERS

    @property
    def prrte(self):
        return not self.openmpi.startswith("4.")

    @property
    def tuning(self):
        """What a user sets here so that Open MPI works at all. Release 5 finds no way from a node to itself in the
        private Slurm's network, and 6 takes the loopback for the way to another node."""
        weighted = {"OMPI_MCA_reachable": "weighted"} if self.prrte else {}
        network = {"OMPI_MCA_btl_tcp_if_include": "10.0.0.0/8"} if self.openmpi.startswith("6.") else {}
        return {**weighted, **network}


def installed():
    return Installed(
        slurm=version_of("slurmctld", "-V"),
        openmpi=version_of("mpirun.openmpi", "--version"),
        mpich=version_of("mpiexec.hydra", "--version"),
        pmix="pmix" in mpi_types(),
        launchers=("openmpi", "mpich", *(["prterun"] if shutil.which("prterun") else [])),
    )


def version_of(*command):
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    found = re.search(r"(?:Version: *|\) |slurm[-a-z]* )([0-9][^ \n]*)", done.stdout)
    return found.group(1) if found else "?"


def mpi_types():
    """What srun has for --mpi; it wants a configuration even to say that."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as conf:
        print("ClusterName=nestsafe\nSlurmctldHost=control", file=conf, flush=True)
        done = subprocess.run(
            ["srun", "--mpi=list"],
            env={**os.environ, "SLURM_CONF": conf.name},
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    return re.findall(r"\w+", done.stdout)


@dataclasses.dataclass(frozen=True)
class Impossible:
    why: str
    words: str  # by which it is to be known
    where: Callable


IMPOSSIBLE = (
    Impossible(
        "this Slurm has no mpi/pmix",
        "Invalid MPI type 'pmix'",
        lambda cell, here: cell.way == PMIX and not here.pmix,
    ),
    Impossible(
        "Open MPI 4 without Slurm's PMI library does not start under srun without --mpi=pmix",
        "OMPI was not built with SLURM's PMI support",
        lambda cell, here: cell.outer == "openmpi" and cell.way in (PMI2, NONE) and not here.prrte,
    ),
)


def impossible(cell, here):
    return next((fact for fact in IMPOSSIBLE if fact.where(cell, here)), None)


@dataclasses.dataclass(frozen=True)
class Broken:
    """Of the cells without nestsafe, those that have to fail: else there were nothing to repair."""

    why: str
    where: Callable


def in_step(cell):
    return cell.way.startswith("srun")


BROKEN = (
    Broken(
        "MPI_Init of Open MPI 4 leaves OMPI_MCA_ess, by which mpirun takes itself for a rank",
        lambda cell, here: (cell.outer, cell.inner) == ("openmpi", "openmpi") and not here.prrte,
    ),
    Broken(
        "what the outer command line set comes over the user's own",
        lambda cell, here: cell.way == "mpirun",
    ),
    Broken(
        "the launcher's srun waits for the CPUs of the step around it",
        lambda cell, here: in_step(cell) and cell.nodes > 1 and cell.inner != "mpich" and here.openmpi[0] in "45",
    ),
    Broken(
        "the launcher takes the job's nodes for its own",
        lambda cell, here: in_step(cell) and cell.nodes > 1 and cell.hosts == 1,
    ),
)


def broken(cell, here):
    if impossible(cell, here):
        return None
    return next((fact.why for fact in BROKEN if fact.where(cell, here)), None)


def refusal(cell, here):
    """The words that tell why a launch may not leave its node: those of plugin/launch/unreachable.c. Open MPI 4
    knows of no other node there, and says so itself."""
    if cell.inner == "openmpi" and not here.prrte:
        return "All nodes which are allocated for this job are already filled."
    return "nestsafe: error: this nested launch may use its rank's node only"


@dataclasses.dataclass(frozen=True)
class Flaw:
    """What happens now and then to any job of an MPI, with or without nested launches: a run that shows it is none."""

    what: str
    reruns: int  # at most, of one cell
    where: Callable  # of a cell, and what is installed
    seen: Callable  # of its run, and the verdict


def finalizes_badly(here):
    """MPICH over UCX, until 4.2: a rank that is through waits in the barrier of PMI, where it makes no progress for one
    that has yet to disconnect from it (pmodels/mpich#6596). On two hosts, without nestsafe, 8 of 60 launches hung, and 22 of
    471; a cell has two at once, so that a quarter of its runs may."""
    release = [int(number) for number in re.findall(r"\d+", here.mpich)[:2]]
    return bool(release) and release < [4, 2]


FLAWS = (
    # pml/ob1 takes a message on MPI_COMM_WORLD before MPI_Init has made that (open-mpi/ompi#13559).
    Flaw(
        "Open MPI crashed in MPI_Init",
        2,
        where=lambda cell, here: True,
        seen=lambda run, verdict: "mca_pml_ob1_recv_frag_callback_match" in run.output and "MPI_Init" in run.output,
    ),
    # All that the job had to say has been said then.
    Flaw(
        "MPICH hung in MPI_Finalize of the nested job",
        5,
        where=lambda cell, here: (cell.inner, cell.before) == ("mpich", False)
        and cell.hosts > 1
        and finalizes_badly(here),
        seen=lambda run, verdict: verdict.outcome == "hang" and verdict.all_said,
    ),
    Flaw(
        "MPICH hung in MPI_Finalize of the outer job",
        5,
        where=lambda cell, here: (cell.outer, cell.before) == ("mpich", False)
        and cell.nodes > 1
        and finalizes_badly(here),
        seen=lambda run, verdict: run.status is None and "outer healthy" in run.output,
    ),
)


def flaw(cell, here, run, verdict):
    return next((fact for fact in FLAWS if fact.where(cell, here) and fact.seen(run, verdict)), None)
