/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job's journal. */
#include "journal.h"

#include "record.h"
#include "spoolfile.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void journal_name(char name[JOURNAL_NAME], uint32_t job, uint32_t restart)
{
    snprintf(name, JOURNAL_NAME, "%u.%u.journal", job, restart);
}

/* {"KEY":VALUE} as a line; takes value over. NULL with errno ENOMEM. */
static char *line_of(const char *key, json_t *value)
{
    json_t *json = value ? json_pack("{s:o}", key, value) : NULL;
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    char *line = NULL;
    if (!text || asprintf(&line, "%s\n", text) < 0) {
        line = NULL;
        errno = ENOMEM;
    }
    free(text);
    json_decref(json);
    return line;
}

static char *launch_line(const struct incident *incident)
{
    return line_of("launch", record_to_json(incident, NULL));
}

void journal_pause(struct journal *last)
{
    if (last->name[0])
        close(last->fd);
    last->name[0] = '\0';
}

static int resume(struct journal *last, int directory, const char *name)
{
    if (strcmp(last->name, name) == 0)
        return 0;
    journal_pause(last);
    last->fd =
        openat(directory, name, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (last->fd < 0)
        return -1;
    snprintf(last->name, sizeof(last->name), "%s", name);
    return 0;
}

int journal_append(struct journal *last, int directory, const char *name,
                   const struct incident *incident)
{
    char *line = launch_line(incident);
    if (!line)
        return -1;
    ssize_t length = (ssize_t)strlen(line);
    ssize_t written = -1;
    if (resume(last, directory, name) == 0)
        written = write(last->fd, line, (size_t)length);
    if (written >= 0 && written != length)
        errno = ENOSPC;
    int saved = errno;
    free(line);
    errno = saved;
    return written == length ? 0 : -1;
}

int journal_write(int directory, const char *name, const struct stepfile *settings,
                  const struct totals *ended, const struct incident *const launches[], size_t count)
{
    char step[STEPFILE_MAX] = "";
    stepfile_format(step, settings);
    char **lines = calloc(count + 2, sizeof(*lines));
    if (!lines)
        return -1;
    size_t made = 0;
    lines[made++] = line_of("settings", json_string(step));
    lines[made++] = line_of("totals", totals_to_json(ended));
    for (size_t i = 0; i < count; i++)
        lines[made++] = launch_line(launches[i]);
    int rc = spoolfile_replace(directory, name, (const char *const *)lines, made);
    int saved = errno;
    for (size_t i = 0; i < made; i++)
        free(lines[i]);
    free(lines);
    errno = saved;
    return rc;
}

static void read_line(const json_t *json, const struct journal_reader *reader, void *context)
{
    struct stepfile step;
    struct totals totals;
    struct incident incident;
    const char *settings = json_string_value(json_object_get(json, "settings"));
    if (settings && stepfile_parse(&step, settings, strlen(settings)) == 0)
        reader->settings(context, &step);
    else if (totals_from_json(&totals, json_object_get(json, "totals")) == 0)
        reader->totals(context, &totals);
    else if (record_from_json(&incident, json_object_get(json, "launch")) == 0)
        reader->launch(context, &incident);
}

int journal_read(int directory, const char *name, const struct journal_reader *reader,
                 void *context)
{
    size_t length;
    char *text = spoolfile_read(directory, name, &length);
    if (!text)
        return -1;
    /* What a crash of the node has left may hold NULs. */
    bool cut = length > 0 && text[length - 1] != '\n';
    const char *end = text + length;
    for (const char *line = text; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t size = (size_t)((stop ? stop : end) - line);
        json_t *json = json_loadb(line, size, JSON_REJECT_DUPLICATES, NULL);
        if (json)
            read_line(json, reader, context);
        json_decref(json);
        line += size + 1;
    }
    free(text);
    return cut;
}
