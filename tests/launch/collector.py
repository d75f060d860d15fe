# SPDX-License-Identifier: GPL-2.0-or-later
"""Run a command while listening as a node's collector does; after its own output and its status,
print each report it caused, on a line: the kernel's word on who sent it, then KEY=VALUE."""
import os
import socket
import struct
import subprocess
import sys

rundir = os.path.join(os.getcwd(), "run")
os.mkdir(rundir)
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
listener.bind(os.path.join(rundir, "collector.sock"))
listener.setblocking(False)
status = subprocess.run(sys.argv[1:], env=dict(os.environ, NESTSAFE_RUNDIR=rundir)).returncode
print(f"status {status}")
while True:
    try:
        # A report is sent before its launch goes on, so all have come.
        text, extra, _, _ = listener.recvmsg(4096, socket.CMSG_SPACE(12))
    except BlockingIOError:
        break
    sender = struct.unpack("iii", extra[0][2])[0]
    words = text.decode().split("\n")
    print("own" if f"pid={sender}" in words else "another's", *words)
