/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe doctor: does nestsafe work here, and if not, what is to be done. */
#include "doctor.h"
#include "cli.h"

#include "core/printable.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void help(void)
{
    puts(
        "Usage: nestsafe doctor [--quiet] [--json] [--all | --nodes=LIST] [--partition=NAME]\n\n"
        "Tell whether nestsafe works on this host, a line a check: ok, skipped, warning or error,\n"
        "and what to do. As root more can be looked at; in a job, whether the job is protected.\n\n"
        "  --quiet           only warnings and errors: nothing where all is well\n"
        "  --json            the same for programs\n"
        "  --all             on all nodes of the job it is called in; elsewhere on the nodes of\n"
        "                    the partition that take jobs now, in a job of its own (srun)\n"
        "  --nodes=LIST      on these, such as n[1-4],n7\n"
        "  --partition=NAME  where its own job runs (default: the cluster's default)\n"
        "  -h, --help        this text\n\n"
        "Exit status: 0 no errors, 1 errors, 2 called wrongly.");
}

const char *level_name(enum level level)
{
    static const char *const names[LEVELS] = {[LEVEL_OK] = "ok",
                                              [LEVEL_SKIPPED] = "skipped",
                                              [LEVEL_WARNING] = "warning",
                                              [LEVEL_ERROR] = "error"};
    return names[level];
}

void findings_add(struct findings *findings, const struct finding *finding)
{
    struct finding *list = realloc(findings->list, (findings->count + 1) * sizeof(*findings->list));
    if (!list)
        return;
    findings->list = list;
    list[findings->count++] = *finding;
}

void doctor_say(struct doctor *doctor, enum level level, const char *advice, const char *format,
                ...)
{
    char text[FINDING_TEXT];
    struct finding finding = {.level = level};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    printable(finding.text, sizeof(finding.text), text);
    snprintf(finding.check, sizeof(finding.check), "%s", doctor->check);
    snprintf(finding.advice, sizeof(finding.advice), "%s", advice ? advice : "");
    findings_add(&doctor->findings, &finding);
}

void doctor_check(struct doctor *doctor)
{
    const struct check *const tables[] = {checks_slurm, checks_plugin, checks_node, checks_job};
    for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
        for (const struct check *check = tables[t]; check->name; check++) {
            doctor->check = check->name;
            check->run(doctor);
        }
    }
}

struct said {
    struct show show;
    bool all;
    const char *nodes;
    const char *partition;
};

/* Returns 0, or an exit status. */
static int parse(int argc, char *argv[], struct said *said)
{
    static const struct option options[] = {{"quiet", no_argument, NULL, 'q'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"all", no_argument, NULL, 'a'},
                                            {"nodes", required_argument, NULL, 'n'},
                                            {"partition", required_argument, NULL, 'p'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        switch (option) {
        case 'q':
            said->show.quiet = true;
            break;
        case 'j':
            said->show.json = true;
            break;
        case 'a':
            said->all = true;
            break;
        case 'n':
            said->nodes = optarg;
            break;
        case 'p':
            said->partition = optarg;
            break;
        case 'h':
            help();
            exit(EXIT_SUCCESS);
        case ':':
            return cli_usage_error("doctor", "%s needs a value", argv[optind - 1]);
        default:
            return cli_usage_error("doctor", "no option '%s'", argv[optind - 1]);
        }
    }
    if (optind < argc)
        return cli_usage_error("doctor", "unexpected argument '%s'", argv[optind]);
    if (said->all && said->nodes)
        return cli_usage_error("doctor", "--all and --nodes exclude each other");
    if (said->partition && !said->all && !said->nodes)
        return cli_usage_error("doctor", "--partition is for --all and --nodes");
    return 0;
}

static int check_here(struct doctor *doctor, const struct show *show)
{
    doctor_check(doctor);
    struct report report = {.findings = doctor->findings};
    if (!show->json)
        doctor_print(show, &report, 1);
    else if (doctor_json(doctor) != 0)
        return EXIT_FAILURE;
    return doctor_status(&report, 1);
}

int cli_doctor(int argc, char *argv[])
{
    const char *plain = getenv("NO_COLOR");
    struct said said = {.show.colour = isatty(STDOUT_FILENO) && !(plain && *plain)};
    struct doctor doctor;
    int status = parse(argc, argv, &said);
    if (status != 0)
        return status;
    if (doctor_look(&doctor) != 0) {
        perror("nestsafe doctor: error");
        status = EXIT_FAILURE;
    } else if (said.all || said.nodes) {
        status = doctor_nodes(&doctor, &said.show, said.nodes, said.partition);
    } else {
        status = check_here(&doctor, &said.show);
    }
    doctor_destroy(&doctor);
    return status;
}
