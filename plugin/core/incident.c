/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An incident: the record of one nested launch, from its start to its exit status. */
#include "incident.h"

#include "printable.h"
#include "slurmstep.h"

#include <stdio.h>
#include <string.h>

/* The status words of wait(2), which core does not ask the system for. */
static bool is_signal(int status)
{
    return (status & 0x7f) != 0;
}

static const struct hazard *met(const struct incident *incident)
{
    return hazard_met(incident->hazards, incident->flavour);
}

const char *incident_class(const struct incident *incident)
{
    const struct hazard *hazard = met(incident);
    return hazard ? hazard->name : "none";
}

bool incident_failed(const struct incident *incident)
{
    return incident->ended && incident->status_known && incident->status != 0;
}

bool incident_preventable(const struct incident *incident)
{
    const struct hazard *hazard = met(incident);
    return incident->deed == DEED_RECORDED && incident_failed(incident) && hazard &&
           hazard->fatal && !is_signal(incident->status) && incident->flavour != FLAVOUR_UNKNOWN;
}

const char *incident_status(const struct incident *incident, char text[16])
{
    if (!incident->ended)
        return "running";
    if (!incident->status_known)
        return "unknown";
    if (is_signal(incident->status))
        snprintf(text, 16, "signal:%d", incident->status & 0x7f);
    else
        snprintf(text, 16, "exit:%d", incident->status >> 8 & 0xff);
    return text;
}

const char *incident_step(const struct incident *incident, char text[32])
{
    const char *special = slurmstep_name(incident->step);
    if (special)
        snprintf(text, 32, "%u.%s", incident->job, special);
    else
        snprintf(text, 32, "%u.%u", incident->job, incident->step);
    return text;
}

const char *deed_name(enum deed deed)
{
    static const char *const names[DEEDS] = {
        [DEED_RECORDED] = "recorded",
        [DEED_REPAIRED] = "repaired",
        [DEED_DENIED] = "denied",
        [DEED_BYPASSED] = "bypassed",
    };
    return names[deed];
}

const char *seen_names(unsigned seen, char text[32])
{
    snprintf(text, 32, "%s%s%s%s%s", seen & SEEN_PATH ? "path" : "",
             seen & SEEN_PATH && seen & SEEN_GUARD ? "+" : "", seen & SEEN_GUARD ? "guard" : "",
             seen & SEEN_KERNEL && seen != SEEN_KERNEL ? "+" : "",
             seen & SEEN_KERNEL ? "kernel" : "");
    return text;
}

const char *outer_word(enum outer outer)
{
    static const char *const words[] = {
        [OUTER_NONE] = "none",   [OUTER_SINGLETON] = "singleton", [OUTER_OPENMPI] = "openmpi",
        [OUTER_HYDRA] = "hydra", [OUTER_SRUN] = "srun",           [OUTER_STEP] = "step",
    };
    return words[outer];
}

/* A path may hold blanks and whatever else looks like a field: it stands last, in quotes, and has
 * none of its own. */
static void quote(char *out, size_t size, const char *path)
{
    printable(out, size, path);
    for (char *c = out; *c; c++) {
        if (*c == '"')
            *c = '?';
    }
}

/* A program says its version itself, and it stands among the fields. */
static void word(char *out, size_t size, const char *text)
{
    printable(out, size, text);
    for (char *c = out; *c; c++) {
        if (*c == ' ' || *c == '=' || *c == '"')
            *c = '?';
    }
}

const char *incident_line(const struct incident *incident, char *text, size_t size)
{
    char step[32], status[16], seen[32], version[24], path[160];
    char rank[24] = "-", seconds[32] = "-";
    if (incident->rank >= 0)
        snprintf(rank, sizeof(rank), "%ld", incident->rank);
    if (incident->ended)
        snprintf(seconds, sizeof(seconds), "%.3f",
                 (double)(incident->ended - incident->began) / 1e6);
    word(version, sizeof(version), incident->version);
    quote(path, sizeof(path), incident->launcher);
    snprintf(
        text, size,
        "nested launch: job=%s uid=%u rank=%s depth=%u mode=%s action=%s class=%s flavour=%s%s%s "
        "seen=%s status=%s seconds=%s launcher=\"%s\"",
        incident_step(incident, step), incident->uid, rank, incident->depth,
        mode_name(incident->mode), deed_name(incident->deed), incident_class(incident),
        flavour_name(incident->flavour), version[0] ? "-" : "", version,
        seen_names(incident->seen, seen), incident_status(incident, status), seconds, path);
    return text;
}
