/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report as text, for the one who reads it on a Monday. */
#include "report.h"
#include "text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_WIDTH = 17, CONTACTS_SHOWN = 20 };

struct page {
    FILE *to;
    const char *bold, *plain;
};

static void title(const struct page *page, const char *text)
{
    fprintf(page->to, "\n%s%s%s\n", page->bold, text, page->plain);
}

/* A name in a column of its own; what is too long ends in "~". */
static void name_column(const struct page *page, const char *name)
{
    size_t width = text_width(name);
    const char *end = name;
    if (width <= NAME_WIDTH) {
        fprintf(page->to, "  %s%*s", name, (int)(NAME_WIDTH - width), "");
        return;
    }
    for (int i = 0; i < NAME_WIDTH - 1; i++) {
        do
            end++;
        while ((*end & 0xc0) == 0x80);
    }
    fprintf(page->to, "  %.*s~", (int)(end - name), name);
}

static void count_column(const struct page *page, int width, uint64_t count)
{
    char text[TEXT_NUMBER];
    fprintf(page->to, " %*s", width - 1, text_count(text, count));
}

static void hours_column(const struct page *page, int width, uint64_t seconds)
{
    char text[TEXT_NUMBER];
    fprintf(page->to, " %*s", width - 1, text_hours(text, seconds));
}

static void total(const struct page *page, const char *label, uint64_t count, const char *more)
{
    fprintf(page->to, "  %-29s", label);
    count_column(page, 15, count);
    fprintf(page->to, "%s%s\n", *more ? "   " : "", more);
}

static const char *share(char out[TEXT_NUMBER], uint64_t part, uint64_t whole)
{
    *out = '\0';
    if (part)
        snprintf(out, TEXT_NUMBER, "%.1f %%", 100.0 * (double)part / (double)whole);
    return out;
}

/* "silent-exit 412, srun-wait 30" */
static void tally_line(const struct page *page, const char *label, const struct tally *tally)
{
    char text[TEXT_NUMBER];
    if (!tally_rows(tally))
        return;
    fprintf(page->to, "  %s", label);
    for (size_t i = 0; i < tally_rows(tally); i++)
        fprintf(page->to, "%s %s %s", i ? "," : "", tally->names[i],
                text_count(text, tally->counts[i]));
    putc('\n', page->to);
}

static void totals(const struct page *page, const struct fold *fold)
{
    const struct totals *sum = &fold->all.totals;
    char more[TEXT_NUMBER];
    putc('\n', page->to);
    total(page, "jobs that ended", fold->seen, "");
    total(page, "jobs with nested launches", fold->all.jobs,
          share(more, fold->all.jobs, fold->seen));
    if (fold->unreadable)
        total(page, "jobs with a record unreadable", fold->unreadable, "");
    if (!fold->all.jobs)
        return;
    total(page, "nested launches", sum->launches, "");
    total(page, "  repaired", sum->repaired, share(more, sum->repaired, sum->launches));
    total(page, "  denied", sum->denied, share(more, sum->denied, sum->launches));
    total(page, "  bypassed nestsafe", sum->bypassed, share(more, sum->bypassed, sum->launches));
    total(page, "  failed", sum->failed, share(more, sum->failed, sum->launches));
    total(page, "    unrepaired", fold->all.unrepaired,
          share(more, fold->all.unrepaired, sum->launches));
    total(page, "      preventable", sum->preventable,
          share(more, sum->preventable, sum->launches));
    fprintf(page->to, "  %-29s", "core-hours of those jobs");
    hours_column(page, 15, fold->all.core_seconds);
    fputs("\n\n", page->to);
    tally_line(page, "launchers:", &sum->flavours);
    tally_line(page, "classes:", &sum->classes);
}

static void rows(const struct page *page, const struct fold *fold)
{
    char text[32];
    snprintf(text, sizeof(text), "By %s", by_name(fold->by));
    title(page, text);
    fprintf(page->to, "  %-*s%7s%9s%9s%7s%8s%11s%11s  %s\n", NAME_WIDTH, by_name(fold->by), "jobs",
            "launches", "repaired", "denied", "failed", "unrepaired", "core-hours", "class");
    for (size_t i = 0; i < fold->groups.count; i++) {
        const struct group *group = fold->groups.list[i];
        const char *class = group_class(group);
        name_column(page, group->key);
        count_column(page, 7, group->jobs);
        count_column(page, 9, group->totals.launches);
        count_column(page, 9, group->totals.repaired);
        count_column(page, 7, group->totals.denied);
        count_column(page, 8, group->totals.failed);
        count_column(page, 11, group->unrepaired);
        hours_column(page, 11, group->core_seconds);
        fprintf(page->to, "  %s\n", class ? class : "-");
    }
}

/* The classes that the contacts have, each once. */
static void explain_classes(const struct page *page, const struct groups *contacts)
{
    struct tally shown = {0};
    for (size_t i = 0; i < contacts->count; i++) {
        const char *class = group_class(contacts->list[i]);
        size_t before = tally_rows(&shown);
        if (class)
            tally_add(&shown, class, 1);
        if (tally_rows(&shown) > before)
            fprintf(page->to, "  %s: %s\n", class, class_text(class));
    }
}

static void contact_rows(const struct page *page, const struct groups *contacts)
{
    title(page, "Who to talk to: their nested launches failed, and nothing repaired them");
    fprintf(page->to, "  %-*s%12s%12s%12s  %-17s  %s\n", NAME_WIDTH, "user", "unrepaired",
            "preventable", "core-hours", "class", "tell them to type");
    for (size_t i = 0; i < contacts->count && i < CONTACTS_SHOWN; i++) {
        const struct group *contact = contacts->list[i];
        const char *class = group_class(contact);
        name_column(page, contact->key);
        count_column(page, 12, contact->unrepaired);
        count_column(page, 12, contact->totals.preventable);
        hours_column(page, 12, contact->core_seconds);
        fprintf(page->to, "  %-17s  %s\n", class ? class : "-", contact_advice(contact));
    }
    if (contacts->count > CONTACTS_SHOWN)
        fprintf(page->to, "  … and %zu more, whom the other formats have too\n",
                contacts->count - CONTACTS_SHOWN);
    putc('\n', page->to);
    explain_classes(page, contacts);
    fprintf(page->to, "\n  %s\n", contact_advice_note);
}

int report_table(FILE *to, const struct fold *fold, const struct options *options)
{
    const char *no_colour = getenv("NO_COLOR"); /* counts where it is not empty: no-color.org */
    bool colour = isatty(fileno(to)) && !(no_colour && *no_colour);
    struct page page = {to, colour ? "\033[1m" : "", colour ? "\033[0m" : ""};
    char period[PERIOD_TEXT];
    period_text(period, options);
    fprintf(to, "%sNested MPI launches, %s%s\n", page.bold, period, page.plain);
    totals(&page, fold);
    if (fold->groups.count)
        rows(&page, fold);
    if (fold->contacts.count)
        contact_rows(&page, &fold->contacts);
    if (!fold->all.jobs)
        fputs("\n  No nested launch is recorded in any of them.\n", to);
    return 0;
}
