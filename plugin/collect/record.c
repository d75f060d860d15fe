/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Incidents as JSON: for the log of records, and for the collector's own journal. */
#include "record.h"

#include "core/keyvalue.h"
#include "core/printable.h"
#include "core/slurmstep.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { RECORD_VERSION = 1 };

const char *record_time(char text[40], int64_t microseconds)
{
    time_t seconds = (time_t)(microseconds / 1000000);
    struct tm tm;
    char date[24] = "";
    if (gmtime_r(&seconds, &tm))
        strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text, 40, "%s.%06dZ", date, (int)(microseconds % 1000000));
    return text;
}

static int64_t parse_time(const char *text)
{
    struct tm tm = {0};
    int micro = 0;
    if (!text || sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%6dZ", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
                        &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &micro) != 7)
        return 0;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    int64_t time = (int64_t)timegm(&tm) * 1000000 + micro;
    return time < 0 ? 0 : time;
}

/* JSON is UTF-8, and a path or what a program calls its version may hold any bytes. */
static json_t *text(const char *bytes)
{
    char clean[REPORT_PATH_MAX];
    printable(clean, sizeof(clean), bytes);
    json_t *string = json_string(clean);
    if (string)
        return string;
    for (char *c = clean; *c; c++) {
        if (*c & 0x80)
            *c = '?';
    }
    return json_string(clean);
}

static json_t *hazard_names(unsigned hazards)
{
    const struct hazard *hazard;
    json_t *list = json_array();
    for (unsigned i = 0; (hazard = hazard_at(i)); i++) {
        if (hazards & 1U << i)
            json_array_append_new(list, json_string(hazard->name));
    }
    return list;
}

static json_t *number_or_null(bool known, json_int_t number)
{
    return known ? json_integer(number) : json_null();
}

json_t *record_to_json(const struct incident *incident, const char *cluster)
{
    char time[40], status[16], seen[32], number[16];
    const char *step = slurmstep_name(incident->step);
    snprintf(number, sizeof(number), "%u", incident->step);
    bool repaired = incident->deed == DEED_REPAIRED;
    json_t *json = json_pack(
        "{s:i, s:s, s:o, s:I, s:s, s:I, s:o, s:I, s:o, s:I, s:o, s:s, s:o, s:i, s:s, s:s, s:s, "
        "s:o, "
        "s:s, s:s, s:o, s:i, s:i, s:i, s:i, s:s, s:o, s:I, s:I}",
        "v", RECORD_VERSION, "time", record_time(time, incident->began), "cluster",
        cluster ? text(cluster) : json_null(), "job", (json_int_t)incident->job, "step",
        step ? step : number, "restart", (json_int_t)incident->restart, "node",
        text(incident->node), "uid", (json_int_t)incident->uid, "rank",
        number_or_null(incident->rank >= 0, incident->rank), "pid",
        (json_int_t)incident->process.pid, "launcher", text(incident->launcher), "flavour",
        flavour_name(incident->flavour), "version", text(incident->version), "depth",
        (int)incident->depth, "outer", outer_word(incident->outer), "seen",
        seen_names(incident->seen, seen), "mode", mode_name(incident->mode), "scope",
        repaired ? json_string(scope_name(incident->scope)) : json_null(), "action",
        deed_name(incident->deed), "class", incident_class(incident), "hazards",
        hazard_names(incident->hazards), "unset", (int)incident->counts[CHANGE_UNSET], "restored",
        (int)incident->counts[CHANGE_RESTORED], "set", (int)incident->counts[CHANGE_SET], "kept",
        (int)incident->counts[CHANGE_KEPT], "status", incident_status(incident, status), "seconds",
        incident->ended ? json_real((double)(incident->ended - incident->began) / 1e6)
                        : json_null(),
        "start", (json_int_t)incident->process.start, "preventable",
        (json_int_t)incident_preventable(incident));
    if (!json)
        errno = ENOMEM;
    return json;
}

static const char *flavour_at(unsigned position)
{
    return flavour_name((enum flavour)position);
}

static const char *deed_at(unsigned position)
{
    return deed_name((enum deed)position);
}

static const char *outer_at(unsigned position)
{
    return outer_word((enum outer)position);
}

/* The position of a name, or 0, which is what each of these begins with where nothing is known. */
static unsigned position(const json_t *json, const char *key, const char *(*name)(unsigned),
                         unsigned count)
{
    const char *value = json_string_value(json_object_get(json, key));
    int found = value ? keyvalue_name(value, name, count) : -1;
    return found < 0 ? 0 : (unsigned)found;
}

static int64_t integer(const json_t *json, const char *key, int64_t otherwise)
{
    const json_t *value = json_object_get(json, key);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static void copy(char *out, size_t size, const json_t *json, const char *key)
{
    const char *value = json_string_value(json_object_get(json, key));
    printable(out, size, value ? value : "");
}

/* What is read may be any number, and a sum with a time has to be one too. */
static int64_t microseconds(double seconds)
{
    static const double most = 1e12;
    if (seconds > most || seconds < -most)
        seconds = seconds > 0 ? most : -most;
    return (int64_t)(seconds * 1e6 + (seconds < 0 ? -0.5 : 0.5));
}

static unsigned read_hazards(const json_t *list)
{
    unsigned hazards = 0;
    const struct hazard *hazard;
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item)
    {
        const char *name = json_string_value(item);
        for (unsigned i = 0; name && (hazard = hazard_at(i)); i++)
            hazards |= strcmp(hazard->name, name) == 0 ? 1U << i : 0;
    }
    return hazards;
}

static void read_status(struct incident *incident, const json_t *json)
{
    const char *status = json_string_value(json_object_get(json, "status"));
    int number;
    if (!status)
        return;
    if (sscanf(status, "exit:%d", &number) == 1)
        incident->status = (number & 0xff) << 8;
    else if (sscanf(status, "signal:%d", &number) == 1)
        incident->status = number & 0x7f;
    else
        return;
    incident->status_known = true;
}

static uint32_t read_step(const json_t *json)
{
    const char *step = json_string_value(json_object_get(json, "step"));
    unsigned long long number;
    if (step && keyvalue_number(step, UINT32_MAX, &number) == 0)
        return (uint32_t)number;
    return step ? slurmstep_id(step) : 0;
}

int record_from_json(struct incident *incident, const json_t *json)
{
    *incident = (struct incident){0};
    const char *seen = json_string_value(json_object_get(json, "seen"));
    const char *mode = json_string_value(json_object_get(json, "mode"));
    const char *scope = json_string_value(json_object_get(json, "scope"));
    const json_t *seconds = json_object_get(json, "seconds");
    incident->process.pid = integer(json, "pid", -1);
    incident->process.start = (unsigned long long)integer(json, "start", 0);
    incident->began = parse_time(json_string_value(json_object_get(json, "time")));
    if (!json_is_object(json) || incident->process.pid <= 0 || !mode || !seen ||
        mode_parse(mode, &incident->mode) != 0) {
        errno = EINVAL;
        return -1;
    }
    if (json_is_number(seconds))
        incident->ended = incident->began + microseconds(json_number_value(seconds));
    incident->job = (uint32_t)integer(json, "job", 0);
    incident->step = read_step(json);
    incident->restart = (uint32_t)integer(json, "restart", 0);
    incident->uid = (uint32_t)integer(json, "uid", 0);
    incident->rank = integer(json, "rank", -1);
    incident->depth = (unsigned)integer(json, "depth", 0);
    incident->scope = scope && strcmp(scope, "job") == 0 ? SCOPE_JOB : SCOPE_NODE;
    incident->flavour = (enum flavour)position(json, "flavour", flavour_at, FLAVOURS);
    incident->deed = (enum deed)position(json, "action", deed_at, DEEDS);
    incident->outer = (enum outer)position(json, "outer", outer_at, OUTER_STEP + 1);
    incident->seen = (strstr(seen, "path") ? SEEN_PATH : 0) |
                     (strstr(seen, "guard") ? SEEN_GUARD : 0) |
                     (strstr(seen, "kernel") ? SEEN_KERNEL : 0);
    incident->hazards = read_hazards(json_object_get(json, "hazards"));
    incident->counts[CHANGE_UNSET] = (unsigned)integer(json, "unset", 0);
    incident->counts[CHANGE_RESTORED] = (unsigned)integer(json, "restored", 0);
    incident->counts[CHANGE_SET] = (unsigned)integer(json, "set", 0);
    incident->counts[CHANGE_KEPT] = (unsigned)integer(json, "kept", 0);
    copy(incident->node, sizeof(incident->node), json, "node");
    copy(incident->version, sizeof(incident->version), json, "version");
    copy(incident->launcher, sizeof(incident->launcher), json, "launcher");
    read_status(incident, json);
    return 0;
}
