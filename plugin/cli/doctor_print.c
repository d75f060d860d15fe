/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe doctor: findings as lines for people. */
#include "doctor.h"

#include <stdio.h>
#include <string.h>

enum { NODES_SHOWN = 8 };

static const char *const colours[LEVELS] = {[LEVEL_OK] = "\033[32m",
                                            [LEVEL_SKIPPED] = "\033[2m",
                                            [LEVEL_WARNING] = "\033[33m",
                                            [LEVEL_ERROR] = "\033[31m"};

static bool is_same(const struct finding *a, const struct finding *b)
{
    return a->level == b->level && strcmp(a->check, b->check) == 0 &&
           strcmp(a->text, b->text) == 0 && strcmp(a->advice, b->advice) == 0;
}

static const struct finding *find(const struct report *report, const struct finding *finding)
{
    for (size_t i = 0; i < report->findings.count; i++) {
        if (is_same(&report->findings.list[i], finding))
            return &report->findings.list[i];
    }
    return NULL;
}

/* " [n1, n2 and 30 more]": the nodes that have found the same. */
static void print_nodes(const struct report *reports, size_t count, const struct finding *finding)
{
    size_t shown = 0, more = 0;
    if (!reports[0].node)
        return;
    for (size_t i = 0; i < count; i++) {
        if (!find(&reports[i], finding))
            continue;
        if (shown < NODES_SHOWN)
            printf("%s%s", shown++ ? ", " : " [", reports[i].node);
        else
            more++;
    }
    if (more)
        printf(" and %zu more", more);
    if (shown)
        putchar(']');
}

static void print(const struct show *show, const struct finding *finding)
{
    const char *name = level_name(finding->level);
    printf("%s%-8s%s %-11s %s", show->colour ? colours[finding->level] : "", name,
           show->colour ? "\033[0m" : "", finding->check, finding->text);
    if (*finding->advice)
        printf("; %s", finding->advice);
}

void doctor_print(const struct show *show, const struct report *reports, size_t count)
{
    for (size_t r = 0; r < count; r++) {
        for (size_t i = 0; i < reports[r].findings.count; i++) {
            const struct finding *finding = &reports[r].findings.list[i];
            size_t earlier = 0;
            while (earlier < r && !find(&reports[earlier], finding))
                earlier++;
            if (earlier < r || (show->quiet && finding->level < LEVEL_WARNING))
                continue;
            print(show, finding);
            print_nodes(reports, count, finding);
            putchar('\n');
        }
    }
}

int doctor_status(const struct report *reports, size_t count)
{
    for (size_t r = 0; r < count; r++) {
        for (size_t i = 0; i < reports[r].findings.count; i++) {
            if (reports[r].findings.list[i].level == LEVEL_ERROR)
                return 1;
        }
    }
    return 0;
}
