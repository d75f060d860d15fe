/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Incidents as JSON: for the log of records, and for the collector's own journal. */
#ifndef NESTSAFE_COLLECT_RECORD_H
#define NESTSAFE_COLLECT_RECORD_H

#include "core/incident.h"

#include <jansson.h>

/* The record as docs/records.md describes it. cluster may be NULL (not known). The caller decrefs
 * it; NULL with errno ENOMEM. */
json_t *record_to_json(const struct incident *incident, const char *cluster);

/* Read one back; what is missing stays zero. Returns 0, or -1 with errno EINVAL. */
int record_from_json(struct incident *incident, const json_t *json);

/* "2026-11-26T05:22:40.123456Z" for microseconds since 1970. Returns text. */
const char *record_time(char text[40], int64_t microseconds);

#endif
