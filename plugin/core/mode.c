/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MODE: what a job asked nestsafe to do about nested launches. */
#include "mode.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const char *const names[] = {
    [MODE_AUTO] = "auto",
    [MODE_NODE] = "node",
    [MODE_JOB] = "job",
    [MODE_AUDIT] = "audit",
    [MODE_DENY] = "deny",
    [MODE_OFF] = "off",
    [MODE_AUTO_ALONE] = "auto" MODE_ALONE,
    [MODE_NODE_ALONE] = "node" MODE_ALONE,
    [MODE_JOB_ALONE] = "job" MODE_ALONE,
};

int mode_parse(const char *text, enum mode *mode)
{
    if (!text || !*text) {
        *mode = MODE_AUTO;
        return 0;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            *mode = (enum mode)i;
            return 0;
        }
    }
    errno = EINVAL;
    return -1;
}

const char *mode_name(enum mode mode)
{
    return names[mode];
}

const char *scope_name(enum scope scope)
{
    return scope == SCOPE_JOB ? "job" : "node";
}

bool mode_is_armed(enum mode mode)
{
    return mode != MODE_AUDIT && mode != MODE_OFF;
}

bool mode_runs_alone(enum mode mode)
{
    return mode >= MODE_AUTO_ALONE;
}

enum mode mode_plain(enum mode mode)
{
    return mode_runs_alone(mode) ? (enum mode)(mode - MODE_AUTO_ALONE) : mode;
}

enum scope mode_scope(enum mode mode, bool alone, bool confined)
{
    mode = mode_plain(mode);
    if (confined || mode == MODE_NODE || (mode == MODE_AUTO && !alone))
        return SCOPE_NODE;
    return SCOPE_JOB;
}
