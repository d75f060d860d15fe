# SPDX-License-Identifier: GPL-2.0-or-later
"""What a step costs beside its time: for each of many tasks, in instructions of srun's, and in processes."""
import glob
import os
import random
import statistics
import tempfile

from cluster import PLUGIN
from family import Family
from launch import rows_of_times
from measure import instructions, margin, once, rounds
from place import ENVIRONMENT, SOURCE, compiled
from report import Row, count
from step import NAMES, collectors, node, plugstacks, times_of

TASKS = 256
FEW_TASKS = 32  # enough for callgrind, which makes everything slow
HOOKS = ("slurm_spank_task_init", "slurm_spank_task_exit")
TASK_GOAL = 60  # µs
SRUN_GOAL = 1.004


def rows_per_task(cell, times, base):
    """What a task takes longer than with the base, by the median of the rounds."""
    more = {what: [(a - b) / TASKS * 1e6 for a, b in zip(times[what], times[base])] for what in times}
    again = abs(statistics.median(more["the same again"]))
    del more[base]
    for what, rounds_of_it in more.items():
        figure, within = statistics.median(rounds_of_it), margin(rounds_of_it)
        goal, noise = what.startswith("nestsafe"), max(again, within or 0)
        quiet = goal and noise <= max(TASK_GOAL, abs(TASK_GOAL - figure))
        words = f"<= {TASK_GOAL}" if quiet else f"<= {TASK_GOAL}, but the noise is {noise:.0f}"
        yield Row(cell, f"{what}: more for each of {TASKS} tasks", f"{figure:+.0f} ± {within or 0:.0f} µs", None,
                  words if goal else "", figure <= TASK_GOAL if quiet else None)


def tasks(count_of_rounds):
    cell = f"tasks-{TASKS}"
    times = times_of(count_of_rounds, TASKS)
    yield from rows_of_times(cell, times, "no plugin", {})
    yield from rows_per_task(cell, times, "no plugin")


def hooks(count_of_rounds):
    """The hooks of a task on the fake SPANK host, where little else happens; by a user, for whom nothing is recorded."""
    cell, base = "task-hooks", "a plugin that does nothing"
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.environ["NESTSAFE_CLUSTER_DIR"])) as directory:
        os.chmod(directory, 0o755)
        with open(f"{SOURCE}/tests/bench/hooks.c", encoding="utf-8") as source:
            host = compiled(directory, "hooks", source.read(), *glob.glob(f"{SOURCE}/tests/spank/host_*.c"), "-rdynamic",
                            f"-I{SOURCE}/tests/spank", f"-I{SOURCE}/plugin", "-D_GNU_SOURCE", "-std=gnu11", "-ldl",
                            "-lpthread")
        nothing = plugstacks(directory)["nothing"][0]
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
        steps = {base: [nothing], "the same again": [nothing],
                 "nestsafe, not asked for": [f"optional {PLUGIN} default=audit"],
                 "nestsafe, asked for": [f"optional {PLUGIN} default=audit", "auto"]}
        for what, (line, *mode) in steps.items():
            figure = instructions([host, line, str(FEW_TASKS), *mode], ENVIRONMENT, user, False, directory, HOOKS)
            yield Row(cell, f"{what}: instructions in each task", count(figure // FEW_TASKS))
        variants = {what: ([*user, host, line, str(TASKS), *mode], ENVIRONMENT)
                    for what, (line, *mode) in steps.items()}
        yield from rows_per_task(cell, rounds(variants, count_of_rounds), base)


def srun(count_of_rounds):
    """By the median: srun waits, and what it does when it looks around is not always the same."""
    cell = "srun-ir"
    figures = {name: [] for name in NAMES}
    with node(4) as cluster:
        for _ in range(max(3, count_of_rounds // 3)):
            for name in random.sample(list(NAMES), len(NAMES)):
                cluster.use(NAMES[name])
                figures[name].append(instructions(["srun", "-n1", "true"], os.environ, cluster.run(user="root"),
                                                  False, os.path.dirname(cluster.directory)))
    base = statistics.median(figures["no plugin"])
    for name, all_of_it in figures.items():
        figure, goal = statistics.median(all_of_it), name.startswith("nestsafe")
        yield Row(cell, name, count(int(figure)), figure / base, f"<= {SRUN_GOAL}" if goal else "",
                  figure <= SRUN_GOAL * base if goal else None)


def processes(count_of_rounds):
    """All that begin for a step: the bench's own that start srun, srun's, slurmd's, and nestsafe's."""
    cell = "step-processes"
    base = None
    with node(4) as cluster:
        command = cluster.run("srun", "-n1", "true")
        slurmd = cluster.daemon("slurmd.n1")
        for name, plugstack in NAMES.items():
            cluster.use(plugstack)
            once(command, os.environ)  # the first one of nestsafe's starts the node's collector, which stays
            with Family([os.getpid(), slurmd, *collectors()]) as family:
                born = [family.born(lambda: once(command, os.environ)) for _ in range(count_of_rounds)]
            figure = statistics.mean(born)
            base = base or figure
            goal = name.startswith("nestsafe")
            yield Row(cell, name, f"{figure:.1f} a step", figure / base, "none more" if goal else "",
                      figure <= base if goal else None)


CELLS = {f"tasks-{TASKS}": lambda asked: tasks(asked.rounds), "task-hooks": lambda asked: hooks(asked.rounds),
         "srun-ir": lambda asked: srun(asked.rounds),
         "step-processes": lambda asked: processes(asked.rounds)}
