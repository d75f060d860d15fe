# SPDX-License-Identifier: GPL-2.0-or-later
"""The processes that some processes start, and those start, by the kernel's process connector; needs root."""
import os
import select
import socket
import struct
import time

from measure import Unmeasured

NETLINK_CONNECTOR, CN_IDX_PROC, CN_VAL_PROC, LISTEN, DONE = 11, 1, 1, 1, 3  # linux/netlink.h, connector.h, cn_proc.h
FORK, EXIT = 1, 0x80000000
SO_RCVBUFFORCE, BUFFER = 33, 16 * 1024 * 1024
HEADERS = struct.calcsize("=IHHII IIIIHH")
SECONDS = 30


class Family:
    """Those below the processes of these ids, from now on."""

    def __init__(self, heads):
        self.members, self.alive, self.count = set(heads), set(), 0
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_CONNECTOR)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
        self.socket.bind((0, CN_IDX_PROC))
        self.socket.send(struct.pack("=IHHII IIIIHH I", HEADERS + 4, DONE, 0, 0, os.getpid(), CN_IDX_PROC,
                                     CN_VAL_PROC, 0, 0, 4, 0, LISTEN))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def learn(self, message):
        kind = struct.unpack_from("=I", message, HEADERS)[0]
        who = struct.unpack_from("=4I", message, HEADERS + 16) if len(message) >= HEADERS + 32 else ()
        if kind == FORK:
            _, parent, child, process = who
            if parent in self.members and child == process:  # no thread
                self.members.add(child)
                self.alive.add(child)
                self.count += 1
        elif kind == EXIT:
            self.alive.discard(who[0])

    def born(self, doing):
        """How many processes begin from when doing() is called until all of those have ended that began."""
        before, end = self.count, time.monotonic() + SECONDS
        doing()
        while select.select([self.socket], [], [], max(0, end - time.monotonic()) if self.alive else 0)[0]:
            try:
                self.learn(self.socket.recv(4096))
            except OSError as error:
                raise Unmeasured(f"the kernel could not tell of all processes: {error}") from error
        if self.alive:
            raise Unmeasured(f"processes {self.alive} do not end")
        return self.count - before
