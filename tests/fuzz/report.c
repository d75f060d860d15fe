/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The datagram of a launch: what anybody may send to the collector. */
#include "fuzz.h"

#include "core/incident.h"
#include "core/report.h"

#include <errno.h>
#include <string.h>

/* What is logged of it is one line, of which the user's part is in quotes at the end. */
static void check_line(const struct report *report)
{
    char text[1024];
    struct incident incident = {.process = report->process,
                                .depth = report->depth,
                                .rank = report->rank,
                                .mode = report->mode,
                                .outer = report->outer,
                                .hazards = report->hazards,
                                .job = report->job,
                                .step = (uint32_t)report->step,
                                .seen = SEEN_PATH,
                                .status_known = true,
                                .status = report->status,
                                .ended = 1};
    strcpy(incident.launcher, report->launcher);
    strncpy(incident.version, report->launcher, sizeof(incident.version) - 1);
    incident_line(&incident, text, sizeof(text));
    REQUIRE(fuzz_is_printable(text) && strncmp(text, "nested launch: job=", 19) == 0);
    const char *launcher = strstr(text, " launcher=\"");
    REQUIRE(launcher && strchr(launcher + 11, '"') == text + strlen(text) - 1);
    size_t equals = 0;
    for (const char *at = text; at < launcher; at++)
        equals += *at == '=';
    REQUIRE(equals == 11);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct report report, again;
    char text[REPORT_MAX];
    if (report_parse(&report, (const char *)data, size) != 0) {
        REQUIRE(errno == EINVAL);
        return 0;
    }
    REQUIRE(report.process.pid > 0 && report.kind <= REPORT_END);
    REQUIRE(memchr(report.launcher, '\0', sizeof(report.launcher)));
    size_t length = report_format(text, &report);
    REQUIRE(length > 0 && length < REPORT_MAX && !memchr(text, '\0', length));
    REQUIRE(report_parse(&again, text, length) == 0);
    REQUIRE(again.kind == report.kind && again.process.pid == report.process.pid);
    REQUIRE(again.process.start == report.process.start);
    if (report.kind == REPORT_BEGIN) {
        REQUIRE(again.decision == report.decision && again.mode == report.mode);
        REQUIRE(again.scope == report.scope && again.outer == report.outer);
        REQUIRE(again.depth == report.depth && again.hazards == report.hazards);
        REQUIRE(again.job == report.job && again.step == report.step);
        REQUIRE(again.rank == report.rank && again.door == report.door);
        REQUIRE(memcmp(again.counts, report.counts, sizeof(report.counts)) == 0);
        REQUIRE(strlen(again.launcher) == strlen(report.launcher));
        REQUIRE(fuzz_is_printable(again.launcher));
    } else {
        REQUIRE(again.status == report.status);
    }
    check_line(&report);
    return 0;
}
