/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe explain --json. Bytes that are no UTF-8 appear as '?', since JSON has no way for them.
 */
#include "cli.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *text(const char *bytes, size_t length)
{
    json_t *string = json_stringn(bytes, length);
    if (string)
        return string;
    char *clean = strndup(bytes, length);
    for (char *c = clean; c && *c; c++) {
        if (*c & 0x80)
            *c = '?';
    }
    string = clean ? json_string(clean) : NULL;
    free(clean);
    return string;
}

static json_t *text_or_null(const char *string)
{
    return string ? text(string, strlen(string)) : json_null();
}

static json_t *changes(const struct plan *plan)
{
    static const char *const kinds[CHANGE_KINDS] = {
        [CHANGE_UNSET] = "unset",
        [CHANGE_RESTORED] = "restored",
        [CHANGE_KEPT] = "kept",
        [CHANGE_SET] = "set",
    };
    json_t *list = json_array();
    for (size_t i = 0; i < plan->count; i++) {
        const struct change *change = &plan->changes[i];
        json_array_append_new(
            list, json_pack("{s:o, s:s, s:o, s:o, s:s, s:s, s:s}", "variable",
                            text(change->name, change->name_length), "action", kinds[change->kind],
                            "before", text_or_null(change->before), "after",
                            text_or_null(change->after), "rule", change->rule->pattern, "why",
                            change_why(change), "source", change->rule->source));
    }
    return list;
}

static json_t *hazards(const struct verdict *verdict)
{
    json_t *list = json_array();
    for (size_t i = 0; verdict->hazards[i]; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "class", verdict->hazards[i]->name,
                                              "variable", verdict->hazards[i]->variable, "text",
                                              verdict->hazards[i]->text));
    return list;
}

int explain_json(const struct preparation *preparation, const char *mode)
{
    const struct verdict *verdict = &preparation->verdict;
    bool repairs = preparation->decision == DECISION_REPAIR;
    json_t *root =
        json_pack("{s:i, s:b, s:s, s:o, s:o, s:i, s:o, s:s, s:o, s:i, s:b, s:o}", "version", 1,
                  "nested", (int)verdict->nested, "outer", outer_name(verdict->outer), "rank",
                  text_or_null(verdict->rank), "size", text_or_null(verdict->size), "depth",
                  (int)(verdict->nested && repairs ? preparation->trail.depth - 1
                        : verdict->nested          ? preparation->trail.depth
                                                   : 0),
                  "mode", text_or_null(mode), "decision",
                  repairs           ? "repair"
                  : verdict->nested ? "refuse"
                                    : "pass",
                  "scope", repairs ? json_string(scope_name(preparation->scope)) : json_null(),
                  "cpus", (int)preparation->cpus, "baseline_known",
                  (int)preparation->baseline_known, "hazards", hazards(verdict));
    if (!root || json_object_set_new(root, "changes", changes(&preparation->plan)) != 0) {
        json_decref(root);
        errno = ENOMEM;
        return -1;
    }
    int rc = json_dumpf(root, stdout, JSON_INDENT(2));
    json_decref(root);
    putchar('\n');
    return rc;
}
