# SPDX-License-Identifier: GPL-2.0-or-later
"""The guard in a program that is no launcher, and mpirun by its absolute path, which only the guard can repair."""
import tempfile

from launch import rows_of_times, unarmed
from measure import instructions, rounds_in
from place import ENVIRONMENT, GUARD, IN_ARMED_RANK, compiled, variables_of_rank
from report import Row, count

UNRELATED = ["/usr/bin/true"]
GOAL = 1_500


def libraries(directory):
    return {
        "empty library": compiled(directory, "bare.so", "int nothing;\n", "-shared", "-fPIC", "-nostdlib"),
        "empty library with libc": compiled(directory, "libc.so", "int nothing;\n", "-shared", "-fPIC",
                                            "-Wl,--no-as-needed"),
        "guard": GUARD,
    }


def preloaded():
    """Instructions of an unrelated program, all of it, with a library preloaded."""
    cell = "guard-ir"
    none = instructions(UNRELATED, ENVIRONMENT, until_exec=False)
    yield Row(cell, "nothing preloaded", count(none), 1.0)
    figures = {}
    with tempfile.TemporaryDirectory() as directory:
        for what, path in libraries(directory).items():
            figure = instructions(UNRELATED, {**ENVIRONMENT, "LD_PRELOAD": path}, until_exec=False)
            figures[what] = figure
            more = figure - figures.get("empty library with libc", figure)
            goal = what == "guard"
            yield Row(cell, what, count(figure), figure / none,
                      f"<= {count(GOAL)} above empty with libc ({more:+,})" if goal else "",
                      more <= GOAL if goal else None)


def timed(count_of_rounds):
    with tempfile.TemporaryDirectory() as directory:
        variants = {what: (UNRELATED, {**unarmed(), "LD_PRELOAD": path})
                    for what, path in libraries(directory).items()}
        times = rounds_in([], {"nothing preloaded": (UNRELATED, unarmed()), "the same again": (UNRELATED, unarmed()),
                               **variants}, count_of_rounds * 10, ENVIRONMENT)
    yield from rows_of_times("guard-time", times, "nothing preloaded", {})


def absolute(count_of_rounds):
    launch = ["/usr/bin/mpirun", "-np", "1", "true"]
    clean = {**unarmed(), **{name: None for name in variables_of_rank()}}
    times = rounds_in(IN_ARMED_RANK, {
        "/usr/bin/mpirun in a clean environment": (launch, clean), "the same again": (launch, clean),
        "/usr/bin/mpirun with the guard": (launch, {})}, count_of_rounds, ENVIRONMENT)
    yield from rows_of_times("guard-nested", times, "/usr/bin/mpirun in a clean environment", {})


CELLS = {"guard-ir": lambda asked: preloaded(), "guard-time": lambda asked: timed(asked.rounds),
         "guard-nested": lambda asked: absolute(asked.rounds)}
