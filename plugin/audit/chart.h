/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Charts as SVG in an HTML page: no script, no style of their own, colours by class. */
#ifndef NESTSAFE_AUDIT_CHART_H
#define NESTSAFE_AUDIT_CHART_H

#include "fold.h"

#include <stdio.h>

enum { CHART_LABEL = 128 };

/* A bar, of launches by their outcome. */
struct chart_bar {
    char label[CHART_LABEL]; /* clean */
    uint64_t parts[OUTCOMES];
};

/* Of each outcome: what it is called, the class that gives it its colour in a page's style, and the
 * colour where that style does not apply. */
struct chart_part {
    const char *name, *class, *colour;
};
extern const struct chart_part chart_parts[OUTCOMES];

/* Columns that stand side by side, at least one; the title is unique in the page, and id too. */
void chart_columns(FILE *to, const char *id, const char *title, const struct chart_bar *bars,
                   size_t count);

/* Bars that lie one below the other, with their labels in front. */
void chart_rows(FILE *to, const char *id, const char *title, const struct chart_bar *bars,
                size_t count);

#endif
