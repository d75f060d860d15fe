# SPDX-License-Identifier: GPL-2.0-or-later
"""Launches: what stands before mpirun, by itself and in front of it."""
import statistics
import tempfile

from measure import PYTHON, instructions, ratio, rounds_in
from place import ENVIRONMENT, IN_ARMED_RANK, IN_RANK, LAUNCH, NESTSAFE, compiled, variables_of_rank
from report import Row, count

FLOOR = "#include <unistd.h>\nextern char **environ;\n" \
    "int main(int c, char **v) { return (void)c, execve(\"/usr/bin/mpirun\", v, environ); }\n"
# They go by prefix, and so take the user's tuning away; root's mpirun needs some of it.
ROOT = "export {OMPI,PRTE}_ALLOW_RUN_AS_ROOT=1 {OMPI,PRTE}_ALLOW_RUN_AS_ROOT_CONFIRM=1"
UNSET = "unset ${!OMPI_@} ${!PMIX_@} ${!PMI_@} ${!ORTE_@} ${!PRTE_@} ${!PSM2_@}; " + ROOT
LOOP = "for name in $(compgen -e); do case $name in *_ALLOW_RUN_AS_ROOT*) ;; " \
    "OMPI_*|PMIX_*|PMI_*|ORTE_*|PRTE_*|PSM2_*) unset $name;; esac; done"
SCRIPT = "import os, sys\n" \
    "prefixes = ('OMPI_', 'PMIX_', 'PMI_', 'ORTE_', 'PRTE_')\n" \
    "env = {k: v for k, v in os.environ.items() if not k.startswith(prefixes) or '_ALLOW_RUN_AS_ROOT' in k}\n" \
    "os.execvpe(sys.argv[1], sys.argv[1:], env)\n"
IR_GOAL = 120_000


def recipes():
    """{what: command}: by hand, before a nested launch."""
    unset = [word for name in variables_of_rank() for word in ("-u", name)]
    return {
        f"env -u × {len(unset) // 2}": ["env", *unset, *LAUNCH],
        "bash: unset ${!OMPI_@} …": ["bash", "-c", f'{UNSET}; exec "$@"', "bash", *LAUNCH],
        "bash: a loop over the environment": ["bash", "-c", f'{LOOP}; exec "$@"', "bash", *LAUNCH],
        "Python: os.execvpe": [PYTHON, "-c", SCRIPT, *LAUNCH],
    }


def alone():
    """Instructions of what stands before mpirun, until it is executed."""
    cell = "launch-ir"
    with tempfile.TemporaryDirectory() as directory:
        static = compiled(directory, "static", FLOOR, "-static")
        dynamic = compiled(directory, "dynamic", FLOOR)
        floor = instructions([static, *LAUNCH[1:]], ENVIRONMENT, IN_RANK)
        yield Row(cell, "static C program that only executes it", count(floor), 1.0)
        figure = instructions([dynamic, *LAUNCH[1:]], ENVIRONMENT, IN_RANK)
        yield Row(cell, "dynamic C program that only executes it", count(figure), figure / floor)
    figure = instructions(LAUNCH, ENVIRONMENT, IN_ARMED_RANK)
    yield Row(cell, "nestsafe-launch, nested", count(figure), figure / floor, f"<= {count(IR_GOAL)}", figure <= IR_GOAL)
    figure = instructions(LAUNCH, ENVIRONMENT, [NESTSAFE, "run"])
    yield Row(cell, "nestsafe-launch, not nested", count(figure), figure / floor)
    for what, command in recipes().items():
        figure = instructions(command, ENVIRONMENT, IN_RANK)
        yield Row(cell, what, count(figure), figure / floor)


def growth():
    """A nested launch with more variables, and with more processes between it and its rank."""
    cell = "launch-growth"
    between = ["sh", "-c", '"$@"; exit $?', "sh"]  # stays, as it has something to do afterwards
    more = {
        "100 more variables of the user's": ({f"SOME_VARIABLE_{n}": "value" for n in range(100)}, []),
        "100 more of the user's MPI tuning": ({f"OMPI_MCA_some_parameter_{n}": "value" for n in range(100)}, []),
        "4 more processes between": ({}, between * 4),
    }
    base = instructions(LAUNCH, ENVIRONMENT, IN_ARMED_RANK)
    yield Row(cell, "nestsafe-launch, nested", count(base), 1.0)
    for what, (variables, above) in more.items():
        figure = instructions(LAUNCH, {**ENVIRONMENT, **variables}, [*IN_ARMED_RANK, *above])
        yield Row(cell, what, count(figure), figure / base)


def rows_of_times(cell, times, base, goals):
    """The medians, and ratios to the base; whether a goal is met is said where the noise leaves that to be said.

    Without "the same again" nobody knows the noise: then the figures speak for themselves."""
    again = abs(ratio(times, "the same again", base)[0] - 1) if "the same again" in times else 0
    yield Row(cell, f"{base} (baseline)", f"{statistics.median(times[base]) * 1000:.2f} ms", 1.0)
    for name in times:
        if name == base:
            continue
        figure, within = ratio(times, name, base)
        goal = goals.get(name)
        noise = max(again, within or 0)
        quiet = goal and noise <= max(goal - 1, abs(goal - figure))
        words = f"<= {goal}" if quiet or not goal else f"<= {goal}, but the noise is {noise:.3f}"
        yield Row(cell, name, f"{statistics.median(times[name]) * 1000:.2f} ms", figure, words if goal else "",
                  figure <= goal if quiet else None, within)


def unarmed():
    """Changes that take away what nestsafe has put into an environment."""
    return {"NESTSAFE_*": None, "MPI_NESTED_SAFE": None, "LD_PRELOAD": None, "PATH": ENVIRONMENT["PATH"]}


def through_path():
    """The guard is in each program that a launcher starts, and so is told apart."""
    return {"mpirun through the launcher path": (LAUNCH, {"LD_PRELOAD": None}),
            "the same, with the guard in all of its programs": (LAUNCH, {})}


def nested(count_of_rounds):
    """A nested launch, through the launcher path, against the same in an environment that was cleaned before."""
    clean = {**unarmed(), **{name: None for name in variables_of_rank()}}
    hand = {what: (command, unarmed()) for what, command in recipes().items()}
    with tempfile.TemporaryDirectory() as directory:
        static = compiled(directory, "static", FLOOR, "-static")
        times = rounds_in(IN_ARMED_RANK, {
            "mpirun in a clean environment": (LAUNCH, clean), "the same again": (LAUNCH, clean),
            **through_path(), "static C program that only executes it": ([static, *LAUNCH[1:]], clean), **hand},
            count_of_rounds, ENVIRONMENT)
    yield from rows_of_times("launch-nested", times, "mpirun in a clean environment",
                             {"mpirun through the launcher path": 1.01})


def plain(count_of_rounds):
    times = rounds_in([NESTSAFE, "run"], {
        "mpirun without nestsafe": (LAUNCH, unarmed()), "the same again": (LAUNCH, unarmed()),
        **through_path()}, count_of_rounds, ENVIRONMENT)
    yield from rows_of_times("launch-plain", times, "mpirun without nestsafe",
                             {"mpirun through the launcher path": 1.01})


CELLS = {"launch-ir": lambda asked: alone(), "launch-growth": lambda asked: growth(),
         "launch-nested": lambda asked: nested(asked.rounds),
         "launch-plain": lambda asked: plain(asked.rounds)}
