/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios with the probe plugin, for the fake host's own tests. */
#ifndef NESTSAFE_TESTS_SPANK_PROBE_PLAY_H
#define NESTSAFE_TESTS_SPANK_PROBE_PLAY_H

#include <slurm/slurm.h>
#include <slurm/spank.h>

#include "../unit/cmocka_compat.h"
#include "host.h"

/* $SPANK_TEST_DIR, absolute: where the plugins to be loaded are. */
extern char *dir;

/* A NULL-terminated list of strings, alive until the end of the block it is written in. */
#define L(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Not to be copied: the scenario points into it. */
struct play {
    struct host_scenario sc;
    struct host_result res;
    char line[2][4096];
    const char *lines[3];
    struct host_option option;
};

/* To be called first: finds dir, or ends the program. */
void play_begin(void);
/* A scenario with one plugstack line: kind ("optional", "required"), probe.so, its arguments. */
void prepare(struct play *p, enum host_context context, const char *kind, const char *args);
/* Run it, whatever comes of it. */
void attempt(struct play *p);
/* Run it; a crash, a hang or a sanitizer's finding fails the test. */
void run(struct play *p);
void end(struct play *p);

/* "init init_post_opt …": all calls in order of return. */
void assert_order(const struct host_result *res, const char *expected);
/* Some message of level info or above holds this text. */
void assert_says(const struct host_result *res, const char *text);
/* "NAME=VALUE/REMOTE …": all callbacks; VALUE is NULL for NULL. */
void assert_callbacks(const struct host_result *res, const char *expected);

#endif
