/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a program's file, looked into once: by device, inode, size and time of change.
 */
#ifndef NESTSAFE_WATCH_PROGRAM_H
#define NESTSAFE_WATCH_PROGRAM_H

#include "elf.h"
#include "identity.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct program_key {
    uint64_t device;
    uint64_t inode;
    uint64_t size;
    int64_t seconds; /* of the last change of its inode */
    uint64_t nanoseconds;
};

struct program {
    struct program_key key;
    struct build_id id; /* length 0: none, or not to be read */
    bool root_only;     /* nobody but root could have written it */
    /* Of programs that program_study has seen: */
    bool studied;
    bool
        trusted; /* it is also in the node's own file system, not just in a container of a user's */
    enum flavour flavour;
    char version[IDENTITY_VERSION];
};

/* What path (such as /proc/PID/exe), or a handle, stands for: read from the file where it is new.
 * Returns what stays valid until the next call or program_forget; or NULL with errno. */
struct program *program_at(const char *path);
struct program *program_of(int handle);

/* Find out flavour and version, for launchers only, as it reads all of the file. root: a handle on
 * "/" of the process; name: the file's, in there, as the kernel shows it. */
void program_study(struct program *program, int handle, int root, const char *name);

void program_forget(void);

#endif
