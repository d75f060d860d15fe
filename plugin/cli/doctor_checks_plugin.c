/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe doctor: the line in plugstack.conf, the plugin it names, and its neighbours. */
#include "child.h"
#include "doctor.h"
#include "slurmtext.h"

#include "launch/paths.h"
#include "launch/readfile.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECONDS = 20 };

#define LINE_ADVICE "write 'optional " NESTSAFE_PLUGIN "' into it"
#define SENT_LINE_ADVICE                                                                           \
    "write 'optional " NESTSAFE_PLUGIN "' into plugstack.conf itself on slurmctld's host, which "  \
    "sends no file that this one includes, and call 'scontrol reconfigure'"

/* What those checks say that look at the line where there is none. Returns whether there is. */
static bool has_line(struct doctor *doctor)
{
    if (!doctor->line)
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "no line of nestsafe's was found");
    return doctor->line;
}

/* What slurmctld sends to the hosts of a configless cluster is not theirs to change. */
static bool is_sent(const char *file)
{
    return strstr(file, "/conf-cache/") || strncmp(file, "/run/slurm/conf/", 16) == 0;
}

static void check_plugstack(struct doctor *doctor)
{
    const struct plugstack_line *line = doctor->line;
    if (!doctor->release)
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "no Slurm here");
    else if (!*doctor->file)
        doctor_say(doctor, LEVEL_SKIPPED, NULL,
                   "this host keeps no slurm.conf: its commands ask slurmctld (configless)");
    else if (doctor->stack.unreadable)
        doctor_say(doctor, LEVEL_ERROR, "let everybody read it (chmod a+r): every srun reads it",
                   "%s cannot be read", doctor->stack.unreadable);
    else if (!line)
        doctor_say(doctor, LEVEL_ERROR, is_sent(doctor->file) ? SENT_LINE_ADVICE : LINE_ADVICE,
                   "nestsafe is not in %s%s", doctor->file,
                   access(doctor->file, F_OK) == 0 ? "" : ", which is not there");
    else
        doctor_say(doctor, LEVEL_OK, NULL, "nestsafe is in %s, line %u", line->file, line->number);
}

static void check_line(struct doctor *doctor)
{
    if (!has_line(doctor))
        return;
    if (doctor->lines > 1)
        doctor_say(doctor, LEVEL_ERROR, "keep one of the lines",
                   "nestsafe is listed %zu times in plugstack.conf; the first line is %s:%u",
                   doctor->lines, doctor->line->file, doctor->line->number);
    else if (doctor->line->kind == PLUGSTACK_REQUIRED)
        doctor_say(doctor, LEVEL_WARNING, "write 'optional' there",
                   "nestsafe is 'required' in %s, line %u: no job starts on a host where it is "
                   "missing",
                   doctor->line->file, doctor->line->number);
    else
        doctor_say(doctor, LEVEL_OK, NULL, "listed once, optional");
}

static void say_release(struct doctor *doctor, const char *program, uint32_t release)
{
    char theirs[16], ours[16];
    slurmtext_release_name(theirs, release);
    if (doctor->plugin_file.release >> 8 == 0)
        snprintf(ours, sizeof(ours), "before 21.08");
    else
        slurmtext_release_name(ours, doctor->plugin_file.release);
    doctor_say(doctor, LEVEL_ERROR, "build nestsafe for the Slurm that is here",
               "%s was built for Slurm %s; %s here is %s and does not load it", doctor->plugin,
               ours, program, theirs);
}

/* As Slurm does (plugin.c, plugin_load_from_file), but for functions of Slurm's own, which are not
 * in this program: a plugin that was linked with -z now is loaded there and not here. */
static bool is_loadable(struct doctor *doctor)
{
    void *handle = dlopen(doctor->plugin, RTLD_LAZY);
    const char *why = handle ? "" : dlerror();
    if (handle)
        dlclose(handle);
    if (handle || strstr(why, "undefined symbol: slurm_") ||
        strstr(why, "undefined symbol: spank_"))
        return true;
    doctor_say(doctor, LEVEL_ERROR, "install what it needs, or nestsafe anew",
               "%s cannot be loaded: %s", doctor->plugin, why);
    return false;
}

static void check_plugin(struct doctor *doctor)
{
    const struct spankfile *file = &doctor->plugin_file;
    if (!has_line(doctor))
        return;
    if (doctor->plugin_error)
        doctor_say(doctor, LEVEL_ERROR,
                   "install nestsafe on this host, or correct the path in plugstack.conf", "%s: %s",
                   doctor->plugin,
                   doctor->plugin_error == ENOEXEC ? "no shared library for this machine"
                                                   : strerror(doctor->plugin_error));
    else if (strcmp(file->type, "spank") != 0 || !file->has_release)
        doctor_say(doctor, LEVEL_ERROR, "install nestsafe anew", "%s is no SPANK plugin",
                   doctor->plugin);
    else if (doctor->release && !slurmtext_loads(doctor->release, file->release))
        say_release(doctor, "Slurm", doctor->release);
    else if (doctor->daemon && !slurmtext_loads(doctor->daemon, file->release))
        say_release(doctor, "slurmd", doctor->daemon);
    else if (is_loadable(doctor))
        doctor_say(doctor, LEVEL_OK, NULL, "%s can be loaded by this Slurm", doctor->plugin);
}

static void check_installation(struct doctor *doctor)
{
    struct stat listed, installed;
    if (!has_line(doctor))
        return;
    if (stat(doctor->plugin, &listed) != 0)
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "the plugin is not there");
    else if (stat(NESTSAFE_PLUGIN, &installed) == 0 && listed.st_ino == installed.st_ino &&
             listed.st_dev == installed.st_dev)
        doctor_say(doctor, LEVEL_OK, NULL, "this command and the plugin are of one installation");
    else
        doctor_say(doctor, LEVEL_WARNING,
                   "call the command of that installation, or list " NESTSAFE_PLUGIN,
                   "another copy of nestsafe is listed than this command's: %s", doctor->plugin);
}

static void check_keys(struct doctor *doctor)
{
    if (!has_line(doctor))
        return;
    if (doctor->config.valid)
        doctor_say(doctor, LEVEL_OK, NULL, "its settings are valid");
    else
        doctor_say(doctor, LEVEL_ERROR, "correct the line; until then nestsafe is inactive", "%s",
                   doctor->config.error);
}

static void check_rules(struct doctor *doctor)
{
    struct rules_file site = {0};
    struct stat status;
    if (!has_line(doctor))
        return;
    const char *path = doctor->config.rules;
    if (!path)
        doctor_say(doctor, LEVEL_OK, NULL, "no rules of the site's");
    else if (readfile_rules(&site, path) != 0)
        doctor_say(doctor, LEVEL_ERROR,
                   "correct the file ('nestsafe rules --rules=FILE' tells whether it is right); "
                   "until then nestsafe is inactive",
                   "rules: %s", site.error);
    else if (stat(path, &status) == 0 && !(status.st_mode & S_IROTH))
        doctor_say(doctor, LEVEL_ERROR, "chmod a+r; until then nestsafe is inactive",
                   "rules: %s: users cannot read it", path);
    else
        doctor_say(doctor, LEVEL_OK, NULL, "rules: %s is valid", path);
    rules_file_destroy(&site);
}

/* srun itself loads the plugins to print what options they add. */
static void check_option(struct doctor *doctor)
{
    struct child child;
    char *argv[] = {(char *)"srun", (char *)"--help", NULL};
    if (!doctor->release) {
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "no Slurm here");
        return;
    }
    bool ran = child_run(&child, argv, SECONDS) == 0;
    if (!ran || child.status == 127)
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "there is no srun here");
    else if (strstr(child.output, "--mpi-nested-safe"))
        doctor_say(doctor, LEVEL_OK, NULL, "srun has the option --mpi-nested-safe");
    else
        doctor_say(doctor, LEVEL_ERROR,
                   "mend what is said of plugstack and plugin; 'srun -vv --help' tells what Slurm "
                   "thinks of each plugin",
                   "srun does not know the option --mpi-nested-safe");
    child_destroy(&child);
}

/* Plugins are called in the order of the file, and pyxis enters a job's container in its task_init
 * (NVIDIA/pyxis pyxis_slurmstepd.c): who comes before it names files that are then out of sight. */
static bool hides_ours(const struct doctor *doctor, const struct plugstack_line *line,
                       const char *path)
{
    struct spankfile file;
    return doctor->line && line > doctor->line && spankfile_read(&file, path) == 0 &&
           strcmp(file.name, "pyxis") == 0;
}

/* Returns whether there is nothing to say of the line. */
static bool check_neighbour(struct doctor *doctor, const struct plugstack_line *line)
{
    char path[PATH_MAX];
    if (line->kind == PLUGSTACK_INVALID) {
        doctor_say(doctor, LEVEL_WARNING, "correct or remove it",
                   "%s, line %u is no valid line: Slurm passes over it", line->file, line->number);
        return false;
    }
    doctor_plugin_path(doctor, line, path);
    if (line->kind == PLUGSTACK_REQUIRED && access(path, F_OK) != 0) {
        doctor_say(doctor, LEVEL_ERROR, "install it, or take the line out",
                   "%s, line %u: the required plugin %s is not there: no job starts here",
                   line->file, line->number, path);
        return false;
    }
    if (hides_ours(doctor, line, path)) {
        doctor_say(doctor, LEVEL_WARNING, "list nestsafe after it",
                   "pyxis is listed after nestsafe: in its containers the loader complains of the "
                   "guard, which it hides");
        return false;
    }
    return true;
}

static void check_stack(struct doctor *doctor)
{
    bool good = true;
    if (!*doctor->file) {
        doctor_say(doctor, LEVEL_SKIPPED, NULL, "no plugstack.conf on this host");
        return;
    }
    for (size_t i = 0; i < doctor->stack.count; i++)
        good = check_neighbour(doctor, &doctor->stack.lines[i]) && good;
    if (good)
        doctor_say(doctor, LEVEL_OK, NULL, "%zu line%s in plugstack.conf, all as Slurm wants them",
                   doctor->stack.count, doctor->stack.count == 1 ? "" : "s");
}

const struct check checks_plugin[] = {
    {"plugstack", check_plugstack},  {"line", check_line},     {"plugin", check_plugin},
    {"command", check_installation}, {"settings", check_keys}, {"rules", check_rules},
    {"option", check_option},        {"stack", check_stack},   {NULL, NULL},
};
