/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spank_get_item(): which item is there in which context, and what it says. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host_internal.h"

static bool known_to_srun(spank_item_t item)
{
    switch (item) { /* plugstack.c:1762 */
    case S_JOB_UID:
    case S_JOB_GID:
    case S_JOB_ID:
    case S_JOB_STEPID:
    case S_JOB_ARGV:
    case S_JOB_ENV:
    case S_JOB_TOTAL_TASK_COUNT:
    case S_JOB_NNODES:
        return true;
    default:
        return false;
    }
}

/* _check_spank_item_validity() (plugstack.c:1793). In remote context everything passes. */
static spank_err_t check(const struct spank_handle *sp, spank_item_t item)
{
    if (item >= S_SLURM_VERSION && item <= S_SLURM_VERSION_MICRO)
        return ESPANK_SUCCESS;
    switch (host.sc->context) {
    case HOST_SLURMD:
        return ESPANK_NOT_AVAIL;
    case HOST_PROLOG:
    case HOST_EPILOG:
        if (item != S_JOB_GID && item != S_JOB_UID && item != S_JOB_ID)
            return ESPANK_NOT_AVAIL;
        break;
    case HOST_LOCAL:
        if (!known_to_srun(item))
            return ESPANK_NOT_REMOTE;
        if (!sp->job) /* anywhere but in local_user_init */
            return ESPANK_NOT_AVAIL;
        break;
    case HOST_ALLOCATOR:
        if (item == S_JOB_UID || item == S_JOB_GID)
            return sp->job ? ESPANK_SUCCESS : ESPANK_NOT_AVAIL;
        return known_to_srun(item) ? ESPANK_BAD_ARG : ESPANK_NOT_REMOTE;
    case HOST_REMOTE:
        break;
    }
    return ESPANK_SUCCESS;
}

/* Tasks have pids that S_JOB_PID_TO_* may look up (plugstack.c:1735). */
static bool tasks_run(const struct spank_handle *sp)
{
    return sp->phase == HOST_TASK_POST_FORK || sp->phase == HOST_TASK_EXIT ||
           sp->phase == HOST_EXIT;
}

static spank_err_t by_pid(const struct spank_handle *sp, va_list ap, bool global)
{
    pid_t pid = va_arg(ap, pid_t);
    uint32_t *out = va_arg(ap, uint32_t *);

    *out = (uint32_t)-1;
    if (!tasks_run(sp))
        return ESPANK_NOT_EXECD;
    for (uint32_t i = 0; sp->job && i < sp->job->ntask; i++)
        if (sp->job->task[i].pid == pid) {
            *out = global ? sp->job->task[i].gtid : (uint32_t)sp->job->task[i].id;
            return ESPANK_SUCCESS;
        }
    return ESPANK_NOEXIST;
}

static spank_err_t by_id(const struct job *job, va_list ap, bool to_global)
{
    uint32_t id = va_arg(ap, uint32_t);
    uint32_t *out = va_arg(ap, uint32_t *);

    *out = (uint32_t)-1;
    if (to_global) {
        if (job && id == job->ntask) /* plugstack.c:2144 compares with <= */
            wire_fault("S_JOB_LOCAL_TO_GLOBAL_ID of task %u reads behind Slurm's array", id);
        if (!job || id >= job->ntask)
            return ESPANK_NOEXIST;
        *out = job->task[id].gtid;
        return ESPANK_SUCCESS;
    }
    if (!job || id >= host.sc->total_tasks)
        return ESPANK_BAD_ARG;
    for (uint32_t i = 0; i < job->ntask; i++)
        if (job->task[i].gtid == id) {
            *out = (uint32_t)job->task[i].id;
            return ESPANK_SUCCESS;
        }
    return ESPANK_NOEXIST;
}

static spank_err_t task_item(const struct spank_handle *sp, spank_item_t item, va_list ap)
{
    const struct task *t = sp->task;

    switch (item) {
    case S_TASK_ID:
        *va_arg(ap, int *) = t ? t->id : -1;
        break;
    case S_TASK_GLOBAL_ID: {
        uint32_t *out = va_arg(ap, uint32_t *);

        if (t)
            *out = t->gtid;
        break;
    }
    case S_TASK_EXIT_STATUS: {
        int *out = va_arg(ap, int *);

        if (!t || !t->exited)
            return ESPANK_NOT_TASK;
        *out = t->estatus;
        break;
    }
    default: /* S_TASK_PID: -1 in the task itself, where only getpid() knows (mgr.c:1998) */
        *va_arg(ap, pid_t *) = t ? t->pid : 0;
        break;
    }
    return t ? ESPANK_SUCCESS : ESPANK_NOT_TASK;
}

static void version_item(spank_item_t item, va_list ap)
{
    static char text[4][16];
    unsigned v = host.sc->slurm_version;
    char **out = va_arg(ap, char **);

    snprintf(text[0], sizeof(text[0]), "%u.%02u.%u", (v >> 16) & 0xff, (v >> 8) & 0xff, v & 0xff);
    snprintf(text[1], sizeof(text[1]), "%u", (v >> 16) & 0xff);
    snprintf(text[2], sizeof(text[2]), "%02u", (v >> 8) & 0xff);
    snprintf(text[3], sizeof(text[3]), "%u", v & 0xff);
    *out = text[item - S_SLURM_VERSION];
}

static void ids(const struct spank_handle *sp, spank_item_t item, va_list ap)
{
    const struct job *job = sp->job;

    /* In allocator context the job pointer is only looked at, not into (plugstack.c:1946). */
    if (item == S_JOB_UID)
        *va_arg(ap, uid_t *) = host.sc->context == HOST_ALLOCATOR ? getuid() : job->uid;
    else if (item == S_JOB_GID)
        *va_arg(ap, gid_t *) = host.sc->context == HOST_ALLOCATOR ? getgid() : job->gid;
    else
        *va_arg(ap, uint32_t *) = item == S_JOB_ID ? job->job_id : job->step_id;
}

static spank_err_t number(spank_item_t item, va_list ap)
{
    const struct host_scenario *sc = host.sc;
    uint32_t *out = va_arg(ap, uint32_t *);

    switch (item) {
    case S_JOB_NNODES:
        *out = sc->nnodes;
        break;
    case S_JOB_NODEID:
        *out = sc->node_id;
        break;
    case S_JOB_LOCAL_TASK_COUNT:
        *out = sc->node_tasks;
        break;
    case S_JOB_TOTAL_TASK_COUNT:
        *out = sc->total_tasks;
        break;
    case S_STEP_CPUS_PER_TASK:
        *out = sc->cpus_per_task;
        break;
    case S_SLURM_RESTART_COUNT:
        *out = sc->restart_count;
        break;
    case S_JOB_ARRAY_ID:
        *out = sc->array_job_id;
        break;
    default:
        *out = sc->array_task_id;
        break;
    }
    return ESPANK_SUCCESS;
}

static void lists(const struct job *job, spank_item_t item, va_list ap)
{
    if (item == S_JOB_ENV) { /* the live array; srun has none to give (plugstack.c:2074) */
        *va_arg(ap, char ***) = host.sc->context == HOST_REMOTE ? job->env : NULL;
    } else if (item == S_JOB_ARGV) {
        *va_arg(ap, int *) = job->argc;
        *va_arg(ap, char ***) = job->argv;
    } else {
        *va_arg(ap, gid_t **) = job->gids;
        *va_arg(ap, int *) = job->ngids;
    }
}

static spank_err_t get(const struct spank_handle *sp, spank_item_t item, va_list ap)
{
    switch (item) {
    case S_JOB_UID:
    case S_JOB_GID:
    case S_JOB_ID:
    case S_JOB_STEPID:
        ids(sp, item, ap);
        return ESPANK_SUCCESS;
    case S_JOB_ARGV:
    case S_JOB_ENV:
    case S_JOB_SUPPLEMENTARY_GIDS:
        lists(sp->job, item, ap);
        return ESPANK_SUCCESS;
    case S_TASK_ID:
    case S_TASK_GLOBAL_ID:
    case S_TASK_EXIT_STATUS:
    case S_TASK_PID:
        return task_item(sp, item, ap);
    case S_JOB_PID_TO_GLOBAL_ID:
        return by_pid(sp, ap, true);
    case S_JOB_PID_TO_LOCAL_ID:
        return by_pid(sp, ap, false);
    case S_JOB_LOCAL_TO_GLOBAL_ID:
        return by_id(sp->job, ap, true);
    case S_JOB_GLOBAL_TO_LOCAL_ID:
        return by_id(sp->job, ap, false);
    case S_JOB_NCPUS:
        *va_arg(ap, uint16_t *) = host.sc->cpus;
        return ESPANK_SUCCESS;
    case S_JOB_ALLOC_CORES:
    case S_STEP_ALLOC_CORES:
        *va_arg(ap, char **) =
            (char *)(item == S_JOB_ALLOC_CORES ? host.sc->job_cores : host.sc->step_cores);
        return ESPANK_SUCCESS;
    case S_JOB_ALLOC_MEM:
    case S_STEP_ALLOC_MEM:
        *va_arg(ap, uint64_t *) = item == S_JOB_ALLOC_MEM ? host.sc->job_mem : host.sc->step_mem;
        return ESPANK_SUCCESS;
    case S_SLURM_VERSION:
    case S_SLURM_VERSION_MAJOR:
    case S_SLURM_VERSION_MINOR:
    case S_SLURM_VERSION_MICRO:
        version_item(item, ap);
        return ESPANK_SUCCESS;
    case S_JOB_NNODES:
    case S_JOB_NODEID:
    case S_JOB_LOCAL_TASK_COUNT:
    case S_JOB_TOTAL_TASK_COUNT:
    case S_STEP_CPUS_PER_TASK:
    case S_SLURM_RESTART_COUNT:
    case S_JOB_ARRAY_ID:
    case S_JOB_ARRAY_TASK_ID:
        return number(item, ap);
    default:
        return ESPANK_BAD_ARG;
    }
}

spank_err_t spank_get_item(spank_t sp, spank_item_t item, ...)
{
    spank_err_t rc;
    va_list ap;

    if (!sp || sp->magic != HOST_MAGIC)
        return ESPANK_BAD_ARG;
    rc = check(sp, item);
    if (rc != ESPANK_SUCCESS)
        return rc;
    va_start(ap, item);
    rc = get(sp, item, ap);
    va_end(ap);
    return rc;
}
