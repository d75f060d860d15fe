# SPDX-License-Identifier: GPL-2.0-or-later
"""A private Slurm for the cells that need one."""
import os
import subprocess

from measure import Unmeasured
from place import PREFIX, SOURCE

COMMAND = f"{SOURCE}/contrib/cluster/cluster"
PLUGIN = f"{PREFIX}/lib/nestsafe/nestsafe.so"


class Cluster:
    """Up while a with statement lasts; plugstacks: {name: lines}, of which use() chooses one."""

    def __init__(self, plugstacks, *options):
        self.directory = os.environ["NESTSAFE_CLUSTER_DIR"]
        self.options = options
        self.files = {}
        for name, lines in plugstacks.items():
            self.files[name] = f"{self.directory}.{name}.conf"
            with open(self.files[name], "w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)

    def __enter__(self):
        self.control("up", *self.options)
        return self

    def __exit__(self, *_):
        self.control("down")
        for file in self.files.values():
            os.unlink(file)

    @staticmethod
    def control(*arguments):
        run = subprocess.run([COMMAND, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             check=False)
        if run.returncode != 0:
            raise Unmeasured(f"cluster {' '.join(arguments)}: {run.stderr[-300:]}")
        return run.stdout

    def use(self, name):
        self.control("plugstack", self.files[name])

    def daemon(self, name):
        """Its process id."""
        with open(f"{self.directory}/pid/{name}", encoding="utf-8") as file:
            return int(file.read())

    @staticmethod
    def run(*command, user="alice"):
        """The words that run a command there."""
        return [COMMAND, "run", "--user", user, "--", *command]
