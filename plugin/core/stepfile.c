/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A step as the plugin registers it with the node's collector. */
#include "stepfile.h"

#include "keyvalue.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const accountings[] = {
    [ACCOUNTING_ADMIN_COMMENT] = "admin_comment",
    [ACCOUNTING_COMMENT] = "comment",
    [ACCOUNTING_EXTRA] = "extra",
    [ACCOUNTING_NONE] = "none",
};

const char *accounting_name(enum accounting accounting)
{
    return accountings[accounting];
}

static const char *accounting_at(unsigned position)
{
    return accountings[position];
}

int accounting_parse(const char *text, enum accounting *accounting)
{
    int found = keyvalue_name(text, accounting_at, ACCOUNTING_NONE + 1);
    if (found < 0)
        return -1;
    *accounting = (enum accounting)found;
    return 0;
}

static bool is_plain(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    }
    return true;
}

size_t stepfile_format(char text[STEPFILE_MAX], const struct stepfile *step)
{
    struct keyvalue to = {.text = text, .size = STEPFILE_MAX};
    if (!is_plain(step->node) || !is_plain(step->log) || !is_plain(step->spool)) {
        errno = EINVAL;
        return 0;
    }
    keyvalue_add_number(&to, "job", step->job);
    keyvalue_add_number(&to, "step", step->step);
    keyvalue_add_number(&to, "restart", step->restart);
    keyvalue_add_number(&to, "uid", step->uid);
    keyvalue_add_number(&to, "nodes", step->nodes);
    keyvalue_add_number(&to, "index", step->index);
    keyvalue_add(&to, "mode", mode_name(step->mode));
    keyvalue_add_number(&to, "asked", step->asked);
    keyvalue_add_number(&to, "notify", step->notify);
    keyvalue_add(&to, "accounting", accounting_name(step->accounting));
    keyvalue_add_number(&to, "port", step->port);
    keyvalue_add(&to, "node", step->node);
    keyvalue_add(&to, "log", step->log);
    keyvalue_add(&to, "spool", step->spool);
    if (to.overflow)
        errno = EMSGSIZE;
    return to.overflow ? 0 : to.length;
}

enum seen { SEEN_JOB = 1, SEEN_UID = 2, SEEN_MODE = 4, SEEN_ALL = 7 };

/* Returns 0, or -1 with errno EINVAL; passes over a key that it does not know. */
static int take(struct stepfile *step, const char *key, const char *value, unsigned *seen)
{
    const struct {
        const char *key;
        uint32_t *number;
        unsigned seen;
    } numbers[] = {
        {"job", &step->job, SEEN_JOB}, {"step", &step->step, 0},   {"restart", &step->restart, 0},
        {"uid", &step->uid, SEEN_UID}, {"nodes", &step->nodes, 0}, {"index", &step->index, 0},
    };
    unsigned long long number = 0;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (strcmp(key, numbers[i].key) != 0)
            continue;
        if (keyvalue_number(value, UINT32_MAX, &number) != 0)
            return -1;
        *numbers[i].number = (uint32_t)number;
        *seen |= numbers[i].seen;
        return 0;
    }
    if (strcmp(key, "mode") == 0) {
        *seen |= SEEN_MODE;
        return *value ? mode_parse(value, &step->mode) : -1;
    }
    if (strcmp(key, "accounting") == 0)
        return accounting_parse(value, &step->accounting);
    if (strcmp(key, "node") == 0)
        return keyvalue_copy(step->node, sizeof(step->node), value);
    if (strcmp(key, "log") == 0)
        return keyvalue_copy(step->log, sizeof(step->log), value);
    if (strcmp(key, "spool") == 0)
        return keyvalue_copy(step->spool, sizeof(step->spool), value);
    int rc = 0;
    if (strcmp(key, "asked") == 0) {
        rc = keyvalue_number(value, 1, &number);
        step->asked = number;
    } else if (strcmp(key, "notify") == 0) {
        rc = keyvalue_number(value, 1, &number);
        step->notify = number;
    } else if (strcmp(key, "port") == 0) {
        rc = keyvalue_number(value, 65535, &number);
        step->port = (unsigned)number;
    }
    return rc;
}

int stepfile_parse(struct stepfile *step, const char *text, size_t length)
{
    char copy[STEPFILE_MAX];
    char *at = copy;
    char *key, *value;
    unsigned seen = 0;
    int more;
    *step = (struct stepfile){.accounting = ACCOUNTING_NONE, .nodes = 1};
    if (length > sizeof(copy)) {
        errno = EINVAL;
        return -1;
    }
    memcpy(copy, text, length);
    while ((more = keyvalue_next(&at, &length, &key, &value)) > 0) {
        if (take(step, key, value, &seen) != 0)
            break;
    }
    if (more != 0 || seen != SEEN_ALL) {
        errno = EINVAL;
        return -1;
    }
    return 0;
}

void stepfile_name(char name[64], const struct process *stepd)
{
    snprintf(name, 64, "%ld.%llu", stepd->pid, stepd->start);
}
