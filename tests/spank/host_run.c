/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plays a scenario in a child process and collects its result. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host_internal.h"
#include "host_result.h"

extern char **environ;
/* There if linked with -fsanitize=address. */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));
/* There if linked with --coverage: _exit() would lose the counts. */
extern void __gcov_dump(void) __attribute__((weak));

struct host host;

void host_scenario_init(struct host_scenario *sc, enum host_context context)
{
    *sc = (struct host_scenario){
        .release = HOST_22_05,
        .context = context,
        .slurm_version = SLURM_VERSION_NUMBER,
        .uid = getuid(),
        .gid = getgid(),
        .job_id = 1001,
        .nnodes = 1,
        .node_tasks = 1,
        .total_tasks = 1,
        .cpus = 1,
        .cpus_per_task = 1,
        .job_mem = 1024,
        .step_mem = 1024,
        .job_cores = "0",
        .step_cores = "0",
        .timeout_ms = 60000,
    };
}

/* The test program's handlers are not for the plugin: cmocka's would jump back into the tests.
 * slurmstepd (slurmstepd.c:105) and srun (srun.c:108) block signals, and what a plugin starts from
 * there inherits that; tasks unblock them before task_init (mgr.c:1962). */
static void reset_signals(enum host_context context)
{
    static const int step[] = {SIGINT,  SIGTERM, SIGTSTP, SIGQUIT, SIGPIPE,
                               SIGUSR1, SIGUSR2, SIGALRM, SIGHUP,  0};
    static const int srun[] = {SIGINT,  SIGQUIT, SIGCONT, SIGTERM,  SIGHUP, SIGALRM,
                               SIGUSR1, SIGUSR2, SIGPIPE, SIGWINCH, 0};
    static const int none[] = {0};
    const int *blocked = context == HOST_REMOTE ? step : context == HOST_LOCAL ? srun : none;
    sigset_t set;

    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    sigemptyset(&set);
    for (; *blocked; blocked++)
        sigaddset(&set, *blocked);
    sigprocmask(SIG_SETMASK, &set, NULL);
}

/* Step ids of the special steps: slurm.h, SLURM_BATCH_SCRIPT and its neighbours. */
static uint32_t special_step(enum host_step step, uint32_t given)
{
    if (given || step == HOST_STEP_SRUN)
        return given;
    return step == HOST_STEP_BATCH    ? 0xfffffffb
           : step == HOST_STEP_EXTERN ? 0xfffffffc
                                      : 0xfffffffa;
}

static void set_environ(const struct host_scenario *sc)
{
    static char **initial; /* reachable for leak checkers after setenv() has copied it … */
    static char **volatile strings; /* … and after unsetenv() has closed a gap in it */
    size_t n;
    static const char *const plain[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
    bool daemon = sc->context == HOST_REMOTE || sc->context == HOST_SLURMD;
    const char *const *list = daemon ? sc->daemon_env : sc->env;

    if (daemon && !list)
        list = plain;
    environ = initial = env_copy(list);
    n = env_count(initial) + 1;
    strings = xalloc(n * sizeof(*strings));
    memcpy(strings, initial, n * sizeof(*strings));
    if (sc->context != HOST_PROLOG && sc->context != HOST_EPILOG)
        return;
    for (const char *const *p = sc->job_control; p && *p; p++) {
        char *entry = xprintf("SPANK_%s", *p);
        char *eq = strchr(entry, '=');

        if (eq) {
            *eq = '\0';
            env_set(&initial, entry, eq + 1);
        }
        free(entry);
    }
    environ = initial;
}

static void child(const struct host_scenario *given)
{
    static struct host_scenario sc;
    struct verdict v = {0};
    struct watch before, after;
    char **fds;
    int leaked = 0;

    sc = *given;
    sc.step_id = special_step(sc.step, sc.step_id);
    if (sc.context == HOST_REMOTE && sc.step != HOST_STEP_SRUN)
        sc.node_tasks = 1;
    if (sc.context == HOST_REMOTE && sc.step == HOST_STEP_BATCH)
        sc.nnodes = 0; /* nobody sets it (slurmstepd_job.c:506) */
    if (sc.context == HOST_REMOTE && sc.step == HOST_STEP_EXTERN)
        sc.cpus = 0;
    if (geteuid() != 0)
        sc.switch_user = false;
    reset_signals(sc.context);
    setpgid(0, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    host =
        (struct host){.sc = &sc, .rules = rules_of(sc.release), .hook = HOST_OUTSIDE, .task = -1};
    set_environ(&sc);
    fds = watch_fds();
    watch_now(&before);
    if (sc.context == HOST_REMOTE)
        run_step(&v);
    else if (sc.context == HOST_LOCAL || sc.context == HOST_ALLOCATOR)
        run_command(&v);
    else
        run_daemon(&v);
    watch_emit_left(fds);
    watch_now(&after);
    host_strv_free(fds);
    host_strv_free(host.job_control);
    host.job_control = NULL;
    if (sc.check_leaks && __lsan_do_recoverable_leak_check)
        leaked = __lsan_do_recoverable_leak_check();
    wire_emit((struct wire){.type = WIRE_VERDICT,
                            .a = v.refused | v.failed << 1 | v.drained << 2,
                            .b = v.rc,
                            .c = after.threads - before.threads,
                            .d = watch_kill_children(sc.keep_children),
                            .e = leaked},
              NULL, NULL);
    if (__gcov_dump)
        __gcov_dump();
    _exit(0);
}

static unsigned long now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (unsigned long)t.tv_sec * 1000 + (unsigned long)t.tv_nsec / 1000000;
}

/* Records until the process has ended and none is left: a daemon that the plugin started may hold
 * the channel open for ever. */
static int collect(int fd, pid_t pid, unsigned timeout_ms, struct host_result *res)
{
    unsigned long end = now_ms() + timeout_ms;
    bool ended = false;
    int status = 0;

    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int n = wire_receive(fd, res);

        if (n > 0)
            continue;
        if (ended)
            break;
        if (waitpid(pid, &status, WNOHANG) == pid) {
            ended = true; /* what it had sent is there: read on */
            continue;
        }
        if (now_ms() > end && !res->timed_out) {
            res->timed_out = true;
            kill(-pid, SIGKILL);
            kill(pid, SIGKILL);
        }
        if (n < 0)
            usleep(1000);
        else
            poll(&p, 1, 10);
    }
    if (WIFSIGNALED(status))
        res->signal = WTERMSIG(status);
    else
        res->exit_status = WEXITSTATUS(status);
    if (!res->signal && !res->timed_out)
        res->died_in = HOST_OUTSIDE;
    else if (res->context == HOST_PROLOG || res->context == HOST_EPILOG)
        res->failed = res->drained = true; /* "Prolog error": seen in a real 22.05 */
    else
        res->failed = true;
    return 0;
}

static int by_task_id(const void *a, const void *b)
{
    return ((const struct host_task *)a)->id - ((const struct host_task *)b)->id;
}

int host_run(const struct host_scenario *sc, struct host_result *res)
{
    int fd[2];
    pid_t pid;
    int rc, saved;

    memset(res, 0, sizeof(*res));
    res->release = sc->release;
    res->context = sc->context;
    res->export_none = sc->export_none;
    res->died_in = HOST_OUTSIDE;
    if (wire_open(fd) < 0)
        return -1;
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        close(fd[0]);
        wire_use(fd[1]);
        child(sc);
    }
    saved = errno;
    close(fd[1]);
    rc = pid < 0 ? -1 : collect(fd[0], pid, sc->timeout_ms, res);
    if (res->tasks)
        qsort(res->tasks, res->n_tasks, sizeof(*res->tasks), by_task_id);
    close(fd[0]);
    if (pid < 0)
        errno = saved;
    return rc;
}

static bool kept(const char *entry, bool options)
{
    return strncmp(entry, "SLURM", 5) == 0 ||
           (options && strncmp(entry, "_SLURM_SPANK_OPTION_", 20) == 0);
}

int host_forward(struct host_result *from, struct host_scenario *to)
{
    bool script = to->context == HOST_PROLOG || to->context == HOST_EPILOG;

    if (from->refused || (from->context != HOST_LOCAL && from->context != HOST_ALLOCATOR)) {
        errno = EINVAL;
        return -1;
    }
    if (script) { /* nothing of the user's but job control (prep_script_slurmd.c:238) */
        to->job_control = (const char *const *)from->job_control;
        return 0;
    }
    if (from->export_none) { /* sbatch.c:439, launch_slurm.c:649 */
        char **out = from->environ_after;

        for (char **p = from->environ_after; p && *p; p++) {
            if (kept(*p, rules_of(from->release)->export_none_keeps))
                *out++ = *p;
            else
                free(*p);
        }
        if (out)
            *out = NULL;
        from->export_none = false; /* done once */
    }
    to->env = (const char *const *)from->environ_after;
    if (from->context == HOST_LOCAL && to->context == HOST_REMOTE) {
        to->options = from->forwarded;
        to->n_options = from->n_forwarded;
    }
    return 0;
}
