/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake SPANK host against a trace of the probe in a real Slurm: do they agree, line by line? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe_play.h"

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What the probe said in this run, sorted. */
static size_t said(const struct host_result *res, const char **lines, size_t max)
{
    size_t n = 0;

    for (size_t i = 0; i < res->n_logs && n < max; i++)
        if (!res->logs[i].from_host)
            lines[n++] = res->logs[i].text + strlen("probe: ");
    qsort(lines, n, sizeof(*lines), by_text);
    return n;
}

/* The section of the trace of that name, sorted. */
static size_t recorded(char *trace, const char *section, const char **lines, size_t max)
{
    static char copy[65536];
    char title[64], *save = NULL;
    bool inside = false;
    size_t n = 0;

    snprintf(title, sizeof(title), "[%s]", section);
    snprintf(copy, sizeof(copy), "%s", trace);
    for (char *l = strtok_r(copy, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
        if (l[0] == '[')
            inside = strcmp(l, title) == 0;
        else if (inside && n < max)
            lines[n++] = l;
    }
    qsort(lines, n, sizeof(*lines), by_text);
    return n;
}

static void compare(struct play *p, char *trace, const char *section)
{
    const char *want[256], *got[256];
    size_t nw = recorded(trace, section, want, 256);
    size_t ng;

    run(p);
    ng = said(&p->res, got, 256);
    assert_true(nw > 0);
    for (size_t i = 0; i < nw && i < ng; i++)
        if (strcmp(want[i], got[i]) != 0)
            fail_msg("%s: Slurm \"%s\", here \"%s\"", section, want[i], got[i]);
    assert_int_equal(nw, ng);
}

static char *read_trace(void)
{
    static char text[65536];
    const char *srcdir = getenv("srcdir");
    char path[4096];
    FILE *f;
    size_t n;

    snprintf(path, sizeof(path), "%s/tests/spank/trace-22.05.txt", srcdir ? srcdir : ".");
    f = fopen(path, "r");
    if (!f)
        fail_msg("no %s", path);
    n = fread(text, 1, sizeof(text) - 1, f);
    fclose(f);
    text[n] = '\0';
    return text;
}

static void test_trace(void **state)
{
    static struct play srun, sbatch, inner, p;
    char *trace = read_trace();
    char *args = strstr(trace, "\noption=") + 1;
    char line[4096];

    (void)state;
    snprintf(line, sizeof(line), "%.*s", (int)strcspn(args, "\n"), args);
#define PLAY(play, context, id)                                                                    \
    prepare(&(play), context, "optional", line);                                                   \
    (play).sc.uid = (play).sc.gid = 0;                                                             \
    (play).sc.job_id = id
    PLAY(srun, HOST_LOCAL, 47);
    srun.sc.args = L("-n2", "--probe", "sh", "-c", "exit 3");
    srun.sc.argv = L("sh", "-c", "exit 3");
    srun.sc.total_tasks = 2;
    compare(&srun, trace, "srun");
    PLAY(p, HOST_REMOTE, 47);
    assert_int_equal(host_forward(&srun.res, &p.sc), 0);
    p.sc.argv = srun.sc.argv;
    p.sc.node_tasks = p.sc.total_tasks = p.sc.cpus = 2;
    p.sc.mpi_task = L("PMI_RANK=%t");
    p.sc.task_status = 3;
    compare(&p, trace, "step of srun");
    end(&p);
    PLAY(p, HOST_REMOTE, 47);
    p.sc.step = HOST_STEP_EXTERN;
    compare(&p, trace, "extern step");
    end(&p);
    for (int epilog = 0; epilog < 2; epilog++) {
        PLAY(p, epilog ? HOST_EPILOG : HOST_PROLOG, 47);
        assert_int_equal(host_forward(&srun.res, &p.sc), 0);
        compare(&p, trace, epilog ? "epilog" : "prolog");
        end(&p);
    }
    PLAY(p, HOST_SLURMD, 0);
    compare(&p, trace, "slurmd");
    end(&p);
    PLAY(sbatch, HOST_ALLOCATOR, 48);
    sbatch.sc.args = L("-W", "-ot-inner.out", "--probe", "job.sh");
    compare(&sbatch, trace, "sbatch");
    PLAY(p, HOST_REMOTE, 48);
    p.sc.step = HOST_STEP_BATCH;
    p.sc.argv = L("slurm_script");
    p.sc.total_tasks = 0; /* sbatch without -n */
    p.sc.cpus = 1;
    assert_int_equal(host_forward(&sbatch.res, &p.sc), 0);
    compare(&p, trace, "batch step");
    PLAY(inner, HOST_LOCAL, 48);
    inner.sc.env = (const char *const *)p.res.tasks[0].env;
    inner.sc.args = L("-n1", "--probe=job", "true");
    compare(&inner, trace, "srun inside sbatch");
    end(&p);
    PLAY(p, HOST_REMOTE, 48);
    p.sc.cpus = 1;
    p.sc.mpi_task = L("PMI_RANK=%t");
    assert_int_equal(host_forward(&inner.res, &p.sc), 0);
    compare(&p, trace, "step inside sbatch");
    end(&p);
    end(&inner);
    end(&sbatch);
    end(&srun);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trace),
    };

    play_begin();
    return cmocka_run_group_tests_name("host_trace", tests, NULL, NULL);
}
