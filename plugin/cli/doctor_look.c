/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe doctor: the facts of this host, which more than one check looks at. */
#include "child.h"
#include "doctor.h"
#include "slurmtext.h"

#include "core/printable.h"
#include "launch/paths.h"
#include "launch/readfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* slurmctld's own patience is longer (MessageTimeout, and its retries). */
enum { ANSWER_SECONDS = 20, FILE_MAX = 1024 * 1024 * 64 };

#define PLUGIN_NAME "nestsafe"

/* 0, with the complaint noted, where it does not even tell that. */
static uint32_t release_of(struct doctor *doctor, char *program, char *option)
{
    struct child child;
    uint32_t release = 0;
    char *argv[] = {program, option, NULL};
    bool ran = child_run(&child, argv, ANSWER_SECONDS) == 0;
    if (ran && child.status == 0)
        release = slurmtext_release(child.output);
    else if (ran && child.status != 127)
        printable(doctor->complaint, sizeof(doctor->complaint), child_complaint(&child));
    child_destroy(&child);
    return release;
}

static void look_at_slurm(struct doctor *doctor)
{
    struct child child;
    char *argv[] = {(char *)"scontrol", (char *)"show", (char *)"config", NULL};
    doctor->daemon = release_of(doctor, (char *)"slurmd", (char *)"-V");
    doctor->complaint[0] = '\0';
    doctor->release = release_of(doctor, (char *)"scontrol", (char *)"--version");
    if (!doctor->release)
        return;
    if (child_run(&child, argv, ANSWER_SECONDS) == 0 && child.status == 0) {
        doctor->conf = child.output;
        child.output = NULL;
    } else {
        printable(doctor->complaint, sizeof(doctor->complaint),
                  child.status == 124 || !child.errors ? "no answer in time"
                                                       : child_complaint(&child));
    }
    child_destroy(&child);
}

/* slurmd and its steps say it; else by the host's name, from slurm.conf. */
static void look_for_node(struct doctor *doctor)
{
    struct child child;
    char *argv[] = {(char *)"scontrol", (char *)"show", (char *)"aliases", NULL};
    const char *name = getenv("SLURMD_NODENAME");
    doctor->in_step = name && getenv("SLURM_JOB_ID");
    if (name) {
        snprintf(doctor->node, sizeof(doctor->node), "%s", name);
        return;
    }
    if (child_run(&child, argv, ANSWER_SECONDS) == 0 && child.status == 0)
        snprintf(doctor->node, sizeof(doctor->node), "%.*s", (int)strcspn(child.output, " ,\n"),
                 child.output);
    child_destroy(&child);
}

void doctor_setting(const struct doctor *doctor, const char *key, char *value, size_t size)
{
    value[0] = '\0';
    if (doctor->conf)
        slurmtext_value(doctor->conf, key, value, size);
}

/* The directory of a path, without its end. */
static void directory_of(char *directory, size_t size, const char *path)
{
    const char *slash = strrchr(path, '/');
    snprintf(directory, size, "%.*s", slash ? (int)(slash - path) : 0, path);
}

static bool take_file(struct doctor *doctor, const char *directory)
{
    char conf[PATH_MAX + 16];
    snprintf(conf, sizeof(conf), "%s/slurm.conf", directory);
    if (access(conf, F_OK) != 0)
        return false;
    int length = snprintf(doctor->file, sizeof(doctor->file), "%s/plugstack.conf", directory);
    return length < (int)sizeof(doctor->file);
}

/*
 * Slurm's programs look beside their slurm.conf, unless PlugStackConfig= says otherwise. That is
 * where SLURM_CONF says, where Slurm was built to look, or, on a configless cluster, where slurmd
 * has put what slurmctld sent it (slurm read_config.c, get_extra_conf_path; fetch_config.c). Other
 * hosts of such a cluster keep none: each command asks slurmctld.
 */
static void look_for_file(struct doctor *doctor)
{
    char theirs[PATH_MAX], said[PATH_MAX], spool[PATH_MAX - 16], beside[PATH_MAX];
    char ours[PATH_MAX] = "", cache[PATH_MAX];
    const char *conf = getenv("SLURM_CONF");
    doctor_setting(doctor, "SLURM_CONF", theirs, sizeof(theirs));
    doctor_setting(doctor, "PlugStackConfig", said, sizeof(said));
    doctor_setting(doctor, "SlurmdSpoolDir", spool, sizeof(spool));
    snprintf(cache, sizeof(cache), "%s/conf-cache", spool);
    if (conf && *conf == '/')
        directory_of(ours, sizeof(ours), conf);
    directory_of(beside, sizeof(beside), theirs);
    size_t length = strlen(beside);
    bool default_place =
        strncmp(said, beside, length) == 0 && strcmp(said + length, "/plugstack.conf") == 0;
    if (*said == '/' && !default_place && access(said, F_OK) == 0) {
        snprintf(doctor->file, sizeof(doctor->file), "%s", said);
        return;
    }
    const char *const directories[] = {ours, "/etc/slurm", beside, "/run/slurm/conf", cache};
    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
        if (*directories[i] && take_file(doctor, directories[i]))
            return;
    }
}

void doctor_plugin_path(const struct doctor *doctor, const struct plugstack_line *line,
                        char path[PATH_MAX])
{
    char directories[PATH_MAX];
    snprintf(path, PATH_MAX, "%s", line->path);
    if (*line->path == '/')
        return;
    doctor_setting(doctor, "PluginDir", directories, sizeof(directories));
    for (char *rest = directories, *one; (one = strsep(&rest, ":"));) {
        char full[2 * PATH_MAX];
        int length = snprintf(full, sizeof(full), "%s/%s", one, line->path);
        if (length < PATH_MAX && access(full, F_OK) == 0) {
            memcpy(path, full, (size_t)length + 1);
            return;
        }
    }
}

/* Ours by what it says it is; where there is no file, by its name. */
static bool is_ours(const struct doctor *doctor, const struct plugstack_line *line)
{
    char path[PATH_MAX];
    struct spankfile file;
    if (line->kind == PLUGSTACK_INVALID)
        return false;
    doctor_plugin_path(doctor, line, path);
    if (spankfile_read(&file, path) == 0 && *file.name)
        return strcmp(file.name, PLUGIN_NAME) == 0;
    const char *slash = strrchr(path, '/');
    return strcmp(slash ? slash + 1 : path, PLUGIN_NAME ".so") == 0;
}

static int look_for_line(struct doctor *doctor)
{
    if (*doctor->file && plugstack_read(&doctor->stack, doctor->file) != 0)
        return -1;
    for (size_t i = 0; i < doctor->stack.count; i++) {
        if (!is_ours(doctor, &doctor->stack.lines[i]))
            continue;
        doctor->lines++;
        if (!doctor->line)
            doctor->line = &doctor->stack.lines[i];
    }
    if (!doctor->line) {
        config_parse(&doctor->config, 0, NULL);
        return 0;
    }
    config_parse(&doctor->config, doctor->line->argc, doctor->line->argv);
    doctor_plugin_path(doctor, doctor->line, doctor->plugin);
    doctor->plugin_error = spankfile_read(&doctor->plugin_file, doctor->plugin) == 0 ? 0 : errno;
    return 0;
}

static void fingerprint(char text[SAME_TEXT], const char *path)
{
    size_t length;
    char *bytes = path ? readfile(path, FILE_MAX, &length) : NULL;
    if (bytes)
        snprintf(text, SAME_TEXT, "%016llx",
                 (unsigned long long)spankfile_hash((const unsigned char *)bytes, length));
    free(bytes);
}

static void look_at_sameness(struct doctor *doctor)
{
    char name[16];
    char *line = doctor->same[SAME_LINE];
    size_t at = 0;
    strcpy(doctor->same[SAME_VERSION], PACKAGE_VERSION);
    if (doctor->release)
        strcpy(doctor->same[SAME_SLURM], slurmtext_release_name(name, doctor->release));
    fingerprint(doctor->same[SAME_PLUGIN], doctor->line ? doctor->plugin : NULL);
    fingerprint(doctor->same[SAME_GUARD], path_guard);
    fingerprint(doctor->same[SAME_LAUNCHER], path_first_launcher);
    fingerprint(doctor->same[SAME_RULES], doctor->config.rules);
    for (int i = -1; doctor->line && i < doctor->line->argc && at < SAME_TEXT; i++)
        at += (size_t)snprintf(line + at, SAME_TEXT - at, "%s%s", i < 0 ? "" : " ",
                               i < 0 ? doctor->line->path : doctor->line->argv[i]);
}

int doctor_look(struct doctor *doctor)
{
    *doctor = (struct doctor){.root = geteuid() == 0};
    look_at_slurm(doctor);
    look_for_node(doctor);
    look_for_file(doctor);
    if (look_for_line(doctor) != 0)
        return -1;
    look_at_sameness(doctor);
    return 0;
}

void doctor_destroy(struct doctor *doctor)
{
    plugstack_destroy(&doctor->stack);
    config_destroy(&doctor->config);
    free(doctor->conf);
    free(doctor->findings.list);
    *doctor = (struct doctor){0};
}
