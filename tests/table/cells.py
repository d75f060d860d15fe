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
    far: dict  # ways to name the job's second node
    health: str  # what only a job of this launcher's can do, for which it needs its launcher


MPIS = {
    "openmpi": Mpi(
        suffix="",
        launch="mpirun.openmpi -np 2",
        spread="--map-by ppr:1:node",
        # Unbound, as a rank that is bound to one CPU has one slot to give.
        outer="--bind-to none --mca coll_tuned_priority 32 --mca coll_basic_priority 11",
        far={"--host": "--host {second}:2", "--hostfile": "--hostfile {hostfile}"},
        health="-s",
    ),
    "mpich": Mpi(
        suffix=".mpich",
        launch="mpiexec.hydra -n 2",
        spread="-ppn 1",
        outer="-genv MPIR_CVAR_ALLREDUCE_SHORT_MSG_SIZE 2001 -genv MPIR_CVAR_BCAST_SHORT_MSG_SIZE 12000",
        far={"-hosts": "-hosts {second}", "-f": "-f {hostfile}"},
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

PMIX = "srun --mpi=pmix"
STEPS = ("--exact -c2", "--overlap -c2", "--mem=200M -c2", "--cpu-bind=none -c2", "--cpu-bind=map_cpu:0,1 -c2")
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
    # What follows is for the cells beside the grid. {second}, {hostfile} and {no_ssh} stand for the
    # job's second node, a file that names it, and a PATH without ssh.
    options: str = "-c2"  # of srun
    arguments: str = ""  # of the nested launcher
    only: int = -1  # the one rank that launches
    on: str = ""  # the host on which the nested ranks are to be
    refused: bool = False  # the launch has to fail, with words
    through: tuple = ()  # launchers between the outer job and the nested one
    path: str = ""  # PATH of the nested launcher
    before: bool = False

    @property
    def name(self):
        return f"{self.way}: {self.inner} in {self.outer}, {self.shape}"

    @property
    def ranks(self):
        return max(2, self.nodes)

    @property
    def launches(self):
        return self.ranks if self.only < 0 else 1


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


def beside(inners):
    """What is not crossed with everything: requests of the step, hosts by name, no ssh, depth."""
    for options in STEPS:
        for inner in ("openmpi", "mpich"):
            spread = INNERS[inner].spread
            yield Cell("openmpi", PMIX, inner, f"1 node, {options}", "auto", options=options)
            yield Cell("openmpi", PMIX, inner, f"2 nodes, job, {options}", "job", 2, 2, options, spread)
    for inner in inners:
        mpi = INNERS[inner]
        yield Cell("openmpi", PMIX, inner, "1 node, no ssh", "node", path="{no_ssh}")
        yield Cell("openmpi", PMIX, inner, "2 nodes, job, no ssh", "job", 2, 2, arguments=mpi.spread, path="{no_ssh}")
        for how, arguments in mpi.far.items():
            cell = Cell("openmpi", PMIX, inner, f"2 nodes, node, {how}", "node", 2, arguments=arguments, only=0)
            yield dataclasses.replace(cell, refused=True)
            yield dataclasses.replace(cell, shape=f"2 nodes, job, {how}", mode="job", on="{second}")
    for inner, other in (("openmpi", "mpich"), ("mpich", "openmpi")):
        for mode in ("node", "job"):
            yield Cell(
                "openmpi", PMIX, other, f"1 node, {mode}, depth 4", mode, only=0, through=(inner, other, inner)
            )


def aliased(inners):
    """Where a node's name is not its host's; and on four nodes."""
    for way, inner in itertools.product((PMIX, "mpirun"), inners):
        spread = INNERS[inner].spread
        yield Cell("openmpi", way, inner, "1 node, alias", "auto")
        yield Cell("openmpi", way, inner, "1 node, job, alias", "job")
        yield Cell("openmpi", way, inner, "2 nodes, node, alias", "node", 2)
        yield Cell("openmpi", way, inner, "2 nodes, job, alias", "job", 2, 2, arguments=spread)
        yield Cell("openmpi", way, inner, "4 nodes, node, alias", "node", 4)
        yield Cell("openmpi", way, inner, "4 nodes, job, alias", "job", 4, 2, arguments=spread)


# Cells that cannot work, with or without nestsafe: (outer, way, releases of the outer MPI) and why.
IMPOSSIBLE = {
    ("openmpi", "srun --mpi=pmi2", "4."): "Open MPI 4 without Slurm's PMI library does not start under srun --mpi=pmi2",
}


def impossible(cell, versions):
    for (outer, way, release), reason in IMPOSSIBLE.items():
        if (cell.outer, cell.way) == (outer, way) and versions[outer].startswith(release):
            return reason
    return None


def conditions():
    """What the nested ranks check of their environment; see tests/programs/inner.c."""
    for name, value in TUNING.items():
        yield f"{'@' if name.startswith(LAUNCHERS_OWN) else ''}{name}={value}"
    yield from OUTER_ONLY


def nested(cell, programs):
    """The command line of the nested launch."""
    mpi = INNERS[cell.inner]
    path = ["env", f"PATH={cell.path}"] if cell.path else []
    inner = [f"{programs}/inner{mpi.suffix}", "2", cell.on or str(cell.hosts), *conditions()]
    command = [*path, *mpi.launch.split(), *cell.arguments.split(), *inner]
    for between in reversed(cell.through):
        mpi = MPIS[between]
        one = mpi.launch.replace(" 2", " 1").split()
        command = [*one, *mpi.outer.split(), f"{programs}/outer{mpi.suffix}", *command]
    return command


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


def start(cell, programs, nodes, places):
    """(options for srun or sbatch, command): how the outer job is started; places: words in braces."""
    options, command = outer_job(cell, programs, nodes)
    return options, [word.format(**places) for word in command]


def outer_job(cell, programs, nodes):
    asked = [f"--mpi-nested-safe={cell.mode}", f"-N{cell.nodes}", f"-w{','.join(nodes[:cell.nodes])}"]
    if cell.way == "mpirun":
        mpi = MPIS[cell.outer]
        spread = mpi.spread.split() if cell.nodes > 1 else []
        launch = mpi.launch.replace(" 2", f" {cell.ranks}").split()
        command = [*launch, *mpi.outer.split(), *spread, *outer(cell, programs)]
        return [*asked, "--ntasks-per-node=4"], command
    kind = cell.way.split()[1]
    return [*asked, kind, f"-n{cell.ranks}", *cell.options.split()], outer(cell, programs)
