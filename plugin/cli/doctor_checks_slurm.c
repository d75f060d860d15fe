/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe doctor: Slurm itself, and how it is set up. */
#include "child.h"
#include "doctor.h"
#include "slurmtext.h"

#include "core/printable.h"
#include "launch/paths.h"
#include "launch/readfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NO_ANSWER "slurmctld does not answer"

enum { PROGRAM_MAX = 1024 * 1024, SECONDS = 20 };

static void check_slurm(struct doctor *doctor)
{
    char name[16];
    if (doctor->release)
        doctor_say(doctor, LEVEL_OK, NULL, "Slurm %s",
                   slurmtext_release_name(name, doctor->release));
    else
        doctor_say(doctor, LEVEL_ERROR,
                   "call this where Slurm's commands work; without Slurm there is 'nestsafe run'",
                   "there is no Slurm here: %s",
                   *doctor->complaint ? doctor->complaint : "scontrol is not in PATH");
}

static void check_slurmctld(struct doctor *doctor)
{
    if (doctor->conf)
        doctor_say(doctor, LEVEL_OK, NULL, "slurmctld answers");
    else if (!doctor->release)
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "no Slurm here");
    else
        doctor_say(doctor, LEVEL_ERROR,
                   "see that slurmctld runs and that this host may reach it ('scontrol ping'); "
                   "what depends on its settings is not checked",
                   "slurmctld does not answer: %s", doctor->complaint);
}

static void check_munge(struct doctor *doctor)
{
    struct child child;
    char *argv[] = {(char *)"munge", (char *)"-n", NULL};
    if (!doctor->release) {
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "no Slurm here");
        return;
    }
    if (child_run(&child, argv, SECONDS) != 0 || child.status == 127)
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "the command munge is not here");
    else if (child.status == 0)
        doctor_say(doctor, LEVEL_OK, NULL, "munge gives credentials");
    else
        doctor_say(doctor, LEVEL_ERROR,
                   "start munged (systemctl status munge); the nodes of a job report to each other "
                   "with its credentials",
                   "munge gives no credential: %s", child_complaint(&child));
    child_destroy(&child);
}

static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; *at;) {
        size_t end = strcspn(at, ",");
        if (end == length && strncasecmp(at, word, length) == 0)
            return true;
        at += end + (at[end] == ',');
    }
    return false;
}

static void check_accounting(struct doctor *doctor)
{
    static const char *const flags[] = {[ACCOUNTING_COMMENT] = "job_comment",
                                        [ACCOUNTING_EXTRA] = "job_extra",
                                        [ACCOUNTING_NONE] = NULL};
    char type[128], stored[256];
    enum accounting field = doctor->config.accounting;
    const char *flag = field == ACCOUNTING_ADMIN_COMMENT ? NULL : flags[field];
    doctor_setting(doctor, "AccountingStorageType", type, sizeof(type));
    doctor_setting(doctor, "AccountingStoreFlags", stored, sizeof(stored));
    if (!doctor->conf || !doctor->line || !doctor->config.valid)
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "%s",
                   doctor->conf ? "nestsafe has no valid settings here" : NO_ANSWER);
    else if (field == ACCOUNTING_NONE)
        doctor_say(doctor, LEVEL_OK, NULL, "accounting=none: no totals in the jobs' records");
    else if (flag && !has_word(stored, flag))
        doctor_say(doctor, LEVEL_ERROR,
                   "add the flag to AccountingStoreFlags in slurm.conf, or use "
                   "accounting=admin_comment, which is always stored",
                   "accounting=%s is not stored: AccountingStoreFlags has no %s",
                   accounting_name(field), flag);
    else if (strcmp(type, "accounting_storage/slurmdbd") != 0)
        doctor_say(doctor, LEVEL_WARNING,
                   "set up slurmdbd for sacct and 'nestsafe audit', or say accounting=none",
                   "the totals of jobs are forgotten with the jobs: AccountingStorageType is %s",
                   *type ? type : "not set");
    else
        doctor_say(doctor, LEVEL_OK, NULL, "accounting=%s is stored by slurmdbd",
                   accounting_name(field));
}

/* One program of TaskProlog, which runs after the plugins (slurm task.c, exec_task). */
static bool prolog_is_good(struct doctor *doctor, const char *path)
{
    static const char *const names[] = {"PATH", "LD_PRELOAD"};
    size_t length;
    bool good = true;
    char *text = readfile(path, PROGRAM_MAX, &length);
    for (size_t i = 0; text && i < sizeof(names) / sizeof(names[0]); i++) {
        if (!slurmtext_resets(text, names[i]))
            continue;
        good = false;
        doctor_say(doctor, LEVEL_ERROR,
                   i == 0 ? "let it print PATH with the old one at the front or the end "
                            "(echo \"export PATH=$PATH:/more\")"
                          : "let it print LD_PRELOAD with the old one in it",
                   "TaskProlog %s sets %s anew, after nestsafe has: launchers are not repaired%s",
                   path, names[i], i == 0 ? " through PATH" : " where they are called by a path");
    }
    free(text);
    return good;
}

static void check_prolog(struct doctor *doctor)
{
    char path[PATH_MAX];
    doctor_setting(doctor, "TaskProlog", path, sizeof(path));
    if (!doctor->conf)
        doctor_say(doctor, LEVEL_SKIPPED, NULL, NO_ANSWER);
    else if (!*path)
        doctor_say(doctor, LEVEL_OK, NULL, "no TaskProlog");
    else if (prolog_is_good(doctor, path))
        doctor_say(doctor, LEVEL_OK, NULL, "TaskProlog %s leaves PATH and LD_PRELOAD alone", path);
}

static bool is_below(const char *path, const char *directory)
{
    size_t length = strlen(directory);
    return path && strncmp(path, directory, length) == 0 && path[length] == '/';
}

/* job_container/tmpfs and namespace/tmpfs give each job directories of its own, by default these.
 */
static void check_container(struct doctor *doctor)
{
    static const char *const hidden[] = {"/tmp", "/dev/shm", "/var/tmp"};
    const char *const needed[] = {path_launchers, path_guard, doctor->config.rules,
                                  doctor->config.rundir};
    char type[128];
    doctor_setting(doctor, "JobContainerType", type, sizeof(type));
    if (!*type)
        doctor_setting(doctor, "NamespaceType", type, sizeof(type));
    if (!*type || strstr(type, "none")) {
        doctor_say(doctor, doctor->conf ? LEVEL_OK : LEVEL_SKIPPED, NULL, "%s",
                   doctor->conf ? "jobs have no directories of their own (JobContainerType)"
                                : NO_ANSWER);
        return;
    }
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        for (size_t h = 0; h < sizeof(hidden) / sizeof(hidden[0]); h++) {
            if (is_below(needed[i], hidden[h])) {
                doctor_say(doctor, LEVEL_ERROR, "move it, or install nestsafe, elsewhere",
                           "%s hides %s from jobs: it is below %s", type, needed[i], hidden[h]);
                return;
            }
        }
    }
    doctor_say(doctor, LEVEL_OK, NULL, "%s hides nothing of nestsafe's", type);
}

const struct check checks_slurm[] = {
    {"slurm", check_slurm},
    {"slurmctld", check_slurmctld},
    {"munge", check_munge},
    {"accounting", check_accounting},
    {"taskprolog", check_prolog},
    {"container", check_container},
    {NULL, NULL},
};
