/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of jobs on their way through nestsafe audit. The first line says by what; then four lines
 * a job: its user, account, partition, and the text of its field. */
#include "fuzz.h"

#include "audit/fold.h"
#include "audit/report.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void check_group(const struct group *group)
{
    uint64_t outcomes[OUTCOMES];
    uint64_t sum = 0;
    group_outcomes(group, outcomes);
    for (size_t i = 0; i < OUTCOMES; i++)
        sum += outcomes[i];
    REQUIRE(sum == group->totals.launches && sum <= INT64_MAX);
    REQUIRE(group->unrepaired <= group->totals.launches);
    REQUIRE(!group->key || fuzz_is_printable(group->key));
}

static void check_form(const struct fold *fold, const struct options *options,
                       int (*report)(FILE *to, const struct fold *fold,
                                     const struct options *options),
                       const char *lines)
{
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);
    REQUIRE(to && report(to, fold, options) == 0 && fclose(to) == 0);
    REQUIRE(length > 0 && strlen(text) == length);
    for (const char *at = text; *at; at++)
        REQUIRE((unsigned char)*at >= ' ' || strchr(lines, *at));
    if (report == report_json) {
        json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        REQUIRE(json);
        json_decref(json);
    }
    /* Nothing of a user's begins a tag. */
    if (report == report_html)
        REQUIRE(!strstr(text, "<x") && !strstr(text, "<X"));
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_lines lines;
    struct fold fold;
    fuzz_lines(&lines, data, size);
    const char *by = lines.count ? lines.list[0] : "";
    struct options options = {.by = (enum audit_by)((unsigned char)*by % BYS),
                              .all_users = true,
                              .start = 1759900000,
                              .end = 1760100000};
    fold_begin(&fold, options.by);
    for (size_t i = 1; i + 3 < lines.count; i += 4) {
        const struct audit_job job = {.user = lines.list[i],
                                      .account = lines.list[i + 1],
                                      .partition = lines.list[i + 2],
                                      .text = lines.list[i + 3],
                                      .cpus = 4,
                                      .elapsed = 3600,
                                      .start = 1760000000,
                                      .end = 1760003600};
        REQUIRE(fold_add(&fold, &job) == 0);
    }
    fold_sort(&fold);
    check_group(&fold.all);
    for (size_t i = 0; i < fold.groups.count; i++)
        check_group(fold.groups.list[i]);
    REQUIRE(fold.unreadable <= fold.seen && fold.all.jobs <= fold.seen);
    check_form(&fold, &options, report_table, "\n");
    check_form(&fold, &options, report_csv, "\r\n");
    check_form(&fold, &options, report_json, "\n");
    check_form(&fold, &options, report_html, "\n");
    fold_end(&fold);
    fuzz_lines_free(&lines);
    return 0;
}
