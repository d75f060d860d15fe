/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report as OpenMetrics 1.0, for Prometheus. Everything is a gauge: a period moves on, and what
 * is counted in it goes down as well as up. Without counters the text is also of Prometheus' older
 * format, which node_exporter reads from files. */
#include "report.h"

#include <inttypes.h>
#include <stddef.h>

/* Metric families begin with their metadata and are not interrupted. */
static void family(FILE *to, const char *name, const char *unit, const char *help)
{
    fprintf(to, "# TYPE %s gauge\n", name);
    if (unit)
        fprintf(to, "# UNIT %s %s\n", name, unit);
    fprintf(to, "# HELP %s %s\n", name, help);
}

static void quoted(FILE *to, const char *text)
{
    putc('"', to);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putc('\\', to);
        putc(*text, to);
    }
    putc('"', to);
}

/* A sample of a group; label, if any, is a second one. */
static void sample(FILE *to, const char *name, const struct fold *fold, const struct group *group,
                   const char *label, const char *value, uint64_t count)
{
    fprintf(to, "%s{%s=", name, by_name(fold->by));
    quoted(to, group->key);
    if (label) {
        fprintf(to, ",%s=", label);
        quoted(to, value);
    }
    fprintf(to, "} %" PRIu64 "\n", count);
}

static void outcomes(FILE *to, const struct fold *fold)
{
    static const char *const names[OUTCOMES] = {
        [OUTCOME_REPAIRED] = "repaired",
        [OUTCOME_DENIED] = "denied",
        [OUTCOME_UNREPAIRED] = "unrepaired",
        [OUTCOME_WELL] = "well",
    };
    family(to, "nestsafe_launches", NULL, "Nested launches, by what became of them.");
    for (size_t i = 0; i < fold->groups.count; i++) {
        uint64_t counts[OUTCOMES];
        group_outcomes(fold->groups.list[i], counts);
        for (enum outcome outcome = 0; outcome < OUTCOMES; outcome++)
            sample(to, "nestsafe_launches", fold, fold->groups.list[i], "outcome", names[outcome],
                   counts[outcome]);
    }
}

static void numbers(FILE *to, const struct fold *fold)
{
    static const struct {
        const char *name, *unit, *help;
        size_t offset; /* in struct group */
    } rows[] = {
        {"nestsafe_jobs", NULL, "Jobs with nested launches.", offsetof(struct group, jobs)},
        {"nestsafe_core_seconds", "seconds", "Allocated CPUs times seconds of these jobs.",
         offsetof(struct group, core_seconds)},
        {"nestsafe_failed_launches", NULL, "Nested launches that ended with another status than 0.",
         offsetof(struct group, totals.failed)},
        {"nestsafe_preventable_launches", NULL,
         "Of these, what was only watched and fails in this way whatever it is asked.",
         offsetof(struct group, totals.preventable)},
        {"nestsafe_bypassed_launches", NULL,
         "Nested launches that were to be repaired, and did not pass through nestsafe.",
         offsetof(struct group, totals.bypassed)},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        family(to, rows[row].name, rows[row].unit, rows[row].help);
        for (size_t i = 0; i < fold->groups.count; i++) {
            const struct group *group = fold->groups.list[i];
            sample(to, rows[row].name, fold, group, NULL, NULL,
                   *(const uint64_t *)((const char *)group + rows[row].offset));
        }
    }
}

/* What groups by the same thing already says is left out: a name has each label once. */
static void tallies(FILE *to, const struct fold *fold)
{
    static const struct {
        const char *name, *help;
        enum audit_by by;
        size_t offset; /* in struct group */
    } rows[] = {
        {"nestsafe_class_launches",
         "Nested launches by the failure that they meet when they are not repaired.", BY_CLASS,
         offsetof(struct group, totals.classes)},
        {"nestsafe_launcher_launches", "Nested launches by launcher.", BY_LAUNCHER,
         offsetof(struct group, totals.flavours)},
        {"nestsafe_mode_launches", "Nested launches by what their jobs asked for.", BY_MODE,
         offsetof(struct group, totals.modes)},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        if (rows[row].by == fold->by)
            continue;
        family(to, rows[row].name, NULL, rows[row].help);
        for (size_t i = 0; i < fold->groups.count; i++) {
            const struct group *group = fold->groups.list[i];
            const struct tally *tally =
                (const struct tally *)((const char *)group + rows[row].offset);
            for (size_t name = 0; name < tally_rows(tally); name++)
                sample(to, rows[row].name, fold, group, by_name(rows[row].by), tally->names[name],
                       tally->counts[name]);
        }
    }
}

static void single(FILE *to, const char *name, const char *unit, const char *help, uint64_t value)
{
    family(to, name, unit, help);
    fprintf(to, "%s %" PRIu64 "\n", name, value);
}

int report_openmetrics(FILE *to, const struct fold *fold, const struct options *options)
{
    outcomes(to, fold);
    numbers(to, fold);
    tallies(to, fold);
    single(to, "nestsafe_jobs_seen", NULL,
           "Jobs that ended in the period, with nested launches or without.", fold->seen);
    single(to, "nestsafe_jobs_unreadable", NULL,
           "Of these, jobs with a record of nestsafe's that cannot be read or cannot be true.",
           fold->unreadable);
    single(to, "nestsafe_period_start_timestamp_seconds", "seconds",
           "The period of which this tells begins, since 1970; 0: whenever.",
           (uint64_t)options->start);
    single(to, "nestsafe_period_end_timestamp_seconds", "seconds", "It ends, since 1970.",
           (uint64_t)options->end);
    fputs("# EOF\n", to);
    return 0;
}
