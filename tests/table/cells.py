# SPDX-License-Identifier: GPL-2.0-or-later
"""What is in the table: which outer job, started how, on how many nodes, runs which nested launch.

Data only. upstream.py knows what of it depends on releases, place.py runs a cell, judge.py says what came of it,
report.py prints.
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
# PRRTE's own launchers, where there are any (from Open MPI 5 on), are other ways into the same MPI.
INNERS = {
    "openmpi": MPIS["openmpi"],
    "mpich": MPIS["mpich"],
    "prterun": dataclasses.replace(MPIS["openmpi"], launch="prterun -np 2"),
    # It needs prte, a launcher that stays: one that the rank starts for it, and ends.
    "prun": dataclasses.replace(MPIS["openmpi"], launch="{dvm} -np 2"),
}

DVM = """#!/bin/sh
uri=$(mktemp) || exit
prte --daemonize --report-uri "$uri" || exit
prun --dvm-uri "file:$uri" "$@"
status=$?
$(command -v pterm.openmpi || command -v pterm.prrte || command -v pterm) --dvm-uri "file:$uri"
exit $status
"""

PMIX = "srun --mpi=pmix"
PMI2 = "srun --mpi=pmi2"
NONE = "srun --mpi=none"
STEPS = ("--exact -c2", "--overlap -c2", "--mem=200M -c2", "--cpu-bind=none -c2", "--cpu-bind=map_cpu:0,1 -c2")
WAYS = (PMIX, PMI2, NONE, "mpirun")
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
    # What follows is for the cells beside the grid. {second}, {hostfile}, {no_ssh} and {dvm} stand for
    # the job's second node, a file that names it, a PATH without ssh, and the script below.
    options: str = "-c2"  # of srun
    arguments: str = ""  # of the nested launcher
    only: int = -1  # the one rank that launches
    on: str = ""  # the host on which the nested ranks are to be
    refused: bool = False  # the launch has to fail, with words
    through: tuple = ()  # launchers between the outer job and the nested one
    path: str = ""  # PATH of the nested launcher
    health: str = ""  # where not what its MPI has
    before: bool = False

    @property
    def launch(self):
        return f"{self.way}: {self.inner} in {self.outer}"

    @property
    def name(self):
        return f"{self.launch}, {self.shape}, {'before' if self.before else 'after'}"

    @property
    def ranks(self):
        return max(2, self.nodes)

    @property
    def launches(self):
        return self.ranks if self.only < 0 else 1


def grid(here):
    """Outer × inner × way × shape, each before and after. prterun is what mpirun becomes."""
    for outer, way, inner in itertools.product(OUTERS, WAYS, here.launchers):
        for shape, (nodes, mode, hosts) in SHAPES.items():
            spread = INNERS[inner].spread if hosts > 1 else ""
            cell = Cell(outer, way, inner, shape, mode, nodes, hosts, arguments=spread)
            yield cell
            yield dataclasses.replace(cell, mode="off", before=True)


def short_grid(here, is_possible):
    """Each outer with each inner, once on one node and once on two; the ways and scopes take turns."""
    by_pair = {}
    for cell in grid(here):
        if is_possible(cell):
            by_pair.setdefault((cell.outer, cell.inner), []).append(cell)
    for turn, cells in enumerate(by_pair.values()):
        ways = sorted({cell.way for cell in cells})
        wanted = {
            (ways[turn % len(ways)], "1 node"),
            (ways[(turn + 1) % len(ways)], "2 nodes, job" if turn % 2 else "2 nodes, node"),
        }
        yield from (cell for cell in cells if (cell.way, cell.shape) in wanted)


def step_job(here):
    """The job that srun starts, where a cell wants one and does not ask which."""
    return ("openmpi", PMIX) if here.pmix else ("mpich", PMI2)


def beside(here):
    """What is not crossed with everything: requests of the step, hosts by name, no ssh, depth."""
    job = step_job(here)
    for options in STEPS:
        for inner in ("openmpi", "mpich"):
            spread = INNERS[inner].spread
            yield Cell(*job, inner, f"1 node, {options}", "auto", options=options)
            yield Cell(*job, inner, f"2 nodes, job, {options}", "job", 2, 2, options, spread)
    for inner in here.launchers:
        mpi = INNERS[inner]
        yield Cell(*job, inner, "1 node, no ssh", "node", path="{no_ssh}")
        yield Cell(*job, inner, "2 nodes, job, no ssh", "job", 2, 2, arguments=mpi.spread, path="{no_ssh}")
        for how, arguments in mpi.far.items():
            cell = Cell(*job, inner, f"2 nodes, node, {how}", "node", 2, arguments=arguments, only=0)
            yield dataclasses.replace(cell, refused=True)
            yield dataclasses.replace(cell, shape=f"2 nodes, job, {how}", mode="job", on="{second}")
    for way, (shape, (nodes, mode, hosts)) in itertools.product((job, ("openmpi", "mpirun")), SHAPES.items()):
        if "prterun" in here.launchers:
            arguments = INNERS["prun"].spread if hosts > 1 else ""
            cell = Cell(*way, "prun", shape, mode, nodes, hosts, arguments=arguments)
            yield cell
            yield dataclasses.replace(cell, mode="off", before=True)
    for inner, other in (("openmpi", "mpich"), ("mpich", "openmpi")):
        for mode in ("node", "job"):
            yield Cell(
                *job, other, f"1 node, {mode}, depth 4", mode, only=0, through=(inner, other, inner)
            )


def short_beside(here):
    return [cell for cell in beside(here) if cell.refused or cell.through]


def aliased(here):
    """Where a node's name is not its host's; and on four nodes."""
    # There PRRTE puts no rank below mpirun itself, and its daemons crash over most MPI_Comm_spawn ("double free").
    health = "-p" if here.prrte else ""
    for (outer, way), inner in itertools.product((step_job(here), ("openmpi", "mpirun")), here.launchers):
        spread = INNERS[inner].spread
        for shape, mode, nodes, hosts in (
            ("1 node", "auto", 1, 1),
            ("1 node, job", "job", 1, 1),
            ("2 nodes, node", "node", 2, 1),
            ("2 nodes, job", "job", 2, 2),
            ("4 nodes, node", "node", 4, 1),
            ("4 nodes, job", "job", 4, 2),
        ):
            arguments = spread if hosts > 1 else ""
            cell = Cell(outer, way, inner, f"{shape}, alias", mode, nodes, hosts, arguments=arguments)
            yield dataclasses.replace(cell, health=health)


def conditions(tuning):
    """What the nested ranks check of their environment; see tests/programs/inner.c."""
    for name, value in tuning.items():
        yield f"{'@' if name.startswith(LAUNCHERS_OWN) else ''}{name}={value}"
    yield from OUTER_ONLY


def nested(cell, programs, tuning, seconds):
    """The command line of the nested launch, whose deadline has to hold for those below it."""
    mpi = INNERS[cell.inner]
    path = ["env", f"PATH={cell.path}"] if cell.path else []
    inner = [f"{programs}/inner{mpi.suffix}", "2", cell.on or str(cell.hosts), *conditions(tuning)]
    command = [*path, *mpi.launch.split(), *cell.arguments.split(), *inner]
    for level, between in enumerate(reversed(cell.through), 1):
        mpi = MPIS[between]
        one = mpi.launch.replace(" 2", " 1").split()
        command = [*one, *mpi.outer.split(), f"{programs}/outer{mpi.suffix}", "-d", str(level * seconds), *command]
    return command


def outer(cell, programs, tuning, seconds):
    """The command line of an outer rank."""
    mpi = MPIS.get(cell.outer, MPIS["openmpi"])
    options = ["-d", str((1 + len(cell.through)) * seconds)]
    if cell.outer == "no MPI":
        options.append("-i")
    elif cell.way == "mpirun":
        options.append(cell.health or mpi.health)
    if cell.only >= 0:
        options += ["-o", str(cell.only)]
    return [f"{programs}/outer{mpi.suffix}", *options, *nested(cell, programs, tuning, seconds)]


def start(cell, programs, nodes, tuning, seconds):
    """(options for srun or sbatch, command): how the outer job is started."""
    asked = [f"--mpi-nested-safe={cell.mode}", f"-N{cell.nodes}", f"-w{','.join(nodes[:cell.nodes])}"]
    program = outer(cell, programs, tuning, seconds)
    if cell.way == "mpirun":
        mpi = MPIS.get(cell.outer, MPIS["openmpi"])
        spread = mpi.spread.split() if cell.nodes > 1 else []
        launch = mpi.launch.replace(" 2", f" {cell.ranks}").split()
        return [*asked, "--ntasks-per-node=4"], [*launch, *mpi.outer.split(), *spread, *program]
    kind = cell.way.split()[1]
    return [*asked, kind, f"-n{cell.ranks}", *cell.options.split()], program
