#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A collector for tests: note each message in RUNDIR/heard, a line each, until one says "stop"."""
import socket
import sys

rundir = sys.argv[1].split("=", 1)[1]
listener = socket.socket(fileno=3)
text = b""
while text != b"stop":
    text, descriptors, _, _ = socket.recv_fds(listener, 4096, 1)
    with open(rundir + "/heard", "ab") as heard:
        heard.write(text.strip() + b"\n")
    for descriptor in descriptors:
        socket.close(descriptor)
