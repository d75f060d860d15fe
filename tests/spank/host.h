/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fake SPANK host: loads a real plugin and drives it as srun, sbatch, slurmstepd or slurmd would.
 *
 * A test describes a scenario, host_run() plays it in a child process of its own, and the result
 * holds what the plugin did: return codes, messages, the environment a task would exec with,
 * what it left behind. No Slurm is needed, nor root. The rules are Slurm's, read from its source;
 * each is cited where it is modelled as "file:line", at tag slurm-22-05-8-1 unless another is named
 * (spank.c is called plugstack.c there).
 *
 * The executable that links these files must export their symbols (-rdynamic) and link with -ldl
 * and -pthread: the plugin finds spank_setenv(), slurm_error() … in it, as it would in slurmstepd.
 */
#ifndef NESTSAFE_TESTS_SPANK_HOST_H
#define NESTSAFE_TESTS_SPANK_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Releases whose rules differ. They change the host's behaviour, not the constants in spank.h:
 * the plugin and the host are compiled against the same header. */
enum host_release {
    HOST_20_11,
    HOST_22_05,
    HOST_23_11,
    HOST_24_05,
    HOST_25_05,
    HOST_26_05,
    HOST_RELEASES, /* how many there are, to loop over */
};

/* The step of such a loop: 1. Under valgrind, which takes its time, it is HOST_RELEASES - 1, which
 * takes the first release and the last, or of all combinations of releases and cases every fifth.
 */
unsigned host_stride(void);

/* Who loads the plugin. */
enum host_context {
    HOST_LOCAL,     /* srun */
    HOST_ALLOCATOR, /* sbatch, salloc */
    HOST_REMOTE,    /* slurmstepd */
    HOST_SLURMD,    /* slurmd: init and slurmd_exit only */
    HOST_PROLOG,    /* "slurmstepd spank prolog": job_prolog only, no init */
    HOST_EPILOG,
};

/* What kind of step a HOST_REMOTE scenario is. */
enum host_step {
    HOST_STEP_SRUN,        /* a step of srun's: options by launch message and environment, MPI */
    HOST_STEP_BATCH,       /* the batch script: options by environment only, no MPI, one task */
    HOST_STEP_INTERACTIVE, /* salloc's shell: like srun's, but no MPI */
    HOST_STEP_EXTERN,      /* no tasks, nothing of the job's environment; only
                            * init, init_post_opt, task_post_fork without a task, exit */
};

enum host_hook {
    HOST_INIT,
    HOST_JOB_PROLOG,
    HOST_INIT_POST_OPT,
    HOST_LOCAL_USER_INIT,
    HOST_USER_INIT,
    HOST_TASK_INIT_PRIVILEGED,
    HOST_TASK_INIT,
    HOST_TASK_POST_FORK,
    HOST_TASK_EXIT,
    HOST_JOB_EPILOG,
    HOST_SLURMD_EXIT,
    HOST_EXIT,
    HOST_HOOKS,                /* how many there are */
    HOST_OUTSIDE = HOST_HOOKS, /* between hooks: loading, option callbacks */
};

enum host_level {
    HOST_LOG_SPANK, /* slurm_spank_log(): shown like an error, without "error: " */
    HOST_LOG_ERROR,
    HOST_LOG_INFO,
    HOST_LOG_VERBOSE,
    HOST_LOG_DEBUG,
    HOST_LOG_DEBUG2,
    HOST_LOG_DEBUG3,
};

/* An option as the launch message carries it to the node. value NULL: given without "=". */
struct host_option {
    const char *plugin; /* plugin_name of the plugin that registered it */
    const char *name;
    const char *value;
};

/*
 * Everything a test may choose. Fill with host_scenario_init() first, then change fields.
 * The caller owns all pointers; they must stay valid during host_run(). Lists of strings end
 * with NULL; a NULL list is an empty one.
 */
struct host_scenario {
    enum host_release release; /* default HOST_22_05 */
    enum host_context context;
    enum host_step step; /* HOST_REMOTE; default HOST_STEP_SRUN */

    const char *const *plugstack; /* lines of plugstack.conf ("include" is not modelled) */
    const char *plugin_dir;       /* where plugins without a slash are looked for; may be NULL */
    uint32_t slurm_version;       /* what the host claims to be; default: the header's version */

    /* The user's environment (local, allocator), the job's (remote), the script's (prolog,
     * epilog: job_control is added with the prefix SPANK_). Not used for slurmd. In HOST_REMOTE
     * and HOST_SLURMD the process's own environ is daemon_env, as it is in slurmstepd. */
    const char *const *env;
    const char *const *daemon_env;  /* default: PATH only */
    const char *const *job_control; /* "NAME=VALUE": what spank_job_control_setenv() stored */

    /* The command line behind "srun" or "sbatch", options then command: parsed by getopt_long()
     * with Slurm's own long options and the plugins'. Local and allocator only. */
    const char *const *args;
    /* Options in the launch message. HOST_STEP_SRUN and HOST_STEP_INTERACTIVE only. */
    const struct host_option *options;
    size_t n_options;
    bool export_none; /* local, allocator: --export=NONE, obeyed by host_forward() */

    /* The job. */
    const char *const *argv; /* remote: the task's command; default { "true", NULL } */
    uid_t uid;               /* default: getuid(), getgid() */
    gid_t gid;
    bool switch_user;         /* with euid 0: run user_init and task_init as uid/gid (needs uid) */
    uint32_t job_id, step_id; /* defaults 1001, by kind of step */
    uint32_t array_job_id, array_task_id, restart_count;
    uint32_t nnodes, node_id;
    uint32_t node_tasks, total_tasks; /* default 1 and 1; in a batch step total_tasks is what
                                       * sbatch -n said, 0 if nothing, and there nnodes is 0 */
    uint32_t first_task;              /* global id of local task 0 */
    uint16_t cpus;                    /* of the job on this node */
    uint32_t cpus_per_task;
    uint64_t job_mem, step_mem;
    const char *job_cores, *step_cores;

    /* What other parts of Slurm do to the job's environment: "NAME=VALUE" sets, "NAME" unsets;
     * "%t" in a value is the global task id. */
    const char *const *mpi_prefork; /* between init_post_opt and user_init (mgr.c:1362) */
    const char *const *mpi_task;    /* before task_init, in the task (task.c:400) */
    const char *const *task_prolog; /* after task_init, before exec (task.c:448) */

    bool contain_spank;  /* SlurmdParameters=contain_spank; obeyed from 24.05 on */
    bool real_exec;      /* exec argv for real, instead of ending with task_status */
    int task_status;     /* exit status of the simulated task */
    bool keep_loaded;    /* no dlclose(): leak reports can name the plugin's functions */
    bool keep_children;  /* leave processes that the plugin started running */
    bool check_leaks;    /* with LeakSanitizer: look for leaks before the child ends */
    unsigned timeout_ms; /* default 60000 */
};

/* One call of one hook. fds, threads: how many more are open or running after than before. */
struct host_call {
    enum host_hook hook;
    int plugin; /* index into result.plugins */
    int task;   /* local task id, or -1 */
    int rc;
    pid_t pid;
    bool contained; /* ran in a process that shares memory, not descriptors */
    int fds;
    int threads;
    bool environ_changed; /* the process's own environment */
    bool job_env_changed; /* the job's, in HOST_REMOTE */
};

/* One call of an option callback. */
struct host_callback {
    int plugin;
    char *name;
    char *value; /* what the callback got as optarg; NULL is NULL */
    int val;
    int remote;
    int rc;
};

struct host_log {
    enum host_level level;
    enum host_hook hook;
    int task;
    bool from_host; /* the host's own message, not the plugin's */
    bool user_sees; /* with default verbosity: on srun's, sbatch's or the step's stderr */
    char *text;     /* may hold newlines, if the plugin's did */
};

struct host_plugin {
    char *path;
    char *name; /* plugin_name; NULL if it was not loaded */
    bool required;
    bool loaded;
    bool has_init, has_fini; /* exports a plain init() or fini(), which the loader calls */
    int hooks;               /* bit (1 << hook) for each hook it has */
};

struct host_task {
    int id;
    uint32_t global_id;
    bool started; /* reached task_init */
    bool execed;  /* reached exec */
    char *path;   /* what exec would run: argv[0] looked up in the task's PATH */
    char **argv;
    char **env;        /* what exec would pass on */
    char **env_before; /* the same, before task_init */
    char **fds;        /* descriptors without FD_CLOEXEC that exec would pass on: "7 /tmp/x" */
    int status;        /* wait status */
};

/* What happened. Free with host_result_free(). Pointers live until then. */
struct host_result {
    bool refused; /* local, allocator: the command ended with an error message, no job */
    bool failed;  /* remote: no task ran, or prolog/epilog failed, or slurmd did not start */
    bool drained; /* the node would be drained now */
    int rc;       /* remote: job_manager()'s return code; else the stack's */
    bool timed_out;
    int signal;      /* the host process died of it: the plugin crashed */
    int exit_status; /* of the host process: not 0 with a sanitizer's or valgrind's finding */
    enum host_hook died_in; /* last hook entered, if signal or timed_out */
    bool leaked;            /* check_leaks found some */

    struct host_plugin *plugins;
    size_t n_plugins;
    struct host_call *calls; /* in order of return; tasks run side by side */
    size_t n_calls;
    struct host_callback *callbacks;
    size_t n_callbacks;
    struct host_log *logs;
    size_t n_logs;
    struct host_task *tasks; /* by id */
    size_t n_tasks;

    char **env;           /* remote: the job's environment after init_post_opt (see env_user) */
    char **env_user;      /* remote: after user_init, which is what tasks are forked with */
    char **environ_after; /* local, allocator: the process's environment at submission */
    char **job_control;   /* local, allocator: "NAME=VALUE" for prolog and epilog */
    struct host_option *forwarded; /* local: options for the launch message */
    size_t n_forwarded;
    bool export_none; /* copied from the scenario, for host_forward() */
    enum host_release release;
    enum host_context context;

    char **fds_left;   /* descriptors open after the last hook, not before loading: "7 /tmp/x" */
    int threads_left;  /* threads running after the last hook, without the host's own */
    int children_left; /* processes the plugin started that still ran (or nobody waited for) */
    char **faults;     /* misuse that real Slurm would not survive or would ignore in silence */
};

/* Fill with defaults for a context. */
void host_scenario_init(struct host_scenario *sc, enum host_context context);

/*
 * Play a scenario in a child process. A plugin that crashes, hangs or exits is a result, not an
 * error. Returns 0, or -1 with errno if the host itself could not do its work.
 */
int host_run(const struct host_scenario *sc, struct host_result *res);

/* Release everything a result holds. NULL-safe; keeps errno. */
void host_result_free(struct host_result *res);

/*
 * What Slurm hands on: let `to` (HOST_REMOTE, HOST_PROLOG, HOST_EPILOG, or a HOST_LOCAL inside the
 * job) start from what a HOST_LOCAL or HOST_ALLOCATOR run left: environment, launch options, job
 * control variables, and --export=NONE as the release does it. Borrows from `from`, and may add to
 * it: keep `from` until `to` has run.
 * Returns 0, or -1 with errno EINVAL if `from` was refused or is of another context.
 */
int host_forward(struct host_result *from, struct host_scenario *to);

/* The first call of a hook for a task (-1: any), or NULL. */
const struct host_call *host_find_call(const struct host_result *res, enum host_hook hook,
                                       int task);
/* How often a hook was called. */
size_t host_count_calls(const struct host_result *res, enum host_hook hook);
/* First message of at least that importance whose text contains `part`; from the plugin or the
 * host; or NULL. */
const struct host_log *host_find_log(const struct host_result *res, enum host_level level,
                                     const char *part);
/* Value of a variable in a NULL-terminated list; NULL if unset or env is NULL. */
const char *host_env_get(char *const *env, const char *name);
/* How often a variable occurs (an environment can hold it twice). */
size_t host_env_count(char *const *env, const char *name);
/*
 * Compare two environments as sets. NULL if equal, else a malloc'd text that names the first
 * difference. Variables in `ignore` (NULL-terminated, may be NULL) do not count, nor does
 * SLURM_TASK_PID, which differs between any two runs.
 */
char *host_env_diff(char *const *a, char *const *b, const char *const *ignore);

/* Names for messages. Never NULL. */
const char *host_hook_name(enum host_hook hook);
const char *host_release_name(enum host_release release);
/* Print a result to stderr: what a failing test wants to show. */
void host_dump(const struct host_result *res);

/*
 * Dynamic symbols of a shared object, read from its file: those it defines, or those it needs.
 * *names gets a malloc'd NULL-terminated list (free with host_strv_free()).
 * Returns their number, or -1 with errno (ENOEXEC: not a 64-bit ELF file of this byte order).
 */
int host_symbols(const char *path, bool defined, char ***names);
/* The same, of defined symbols only those that a SPANK plugin has no business to export. */
int host_stray_exports(const char *path, char ***names);

/* Free a NULL-terminated list of malloc'd strings. NULL-safe; keeps errno. */
void host_strv_free(char **list);

#endif
