/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The section "nestsafe:{…}" in a field of a job's record that other tools use too. */
#ifndef NESTSAFE_CORE_SECTION_H
#define NESTSAFE_CORE_SECTION_H

#include "totals.h"

#include <stdbool.h>
#include <stddef.h>

/* The most bytes of a section, without what separates it from other text. */
enum { SECTION_MAX = 512 };

/* A section that was read. */
struct section {
    struct totals totals;
    char nodes[SECTION_MAX]; /* as a Slurm host list, "n[1-4]" */
};

/*
 * Make a section of totals and the host list of the nodes that they come from:
 *
 *   nestsafe:{"v":1,"launches":80,"repaired":0,"denied":0,"bypassed":0,"failed":80,
 *   "preventable":80,"nodes":"n[1-4]","mode":"audit","flavours":{"openmpi":80},
 *   "classes":{"silent-exit":80},"first":"2026-11-26T05:22:40Z",
 *   "last":"2026-11-26T05:23:01Z"}
 *
 * without blanks. "mode" is the mode of all launches, or "mixed". Counts always stay exact; where
 * it would be longer than max (at most SECTION_MAX), first classes, then flavours are folded into
 * "other", name by name from the smallest; where that does not suffice, the host
 * list becomes "N nodes" and nothing is folded that then has room.
 * Returns the section to free, or NULL with errno ENOMEM, or EMSGSIZE where max is too small.
 */
char *section_make(const struct totals *totals, const char *nodes, size_t node_count, size_t max);

/* Find the first section in text: where it begins and how long it is. It stands at the beginning or
 * behind a blank or one of ",;|", and is a whole JSON object with a number "v"; all else is other
 * people's text, whatever it looks like. False: there is none. */
bool section_find(const char *text, size_t *begin, size_t *length);

/* Read the section in a text (NULL: none). Returns 1, or 0 where there is none, or -1 with errno
 * EINVAL where something begins like a section that this release cannot read. */
int section_read(struct section *section, const char *text);

/* The text with this section in place of the one it has, or behind it, separated by a blank; all
 * else is kept byte for byte. text may be NULL. Returns memory to free, or NULL with errno ENOMEM.
 */
char *section_put(const char *text, const char *section);

/* How long a section may be so that text with it is no longer than limit bytes; 0: no room. */
size_t section_room(const char *text, size_t limit);

#endif
