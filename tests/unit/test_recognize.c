/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect/recognize: what files of launchers have in them. */
#include "support.h"

#include "watch/recognize.h"

#include <stdlib.h>
#include <string.h>

/* Recognize a text whose "|" stand for NULs, in memory of just its size. */
static enum flavour recognize(const char *text, char version[IDENTITY_VERSION],
                              const char **library)
{
    size_t length = strlen(text);
    char *bytes = malloc(length ? length : 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < length; i++)
        bytes[i] = text[i] == '|' ? '\0' : text[i];
    enum flavour flavour = FLAVOURS;
    if (library)
        flavour = recognize_launcher(bytes, length, version, library);
    else
        recognize_library(bytes, length, version);
    free(bytes);
    return flavour;
}

static void flavours_and_versions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum flavour flavour;
        const char *version;
        const char *expected;
    } cases[] = {
        {"", FLAVOUR_UNKNOWN, "", NULL},
        {"|1.2.3|", FLAVOUR_UNKNOWN, "", NULL},
        {"1.0.0|HYDRA build details:\n|4.0.2|date|", FLAVOUR_HYDRA, "4.0.2", NULL},
        {"|HYDRA build details:|4.1|", FLAVOUR_HYDRA, "4.1", NULL},
        {"|HYDRA build details:|4.1rc2|", FLAVOUR_HYDRA, "4.1rc2", NULL},
        {"|HYDRA build details:|x4.1|", FLAVOUR_HYDRA, "", NULL},
        {"|HYDRA build details:|4.1", FLAVOUR_HYDRA, "", NULL},
        {"HYDRA build details:|3.2.1|Intel(R) MPI Library for Linux* OS, Version 2021.9 Build",
         FLAVOUR_INTEL, "2021.9", NULL},
        {"HYDRA build details:|3.2.1|Intel(R) MPI Library, Version %s", FLAVOUR_INTEL, "", NULL},
        {"HYDRA build details:|3.1.4|/opt/mvapich2-2.3.7/lib", FLAVOUR_MVAPICH, "2.3.7", NULL},
        {"HYDRA build details:|3.1.4|MVAPICH2 x MVAPICH2 2.3.6|", FLAVOUR_MVAPICH, "2.3.6", NULL},
        {"|OMPI_PRTERUN|%s/bin|5.0.7|", FLAVOUR_PRRTE, "5.0.7", NULL},
        {"|libprrte.so.3|1.2.3|", FLAVOUR_PRRTE, "", "libprrte.so"},
        {"|libopen-rte.so.40|", FLAVOUR_OPENMPI, "", "libopen-rte.so"},
        {"|SLURM_X|SRUN_EXPORT_ENV|", FLAVOUR_SLURM, "", "libslurmfull.so"},
        {"# Intel\nI_MPI_ROOT=/opt", FLAVOUR_INTEL, "", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char version[IDENTITY_VERSION] = "untouched";
        const char *library = "untouched";
        enum flavour flavour = recognize(cases[i].text, version, &library);
        assert_text(cases[i].text, flavour_name(flavour), flavour_name(cases[i].flavour));
        assert_text(cases[i].text, version, cases[i].version);
        assert_text(cases[i].text, library, cases[i].expected);
    }
}

static void versions_of_libraries(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *version;
    } cases[] = {
        {"", ""},
        {"||", ""},
        {"|3.0.8|", "3.0.8"},
        {"3.0.8|4.0.0|", "3.0.8"},
        {"|1.2.13|v4.1.4|", "4.1.4"},
        {"|v2.1.1-0-gabcdef|1.2.13|", "2.1.1"},
        {"|1.2|v1.2|3.1.0a1|", "3.1.0a1"},
        {"|1..2|1.2.|.1.2|1.2.3 |", ""},
        {"|1.2.3", ""},
        {"|1.2.3aaaaaaaaaaaaaaaaaa|", "1.2.3aaaaaaaaaaaaaaaaaa"},
        {"|1.2.3aaaaaaaaaaaaaaaaaaa|", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char version[IDENTITY_VERSION] = "untouched";
        recognize(cases[i].text, version, NULL);
        assert_text(cases[i].text, version, cases[i].version);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flavours_and_versions),
        cmocka_unit_test(versions_of_libraries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
