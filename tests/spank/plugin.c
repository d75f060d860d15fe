/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios with the plugin itself, as nestsafe-test.so, and an installation for it to find. */
#include "plugin.h"
#include "scarce.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY "/proc/self/cwd/copy.so"

static char home[4200];
static char node[] = "/tmp/nestsafe-XXXXXX";
static int collector = -1; /* holds its lock */
char rundir[64];

/* The directories above a file. */
static void make_parents(const char *path)
{
    char text[4096];

    snprintf(text, sizeof(text), "%s", path);
    for (char *slash = strchr(text + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(text, 0755);
        *slash = '/';
    }
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *f;

    make_parents(path);
    f = fopen(path, "we");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0 || chmod(path, mode) != 0)
        fail_msg("cannot make %s", path);
}

/* In a sticky directory of root's, whoever's the build directory is. */
static void make_node(void)
{
    char lock[80];

    if (!mkdtemp(node) || chmod(node, 0755) != 0)
        fail_msg("cannot make %s", node);
    snprintf(rundir, sizeof(rundir), "%s/run", node);
    snprintf(lock, sizeof(lock), "%s/lock", rundir);
    if (geteuid() != 0)
        return;
    if (mkdir(rundir, 0755) != 0 ||
        (collector = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0 ||
        flock(collector, LOCK_EX | LOCK_NB) != 0)
        fail_msg("cannot lock %s", lock);
}

int collector_dies(void **state)
{
    (void)state;
    if (collector >= 0)
        close(collector);
    collector = -1;
    return 0;
}

int installation_make(void **state)
{
    (void)state;
    if (!home[0]) {
        /* Beside the plugins: there programs may be executed. */
        snprintf(home, sizeof(home), "%s/spank-XXXXXX", dir);
        if (!mkdtemp(home) || chmod(home, 0755) != 0 || chdir(home) != 0)
            return -1;
        make_node();
    }
    write_file(FIRST_LAUNCHER, "#!/bin/sh\n", 0755);
    write_file(TEST_GUARD, "", 0644);
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

int installation_remove(void **state)
{
    (void)state;
    nftw(node, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return chdir("/") != 0 || nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0 ? -1 : 0;
}

const char *file_make(const char *name, const char *text)
{
    static char path[8192];

    snprintf(path, sizeof(path), "%s/%s", home, name);
    write_file(path, text, 0644);
    return path;
}

void plugin_prepare(struct play *p, enum host_context context, const char *args)
{
    scarce_begin(0);
    prepare(p, context, "optional", "");
    snprintf(p->line[0], sizeof(p->line[0]), "optional %s/nestsafe-test.so rundir=%s %s", dir,
             rundir, args);
    p->sc.check_leaks = true;
}

void plugin_give(struct play *p, const char *value)
{
    p->option = (struct host_option){"nestsafe", OPTION, value};
    p->sc.options = &p->option;
    p->sc.n_options = 1;
}

void plugin_add(struct play *p, const char *path, const char *args)
{
    char own[4200], where[80] = "";

    snprintf(own, sizeof(own), "%s/nestsafe-test.so", dir);
    if (!path || strcmp(path, COPY) == 0)
        snprintf(where, sizeof(where), "rundir=%s ", rundir);
    assert_true(strlen(own) + (path ? strlen(path) : 0) + strlen(where) + strlen(args) + 16 <
                sizeof(p->line[1]));
    strcpy(p->line[1], "optional ");
    strcat(p->line[1], path ? path : own);
    strcat(p->line[1], " ");
    strcat(p->line[1], where);
    strcat(p->line[1], args);
    p->lines[1] = p->line[1];
}

const char *plugin_copy(void)
{
    static const char copy[] = COPY;
    char buf[65536], own[4200];
    size_t n;
    FILE *from, *to;

    snprintf(own, sizeof(own), "%s/nestsafe-test.so", dir);
    from = fopen(own, "re");
    to = fopen(copy, "we");
    assert_true(from && to);
    while ((n = fread(buf, 1, sizeof(buf), from)) > 0)
        assert_int_equal(fwrite(buf, 1, n, to), n);
    assert_false(ferror(from));
    fclose(from);
    assert_int_equal(fclose(to), 0);
    return copy;
}

void plugin_forget(struct play *p)
{
    p->lines[0] = NULL;
}

static void no_harm_in_calls(const struct play *p)
{
    bool command = p->sc.context == HOST_LOCAL || p->sc.context == HOST_ALLOCATOR;

    for (size_t i = 0; i < p->res.n_calls; i++) {
        const struct host_call *c = &p->res.calls[i];
        bool prepares = c->hook == HOST_USER_INIT || c->hook == HOST_TASK_INIT;

        if (c->rc != 0 || c->fds != 0 || c->threads != 0 || (c->environ_changed && !command) ||
            (c->job_env_changed && !prepares)) {
            host_dump(&p->res);
            fail_msg("%s: rc %d, %d descriptors, %d threads, environ %d, job's environment %d",
                     host_hook_name(c->hook), c->rc, c->fds, c->threads, c->environ_changed,
                     c->job_env_changed);
        }
    }
}

void assert_harmless(const struct play *p)
{
    const struct host_result *res = &p->res;

    if (res->refused || res->failed || res->drained || res->rc != 0 || res->timed_out ||
        res->signal || res->exit_status || res->leaked || res->fds_left || res->threads_left ||
        res->children_left || res->faults) {
        host_dump(res);
        fail_msg("harm: refused %d, failed %d, drained %d, rc %d, signal %d, exit %d, leaked %d, "
                 "descriptors %s, %d threads, %d children, fault %s",
                 res->refused, res->failed, res->drained, res->rc, res->signal, res->exit_status,
                 res->leaked, res->fds_left ? res->fds_left[0] : "none", res->threads_left,
                 res->children_left, res->faults ? res->faults[0] : "none");
    }
    no_harm_in_calls(p);
    for (size_t i = 0; i < res->n_tasks; i++) {
        assert_true(res->tasks[i].execed);
        assert_null(res->tasks[i].fds);
        assert_int_equal(res->tasks[i].status, 0);
    }
}

void plugin_run(struct play *p)
{
    attempt(p);
    assert_harmless(p);
}

void plugin_run_after(struct play *from, struct play *p)
{
    p->sc.release = from->sc.release;
    assert_int_equal(host_forward(&from->res, &p->sc), 0);
    plugin_run(p);
}

void check_variable(char *const *env, const char *name, const char *value, const char *file,
                    int line)
{
    const char *got = host_env_get(env, name);
    size_t count = host_env_count(env, name);

    if (count == (value ? 1 : 0) && (!value || strcmp(got, value) == 0))
        return;
    print_error("%s: %zu times, %.200s; expected %.200s\n", name, count, got ? got : "(none)",
                value ? value : "(none)");
    _fail(file, line);
}

void check_armed(const struct play *p, const char *mode, const char *file, int line)
{
    static const char first[] = TEST_LAUNCHERS ":";
    char *const *env = TASK_ENV(p, 0);
    const char *path = host_env_get(env, "PATH");

    check_variable(env, "NESTSAFE_MODE", mode, file, line);
    if (mode && (!path || strncmp(path, first, strlen(first)) != 0 || strstr(path + 1, first))) {
        print_error("PATH is %s\n", path ? path : "(none)");
        _fail(file, line);
    }
    if (mode)
        return;
    for (char *const *entry = env; *entry; entry++) {
        if (strncmp(*entry, "NESTSAFE_", 9) != 0 && !strstr(*entry, TEST_LAUNCHERS) &&
            !strstr(*entry, TEST_GUARD))
            continue;
        print_error("unexpected: %.200s\n", *entry);
        _fail(file, line);
    }
}

void assert_only_armed(const struct play *with, const struct play *without)
{
    static const char *const own[] = {"PATH",
                                      "LD_PRELOAD",
                                      TWIN,
                                      "NESTSAFE_MODE",
                                      "NESTSAFE_DEPTH",
                                      "NESTSAFE_LAUNCH",
                                      "NESTSAFE_BASELINE",
                                      "NESTSAFE_RUNDIR",
                                      NULL};
    char *diff = host_env_diff(TASK_ENV(with, 0), TASK_ENV(without, 0), own);

    if (diff)
        fail_msg("%.200s", diff);
}

void assert_same_entries(char *const *a, char *const *b)
{
    for (size_t i = 0; a[i] || b[i]; i++) {
        if (!a[i] || !b[i])
            fail_msg("only in one: %.200s", a[i] ? a[i] : b[i]);
        if (strncmp(a[i], "SLURM_TASK_PID=", 15) != 0 && strcmp(a[i], b[i]) != 0)
            fail_msg("\"%.200s\", \"%.200s\"", a[i], b[i]);
    }
}

size_t count_messages(const struct host_result *res, enum host_level level, const char *text)
{
    size_t n = 0;

    for (size_t i = 0; i < res->n_logs; i++)
        n += !res->logs[i].from_host && res->logs[i].level <= level &&
             strstr(res->logs[i].text, text);
    return n;
}

void assert_one_error(const struct host_result *res, const char *text, bool user_sees)
{
    const struct host_log *log = host_find_log(res, HOST_LOG_ERROR, text);

    if (!log || count_messages(res, HOST_LOG_ERROR, text) != 1 || log->user_sees != user_sees) {
        host_dump(res);
        fail_msg("not just one error, %s by the user, that says \"%s\"",
                 user_sees ? "seen" : "not seen", text);
    }
}

void assert_user_told(const struct host_result *res, const char *text)
{
    for (size_t i = 0; i < res->n_logs; i++)
        if (!res->logs[i].from_host && res->logs[i].user_sees && strstr(res->logs[i].text, text))
            return;
    host_dump(res);
    fail_msg("the user is not told \"%s\"", text);
}

void assert_silent(const struct host_result *res)
{
    for (size_t i = 0; i < res->n_logs; i++)
        if (!res->logs[i].from_host &&
            (res->logs[i].user_sees || res->logs[i].level <= HOST_LOG_ERROR))
            fail_msg("says \"%s\"", res->logs[i].text);
}
