/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and numbers as people read them. */
#ifndef NESTSAFE_AUDIT_TEXT_H
#define NESTSAFE_AUDIT_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { TEXT_NUMBER = 32 };

/* Copy a name to out (size bytes, at least 4), with '?' for each control character and each byte
 * that is not UTF-8, so that it can be shown anywhere; what is cut ends in "...". Returns out. */
char *text_clean(char *out, size_t size, const char *text);

/* How many characters a clean text has. */
size_t text_width(const char *text);

/* Write a clean text so that it is text in HTML and SVG, between tags and in attributes. */
void text_html(FILE *to, const char *text);

/* "1,234,567". Returns out. */
const char *text_count(char out[TEXT_NUMBER], uint64_t count);

/* Seconds as hours with one decimal, "1,234.5". Returns out. */
const char *text_hours(char out[TEXT_NUMBER], uint64_t seconds);

#endif
