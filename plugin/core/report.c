/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a launch that passed through nestsafe tells the node's collector about itself. */
#include "report.h"

#include "keyvalue.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char *kind_name(unsigned kind)
{
    static const char *const names[] = {[REPORT_BEGIN] = "begin", [REPORT_END] = "end"};
    return names[kind];
}

static const char *door_name(unsigned door)
{
    static const char *const names[] = {[DOOR_PATH] = "path", [DOOR_GUARD] = "guard"};
    return names[door];
}

static const char *count_name(unsigned kind)
{
    static const char *const names[] = {
        [CHANGE_UNSET] = "unset",
        [CHANGE_RESTORED] = "restored",
        [CHANGE_KEPT] = "kept",
        [CHANGE_SET] = "set",
    };
    return names[kind];
}

static void add_begin(struct keyvalue *to, const struct report *report)
{
    keyvalue_add(to, "door", door_name(report->door));
    keyvalue_add_number(to, "decision", report->decision);
    keyvalue_add(to, "mode", mode_name(report->mode));
    keyvalue_add(to, "scope", scope_name(report->scope));
    keyvalue_add_number(to, "outer", report->outer);
    keyvalue_add_number(to, "depth", report->depth);
    for (unsigned i = 0; i < CHANGE_KINDS; i++)
        keyvalue_add_number(to, count_name(i), report->counts[i]);
    keyvalue_add_number(to, "hazards", report->hazards);
    keyvalue_add_number(to, "job", report->job);
    if (report->step >= 0)
        keyvalue_add_number(to, "step", (unsigned long long)report->step);
    if (report->rank >= 0)
        keyvalue_add_number(to, "rank", (unsigned long long)report->rank);
    keyvalue_add(to, "launcher", report->launcher);
}

size_t report_format(char text[REPORT_MAX], const struct report *report)
{
    struct keyvalue to = {.text = text, .size = REPORT_MAX};
    keyvalue_add(&to, "nestsafe", kind_name(report->kind));
    keyvalue_add_number(&to, "pid", (unsigned long long)report->process.pid);
    keyvalue_add_number(&to, "start", report->process.start);
    if (report->kind == REPORT_BEGIN)
        add_begin(&to, report);
    else
        keyvalue_add_number(&to, "status", (unsigned)report->status);
    return to.length;
}

static const char *scope_at(unsigned scope)
{
    return scope_name((enum scope)scope);
}

/* Numbers by key, with the largest value that each may have. */
static int take_number(struct report *report, const char *key, unsigned long long number)
{
    struct {
        const char *key;
        unsigned long long most;
        unsigned *to;
    } rows[] = {
        {"depth", 1000000, &report->depth},
        {"hazards", UINT_MAX, &report->hazards},
        {"job", UINT_MAX, &report->job},
        {"unset", 1000000, &report->counts[CHANGE_UNSET]},
        {"restored", 1000000, &report->counts[CHANGE_RESTORED]},
        {"kept", 1000000, &report->counts[CHANGE_KEPT]},
        {"set", 1000000, &report->counts[CHANGE_SET]},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(key, rows[i].key) != 0)
            continue;
        if (number > rows[i].most)
            return -1;
        *rows[i].to = (unsigned)number;
        return 0;
    }
    if (strcmp(key, "pid") == 0)
        report->process.pid = number <= INT_MAX ? (long)number : -1;
    else if (strcmp(key, "start") == 0)
        report->process.start = number;
    else if (strcmp(key, "decision") == 0)
        report->decision = number <= DECISION_DEPTH ? (enum decision)number : DECISION_PASS;
    else if (strcmp(key, "outer") == 0)
        report->outer = number <= OUTER_STEP ? (enum outer)number : OUTER_NONE;
    else if (strcmp(key, "step") == 0)
        report->step = number <= UINT_MAX ? (long)number : -1;
    else if (strcmp(key, "rank") == 0)
        report->rank = number <= INT_MAX ? (long)number : -1;
    else if (strcmp(key, "status") == 0)
        report->status = (int)(number & 0xffff);
    return 0;
}

static int take_name(struct report *report, const char *key, const char *value, bool *known)
{
    int found = 0;
    *known = true;
    if (strcmp(key, "nestsafe") == 0) {
        found = keyvalue_name(value, kind_name, REPORT_END + 1);
        report->kind = found == REPORT_END ? REPORT_END : REPORT_BEGIN;
    } else if (strcmp(key, "door") == 0) {
        found = keyvalue_name(value, door_name, DOOR_GUARD + 1);
        report->door = found == DOOR_GUARD ? DOOR_GUARD : DOOR_PATH;
    } else if (strcmp(key, "scope") == 0) {
        found = keyvalue_name(value, scope_at, SCOPE_JOB + 1);
        report->scope = found == SCOPE_JOB ? SCOPE_JOB : SCOPE_NODE;
    } else if (strcmp(key, "mode") == 0) {
        found = *value ? mode_parse(value, &report->mode) : -1;
    } else if (strcmp(key, "launcher") == 0) {
        found = keyvalue_copy(report->launcher, sizeof(report->launcher), value);
    } else {
        *known = false;
    }
    return found < 0 ? -1 : 0;
}

static int take(struct report *report, const char *key, const char *value)
{
    bool known;
    unsigned long long number;
    if (take_name(report, key, value, &known) != 0)
        return -1;
    if (known)
        return 0;
    if (keyvalue_number(value, ULLONG_MAX, &number) != 0)
        return 0; /* a newer release's */
    return take_number(report, key, number);
}

int report_parse(struct report *report, const char *text, size_t length)
{
    char copy[REPORT_MAX];
    char *at = copy;
    char *key, *value;
    int more = -1;
    *report = (struct report){.step = -1, .rank = -1, .process = {.pid = -1}};
    errno = EINVAL;
    if (length > sizeof(copy) || length < 9 || memcmp(text, "nestsafe=", 9) != 0)
        return -1;
    memcpy(copy, text, length);
    while ((more = keyvalue_next(&at, &length, &key, &value)) > 0) {
        if (take(report, key, value) != 0)
            break;
    }
    bool reportable = report->decision == DECISION_REPAIR || report->decision == DECISION_DENY ||
                      report->decision == DECISION_DEPTH;
    if (more != 0 || report->process.pid <= 0 || (report->kind == REPORT_BEGIN && !reportable)) {
        errno = EINVAL;
        return -1;
    }
    return 0;
}

void report_verdict(struct report *report, const struct verdict *verdict)
{
    unsigned long long rank;
    report->outer = verdict->outer;
    report->hazards = hazards_of(verdict);
    report->rank = -1;
    if (verdict->rank && keyvalue_number(verdict->rank, INT_MAX, &rank) == 0)
        report->rank = (long)rank;
}
