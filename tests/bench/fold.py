# SPDX-License-Identifier: GPL-2.0-or-later
"""Incidents per second that a collector makes exact totals of, without Slurm: its reports alone, and whole launches."""
import contextlib
import os
import subprocess
import tempfile
import time

from measure import once
from place import SOURCE, compiled, environment_of_rank
from report import Row, count
from stepd import SECONDS, Collector, Step

GOAL = 20_000
REPORTS, LAUNCHES = 30_000, 1_000
RANKS, BURSTS = 64, 12  # of a node, as incidents.c has them
# One that fails at once lives for some 10 ms.
MPIRUN = "#include <unistd.h>\nint main(void) { return usleep(10000), 1; }\n"
# Without this it cannot listen to the kernel, so that a report is all that it hears of a launch and of its end.
BLIND = ["setpriv", "--bounding-set=-sys_admin,-net_admin"]


def counted(step, number):
    """How many launches the collector has written down, once it knows of so many or of no more: (all, failed), and when
    it first did."""
    before = since = None
    for _ in range(SECONDS):
        step.flushed()
        totals = step.totals()
        now = totals.get("launches", 0), totals.get("failed", 0)
        if now == before:
            break
        before, since = now, time.perf_counter()
        if now == (number, number):
            break
        time.sleep(1)  # for what the kernel has still to tell
    return before, since


def folded(directory, number, command, env, mode, before=()):
    """(incidents a second until the last one is on record, the collector's CPU seconds an incident, (all, failed))"""
    step = Step(directory, log=f"{directory}/incidents.jsonl", mode=mode)
    step.register()
    with Collector(step, *before) as collector:
        collector.listens()
        begun, cpu = time.perf_counter(), collector.cpu()
        once(command(step), env)
        found, since = counted(step, number)
        return number / (since - begun), (collector.cpu() - cpu) / number, found


@contextlib.contextmanager
def all_compute():
    """All CPUs have something to do, and more than one thing."""
    loops = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(2 * os.cpu_count())]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def rows_of(cell, what, number, result, base=None):
    rate, cpu, found = result
    goal = f">= {count(GOAL)}" if base is None else ""
    yield Row(cell, what, f"{count(int(rate))} a second", base and rate / base, goal, rate >= GOAL if goal else None)
    yield Row(cell, f"{what}: CPU of the collector for one", f"{cpu * 1e6:.0f} µs")
    yield Row(cell, f"{what}: in its totals, and failed", f"{count(found[0])} and {count(found[1])}", None,
              f"{count(number)} each", found == (number, number))


def rows():
    cell = "incidents"
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.environ["NESTSAFE_CLUSTER_DIR"])) as directory:
        with open(f"{SOURCE}/tests/bench/incidents.c", encoding="utf-8") as source:
            program = compiled(directory, "incidents", source.read())
        mpirun = compiled(directory, "mpirun", MPIRUN, "-static")
        rank = environment_of_rank()

        def launches(socket, report, number=LAUNCHES):
            return [program, socket, str(number), report, mpirun]

        yield from rows_of(cell, "reports alone, of a beginning and an end", REPORTS, folded(
            f"{directory}/reports", REPORTS, lambda step: [program, step.socket, str(REPORTS), *step.reports()],
            os.environ, "auto", BLIND))
        bare = LAUNCHES / once(launches("", ""), rank)
        yield Row(cell, "launches that nobody looks at (baseline)", f"{count(int(bare))} a second", 1.0)
        yield from rows_of(cell, "launches that report, and that the kernel tells of", LAUNCHES, folded(
            f"{directory}/auto", LAUNCHES, lambda step: launches(step.socket, step.reports()[0]), rank, "auto"), bare)
        yield from rows_of(cell, "launches that the kernel alone tells of", LAUNCHES, folded(
            f"{directory}/audit", LAUNCHES, lambda step: launches(step.socket, ""), rank, "audit"), bare)
        with all_compute():
            bursts = [folded(f"{directory}/busy{burst}", RANKS, lambda step: launches(step.socket, "", RANKS), rank, "audit")
                      for burst in range(BURSTS)]
        seen = sum(all_of_it for _, _, (all_of_it, _) in bursts)
        yield Row(cell, f"{RANKS} at once that the kernel alone tells of, all CPUs busy: in its totals", count(seen), None,
                  f"{count(RANKS * BURSTS)}", seen == RANKS * BURSTS)


CELLS = {"incidents": lambda asked: rows()}
