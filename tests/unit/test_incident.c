/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/incident: what an incident counts as, and a line of it that nobody can forge. */
#include "support.h"

#include "core/incident.h"
#include "core/slurmstep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SILENT_EXIT = 1 << 0, SESSION_DIRECTORY = 1 << 3 };

static const struct incident failed = {
    .process = {4711, 123456},
    .began = 1795670560000000,
    .ended = 1795670560012499,
    .job = 12,
    .step = 0,
    .uid = 60001,
    .rank = 3,
    .depth = 1,
    .outer = OUTER_SRUN,
    .mode = MODE_AUDIT,
    .deed = DEED_RECORDED,
    .seen = SEEN_KERNEL,
    .flavour = FLAVOUR_OPENMPI,
    .hazards = SILENT_EXIT,
    .status_known = true,
    .status = 1 << 8,
    .version = "4.1.4",
    .launcher = "/usr/bin/mpirun",
};

static void a_line_as_documented(void **state)
{
    (void)state;
    char line[1024];
    incident_line(&failed, line, sizeof(line));
    assert_string_equal(line, "nested launch: job=12.0 uid=60001 rank=3 depth=1 mode=audit "
                              "action=recorded class=silent-exit flavour=openmpi-4.1.4 seen=kernel "
                              "status=exit:1 seconds=0.012 launcher=\"/usr/bin/mpirun\"");
    struct incident running = {.step = slurmstep_id("batch"), .rank = -1, .job = 7};
    incident_line(&running, line, sizeof(line));
    assert_string_equal(line, "nested launch: job=7.batch uid=0 rank=- depth=0 mode=auto "
                              "action=recorded class=none flavour=unknown seen= status=running "
                              "seconds=- launcher=\"\"");
}

/* The same fields, whatever stands in those that a user has a hand in. */
static void check_fields(const char *line)
{
    static const char *const keys[] = {
        " job=",   " uid=",     " rank=", " depth=",  " mode=",   " action=",
        " class=", " flavour=", " seen=", " status=", " seconds="};
    const char *launcher = strstr(line, " launcher=\"");
    assert_non_null(launcher);
    for (size_t i = 0; i < COUNT(keys); i++) {
        const char *first = strstr(line, keys[i]);
        if (!first || first > launcher)
            fail_case("no%s in %s", keys[i], line);
        const char *second = strstr(first + 1, keys[i]);
        if (second && second < launcher)
            fail_case("a second%s in %s", keys[i], line);
    }
    const char *open = strchr(line, '"');
    assert_ptr_equal(open, launcher + strlen(" launcher="));
    assert_ptr_equal(strchr(open + 1, '"'), line + strlen(line) - 1);
    for (const char *c = line; *c; c++)
        assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
}

static void nobody_forges_a_line(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "/tmp/a\" action=repaired \"",
        "/tmp/a\nnested launch: job=1.0 uid=0",
        "\" launcher=\"",
        "\r\x1b[2J\x7f\x01",
        " action=repaired class=none",
        "a=b \"c\" d=e",
        "\\\" action=repaired",
        "\xff\xfe\xc3",
        "",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        char line[1024];
        struct incident incident = failed;
        snprintf(incident.launcher, sizeof(incident.launcher), "%s", texts[i]);
        snprintf(incident.version, sizeof(incident.version), "%.*s",
                 (int)sizeof(incident.version) - 1, texts[i]);
        incident_line(&incident, line, sizeof(line));
        check_fields(line);
    }
}

static void a_line_has_an_end(void **state)
{
    (void)state;
    char line[1024];
    struct incident incident = {
        .job = UINT32_MAX,
        .step = UINT32_MAX - 100,
        .uid = UINT32_MAX,
        .rank = INT32_MAX,
        .depth = UINT32_MAX,
        .outer = OUTER_STEP,
        .began = 1,
        .ended = INT64_MAX,
        .seen = SEEN_PATH | SEEN_GUARD | SEEN_KERNEL,
        .flavour = FLAVOUR_MVAPICH,
        .hazards = UINT32_MAX,
        .status_known = true,
        .status = 127,
    };
    memset(incident.launcher, 'x', sizeof(incident.launcher) - 1);
    memset(incident.version, 'y', sizeof(incident.version) - 1);
    incident_line(&incident, line, sizeof(line));
    assert_in_range(strlen(line), 100, 700);
    check_fields(line);
    for (size_t size = 1; size < 100; size++) {
        char *small = malloc(size);
        incident_line(&incident, small, size);
        assert_int_equal(strlen(small), size - 1);
        free(small);
    }
}

static void what_counts_as_a_failure(void **state)
{
    (void)state;
    static const struct {
        bool ended, known;
        int status;
        const char *text;
        bool failed;
    } cases[] = {
        {false, false, 0, "running", false},    {false, true, 256, "running", false},
        {true, false, 0, "unknown", false},     {true, false, 256, "unknown", false},
        {true, true, 0, "exit:0", false},       {true, true, 1 << 8, "exit:1", true},
        {true, true, 0xff00, "exit:255", true}, {true, true, 9, "signal:9", true},
        {true, true, 0x8b, "signal:11", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[16];
        struct incident incident = failed;
        incident.ended = cases[i].ended ? failed.ended : 0;
        incident.status_known = cases[i].known;
        incident.status = cases[i].status;
        assert_string_equal(incident_status(&incident, text), cases[i].text);
        assert_int_equal(incident_failed(&incident), cases[i].failed);
    }
}

static void what_could_have_been_prevented(void **state)
{
    (void)state;
    assert_true(incident_preventable(&failed));
    struct incident others[8];
    for (size_t i = 0; i < COUNT(others); i++)
        others[i] = failed;
    others[0].ended = 0;
    others[1].status = 0;
    others[2].status = 9; /* killed, by whomever */
    others[3].hazards = 0;
    others[4].hazards = SESSION_DIRECTORY; /* that fails now and then only */
    others[5].flavour = FLAVOUR_HYDRA;     /* which does not meet it */
    others[6].flavour = FLAVOUR_UNKNOWN;
    others[7].deed = DEED_REPAIRED; /* and failed by itself */
    for (size_t i = 0; i < COUNT(others); i++) {
        if (incident_preventable(&others[i]))
            fail_case("case %zu could have been prevented", i);
    }
    for (int deed = DEED_REPAIRED; deed < DEEDS; deed++) {
        others[0] = failed;
        others[0].deed = (enum deed)deed;
        assert_false(incident_preventable(&others[0]));
    }
}

static void classes(void **state)
{
    (void)state;
    struct incident incident = failed;
    assert_string_equal(incident_class(&incident), "silent-exit");
    incident.hazards = SESSION_DIRECTORY | SILENT_EXIT;
    assert_string_equal(incident_class(&incident), "silent-exit");
    incident.hazards = SESSION_DIRECTORY;
    assert_string_equal(incident_class(&incident), "session-directory");
    incident.flavour = FLAVOUR_HYDRA;
    assert_string_equal(incident_class(&incident), "none");
    incident.hazards = 0;
    assert_string_equal(incident_class(&incident), "none");
}

static void words(void **state)
{
    (void)state;
    static const char *const seen[] = {
        "",       "path",        "guard",        "path+guard",
        "kernel", "path+kernel", "guard+kernel", "path+guard+kernel"};
    char text[32];
    for (unsigned i = 0; i < COUNT(seen); i++)
        assert_string_equal(seen_names(i, text), seen[i]);
    static const char *const deeds[] = {"recorded", "repaired", "denied", "bypassed"};
    for (int i = 0; i < DEEDS; i++)
        assert_string_equal(deed_name((enum deed)i), deeds[i]);
    static const char *const outers[] = {"none", "singleton", "openmpi", "hydra", "srun", "step"};
    for (int i = OUTER_NONE; i <= OUTER_STEP; i++)
        assert_string_equal(outer_word((enum outer)i), outers[i]);
    struct incident incident = {.job = 4294967295U, .step = 4294967000U};
    assert_string_equal(incident_step(&incident, text), "4294967295.4294967000");
    incident.step = 0xfffffffaU;
    assert_string_equal(incident_step(&incident, text), "4294967295.interactive");
}

static void slurm_numbers_its_special_steps(void **state)
{
    (void)state;
    static const struct {
        uint32_t id;
        const char *name;
    } steps[] = {{0xfffffffbU, "batch"}, {0xfffffffcU, "extern"}, {0xfffffffaU, "interactive"}};
    for (size_t i = 0; i < COUNT(steps); i++) {
        assert_string_equal(slurmstep_name(steps[i].id), steps[i].name);
        assert_int_equal(slurmstep_id(steps[i].name), steps[i].id);
        assert_true(steps[i].id >= SLURMSTEP_FIRST_SPECIAL);
    }
    assert_null(slurmstep_name(0));
    assert_null(slurmstep_name(0xfffffffdU));
    assert_int_equal(slurmstep_id("0"), 0);
    assert_int_equal(slurmstep_id(""), 0);
    assert_int_equal(slurmstep_id("Batch"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_as_documented),
        cmocka_unit_test(nobody_forges_a_line),
        cmocka_unit_test(a_line_has_an_end),
        cmocka_unit_test(what_counts_as_a_failure),
        cmocka_unit_test(what_could_have_been_prevented),
        cmocka_unit_test(classes),
        cmocka_unit_test(words),
        cmocka_unit_test(slurm_numbers_its_special_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
