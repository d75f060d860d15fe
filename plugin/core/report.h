/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a launch that passed through nestsafe tells the node's collector about itself: one datagram
 * when it begins, and one when it ends if it can. */
#ifndef NESTSAFE_CORE_REPORT_H
#define NESTSAFE_CORE_REPORT_H

#include "decision.h"
#include "mode.h"
#include "nesting.h"
#include "plan.h"

#include <stddef.h>

/* The most that a report may take, and that the collector reads of one. */
enum { REPORT_MAX = 2048, REPORT_PATH_MAX = 512 };

enum report_kind { REPORT_BEGIN, REPORT_END };

/* By which way the launch came to nestsafe. */
enum door { DOOR_PATH, DOOR_GUARD };

struct report {
    enum report_kind kind;
    struct process process; /* the launch, as its trail names it */

    /* Of REPORT_BEGIN. */
    enum door door;
    enum decision decision; /* REPAIR, DENY or DEPTH: others are not reported */
    enum mode mode;
    enum scope scope;
    enum outer outer;
    unsigned depth; /* launchers above this one */
    unsigned counts[CHANGE_KINDS];
    unsigned hazards; /* 1 << index of each hazard present, see hazard_at() */
    unsigned job;     /* as the environment has them, 0 and -1 where it has not; */
    long step;        /* for a launch that is gone before its ancestors can be looked at */
    long rank;        /* as the outer job numbers it, or -1 */
    char launcher[REPORT_PATH_MAX]; /* path of the real launcher, "" where it is not known */

    /* Of REPORT_END: as wait(2) gives it. */
    int status;
};

/* Write a report as text, "KEY=VALUE" lines, that report_parse understands; no NUL is counted.
 * Control characters in the path become '?'. Returns the length; it always fits in REPORT_MAX. */
size_t report_format(char text[REPORT_MAX], const struct report *report);

/* Read what report_format wrote, or what anybody else sent: length bytes, which may hold anything.
 * Unknown keys are passed over, so that a newer nestsafe-launch is understood.
 * Returns 0, or -1 with errno EINVAL. */
int report_parse(struct report *report, const char *text, size_t length);

/* Fill in what a verdict knows of a launch: outer, rank, hazards. */
void report_verdict(struct report *report, const struct verdict *verdict);

#endif
