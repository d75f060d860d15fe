/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plugin that records what a SPANK host does, and misbehaves on demand.
 *
 * Arguments in plugstack.conf, each of them for one hook, as often as needed:
 *   fail=HOOK:RC         return RC                  log=HOOK:TEXT       log TEXT as an error
 *   setenv=HOOK:N=V      spank_setenv()             unset=HOOK:N        spank_unsetenv()
 *   getenv=HOOK:N        report spank_getenv()      environ=HOOK:N=V    setenv() in the process
 *   control=HOOK:N=V     spank_job_control_setenv() getcontrol=HOOK:N   report it
 *   items=HOOK:-         report items               getopt=HOOK:NAME    spank_option_getopt()
 *   register=HOOK:NAME   register an option late    prepend=HOOK:WORD   spank_prepend_task_argv()
 *   open=HOOK:PATH       leave a descriptor open    thread=HOOK:-       leave a thread running
 *   child=HOOK:-         leave a process running    crash=HOOK:SIGNAL   die of it
 *   hang=HOOK:-          never return               leak=HOOK:BYTES     lose memory
 *   count=HOOK:-         count in memory, report    stack=HOOK:BYTES    use so much stack
 *   blocked=HOOK:SIGNAL  report whether it is blocked jobenv=HOOK:-       report S_JOB_ENV
 * and for the option --probe (optional argument) and --probe-flag (none):
 *   option=yes           register them              refuse=VALUE        their callback fails for it
 * Reports are messages "probe: HOOK …" at level info.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <slurm/spank.h>

#define EXPORT __attribute__((visibility("default")))

extern EXPORT const char plugin_name[], plugin_type[];
extern EXPORT const unsigned int plugin_version, spank_plugin_version;
#ifndef PROBE_UNNAMED
SPANK_PLUGIN(probe, 1)
#endif

/* Weak: not in every release's slurmstepd. */
extern spank_err_t spank_prepend_task_argv(spank_t sp, int argc, const char *argv[])
    __attribute__((weak));

static int counter;
static const char *refused;

static int on_option(int val, const char *argument, int remote)
{
    slurm_info("probe: option %d optarg=%s remote=%d", val, argument ? argument : "NULL", remote);
    return refused && argument && strcmp(argument, refused) == 0 ? -1 : 0;
}

static struct spank_option probe_options[] = {
    {(char *)"probe", (char *)"MODE", (char *)"an option with an optional argument", 2, 7,
     on_option},
    {(char *)"probe-flag", NULL, (char *)"an option without argument", 0, 8, on_option},
};

static void *sleeper(void *arg)
{
    for (;;)
        pause();
    return arg;
}

static void split(const char *text, char *name, size_t size, const char **value)
{
    const char *eq = strchr(text, '=');

    snprintf(name, size, "%.*s", (int)(eq ? eq - text : (long)strlen(text)), text);
    *value = eq ? eq + 1 : "";
}

static void report_items(spank_t sp, const char *hook)
{
    uid_t uid = 0;
    gid_t gid = 0;
    uint32_t id = 0, step = 0, nnodes = 0, local = 0, total = 0, global = 0;
    uint16_t cpus = 0;
    int task = -9, argc = 0, status = 0;
    pid_t pid = 0;
    char **argv = NULL, **env = NULL;
    char *version = NULL;
    int rc[] = {
        spank_get_item(sp, S_JOB_UID, &uid),
        spank_get_item(sp, S_JOB_GID, &gid),
        spank_get_item(sp, S_JOB_ID, &id),
        spank_get_item(sp, S_JOB_STEPID, &step),
        spank_get_item(sp, S_JOB_NNODES, &nnodes),
        spank_get_item(sp, S_JOB_LOCAL_TASK_COUNT, &local),
        spank_get_item(sp, S_JOB_TOTAL_TASK_COUNT, &total),
        spank_get_item(sp, S_JOB_NCPUS, &cpus),
        spank_get_item(sp, S_JOB_ARGV, &argc, &argv),
        spank_get_item(sp, S_JOB_ENV, &env),
        spank_get_item(sp, S_TASK_ID, &task),
        spank_get_item(sp, S_TASK_GLOBAL_ID, &global),
        spank_get_item(sp, S_TASK_PID, &pid),
        spank_get_item(sp, S_TASK_EXIT_STATUS, &status),
        spank_get_item(sp, S_JOB_PID_TO_GLOBAL_ID, pid, &global),
        spank_get_item(sp, S_SLURM_VERSION, &version),
    };
    char codes[256] = "";

    for (size_t i = 0; i < sizeof(rc) / sizeof(rc[0]); i++)
        snprintf(codes + strlen(codes), sizeof(codes) - strlen(codes), "%s%d", i ? "," : "",
                 rc[i] ? rc[i] - ESPANK_ERROR : -1);
    slurm_info("probe: %s items rc=%s", hook, codes);
    slurm_info("probe: %s items uid=%d job=%u step=%u nnodes=%u local=%u total=%u cpus=%u argc=%d "
               "argv0=%s env=%s task=%d global=%u pid=%s status=%d",
               hook, (int)uid, id, step, nnodes, local, total, cpus, argc,
               argv && argc ? argv[0] : "-", env ? (env[0] ? "some" : "empty") : "NULL", task,
               global,
               pid == getpid() ? "self"
               : pid > 0       ? "other"
               : pid == 0      ? "0"
                               : "-1",
               status);
}

static void report_getopt(spank_t sp, const char *hook, const char *name)
{
    int has_arg = strcmp(name, "probe") == 0 ? 2 : 0;
    struct spank_option o = {(char *)name, NULL, (char *)"x", has_arg, 0, NULL};
    char *value = NULL;
    int rc = spank_option_getopt(sp, &o, &value);

    slurm_info("probe: %s getopt %s rc=%d value=%s", hook, name, rc ? rc - ESPANK_ERROR : -1,
               value ? value : "NULL");
}

static __attribute__((noinline)) void use_stack(size_t n)
{
    volatile char *p = __builtin_alloca(n);

    for (size_t i = 0; i < n; i += 512)
        p[i] = 1;
}

/* One action. Returns the rc to return from the hook. */
static int act(spank_t sp, const char *hook, const char *what, const char *arg)
{
    char name[128], buf[256];
    const char *value;
    pthread_t t;
    int rc = 0;

    split(arg, name, sizeof(name), &value);
    if (strcmp(what, "fail") == 0)
        return atoi(arg);
    if (strcmp(what, "log") == 0)
        slurm_error("%s", arg);
    else if (strcmp(what, "setenv") == 0)
        rc = spank_setenv(sp, name, value, 1);
    else if (strcmp(what, "unset") == 0)
        rc = spank_unsetenv(sp, name);
    else if (strcmp(what, "getenv") == 0) {
        rc = spank_getenv(sp, arg, buf, sizeof(buf));
        slurm_info("probe: %s getenv %s=%s", hook, arg, rc ? "-" : buf);
    } else if (strcmp(what, "environ") == 0)
        setenv(name, value, 1);
    else if (strcmp(what, "control") == 0)
        rc = spank_job_control_setenv(sp, name, value, 1);
    else if (strcmp(what, "getcontrol") == 0) {
        rc = spank_job_control_getenv(sp, arg, buf, sizeof(buf));
        slurm_info("probe: %s getcontrol %s=%s", hook, arg, rc ? "-" : buf);
    } else if (strcmp(what, "items") == 0)
        report_items(sp, hook);
    else if (strcmp(what, "jobenv") == 0) {
        char **env = NULL;

        spank_get_item(sp, S_JOB_ENV, &env);
        for (char **e = env; e && *e; e++)
            slurm_info("probe: %s jobenv %s", hook, *e);
    } else if (strcmp(what, "getopt") == 0)
        report_getopt(sp, hook, arg);
    else if (strcmp(what, "register") == 0) {
        struct spank_option o = {(char *)arg, NULL, (char *)"late", 0, 0, NULL};

        rc = spank_option_register(sp, &o);
    } else if (strcmp(what, "prepend") == 0)
        rc = spank_prepend_task_argv ? (int)spank_prepend_task_argv(sp, 1, &arg) : -1;
    else if (strcmp(what, "open") == 0)
        rc = open(arg, O_RDONLY) < 0 ? -1 : 0;
    else if (strcmp(what, "thread") == 0)
        rc = pthread_create(&t, NULL, sleeper, NULL);
    else if (strcmp(what, "child") == 0) {
        if (fork() == 0)
            sleeper(NULL);
    } else if (strcmp(what, "crash") == 0) {
        signal(atoi(arg), SIG_DFL);
        raise(atoi(arg));
    } else if (strcmp(what, "hang") == 0)
        sleeper(NULL);
    else if (strcmp(what, "leak") == 0) {
        char *volatile lost = malloc((size_t)atoi(arg));

        if (lost)
            lost[0] = 1;
        lost = NULL;
    } else if (strcmp(what, "count") == 0)
        slurm_info("probe: %s count=%d", hook, ++counter);
    else if (strcmp(what, "blocked") == 0) {
        sigset_t set;

        pthread_sigmask(SIG_SETMASK, NULL, &set);
        slurm_info("probe: %s blocked %s: %d", hook, arg, sigismember(&set, atoi(arg)));
    } else if (strcmp(what, "stack") == 0)
        use_stack((size_t)atoi(arg));
    if (rc)
        /* Releases number them from another first one on. */
        slurm_info("probe: %s %s rc=%d %s", hook, what, rc < 0 ? rc : rc - ESPANK_ERROR,
                   spank_strerror(rc));
    return 0;
}

static int on_hook(spank_t sp, int ac, char **av, const char *hook)
{
    int result = 0;

    slurm_info("probe: %s called, context=%d remote=%d ac=%d", hook, spank_context(),
               spank_remote(sp), ac);
    for (int i = 0; i < ac; i++) {
        char what[32];
        const char *eq = strchr(av[i], '=');
        const char *colon = eq ? strchr(eq, ':') : NULL;
        int rc;

        if (!colon || (size_t)(colon - eq - 1) != strlen(hook) ||
            strncmp(eq + 1, hook, strlen(hook)) != 0)
            continue;
        snprintf(what, sizeof(what), "%.*s", (int)(eq - av[i]), av[i]);
        rc = act(sp, hook, what, colon + 1);
        if (rc)
            result = rc;
    }
    return result;
}

#define HOOK(name)                                                                                 \
    EXPORT int slurm_spank_##name(spank_t sp, int ac, char **av)                                   \
    {                                                                                              \
        return on_hook(sp, ac, av, #name);                                                         \
    }

#ifdef PROBE_HOOKLESS
#undef EXPORT
#define EXPORT __attribute__((visibility("hidden")))
#endif

EXPORT int slurm_spank_init(spank_t sp, int ac, char **av)
{
    for (int i = 0; i < ac; i++) {
        if (strncmp(av[i], "refuse=", 7) == 0)
            refused = av[i] + 7;
        if (strcmp(av[i], "option=yes") == 0)
            for (size_t o = 0; o < sizeof(probe_options) / sizeof(probe_options[0]); o++)
                spank_option_register(sp, &probe_options[o]);
    }
    return on_hook(sp, ac, av, "init");
}

#ifndef PROBE_SPARSE
HOOK(job_prolog)
HOOK(init_post_opt)
HOOK(local_user_init)
HOOK(user_init)
HOOK(task_init_privileged)
HOOK(task_init)
HOOK(task_post_fork)
HOOK(task_exit)
HOOK(job_epilog)
HOOK(slurmd_exit)
HOOK(exit)
#endif

#ifdef PROBE_STRAY
EXPORT int stray_symbol(void);
EXPORT int stray_symbol(void)
{
    return 1;
}
EXPORT int init(void);
EXPORT int init(void)
{
    slurm_info("probe: plain init");
    return 0;
}
EXPORT int fini(void);
EXPORT int fini(void)
{
    slurm_info("probe: plain fini");
    return 0;
}
#endif

#ifdef PROBE_FAILURE_MODE
extern EXPORT int slurm_spank_init_failure_mode;
int slurm_spank_init_failure_mode = ESPANK_NOT_LOCAL + 2; /* ESPANK_JOB_FAILURE */
#endif
