/* SPDX-License-Identifier: GPL-2.0-or-later */
/* srun, sbatch and salloc: options, submission, and what they hand on to the job. */
#include <stdlib.h>
#include <string.h>

#include "host_internal.h"

extern char **environ;

/* init_spank_env() (libsrun/opt.c:1342): srun inside a job inherits its job control variables. */
static void inherit_control(void)
{
    for (char **p = environ; *p; p++) {
        char *eq = strchr(*p, '=');

        if (strncmp(*p, "SLURM_SPANK_", 12) == 0 && eq) {
            char *name = strndup(*p + 12, (size_t)(eq - *p - 12));

            if (!name)
                abort();
            control_set(name, eq + 1, 1);
            free(name);
        }
    }
}

/* _set_spank_env() (sbatch.c:488, salloc.c:786): so that srun inside can. srun does not do it. */
static void export_control(void)
{
    for (char **p = host.job_control; p && *p; p++) {
        char *eq = strchr(*p, '=');
        char *name = xprintf("SLURM_SPANK_%.*s", (int)(eq - *p), *p);

        setenv(name, eq + 1, 1);
        free(name);
    }
}

static void finish(void)
{
    stack_call(HOST_EXIT, NULL, -1);
    stack_unload();
}

/*
 * An error ends the command at once. sbatch and salloc still call exit hooks then, by atexit()
 * (sbatch.c:116); srun only once it has a job (srun_job.c:2383), and none of them after a failed
 * init.
 */
static void refuse(struct verdict *v, bool had_init, bool had_job, const char *why)
{
    host_say(HOST_LOG_ERROR, "%s", why);
    v->refused = true;
    if (had_init && (had_job || host.sc->context == HOST_ALLOCATOR))
        finish();
}

static int start_step(struct verdict *v)
{
    struct job *job = job_create();
    int rc;

    host.job = job;
    rc = stack_call(HOST_LOCAL_USER_INIT, job, -1);
    host.job = NULL;
    job_free(job);
    if (stack_failed(rc)) {
        v->rc = rc;
        refuse(v, true, true, "Failure in local plugin stack");
        return -1;
    }
    return 0;
}

void run_command(struct verdict *v)
{
    bool srun = host.sc->context == HOST_LOCAL;
    int rc;

    if (srun)
        inherit_control();
    v->rc = -1;
    if (stack_load() < 0) {
        refuse(v, false, false, "Plug-in initialization failed");
        return;
    }
    rc = stack_call(HOST_INIT, NULL, -1);
    if (stack_failed(rc)) {
        v->rc = rc;
        refuse(v, false, false, "Plug-in initialization failed");
        return;
    }
    if (opt_parse_environ() < 0 || opt_parse_args() < 0) {
        refuse(v, true, false, "Invalid option");
        return;
    }
    opt_set_environ();
    rc = stack_call(HOST_INIT_POST_OPT, NULL, -1);
    if (stack_failed(rc)) {
        v->rc = rc;
        refuse(v, true, false, "Plugin stack post-option processing failed");
        return;
    }
    v->rc = 0;
    if (!srun)
        export_control();
    else if (start_step(v) < 0)
        return;
    else
        opt_emit_forwarded();
    wire_list(LIST_ENVIRON, -1, environ);
    wire_list(LIST_CONTROL, -1, host.job_control);
    finish();
}
