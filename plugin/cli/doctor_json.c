/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe doctor --json: written, and read again where other nodes have written it. */
#include "doctor.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const same_keys[SAMENESSES] = {
    [SAME_VERSION] = "version", [SAME_SLURM] = "slurm",       [SAME_PLUGIN] = "plugin",
    [SAME_GUARD] = "guard",     [SAME_LAUNCHER] = "launcher", [SAME_LINE] = "line",
    [SAME_RULES] = "rules",
};

/* Bytes that are no UTF-8 appear as '?'. */
static json_t *text(const char *bytes)
{
    json_t *string = json_string(bytes);
    if (string)
        return string;
    char *clean = strdup(bytes);
    for (char *c = clean; c && *c; c++) {
        if (*c & 0x80)
            *c = '?';
    }
    string = clean ? json_string(clean) : NULL;
    free(clean);
    return string;
}

static json_t *list_of(const struct findings *findings)
{
    json_t *list = json_array();
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->list[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:o, s:o}", "check", finding->check, "level",
                                        level_name(finding->level), "text", text(finding->text),
                                        "advice", text(finding->advice)));
    }
    return list;
}

static json_t *one(const char *node, const struct findings *findings,
                   const char same[SAMENESSES][SAME_TEXT])
{
    json_t *facts = json_object();
    for (int i = 0; i < SAMENESSES; i++)
        json_object_set_new(facts, same_keys[i], text(same[i]));
    return json_pack("{s:o, s:o, s:o}", "node", text(node), "same", facts, "findings",
                     list_of(findings));
}

static int dump(json_t *root)
{
    if (!root) {
        errno = ENOMEM;
        return -1;
    }
    int rc = json_dumpf(root, stdout, JSON_INDENT(1));
    json_decref(root);
    putchar('\n');
    return rc;
}

int doctor_json(const struct doctor *doctor)
{
    return dump(one(doctor->node, &doctor->findings, doctor->same));
}

int doctor_json_nodes(const struct report *reports, size_t count, const struct findings *all)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, one(reports[i].node, &reports[i].findings, reports[i].same));
    return dump(json_pack("{s:o, s:o}", "nodes", list, "findings", list_of(all)));
}

static int take_finding(struct findings *findings, const json_t *json)
{
    struct finding finding = {0};
    const char *check, *level, *what, *advice;
    if (json_unpack((json_t *)json, "{s:s, s:s, s:s, s:s}", "check", &check, "level", &level,
                    "text", &what, "advice", &advice) != 0)
        return -1;
    while (finding.level < LEVEL_ERROR && strcmp(level, level_name(finding.level)) != 0)
        finding.level++;
    snprintf(finding.check, sizeof(finding.check), "%s", check);
    snprintf(finding.text, sizeof(finding.text), "%s", what);
    snprintf(finding.advice, sizeof(finding.advice), "%s", advice);
    findings_add(findings, &finding);
    return 0;
}

int doctor_json_read(struct report *report, const char *text)
{
    json_t *root = json_loads(text, 0, NULL);
    const char *node = json_string_value(json_object_get(root, "node"));
    const json_t *same = json_object_get(root, "same");
    json_t *findings = json_object_get(root, "findings");
    int rc = node && json_is_array(findings) ? 0 : -1;
    *report = (struct report){.node = node ? strdup(node) : NULL};
    for (int i = 0; i < SAMENESSES; i++) {
        const char *value = json_string_value(json_object_get(same, same_keys[i]));
        snprintf(report->same[i], SAME_TEXT, "%s", value ? value : "");
    }
    for (size_t i = 0; rc == 0 && i < json_array_size(findings); i++)
        rc = take_finding(&report->findings, json_array_get(findings, i));
    json_decref(root);
    errno = EINVAL;
    return rc;
}
