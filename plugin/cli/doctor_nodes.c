/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe doctor --all: itself on other nodes, through srun, and what differs between them. */
#include "child.h"
#include "doctor.h"
#include "labelled.h"

#include "core/printable.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECONDS = 20, SRUN_SECONDS = 180, ARGUMENTS_MAX = 24 };

struct lines {
    char *text; /* what the lines are in */
    char **list;
    size_t count;
};

static void note(struct findings *all, const char *check, enum level level, const char *advice,
                 const char *what)
{
    struct finding finding = {.level = level};
    snprintf(finding.check, sizeof(finding.check), "%s", check);
    printable(finding.text, sizeof(finding.text), what);
    snprintf(finding.advice, sizeof(finding.advice), "%s", advice);
    findings_add(all, &finding);
}

/* The lines that a command prints, without empty ones. Returns 0, or -1. */
static int lines_of(struct lines *lines, char *const argv[])
{
    struct child child;
    *lines = (struct lines){0};
    int rc = child_run(&child, argv, SECONDS) == 0 && child.status == 0 ? 0 : -1;
    if (rc == 0) {
        lines->text = child.output;
        child.output = NULL;
        lines->list = calloc(strlen(lines->text) / 2 + 1, sizeof(*lines->list));
        char *rest = lines->text, *line;
        while (lines->list && (line = strsep(&rest, "\n"))) {
            if (*line)
                lines->list[lines->count++] = line;
        }
    }
    child_destroy(&child);
    return rc;
}

static void lines_destroy(struct lines *lines)
{
    free(lines->text);
    free(lines->list);
}

static char *joined(const struct lines *lines)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    for (size_t i = 0; stream && i < lines->count; i++)
        fprintf(stream, "%s%s", i ? "," : "", lines->list[i]);
    if (stream)
        fclose(stream);
    return text;
}

/* Of the partition, those that take a job's tasks now. Returns memory to free, or NULL. */
static char *nodes_of(const char *partition)
{
    struct lines lines;
    char *argv[] = {(char *)"sinfo",   (char *)"-hN",
                    (char *)"-t",      (char *)"idle,mix",
                    (char *)"-o%N %P", partition ? (char *)"-p" : NULL,
                    (char *)partition, NULL};
    char *list = NULL;
    if (lines_of(&lines, argv) == 0) {
        size_t kept = 0;
        for (size_t i = 0; i < lines.count; i++) {
            size_t length = strlen(lines.list[i]);
            /* The default partition's name ends in '*'. */
            if (!partition && lines.list[i][length - 1] != '*')
                continue;
            lines.list[i][strcspn(lines.list[i], " ")] = '\0';
            lines.list[kept++] = lines.list[i];
        }
        lines.count = kept;
        list = joined(&lines);
    }
    lines_destroy(&lines);
    return list;
}

/* So that the job check on each node can tell whether a step that asks is armed there. */
static void ask(const struct doctor *here)
{
    static const enum mode modes[] = {MODE_AUTO, MODE_NODE, MODE_JOB, MODE_DENY};
    const char *said = getenv(MODE_VARIABLE);
    for (size_t i = 0; !said && i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (config_allows(&here->config, modes[i])) {
            setenv(MODE_VARIABLE, mode_name(modes[i]), 1);
            return;
        }
    }
}

static int start(struct child *child, const char *self, const char *nodes, size_t count,
                 const char *partition)
{
    char number[24];
    char *argv[ARGUMENTS_MAX] = {(char *)"srun",
                                 (char *)"--label",
                                 (char *)"--kill-on-bad-exit=0",
                                 (char *)"--mpi=none",
                                 (char *)"--ntasks-per-node=1",
                                 (char *)"--immediate=60",
                                 (char *)"-n",
                                 number,
                                 (char *)"-N",
                                 number,
                                 (char *)"-w",
                                 (char *)nodes};
    size_t words = 12;
    snprintf(number, sizeof(number), "%zu", count);
    if (getenv("SLURM_JOB_ID")) {
        argv[words++] = (char *)"--overlap";
    } else {
        argv[words++] = (char *)"--time=5";
        argv[words++] = (char *)"--job-name=nestsafe-doctor";
    }
    if (partition) {
        argv[words++] = (char *)"-p";
        argv[words++] = (char *)partition;
    }
    argv[words++] = (char *)self;
    argv[words++] = (char *)"doctor";
    argv[words++] = (char *)"--json";
    return child_run(child, argv, SRUN_SECONDS);
}

static size_t take_reports(struct report *reports, size_t most, const char *output)
{
    size_t count = 0;
    struct labelled labelled;
    if (labelled_split(&labelled, output) == 0) {
        for (size_t i = 0; i < labelled.count && count < most; i++) {
            if (doctor_json_read(&reports[count], labelled.texts[i]) == 0)
                count++;
            else
                free(reports[count].node);
        }
    }
    labelled_destroy(&labelled);
    return count;
}

static void note_silent(struct findings *all, const struct lines *expected,
                        const struct report *reports, size_t count, struct child *child)
{
    char text[FINDING_TEXT] = "", nodes[FINDING_TEXT / 2] = "", complaint[FINDING_TEXT / 4];
    size_t at = 0;
    for (size_t i = 0; i < expected->count && at < sizeof(nodes); i++) {
        size_t r = 0;
        while (r < count && strcmp(reports[r].node, expected->list[i]) != 0)
            r++;
        if (r == count)
            at += (size_t)snprintf(nodes + at, sizeof(nodes) - at, "%s%s", at ? ", " : "",
                                   expected->list[i]);
    }
    if (!at)
        return;
    printable(complaint, sizeof(complaint),
              child->status == 124 ? "srun took too long" : child_complaint(child));
    snprintf(text, sizeof(text), "no answer from %s%s%s", nodes, *complaint ? ": " : "", complaint);
    note(all, "nodes", LEVEL_ERROR,
         "nestsafe is to be installed under the same path on all nodes; try the node alone "
         "(--nodes=NODE)",
         text);
}

static void order(struct report *reports, size_t count, const struct lines *expected)
{
    size_t placed = 0;
    for (size_t i = 0; i < expected->count; i++) {
        for (size_t r = placed; r < count; r++) {
            if (strcmp(reports[r].node, expected->list[i]) != 0)
                continue;
            struct report found = reports[r];
            reports[r] = reports[placed];
            reports[placed++] = found;
        }
    }
}

static int run(const struct doctor *here, const struct show *show, const char *nodes,
               const struct lines *expected, const char *partition)
{
    char self[PATH_MAX] = "";
    struct findings all = {0};
    struct child child = {0};
    struct report *reports = calloc(expected->count + 1, sizeof(*reports));
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (!reports || length <= 0) {
        free(reports);
        return EXIT_FAILURE;
    }
    ask(here);
    start(&child, self, nodes, expected->count, partition);
    size_t count = take_reports(reports, expected->count, child.output ? child.output : "");
    order(reports, count, expected);
    note_silent(&all, expected, reports, count, &child);
    doctor_compare(&all, reports, count);
    const struct report between = {.findings = all};
    if (show->json) {
        doctor_json_nodes(reports, count, &all);
    } else {
        doctor_print(show, reports, count);
        doctor_print(show, &between, 1);
    }
    int status = doctor_status(reports, count) || doctor_status(&between, 1);
    for (size_t i = 0; i < count; i++) {
        free(reports[i].findings.list);
        free(reports[i].node);
    }
    free(reports);
    free(all.list);
    child_destroy(&child);
    return status;
}

int doctor_nodes(const struct doctor *here, const struct show *show, const char *nodes,
                 const char *partition)
{
    const char *job = getenv("SLURM_JOB_ID") ? getenv("SLURM_JOB_NODELIST") : NULL;
    char *list = nodes ? strdup(nodes) : job && !partition ? strdup(job) : nodes_of(partition);
    char *argv[] = {(char *)"scontrol", (char *)"show", (char *)"hostnames", list, NULL};
    struct lines expected = {0};
    int status = EXIT_FAILURE;
    if (!here->release)
        fputs("nestsafe doctor: error: there is no Slurm here\n", stderr);
    else if (!list || !*list)
        fputs("nestsafe doctor: error: there are no nodes that take a job now\n", stderr);
    else if (lines_of(&expected, argv) != 0 || expected.count == 0)
        fprintf(stderr, "nestsafe doctor: error: '%s' names no nodes\n", list);
    else
        status = run(here, show, list, &expected, partition);
    lines_destroy(&expected);
    free(list);
    return status;
}

/* What it is called, and how bad it is where it differs. */
static const struct {
    const char *what;
    enum level level;
    const char *advice;
} samenesses[SAMENESSES] = {
    [SAME_VERSION] = {"nestsafe's version", LEVEL_ERROR, "install the same on all nodes"},
    [SAME_SLURM] = {"Slurm's release", LEVEL_WARNING, "bring all nodes to the same"},
    [SAME_PLUGIN] = {"the plugin's file", LEVEL_ERROR, "install the same on all nodes"},
    [SAME_GUARD] = {"the guard's file", LEVEL_ERROR, "install the same on all nodes"},
    [SAME_LAUNCHER] = {"nestsafe-launch", LEVEL_ERROR, "install the same on all nodes"},
    [SAME_LINE] = {"the line in plugstack.conf", LEVEL_WARNING, "use the same file on all nodes"},
    [SAME_RULES] = {"the rules file", LEVEL_WARNING, "use the same file on all nodes"},
};

/* Name the nodes that are not as most others, of the two or more kinds that there are. */
static void compare(struct findings *all, const struct report *reports, size_t count,
                    enum sameness sameness)
{
    char text[FINDING_TEXT];
    size_t best = 0, most = 0, others = 0;
    for (size_t i = 0; i < count; i++) {
        size_t same = 0;
        for (size_t j = 0; j < count; j++)
            same += strcmp(reports[i].same[sameness], reports[j].same[sameness]) == 0;
        if (same > most) {
            most = same;
            best = i;
        }
    }
    if (most == count)
        return;
    const char *usual = reports[best].same[sameness];
    size_t at = (size_t)snprintf(text, sizeof(text), "%s differs from the other nodes' on",
                                 samenesses[sameness].what);
    for (size_t i = 0; i < count && at < sizeof(text); i++) {
        const char *its = reports[i].same[sameness];
        if (strcmp(its, usual) != 0)
            at += (size_t)snprintf(text + at, sizeof(text) - at, "%s %s (%s)", others++ ? "," : "",
                                   reports[i].node, *its ? its : "none");
    }
    if (at < sizeof(text))
        snprintf(text + at, sizeof(text) - at, "; elsewhere it is %s", *usual ? usual : "none");
    note(all, "same", samenesses[sameness].level, samenesses[sameness].advice, text);
}

void doctor_compare(struct findings *all, const struct report *reports, size_t count)
{
    size_t before = all->count;
    char text[64];
    for (int i = 0; i < SAMENESSES; i++)
        compare(all, reports, count, (enum sameness)i);
    if (all->count == before && count > 0) {
        snprintf(text, sizeof(text), "%zu node%s with the same nestsafe and settings", count,
                 count == 1 ? "" : "s");
        note(all, "same", LEVEL_OK, "", text);
    }
}
