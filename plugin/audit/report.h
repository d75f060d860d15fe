/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The forms of the report. */
#ifndef NESTSAFE_AUDIT_REPORT_H
#define NESTSAFE_AUDIT_REPORT_H

#include "fold.h"
#include "options.h"

#include <stdio.h>

/* Write a sorted aggregate. Returns 0, or -1 with errno ENOMEM; whether to could be written to is
 * for the caller to ask. Table: at most 100 columns; bold titles on a terminal. */
int report_table(FILE *to, const struct fold *fold, const struct options *options);
int report_csv(FILE *to, const struct fold *fold, const struct options *options);
int report_json(FILE *to, const struct fold *fold, const struct options *options);
int report_html(FILE *to, const struct fold *fold, const struct options *options);
int report_openmetrics(FILE *to, const struct fold *fold, const struct options *options);

/* "since ever to 2026-11-23 00:00" and the like, local time. */
enum { PERIOD_TEXT = 64 };
void period_text(char out[PERIOD_TEXT], const struct options *options);

/* A class of failure in plain words. */
const char *class_text(const char *name);

/* What to tell a user of contacts to type. */
const char *contact_advice(const struct group *contact);

/* The same for all, as a sentence. */
extern const char contact_advice_note[];

#endif
