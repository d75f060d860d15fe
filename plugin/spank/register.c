/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A step's registration with the node's collector. */
#include "register.h"

#include "collector.h"
#include "jobenv.h"
#include "rundir.h"
#include "step.h"

#include "core/keyvalue.h"
#include "core/launcher.h"
#include "core/stepfile.h"
#include "launch/paths.h"
#include "launch/process.h"

#include <errno.h>
#include <fcntl.h>
#include <slurm/slurm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long a step may be held up at its end, in all. */
enum { PATIENCE = 3000 };

/* Nobody but the administrator can mend it, and one line a process is enough to find. */
static void say(const char *error)
{
    static bool said;
    if (!said)
        slurm_error("nestsafe: nested launches are not recorded: %s", error);
    said = true;
}

static enum collector_state start_collector(const struct config *config)
{
    char error[RUNDIR_ERROR_MAX];
    char spool[sizeof(config->spool) + 16], port[32], launchers[LAUNCHER_NAMES_MAX + 16];
    const char *const command[] = {path_collector, spool, port,
                                   config->launchers ? launchers : NULL, NULL};
    snprintf(launchers, sizeof(launchers), "--launchers=%s",
             config->launchers ? config->launchers : "");
    snprintf(spool, sizeof(spool), "--spool=%s", config->spool);
    snprintf(port, sizeof(port), "--port=%u", config->port);
    enum collector_state state = collector_start(config->rundir, command, error);
    if (state == COLLECTOR_FAILED)
        say(error);
    return state;
}

void registration_begin(const struct config *config)
{
    if (config->valid && config->default_mode != MODE_OFF && geteuid() == 0)
        start_collector(config);
}

/* Launchers' daemons host ranks of a launcher that was armed elsewhere. */
static struct resolved resolve(spank_t spank, const struct env *env, const struct config *config,
                               const struct request *request)
{
    char error[256]; /* is said when the step is prepared */
    struct resolved resolved;
    const char *armed = step_is_launchers(spank) ? env_get(env, ARMED_MODE_VARIABLE) : NULL;
    step_resolve(&resolved, env, config, request, error, sizeof(error));
    if (armed && *armed && !resolved.asked)
        mode_parse(armed, &resolved.mode);
    return resolved;
}

static uint32_t get_number(spank_t spank, spank_item_t item)
{
    uint32_t number = 0;
    return spank_get_item(spank, item, &number) == ESPANK_SUCCESS ? number : 0;
}

/* From 22.05 to 26.05 at least, Slurm fills in the item for nobody; the variable is in the
 * environment of a job's steps, though not yet in that of its batch step (slurmstepd_job.c). */
static uint32_t get_restart(spank_t spank, const struct env *env)
{
    unsigned long long number = 0;
    const char *text = env_get(env, "SLURM_RESTART_COUNT");
    uint32_t restart = get_number(spank, S_SLURM_RESTART_COUNT);
    if (restart == 0 && text)
        keyvalue_number(text, UINT32_MAX, &number);
    return restart ? restart : (uint32_t)number;
}

/* The name that slurmd knows itself by; where no slurmstepd has set it, this is no node. */
static void set_node(struct stepfile *step)
{
    const char *name = getenv("SLURMD_NODENAME");
    if (name)
        keyvalue_copy(step->node, sizeof(step->node), name);
}

static void describe(struct stepfile *step, spank_t spank, const struct env *env,
                     const struct config *config, const struct resolved *resolved)
{
    uid_t uid = 0;
    spank_get_item(spank, S_JOB_UID, &uid);
    *step = (struct stepfile){
        .job = get_number(spank, S_JOB_ID),
        .step = get_number(spank, S_JOB_STEPID),
        .restart = get_restart(spank, env),
        .uid = uid,
        .nodes = get_number(spank, S_JOB_NNODES),
        .index = get_number(spank, S_JOB_NODEID),
        .mode = resolved->mode,
        .asked = resolved->asked,
        .notify = config->notify,
        .accounting = config->accounting,
        .port = config->port,
    };
    if (step->nodes == 0)
        step->nodes = 1; /* a batch script's, which Slurm does not count */
    set_node(step);
    memcpy(step->log, config->log, sizeof(step->log));
    memcpy(step->spool, config->spool, sizeof(step->spool));
}

static bool write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, text, length);
        if (written < 0 && errno != EINTR)
            return false;
        text += written > 0 ? written : 0;
        length -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

/* Whole or not at all: under a name that the collector passes over, until it is complete. */
static bool write_file(int steps, const char *name, const char *text, size_t length)
{
    char hidden[80];
    snprintf(hidden, sizeof(hidden), ".%s", name);
    int fd = openat(steps, hidden, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool complete = write_all(fd, text, length);
    complete = close(fd) == 0 && complete;
    if (complete && renameat(steps, hidden, steps, name) == 0)
        return true;
    int saved = errno;
    unlinkat(steps, hidden, 0);
    errno = saved;
    return false;
}

/* Returns 0, or -1 with what is wrong in error. */
static int write_step(const struct registration *registration, const struct config *config,
                      const struct stepfile *step, char error[RUNDIR_ERROR_MAX])
{
    char name[64];
    char text[STEPFILE_MAX];
    int steps = rundir_open_steps(config->rundir, true, error);
    if (steps < 0)
        return -1;
    stepfile_name(name, &registration->stepd);
    size_t length = stepfile_format(text, step);
    bool written = length > 0 && write_file(steps, name, text, length);
    if (!written)
        snprintf(error, RUNDIR_ERROR_MAX, "%.160s/" STEPFILE_DIRECTORY ": %s", config->rundir,
                 strerror(errno));
    close(steps);
    return written ? 0 : -1;
}

void registration_make(struct registration *registration, spank_t spank,
                       const struct config *config, const struct request *request)
{
    struct env env;
    struct stepfile step;
    char error[RUNDIR_ERROR_MAX];
    bool external = get_number(spank, S_JOB_STEPID) == SLURM_EXTERN_CONT;
    if (registration->made || external || !config->valid || geteuid() != 0 ||
        jobenv_load(spank, &env) != 0)
        return;
    struct resolved resolved = resolve(spank, &env, config, request);
    describe(&step, spank, &env, config, &resolved);
    env_destroy(&env);
    if (resolved.mode == MODE_OFF)
        return;
    *registration = (struct registration){.stepd = process_self(), .patience = PATIENCE};
    if (write_step(registration, config, &step, error) != 0) {
        say(error);
        return;
    }
    registration->made = true;
    start_collector(config);
}

static bool is_dirty(int steps, const struct registration *registration, char name[static 64])
{
    char dirty[80];
    stepfile_name(name, &registration->stepd);
    snprintf(dirty, sizeof(dirty), "%s" STEPFILE_DIRTY, name);
    return faccessat(steps, dirty, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A collector that was killed is started again, but not from here where this is no slurmstepd: with
 * contain_spank, tasks end in a process in the job's own namespaces (24.05, mgr.c). */
static void flush(struct registration *registration, const struct config *config, const char *name)
{
    if (collector_flush(config->rundir, name, &registration->patience) == 0 ||
        (errno != ECONNREFUSED && errno != ENOENT) || getpid() != registration->stepd.pid)
        return;
    start_collector(config);
    collector_flush(config->rundir, name, &registration->patience);
}

void registration_task_exit(struct registration *registration, spank_t spank,
                            const struct config *config, unsigned times)
{
    char name[64];
    char error[RUNDIR_ERROR_MAX];
    if (!registration->made ||
        ++registration->exits != get_number(spank, S_JOB_LOCAL_TASK_COUNT) * times)
        return;
    int steps = rundir_open_steps(config->rundir, false, error);
    if (steps < 0)
        return; /* the end of the step sees to it */
    if (is_dirty(steps, registration, name))
        flush(registration, config, name);
    close(steps);
}

void registration_end(struct registration *registration, const struct config *config)
{
    char name[64];
    char dirty[80];
    char error[RUNDIR_ERROR_MAX];
    if (!registration->made || getpid() != registration->stepd.pid)
        return;
    registration->made = false;
    int steps = rundir_open_steps(config->rundir, false, error);
    if (steps < 0) {
        say(error);
        return;
    }
    if (is_dirty(steps, registration, name))
        flush(registration, config, name);
    /* Into slurmd's log, and not to the user. */
    if (start_collector(config) == COLLECTOR_STARTED)
        slurm_info(
            "nestsafe: there was no collector at the end of this step; nested launches of it may "
            "be missing");
    unlinkat(steps, name, 0);
    snprintf(dirty, sizeof(dirty), "%s" STEPFILE_DIRTY, name);
    unlinkat(steps, dirty, 0);
    close(steps);
}
