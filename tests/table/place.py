# SPDX-License-Identifier: GPL-2.0-or-later
"""The private Slurm in which cells run: nodes are handed out by the group, so that no job queues."""
import concurrent.futures
import os
import queue
import shlex
import subprocess
import time

from cells import TUNING, start

DEADLINE = 45  # of a cell; a nested launch has its own, of which the outer program sees to


class Place:
    def __init__(self, groups, size=2, alias=False):
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
        return self

    def __exit__(self, *_):
        self.control("down")

    def control(self, *arguments):
        subprocess.run([self.cluster, *arguments], check=True, stdout=subprocess.DEVNULL)

    def alice(self, *command):
        settings = [word for name, value in TUNING.items() for word in ("--env", f"{name}={value}")]
        return [self.cluster, "run", "--user", "alice", *settings, "--", *command]

    def run_all(self, cells, done, again):
        """Runs cells, as many at a time as there are groups; done(cell, output, status, seconds) for each.

        A run of which again(cell, output, status) is true counts as none, for two times at most.
        """
        with concurrent.futures.ThreadPoolExecutor(self.groups) as pool:
            waiting = {pool.submit(self.run, number, cell, again): cell for number, cell in enumerate(cells)}
            for future in concurrent.futures.as_completed(waiting):
                done(waiting[future], *future.result())

    def run(self, number, cell, again):
        """(output, exit status or None where the deadline passed, seconds)"""
        nodes = self.free.get()
        began = time.monotonic()
        try:
            options, command = start(cell, self.programs, nodes, self.places(nodes))
            as_job = self.batch if cell.way == "mpirun" else self.step
            for left in (2, 1, 0):
                result = as_job(number, options, command)
                if cell.before or not left or not again(cell, *result):
                    break
            return (*result, time.monotonic() - began)
        finally:
            self.free.put(nodes)

    def places(self, nodes):
        """What the words in braces of cells.py mean."""
        hostfile = f"{self.home}/hosts.{nodes[0]}"
        with open(hostfile, "w", encoding="utf-8") as file:
            print(nodes[1], file=file)
        return {"second": nodes[1], "hostfile": hostfile, "no_ssh": f"{self.home}/without-ssh"}

    def without_ssh(self):
        """A directory for PATH with all that /usr/bin has but the ways to other hosts."""
        os.mkdir(f"{self.home}/without-ssh")
        for name in os.listdir("/usr/bin"):
            if name not in ("ssh", "rsh", "slogin", "qrsh"):
                os.symlink(f"/usr/bin/{name}", f"{self.home}/without-ssh/{name}")

    def step(self, _number, options, command):
        limit = ["timeout", "-k", "2", str(DEADLINE)]
        done = subprocess.run(
            [*limit, *self.alice("srun", *options, *command)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return done.stdout.decode(errors="replace"), None if done.returncode in (124, 137) else done.returncode

    def batch(self, number, options, command):
        """A batch job: no step is around its mpirun. Its last line says how it ended."""
        path = f"{self.home}/cell{number}"
        with open(f"{path}.sh", "w", encoding="utf-8") as file:
            print(f"#!/bin/bash\n{shlex.join(command)}\necho ended $?", file=file)
        submit = self.alice("sbatch", "--parsable", "-o", f"{path}.out", *options, f"{path}.sh")
        job = subprocess.run(submit, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            output = read(f"{path}.out")
            lines = output.splitlines()
            if lines and lines[-1].startswith("ended "):
                return "\n".join(lines[:-1]) + "\n", int(lines[-1].split()[1])
            time.sleep(0.1)
        # It may have ended this moment.
        subprocess.run([self.cluster, "run", "scancel", "-Q", "--signal=KILL", "--full", job], check=False)
        return read(f"{path}.out"), None


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""
