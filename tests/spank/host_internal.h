/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the fake SPANK host share; tests include host.h only. */
#ifndef NESTSAFE_TESTS_SPANK_HOST_INTERNAL_H
#define NESTSAFE_TESTS_SPANK_HOST_INTERNAL_H

/* What plugins call must be found in the test program, also where all else is built hidden. */
#pragma GCC visibility push(default)
#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <slurm/spank.h>
/* Not in every header. */
spank_err_t spank_prepend_task_argv(spank_t sp, int argc, const char *argv[]);
#pragma GCC visibility pop

#include "host.h"

/* ---- host_rules.c: what differs between releases ---- */

struct rules {
    const char *name;
    bool stack_any_nonzero;  /* a required plugin's rc > 0 stops the stack (21.08) */
    bool caller_any_nonzero; /* … and fails the command or step as well (25.05) */
    bool failure_mode;       /* slurm_spank_init_failure_mode (25.05) */
    bool callbacks_once;     /* remote: launch message, or else environment (24.05) */
    bool contain_spank;      /* 24.05 */
    bool slurmd_needs_init;  /* init alone makes a plugin worth loading in slurmd (21.08) */
    bool export_none_keeps;  /* --export=NONE keeps _SLURM_SPANK_OPTION_* (23.11) */
    bool prepend_argv;       /* spank_prepend_task_argv() (23.11) */
    bool checks_version;     /* of SPANK plugins (21.08) */
    bool quiet_optional;     /* an optional plugin that does not load: verbose only (25.11) */
};

const struct rules *rules_of(enum host_release release);
/* The option names of srun, sbatch and salloc, NULL-terminated. */
extern const char *const rules_slurm_options[];

/* ---- host_env.c: Slurm's environment arrays ---- */

/* All take malloc'd NULL-terminated arrays. Out of memory ends the process. */
char **env_copy(const char *const *list); /* every entry as it is */
char **env_merge_copy(char *const *env);  /* as Slurm's env_array_copy(): no doubles … */
char *env_get(char *const *env, const char *name);
void env_set(char ***env, const char *name, const char *value);
int env_set_like_slurm(char ***env, const char *name, const char *value); /* with its limits */
void env_unset_like_slurm(char **env, const char *name);
void env_clear_options(char **env); /* spank_clear_remote_options_env() */
void env_edit(char ***env, const char *const *edits, uint32_t task); /* "N=V" sets, "N" unsets */
uint64_t env_hash(char *const *env);
size_t env_count(char *const *env);
void *xalloc(size_t n); /* zeroed */
char *xdup(const char *s);
char *xprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void list_add(char ***list, char *item); /* takes item */

/* ---- the plugin stack, as this process has it ---- */

struct opt {
    struct spank_option copy;
    struct plugin *plugin;
    int optval;
    bool found, disabled;
    char *optarg;
};

struct plugin {
    char *path;
    const char *name;
    void *handle;
    bool required;
    int index; /* into the result's plugins */
    int ac;
    char **av;
    spank_f *fn[HOST_HOOKS];
    int *failure_mode;
    struct spank_option *table; /* spank_options[] */
};

struct task {
    int id;
    uint32_t gtid;
    pid_t pid;
    int estatus;
    bool exited;
    int argc;
    char **argv;
    char **env_before;
    int go; /* write end of the pipe that holds the task back */
};

/* The job as the host knows it: stepd_step_rec_t, spank_launcher_job_info or job_script_info. */
struct job {
    uid_t uid;
    gid_t gid;
    gid_t *gids;
    int ngids;
    uint32_t job_id, step_id;
    int argc;
    char **argv;
    char **env;
    uint32_t ntask;
    struct task *task;
};

/* One per process; a forked task has its copy. */
struct host {
    const struct host_scenario *sc;
    const struct rules *rules;
    struct plugin **plugins;
    size_t n_plugins;
    struct opt **opts;
    size_t n_opts;
    int next_optval;
    bool has[HOST_HOOKS]; /* some plugin has it */
    char **job_control;   /* "NAME=VALUE" */
    struct job *job;      /* while one exists */
    enum host_hook hook;  /* running now, or HOST_OUTSIDE */
    int task;             /* of the running hook, or -1 */
    bool io_ready;        /* remote: stderr goes to the user (mgr.c:1850) */
};
extern struct host host;

struct spank_handle {
    int magic;
    struct plugin *plugin;
    enum host_hook phase;
    struct job *job;   /* NULL where Slurm passes NULL */
    struct task *task; /* NULL outside of a task's hooks */
};
#define HOST_MAGIC 0x00a5a500

/* ---- host_load.c ---- */

/* Load the scenario's plugstack. 0, or -1: a required plugin does not load. */
int stack_load(void);
void stack_unload(void);

/* ---- host_stack.c ---- */

/* Call one hook of all plugins. job NULL and task -1 where Slurm passes none. */
int stack_call(enum host_hook hook, struct job *job, int task);
/* Would the caller of stack_call() take this for a failure? */
bool stack_failed(int rc);

/* ---- host_option.c ---- */

int opt_register(struct plugin *p, const struct spank_option *o);
/* Parse the command line. 0, or -1: refused. */
int opt_parse_args(void);
/* Options from SLURM_SPANK__SLURM_SPANK_OPTION_*: 0, or -1: refused. */
int opt_parse_environ(void);
void opt_set_environ(void); /* what spank_init_post_opt() puts there */
void opt_emit_forwarded(void);
void opt_take_remote(char **env, bool launch_message);
void opt_free(void);

/* ---- host_api.c: job control variables ---- */

char *control_get(const char *name);
int control_set(const char *name, const char *value, int overwrite);
int control_unset(const char *name);

/* ---- host_watch.c: what a plugin leaves behind ---- */

struct watch {
    int nfds;
    int threads;
    uint64_t environ_hash;
    uint64_t job_env_hash;
};
void watch_now(struct watch *w);
char **watch_fds(void); /* "7 /path", without the host's own channel */
void watch_emit_left(char **fds_before);
int watch_kill_children(bool keep); /* their number */

/* ---- host_wire.c: from the host process to the test ---- */

enum wire_type {
    WIRE_ENTER = 1, /* hook, task: about to be called */
    WIRE_CALL,
    WIRE_LOG,
    WIRE_CALLBACK,
    WIRE_PLUGIN,
    WIRE_OPTION, /* forwarded */
    WIRE_TASK,
    WIRE_STRING, /* appended to the list `a` of the result, or of task `task` */
    WIRE_VERDICT,
};
enum wire_list {
    LIST_ENV,
    LIST_ENV_USER,
    LIST_ENVIRON,
    LIST_CONTROL,
    LIST_FDS,
    LIST_FAULT,
    LIST_TASK_ENV,
    LIST_TASK_BEFORE,
    LIST_TASK_ARGV,
    LIST_TASK_FDS,
};
/* One record; the meaning of the numbers is the sender's and host_result.c's affair. */
struct wire {
    enum wire_type type;
    enum host_hook hook;
    int plugin;
    int task;
    int64_t a, b, c, d, e;
    int has_s, has_t; /* the strings that follow are not NULL */
};

int wire_open(int fd[2]); /* [0] for the test, [1] for the host process; 0 or -1 */
void wire_use(int fd);
int wire_fd(void);
void wire_emit(struct wire w, const char *s, const char *t);
void wire_list(enum wire_list list, int task, char *const *strings);
void wire_fault(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* One record into res. 1; 0 if there is none now; -1 at the end or on error. */
int wire_receive(int fd, struct host_result *res);

/* ---- host_log.c ---- */

void host_say(enum host_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- the contexts; each emits its verdict ---- */

struct verdict {
    bool refused, failed, drained;
    int rc;
};
void run_command(struct verdict *v); /* host_command.c: local, allocator */
void run_step(struct verdict *v);    /* host_step.c: remote */
void run_daemon(struct verdict *v);  /* host_daemon.c: slurmd, prolog, epilog */

/* ---- host_task.c ---- */

struct job *job_create(void);
void job_free(struct job *job);
/* Fork a task that waits for task_release(). 0 or -1. */
int task_fork(struct job *job, int id);
void task_release(struct job *job, int id, bool go);
void task_wait(struct job *job, int id);

/* ---- host_contain.c ---- */

/* Call a hook in a process that shares memory but not descriptors, as contain_spank does.
 * Returns what _run_spank_func() returns (mgr.c:1015 at slurm-24-05-8-1). */
int contained_call(enum host_hook hook, struct job *job, int task);
bool contained_now(void);

#endif
