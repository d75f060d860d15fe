/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calling a hook of every plugin in the stack, and watching what it does meanwhile. */
#include <string.h>
#include <unistd.h>

#include "host_internal.h"

extern char **environ;

static int call_one(struct plugin *p, struct spank_handle *sp, int task)
{
    struct watch before, after;
    int rc;

    wire_emit((struct wire){.type = WIRE_ENTER, .hook = sp->phase, .task = task}, NULL, NULL);
    watch_now(&before);
    host.hook = sp->phase;
    host.task = task;
    rc = p->fn[sp->phase](sp, p->ac, p->av);
    host.hook = HOST_OUTSIDE;
    host.task = -1;
    watch_now(&after);
    wire_emit((struct wire){.type = WIRE_CALL,
                            .hook = sp->phase,
                            .plugin = p->index,
                            .task = task,
                            .a = rc,
                            .b = getpid(),
                            .c = after.nfds - before.nfds,
                            .d = after.threads - before.threads,
                            .e = contained_now() |
                                 (after.environ_hash != before.environ_hash) << 1 |
                                 (after.job_env_hash != before.job_env_hash) << 2},
              NULL, NULL);
    return rc;
}

/*
 * _do_call_stack() (plugstack.c:727): an optional plugin's failure is forgotten, a required one's
 * ends the round, so the plugins after it miss this hook. Until 20.11 only rc < 0 is a failure.
 */
int stack_call(enum host_hook hook, struct job *job, int task)
{
    int rc = 0;

    for (size_t i = 0; i < host.n_plugins; i++) {
        struct plugin *p = host.plugins[i];
        struct spank_handle sp = {
            .magic = HOST_MAGIC,
            .plugin = p,
            .phase = hook,
            .job = job,
            .task = host.sc->context == HOST_REMOTE && job && task >= 0 ? &job->task[task] : NULL,
        };

        if (!p->fn[hook])
            continue;
        rc = call_one(p, &sp, task);
        if (p->required && (host.rules->stack_any_nonzero ? rc != 0 : rc < 0)) {
            host_say(HOST_LOG_ERROR, "spank: required plugin %s: %s() failed with rc=%d", p->path,
                     host_hook_name(hook), rc);
            if (hook == HOST_INIT && p->failure_mode) /* spank.c:755 at slurm-25-05-5-1 */
                rc = *p->failure_mode;
            return rc;
        }
        rc = 0;
    }
    return rc;
}

/* From 21.08 to 24.11 a required plugin's positive rc stops the stack, but srun, sbatch and
 * slurmstepd look for negative values and go on (mgr.c:1345, task.c:430, sbatch.c:177). */
bool stack_failed(int rc)
{
    return host.rules->caller_any_nonzero ? rc != 0 : rc < 0;
}
