/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin on the fake SPANK host: how steps are registered with the node's collector. Only root
 * does that; as another user these tests see that nothing happens. */
#include "plugin.h"

#include "core/stepfile.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A task that puts what is registered while it runs into ./seen. */
#define SCRIPT                                                                                     \
    "cd \"$RUN/steps\" 2>/dev/null || exit 0; "                                                    \
    "for step in *.*; do { echo \"file=$step\"; cat \"$step\"; } >>\"$SEEN\" 2>/dev/null; done; "  \
    "exit 0"

static char seen[4200];

static int set_up(void **state)
{
    if (installation_make(state) != 0 || !realpath(".", seen))
        return -1;
    strcat(seen, "/seen");
    return 0;
}

static void prepare_step(struct play *p, const char *args)
{
    static char run_variable[80], seen_variable[4300];
    static const char *env[6];
    static const char *const argv[] = {"sh", "-c", SCRIPT, NULL};
    static const char *const daemon_env[] = {"PATH=/bin", "SLURMD_NODENAME=n7", NULL};

    /* The guard that these tests have is none that ld.so could load. */
    plugin_prepare(p, HOST_REMOTE, "preload=never ");
    strcat(p->line[0], args);
    snprintf(run_variable, sizeof(run_variable), "RUN=%s", rundir);
    snprintf(seen_variable, sizeof(seen_variable), "SEEN=%s", seen);
    env[0] = "PATH=/usr/bin:/bin";
    env[1] = run_variable;
    env[2] = seen_variable;
    env[3] = NULL;
    p->sc.env = env;
    p->sc.argv = argv;
    p->sc.daemon_env = daemon_env;
    p->sc.real_exec = true;
    unlink(seen);
}

/* One more variable of the job's. */
static void add_variable(struct play *p, const char *variable)
{
    const char **env = (const char **)p->sc.env;

    while (*env)
        env++;
    env[0] = variable;
    env[1] = NULL;
}

/* What tasks saw of the step; false: nothing. */
static bool saw(struct stepfile *step)
{
    char text[STEPFILE_MAX * 2];
    FILE *f = fopen(seen, "re");
    size_t length = f ? fread(text, 1, sizeof(text), f) : 0;

    if (f)
        fclose(f);
    text[length < sizeof(text) ? length : 0] = '\0';
    if (length == 0 || strncmp(text, "file=*", 6) == 0) /* there was none */
        return false;
    assert_int_equal(stepfile_parse(step, text, length), 0);
    return true;
}

static size_t count_files(const char *directory)
{
    size_t n = 0;
    DIR *d = opendir(directory);
    struct dirent *e;

    while (d && (e = readdir(d)))
        n += e->d_name[0] != '.';
    if (d)
        closedir(d);
    return n;
}

static void assert_nothing_left(void)
{
    char path[80];

    snprintf(path, sizeof(path), "%s/steps", rundir);
    assert_int_equal(count_files(path), 0);
}

static void test_what_a_step_says(void **state)
{
    struct stepfile step;
    struct play p;
    char pid[32];

    (void)state;
    prepare_step(&p, "accounting=comment notify=no port=4711 log=syslog,/var/log/n.jsonl "
                     "spool=/var/spool/other");
    plugin_give(&p, "node");
    p.sc.job_id = 77;
    p.sc.step_id = 3;
    p.sc.nnodes = 5;
    p.sc.node_id = 4;
    p.sc.restart_count = 2;
    plugin_run(&p);
    assert_silent(&p.res);
    assert_armed(&p, "node");
    if (geteuid() != 0) {
        assert_false(saw(&step));
        end(&p);
        return;
    }
    assert_true(saw(&step));
    assert_int_equal(step.job, 77);
    assert_int_equal(step.step, 3);
    assert_int_equal(step.restart, 2);
    assert_int_equal(step.uid, getuid());
    assert_int_equal(step.nodes, 5);
    assert_int_equal(step.index, 4);
    assert_int_equal(step.mode, MODE_NODE);
    assert_true(step.asked);
    assert_false(step.notify);
    assert_int_equal(step.accounting, ACCOUNTING_COMMENT);
    assert_int_equal(step.port, 4711);
    assert_string_equal(step.node, "n7");
    assert_string_equal(step.log, "syslog,/var/log/n.jsonl");
    assert_string_equal(step.spool, "/var/spool/other");
    /* Named after slurmstepd, in which the hooks run. */
    snprintf(pid, sizeof(pid), "file=%d.", (int)host_find_call(&p.res, HOST_INIT, -1)->pid);
    FILE *f = fopen(seen, "re");
    char line[64] = "";
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof(line), f));
    fclose(f);
    assert_int_equal(strncmp(line, pid, strlen(pid)), 0);
    assert_nothing_left();
    end(&p);
}

static void test_every_kind_of_step(void **state)
{
    static const struct {
        enum host_step step;
        const char *args, *option, *variable, *command;
        const char *mode; /* NULL: not registered */
        bool asked;
        uint32_t id, nodes;
    } cases[] = {
        {HOST_STEP_SRUN, "", NULL, NULL, NULL, "audit", false, 0, 2},
        {HOST_STEP_BATCH, "", NULL, NULL, NULL, "audit", false, 4294967291, 1},
        {HOST_STEP_INTERACTIVE, "", NULL, NULL, NULL, "audit", false, 4294967290, 2},
        {HOST_STEP_SRUN, "", "audit", NULL, NULL, "audit", true, 0, 2},
        {HOST_STEP_BATCH, "", NULL, TWIN "=deny", NULL, "deny", true, 4294967291, 1},
        {HOST_STEP_BATCH, "default=job", NULL, NULL, NULL, "job", false, 4294967291, 1},
        {HOST_STEP_SRUN, "default=job", "node", TWIN "=deny", NULL, "node", true, 0, 2},
        /* A word that counts for nothing, of which the user is told. */
        {HOST_STEP_SRUN, "allow=audit,node", NULL, TWIN "=deny", NULL, "audit", false, 0, 2},
        {HOST_STEP_SRUN, "", "off", NULL, NULL, NULL, false, 0, 0},
        {HOST_STEP_BATCH, "", NULL, TWIN "=off", NULL, NULL, false, 0, 0},
        {HOST_STEP_SRUN, "default=off", NULL, NULL, NULL, NULL, false, 0, 0},
        {HOST_STEP_SRUN, "nonsense", "auto", NULL, NULL, NULL, false, 0, 0},
        /* Ranks of a launcher of which nobody knows here whether it was armed, but by this. */
        {HOST_STEP_SRUN, "", NULL, NULL, "./orted", "audit", false, 0, 2},
        {HOST_STEP_SRUN, "", NULL, "NESTSAFE_MODE=node", "./orted", "node", false, 0, 2},
        {HOST_STEP_SRUN, "", NULL, "NESTSAFE_MODE=node", NULL, "audit", false, 0, 2},
        {HOST_STEP_SRUN, "", NULL, TWIN "=job", "./orted", "job", true, 0, 2},
        {HOST_STEP_SRUN, "", NULL, "NESTSAFE_MODE=off", "./orted", NULL, false, 0, 0},
        {HOST_STEP_SRUN, "", NULL, "NESTSAFE_MODE=x", "./orted", "audit", false, 0, 2},
    };

    (void)state;
    assert_int_equal(symlink("/bin/sh", "orted"), 0);
    for (size_t i = 0; i < COUNT(cases) * HOST_RELEASES; i += host_stride()) {
        size_t c = i / HOST_RELEASES;
        struct stepfile step;
        struct play p;
        const char *argv[] = {cases[c].command ? cases[c].command : "sh", "-c", SCRIPT, NULL};

        prepare_step(&p, cases[c].args);
        p.sc.release = (enum host_release)(i % HOST_RELEASES);
        p.sc.step = cases[c].step;
        p.sc.nnodes = 2;
        p.sc.argv = argv;
        if (cases[c].option)
            plugin_give(&p, cases[c].option);
        if (cases[c].variable)
            add_variable(&p, cases[c].variable);
        plugin_run(&p);
        if (saw(&step) != (cases[c].mode && geteuid() == 0)) {
            host_dump(&p.res);
            fail_msg("case %zu", c);
        }
        if (cases[c].mode && geteuid() == 0) {
            assert_string_equal(mode_name(step.mode), cases[c].mode);
            assert_int_equal(step.asked, cases[c].asked);
            assert_int_equal(step.step, cases[c].id);
            assert_int_equal(step.nodes, cases[c].nodes);
            assert_int_equal(step.port, 868);
            assert_string_equal(step.log, "slurmd");
            assert_true(step.notify);
            assert_int_equal(step.accounting, ACCOUNTING_ADMIN_COMMENT);
        }
        assert_nothing_left();
        end(&p);
    }
}

static void test_nothing_in_other_places(void **state)
{
    static const enum host_context contexts[] = {HOST_LOCAL, HOST_ALLOCATOR, HOST_PROLOG,
                                                 HOST_EPILOG, HOST_REMOTE};
    char path[80];

    (void)state;
    snprintf(path, sizeof(path), "%s/steps", rundir);
    rmdir(path);
    for (size_t i = 0; i < COUNT(contexts); i++) {
        struct play p;

        plugin_prepare(&p, contexts[i], "default=node");
        p.sc.step = HOST_STEP_EXTERN;
        plugin_run(&p);
        assert_silent(&p.res);
        assert_int_equal(access(path, F_OK), -1);
        end(&p);
    }
}

static void test_requeued_jobs(void **state)
{
    static const struct {
        const char *variable;
        uint32_t item, restart;
    } cases[] = {
        {"SLURM_RESTART_COUNT=3", 0, 3},  {"SLURM_RESTART_COUNT=3", 2, 2},
        {"SLURM_RESTART_COUNT=-3", 0, 0}, {"SLURM_RESTART_COUNT=99999999999", 0, 0},
        {"SLURM_RESTART_COUNT=", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases) && geteuid() == 0; i++) {
        struct stepfile step;
        struct play p;

        prepare_step(&p, "");
        add_variable(&p, cases[i].variable);
        p.sc.restart_count = cases[i].item;
        plugin_run(&p);
        assert_true(saw(&step));
        assert_int_equal(step.restart, cases[i].restart);
        end(&p);
    }
}

/* One line too many, or a second copy of the library: there is one step, and it ends once. */
static void test_listed_twice(void **state)
{
    (void)state;
    for (int copy = 0; copy < 2; copy++) {
        struct stepfile step;
        struct play p;

        prepare_step(&p, "default=node");
        plugin_add(&p, copy ? plugin_copy() : NULL, "default=node");
        p.sc.node_tasks = p.sc.total_tasks = 3;
        plugin_run(&p);
        assert_int_equal(saw(&step), geteuid() == 0);
        assert_nothing_left();
        end(&p);
    }
}

/* What others could change is not touched; one error says so, and the job runs. */
static void test_a_directory_that_is_a_trap(void **state)
{
    static const char *const faults[] = {"others than root can write there", "is not root's", ": "};
    char path[4300], args[4400];

    (void)state;
    if (geteuid() != 0)
        return;
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct play p;

        snprintf(path, sizeof(path), "/tmp/nestsafe-trap.%d", (int)getpid());
        if (i == 2)
            assert_int_equal(symlink(rundir, path), 0);
        else
            assert_true(mkdir(path, 0755) == 0 && chmod(path, i == 0 ? 0777 : 0755) == 0 &&
                        chown(path, i == 1 ? 60001 : 0, 0) == 0);
        snprintf(args, sizeof(args), "default=node rundir=%s", path);
        for (int slurmd = 0; slurmd < 2; slurmd++) {
            prepare_step(&p, args);
            if (slurmd)
                p.sc.context = HOST_SLURMD;
            plugin_run(&p);
            assert_one_error(&p.res, "nestsafe: nested launches are not recorded: ", false);
            assert_one_error(&p.res, path, false);
            assert_one_error(&p.res, faults[i], false);
            if (!slurmd)
                assert_armed(&p, "node");
            assert_int_equal(count_files(path), i == 2 ? count_files(rundir) : 0);
            end(&p);
        }
        assert_int_equal(i == 2 ? unlink(path) : rmdir(path), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_step_says),
        cmocka_unit_test(test_every_kind_of_step),
        cmocka_unit_test(test_nothing_in_other_places),
        cmocka_unit_test(test_requeued_jobs),
        cmocka_unit_test(test_listed_twice),
        cmocka_unit_test(test_a_directory_that_is_a_trap),
    };

    play_begin();
    return cmocka_run_group_tests_name("plugin_record", tests, set_up, installation_remove);
}
