/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report as JSON, for programs; docs/records.md has the keys. There is no list of jobs in it:
 * its size is that of the table, and sacct has the jobs. */
#include "report.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

static json_t *time_json(time_t time)
{
    char text[24];
    struct tm tm;
    if (!time)
        return json_null();
    gmtime_r(&time, &tm);
    strftime(text, sizeof(text), "%FT%TZ", &tm);
    return json_string(text);
}

static json_t *count_json(uint64_t count)
{
    return json_integer((json_int_t)count);
}

/* What all kinds of groups have, to which each adds its own. */
static json_t *group_json(const char *name, const struct group *group)
{
    const struct totals *totals = &group->totals;
    const char *class = group_class(group);
    return json_pack("{s:s*, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s?}", name, group->key,
                     "jobs", count_json(group->jobs), "launches", count_json(totals->launches),
                     "repaired", count_json(totals->repaired), "denied", count_json(totals->denied),
                     "bypassed", count_json(totals->bypassed), "failed", count_json(totals->failed),
                     "unrepaired", count_json(group->unrepaired), "preventable",
                     count_json(totals->preventable), "core_hours",
                     json_real((double)group->core_seconds / 3600), "top_class", class);
}

/* Each with its key under this name, and for contacts with what to tell them. */
static json_t *groups_json(const struct groups *groups, const char *name, bool contacts)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < groups->count; i++) {
        const struct group *group = groups->list[i];
        const char *class = group_class(group);
        json_t *object = group_json(name, group);
        int rc = 0;
        if (contacts) {
            rc |= json_object_set_new(object, "why",
                                      class ? json_string(class_text(class)) : json_null());
            rc |= json_object_set_new(object, "advice", json_string(contact_advice(group)));
        }
        if (json_array_append_new(list, object) != 0 || rc != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *totals_json(const struct fold *fold)
{
    json_t *totals = group_json("key", &fold->all);
    const struct totals *all = &fold->all.totals;
    if (json_object_set_new(totals, "jobs_seen", count_json(fold->seen)) == 0 &&
        json_object_set_new(totals, "jobs_unreadable", count_json(fold->unreadable)) == 0 &&
        json_object_set_new(totals, "launchers", tally_to_json(&all->flavours)) == 0 &&
        json_object_set_new(totals, "classes", tally_to_json(&all->classes)) == 0 &&
        json_object_set_new(totals, "modes", tally_to_json(&all->modes)) == 0)
        return totals;
    json_decref(totals);
    return NULL;
}

int report_json(FILE *to, const struct fold *fold, const struct options *options)
{
    json_t *root = json_pack("{s:i, s:{s:o, s:o}, s:s, s:o, s:o, s:o, s:o}", "v", 1, "period",
                             "start", time_json(options->start), "end", time_json(options->end),
                             "by", by_name(fold->by), "totals", totals_json(fold), "groups",
                             groups_json(&fold->groups, "key", false), "days",
                             groups_json(&fold->days, "day", false), "contacts",
                             groups_json(&fold->contacts, "user", true));
    if (!root) {
        errno = ENOMEM;
        return -1;
    }
    json_dumpf(root, to, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    putc('\n', to);
    json_decref(root);
    return 0;
}
