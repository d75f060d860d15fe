# SPDX-License-Identifier: GPL-2.0-or-later
"""A private Slurm with accounting on which things are broken, and what is asked of it."""
import glob
import json
import os
import re
import signal
import subprocess
import sys
import time

ENV = {name: os.environ[name] for name in ("PREFIX", "PROGRAMS", "SOURCE", "NESTSAFE_CLUSTER_DIR")}
IN_SERVICE = {"idle", "mixed", "allocated", "completing"}


class Failure(Exception):
    """What was waited for did not come; its text says what."""


def until(condition, what, seconds=30):
    """As soon as condition() is true, its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"after {seconds} s not: {what}")
        time.sleep(0.1)


class Stage:
    def __init__(self, nodes=2, cpus=4):
        self.nodes = [f"n{number + 1}" for number in range(nodes)]
        self.size = ["--nodes", str(nodes), "--cpus", str(cpus)]
        self.directory = ENV["NESTSAFE_CLUSTER_DIR"]
        self.home = f"{self.directory}/home/alice"
        self.plugin = f"{ENV['PREFIX']}/lib/nestsafe/nestsafe.so"

    def __enter__(self):
        # So that __exit__ is called then.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        self.control("up", *self.size, "--accounting")
        return self

    def __exit__(self, *_):
        self.control("down")

    def control(self, *arguments):
        command = [f"{ENV['SOURCE']}/contrib/cluster/cluster", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def plugstack(self, *lines):
        """From the next step on."""
        file = f"{self.directory}/plugstack.next"
        with open(file, "w", encoding="utf-8") as text:
            print(*lines, sep="\n", file=text)
        self.control("plugstack", file)

    def nestsafe(self, arguments=""):
        return f"optional {self.plugin} {arguments}"

    def run(self, *command, user="root", node="control", seconds=90):
        """Returns what it printed, and its status (124 where it took longer)."""
        done = subprocess.run(
            ["timeout", "-k", "2", str(seconds), f"{ENV['SOURCE']}/contrib/cluster/cluster", "run"]
            + ["--node", node, "--user", user, "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            check=False,
        )
        return Result(done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"), done.returncode)

    def on_node(self, *command):
        """As root, on the node on which things break."""
        return self.run(*command, node="n1")

    def script(self, name, text):
        with open(f"{self.home}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(f"{self.home}/{name}", 0o755)

    def mark(self, name):
        """A file in alice's home, for a job of hers to see."""
        with open(f"{self.home}/{name}", "w", encoding="utf-8"):
            pass

    def marked(self, name):
        return until(lambda: os.path.exists(f"{self.home}/{name}"), f"the job has come to {name}", 60)

    def clear(self):
        for path in glob.glob(f"{self.home}/*"):
            os.unlink(path)

    # Daemons.

    def daemon(self, name):
        with open(f"{self.directory}/pid/{name}", encoding="utf-8") as file:
            return int(file.read())

    def signal(self, name, number):
        os.kill(self.daemon(name), number)

    def kill(self, name):
        self.signal(name, signal.SIGKILL)

    def restart(self, name):
        self.control("restart", name)

    def collectors(self, node="n1"):
        """The processes of a node's collector, its keeper first."""
        host = self.run("readlink", "/proc/self/ns/uts", node=node).output.strip()
        found = subprocess.run(
            ["pgrep", "-f", f"{ENV['PREFIX']}/libexec/nestsafe/nestsafe-collectd"],
            stdout=subprocess.PIPE, text=True, check=False,
        )
        pids = [pid for pid in map(int, found.stdout.split()) if link(f"/proc/{pid}/ns/uts") == host]
        return sorted(pids, key=lambda pid: parent(pid) in pids)

    def signal_collectors(self, number, which=slice(None)):
        for pid in self.collectors()[which]:
            os.kill(pid, number)

    def log_of_slurmd(self, node="n1"):
        with open(f"{self.directory}/log/slurmd.{node}.log", encoding="utf-8", errors="replace") as file:
            return file.read()

    # What Slurm says.

    def state_of(self, job):
        found = re.search(r" JobState=(\w+)", self.run("scontrol", "-o", "show", "job", job).output)
        return found.group(1) if found else None

    def ended(self, job, seconds=60):
        running = {"PENDING", "RUNNING", "COMPLETING", "CONFIGURING", None}
        until(lambda: self.state_of(job) not in running, f"job {job} has ended", seconds)

    def totals(self, job):
        """nestsafe's section in the job's record in slurmdbd; {} where there is none."""
        text = self.run("sacct", "-j", job, "-X", "-n", "-P", "-o", "AdminComment").output
        at = text.find("nestsafe:{")
        return json.JSONDecoder().raw_decode(text[at + 9 :])[0] if at >= 0 else {}

    def account_state(self, job):
        return self.run("sacct", "-j", job, "-X", "-n", "-P", "-o", "State,ExitCode").output.strip()

    def out_of_service(self):
        """The nodes that are, and why; one that slurmctld has not heard of since its start is not yet."""

        def settled():
            lines = self.run("sinfo", "-h", "-N", "-o", "%N %T %E").output.splitlines()
            return lines if lines and not any(line.split()[1] == "unknown" for line in lines) else None

        lines = until(settled, "the state of all nodes is known")
        return sorted({line for line in lines if line.split()[1].rstrip("*$~#") not in IN_SERVICE})

    def put_in_service(self):
        for line in self.out_of_service():
            self.run("scontrol", "update", f"NodeName={line.split()[0]}", "State=RESUME")
        until(lambda: not self.out_of_service(), "all nodes are in service again")


class Result:
    def __init__(self, output, error, status):
        self.output = output
        self.error = error
        self.status = status


def parent(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except OSError:
        return None


def link(path):
    try:
        return os.readlink(path)
    except OSError:
        return None
