/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arguments of nestsafe.so's line in plugstack.conf, each a line. */
#include "fuzz.h"

#include "core/launcher.h"
#include "launch/paths.h"
#include "spank/config.h"

#include <stdio.h>
#include <string.h>

enum { WORD = 4096 };

static void check_valid(const struct config *config)
{
    enum accounting accounting;
    struct stepfile step = {.uid = 1, .job = 1, .mode = config->default_mode};
    REQUIRE(!config->error[0]);
    REQUIRE(mode_name(config->default_mode) && config->preload <= PRELOAD_NEVER);
    REQUIRE(config->max_depth >= 1 && config->max_depth <= 1000);
    REQUIRE(config->port >= 1 && config->port <= 65535);
    REQUIRE(config->rundir[0] == '/' && config->spool[0] == '/' && config->log[0]);
    REQUIRE(!config->rules || config->rules[0] == '/');
    REQUIRE(!config->launchers || launcher_names_are_valid(config->launchers));
    REQUIRE(accounting_parse(accounting_name(config->accounting), &accounting) == 0);
    REQUIRE(accounting == config->accounting);
    /* What the administrator wrote can be handed on to the collector, or is refused there. */
    char text[STEPFILE_MAX];
    struct stepfile again;
    strcpy(step.log, config->log);
    strcpy(step.spool, config->spool);
    size_t length = stepfile_format(text, &step);
    REQUIRE(!length || stepfile_parse(&again, text, length) == 0);
    REQUIRE(!length ||
            (strcmp(again.log, config->log) == 0 && strcmp(again.spool, config->spool) == 0));
}

/* Each name that was added is a launcher then, and none of them was a daemon. */
static void check_launchers(const char *names)
{
    char copy[LAUNCHER_NAMES_MAX + 1];
    char *rest = copy;
    strcpy(copy, names);
    launcher_add_names(names);
    for (char *name; (name = strsep(&rest, ","));)
        REQUIRE(launcher_is_one(name) && !launcher_is_daemon(name) && strlen(name) > 0);
    launcher_add_names(NULL);
}

/* The same settings written out in full. */
static void check_round_trip(const struct config *config)
{
    static const char *const preloads[] = {"asked", "always", "never"};
    static char texts[10][WORD];
    char *words[12];
    int count = 0;
    struct config again;
    snprintf(texts[count++], WORD, "default=%s", mode_name(config->default_mode));
    snprintf(texts[count++], WORD, "preload=%s", preloads[config->preload]);
    snprintf(texts[count++], WORD, "max_depth=%u", config->max_depth);
    snprintf(texts[count++], WORD, "log=%s", config->log);
    snprintf(texts[count++], WORD, "notify=%s", config->notify ? "yes" : "no");
    snprintf(texts[count++], WORD, "rundir=%s", config->rundir);
    snprintf(texts[count++], WORD, "spool=%s", config->spool);
    snprintf(texts[count++], WORD, "port=%u", config->port);
    snprintf(texts[count++], WORD, "accounting=%s", accounting_name(config->accounting));
    if (config->launchers)
        snprintf(texts[count++], WORD, "launchers=%s", config->launchers);
    for (int i = 0; i < count; i++)
        words[i] = texts[i];
    config_parse(&again, count, words);
    REQUIRE(again.valid && again.default_mode == config->default_mode);
    REQUIRE(again.preload == config->preload && again.max_depth == config->max_depth);
    REQUIRE(strcmp(again.log, config->log) == 0 && again.notify == config->notify);
    REQUIRE(strcmp(again.rundir, config->rundir) == 0);
    REQUIRE(strcmp(again.spool, config->spool) == 0 && again.port == config->port);
    config_destroy(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_lines lines;
    struct config config;
    fuzz_lines(&lines, data, size);
    config_parse(&config, (int)lines.count, lines.list);
    if (config.valid) {
        check_valid(&config);
        check_round_trip(&config);
        if (config.launchers)
            check_launchers(config.launchers);
    } else {
        REQUIRE(strncmp(config.error, "plugstack.conf: ", 16) == 0);
        REQUIRE(fuzz_is_printable(config.error));
        REQUIRE(config.allowed == ~0U);
    }
    config_destroy(&config);
    fuzz_lines_free(&lines);
    return 0;
}
