# SPDX-License-Identifier: GPL-2.0-or-later
"""What a job's nodes ask of slurmctld when they end together: a real slurmctld and real collectors, of which all but the
first node's run on one machine, for a job that has one node."""
import contextlib
import datetime
import json
import os
import re
import subprocess
import time

from measure import PYTHON, Unmeasured
from place import SOURCE, compiled
from report import Row, count

from stage import Stage, until

NODE_GOAL, SECOND_GOAL = 4, 50
SECONDS = 240
PORT = 8868
KINDS = ("REQUEST_JOB_INFO_SINGLE", "REQUEST_UPDATE_JOB", "REQUEST_NODE_INFO_SINGLE", "REQUEST_BUILD_INFO",
         "REQUEST_JOB_NOTIFY", "REQUEST_FED_INFO")  # the last one is libslurm's, of its own accord


def asked(stage):
    """{kind: how many since sdiag -r}"""
    found = re.findall(r"(REQUEST_\w+) +\( *\d+\) +count:(\d+)", stage.run("sdiag").output)
    return {kind: int(number) for kind, number in found if kind in KINDS}


def log_of(stage):
    return f"{stage.directory}/log/slurmctld.log"


def most_in_a_second(stage, since):
    """By slurmctld's log, from that byte on."""
    with open(log_of(stage), encoding="utf-8", errors="replace") as file:
        file.seek(since)
        times = [datetime.datetime.fromisoformat(when).timestamp() for when in re.findall(
            rf"^\[([^\]]+)\] debug2: Processing RPC: (?:{'|'.join(KINDS)})\b", file.read(), re.M)]
    return max((sum(0 <= other - begin < 1 for other in times) for begin in times), default=0)


def job_on_first(stage):
    job = stage.run("sbatch", "--parsable", "-w", "n1", "-o", "/dev/null", "--wrap", "sleep 1000", user="alice")
    until(lambda: stage.state_of(job.output.strip()) == "RUNNING", "the job runs")
    return job.output.strip()


def played(stage, host, arguments, nodes):
    """nodes.py on that host of the cluster, once its collectors listen."""
    command = [f"{SOURCE}/contrib/cluster/cluster", "run", "--node", host, "--env", f"PREFIX={os.environ['PREFIX']}",
               "--env", f"PROGRAMS={os.environ['PROGRAMS']}", "--env", f"SOURCE={SOURCE}", "--", PYTHON,
               f"{SOURCE}/tests/bench/nodes.py", *arguments, *nodes]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if process.stdout.readline() != "ready\n":
        raise Unmeasured(f"the collectors of {len(nodes)} nodes do not listen")
    return process


def all_delivered(path, nodes):
    try:
        with open(path, encoding="utf-8") as file:
            state = json.load(file)
    except (FileNotFoundError, ValueError):
        return False
    return len(state["nodes"]) == nodes and state.get("delivered") == state["serial"]


def end_together(stage, library, nodes):
    """(RPCs, most in a second, seconds until slurmctld has the total, the total)"""
    job = job_on_first(stage)
    directory = f"{stage.directory}/nodes-{nodes}"
    arguments = [directory, library, job, "60001", str(PORT), str(nodes)]
    names = ["n1", *(f"node{number}" for number in range(2, nodes + 1))]
    with contextlib.ExitStack() as stack:
        players = [stack.enter_context(played(stage, host, arguments, some))
                   for host, some in (("n1", names[:1]), ("n2", names[1:])) if some]
        stage.run("sdiag", "-r")
        since, began = os.path.getsize(log_of(stage)), time.monotonic()
        for player in players:
            player.stdin.write("\n")
            player.stdin.flush()
        until(lambda: all_delivered(f"{directory}/n1/spool/jobs/{job}.0", nodes), f"{nodes} nodes are counted", SECONDS)
        seconds, rpcs, peak = time.monotonic() - began, asked(stage), most_in_a_second(stage, since)
        for player in players:
            player.stdin.close()
    comment = re.search(r'AdminComment=.*"launches":(\d+)', stage.run("scontrol", "show", "job", job).output)
    stage.run("scancel", job)
    return rpcs, peak, seconds, int(comment.group(1)) if comment else 0


def rows(cell, numbers):
    with Stage(nodes=2) as stage:
        with open(f"{SOURCE}/tests/bench/alike.c", encoding="utf-8") as source:
            library = compiled(stage.directory, "alike.so", source.read(), "-shared", "-fPIC", "-D_GNU_SOURCE", "-Wall")
        stage.plugstack(stage.nestsafe())
        stage.run("sdiag", "-r")
        stage.run("srun", "-N2", "-n4", "true", user="alice")
        number = sum(asked(stage).values())
        yield Row(cell, "a job without nested launches", count(number), None, "0", number == 0)
        stage.run("scontrol", "setdebug", "debug2")
        base = None
        for nodes in numbers:
            rpcs, peak, seconds, total = end_together(stage, library, nodes)
            number = sum(rpcs.values())
            base = base or number
            kinds = ", ".join(f"{rpcs[kind]} {kind[8:].lower()}" for kind in KINDS if kind in rpcs)
            what = f"{count(nodes)} nodes with one nested launch each"
            yield Row(cell, f"{what}: RPCs a node", f"{number / nodes:.2f} ({kinds})", number / nodes / base,
                      f"<= {NODE_GOAL}", number <= NODE_GOAL * nodes)
            yield Row(cell, f"{what}: most RPCs in a second", count(peak), None, f"<= {SECOND_GOAL}",
                      peak <= SECOND_GOAL)
            yield Row(cell, f"{what}: in the job's record", f"{count(total)} after {seconds:.1f} s", None,
                      count(nodes), total == nodes)


# A thousand collectors want a machine that does nothing else.
CELLS = {"rpcs": lambda asked_for: rows("rpcs", (1, 10, 100)),
         "rpcs-1000": lambda asked_for: rows("rpcs-1000", (1, 1000))}
