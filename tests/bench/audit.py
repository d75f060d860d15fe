# SPDX-License-Identifier: GPL-2.0-or-later
"""nestsafe audit against sacct, which is asked for the same fields of the same jobs of a month: time, and memory."""
import json
import os
import time

from launch import rows_of_times
from measure import Unmeasured, rounds
from place import NESTSAFE, SOURCE
from report import Row, count
from step import lines_of, number

from stage import Stage, until

MIB = 1024 * 1024
GOAL = 64 * MIB
DAY = 86400
MONTH = 30 * DAY
AT_ONCE = 100_000  # rows of one statement
NESTED = 20  # every 20th job has a section, with
LAUNCHES = 3
FIELDS = "JobIDRaw,User,UID,Account,Partition,State,Start,End,ElapsedRaw,AllocCPUS,AdminComment"
SECTION = """CONCAT('nestsafe:{"v":1,"launches":3,"repaired":0,"denied":0,"bypassed":0,"failed":1,"preventable":1,'
    '"nodes":"n[1-2]","mode":"audit","flavours":{"openmpi":3},"classes":{"silent-exit":3},"first":"',
    DATE_FORMAT(FROM_UNIXTIME(%(end)s - 60), '%%Y-%%m-%%dT%%TZ'), '","last":"',
    DATE_FORMAT(FROM_UNIXTIME(%(end)s - 30), '%%Y-%%m-%%dT%%TZ'), '"}')"""


def columns(start, jobs):
    """{column: what it is in the record of job seq}; the others are as a real job has them."""
    end = f"({start} + seq * {MONTH} DIV {jobs + 1})"
    times = {"time_submit": 605, "time_eligible": 605, "time_start": 600, "time_end": 0}
    return {**{name: f"{end} - {before}" for name, before in times.items()},
            "job_db_inx": "1000000 + seq", "id_job": "1000000 + seq", "state": "3", "id_user": "60001 + seq MOD 2",
            "tres_alloc": "'1=4,2=64000,4=1,5=4'",
            "admin_comment": f"IF(seq MOD {NESTED} = 0, {SECTION % {'end': end}}, NULL)"}


def sql(stage, text):
    done = stage.run("mariadb", "-N", "slurm_acct_db", "-e", f"SET time_zone = '+00:00'; {text}", seconds=300)
    if done.status != 0:
        raise Unmeasured(done.error)
    return done.output


def fill(stage, start, jobs):
    """Clones of a real job's record, that end all over the month."""
    real = stage.run("sbatch", "--parsable", "-o", "/dev/null", "--wrap", "true", user="alice").output.strip()
    until(lambda: stage.account_state(real).startswith("COMPLETED"), "slurmdbd knows of the real job")
    names = sql(stage, "SELECT column_name FROM information_schema.columns WHERE table_schema = 'slurm_acct_db' "
                "AND table_name = 'nestsafe_job_table'").split()
    own = columns(start, jobs)
    what = ", ".join(own.get(name, f"one.`{name}`") for name in names)
    into = ", ".join(f"`{name}`" for name in names)
    for first in range(1, jobs + 1, AT_ONCE):
        last = min(first + AT_ONCE - 1, jobs)
        sql(stage, f"INSERT INTO nestsafe_job_table ({into}) SELECT {what} FROM seq_{first}_to_{last}, "
            f"(SELECT * FROM nestsafe_job_table WHERE id_job = {real}) AS one")


def memory(stage, key):
    return number(lines_of(f"/proc/{stage.daemon('slurmdbd')}/status")[key]) * 1024


def check(stage, command, jobs):
    """It has counted what is there."""
    totals = json.loads(stage.run(*command, "--format=json", seconds=300).output)["totals"]
    seen, launches = totals["jobs_seen"], totals["launches"]
    if (seen, launches) != (jobs, jobs // NESTED * LAUNCHES):
        raise Unmeasured(f"nestsafe audit has seen {seen} jobs of {jobs}, and {launches} launches")


def audited(cell, jobs, count_of_rounds):
    start = int(time.time()) // DAY * DAY - MONTH - DAY
    period = [f"--starttime={stamp(start)}", f"--endtime={stamp(start + MONTH)}"]
    commands = {"sacct": ["sacct", "-a", "-X", "-n", "-P", "-o", FIELDS, *period],
                "nestsafe audit": [NESTSAFE, "audit", "-a", *period]}
    if count_of_rounds:
        commands["the same again"] = commands["sacct"]
    peaks, daemon = {name: [] for name in commands}, {name: [] for name in commands}
    with Stage(nodes=1) as stage:
        fill(stage, start, jobs)
        check(stage, commands["nestsafe audit"], jobs)
        last = []

        def settle(name):
            """What slurmdbd has grown by meanwhile, and a new one for the next."""
            if last:
                daemon[last[0]].append(memory(stage, "VmHWM") - last[1])
            stage.restart("slurmdbd")
            last[:] = [name, memory(stage, "VmHWM")]

        run = [f"{SOURCE}/contrib/cluster/cluster", "run", "--"]
        times = rounds({name: ([*run, *command], os.environ) for name, command in commands.items()}, count_of_rounds,
                       settle, peaks)
        settle("")
    yield from rows_of_times(cell, times, "sacct", {"nestsafe audit": 1.0})
    for name in ("sacct", "nestsafe audit"):
        most = max(peaks[name])
        goal = name != "sacct"
        yield Row(cell, f"memory of {name} at most", f"{most / MIB:.1f} MiB", most / max(peaks["sacct"]),
                  f"<= {GOAL // MIB} MiB" if goal else "", most <= GOAL if goal else None)
    for name in ("sacct", "nestsafe audit"):
        most = max(daemon[name])
        yield Row(cell, f"what slurmdbd grows by for {name}", f"{most / MIB:.1f} MiB", most / max(daemon["sacct"]))


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(seconds))


CELLS = {"audit-200000": lambda asked: audited("audit-200000", 200_000, min(asked.rounds, 5)),
         "audit-1000000": lambda asked: audited("audit-1000000", 1_000_000, 0)}
