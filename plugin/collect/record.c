/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Incidents as JSON: for the log of records, and for the collector's own journal. */
#include "record.h"

#include "core/decimal.h"
#include "core/keyvalue.h"
#include "core/printable.h"
#include "core/slurmstep.h"

#include <errno.h>
#include <stdbool.h>
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

/* A record on its way into text. Jansson, which makes a tree of it and takes that apart again, took
 * most of the time that an incident cost. */
struct out {
    char text[8192]; /* four texts of at most REPORT_PATH_MAX, quoted, and twenty words and numbers
                      */
    char *end;
};

static void put_key(struct out *out, const char *key)
{
    *out->end = out->end == out->text ? '{' : ',';
    out->end = stpcpy(stpcpy(stpcpy(out->end + 1, "\""), key), "\":");
}

static void put_raw(struct out *out, const char *key, const char *value)
{
    put_key(out, key);
    out->end = stpcpy(out->end, value);
}

/* One of ours, which has nothing that would have to be quoted. */
static void put_word(struct out *out, const char *key, const char *word)
{
    put_key(out, key);
    out->end = stpcpy(stpcpy(stpcpy(out->end, "\""), word), "\"");
}

static void put_number(struct out *out, const char *key, long long number)
{
    put_key(out, key);
    if (number < 0)
        *out->end++ = '-';
    out->end =
        decimal(out->end, number < 0 ? 0 - (unsigned long long)number : (unsigned long long)number);
}

static bool is_utf8(const char *text)
{
    json_t *string = json_string(text);
    json_decref(string);
    return string;
}

/* JSON is UTF-8, and a path or what a program calls its version may hold any bytes. */
static void put_text(struct out *out, const char *key, const char *bytes)
{
    char clean[REPORT_PATH_MAX];
    printable(clean, sizeof(clean), bytes);
    bool utf8 = is_utf8(clean);
    put_key(out, key);
    *out->end++ = '"';
    for (const char *c = clean; *c; c++) {
        if (*c == '"' || *c == '\\')
            *out->end++ = '\\';
        *out->end++ = *c & 0x80 && !utf8 ? '?' : *c;
    }
    *out->end++ = '"';
    *out->end = '\0';
}

static void put_hazards(struct out *out, const char *key, unsigned hazards)
{
    const struct hazard *hazard;
    const char *before = "[\"";
    put_key(out, key);
    for (unsigned i = 0; (hazard = hazard_at(i)); i++) {
        if (!(hazards & 1U << i))
            continue;
        out->end = stpcpy(stpcpy(out->end, before), hazard->name);
        before = "\",\"";
    }
    out->end = stpcpy(out->end, before[1] == ',' ? "\"]" : "[]");
}

static void put_seconds(struct out *out, const char *key, const struct incident *incident)
{
    char seconds[40];
    snprintf(seconds, sizeof(seconds), "%.6f", (double)(incident->ended - incident->began) / 1e6);
    put_raw(out, key, incident->ended ? seconds : "null");
}

char *record_text(const struct incident *incident, const char *cluster)
{
    struct out out;
    char time[40], status[16], seen[32], number[DECIMAL_SIZE];
    const char *step = slurmstep_name(incident->step);
    decimal(number, incident->step);
    out.end = out.text;
    put_number(&out, "v", RECORD_VERSION);
    put_word(&out, "time", record_time(time, incident->began));
    if (cluster)
        put_text(&out, "cluster", cluster);
    else
        put_raw(&out, "cluster", "null");
    put_number(&out, "job", incident->job);
    put_word(&out, "step", step ? step : number);
    put_number(&out, "restart", incident->restart);
    put_text(&out, "node", incident->node);
    put_number(&out, "uid", incident->uid);
    if (incident->rank >= 0)
        put_number(&out, "rank", incident->rank);
    else
        put_raw(&out, "rank", "null");
    put_number(&out, "pid", incident->process.pid);
    put_text(&out, "launcher", incident->launcher);
    put_word(&out, "flavour", flavour_name(incident->flavour));
    put_text(&out, "version", incident->version);
    put_number(&out, "depth", (int)incident->depth);
    put_word(&out, "outer", outer_word(incident->outer));
    put_word(&out, "seen", seen_names(incident->seen, seen));
    put_word(&out, "mode", mode_name(incident->mode));
    if (incident->deed == DEED_REPAIRED)
        put_word(&out, "scope", scope_name(incident->scope));
    else
        put_raw(&out, "scope", "null");
    put_word(&out, "action", deed_name(incident->deed));
    put_word(&out, "class", incident_class(incident));
    put_hazards(&out, "hazards", incident->hazards);
    put_number(&out, "unset", (int)incident->counts[CHANGE_UNSET]);
    put_number(&out, "restored", (int)incident->counts[CHANGE_RESTORED]);
    put_number(&out, "set", (int)incident->counts[CHANGE_SET]);
    put_number(&out, "kept", (int)incident->counts[CHANGE_KEPT]);
    put_word(&out, "status", incident_status(incident, status));
    put_seconds(&out, "seconds", incident);
    put_number(&out, "start", (long long)incident->process.start);
    put_number(&out, "preventable", incident_preventable(incident));
    stpcpy(out.end, "}");
    return strdup(out.text);
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
