/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calls a plugin makes, but for items, options and logging: environment, context, names. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host_internal.h"

const char *spank_strerror(spank_err_t err)
{
    switch ((int)err) {
    case ESPANK_SUCCESS:
        return "Success";
    case ESPANK_ERROR:
        return "Generic error";
    case ESPANK_BAD_ARG:
        return "Bad argument";
    case ESPANK_NOT_TASK:
        return "Not in task context";
    case ESPANK_ENV_EXISTS:
        return "Environment variable exists";
    case ESPANK_ENV_NOEXIST:
        return "No such environment variable";
    case ESPANK_NOSPACE:
        return "Buffer too small";
    case ESPANK_NOT_REMOTE:
        return "Valid only in remote context";
    case ESPANK_NOEXIST:
        return "Id/PID does not exist on this node";
    case ESPANK_NOT_EXECD:
        return "Lookup by PID requested, but no tasks running";
    case ESPANK_NOT_AVAIL:
        return "Item not available from this callback";
    case ESPANK_NOT_LOCAL:
        return "Valid only in local or allocator context";
    default:
        return strerror((int)err);
    }
}

int spank_remote(spank_t sp)
{
    if (!sp || sp->magic != HOST_MAGIC)
        return -1;
    return host.sc->context == HOST_REMOTE;
}

spank_context_t spank_context(void)
{
    switch (host.sc->context) {
    case HOST_LOCAL:
        return S_CTX_LOCAL;
    case HOST_ALLOCATOR:
        return S_CTX_ALLOCATOR;
    case HOST_REMOTE:
        return S_CTX_REMOTE;
    case HOST_SLURMD:
        return S_CTX_SLURMD;
    case HOST_PROLOG:
    case HOST_EPILOG:
        return S_CTX_JOB_SCRIPT;
    }
    return S_CTX_ERROR;
}

/* spank_env_access_check() (plugstack.c:2214). */
static spank_err_t env_check(spank_t sp)
{
    if (!sp || sp->magic != HOST_MAGIC)
        return ESPANK_BAD_ARG;
    if (host.sc->context != HOST_REMOTE)
        return ESPANK_NOT_REMOTE;
    return sp->job ? ESPANK_SUCCESS : ESPANK_BAD_ARG;
}

/* As strlcpy(): what fits is written in any case. */
static spank_err_t copy_out(const char *value, char *buf, int len)
{
    if (len > 0)
        snprintf(buf, (size_t)len, "%s", value);
    return strlen(value) >= (size_t)len ? ESPANK_NOSPACE : ESPANK_SUCCESS;
}

spank_err_t spank_getenv(spank_t sp, const char *var, char *buf, int len)
{
    spank_err_t rc = env_check(sp);
    const char *value;

    if (rc != ESPANK_SUCCESS)
        return rc;
    if (len < 0)
        return ESPANK_BAD_ARG;
    value = env_get(sp->job->env, var);
    return value ? copy_out(value, buf, len) : ESPANK_ENV_NOEXIST;
}

spank_err_t spank_setenv(spank_t sp, const char *var, const char *val, int overwrite)
{
    spank_err_t rc = env_check(sp);

    if (rc != ESPANK_SUCCESS)
        return rc;
    if (!var || !val)
        return ESPANK_BAD_ARG;
    if (env_get(sp->job->env, var) && !overwrite)
        return ESPANK_ENV_EXISTS;
    if (env_set_like_slurm(&sp->job->env, var, val) != 0)
        wire_fault("spank_setenv(%.40s) sets nothing, and says success: empty name or too long",
                   var);
    return ESPANK_SUCCESS; /* plugstack.c:2264 tests for < 0, which never comes */
}

spank_err_t spank_unsetenv(spank_t sp, const char *var)
{
    spank_err_t rc = env_check(sp);

    if (rc != ESPANK_SUCCESS)
        return rc;
    if (!var)
        return ESPANK_BAD_ARG;
    env_unset_like_slurm(sp->job->env, var);
    return ESPANK_SUCCESS;
}

/*
 * spank_job_control_access_check() (plugstack.c:2340) lets prolog and epilog pass. But only srun,
 * sbatch and salloc have the function that is looked up then; without it Slurm calls dlclose() on
 * the NULL that dlopen(NULL, 0) gave (plugstack.c:2298), and dies. A real 22.05 drained the node.
 */
static spank_err_t control_check(spank_t sp, const char *name)
{
    if (!sp || sp->magic != HOST_MAGIC)
        return ESPANK_BAD_ARG;
    if (host.sc->context == HOST_REMOTE)
        return ESPANK_NOT_LOCAL;
    if (host.sc->context == HOST_SLURMD)
        return ESPANK_NOT_AVAIL;
    if (host.sc->context == HOST_LOCAL || host.sc->context == HOST_ALLOCATOR || !name)
        return ESPANK_SUCCESS;
    wire_fault("spank_job_control_*() in %s crashes slurmstepd", host_hook_name(sp->phase));
    raise(SIGSEGV);
    return ESPANK_ERROR;
}

static bool has_control(void)
{
    return host.sc->context == HOST_LOCAL || host.sc->context == HOST_ALLOCATOR;
}

char *control_get(const char *name)
{
    return has_control() ? env_get(host.job_control, name) : NULL;
}

int control_set(const char *name, const char *value, int overwrite)
{
    if (!has_control() || !*name || strchr(name, '='))
        return -1;
    if (overwrite || !env_get(host.job_control, name)) /* exists: success all the same */
        env_set(&host.job_control, name, value);
    return 0;
}

int control_unset(const char *name)
{
    if (!has_control() || !*name || strchr(name, '='))
        return -1;
    env_unset_like_slurm(host.job_control, name);
    return 0;
}

spank_err_t spank_job_control_getenv(spank_t sp, const char *name, char *buf, int len)
{
    spank_err_t rc = control_check(sp, name);
    const char *value;

    if (rc != ESPANK_SUCCESS)
        return rc;
    if (!name || !buf || len <= 0)
        return ESPANK_BAD_ARG;
    value = control_get(name);
    return value ? copy_out(value, buf, len) : ESPANK_ENV_NOEXIST;
}

spank_err_t spank_job_control_setenv(spank_t sp, const char *name, const char *value, int overwrite)
{
    spank_err_t rc = control_check(sp, name);

    if (rc != ESPANK_SUCCESS)
        return rc;
    if (!name || !value || control_set(name, value, overwrite) < 0)
        return ESPANK_BAD_ARG;
    return ESPANK_SUCCESS; /* never ESPANK_ENV_EXISTS, whatever spank.h says (opt.c:1420) */
}

spank_err_t spank_job_control_unsetenv(spank_t sp, const char *name)
{
    spank_err_t rc = control_check(sp, name);

    if (rc != ESPANK_SUCCESS)
        return rc;
    return name && control_unset(name) == 0 ? ESPANK_SUCCESS : ESPANK_BAD_ARG;
}

/* spank.c:2415 at slurm-23-11-4-1: the task's argv, not what S_JOB_ARGV says. */
spank_err_t spank_prepend_task_argv(spank_t sp, int argc, const char *argv[])
{
    struct task *t;
    char **list = NULL;

    if (!host.rules->prepend_argv)
        wire_fault("spank_prepend_task_argv() does not exist in %s", host.rules->name);
    if (!sp || sp->magic != HOST_MAGIC || !argv)
        return ESPANK_BAD_ARG;
    t = sp->task;
    if (!t || (sp->phase != HOST_TASK_INIT_PRIVILEGED && sp->phase != HOST_TASK_INIT))
        return ESPANK_NOT_TASK;
    for (int i = 0; i < argc && argv[i]; i++)
        list_add(&list, xdup(argv[i]));
    for (char **p = t->argv; *p; p++)
        list_add(&list, xdup(*p));
    host_strv_free(t->argv);
    t->argv = list;
    t->argc = (int)env_count(list);
    return ESPANK_SUCCESS;
}
