# SPDX-License-Identifier: GPL-2.0-or-later
"""How a case is played, and what is looked at: the job, its record, the nodes."""
import os

from cases import LATE, SMALL
from stage import Failure, until

FORMS = f"{os.environ['PROGRAMS']}/forms"
# Two steps at once, the one repaired, the other only watched, which wait in the same job; of three nested launches.
JOB = f"""#!/bin/bash
: >running
srun --overlap --mpi-nested-safe -n1 {FORMS} system ./repaired.sh &
srun --overlap --mpi-nested-safe=audit -n1 {FORMS} system ./watched.sh &
wait
"""
WAITS = """#!/bin/bash
: >$1
until [ -e go ]; do sleep 0.05; done
"""
REPAIRED = """#!/bin/bash
./waits.sh started
mpirun -np 1 echo one
$(readlink -f /usr/bin/mpirun) -np 1 echo two
: >launched
until [ -e end ]; do sleep 0.05; done
"""
WATCHED = """#!/bin/bash
./waits.sh watched
mpirun -np 1 true
echo "watched $?"
: >seen
until [ -e end ]; do sleep 0.05; done
"""
LAUNCHES = {"launches": 3, "repaired": 2}
NESTED = ("srun", "-w", "n1", "-n1", "--mpi-nested-safe", FORMS, "execvp", "mpirun", "-np", "1", "echo", "nested")


class Act:
    def __init__(self, stage):
        self.stage = stage
        stage.on_node("mkdir", "-p", SMALL)
        stage.on_node("mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", SMALL)
        self.wanted = self.job("")[1]

    def afresh(self):
        """After a case that did not come to its end."""
        self.stage.run("scancel", "--user", "alice")
        until(lambda: not self.stage.run("squeue", "-h").output.strip(), "no job is left", 60)
        self.stage.put_in_service()

    def submit(self, line):
        stage = self.stage
        stage.clear()
        stage.plugstack(stage.nestsafe(line))
        for name, text in (("job", JOB), ("waits", WAITS), ("repaired", REPAIRED), ("watched", WATCHED)):
            stage.script(f"{name}.sh", text)
        done = stage.run("sbatch", "--parsable", "-w", "n1", "-n2", "-o", "out", "-e", "err", "job.sh", user="alice")
        if done.status != 0:
            raise Failure(f"sbatch: {done.error}")
        return done.output.strip()

    def job(self, line, breaks=None, mends=None):
        """Returns its number, and what it said."""
        stage = self.stage
        job = self.submit(line)
        stage.marked("started")
        stage.marked("watched")
        if breaks:
            breaks(stage)
        stage.mark("go")
        stage.marked("launched")
        stage.marked("seen")
        if mends:
            mends(stage)
        stage.mark("end")
        stage.ended(job)
        with open(f"{stage.home}/out", encoding="utf-8") as file:
            return job, sorted(file.read().splitlines())

    def fault(self, fault):
        stage = self.stage
        logged = len(stage.log_of_slurmd())
        job, said = self.job(fault.line, fault.breaks, fault.mends)
        fault.heals(stage)
        log = lambda: stage.log_of_slurmd()[logged:]
        try:
            until(lambda: stage.account_state(job).startswith("COMPLETED"), "slurmdbd knows of the job's end")
            state = stage.account_state(job)
        except Failure:
            state = stage.account_state(job)
        done = said == self.wanted and state == "COMPLETED|0:0"
        result = (done, "as without it" if done else f"{state} {said}, not {self.wanted}")
        return [result, self.record(fault, job, log), self.nodes()], log()

    def record(self, fault, job, log):
        def complete():
            totals = self.stage.totals(job)
            return all(totals.get(key) == number for key, number in LAUNCHES.items())

        def lost():
            """What the fault loses; or the one only watched, on a machine that is very busy. It is said within a minute."""
            totals = self.stage.totals(job)
            late = totals.get("launches") == totals.get("repaired") == LAUNCHES["repaired"]
            return (fault.lost and fault.lost in log()) or (late and LATE in log())

        try:
            until(complete, "all are on record", 5 if fault.lost else 40)
            return True, "3 of 3 on record"
        except Failure:
            pass
        try:
            until(lambda: complete() or lost(), "the log says what is lost", 60)
        except Failure:
            return False, f"{self.stage.totals(job).get('launches', 0)} of 3 on record"
        if complete():
            return True, "3 of 3 on record"
        return True, f"{self.stage.totals(job).get('launches', 0)} of 3 on record, and the log says so"

    def nodes(self):
        away = self.stage.out_of_service()
        self.stage.put_in_service()
        return not away, "; ".join(away) or "in service"

    def stack(self, stack):
        stage = self.stage
        stage.clear()
        lines = stack.lines(stage)
        others = [line for line in lines if "/probe.so " in line]
        without = self.plain(others, stack.job)
        with_it = self.plain(lines, stack.job)
        same = with_it[0] == without[0]
        words = "as without nestsafe" if same else f"{with_it[0]}, without nestsafe {without[0]}"
        nodes = with_it[1] == without[1]
        launch = (True, "not tried")
        if stack.repairs:
            done = stage.run(*NESTED, user="alice")
            repaired = (done.status, done.output) == (0, "nested\n")
            launch = (repaired, "repaired" if repaired else f"status {done.status}: {done.output}{done.error}")
        away = "; ".join(with_it[1])
        service = "in service" if not away else f"as without nestsafe: {away}" if nodes else away
        return [(same, words), launch, (nodes, service)], with_it[2]

    def plain(self, lines, job):
        """A job without nested launches: ((status, output), nodes out of service, errors)."""
        self.stage.plugstack(*lines)
        # A slurmstepd that has crashed may be waited for for ever.
        done = self.stage.run("srun", *job, user="alice", seconds=60 if "-n1000" in job else 12)
        if done.status != 0:
            self.stage.run("scancel", "--quiet", "--user", "alice")
        until(lambda: not self.stage.run("squeue", "-h").output.strip(), "the job is over", 60)
        away = self.stage.out_of_service()
        self.stage.put_in_service()
        return (done.status, sorted(done.output.splitlines())), away, done.error
