/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which program a process runs: no launcher, one of nestsafe's doors, or a launcher of which MPI.
 */
#ifndef NESTSAFE_WATCH_IDENTITY_H
#define NESTSAFE_WATCH_IDENTITY_H

#include "core/flavour.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { IDENTITY_VERSION = 24 };

struct identity {
    bool launcher;                  /* else all below is empty */
    bool door;                      /* nestsafe-launch under a launcher's name */
    enum flavour flavour;           /* FLAVOUR_UNKNOWN for a launcher that says nothing of itself */
    char version[IDENTITY_VERSION]; /* "4.1.4", or "" */
    char path[512];                 /* of the program, or of the script; as the kernel shows it */
};

/*
 * Look at a process just after an exec, by /proc/PID: the file it runs, its name, and, for a script
 * or a program that was started through ld.so, its arguments. A copy or a hard link of a launcher
 * under another name is one by its build id; one that only this user can have put there makes
 * launchers of this user's processes only. A file is looked into once (by device, inode, size and
 * time of change). Nothing is executed, and no more than a bounded part of a file read.
 * The version is the launcher's own: mpirun of Open MPI 5 tells Open MPI's, and prterun, which it
 * becomes, PRRTE's, so of the two execs of one process the first tells more.
 * doors: the real path of nestsafe-launch.
 * Returns 0, or -1 with errno ESRCH where the process has ended (also for a thread of the kernel),
 * or EACCES; then identity is empty.
 */
int identity_of(pid_t pid, const char *doors, struct identity *identity);

/* The same for an absolute path, as a door, or somebody who claims to be one, reports it. Without
 * the path being in the kernel's memory, as it is after an exec, only its name counts: looking for
 * it could mount something, or wait for a file server. */
void identity_of_file(const char *path, struct identity *identity);

/* Learn the build ids of the launchers in the standard directories. */
void identity_begin(void);

/* Forget everything. */
void identity_end(void);

#endif
