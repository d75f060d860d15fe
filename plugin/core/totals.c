/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Totals: what a job's incidents add up to, on one node or on all of them. */
#include "totals.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

/* JSON numbers are signed, so a sum stays at the most that they can say. */
static void add_to(uint64_t *sum, uint64_t amount)
{
    if (__builtin_add_overflow(*sum, amount, sum) || *sum > INT64_MAX)
        *sum = INT64_MAX;
}

size_t tally_rows(const struct tally *tally)
{
    size_t rows = 0;
    while (rows < TALLY_KINDS && tally->names[rows][0])
        rows++;
    return rows;
}

static size_t row_of(const struct tally *tally, const char *name)
{
    size_t row = 0;
    while (row < TALLY_KINDS && tally->names[row][0] && strcmp(tally->names[row], name) != 0)
        row++;
    return row;
}

static void clean_name(char clean[TALLY_NAME], const char *name)
{
    size_t i = 0;
    if (!*name)
        name = TALLY_OTHER;
    for (; i < TALLY_NAME - 1 && name[i]; i++) {
        unsigned char c = (unsigned char)name[i];
        clean[i] = (char)(c < 0x80 && (isalnum(c) || strchr("-_.+", c)) ? c : '_');
    }
    clean[i] = '\0';
}

void tally_add(struct tally *tally, const char *name, uint64_t amount)
{
    char clean[TALLY_NAME];
    if (!amount)
        return;
    clean_name(clean, name);
    size_t row = row_of(tally, clean);
    if (row >= TALLY_KINDS - 1) {
        strcpy(clean, TALLY_OTHER);
        row = row_of(tally, clean);
    }
    strcpy(tally->names[row], clean);
    add_to(&tally->counts[row], amount);
}

static void tally_merge(struct tally *tally, const struct tally *more)
{
    for (size_t row = 0; row < tally_rows(more); row++)
        tally_add(tally, more->names[row], more->counts[row]);
}

static const struct {
    const char *key;
    size_t offset;
} counts[] = {
    {"launches", offsetof(struct totals, launches)},
    {"repaired", offsetof(struct totals, repaired)},
    {"denied", offsetof(struct totals, denied)},
    {"bypassed", offsetof(struct totals, bypassed)},
    {"failed", offsetof(struct totals, failed)},
    {"preventable", offsetof(struct totals, preventable)},
};

static const struct {
    const char *key;
    size_t offset;
} tallies[] = {
    {"flavours", offsetof(struct totals, flavours)},
    {"classes", offsetof(struct totals, classes)},
    {"modes", offsetof(struct totals, modes)},
};

enum {
    COUNTS = sizeof(counts) / sizeof(counts[0]),
    TALLIES = sizeof(tallies) / sizeof(tallies[0]),
};

static uint64_t *count_at(struct totals *totals, size_t i)
{
    return (uint64_t *)((char *)totals + counts[i].offset);
}

static struct tally *tally_at(struct totals *totals, size_t i)
{
    return (struct tally *)((char *)totals + tallies[i].offset);
}

void totals_add(struct totals *totals, const struct totals *more)
{
    struct totals other = *more;
    for (size_t i = 0; i < COUNTS; i++)
        add_to(count_at(totals, i), *count_at(&other, i));
    for (size_t i = 0; i < TALLIES; i++)
        tally_merge(tally_at(totals, i), tally_at(&other, i));
    if (more->first && (!totals->first || more->first < totals->first))
        totals->first = more->first;
    if (more->last > totals->last)
        totals->last = more->last;
}

static bool tally_equal(const struct tally *a, const struct tally *b)
{
    size_t rows = tally_rows(a);
    if (tally_rows(b) != rows)
        return false;
    for (size_t row = 0; row < rows; row++) {
        if (strcmp(a->names[row], b->names[row]) != 0 || a->counts[row] != b->counts[row])
            return false;
    }
    return true;
}

bool totals_equal(const struct totals *a, const struct totals *b)
{
    struct totals one = *a;
    struct totals other = *b;
    bool equal = a->first == b->first && a->last == b->last;
    for (size_t i = 0; equal && i < COUNTS; i++)
        equal = *count_at(&one, i) == *count_at(&other, i);
    for (size_t i = 0; equal && i < TALLIES; i++)
        equal = tally_equal(tally_at(&one, i), tally_at(&other, i));
    return equal;
}

json_t *tally_to_json(const struct tally *tally)
{
    json_t *json = json_object();
    int rc = json ? 0 : -1;
    for (size_t row = 0; rc == 0 && row < tally_rows(tally); row++)
        rc = json_object_set_new(json, tally->names[row],
                                 json_integer((json_int_t)tally->counts[row]));
    if (rc == 0)
        return json;
    json_decref(json);
    errno = ENOMEM;
    return NULL;
}

json_t *totals_to_json(const struct totals *totals)
{
    struct totals copy = *totals;
    json_t *json = json_object();
    int rc = json ? 0 : -1;
    for (size_t i = 0; rc == 0 && i < COUNTS; i++)
        rc =
            json_object_set_new(json, counts[i].key, json_integer((json_int_t)*count_at(&copy, i)));
    for (size_t i = 0; rc == 0 && i < TALLIES; i++)
        rc = json_object_set_new(json, tallies[i].key, tally_to_json(tally_at(&copy, i)));
    if (rc == 0)
        rc = json_object_set_new(json, "first", json_integer(totals->first));
    if (rc == 0)
        rc = json_object_set_new(json, "last", json_integer(totals->last));
    if (rc == 0)
        return json;
    json_decref(json);
    errno = ENOMEM;
    return NULL;
}

/* Returns 0, or -1 where the value is there and no number from 0 on. */
static int number_from(int64_t *number, const json_t *value)
{
    *number = 0;
    if (!value)
        return 0;
    *number = json_integer_value(value);
    return json_is_integer(value) && *number >= 0 ? 0 : -1;
}

static int tally_from(struct tally *tally, json_t *json)
{
    const char *name;
    json_t *value;
    int64_t number;
    if (!json)
        return 0;
    if (!json_is_object(json))
        return -1;
    json_object_foreach(json, name, value)
    {
        if (number_from(&number, value) != 0)
            return -1;
        tally_add(tally, name, (uint64_t)number);
    }
    return 0;
}

int totals_from_json(struct totals *totals, const json_t *json)
{
    int64_t number;
    int rc = json_is_object(json) ? 0 : -1;
    memset(totals, 0, sizeof(*totals));
    for (size_t i = 0; rc == 0 && i < COUNTS; i++) {
        rc = number_from(&number, json_object_get(json, counts[i].key));
        *count_at(totals, i) = (uint64_t)number;
    }
    for (size_t i = 0; rc == 0 && i < TALLIES; i++)
        rc = tally_from(tally_at(totals, i), json_object_get(json, tallies[i].key));
    if (rc == 0)
        rc = number_from(&totals->first, json_object_get(json, "first"));
    if (rc == 0)
        rc = number_from(&totals->last, json_object_get(json, "last"));
    if (rc != 0)
        errno = EINVAL;
    return rc;
}
