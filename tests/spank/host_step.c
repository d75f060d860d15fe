/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slurmstepd: one step on one node, from spank_init() to spank_fini(). */
#include <unistd.h>

#include "host_internal.h"

#define ERR_PLUGIN_NAME SLURM_PLUGIN_NAME_INVALID

/* job_manager()'s rc of a batch step reaches slurmctld, which drains the node for all but a few
 * (proc_req.c:2268-2316; ESPANK_JOB_FAILURE: proc_req.c:2100 at slurm-25-05-5-1). The rc of other
 * steps goes to srun, which reports it (and, in a real 22.05, exits with 0); that of an extern step
 * to slurmd, from 23.11 on (mgr.c:1053 at slurm-23-11-4-1), where it fails the job. */
static bool drains(int rc)
{
#define JOB_FAILURE (ESPANK_NOT_LOCAL + 2) /* ESPANK_JOB_FAILURE, in headers from 25.05 on */
    return host.sc->step == HOST_STEP_BATCH && rc != 0 &&
           !(host.rules->failure_mode && rc == JOB_FAILURE);
}

static bool has_mpi(void)
{
    return host.sc->step == HOST_STEP_SRUN; /* mgr.c:1361 */
}

static int drop(const struct job *job)
{
    if (!host.sc->switch_user)
        return 0;
    return setegid(job->gid) < 0 || seteuid(job->uid) < 0 ? -1 : 0;
}

static int reclaim(void)
{
    if (!host.sc->switch_user)
        return 0;
    return seteuid(0) < 0 || setegid(0) < 0 ? -1 : 0;
}

/* spank_init_remote() (plugstack.c:820): init, options, init_post_opt. */
static int init(struct job *job)
{
    bool message = host.sc->step == HOST_STEP_SRUN || host.sc->step == HOST_STEP_INTERACTIVE;
    int rc;

    if (stack_load() < 0)
        return -1;
    rc = stack_call(HOST_INIT, job, -1);
    if (stack_failed(rc))
        return rc;
    opt_take_remote(job->env, message);
    return stack_call(HOST_INIT_POST_OPT, job, -1);
}

/* _fork_all_tasks() (mgr.c:1790). All user_init hooks run once, before the first fork: what they
 * put into the job's environment, every task gets. */
static int run_tasks(struct job *job)
{
    bool contained = host.rules->contain_spank && host.sc->contain_spank;
    int rc = 0;

    host.io_ready = true;
    if (!contained && drop(job) < 0) /* a contained user_init drops them itself */
        return -1;
    rc = contained_call(HOST_USER_INIT, job, -1);
    if (rc < 0) {
        host_say(HOST_LOG_ERROR, "spank_user failed.");
        reclaim();
        return -1;
    }
    wire_list(LIST_ENV_USER, -1, job->env);
    if (contained && drop(job) < 0)
        return -1;
    for (uint32_t i = 0; i < job->ntask && rc == 0; i++)
        rc = task_fork(job, (int)i);
    reclaim();
    for (uint32_t i = 0; i < job->ntask && rc == 0; i++)
        if (contained_call(HOST_TASK_POST_FORK, job, (int)i) < 0) {
            host_say(HOST_LOG_ERROR, "spank task %u post-fork failed", i);
            rc = -1;
        }
    for (uint32_t i = 0; i < job->ntask; i++)
        task_release(job, (int)i, rc == 0);
    return rc;
}

/* _wait_for_any_task() (mgr.c:2280-2323): slurmstepd's own copy of the environment becomes that of
 * a task epilog before task_exit sees it. */
static void finish_task(struct job *job, int id)
{
    char **env = env_merge_copy(job->env);

    task_wait(job, id);
    env_set(&env, "SLURM_SCRIPT_CONTEXT", "epilog_task");
    env_set(&env, "SLURMD_NODENAME", "node0");
    host_strv_free(job->env);
    job->env = env;
    if (contained_call(HOST_TASK_EXIT, job, id) < 0)
        host_say(HOST_LOG_ERROR, "Unable to spank task %d at exit", id);
}

/* _spawn_job_container() (mgr.c:1018): no user_init, no tasks of the user's. */
static void run_extern(struct job *job)
{
    if (contained_call(HOST_TASK_POST_FORK, job, -1) < 0)
        host_say(HOST_LOG_ERROR, "spank extern task post-fork failed");
}

void run_step(struct verdict *v)
{
    struct job *job = job_create();
    int rc;

    host.job = job;
    rc = init(job);
    if (stack_failed(rc)) { /* no exit hook, nothing is unloaded (mgr.c:1348) */
        host_say(HOST_LOG_ERROR, "Plugin stack initialization failed.");
        v->rc = host.rules->caller_any_nonzero ? rc : ERR_PLUGIN_NAME;
        v->failed = true;
        v->drained = drains(v->rc);
        goto out;
    }
    wire_list(LIST_ENV, -1, job->env);
    if (host.sc->step == HOST_STEP_EXTERN) {
        run_extern(job);
    } else {
        if (has_mpi())
            env_edit(&job->env, host.sc->mpi_prefork, host.sc->first_task);
        if (run_tasks(job) < 0) {
            v->rc = ESLURMD_EXECVE_FAILED; /* mgr.c:1395 */
            v->failed = true;
            for (uint32_t i = 0; i < job->ntask; i++)
                task_wait(job, (int)i);
        } else {
            for (uint32_t i = 0; i < job->ntask; i++)
                finish_task(job, (int)i);
        }
    }
    if (stack_failed(stack_call(HOST_EXIT, job, -1)))
        host_say(HOST_LOG_ERROR, "spank_fini failed"); /* and that is all (mgr.c:1524) */
    v->drained = drains(v->rc);
    stack_unload();
out:
    host.job = NULL;
    job_free(job);
}
