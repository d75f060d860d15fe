/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The job on a node, and its tasks: fork, wait for slurmstepd, set up the environment, exec. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host_internal.h"

struct job *job_create(void)
{
    static const char *const plain[] = {"true", NULL};
    /* An extern step is launched without command and environment (_spawn_prolog_stepd, req.c:2092);
     * slurmstepd has added this much before it calls init. */
    static const char *const bare[] = {"SLURM_TOPOLOGY_ADDR=node0",
                                       "SLURM_TOPOLOGY_ADDR_PATTERN=node", NULL};
    const struct host_scenario *sc = host.sc;
    bool remote = sc->context == HOST_REMOTE;
    bool outer = remote && sc->step == HOST_STEP_EXTERN;
    const char *const *argv = outer ? NULL : sc->argv ? sc->argv : plain;
    struct job *job = xalloc(sizeof(*job));

    job->uid = sc->uid;
    job->gid = sc->gid;
    job->gids = xalloc(sizeof(gid_t));
    job->gids[0] = sc->gid;
    job->ngids = 1;
    job->job_id = sc->job_id;
    job->step_id = sc->step_id;
    job->argv = env_copy(argv);
    job->argc = (int)env_count(job->argv);
    job->env = env_copy(outer ? bare : remote ? sc->env : NULL);
    job->ntask = remote ? sc->node_tasks : 0;
    job->task = xalloc((job->ntask ? job->ntask : 1) * sizeof(*job->task));
    for (uint32_t i = 0; i < job->ntask; i++)
        job->task[i] = (struct task){.id = (int)i,
                                     .gtid = sc->first_task + i,
                                     .pid = -1, /* slurmstepd_job.c:767 */
                                     .estatus = -1,
                                     .argc = job->argc,
                                     .argv = env_copy(argv),
                                     .go = -1};
    return job;
}

void job_free(struct job *job)
{
    if (!job)
        return;
    for (uint32_t i = 0; i < job->ntask; i++) {
        host_strv_free(job->task[i].argv);
        host_strv_free(job->task[i].env_before);
    }
    free(job->task);
    free(job->gids);
    host_strv_free(job->argv);
    host_strv_free(job->env);
    free(job);
}

static void set_number(char ***env, const char *name, uint32_t value)
{
    char *text = xprintf("%u", value);

    env_set(env, name, text);
    free(text);
}

/* What exec_task() adds for every task (task.c:343-387), as far as plugins look at it. */
static void add_slurm_variables(struct job *job, const struct task *t)
{
    const struct host_scenario *sc = host.sc;
    char *ids = NULL;
    char **env = env_merge_copy(job->env);

    for (uint32_t i = 0; i < job->ntask; i++) {
        char *more = xprintf("%s%s%u", ids ? ids : "", ids ? "," : "", job->task[i].gtid);

        free(ids);
        ids = more;
    }
    set_number(&env, "SLURM_JOB_ID", sc->job_id);
    set_number(&env, "SLURM_JOBID", sc->job_id);
    if (sc->step == HOST_STEP_SRUN) {
        set_number(&env, "SLURM_STEP_ID", sc->step_id);
        set_number(&env, "SLURM_STEPID", sc->step_id);
    }
    set_number(&env, "SLURM_NODEID", sc->node_id);
    set_number(&env, "SLURM_PROCID", t->gtid);
    set_number(&env, "SLURM_LOCALID", (uint32_t)t->id);
    env_set(&env, "SLURM_GTIDS", ids);
    set_number(&env, "SLURM_CPUS_ON_NODE", sc->cpus);
    set_number(&env, "SLURM_TASK_PID", (uint32_t)getpid());
    set_number(&env, "SLURM_JOB_UID", sc->uid);
    set_number(&env, "SLURM_JOB_GID", sc->gid);
    env_set(&env, "SLURMD_NODENAME", "node0");
    free(ids);
    host_strv_free(job->env); /* pointers from S_JOB_ENV die here (task.c:384) */
    job->env = env;
}

/* _build_path() (task.c:238): the task's own PATH, searched without asking for the x bit. */
static char *look_up(const char *name, char *const *env)
{
    char *path, *save = NULL;
    char *found = NULL;
    struct stat st;

    if (name[0] == '/')
        return xdup(name);
    if (name[0] == '.') {
        char cwd[4096];

        return xprintf("%s/%s", getcwd(cwd, sizeof(cwd)) ? cwd : "", name);
    }
    path = xdup(env_get(env, "PATH"));
    for (char *dir = path ? strtok_r(path, ":", &save) : NULL; dir && !found;
         dir = strtok_r(NULL, ":", &save)) {
        found = xprintf("%s/%s", dir, name);
        if (stat(found, &st) != 0 || S_ISDIR(st.st_mode)) {
            free(found);
            found = NULL;
        }
    }
    free(path);
    return found ? found : xdup(name);
}

/* Become the user for good, and let the watch still read /proc/self (mgr.c:1425). */
static void become_user(const struct job *job)
{
    if (!host.sc->switch_user)
        return;
    if (setgroups(1, &job->gid) < 0 || setresgid(job->gid, job->gid, job->gid) < 0 ||
        setresuid(job->uid, job->uid, job->uid) < 0)
        _exit(1);
    prctl(PR_SET_DUMPABLE, 1);
}

static void unblock_signals(void) /* mgr.c:1962 */
{
    sigset_t set;

    sigemptyset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
}

static void emit_inherited(const struct task *t, char **before)
{
    char **after = watch_fds();

    for (char **p = after; *p; p++) {
        char **q = before;
        int fd = atoi(*p);

        while (*q && strcmp(*q, *p) != 0)
            q++;
        if (!*q && fcntl(fd, F_GETFD) >= 0 && !(fcntl(fd, F_GETFD) & FD_CLOEXEC))
            wire_emit((struct wire){.type = WIRE_STRING, .task = t->id, .a = LIST_TASK_FDS}, *p,
                      NULL);
    }
    host_strv_free(after);
}

static void emit_task(const struct task *t, bool started, bool execed, const char *path)
{
    wire_emit(
        (struct wire){.type = WIRE_TASK, .task = t->id, .a = t->gtid, .b = started, .c = execed},
        path, NULL);
}

/* exec_task() (task.c:325). */
static void exec_task(struct job *job, struct task *t, char **fds)
{
    char *path;

    add_slurm_variables(job, t);
    if (host.sc->step == HOST_STEP_SRUN)
        env_edit(&job->env, host.sc->mpi_task, t->gtid);
    wire_list(LIST_TASK_BEFORE, t->id, job->env);
    emit_task(t, true, false, NULL);
    if (stack_failed(stack_call(HOST_TASK_INIT, job, t->id))) {
        host_say(HOST_LOG_ERROR, "Failed to invoke spank plugin stack");
        _exit(1);
    }
    env_edit(&job->env, host.sc->task_prolog, t->gtid);
    if (!t->argv[0])
        _exit(2);
    path = look_up(t->argv[0], job->env);
    emit_inherited(t, fds);
    emit_task(t, true, true, path);
    wire_list(LIST_TASK_ENV, t->id, job->env);
    wire_list(LIST_TASK_ARGV, t->id, t->argv);
    if (host.sc->real_exec) {
        execve(path, t->argv, job->env);
        _exit(errno);
    }
    free(path);
    _exit(host.sc->task_status);
}

static void child(struct job *job, struct task *t, int ready)
{
    char **fds = watch_fds();
    char c;

    for (uint32_t i = 0; i < job->ntask; i++)
        if (job->task[i].go >= 0)
            close(job->task[i].go);
    if (host.sc->switch_user && (seteuid(0) < 0 || setegid(0) < 0)) /* mgr.c:1561 */
        _exit(1);
    if (stack_failed(stack_call(HOST_TASK_INIT_PRIVILEGED, job, t->id))) {
        host_say(HOST_LOG_ERROR, "spank_task_init_privileged failed");
        _exit(1);
    }
    become_user(job);
    unblock_signals();
    /* Held back until all tasks are forked and all task_post_fork hooks ran (mgr.c:1981). */
    if (read(ready, &c, 1) != 1)
        _exit(1);
    close(ready);
    exec_task(job, t, fds);
}

int task_fork(struct job *job, int id)
{
    struct task *t = &job->task[id];
    int fd[2];
    pid_t pid;

    if (pipe2(fd, O_CLOEXEC) < 0)
        return -1;
    t->go = fd[1];
    pid = fork();
    if (pid == 0) {
        child(job, t, fd[0]);
        _exit(1);
    }
    close(fd[0]);
    t->pid = pid;
    return pid < 0 ? -1 : 0;
}

void task_release(struct job *job, int id, bool go)
{
    struct task *t = &job->task[id];

    if (t->go < 0)
        return;
    if (go && write(t->go, "g", 1) != 1)
        go = false;
    close(t->go);
    t->go = -1;
}

void task_wait(struct job *job, int id)
{
    struct task *t = &job->task[id];
    int status = 0;

    if (t->pid <= 0)
        return;
    while (waitpid(t->pid, &status, 0) < 0 && errno == EINTR)
        ;
    t->estatus = status;
    t->exited = true;
    wire_emit((struct wire){.type = WIRE_TASK, .task = id, .a = t->gtid, .d = 1, .e = status}, NULL,
              NULL);
}
