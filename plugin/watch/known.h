/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Build ids of launchers, by which copies of them are known under any name. */
#ifndef NESTSAFE_WATCH_KNOWN_H
#define NESTSAFE_WATCH_KNOWN_H

#include "elf.h"
#include "identity.h"

#include <stdbool.h>
#include <sys/types.h>

/* In whose processes a build id counts: a user may call anything mpirun, a copy of bash for one,
 * and that must not make launchers of other users' programs. */
#define KNOWN_TO_ALL ((uid_t)-1)

struct known {
    struct build_id id;
    uid_t uid; /* or KNOWN_TO_ALL */
    enum flavour flavour;
    char version[IDENTITY_VERSION];
};

/* Remember a launcher (copied). Of those that count for all, and of the others, only the last ones
 * are kept, a fixed number of each. */
void known_add(const struct known *known);

/* True if there may be one of this build id, whoever it counts for. */
bool known_has(const struct build_id *id);

/* The launcher of this build id that counts in processes of uid, or NULL. */
const struct known *known_find(const struct build_id *id, uid_t uid);

void known_forget(void);

#endif
