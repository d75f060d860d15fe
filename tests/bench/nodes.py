#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""nodes.py DIRECTORY LIBRARY JOB UID PORT COUNT NODE...: the last step of a job of COUNT nodes, on these nodes of it.

Each has a collector of its own, below DIRECTORY, and one nested launch that fails. Says when all collectors listen; then,
told to by a line, has the launches begin and end and the step with them, on all nodes at once; ends at the end of its input.
"""
import contextlib
import os
import resource
import sys

from stepd import Collector, Step


def reported(steps, uid):
    """By a child, as what a step starts is never slurmstepd itself."""
    pid = os.fork()
    if pid == 0:
        os.setgid(uid)
        os.setuid(uid)
        for step in steps:
            for report in step.reports():
                step.send(f"{report}pid={os.getpid()}\nstart=0\n")
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def main():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # each step waits with a pipe
    directory, library = sys.argv[1:3]
    job, uid, port, count = map(int, sys.argv[3:7])
    # "n1" or "node1" is the first.
    steps = [Step(f"{directory}/{node}", node, job=job, uid=uid, nodes=count, index=int(node.strip("node")) - 1, port=port,
                  accounting="admin_comment") for node in sys.argv[7:]]
    with contextlib.ExitStack() as stack:
        for step in steps:
            stack.enter_context(Collector(step, "env", f"LD_PRELOAD={library}")).listens()
        for step in steps:
            step.register()
        print("ready", flush=True)
        sys.stdin.readline()
        if not reported(steps, uid):
            return 1
        for step in steps:
            step.flush()
        sys.stdin.read()
    return 0


sys.exit(main())
