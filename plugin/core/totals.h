/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Totals: what a job's incidents add up to, on one node or on all of them. */
#ifndef NESTSAFE_CORE_TOTALS_H
#define NESTSAFE_CORE_TOTALS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TALLY_KINDS = 12, TALLY_NAME = 24 };
#define TALLY_OTHER "other"

/* Counts by name: launches of each flavour, of each class of failure, of each mode. What comes
 * after the table is full counts as "other", its last row, so that the sum stays right. Counts and
 * sums end at INT64_MAX. */
struct tally {
    char names[TALLY_KINDS][TALLY_NAME]; /* "" ends it */
    uint64_t counts[TALLY_KINDS];
};

struct totals {
    uint64_t launches; /* nested launches in all; each of those below is a part of it */
    uint64_t repaired;
    uint64_t denied;       /* refused by nestsafe */
    uint64_t bypassed;     /* were to be repaired, and did not pass through nestsafe */
    uint64_t failed;       /* ended with another status than 0 */
    uint64_t preventable;  /* failed, only watched, in a way that a repair would have prevented */
    struct tally flavours; /* "openmpi", "prrte", "hydra", … */
    struct tally classes;  /* of the failure that an unrepaired launch meets: "silent-exit", … */
    struct tally modes;    /* "audit", "auto", … */
    int64_t first;         /* seconds since 1970 of the first and the last launch; 0: none */
    int64_t last;
};

/* Count amount more of name; a name longer than TALLY_NAME - 1 is cut, "" is "other", and what is
 * neither an ASCII letter or digit nor one of -_.+ becomes '_'. */
void tally_add(struct tally *tally, const char *name, uint64_t amount);

/* How many names it has. */
size_t tally_rows(const struct tally *tally);

/* Add what is in more. */
void totals_add(struct totals *totals, const struct totals *more);

/* The same counts, of the same names in the same order, and the same times. */
bool totals_equal(const struct totals *a, const struct totals *b);

/* As a JSON object with the keys of docs/records.md: "launches", "repaired", "denied", "bypassed",
 * "failed", "preventable", "flavours", "classes", "modes", "first", "last" (numbers). The caller
 * decrefs it; NULL with errno ENOMEM. */
json_t *totals_to_json(const struct totals *totals);

/* The same for a tally: its counts by name. */
json_t *tally_to_json(const struct tally *tally);

/* Read such an object, which may come from anybody: unknown keys are passed over, missing ones are
 * 0. Returns 0, or -1 with errno EINVAL (no object, or a value of the wrong kind or negative). */
int totals_from_json(struct totals *totals, const json_t *json);

#endif
