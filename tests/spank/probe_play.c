/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios with the probe plugin, for the fake host's own tests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe_play.h"

char *dir;

void play_begin(void)
{
    static char path[4096];
    const char *given = getenv("SPANK_TEST_DIR");

    dir = given ? realpath(given, path) : NULL;
    if (!dir) {
        printf("Bail out! SPANK_TEST_DIR must name the directory of the plugins\n");
        exit(99);
    }
}

void prepare(struct play *p, enum host_context context, const char *kind, const char *args)
{
    static const char *const env[] = {"PATH=/usr/bin:/bin", "HOME=/home/u", "A=1", NULL};

    memset(p, 0, sizeof(*p));
    host_scenario_init(&p->sc, context);
    snprintf(p->line[0], sizeof(p->line[0]), "%s %s/probe.so %s # comment", kind, dir, args);
    p->lines[0] = p->line[0];
    p->sc.plugstack = p->lines;
    p->sc.env = env;
    p->sc.cpus = 4;
}

/* What a test that fails leaves behind, so that it is no leak in those that follow. */
static struct host_result left[256];

static struct host_result *find_left(const struct host_result *res)
{
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
        if (left[i].logs == res->logs && left[i].plugins == res->plugins)
            return &left[i];
    return NULL;
}

void attempt(struct play *p)
{
    static const struct host_result none;
    struct host_result *place = find_left(&none);

    assert_int_equal(host_run(&p->sc, &p->res), 0);
    if (place)
        *place = p->res;
}

void run(struct play *p)
{
    attempt(p);
    assert_false(p->res.timed_out);
    assert_int_equal(p->res.signal, 0);
    assert_int_equal(p->res.exit_status, 0);
}

void end(struct play *p)
{
    struct host_result *place = find_left(&p->res);

    if (place)
        memset(place, 0, sizeof(*place));
    host_result_free(&p->res);
}

/* "init init_post_opt …" in order of calls. */
void assert_order(const struct host_result *res, const char *expected)
{
    char got[1024] = "";

    for (size_t i = 0; i < res->n_calls; i++)
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s", i ? " " : "",
                 host_hook_name(res->calls[i].hook));
    assert_string_equal(got, expected);
}

void assert_says(const struct host_result *res, const char *text)
{
    if (!host_find_log(res, HOST_LOG_INFO, text)) {
        host_dump(res);
        fail_msg("nobody says \"%s\"", text);
    }
}

void assert_callbacks(const struct host_result *res, const char *expected)
{
    char got[512] = "";

    for (size_t i = 0; i < res->n_callbacks; i++)
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s=%s/%d", i ? " " : "",
                 res->callbacks[i].name, res->callbacks[i].value ? res->callbacks[i].value : "NULL",
                 res->callbacks[i].remote);
    assert_string_equal(got, expected);
}
