/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report as CSV (RFC 4180): a header, and a row for each group. */
#include "report.h"

#include <inttypes.h>
#include <string.h>

/* Spreadsheets take what begins so for a formula; an apostrophe makes it text for them. */
static void field(FILE *to, const char *text)
{
    fputs(*text && strchr("=+-@", *text) ? "\"'" : "\"", to);
    for (; *text; text++) {
        if (*text == '"')
            putc('"', to);
        putc(*text, to);
    }
    putc('"', to);
}

int report_csv(FILE *to, const struct fold *fold, const struct options *options)
{
    (void)options;
    fprintf(to,
            "%s,jobs,launches,repaired,denied,bypassed,failed,unrepaired,preventable,core_hours,"
            "top_class\r\n",
            by_name(fold->by));
    for (size_t i = 0; i < fold->groups.count; i++) {
        const struct group *group = fold->groups.list[i];
        const struct totals *totals = &group->totals;
        const char *class = group_class(group);
        field(to, group->key);
        fprintf(to,
                ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
                ",%" PRIu64 ",%.2f,",
                group->jobs, totals->launches, totals->repaired, totals->denied, totals->bypassed,
                totals->failed, group->unrepaired, totals->preventable,
                (double)group->core_seconds / 3600);
        field(to, class ? class : "");
        fputs("\r\n", to);
    }
    return 0;
}
