/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe doctor: is the job in which it is called protected as it asked to be. */
#include "asked.h"
#include "doctor.h"

#include "core/printable.h"
#include "launch/paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool list_has(const char *list, const char *word)
{
    size_t length = strlen(word);
    while (list && *list) {
        size_t item = strcspn(list, ": ");
        if (item == length && strncmp(list, word, length) == 0)
            return true;
        list += item + (list[item] != '\0');
    }
    return false;
}

/* What came after nestsafe may have taken away again what it had set. */
static void check_armed(struct doctor *doctor, const char *mode)
{
    const char *asked = getenv(MODE_VARIABLE);
    enum preload preload = doctor->config.preload;
    bool guard = doctor->line && path_usable_guard() &&
                 (preload == PRELOAD_ALWAYS || (preload == PRELOAD_ASKED && asked && *asked));
    if (!list_has(getenv("PATH"), path_launchers))
        doctor_say(
            doctor, LEVEL_ERROR,
            "let what sets PATH keep what is in it: TaskProlog, --task-prolog, the script",
            "this job is protected (%s), but PATH has lost %s: launchers found through it are "
            "not repaired",
            mode, path_launchers);
    else if (guard && !list_has(getenv("LD_PRELOAD"), path_guard))
        doctor_say(
            doctor, LEVEL_WARNING, "let what sets LD_PRELOAD keep what is in it",
            "this job is protected (%s), but LD_PRELOAD has lost the guard: launchers called "
            "by a path are not repaired",
            mode);
    else
        doctor_say(doctor, LEVEL_OK, NULL, "this job is protected: %s", mode);
}

static void check_job(struct doctor *doctor)
{
    const char *armed = getenv(ARMED_MODE_VARIABLE);
    char word[24], mode[24];
    enum asked asked = asked_here(word, sizeof(word));
    if (!getenv("SLURM_JOB_ID"))
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "not in a job");
    else if (asked == ASKED_IN_VAIN)
        doctor_say(
            doctor, LEVEL_ERROR,
            "what is said of plugstack, plugin and settings above tells why; slurmd's log on "
            "this node may say more",
            "this job asked for protection (%s), and it is not active on this node", word);
    else if (asked == ASKED_LATER)
        doctor_say(doctor, LEVEL_OK, NULL,
                   MODE_VARIABLE "=%s was set after this step began: it holds for steps that are "
                                 "started from here",
                   word);
    else if (armed && *armed)
        check_armed(doctor, printable(mode, sizeof(mode), armed));
    else
        doctor_say(doctor, LEVEL_OK, NULL, "this job did not ask for protection");
}

const struct check checks_job[] = {{"job", check_job}, {NULL, NULL}};
