# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps that srun starts: without a plugin, with one that does nothing, with nestsafe; and what the collector takes."""
import contextlib
import os
import tempfile
import time

from cluster import PLUGIN, Cluster
from launch import rows_of_times
from measure import Unmeasured, rounds
from place import SOURCE, compiled
from report import Row, count
from stepd import COLLECTOR

KIB = 1024
PRIVATE_GOAL = 3 * 1024 * KIB
IDLE_SECONDS = 10


def plugstacks(directory):
    with open(f"{SOURCE}/tests/bench/nothing.c", encoding="utf-8") as source:
        nothing = compiled(directory, "nothing.so", source.read(), "-shared", "-fPIC")
    return {
        "none": [], "twice": [], "nothing": [f"optional {nothing}"], "audit": [f"optional {PLUGIN} default=audit"],
        "auto": [f"optional {PLUGIN} default=auto"],
    }


NAMES = {"no plugin": "none", "the same again": "twice", "a plugin that does nothing": "nothing",
         "nestsafe, not asked for": "audit", "nestsafe, asked for": "auto"}


@contextlib.contextmanager
def node(cpus):
    """A Slurm of one node, which can be given each of these plugstacks."""
    # Not below /tmp, which every node has for itself.
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.environ["NESTSAFE_CLUSTER_DIR"])) as directory:
        os.chmod(directory, 0o755)
        with Cluster(plugstacks(directory), "--nodes", "1", "--cpus", str(cpus)) as cluster:
            yield cluster


def times_of(count_of_rounds, tasks):
    with node(max(tasks, 4)) as cluster:
        variants = {what: (cluster.run("srun", f"-n{tasks}", "true"), os.environ) for what in NAMES}
        return rounds(variants, count_of_rounds, lambda what: cluster.use(NAMES[what]))


def steps(count_of_rounds, tasks):
    yield from rows_of_times(f"step-{tasks}", times_of(count_of_rounds, tasks), "no plugin", {})


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return dict(line.split(":", 1) for line in file if ":" in line)


def number(text):
    return int(text.split()[0])


def collectors():
    """Process ids of the cluster's collectors, by their program, which is this build's."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.path.samefile(f"/proc/{pid}/exe", COLLECTOR):
                found.append(int(pid))
        except OSError:
            pass
    return found


def begun():
    """Processes and threads that have begun on this machine."""
    with open("/proc/stat", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("processes"))


def state(pids):
    """(private bytes, CPU ticks, wake-ups) of processes together."""
    private = ticks = wakes = 0
    for pid in pids:
        rollup = lines_of(f"/proc/{pid}/smaps_rollup")
        private += sum(number(rollup[key]) for key in rollup if key.startswith("Private_")) * KIB
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
        wakes += number(lines_of(f"/proc/{pid}/status")["voluntary_ctxt_switches"])
    return private, ticks, wakes


def collector():
    """After a hundred steps: its memory, and what it does while nothing happens."""
    cell = "collector"
    with node(4) as cluster:
        cluster.use("audit")
        cluster.control("run", "--user", "alice", "--", "salloc", "-n1", "sh", "-c",
                        "i=0; while [ $i -lt 100 ]; do srun true; i=$((i+1)); done")
        ours = collectors()
        if not ours:
            raise Unmeasured("no collector is there after a hundred steps")
        time.sleep(2)  # the last step's end is past
        before, others = state(ours), -begun()
        time.sleep(IDLE_SECONDS)
        after, others = state(ours), others + begun()
    yield Row(cell, f"private memory of its {len(ours)} processes", f"{after[0] // KIB:,} KiB", None,
              f"<= {PRIVATE_GOAL // KIB:,} KiB", after[0] <= PRIVATE_GOAL)
    # The kernel tells the collector of each that begins and ends, whosever it is.
    yield Row(cell, f"processes that others began in {IDLE_SECONDS} s", count(others))
    yield Row(cell, f"CPU in {IDLE_SECONDS} s without any step", f"{count(after[1] - before[1])} ticks", None, "0 without any of these",
              after[1] == before[1] if not others else None)
    yield Row(cell, f"wake-ups in {IDLE_SECONDS} s without any step", count(after[2] - before[2]), None,
              "0 without any of these", after[2] == before[2] if not others else None)


CELLS = {"step-1": lambda asked: steps(asked.rounds, 1), "step-16": lambda asked: steps(asked.rounds, 16),
         "collector": lambda asked: collector()}
