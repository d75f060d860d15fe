/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record of an incident, as a line of a journal that a crash may have left in any state. */
#include "fuzz.h"

#include "collect/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct incident incident, again;
    char line[1024];
    json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    if (!json)
        return 0;
    if (record_from_json(&incident, json) != 0) {
        REQUIRE(errno == EINVAL);
        json_decref(json);
        return 0;
    }
    json_decref(json);
    REQUIRE(incident.process.pid > 0 && incident.flavour < FLAVOURS && incident.deed < DEEDS);
    REQUIRE(fuzz_is_printable(incident.node) && fuzz_is_printable(incident.version));
    REQUIRE(fuzz_is_printable(incident.launcher));
    REQUIRE(fuzz_is_printable(incident_line(&incident, line, sizeof(line))));

    json = record_to_json(&incident, NULL);
    REQUIRE(json);
    char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(json);
    REQUIRE(text && fuzz_is_printable(text));
    json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    REQUIRE(json && record_from_json(&again, json) == 0);
    REQUIRE(again.process.pid == incident.process.pid && again.began == incident.began);
    REQUIRE(again.process.start == incident.process.start && again.job == incident.job);
    REQUIRE(again.step == incident.step && again.uid == incident.uid &&
            again.mode == incident.mode);
    REQUIRE(again.rank == incident.rank && again.depth == incident.depth);
    REQUIRE(again.deed == incident.deed && again.flavour == incident.flavour);
    REQUIRE(again.outer == incident.outer && again.hazards == incident.hazards);
    REQUIRE(strcmp(again.launcher, incident.launcher) == 0 && again.seen == incident.seen);
    REQUIRE(strcmp(again.version, incident.version) == 0);
    REQUIRE(!again.ended == !incident.ended);
    json_decref(json);
    free(text);
    return 0;
}
