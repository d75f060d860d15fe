/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An incident: the record of one nested launch, from its start to its exit status. */
#ifndef NESTSAFE_CORE_INCIDENT_H
#define NESTSAFE_CORE_INCIDENT_H

#include "flavour.h"
#include "nesting.h"
#include "report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum deed {
    DEED_RECORDED, /* the job was only watched */
    DEED_REPAIRED,
    DEED_DENIED,   /* nestsafe refused it, as the job asked or as it was too deep */
    DEED_BYPASSED, /* was to be repaired or refused, and did not pass through nestsafe */
    DEEDS
};

/* By whom it was seen: any of these. */
enum { SEEN_PATH = 1, SEEN_GUARD = 2, SEEN_KERNEL = 4 };

struct incident {
    struct process process;
    int64_t began; /* microseconds since 1970 */
    int64_t ended; /* 0: not yet */
    uint32_t job;
    uint32_t step; /* as SPANK numbers it */
    uint32_t restart;
    uint32_t uid;
    long rank;      /* as the outer job numbers it, -1 where it has no number */
    unsigned depth; /* launchers that stand above */
    enum outer outer;
    enum mode mode;
    enum scope scope; /* of a repair */
    enum deed deed;
    unsigned seen;
    enum flavour flavour;
    unsigned hazards; /* what an unrepaired launch would meet, 1 << position; see hazard_at() */
    unsigned counts[CHANGE_KINDS];
    bool status_known;
    int status; /* as wait(2) gives it */
    char node[256];
    char version[24];
    char launcher[REPORT_PATH_MAX];
};

/* The failure that it met or would have met; "none" where nothing stood in its way. */
const char *incident_class(const struct incident *incident);

/* True for one that ended, and not with exit status 0. */
bool incident_failed(const struct incident *incident);

/* True for a failure in a watched job that nestsafe, asked to repair, would have prevented. */
bool incident_preventable(const struct incident *incident);

/* "exit:1", "signal:9", "running", "unknown". */
const char *incident_status(const struct incident *incident, char text[16]);

/* "12.0", "12.batch", "12.interactive". */
const char *incident_step(const struct incident *incident, char text[32]);

/* One line for a log, without a line end and with no character of the user's that could begin
 * another one or look like another field. Returns text. */
const char *incident_line(const struct incident *incident, char *text, size_t size);

const char *deed_name(enum deed deed);
/* "path", "guard", "kernel", joined by '+'. */
const char *seen_names(unsigned seen, char text[32]);

/* "singleton", "openmpi", "hydra", "srun", "step", "none": outer as a word for records. */
const char *outer_word(enum outer outer);

#endif
