/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The section "nestsafe:{…}" in a field of a job's record that other tools use too. */
#include "section.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MARK "nestsafe:"
#define TIME_FORMAT "%Y-%m-%dT%H:%M:%SZ"

enum { TIME_SIZE = sizeof("9999-12-31T23:59:59Z") };
static const int64_t last_second = 253402300799; /* of the year 9999 */

static void time_format(char text[TIME_SIZE], int64_t seconds)
{
    time_t time = (time_t)(seconds > last_second ? last_second : seconds);
    struct tm tm;
    gmtime_r(&time, &tm);
    strftime(text, TIME_SIZE, TIME_FORMAT, &tm);
}

/* Seconds since 1970, or -1. */
static int64_t time_parse(const char *text)
{
    struct tm tm = {0};
    const char *end = text ? strptime(text, TIME_FORMAT, &tm) : NULL;
    return end && !*end ? timegm(&tm) : -1;
}

static const char *mode_of(const struct tally *modes)
{
    switch (tally_rows(modes)) {
    case 0:
        return "none";
    case 1:
        return modes->names[0];
    default:
        return "mixed";
    }
}

/* Returns the section to free, or NULL with errno ENOMEM. */
static char *section_text(const struct totals *totals, const char *nodes)
{
    char first[TIME_SIZE], last[TIME_SIZE];
    char *section = NULL;
    time_format(first, totals->first);
    time_format(last, totals->last);
    json_t *json = json_pack(
        "{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:o, s:o, s:s, s:s}", "v", 1, "launches",
        (json_int_t)totals->launches, "repaired", (json_int_t)totals->repaired, "denied",
        (json_int_t)totals->denied, "bypassed", (json_int_t)totals->bypassed, "failed",
        (json_int_t)totals->failed, "preventable", (json_int_t)totals->preventable, "nodes", nodes,
        "mode", mode_of(&totals->modes), "flavours", tally_to_json(&totals->flavours), "classes",
        tally_to_json(&totals->classes), "first", first, "last", last);
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    if (!text || asprintf(&section, MARK "%s", text) < 0) {
        section = NULL;
        errno = ENOMEM;
    }
    free(text);
    json_decref(json);
    return section;
}

/* Make the smallest count a part of "other". False: there is nothing else. */
static bool fold(struct tally *tally)
{
    const struct tally whole = *tally;
    size_t rows = tally_rows(&whole);
    size_t least = rows;
    for (size_t row = 0; row < rows; row++) {
        if (strcmp(whole.names[row], TALLY_OTHER) != 0 &&
            (least == rows || whole.counts[row] < whole.counts[least]))
            least = row;
    }
    if (least == rows)
        return false;
    memset(tally, 0, sizeof(*tally));
    for (size_t row = 0; row < rows; row++)
        tally_add(tally, row == least ? TALLY_OTHER : whole.names[row], whole.counts[row]);
    return true;
}

/* The section with these nodes, folded until it fits; NULL with errno. */
static char *section_folded(struct totals totals, const char *nodes, size_t max)
{
    char *section;
    while ((section = section_text(&totals, nodes)) && strlen(section) > max) {
        free(section);
        if (!fold(&totals.classes) && !fold(&totals.flavours)) {
            errno = EMSGSIZE;
            return NULL;
        }
    }
    return section;
}

char *section_make(const struct totals *totals, const char *nodes, size_t node_count, size_t max)
{
    char number[40];
    if (max > SECTION_MAX)
        max = SECTION_MAX;
    char *section = section_folded(*totals, nodes, max);
    if (section || errno != EMSGSIZE)
        return section;
    snprintf(number, sizeof(number), "%zu nodes", node_count);
    return section_folded(*totals, number, max);
}

static bool is_place(const char *text, const char *at)
{
    return at == text || strchr(" \t\r\n,;|", at[-1]);
}

/* The next mark from at on that stands where a section may, or NULL. */
static const char *next_mark(const char *text, const char *at)
{
    while ((at = strstr(at, MARK "{")) && !is_place(text, at))
        at++;
    return at;
}

/* The object of a section, to decref, and the length of the section; NULL where it is none. */
static json_t *section_at(const char *at, size_t *length)
{
    const char *object = at + strlen(MARK);
    json_error_t error;
    json_t *json =
        json_loadb(object, strlen(object), JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error);
    if (json_is_object(json) && json_is_integer(json_object_get(json, "v"))) {
        *length = strlen(MARK) + (size_t)error.position;
        return json;
    }
    json_decref(json);
    return NULL;
}

/* The first section's object, to decref; NULL: none. */
static json_t *first_section(const char *text, size_t *begin, size_t *length)
{
    const char *at = text;
    json_t *json = NULL;
    while ((at = next_mark(text, at)) && !(json = section_at(at, length)))
        at++;
    if (json)
        *begin = (size_t)(at - text);
    return json;
}

bool section_find(const char *text, size_t *begin, size_t *length)
{
    json_t *json = first_section(text, begin, length);
    json_decref(json);
    return json;
}

/* Give an object of a section the form that totals have: numbers for times, counts for the mode. */
static int to_totals(json_t *json)
{
    int64_t first = time_parse(json_string_value(json_object_get(json, "first")));
    int64_t last = time_parse(json_string_value(json_object_get(json, "last")));
    const char *mode = json_string_value(json_object_get(json, "mode"));
    json_t *launches = json_object_get(json, "launches");
    if (first < 0 || last < 0 || !mode || !json_is_integer(launches))
        return -1;
    json_t *more = json_pack("{s:I, s:I, s:{s:I}}", "first", (json_int_t)first, "last",
                             (json_int_t)last, "modes", mode, json_integer_value(launches));
    int rc = json_object_update(json, more);
    json_decref(more);
    return rc;
}

static int section_from(struct section *section, json_t *json)
{
    const char *nodes = json_string_value(json_object_get(json, "nodes"));
    if (json_integer_value(json_object_get(json, "v")) != 1 || !nodes ||
        strlen(nodes) >= sizeof(section->nodes) || to_totals(json) != 0)
        return -1;
    strcpy(section->nodes, nodes);
    return totals_from_json(&section->totals, json);
}

int section_read(struct section *section, const char *text)
{
    size_t begin, length;
    memset(section, 0, sizeof(*section));
    if (!text || !next_mark(text, text))
        return 0;
    json_t *json = first_section(text, &begin, &length);
    int rc = json ? section_from(section, json) : -1;
    json_decref(json);
    if (rc == 0)
        return 1;
    errno = EINVAL;
    return -1;
}

char *section_put(const char *text, const char *section)
{
    size_t begin = 0, length = 0;
    char *result;
    int rc;
    if (!text || !*text)
        rc = asprintf(&result, "%s", section);
    else if (section_find(text, &begin, &length))
        rc = asprintf(&result, "%.*s%s%s", (int)begin, text, section, text + begin + length);
    else
        rc = asprintf(&result, "%s %s", text, section);
    if (rc >= 0)
        return result;
    errno = ENOMEM;
    return NULL;
}

size_t section_room(const char *text, size_t limit)
{
    size_t begin, length;
    size_t used = text ? strlen(text) : 0;
    if (used && section_find(text, &begin, &length))
        used -= length;
    else if (used)
        used++;
    return used < limit ? limit - used : 0;
}
