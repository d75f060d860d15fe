/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A step and a nested launch, as the collector's tests need them. */
#ifndef NESTSAFE_TESTS_UNIT_SAMPLES_H
#define NESTSAFE_TESTS_UNIT_SAMPLES_H

#include "core/incident.h"
#include "core/stepfile.h"

#include <string.h>

/* Of a watched job; on this node, with the spool that the test chooses. */
static inline struct stepfile sample_step(uint32_t job)
{
    return (struct stepfile){
        .job = job,
        .step = 0,
        .uid = 60001,
        .nodes = 1,
        .mode = MODE_AUDIT,
        .notify = true,
        .accounting = ACCOUNTING_ADMIN_COMMENT,
        .port = 868,
        .node = "n1",
        .log = "slurmd",
    };
}

/* That has not ended. */
static inline struct incident sample_incident(long pid)
{
    return (struct incident){
        .process = {pid, 1000},
        .began = 1795670560123456,
        .job = 12,
        .uid = 60001,
        .rank = -1,
        .depth = 1,
        .outer = OUTER_SRUN,
        .mode = MODE_AUDIT,
        .deed = DEED_RECORDED,
        .seen = SEEN_KERNEL,
        .flavour = FLAVOUR_OPENMPI,
        .hazards = 1, /* silent-exit */
        .node = "n1",
        .version = "4.1.4",
        .launcher = "/usr/bin/mpirun",
    };
}

/* That has failed in the way that nestsafe would have prevented. */
static inline struct incident sample_failure(long pid)
{
    struct incident incident = sample_incident(pid);
    incident.ended = incident.began + 1234567;
    incident.status_known = true;
    incident.status = 1 << 8;
    return incident;
}

#endif
