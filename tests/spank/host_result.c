/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a test gets to see: records collected into a result, and questions asked of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_internal.h"
#include "host_result.h"

static void *grow(void *array, size_t *n, size_t size)
{
    char *p = realloc(array, (*n + 1) * size);

    if (!p)
        abort();
    memset(p + *n * size, 0, size);
    (*n)++;
    return p;
}

static struct host_task *task_of(struct host_result *res, int id)
{
    for (size_t i = 0; i < res->n_tasks; i++)
        if (res->tasks[i].id == id)
            return &res->tasks[i];
    res->tasks = grow(res->tasks, &res->n_tasks, sizeof(*res->tasks));
    res->tasks[res->n_tasks - 1].id = id;
    return &res->tasks[res->n_tasks - 1];
}

static char ***list_of(struct host_result *res, enum wire_list list, int task)
{
    switch (list) {
    case LIST_ENV:
        return &res->env;
    case LIST_ENV_USER:
        return &res->env_user;
    case LIST_ENVIRON:
        return &res->environ_after;
    case LIST_CONTROL:
        return &res->job_control;
    case LIST_FDS:
        return &res->fds_left;
    case LIST_FAULT:
        return &res->faults;
    case LIST_TASK_ENV:
        return &task_of(res, task)->env;
    case LIST_TASK_BEFORE:
        return &task_of(res, task)->env_before;
    case LIST_TASK_ARGV:
        return &task_of(res, task)->argv;
    case LIST_TASK_FDS:
        return &task_of(res, task)->fds;
    }
    return NULL;
}

static void add_call(struct host_result *res, const struct wire *w)
{
    struct host_call *c;

    res->calls = grow(res->calls, &res->n_calls, sizeof(*c));
    c = &res->calls[res->n_calls - 1];
    *c = (struct host_call){
        .hook = w->hook,
        .plugin = w->plugin,
        .task = w->task,
        .rc = (int)w->a,
        .pid = (pid_t)w->b,
        .fds = (int)w->c,
        .threads = (int)w->d,
        .contained = w->e & 1,
        .environ_changed = w->e & 2,
        .job_env_changed = w->e & 4,
    };
}

static void add_task(struct host_result *res, const struct wire *w, const char *path)
{
    struct host_task *t = task_of(res, w->task);

    if (w->a >= 0)
        t->global_id = (uint32_t)w->a;
    t->started |= w->b != 0;
    t->execed |= w->c != 0;
    if (w->d)
        t->status = (int)w->e;
    if (path) {
        free(t->path);
        t->path = xdup(path);
    }
}

static void add_plugin(struct host_result *res, const struct wire *w, const char *path,
                       const char *name)
{
    struct host_plugin *p;

    res->plugins = grow(res->plugins, &res->n_plugins, sizeof(*p));
    p = &res->plugins[res->n_plugins - 1];
    p->path = xdup(path);
    p->name = xdup(name);
    p->required = w->a != 0;
    p->loaded = w->b != 0;
    p->hooks = (int)w->c;
    p->has_init = w->d & 1;
    p->has_fini = w->d & 2;
}

void result_add(struct host_result *res, const struct wire *w, const char *s, const char *t)
{
    switch (w->type) {
    case WIRE_ENTER:
        res->died_in = w->hook;
        break;
    case WIRE_CALL:
        add_call(res, w);
        break;
    case WIRE_LOG: {
        struct host_log *l;

        res->logs = grow(res->logs, &res->n_logs, sizeof(*l));
        l = &res->logs[res->n_logs - 1];
        *l = (struct host_log){.level = (enum host_level)w->a,
                               .hook = w->hook,
                               .task = w->task,
                               .from_host = w->b != 0,
                               .user_sees = w->c != 0,
                               .text = xdup(s)};
        break;
    }
    case WIRE_CALLBACK: {
        struct host_callback *c;

        res->callbacks = grow(res->callbacks, &res->n_callbacks, sizeof(*c));
        c = &res->callbacks[res->n_callbacks - 1];
        *c = (struct host_callback){.plugin = w->plugin,
                                    .name = xdup(s),
                                    .value = xdup(t),
                                    .val = (int)w->a,
                                    .remote = (int)w->b,
                                    .rc = (int)w->c};
        break;
    }
    case WIRE_PLUGIN:
        add_plugin(res, w, s, t);
        break;
    case WIRE_OPTION: {
        struct host_option *o;
        const char *name = strchr(s, ':'); /* "option:plugin" (plugstack.c:1500) */

        res->forwarded = grow(res->forwarded, &res->n_forwarded, sizeof(*o));
        o = &res->forwarded[res->n_forwarded - 1];
        o->name = strndup(s, (size_t)(name - s));
        o->plugin = xdup(name + 1);
        o->value = xdup(t);
        break;
    }
    case WIRE_TASK:
        add_task(res, w, s);
        break;
    case WIRE_STRING:
        list_add(list_of(res, (enum wire_list)w->a, w->task), xdup(s));
        break;
    case WIRE_VERDICT:
        res->refused = w->a & 1;
        res->failed = w->a & 2;
        res->drained = w->a & 4;
        res->rc = (int)w->b;
        res->threads_left = (int)w->c;
        res->children_left = (int)w->d;
        res->leaked = w->e != 0;
        break;
    }
}

void host_result_free(struct host_result *res)
{
    int saved = errno;

    if (!res)
        return;
    for (size_t i = 0; i < res->n_plugins; i++) {
        free(res->plugins[i].path);
        free(res->plugins[i].name);
    }
    for (size_t i = 0; i < res->n_callbacks; i++) {
        free(res->callbacks[i].name);
        free(res->callbacks[i].value);
    }
    for (size_t i = 0; i < res->n_logs; i++)
        free(res->logs[i].text);
    for (size_t i = 0; i < res->n_tasks; i++) {
        free(res->tasks[i].path);
        host_strv_free(res->tasks[i].argv);
        host_strv_free(res->tasks[i].env);
        host_strv_free(res->tasks[i].env_before);
        host_strv_free(res->tasks[i].fds);
    }
    for (size_t i = 0; i < res->n_forwarded; i++) {
        free((char *)res->forwarded[i].plugin);
        free((char *)res->forwarded[i].name);
        free((char *)res->forwarded[i].value);
    }
    free(res->plugins);
    free(res->calls);
    free(res->callbacks);
    free(res->logs);
    free(res->tasks);
    free(res->forwarded);
    host_strv_free(res->env);
    host_strv_free(res->env_user);
    host_strv_free(res->environ_after);
    host_strv_free(res->job_control);
    host_strv_free(res->fds_left);
    host_strv_free(res->faults);
    memset(res, 0, sizeof(*res));
    errno = saved;
}

const struct host_call *host_find_call(const struct host_result *res, enum host_hook hook, int task)
{
    for (size_t i = 0; i < res->n_calls; i++)
        if (res->calls[i].hook == hook && (task < 0 || res->calls[i].task == task))
            return &res->calls[i];
    return NULL;
}

size_t host_count_calls(const struct host_result *res, enum host_hook hook)
{
    size_t n = 0;

    for (size_t i = 0; i < res->n_calls; i++)
        n += res->calls[i].hook == hook;
    return n;
}

const struct host_log *host_find_log(const struct host_result *res, enum host_level level,
                                     const char *part)
{
    for (size_t i = 0; i < res->n_logs; i++)
        if (res->logs[i].level <= level && strstr(res->logs[i].text, part))
            return &res->logs[i];
    return NULL;
}

const char *host_env_get(char *const *env, const char *name)
{
    return env_get(env, name);
}

size_t host_env_count(char *const *env, const char *name)
{
    size_t len = strlen(name);
    size_t n = 0;

    for (; env && *env; env++)
        n += strncmp(*env, name, len) == 0 && (*env)[len] == '=';
    return n;
}

static bool ignored(const char *entry, const char *const *ignore)
{
    size_t len = strcspn(entry, "=");

    if (len == strlen("SLURM_TASK_PID") && strncmp(entry, "SLURM_TASK_PID", len) == 0)
        return true;
    for (; ignore && *ignore; ignore++)
        if (strlen(*ignore) == len && strncmp(entry, *ignore, len) == 0)
            return true;
    return false;
}

static bool holds(char *const *env, const char *entry)
{
    for (; env && *env; env++)
        if (strcmp(*env, entry) == 0)
            return true;
    return false;
}

char *host_env_diff(char *const *a, char *const *b, const char *const *ignore)
{
    for (char *const *p = a; p && *p; p++)
        if (!ignored(*p, ignore) && !holds(b, *p))
            return xprintf("only in the first: %s", *p);
    for (char *const *p = b; p && *p; p++)
        if (!ignored(*p, ignore) && !holds(a, *p))
            return xprintf("only in the second: %s", *p);
    return NULL;
}

const char *host_hook_name(enum host_hook hook)
{
    static const char *const names[] = {
        [HOST_INIT] = "init",
        [HOST_JOB_PROLOG] = "job_prolog",
        [HOST_INIT_POST_OPT] = "init_post_opt",
        [HOST_LOCAL_USER_INIT] = "local_user_init",
        [HOST_USER_INIT] = "user_init",
        [HOST_TASK_INIT_PRIVILEGED] = "task_init_privileged",
        [HOST_TASK_INIT] = "task_init",
        [HOST_TASK_POST_FORK] = "task_post_fork",
        [HOST_TASK_EXIT] = "task_exit",
        [HOST_JOB_EPILOG] = "job_epilog",
        [HOST_SLURMD_EXIT] = "slurmd_exit",
        [HOST_EXIT] = "exit",
    };

    return hook < HOST_HOOKS ? names[hook] : "-";
}

static void dump_list(const char *title, char *const *list)
{
    for (; list && *list; list++)
        fprintf(stderr, "# %s: %s\n", title, *list);
}

void host_dump(const struct host_result *res)
{
    static const char *const levels[] = {"spank", "error",  "info",  "verbose",
                                         "debug", "debug2", "debug3"};

    fprintf(stderr, "# refused %d failed %d drained %d rc %d signal %d exit %d%s died in %s\n",
            res->refused, res->failed, res->drained, res->rc, res->signal, res->exit_status,
            res->timed_out ? " timed out" : "", host_hook_name(res->died_in));
    for (size_t i = 0; i < res->n_plugins; i++)
        fprintf(stderr, "# plugin %zu: %s (%s) %s%s\n", i, res->plugins[i].path,
                res->plugins[i].name ? res->plugins[i].name : "?",
                res->plugins[i].required ? "required" : "optional",
                res->plugins[i].loaded ? "" : ", not loaded");
    for (size_t i = 0; i < res->n_callbacks; i++)
        fprintf(stderr, "# callback of %d: --%s=%s remote %d = %d\n", res->callbacks[i].plugin,
                res->callbacks[i].name,
                res->callbacks[i].value ? res->callbacks[i].value : "(NULL)",
                res->callbacks[i].remote, res->callbacks[i].rc);
    for (size_t i = 0; i < res->n_calls; i++) {
        const struct host_call *c = &res->calls[i];

        fprintf(stderr, "# call: %s of %d, task %d = %d%s%s%s fds %+d threads %+d\n",
                host_hook_name(c->hook), c->plugin, c->task, c->rc,
                c->contained ? " contained" : "", c->environ_changed ? " changed environ" : "",
                c->job_env_changed ? " changed the job's environment" : "", c->fds, c->threads);
    }
    for (size_t i = 0; i < res->n_logs; i++)
        fprintf(stderr, "# %s%s [%s]: %s\n", levels[res->logs[i].level],
                res->logs[i].from_host ? " (host)" : "", host_hook_name(res->logs[i].hook),
                res->logs[i].text);
    for (size_t i = 0; i < res->n_tasks; i++)
        fprintf(stderr, "# task %d: %s, status %d\n", res->tasks[i].id,
                res->tasks[i].execed ? res->tasks[i].path : "no exec", res->tasks[i].status);
    dump_list("left open", res->fds_left);
    dump_list("fault", res->faults);
    if (res->threads_left || res->children_left)
        fprintf(stderr, "# left: %d threads, %d processes\n", res->threads_left,
                res->children_left);
}
