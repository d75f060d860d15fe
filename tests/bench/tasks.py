# SPDX-License-Identifier: GPL-2.0-or-later
"""What a step costs beside its time: for each of many tasks, in instructions of srun's, and in processes."""
import os
import random
import statistics

from family import Family
from launch import rows_of_times
from measure import instructions, once
from report import Row, count
from step import NAMES, collectors, node, times_of

TASKS = 256
TASK_GOAL = 60  # µs
SRUN_GOAL = 1.004


def per_task(times, name):
    """µs that a task takes longer than without a plugin, by the median of the rounds."""
    base = times["no plugin"]
    return statistics.median(a - b for a, b in zip(times[name], base)) / TASKS * 1e6


def tasks(count_of_rounds):
    cell = f"tasks-{TASKS}"
    times = times_of(count_of_rounds, TASKS)
    yield from rows_of_times(cell, times, "no plugin", {})
    noise = per_task(times, "the same again")
    for name in times:
        if name == "no plugin":
            continue
        figure, goal = per_task(times, name), name.startswith("nestsafe")
        quiet = goal and abs(noise) <= TASK_GOAL
        words = f"<= {TASK_GOAL}" if quiet else f"<= {TASK_GOAL}, but the noise is {abs(noise):.0f}"
        yield Row(cell, f"{name}: more for each task", f"{figure:+.0f} µs", None, words if goal else "",
                  figure <= TASK_GOAL if quiet else None)


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


CELLS = {f"tasks-{TASKS}": lambda asked: tasks(asked.rounds), "srun-ir": lambda asked: srun(asked.rounds),
         "step-processes": lambda asked: processes(asked.rounds)}
