# SPDX-License-Identifier: GPL-2.0-or-later
"""What breaks, while a job waits to launch, and how it is mended before that job ends.

Data: breaking and mending are functions of the stage (stage.py); the acts are in act.py.
"""
import dataclasses
import os
import re
import shutil
import signal
import subprocess
import time
from typing import Callable

from stage import until

RUNDIR = "/run/nestsafe"
SOCKET = f"{RUNDIR}/collector.sock"
SMALL = "/run/small"
STOP, CONTINUE, KILL = signal.SIGSTOP, signal.SIGCONT, signal.SIGKILL


def nothing(_stage):
    pass


@dataclasses.dataclass(frozen=True)
class Fault:
    """While a job of two steps waits with a nested launch each."""

    name: str
    breaks: Callable = nothing
    mends: Callable = nothing  # when the launches are over, before the job ends
    heals: Callable = nothing  # after the job
    line: str = ""  # nestsafe's arguments in plugstack.conf
    lost: str = ""  # the words in slurmd's log that say what is lost; else nothing may be


def daemon(name, number):
    return lambda stage: stage.signal(name, number)


def restart(name):
    return lambda stage: stage.restart(name)


def collectors(number, which=slice(None)):
    return lambda stage: stage.signal_collectors(number, which)


def node(*script):
    return lambda stage: stage.on_node("sh", "-c", "; ".join(script))


def saved_then(act):
    """A slurmctld that has not saved the job yet would drain the node that goes on running it. It saves, some seconds
    later, what has changed (slurmctld/state_save.c)."""

    def breaks(stage):
        state = f"{stage.directory}/state/job_state"
        changed = time.time()
        for job in stage.run("squeue", "-h", "-o", "%A").output.split():
            stage.run("scontrol", "update", f"JobId={job}", "TimeLimit=30")
        until(lambda: os.path.getmtime(state) > changed, "slurmctld has saved the job")
        act(stage)

    return breaks


def restart_slurmd(stage):
    stage.kill("slurmd.n1")
    stage.restart("slurmd.n1")


def without_collector(stage):
    program = f"{os.environ['PREFIX']}/libexec/nestsafe/nestsafe-collectd"
    shutil.move(program, f"{program}.away")
    stage.signal_collectors(KILL)


def with_collector(_stage):
    program = f"{os.environ['PREFIX']}/libexec/nestsafe/nestsafe-collectd"
    shutil.move(f"{program}.away", program)


CLOCK = "/run/clock"
FAKETIME = "$(ls /usr/lib/*/faketime/libfaketime.so.1)"


def stepping_clock(stage):
    """A collector for which the clock, though not the steady one, jumps two hours ahead."""
    program = f"{os.environ['PREFIX']}/libexec/nestsafe/nestsafe-collectd"
    stage.signal_collectors(KILL)
    settings = f"LD_PRELOAD={FAKETIME} FAKETIME_TIMESTAMP_FILE={CLOCK} FAKETIME_NO_CACHE=1"
    settings += " FAKETIME_DONT_FAKE_MONOTONIC=1"
    start = f"env {settings} NESTSAFE_CONNECTOR_NETNS=/run/netns/outside setsid {program} </dev/null >/dev/null 2>&1 &"
    stage.on_node("sh", "-c", f"echo +0 >{CLOCK}; rm -f {SOCKET}")

    def has_begun():
        # One that was killed may hold its lock for a moment, and so long none begins.
        stage.on_node("sh", "-c", start)
        return stage.on_node("test", "-S", SOCKET).status == 0

    until(has_begun, "a collector with a clock of its own")
    node(f"echo +7200 >{CLOCK}")(stage)


KILLED = "launches that ended meanwhile and bypass nestsafe may be missing"
UNRECORDED = "nested launches are not recorded: "
GONE = "was deleted; nested launches of steps that run now are not recorded"
ABSENT = "there was no collector at the end of this step; nested launches of it may be missing"
OUTSIDE = "a report from outside of any step of that user"
LATE = "launches among them that bypass nestsafe are missing"
FULL = f"head -c 1000000 /dev/zero >{SMALL}/fill 2>/dev/null"
READ_ONLY = f"mount -o remount,ro {SMALL}"
USABLE = f"mount -o remount,rw {SMALL}; rm -f {SMALL}/fill"
IN_LOG = f"log=slurmd,{SMALL}/records.jsonl"
IN_SPOOL = f"spool={SMALL}/spool"

FAULTS = (
    Fault("slurmctld stopped", daemon("slurmctld", STOP), daemon("slurmctld", CONTINUE)),
    Fault("slurmctld killed", saved_then(daemon("slurmctld", KILL)), restart("slurmctld")),
    Fault("slurmctld restarted", saved_then(lambda stage: (stage.kill("slurmctld"), stage.restart("slurmctld")))),
    Fault("slurmdbd stopped", daemon("slurmdbd", STOP), daemon("slurmdbd", CONTINUE)),
    Fault("slurmdbd killed until after the job", daemon("slurmdbd", KILL), heals=restart("slurmdbd")),
    Fault("slurmd killed and started again", restart_slurmd),
    Fault("collector and its keeper killed", collectors(KILL), lost=ABSENT),
    Fault("collector killed", collectors(KILL, slice(1, None)), lost=KILLED),
    Fault("collector stopped for a while", collectors(STOP), collectors(CONTINUE), lost=LATE),
    Fault("collector stopped until after the job", collectors(STOP), heals=collectors(CONTINUE), lost=OUTSIDE),
    Fault("no collector to be had", without_collector, heals=with_collector, lost=UNRECORDED),
    Fault("collector's directory deleted", node(f"rm -rf {RUNDIR}"), lost=GONE),
    Fault("collector's socket deleted", node(f"rm {SOCKET}")),
    Fault("collector's socket a user's file", node(f"rm {SOCKET}", f"install -o alice /dev/null {SOCKET}")),
    Fault("collector's socket a link to a user's", node(f"rm {SOCKET}", f"ln -s /tmp/alice.sock {SOCKET}")),
    Fault("clock jumps ahead, and back again", stepping_clock, node(f"echo -7200 >{CLOCK}"), collectors(KILL)),
    Fault("log full", node(FULL), heals=node(USABLE), line=IN_LOG),
    Fault("log read-only", node(READ_ONLY), heals=node(USABLE), line=IN_LOG),
    Fault("spool full", node(FULL), heals=node(USABLE), line=IN_SPOOL),
    Fault("spool read-only", node(READ_ONLY), heals=node(USABLE), line=IN_SPOOL),
    Fault(
        "slurmctld killed, and spool full",
        saved_then(lambda stage: (stage.kill("slurmctld"), node(FULL)(stage))),
        restart("slurmctld"),
        heals=node(USABLE),
        line=IN_SPOOL,
    ),
)


SAYS = ("sh", "-c", "echo from $SLURM_PROCID")


@dataclasses.dataclass(frozen=True)
class Stack:
    """Lines of plugstack.conf, among them nestsafe's; what a job does is compared with what it does without that."""

    name: str
    lines: Callable  # of the stage
    job: tuple = ("-N2", "-n4", *SAYS)
    repairs: bool = True  # nested launches of who asks are repaired


HOOKS = ("init", "init_post_opt", "local_user_init", "user_init", "task_init_privileged", "task_init")
HOOKS += ("task_post_fork", "task_exit", "exit")
# A plugin's optional failure is passed over; the others end the job, with nestsafe or without. How one ends whose
# slurmstepd has crashed after its tasks began is chance, with nestsafe or without.
HARMS = (
    ("optional", "fail={}:-1", HOOKS),
    ("required", "fail={}:-1", HOOKS),
    ("optional", "crash={}:11", HOOKS[: HOOKS.index("task_post_fork")]),
)


def probe(kind, word):
    return f"{kind} {os.environ['BUILD']}/tests/spank/.libs/probe.so {word}"


def with_probe(kind, word):
    for name, lines in (
        ("before it", lambda stage: (probe(kind, word), stage.nestsafe())),
        ("after it", lambda stage: (stage.nestsafe(), probe(kind, word))),
    ):
        repairs = kind == "optional" and "crash" not in word
        yield Stack(f"{name}, {kind} plugin with {word}", lines, repairs=repairs)


def with_probes():
    """Each hook, with each harm; on which side of nestsafe the plugin stands takes turns."""
    cases = [(kind, word.format(hook)) for kind, word, hooks in HARMS for hook in hooks]
    for turn, case in enumerate(cases):
        yield list(with_probe(*case))[turn % 2]


def copy(stage, name, release=None):
    """A copy of the plugin, which says that it was built for another release of Slurm."""
    path = f"{stage.directory}/{name}.so"
    shutil.copy(stage.plugin, path)
    if release:
        names = subprocess.run(["nm", "-D", path], check=True, stdout=subprocess.PIPE, text=True).stdout
        # Read-only data: at the same place in the file as in memory.
        offset = int(re.search(r"(\w+) R plugin_version", names).group(1), 16)
        with open(path, "r+b") as file:
            file.seek(offset)
            assert 20 <= file.read(4)[2] <= 40
            file.seek(offset)
            file.write(bytes((0, 1, release, 0)))  # of 19.01.0, say
    return path


def on_one_node(stage):
    """plugstack.conf includes a file that is not on node n2."""
    path = "/run/plugstack.nestsafe"
    for machine in ("control", "n1"):
        stage.run("sh", "-c", f"echo '{stage.nestsafe()}' >{path}", node=machine)
    return (f"include {path}*",)


STACKS = (
    *with_probes(),
    Stack("listed twice", lambda stage: (stage.nestsafe(), stage.nestsafe())),
    Stack("listed twice, as two files", lambda stage: (stage.nestsafe(), f"optional {copy(stage, 'copy')}")),
    Stack("missing on a node", on_one_node),
    Stack("built for another Slurm", lambda stage: (f"optional {copy(stage, 'other', 19)}",), repairs=False),
    Stack(
        "1000 tasks on a node",
        lambda stage: (stage.nestsafe("default=auto preload=always"),),
        ("-w", "n1", "-N1", "-n1000", "--overcommit", *SAYS),
    ),
)
