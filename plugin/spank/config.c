/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The site's settings: the arguments of nestsafe.so's line in plugstack.conf. */
#include "config.h"

#include "core/decision.h"
#include "core/keyvalue.h"
#include "core/launcher.h"
#include "core/printable.h"
#include "launch/paths.h"
#include "slurm_compat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse_default(struct config *config, const char *value)
{
    return *value ? mode_parse(value, &config->default_mode) : -1;
}

static int parse_allow(struct config *config, const char *value)
{
    config->allowed = 0;
    for (bool more = true; more;) {
        char word[16];
        enum mode mode;
        size_t length = strcspn(value, ",");
        if (length == 0 || length >= sizeof(word))
            return -1;
        memcpy(word, value, length);
        word[length] = '\0';
        if (mode_parse(word, &mode) != 0)
            return -1;
        config->allowed |= 1U << mode;
        more = value[length] == ',';
        value += length + more;
    }
    return 0;
}

static int parse_preload(struct config *config, const char *value)
{
    static const char *const names[] = {
        [PRELOAD_ASKED] = "asked", [PRELOAD_ALWAYS] = "always", [PRELOAD_NEVER] = "never"};
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(value, names[i]) == 0) {
            config->preload = (enum preload)i;
            return 0;
        }
    }
    return -1;
}

static int parse_max_depth(struct config *config, const char *value)
{
    char *end;
    unsigned long number = strtoul(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || number < 1 || number > 1000)
        return -1;
    config->max_depth = (unsigned)number;
    return 0;
}

static int replace(char **text, const char *value)
{
    free(*text);
    *text = strdup(value);
    return *text ? 0 : -1;
}

static int parse_rules(struct config *config, const char *value)
{
    return *value == '/' ? replace(&config->rules, value) : -1;
}

static int parse_launchers(struct config *config, const char *value)
{
    return launcher_names_are_valid(value) ? replace(&config->launchers, value) : -1;
}

static int take_path(char *out, size_t size, const char *value)
{
    return *value == '/' ? keyvalue_copy(out, size, value) : -1;
}

static int parse_rundir(struct config *config, const char *value)
{
    return take_path(config->rundir, sizeof(config->rundir), value);
}

static int parse_spool(struct config *config, const char *value)
{
    return take_path(config->spool, sizeof(config->spool), value);
}

static bool is_log(const char *word, size_t length)
{
    static const char *const names[] = {"slurmd", "syslog"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i]) == length && strncmp(names[i], word, length) == 0)
            return true;
    }
    return length > 1 && word[0] == '/' && word[length - 1] != '/';
}

static int parse_log(struct config *config, const char *value)
{
    const char *word = value;
    for (bool more = true; more;) {
        size_t length = strcspn(word, ",");
        if (!is_log(word, length))
            return -1;
        more = word[length] == ',';
        word += length + more;
    }
    return keyvalue_copy(config->log, sizeof(config->log), value);
}

/* Older releases take a job's extra, and forget it. */
static bool is_stored(enum accounting accounting)
{
    return accounting != ACCOUNTING_EXTRA || COMPAT_STORES_EXTRA;
}

static int parse_accounting(struct config *config, const char *value)
{
    enum accounting accounting;
    if (accounting_parse(value, &accounting) != 0 || !is_stored(accounting))
        return -1;
    config->accounting = accounting;
    return 0;
}

static int parse_notify(struct config *config, const char *value)
{
    config->notify = strcmp(value, "yes") == 0;
    return config->notify || strcmp(value, "no") == 0 ? 0 : -1;
}

static int parse_port(struct config *config, const char *value)
{
    unsigned long long number;
    if (keyvalue_number(value, 65535, &number) != 0 || number == 0)
        return -1;
    config->port = (unsigned)number;
    return 0;
}

static const struct key {
    const char *name;
    int (*parse)(struct config *config, const char *value);
    const char *valid;
} keys[] = {
    {"default", parse_default, MODE_NAMES MODE_ALONE_HINT},
    {"allow", parse_allow, "a list of " MODE_NAMES ", separated by commas"},
    {"preload", parse_preload, "asked, always, never"},
    {"max_depth", parse_max_depth, "1 to 1000"},
    {"rules", parse_rules, "an absolute path"},
    {"launchers", parse_launchers, "a list of file names, separated by commas"},
    {"log", parse_log, "a list of slurmd, syslog and a file's absolute path, separated by commas"},
    {"accounting", parse_accounting, "admin_comment, comment, none; extra from Slurm 23.02 on"},
    {"notify", parse_notify, "yes, no"},
    {"rundir", parse_rundir, "an absolute path of at most 92 characters"},
    {"spool", parse_spool, "an absolute path"},
    {"port", parse_port, "1 to 65535"},
};

static const struct key *find_key(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strlen(keys[i].name) == length && strncmp(keys[i].name, word, length) == 0)
            return &keys[i];
    }
    return NULL;
}

static void list_keys(char *list, size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && at < size; i++)
        at += (size_t)snprintf(list + at, size - at, "%s%s", i ? ", " : "", keys[i].name);
}

/* Returns 0, or -1 with the error set. */
static int parse_word(struct config *config, const char *word)
{
    char shown[64];
    size_t length = strcspn(word, "=");
    const struct key *key = find_key(word, length);
    if (!key) {
        char known[128];
        list_keys(known, sizeof(known));
        snprintf(config->error, sizeof(config->error),
                 "plugstack.conf: nestsafe.so: unknown key in '%s'; known are %s",
                 printable(shown, sizeof(shown), word), known);
        return -1;
    }
    const char *value = word[length] ? word + length + 1 : "";
    if (key->parse(config, value) != 0) {
        snprintf(config->error, sizeof(config->error),
                 "plugstack.conf: nestsafe.so: %s: invalid value '%s'; valid: %s", key->name,
                 printable(shown, sizeof(shown), value), key->valid);
        return -1;
    }
    return 0;
}

void config_parse(struct config *config, int argc, char *const argv[])
{
    *config = (struct config){.default_mode = MODE_AUDIT,
                              .allowed = ~0U,
                              .max_depth = DEPTH_MAX,
                              .log = "slurmd",
                              .notify = true,
                              .spool = "/var/spool/nestsafe",
                              .port = PORT_DEFAULT};
    config->valid = keyvalue_copy(config->rundir, sizeof(config->rundir), path_rundir) == 0;
    for (int i = 0; i < argc && config->valid; i++)
        config->valid = parse_word(config, argv[i]) == 0;
    if (!config->valid)
        config->allowed = ~0U; /* what was read of it is no ground to refuse anybody */
}

void config_destroy(struct config *config)
{
    if (!config)
        return;
    int saved = errno;
    free(config->rules);
    free(config->launchers);
    *config = (struct config){0};
    errno = saved;
}

bool config_allows(const struct config *config, enum mode mode)
{
    return config->allowed & (1U << mode_plain(mode));
}

const char *config_rundir(const struct config *config)
{
    return strcmp(config->rundir, path_rundir) == 0 ? NULL : config->rundir;
}
