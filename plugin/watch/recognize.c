/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which MPI a launcher belongs to, and which release of it, by what is in its file. */
#include "recognize.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* How far behind a marker its version may be. */
enum { NEAR = 4096 };

struct mark {
    const char *text; /* in the file of a launcher of … */
    enum flavour flavour;
    const char *before;  /* text right before the version; NULL: a string of its own … */
    bool near;           /* … that comes soon after the mark, and may be as short as "4.1" */
    const char *library; /* what has the version instead of the file */
};

/*
 * The first one found counts: what descends from MPICH has Hydra's marks too. Where such a launcher
 * does not name its own release, MPICH's would be the wrong one.
 * mpirun of Open MPI 5 runs PRRTE's prterun, but tells Open MPI's version; prterun tells PRRTE's.
 * The last rows are for launchers that are linked statically and for Intel MPI's script.
 */
static const struct mark marks[] = {
    {"Intel(R) MPI Library", FLAVOUR_INTEL, "Version ", false, NULL},
    {"MVAPICH2", FLAVOUR_MVAPICH, "MVAPICH2 ", false, NULL},
    {"mvapich2", FLAVOUR_MVAPICH, "mvapich2-", false, NULL},
    {"MVAPICH", FLAVOUR_MVAPICH, "MVAPICH ", false, NULL},
    {"HYDRA build details", FLAVOUR_HYDRA, NULL, true, NULL},
    {"OMPI_PRTERUN", FLAVOUR_PRRTE, NULL, false, NULL},
    {"libprrte.so", FLAVOUR_PRRTE, NULL, false, "libprrte.so"},
    {"libopen-rte.so", FLAVOUR_OPENMPI, NULL, false, "libopen-rte.so"},
    {"prte_ess_base", FLAVOUR_PRRTE, NULL, false, NULL},
    {"orte_ess_base", FLAVOUR_OPENMPI, NULL, false, NULL},
    {"SRUN_EXPORT_ENV", FLAVOUR_SLURM, NULL, false, "libslurmfull.so"},
    {"I_MPI_ROOT", FLAVOUR_INTEL, "Version ", false, NULL},
};

/* The length of a version such as "4.1.4" or "5.0.0rc2" at text, with that many dots at least; 0
 * where there is none. */
static size_t version_length(const char *text, size_t length, unsigned dots)
{
    size_t i = 0;
    bool digit = false;
    for (; i < length && (isdigit((unsigned char)text[i]) || (text[i] == '.' && digit)); i++) {
        digit = text[i] != '.';
        if (!digit && dots)
            dots--;
    }
    if (dots || !digit)
        return 0;
    while (i < length && isalnum((unsigned char)text[i]))
        i++;
    return i < IDENTITY_VERSION ? i : 0;
}

static void take(char version[IDENTITY_VERSION], const char *text, size_t length)
{
    memcpy(version, text, length);
    version[length] = '\0';
}

/* The first version behind a text. */
static void version_behind(const char *bytes, size_t length, const char *before,
                           char version[IDENTITY_VERSION])
{
    const char *end = bytes + length;
    const char *at = bytes;
    while ((at = memmem(at, (size_t)(end - at), before, strlen(before)))) {
        at += strlen(before);
        size_t found = version_length(at, (size_t)(end - at), 1);
        if (found) {
            take(version, at, found);
            return;
        }
    }
}

/* The first string that is a version. One with a "v", as a repository tags its releases, is more
 * certain: libraries that were linked in have versions of their own. */
static void version_string(const char *bytes, size_t length, unsigned dots,
                           char version[IDENTITY_VERSION])
{
    const char *end = bytes + length;
    for (const char *at = bytes; at < end; at++) {
        const char *next = memchr(at, '\0', (size_t)(end - at));
        if (!next)
            return;
        bool tagged = *at == 'v';
        const char *start = at + tagged;
        size_t found = version_length(start, (size_t)(next - start), tagged ? 2 : dots);
        bool whole = found && (start[found] == '\0' || (tagged && start[found] == '-'));
        if (whole && (tagged || !version[0]))
            take(version, start, found);
        if (whole && tagged)
            return;
        at = next;
    }
}

enum flavour recognize_launcher(const char *bytes, size_t length, char version[IDENTITY_VERSION],
                                const char **library)
{
    version[0] = '\0';
    *library = NULL;
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        const struct mark *mark = &marks[i];
        const char *at = memmem(bytes, length, mark->text, strlen(mark->text));
        if (!at)
            continue;
        size_t rest = length - (size_t)(at - bytes);
        *library = mark->library;
        if (mark->before)
            version_behind(bytes, length, mark->before, version);
        else if (mark->near)
            version_string(at, rest < NEAR ? rest : NEAR, 1, version);
        else if (!mark->library)
            version_string(bytes, length, 2, version);
        return mark->flavour;
    }
    return FLAVOUR_UNKNOWN;
}

void recognize_library(const char *bytes, size_t length, char version[IDENTITY_VERSION])
{
    version[0] = '\0';
    version_string(bytes, length, 2, version);
}
