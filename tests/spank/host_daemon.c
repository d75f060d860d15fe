/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slurmd itself, and the private stacks of prolog and epilog. */
#include <stdlib.h>

#include "host_internal.h"

/* slurmd.c:2046, 2160: init when it starts, slurmd_exit when it ends; never slurm_spank_exit(). */
static void run_slurmd(struct verdict *v)
{
    int rc = stack_load();

    if (rc == 0)
        rc = stack_call(HOST_INIT, NULL, -1);
    v->rc = rc;
    if (stack_failed(rc)) {
        host_say(HOST_LOG_ERROR, "slurmd does not start");
        v->failed = true;
        return;
    }
    stack_call(HOST_SLURMD_EXIT, NULL, -1);
    stack_unload();
}

/* spank_job_script() (plugstack.c:915): only that hook; a failure drains the node. */
static void run_script(struct verdict *v)
{
    struct job *job = job_create();
    enum host_hook hook = host.sc->context == HOST_PROLOG ? HOST_JOB_PROLOG : HOST_JOB_EPILOG;
    int rc = stack_load();

    if (rc == 0) {
        host.job = job;
        rc = stack_call(hook, job, -1);
        host.job = NULL;
        stack_unload();
    }
    v->rc = rc;
    v->failed = v->drained = stack_failed(rc);
    job_free(job);
}

void run_daemon(struct verdict *v)
{
    if (host.sc->context == HOST_SLURMD)
        run_slurmd(v);
    else
        run_script(v);
}
