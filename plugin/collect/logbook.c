/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Incidents on their way into the node's log. */
#include "logbook.h"

#include "clock.h"
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000LL

enum { HELD_MAX = 256, HELD_SECONDS = 5, ASK_AGAIN_SECONDS = 60 };

/* An incident that waits. */
struct held {
    struct held *next;
    int64_t since;
    struct incident incident;
    char targets[];
};

static void write_now(struct logbook *book, const struct incident *incident, const char *targets)
{
    char line[1024];
    if (!nodelog_takes(book->log, targets))
        return;
    json_t *json = record_to_json(incident, book->cluster[0] ? book->cluster : NULL);
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    if (text)
        nodelog_incident(book->log, targets, incident_line(incident, line, sizeof(line)), text);
    free(text);
    json_decref(json);
}

static void write_first(struct logbook *book)
{
    struct held *first = book->held;
    book->held = first->next;
    if (!book->held)
        book->last = &book->held;
    book->count--;
    write_now(book, &first->incident, first->targets);
    free(first);
}

/* "KEY=VALUE" of an output of lines. */
static void value_of(const char *output, const char *key, char *value, size_t size)
{
    const char *line = strstr(output, key);
    size_t length = line ? strcspn(line + strlen(key), "\n") : 0;
    if (length >= size)
        length = 0;
    memcpy(value, line ? line + strlen(key) : "", length);
    value[length] = '\0';
}

static void answered(void *context, const struct errand_result *result)
{
    struct logbook *book = context;
    char path[PATH_MAX] = "";
    book->asking = false;
    if (result->status == 0) {
        value_of(result->output, "cluster=", book->cluster, sizeof(book->cluster));
        value_of(result->output, "slurmd_log=", path, sizeof(path));
        nodelog_locate(book->log, path, book->node);
    }
    while (book->held)
        write_first(book);
}

static void ask(struct logbook *book)
{
    const char *const argv[] = {book->account, "settings", NULL};
    int64_t now = clock_steady();
    if (book->asking || (book->asked && now - book->asked < ASK_AGAIN_SECONDS * SECOND))
        return;
    book->asked = now;
    book->asking = courier_send(book->courier, argv, NULL, -1, answered, book) == 0;
}

void logbook_locate(struct logbook *book, const char *node)
{
    snprintf(book->node, sizeof(book->node), "%s", node);
    if (!book->log->located)
        ask(book);
}

void logbook_write(struct logbook *book, const struct incident *incident, const char *targets)
{
    if (!*targets)
        return;
    logbook_locate(book, incident->node);
    size_t length = strlen(targets) + 1;
    struct held *held =
        book->asking && book->count < HELD_MAX ? malloc(sizeof(*held) + length) : NULL;
    if (!held) {
        write_now(book, incident, targets);
        return;
    }
    held->next = NULL;
    held->since = clock_steady();
    held->incident = *incident;
    memcpy(held->targets, targets, length);
    if (!book->held)
        book->last = &book->held;
    *book->last = held;
    book->last = &held->next;
    book->count++;
}

int64_t logbook_run(struct logbook *book)
{
    int64_t now = clock_steady();
    while (book->held && now - book->held->since >= HELD_SECONDS * SECOND)
        write_first(book);
    return book->held ? book->held->since + HELD_SECONDS * SECOND : 0;
}

void logbook_close(struct logbook *book)
{
    while (book->held)
        write_first(book);
}
