# SPDX-License-Identifier: GPL-2.0-or-later
"""The private Slurm in which cells run: nodes are handed out by the group, so that no job queues."""
import concurrent.futures
import contextlib
import dataclasses
import os
import queue
import re
import shlex
import subprocess
import time

from cells import DVM, start

ENDED = re.compile(r"^ended \d+$")
# A launch that may hang is given up soon; one that nestsafe repairs has to hang indeed, also on a busy machine.
PATIENCE = 5


@dataclasses.dataclass(frozen=True)
class Run:
    output: str
    status: int  # None where the deadline passed
    seconds: float


class Place:
    def __init__(self, tuning, seconds, groups, size=2, alias=False):
        self.seconds = seconds  # of a launch without nestsafe, which the outer program sees to
        self.tuning = tuning
        self.cluster = f"{os.environ['SOURCE']}/contrib/cluster/cluster"
        self.programs = os.environ["PROGRAMS"]
        self.home = f"{os.environ['NESTSAFE_CLUSTER_DIR']}/home/alice"
        self.alias = alias
        self.groups = groups
        self.size = size
        self.free = queue.SimpleQueue()

    def __enter__(self):
        plugstack = f"{os.environ['NESTSAFE_CLUSTER_DIR']}.plugstack"
        with open(plugstack, "w", encoding="utf-8") as file:
            print(f"optional {os.environ['PREFIX']}/lib/nestsafe/nestsafe.so", file=file)
        # Four CPUs a node, on any machine: room for two ranks and their nested ones.
        options = ["--nodes", str(self.groups * self.size), "--cpus", "4", "--plugstack", plugstack]
        self.control("up", *options, *(["--alias"] if self.alias else []))
        os.unlink(plugstack)
        for group in range(self.groups):
            self.free.put([f"n{group * self.size + number + 1}" for number in range(self.size)])
        self.without_ssh()
        with open(f"{self.home}/dvm", "w", encoding="utf-8") as file:
            file.write(DVM)
        os.chmod(f"{self.home}/dvm", 0o755)
        return self

    def __exit__(self, *_):
        self.control("down")

    def control(self, *arguments):
        subprocess.run([self.cluster, *arguments], check=True, stdout=subprocess.DEVNULL)

    def alice(self, *command):
        settings = [word for name, value in self.tuning.items() for word in ("--env", f"{name}={value}")]
        return [self.cluster, "run", "--user", "alice", *settings, "--", *command]

    def run_all(self, cells, flaw, done):
        """Runs cells, as many at a time as there are groups; done(cell, run, reruns) for each.

        A run in which flaw(cell, run) sees one counts as none, as often as that one allows; reruns names them.
        """
        with concurrent.futures.ThreadPoolExecutor(self.groups) as pool:
            waiting = {pool.submit(self.run, number, cell, flaw): cell for number, cell in enumerate(cells)}
            for future in concurrent.futures.as_completed(waiting):
                done(waiting[future], *future.result())

    def run(self, number, cell, flaw):
        nodes = self.free.get()
        reruns = []
        try:
            places = self.places(nodes)
            seconds = self.seconds * (1 if cell.before else PATIENCE)
            deadline = 20 + 4 * seconds
            options, command = start(cell, self.programs, nodes, self.tuning, seconds)
            command = [word.format(**places) for word in command]
            while True:
                began = time.monotonic()
                act = self.batch if cell.way == "mpirun" else self.step
                output, status = act(number, options, command, deadline)
                run = Run(output, status, time.monotonic() - began)
                seen = flaw(cell, run)
                if not seen or len(reruns) >= seen.reruns:
                    return run, reruns
                reruns.append(seen.what)
        finally:
            self.free.put(nodes)

    def places(self, nodes):
        """What the words in braces of cells.py mean."""
        hostfile = f"{self.home}/hosts.{nodes[0]}"
        with open(hostfile, "w", encoding="utf-8") as file:
            print(nodes[1], file=file)
        own = {name: f"{self.home}/{file}" for name, file in (("no_ssh", "without-ssh"), ("dvm", "dvm"))}
        return {"second": nodes[1], "hostfile": hostfile, **own}

    def without_ssh(self):
        """A directory for PATH with all that /usr/bin has but the ways to other hosts."""
        os.mkdir(f"{self.home}/without-ssh")
        for name in os.listdir("/usr/bin"):
            if name not in ("ssh", "rsh", "slogin", "qrsh"):
                os.symlink(f"/usr/bin/{name}", f"{self.home}/without-ssh/{name}")

    def step(self, _number, options, command, deadline):
        limit = ["timeout", "-k", "2", str(deadline)]
        done = subprocess.run(
            [*limit, *self.alice("srun", *options, *command)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return cleaned(done.stdout), None if done.returncode in (124, 137) else done.returncode

    def batch(self, number, options, command, deadline):
        """A batch job: no step is around its mpirun. Its last line says how it ended."""
        path = f"{self.home}/cell{number}"
        # What an earlier run of it said is not this one's.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{path}.out")
        with open(f"{path}.sh", "w", encoding="utf-8") as file:
            print(f"#!/bin/bash\n{shlex.join(command)}\necho ended $?", file=file)
        submit = self.alice("sbatch", "--parsable", "-o", f"{path}.out", *options, f"{path}.sh")
        job = subprocess.run(submit, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            output = read(f"{path}.out")
            lines = output.splitlines()
            if lines and ENDED.match(lines[-1]):
                return "\n".join(lines[:-1]) + "\n", int(lines[-1].split()[1])
            time.sleep(0.1)
        # It may have ended this moment.
        subprocess.run([self.cluster, "run", "scancel", "-Q", "--signal=KILL", "--full", job], check=False)
        return read(f"{path}.out"), None


def read(path):
    try:
        with open(path, "rb") as file:
            return cleaned(file.read())
    except FileNotFoundError:
        return ""


def cleaned(output):
    """PRRTE ends its words with a zero byte."""
    return output.replace(b"\0", b"").decode(errors="replace")
