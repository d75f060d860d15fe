/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Encoding: NAME=VALUE entries, each ended by ';', where '%', ';' and control characters are
 * written %XX. The kernel takes 128 KiB in one string (MAX_ARG_STRLEN), so a longer text is cut,
 * anywhere, into several variables. */
#include "baseline.h"

#include "decimal.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 96 * 1024 };

#define CONTINUATIONS BASELINE_VARIABLE "_"

/* More tuning than this is somebody's attempt to keep slurmstepd busy. */
enum { ENTRIES_MAX = 8192 };

/* execve takes no more in all (launch/ancestry.c). */
enum { CHUNKS_MAX = 6 * 1024 * 1024 / CHUNK };

/* A growing text; error is sticky, so that it is looked at once, at the end. */
struct text {
    char *bytes;
    size_t length;
    size_t capacity;
    bool failed;
};

static void text_add(struct text *text, const char *bytes, size_t length)
{
    if (text->failed)
        return;
    if (text->length + length + 1 > text->capacity) {
        size_t capacity = (text->length + length + 1) * 2;
        char *grown = realloc(text->bytes, capacity);
        if (!grown) {
            text->failed = true;
            return;
        }
        text->bytes = grown;
        text->capacity = capacity;
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

static bool is_plain(unsigned char c)
{
    return c >= ' ' && c != 0x7f && c != '%' && c != ';';
}

static void text_add_escaped(struct text *text, const char *bytes)
{
    while (*bytes) {
        size_t plain = 0;
        while (bytes[plain] && is_plain((unsigned char)bytes[plain]))
            plain++;
        text_add(text, bytes, plain);
        bytes += plain;
        if (*bytes) {
            char escape[4];
            snprintf(escape, sizeof(escape), "%%%02X", (unsigned char)*bytes++);
            text_add(text, escape, 3);
        }
    }
}

/* The name of the n-th variable that carries the text. */
static const char *chunk_name(char name[static 40], unsigned n)
{
    if (n == 0)
        return BASELINE_VARIABLE;
    decimal(stpcpy(name, CONTINUATIONS), n);
    return name;
}

static int write_chunks(struct env *env, const struct text *text)
{
    char name[40];
    char *chunk = malloc(CHUNK + 1);
    int rc = chunk ? 0 : -1;
    for (size_t at = 0, n = 0; rc == 0 && (n == 0 || at < text->length); n++) {
        size_t length = text->length - at < CHUNK ? text->length - at : CHUNK;
        if (length)
            memcpy(chunk, text->bytes + at, length);
        chunk[length] = '\0';
        rc = env_set(env, chunk_name(name, (unsigned)n), chunk);
        at += length;
    }
    free(chunk);
    return rc;
}

bool baseline_drop(struct env *env)
{
    env_unset_family(env, CONTINUATIONS);
    return env_unset(env, BASELINE_VARIABLE) > 0;
}

/* What storing the text adds to what env takes, as env_bytes() counts. */
static size_t added_bytes(const struct env *env, const struct text *text)
{
    char name[40];
    size_t bytes = text->length;
    unsigned n = env_get(env, BASELINE_VARIABLE) ? 1 : 0;
    for (; n == 0 || n * (size_t)CHUNK < text->length; n++)
        bytes += strlen(chunk_name(name, n)) + sizeof("=") + sizeof(char *);
    return bytes;
}

int baseline_store(struct env *env, const struct ruleset *rules, size_t limit)
{
    env_unset_family(env, CONTINUATIONS);
    /* The first stays in its place: whoever edits an environment in place has no room to add. */
    if (env_get(env, BASELINE_VARIABLE) && env_set(env, BASELINE_VARIABLE, "") != 0)
        return -1;

    struct text text = {0};
    for (size_t i = 0; i < env->count; i++) {
        size_t length = env_name_length(env->vars[i]);
        const struct rule *rule = length ? rules_match(rules, env->vars[i], length) : NULL;
        if (!rule || !rule_is_tuning(rule))
            continue;
        text_add_escaped(&text, env->vars[i]);
        text_add(&text, ";", 1);
    }
    int rc;
    if (text.failed) {
        rc = -1;
    } else if (env_bytes(env) + added_bytes(env, &text) > limit) {
        rc = env_set(env, BASELINE_VARIABLE, BASELINE_LOST);
    } else {
        rc = write_chunks(env, &text);
    }
    free(text.bytes);
    return rc;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Undo the escapes of one entry in place. Returns 0, or -1 for a '%' without two digits. */
static int unescape(char *entry)
{
    char *out = entry;
    for (char *in = entry; *in; in++) {
        if (*in != '%') {
            *out++ = *in;
            continue;
        }
        int high = hex_digit(in[1]);
        int low = high < 0 ? -1 : hex_digit(in[2]);
        if (low < 0 || (high == 0 && low == 0))
            return -1;
        *out++ = (char)(high * 16 + low);
        in += 2;
    }
    *out = '\0';
    return 0;
}

static int decode(struct env *baseline, char *text)
{
    while (*text) {
        char *end = strchr(text, ';');
        if (!end)
            goto malformed;
        *end = '\0';
        size_t length = unescape(text) == 0 ? env_name_length(text) : 0;
        if (length == 0)
            goto malformed;
        text[length] = '\0';
        if (baseline->count == ENTRIES_MAX)
            goto malformed;
        if (env_append(baseline, text, text + length + 1) != 0)
            return -1;
        text = end + 1;
    }
    return 1;
malformed:
    errno = EINVAL;
    return -1;
}

int baseline_load(struct env *baseline, const struct env *env)
{
    if (env_init(baseline, NULL) != 0)
        return -1;
    const char *chunk = env_get(env, BASELINE_VARIABLE);
    if (!chunk || strcmp(chunk, BASELINE_LOST) == 0)
        return 0;
    struct text text = {0};
    char name[40];
    text_add(&text, "", 0);
    for (unsigned n = 1; chunk && n <= CHUNKS_MAX; n++) {
        text_add(&text, chunk, strlen(chunk));
        chunk = env_get(env, chunk_name(name, n));
    }
    int rc = -1;
    if (chunk)
        errno = EINVAL;
    else if (!text.failed)
        rc = decode(baseline, text.bytes);
    int saved = errno;
    free(text.bytes);
    errno = saved;
    return rc;
}
