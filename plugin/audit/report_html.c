/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report as one page: no script, nothing from elsewhere, light or dark as the reader's system.
 */
#include "chart.h"
#include "report.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 62, ROWS_MAX = 15 };

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<title>Nested MPI launches</title>\n<style>\n"
    ":root { color-scheme: light dark; --page: #f6f7f8; --card: #ffffff; --text: #1d2329;\n"
    "  --soft: #5b6570; --line: #d9dee3; --repaired: #2a7f8e; --denied: #c9962b;\n"
    "  --unrepaired: #c2453d; --well: #a3adb8; }\n"
    "@media (prefers-color-scheme: dark) { :root { --page: #14181c; --card: #1d2329;\n"
    "  --text: #e4e8ec; --soft: #a0abb6; --line: #343c45; --repaired: #4aa9b9;\n"
    "  --denied: #d9ad4c; --unrepaired: #e5736b; --well: #6d7883; } }\n"
    "* { box-sizing: border-box; }\n"
    "body { margin: 0; background: var(--page); color: var(--text);\n"
    "  font: 15px/1.5 system-ui, -apple-system, \"Segoe UI\", Roboto, sans-serif; }\n"
    "main { max-width: 1060px; margin: 0 auto; padding: 32px 20px 48px; }\n"
    "h1 { font-size: 26px; line-height: 1.2; margin: 0; }\n"
    "h2 { font-size: 17px; margin: 0 0 14px; }\n"
    "p { margin: 8px 0 14px; } .soft { color: var(--soft); }\n"
    "section { background: var(--card); border: 1px solid var(--line); border-radius: 8px;\n"
    "  margin-top: 20px; padding: 20px 22px; overflow-x: auto; }\n"
    "dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 1px;\n"
    "  margin: 20px 0 0; background: var(--line); border: 1px solid var(--line);\n"
    "  border-radius: 8px; overflow: hidden; }\n"
    "dl div { background: var(--card); padding: 14px 18px; }\n"
    "dt { color: var(--soft); font-size: 13px; }\n"
    "dd { margin: 2px 0 0; font-size: 23px; line-height: 1.25; font-weight: 600; }\n"
    "dd small { display: block; font-size: 13px; font-weight: 400; color: var(--soft); }\n"
    "svg { display: block; width: 100%; min-width: 600px; height: auto; }\n"
    ".label { fill: var(--soft); } .grid { stroke: var(--line); }\n"
    "rect.repaired { fill: var(--repaired); } rect.denied { fill: var(--denied); }\n"
    "rect.unrepaired { fill: var(--unrepaired); } rect.well { fill: var(--well); }\n"
    "ul { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 22px; padding: 0;\n"
    "  margin: 0 0 12px; font-size: 13px; color: var(--soft); }\n"
    "li svg { display: inline-block; min-width: 0; width: 11px; height: 11px; margin-right: 7px; "
    "}\n"
    "table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }\n"
    "th { font-size: 13px; font-weight: 500; color: var(--soft); }\n"
    "th, td { text-align: right; padding: 7px 10px; border-bottom: 1px solid var(--line);\n"
    "  white-space: nowrap; }\n"
    "tbody tr:last-child > * { border-bottom: 0; }\n"
    "th:first-child, td:first-child, .word { text-align: left; }\n"
    "tbody th { color: var(--text); font-size: inherit; }\n"
    "tbody th, .word { white-space: normal; overflow-wrap: anywhere; min-width: 13ch; }\n"
    ".bad { color: var(--unrepaired); font-weight: 600; }\n"
    "code { font: 13px ui-monospace, Menlo, Consolas, monospace; white-space: nowrap; }\n"
    "details { margin-top: 12px; } summary { cursor: pointer; color: var(--soft);\n"
    "  font-size: 13px; }\n"
    "</style>\n</head>\n<body>\n<main>\n<h1>Nested MPI launches</h1>\n";

static void tile(FILE *to, const char *name, const char *value, uint64_t part, uint64_t whole)
{
    fprintf(to, "<div><dt>%s</dt><dd>%s", name, value);
    if (whole)
        fprintf(to, "<small>%.1f %%</small>", 100.0 * (double)part / (double)whole);
    fputs("</dd></div>\n", to);
}

static void tiles(FILE *to, const struct fold *fold)
{
    const struct group *all = &fold->all;
    char text[TEXT_NUMBER];
    fputs("<dl>\n", to);
    tile(to, "jobs that ended", text_count(text, fold->seen), 0, 0);
    tile(to, "jobs that nest", text_count(text, all->jobs), all->jobs, fold->seen);
    tile(to, "nested launches", text_count(text, all->totals.launches), 0, 0);
    tile(to, "repaired", text_count(text, all->totals.repaired), all->totals.repaired,
         all->totals.launches);
    tile(to, "failed, unrepaired", text_count(text, all->unrepaired), all->unrepaired,
         all->totals.launches);
    tile(to, "their core-hours", text_hours(text, all->core_seconds), 0, 0);
    fputs("</dl>\n", to);
}

static void legend(FILE *to)
{
    fputs("<ul>\n", to);
    for (enum outcome outcome = 0; outcome < OUTCOMES; outcome++)
        fprintf(to,
                "<li><svg viewBox=\"0 0 11 11\" aria-hidden=\"true\"><rect class=\"%s\" "
                "fill=\"%s\" width=\"11\" height=\"11\"/></svg>%s</li>\n",
                chart_parts[outcome].class, chart_parts[outcome].colour, chart_parts[outcome].name);
    fputs("</ul>\n", to);
}

static void table_begin(FILE *to, const char *const columns[], size_t words)
{
    fputs("<table>\n<thead><tr>", to);
    for (size_t i = 0; columns[i]; i++)
        fprintf(to, "<th scope=\"col\"%s>%s</th>", i >= words ? " class=\"word\"" : "", columns[i]);
    fputs("</tr></thead>\n<tbody>\n", to);
}

static void row_begin(FILE *to, const char *name)
{
    fputs("<tr><th scope=\"row\">", to);
    text_html(to, name);
    fputs("</th>", to);
}

static void count_cell(FILE *to, uint64_t count, bool bad)
{
    char text[TEXT_NUMBER];
    fprintf(to, "<td%s>%s</td>", bad && count ? " class=\"bad\"" : "", text_count(text, count));
}

static void hours_cell(FILE *to, uint64_t seconds)
{
    char text[TEXT_NUMBER];
    fprintf(to, "<td>%s</td>", text_hours(text, seconds));
}

static void word_cell(FILE *to, const char *word, const char *more)
{
    fputs("<td class=\"word\">", to);
    text_html(to, word ? word : "–");
    if (more) {
        fputs("<br><span class=\"soft\">", to);
        text_html(to, more);
        fputs("</span>", to);
    }
    fputs("</td>", to);
}

static void group_rows(FILE *to, const struct groups *groups, const char *first)
{
    const char *const columns[] = {first,        "jobs",     "launches", "repaired",
                                   "denied",     "bypassed", "failed",   "unrepaired",
                                   "core-hours", "class",    NULL};
    table_begin(to, columns, 9);
    for (size_t i = 0; i < groups->count; i++) {
        const struct group *group = groups->list[i];
        row_begin(to, group->key);
        count_cell(to, group->jobs, false);
        count_cell(to, group->totals.launches, false);
        count_cell(to, group->totals.repaired, false);
        count_cell(to, group->totals.denied, false);
        count_cell(to, group->totals.bypassed, false);
        count_cell(to, group->totals.failed, false);
        count_cell(to, group->unrepaired, true);
        hours_cell(to, group->core_seconds);
        word_cell(to, group_class(group), NULL);
        fputs("</tr>\n", to);
    }
    fputs("</tbody>\n</table>\n", to);
}

static time_t day_of(const char *date)
{
    struct tm tm = {.tm_isdst = -1, .tm_hour = 12};
    strptime(date, "%Y-%m-%d", &tm);
    return mktime(&tm);
}

static time_t noon_of(time_t time, int days_later)
{
    struct tm tm;
    localtime_r(&time, &tm);
    tm.tm_hour = 12;
    tm.tm_min = tm.tm_sec = 0;
    tm.tm_mday += days_later;
    tm.tm_isdst = -1;
    return mktime(&tm);
}

/* Columns of a day each, or of several where there are too many days; days without a launch are
 * columns too. Returns memory to free, or NULL with errno ENOMEM. */
static struct chart_bar *day_bars(const struct groups *days, const struct options *options,
                                  size_t *count)
{
    time_t first = noon_of(options->start ? options->start : day_of(days->list[0]->key), 0);
    time_t last =
        noon_of(options->start ? options->end - 1 : day_of(days->list[days->count - 1]->key), 0);
    size_t total = (size_t)((last - first + 86400 / 2) / 86400) + 1;
    size_t each = (total + COLUMNS_MAX - 1) / COLUMNS_MAX;
    *count = (total + each - 1) / each;
    struct chart_bar *bars = calloc(*count, sizeof(*bars));
    size_t next = 0;
    for (size_t day = 0; bars && day < total; day++) {
        struct chart_bar *bar = &bars[day / each];
        char date[] = "YYYY-MM-DD";
        uint64_t outcomes[OUTCOMES];
        struct tm tm;
        time_t noon = noon_of(first, (int)day);
        localtime_r(&noon, &tm);
        strftime(date, sizeof(date), "%F", &tm);
        if (day % each == 0)
            memcpy(bar->label, date, sizeof(date));
        if (next == days->count || strcmp(days->list[next]->key, date) != 0)
            continue;
        group_outcomes(days->list[next++], outcomes);
        for (size_t i = 0; i < OUTCOMES; i++)
            bar->parts[i] += outcomes[i];
    }
    return bars;
}

static int by_day(FILE *to, const struct groups *days, const struct options *options)
{
    size_t count;
    struct chart_bar *bars = day_bars(days, options, &count);
    if (!bars)
        return -1;
    fputs("<section>\n<h2>Launches by the day on which the job ended</h2>\n", to);
    legend(to);
    chart_columns(to, "days", "Nested launches by day and outcome", bars, count);
    fputs("<details><summary>The same as a table</summary>\n", to);
    group_rows(to, days, "day");
    fputs("</details>\n</section>\n", to);
    free(bars);
    return 0;
}

static void contact_chart(FILE *to, const struct groups *contacts)
{
    struct chart_bar bars[ROWS_MAX] = {0};
    size_t count = contacts->count < ROWS_MAX ? contacts->count : ROWS_MAX;
    for (size_t i = 0; i < count; i++) {
        snprintf(bars[i].label, sizeof(bars[i].label), "%s", contacts->list[i]->key);
        bars[i].parts[OUTCOME_UNREPAIRED] = contacts->list[i]->unrepaired;
    }
    chart_rows(to, "users", "Failed launches that nothing repaired, by user", bars, count);
}

static void who_to_talk_to(FILE *to, const struct groups *contacts)
{
    static const char *const columns[] = {"user",       "jobs",  "unrepaired",        "preventable",
                                          "core-hours", "class", "tell them to type", NULL};
    fputs("<section>\n<h2>Who to talk to</h2>\n<p class=\"soft\">Their nested launches failed, and "
          "nothing repaired them.</p>\n",
          to);
    contact_chart(to, contacts);
    table_begin(to, columns, 5);
    for (size_t i = 0; i < contacts->count; i++) {
        const struct group *contact = contacts->list[i];
        const char *class = group_class(contact);
        row_begin(to, contact->key);
        count_cell(to, contact->jobs, false);
        count_cell(to, contact->unrepaired, true);
        count_cell(to, contact->totals.preventable, false);
        hours_cell(to, contact->core_seconds);
        word_cell(to, class, class ? class_text(class) : NULL);
        fprintf(to, "<td class=\"word\"><code>%s</code></td></tr>\n", contact_advice(contact));
    }
    fprintf(to, "</tbody>\n</table>\n<p class=\"soft\">%s</p>\n</section>\n", contact_advice_note);
}

int report_html(FILE *to, const struct fold *fold, const struct options *options)
{
    char text[TEXT_NUMBER], period[PERIOD_TEXT];
    int rc = 0;
    fputs(head, to);
    period_text(period, options);
    fprintf(to, "<p class=\"soft\">Jobs that ended from %s, as nestsafe recorded them</p>\n",
            period);
    tiles(to, fold);
    if (fold->unreadable)
        fprintf(to, "<p class=\"soft\">Of %s jobs the record cannot be read.</p>\n",
                text_count(text, fold->unreadable));
    if (fold->days.count)
        rc = by_day(to, &fold->days, options);
    if (fold->contacts.count)
        who_to_talk_to(to, &fold->contacts);
    if (fold->groups.count) {
        fprintf(to, "<section>\n<h2>By %s</h2>\n", by_name(fold->by));
        group_rows(to, &fold->groups, by_name(fold->by));
        fputs("</section>\n", to);
    } else {
        fputs("<section><p>No nested launch is recorded in any of them.</p></section>\n", to);
    }
    fputs("</main>\n</body>\n</html>\n", to);
    return rc;
}
