# SPDX-License-Identifier: GPL-2.0-or-later
"""What is in the table: which outer job, started how, on how many nodes, runs which nested launch.

Data only. place.py runs a cell, judge.py says what came of it, report.py prints.
"""
import dataclasses
import itertools

# The user's own tuning, set before anything is launched. It has to arrive in the nested ranks, …
TUNING = {
    "OMPI_MCA_coll_tuned_priority": "31",
    "MPIR_CVAR_ALLREDUCE_SHORT_MSG_SIZE": "2000",
    "HYDRA_PROXY_RETRY_COUNT": "70",
    "PRTE_MCA_odls_base_verbose": "0",
    "PMIX_MCA_ptl_base_verbose": "0",
}
# … though prterun keeps these from its ranks, so it is the launcher that has to have them.
LAUNCHERS_OWN = ("PRTE_", "PMIX_", "HYDRA_")
# What the outer command line sets must not arrive: neither over the user's value nor beside it.
OUTER_ONLY = ("OMPI_MCA_coll_basic_priority", "MPIR_CVAR_BCAST_SHORT_MSG_SIZE")


@dataclasses.dataclass(frozen=True)
class Mpi:
    """How programs of an MPI are called, and how its launchers are told to start two ranks."""

    suffix: str
    launch: str
    spread: str  # one rank a node
    outer: str  # the launch of the outer job, with settings of its own
    health: str  # what only a job of this launcher's can do, for which it needs its launcher


MPIS = {
    "openmpi": Mpi(
        suffix="",
        launch="mpirun.openmpi -np 2",
        spread="--map-by ppr:1:node",
        # Unbound, as a rank that is bound to one CPU has one slot to give.
        outer="--bind-to none --mca coll_tuned_priority 32 --mca coll_basic_priority 11",
        health="-s",
    ),
    "mpich": Mpi(
        suffix=".mpich",
        launch="mpiexec.hydra -n 2",
        spread="-ppn 1",
        outer="-genv MPIR_CVAR_ALLREDUCE_SHORT_MSG_SIZE 2001 -genv MPIR_CVAR_BCAST_SHORT_MSG_SIZE 12000",
        health="-p",  # Debian's MPICH has no MPI_Comm_spawn that works
    ),
}
# PRRTE's own launcher, where there is one (from Open MPI 5 on), is another way into the same MPI.
INNERS = {
    "openmpi": MPIS["openmpi"],
    "mpich": MPIS["mpich"],
    "prterun": dataclasses.replace(MPIS["openmpi"], launch="prterun -np 2"),
}

PRTERUN = (("openmpi", "srun --mpi=pmix"), ("openmpi", "mpirun"), ("mpich", "mpirun"))

WAYS = ("srun --mpi=pmix", "srun --mpi=pmi2", "srun --mpi=none", "mpirun")
OUTERS = ("openmpi", "mpich", "no MPI")
# Shape: nodes, mode, hosts on which the two nested ranks are to run.
SHAPES = {
    "1 node": (1, "auto", 1),
    "2 nodes, node": (2, "node", 1),
    "2 nodes, job": (2, "job", 2),
}


@dataclasses.dataclass(frozen=True)
class Cell:
    """One run: a job of Slurm's, whose two ranks both start a nested job of two ranks."""

    outer: str
    way: str
    inner: str
    shape: str
    mode: str
    nodes: int = 1
    hosts: int = 1
    options: str = "-c2"  # of srun
    arguments: str = ""  # of the nested launcher
    only: int = -1  # the one rank that launches
    refused: str = ""  # words of a refusal that is right, instead of two ranks
    before: bool = False

    @property
    def name(self):
        return f"{self.way}: {self.inner} in {self.outer}, {self.shape}"

    @property
    def launches(self):
        return 2 if self.only < 0 else 1


def grid(inners):
    """Outer × inner × way × shape. Before nestsafe there is no scope: one run serves both."""
    for outer, way, inner in itertools.product(OUTERS, WAYS, inners):
        # Without MPI there are no ranks: a script that a step runs in each of its tasks.
        if (outer == "no MPI") != (way == "srun --mpi=none"):
            continue
        # It is what mpirun becomes: not another launcher, but another name for it.
        if inner == "prterun" and (outer, way) not in PRTERUN:
            continue
        for shape, (nodes, mode, hosts) in SHAPES.items():
            spread = INNERS[inner].spread if hosts > 1 else ""
            yield Cell(outer, way, inner, shape, mode, nodes, hosts, arguments=spread)
            if mode != "job":
                yield Cell(outer, way, inner, shape, "off", nodes, 1, before=True)


# Cells that cannot work, with or without nestsafe: (outer, way, releases of the outer MPI) and why.
IMPOSSIBLE = {
    ("openmpi", "srun --mpi=pmi2", "4."): "Open MPI 4 without Slurm's PMI library does not start under srun --mpi=pmi2",
}


def impossible(cell, versions):
    for (outer, way, release), reason in IMPOSSIBLE.items():
        if (cell.outer, cell.way) == (outer, way) and versions[outer].startswith(release):
            return reason
    return None


def conditions(cell):
    """What the nested ranks check of their environment; see tests/programs/inner.c."""
    for name, value in TUNING.items():
        yield f"{'@' if name.startswith(LAUNCHERS_OWN) else ''}{name}={value}"
    yield from OUTER_ONLY


def nested(cell, programs):
    """The command line of the nested launch."""
    mpi = INNERS[cell.inner]
    return [
        *mpi.launch.split(),
        *cell.arguments.split(),
        f"{programs}/inner{mpi.suffix}",
        "2",
        str(cell.hosts),
        *conditions(cell),
    ]


def outer(cell, programs):
    """The command line of an outer rank."""
    mpi = MPIS.get(cell.outer, MPIS["openmpi"])
    options = []
    if cell.outer == "no MPI":
        options.append("-i")
    if cell.way == "mpirun":
        options.append(mpi.health)
    if cell.only >= 0:
        options += ["-o", str(cell.only)]
    return [f"{programs}/outer{mpi.suffix}", *options, *nested(cell, programs)]


def start(cell, programs, nodes):
    """(options for srun or sbatch, command): how the outer job is started."""
    asked = [f"--mpi-nested-safe={cell.mode}", f"-N{cell.nodes}", f"-w{','.join(nodes[:cell.nodes])}"]
    if cell.way == "mpirun":
        mpi = MPIS[cell.outer]
        spread = mpi.spread.split() if cell.nodes > 1 else []
        command = [*mpi.launch.split(), *mpi.outer.split(), *spread, *outer(cell, programs)]
        return [*asked, "--ntasks-per-node=4"], command
    kind = cell.way.split()[1]
    return [*asked, kind, "-n2", *cell.options.split()], outer(cell, programs)
