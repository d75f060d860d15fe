/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Charts as SVG in an HTML page. */
#include "chart.h"

#include "text.h"

#include <string.h>

enum { WIDTH = 920 };

const struct chart_part chart_parts[OUTCOMES] = {
    [OUTCOME_REPAIRED] = {"repaired", "repaired", "#2a7f8e"},
    [OUTCOME_DENIED] = {"denied", "denied", "#c9962b"},
    [OUTCOME_UNREPAIRED] = {"failed, unrepaired", "unrepaired", "#c2453d"},
    [OUTCOME_WELL] = {"not repaired, ended well", "well", "#a3adb8"},
};

static uint64_t bar_sum(const struct chart_bar *bar)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < OUTCOMES; i++)
        sum += bar->parts[i];
    return sum;
}

static uint64_t highest(const struct chart_bar *bars, size_t count)
{
    uint64_t most = 1;
    for (size_t i = 0; i < count; i++) {
        if (bar_sum(&bars[i]) > most)
            most = bar_sum(&bars[i]);
    }
    return most;
}

/* The distance of two or more lines of a scale that reaches to most: 1, 2 or 5 with zeros. */
static uint64_t scale_step(uint64_t most)
{
    static const unsigned factors[] = {1, 2, 5};
    uint64_t power = 1;
    for (;; power *= 10) {
        for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
            if (most / 4 < factors[i] * power || power > UINT64_MAX / 100)
                return factors[i] * power;
        }
    }
}

static void begin(FILE *to, const char *id, const char *title, int height,
                  const struct chart_bar *bars, size_t count)
{
    char text[TEXT_NUMBER];
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += bar_sum(&bars[i]);
    fprintf(to,
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-title %s-desc\">\n"
            "<title id=\"%s-title\">%s</title>\n<desc id=\"%s-desc\">",
            WIDTH, height, id, id, id, title, id);
    fprintf(to, "%s launches, ", text_count(text, sum));
    text_html(to, bars[0].label);
    fputs(" to ", to);
    text_html(to, bars[count - 1].label);
    fputs(". The tables of this page have the numbers.</desc>\n", to);
}

/* What a pointer that rests on a bar is told. */
static void tip(FILE *to, const struct chart_bar *bar, enum outcome outcome)
{
    char text[TEXT_NUMBER];
    fputs("<title>", to);
    text_html(to, bar->label);
    fprintf(to, ": %s %s</title>", text_count(text, bar->parts[outcome]),
            chart_parts[outcome].name);
}

static void rectangle(FILE *to, const struct chart_bar *bar, enum outcome outcome, double x,
                      double y, double width, double height)
{
    fprintf(to,
            "<rect class=\"%s\" fill=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">",
            chart_parts[outcome].class, chart_parts[outcome].colour, x, y, width, height);
    tip(to, bar, outcome);
    fputs("</rect>\n", to);
}

static void label(FILE *to, double x, double y, const char *anchor, const char *text)
{
    fprintf(to,
            "<text class=\"label\" fill=\"#5b6570\" font-size=\"12\" x=\"%.1f\" y=\"%.1f\" "
            "text-anchor=\"%s\">",
            x, y, anchor);
    text_html(to, text);
    fputs("</text>\n", to);
}

/* Lines across the columns, each with its number. */
static void scale(FILE *to, uint64_t most, uint64_t step, double left, double top, double height)
{
    char text[TEXT_NUMBER];
    for (uint64_t at = 0; at <= most; at += step) {
        double y = top + height - height * (double)at / (double)most;
        fprintf(to,
                "<line class=\"grid\" stroke=\"#d9dee3\" x1=\"%.1f\" x2=\"%d\" y1=\"%.1f\" "
                "y2=\"%.1f\"/>\n",
                left, WIDTH, y, y);
        label(to, left - 8, y + 4, "end", text_count(text, at));
    }
}

void chart_columns(FILE *to, const char *id, const char *title, const struct chart_bar *bars,
                   size_t count)
{
    enum { HEIGHT = 280, TOP = 12, PLOT = 236, LEFT = 72, LABELS = 10 };
    const uint64_t line = scale_step(highest(bars, count));
    const uint64_t most = (highest(bars, count) + line - 1) / line * line;
    const double step = (double)(WIDTH - LEFT) / (double)count;
    const double width = step * 0.72 < 48 ? step * 0.72 : 48;
    const size_t every = (count + LABELS - 1) / LABELS;
    begin(to, id, title, HEIGHT, bars, count);
    scale(to, most, line, LEFT, TOP, PLOT);
    for (size_t i = 0; i < count; i++) {
        double middle = LEFT + step * ((double)i + 0.5);
        double y = TOP + PLOT;
        for (enum outcome outcome = 0; outcome < OUTCOMES; outcome++) {
            double height = PLOT * (double)bars[i].parts[outcome] / (double)most;
            y -= height;
            if (bars[i].parts[outcome])
                rectangle(to, &bars[i], outcome, middle - width / 2, y, width, height);
        }
        if (i % every == 0)
            label(to, middle, TOP + PLOT + 20, "middle", bars[i].label);
    }
    fputs("</svg>\n", to);
}

/* A label for a column of so many characters. */
static void short_label(FILE *to, double x, double y, const char *text)
{
    enum { CHARACTERS = 22 };
    char cut[CHART_LABEL];
    const char *end = text;
    if (text_width(text) <= CHARACTERS) {
        label(to, x, y, "end", text);
        return;
    }
    for (int i = 0; i < CHARACTERS - 1; i++) {
        do
            end++;
        while ((*end & 0xc0) == 0x80);
    }
    snprintf(cut, sizeof(cut), "%.*s~", (int)(end - text), text);
    label(to, x, y, "end", cut);
}

void chart_rows(FILE *to, const char *id, const char *title, const struct chart_bar *bars,
                size_t count)
{
    enum { ROW = 28, BAR = 18, LEFT = 180, RIGHT = 90 };
    char text[TEXT_NUMBER];
    const uint64_t most = highest(bars, count);
    begin(to, id, title, (int)count * ROW + 4, bars, count);
    for (size_t i = 0; i < count; i++) {
        double y = (double)i * ROW + 4;
        double x = LEFT;
        short_label(to, LEFT - 10, y + 14, bars[i].label);
        for (enum outcome outcome = 0; outcome < OUTCOMES; outcome++) {
            double width =
                (double)(WIDTH - LEFT - RIGHT) * (double)bars[i].parts[outcome] / (double)most;
            if (bars[i].parts[outcome])
                rectangle(to, &bars[i], outcome, x, y, width, BAR);
            x += width;
        }
        label(to, x + 8, y + 14, "start", text_count(text, bar_sum(&bars[i])));
    }
    fputs("</svg>\n", to);
}
