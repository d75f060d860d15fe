/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a node keeps of a job: its own totals, and on the job's first node everybody's. */
#include "jobstate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A name that goes into host lists and file names: Slurm's own, which are host names. */
static bool is_node(const char *name)
{
    size_t length =
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
    return length > 0 && length < JOBSTATE_NODE && !name[length];
}

static int number_from(const json_t *json, const char *key, uint64_t most, uint64_t *number)
{
    const json_t *value = json_object_get(json, key);
    json_int_t integer = json_integer_value(value);
    *number = (uint64_t)integer;
    return json_is_integer(value) && integer >= 0 && *number <= most ? 0 : -1;
}

static int uint32_from(const json_t *json, const char *key, uint32_t *number)
{
    uint64_t wide;
    int rc = number_from(json, key, UINT32_MAX, &wide);
    *number = (uint32_t)wide;
    return rc;
}

static int text_from(const json_t *json, const char *key, char out[JOBSTATE_NODE])
{
    const char *text = json_string_value(json_object_get(json, key));
    if (!text || strlen(text) >= JOBSTATE_NODE)
        return -1;
    strcpy(out, text);
    return 0;
}

static int node_from(const json_t *json, const char *key, char out[JOBSTATE_NODE])
{
    return text_from(json, key, out) == 0 && is_node(out) ? 0 : -1;
}

/* What a state and a share have in common. */
struct head {
    uint32_t *job, *restart, *uid;
    enum accounting *field;
};

static int head_from(const json_t *json, struct head head)
{
    uint64_t version;
    const char *field = json_string_value(json_object_get(json, "field"));
    return number_from(json, "v", 1, &version) == 0 && version == 1 &&
                   uint32_from(json, "job", head.job) == 0 && *head.job > 0 &&
                   uint32_from(json, "restart", head.restart) == 0 &&
                   uint32_from(json, "uid", head.uid) == 0 && field &&
                   accounting_parse(field, head.field) == 0
               ? 0
               : -1;
}

static json_t *head_to(uint32_t job, uint32_t restart, uint32_t uid, enum accounting field)
{
    return json_pack("{s:i, s:I, s:I, s:I, s:s}", "v", 1, "job", (json_int_t)job, "restart",
                     (json_int_t)restart, "uid", (json_int_t)uid, "field", accounting_name(field));
}

/* Returns the object to decref, or NULL with errno EINVAL. */
static json_t *load(const char *text, size_t length)
{
    json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    if (!json)
        errno = EINVAL;
    return json;
}

/* Returns the text to free, or NULL with errno ENOMEM. Frees json, which may be NULL or, where rc
 * is not 0, incomplete. */
static char *dump(json_t *json, int rc)
{
    char *text = json && rc == 0 ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (!text)
        errno = ENOMEM;
    return text;
}

static struct jobstate_node *find(const struct jobstate *state, const char *node)
{
    for (size_t i = 0; i < state->count; i++) {
        if (strcmp(state->nodes[i].name, node) == 0)
            return &state->nodes[i];
    }
    return NULL;
}

/* Returns the new row, zeroed but for its name, or NULL with errno EINVAL or ENOMEM. */
static struct jobstate_node *append(struct jobstate *state, const char *node)
{
    if (!is_node(node)) {
        errno = EINVAL;
        return NULL;
    }
    struct jobstate_node *nodes =
        reallocarray(state->nodes, state->count + 1, sizeof(*state->nodes));
    if (!nodes)
        return NULL;
    state->nodes = nodes;
    nodes += state->count++;
    memset(nodes, 0, sizeof(*nodes));
    strcpy(nodes->name, node);
    return nodes;
}

static int nodes_from(struct jobstate *state, json_t *json)
{
    const char *name;
    json_t *value;
    json_object_foreach(json, name, value)
    {
        struct jobstate_node *node = append(state, name);
        if (!node || totals_from_json(&node->totals, value) != 0)
            return -1;
    }
    return 0;
}

static int writer_from(struct jobstate *state, const json_t *json)
{
    if (!json)
        return 0;
    return node_from(json, "node", state->writer) == 0 &&
                   text_from(json, "address", state->address) == 0
               ? 0
               : -1;
}

/* What older states lack. */
static int optional_from(struct jobstate *state, const json_t *json)
{
    state->notify = json_is_true(json_object_get(json, "notify"));
    state->told = json_is_true(json_object_get(json, "told"));
    return json_object_get(json, "delivered")
               ? number_from(json, "delivered", INT64_MAX, &state->delivered)
               : 0;
}

int jobstate_parse(struct jobstate *state, const char *text, size_t length)
{
    *state = (struct jobstate){0};
    json_t *json = load(text, length);
    if (!json)
        return -1;
    json_t *nodes = json_object_get(json, "nodes");
    errno = EINVAL;
    int rc = head_from(json, (struct head){&state->job, &state->restart, &state->uid,
                                           &state->field}) == 0 &&
                     number_from(json, "serial", INT64_MAX, &state->serial) == 0 &&
                     optional_from(state, json) == 0 && json_is_object(nodes) &&
                     nodes_from(state, nodes) == 0 &&
                     writer_from(state, json_object_get(json, "writer")) == 0
                 ? 0
                 : -1;
    json_decref(json);
    if (rc != 0)
        jobstate_destroy(state);
    return rc;
}

char *jobstate_format(const struct jobstate *state)
{
    json_t *json = head_to(state->job, state->restart, state->uid, state->field);
    json_t *nodes = json_object();
    json_t *more = json_pack("{s:I, s:I, s:b, s:b}", "serial", (json_int_t)state->serial,
                             "delivered", (json_int_t)state->delivered, "notify",
                             (int)state->notify, "told", (int)state->told);
    int rc = json_object_update(json, more);
    json_decref(more);
    for (size_t i = 0; rc == 0 && i < state->count; i++)
        rc = json_object_set_new(nodes, state->nodes[i].name,
                                 totals_to_json(&state->nodes[i].totals));
    if (json_object_set_new(json, "nodes", nodes) != 0)
        rc = -1;
    if (rc == 0 && state->writer[0])
        rc = json_object_set_new(
            json, "writer",
            json_pack("{s:s, s:s}", "node", state->writer, "address", state->address));
    return dump(json, rc);
}

int jobstate_set(struct jobstate *state, const char *node, const struct totals *totals)
{
    struct jobstate_node *row = find(state, node);
    if (row && totals_equal(&row->totals, totals))
        return 0;
    if (!row && !(row = append(state, node)))
        return -1;
    row->totals = *totals;
    state->serial++;
    return 1;
}

const struct totals *jobstate_totals(const struct jobstate *state, const char *node)
{
    const struct jobstate_node *row = find(state, node);
    return row ? &row->totals : NULL;
}

void jobstate_sum(const struct jobstate *state, struct totals *sum)
{
    memset(sum, 0, sizeof(*sum));
    for (size_t i = 0; i < state->count; i++)
        totals_add(sum, &state->nodes[i].totals);
}

void jobstate_destroy(struct jobstate *state)
{
    free(state->nodes);
    *state = (struct jobstate){0};
}

int share_parse(struct share *share, const char *text, size_t length)
{
    memset(share, 0, sizeof(*share));
    json_t *json = load(text, length);
    if (!json)
        return -1;
    int rc = head_from(json, (struct head){&share->job, &share->restart, &share->uid,
                                           &share->field}) == 0 &&
                     node_from(json, "node", share->node) == 0 &&
                     node_from(json, "to", share->to) == 0 &&
                     totals_from_json(&share->totals, json_object_get(json, "totals")) == 0
                 ? 0
                 : -1;
    share->notify = json_is_true(json_object_get(json, "notify"));
    json_decref(json);
    if (rc != 0)
        errno = EINVAL;
    return rc;
}

char *share_format(const struct share *share)
{
    json_t *json = head_to(share->job, share->restart, share->uid, share->field);
    json_t *more = json_pack("{s:b, s:s, s:s}", "notify", (int)share->notify, "node", share->node,
                             "to", share->to);
    int rc = json_object_update(json, more);
    json_decref(more);
    if (rc == 0)
        rc = json_object_set_new(json, "totals", totals_to_json(&share->totals));
    return dump(json, rc);
}
