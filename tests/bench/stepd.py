# SPDX-License-Identifier: GPL-2.0-or-later
"""This process in the place of a slurmstepd, for a collector that it has started: it registers a step, its children
report nested launches of that step, and it waits until those are recorded."""
import json
import os
import socket
import subprocess
import time

from measure import Unmeasured
from place import PREFIX

COLLECTOR = f"{PREFIX}/libexec/nestsafe/nestsafe-collectd"
LAUNCHER = "/usr/bin/mpirun"
FAILED = 256  # exit status 1, as wait(2) has it
SECONDS = 60


def started(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rsplit(")", 1)[1].split()[19]


def lines(values):
    return "".join(f"{key}={value}\n" for key, value in values.items())


class Step:
    """A step on a node whose collector has these directories."""

    def __init__(self, directory, node="n1", **settings):
        self.rundir, self.spool = f"{directory}/run", f"{directory}/spool"
        self.socket = f"{self.rundir}/collector.sock"
        self.name = f"{os.getpid()}.{started(os.getpid())}"
        self.settings = {"job": 1, "step": 0, "restart": 0, "uid": os.getuid(), "nodes": 1, "mode": "auto", "asked": 0,
                         "notify": 0, "accounting": "none", "port": 0, "node": node, "log": "", "spool": self.spool,
                         **settings}
        os.makedirs(f"{self.rundir}/steps", 0o700)

    def register(self):
        with open(f"{self.rundir}/steps/{self.name}", "w", encoding="utf-8") as file:
            file.write(lines(self.settings))

    def reports(self):
        """What a repaired launch says when it begins, and when it ends; less its process, which it adds."""
        begin = {"nestsafe": "begin", "door": "path", "decision": 3, "mode": self.settings["mode"], "scope": "node",
                 "outer": 4, "depth": 1, "unset": 50, "restored": 10, "kept": 10, "set": 10, "hazards": 1,
                 "job": self.settings["job"], "step": 0, "rank": 0, "launcher": LAUNCHER}
        return lines(begin), lines({"nestsafe": "end", "status": FAILED})

    def command(self):
        """The collector's."""
        return [COLLECTOR, f"--rundir={self.rundir}", f"--spool={self.spool}", f"--port={self.settings['port']}",
                "--foreground"]

    def send(self, text, *descriptors):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.connect(self.socket)
            socket.send_fds(end, [text.encode()], descriptors)

    def flush(self):
        """Returns the end of a pipe that closes once all that happened is recorded."""
        ours, theirs = os.pipe()
        self.send(f"flush={self.name}\n", theirs)
        os.close(theirs)
        return ours

    def flushed(self):
        pipe = self.flush()
        os.read(pipe, 1)
        os.close(pipe)

    def totals(self):
        """The totals that the collector keeps of this node."""
        try:
            with open(f"{self.spool}/jobs/{self.settings['job']}.{self.settings['restart']}", encoding="utf-8") as file:
                return json.load(file)["nodes"].get(self.settings["node"], {})
        except FileNotFoundError:
            return {}


class Collector:
    """Of a step; runs while a with statement lasts. before: words of a program that starts it."""

    def __init__(self, step, *before):
        self.step = step
        self.process = subprocess.Popen([*before, *step.command()], stdin=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def listens(self):
        """As soon as it does."""
        end = time.monotonic() + SECONDS
        while not os.path.exists(self.step.socket):
            if self.process.poll() is not None or time.monotonic() > end:
                raise Unmeasured("a collector has not begun to listen")
            time.sleep(0.01)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def cpu(self):
        """Seconds of CPU that it has taken."""
        with open(f"/proc/{self.process.pid}/schedstat", encoding="utf-8") as file:
            return int(file.read().split()[0]) / 1e9
