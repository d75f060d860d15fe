/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe-audit, which 'nestsafe audit' becomes: the only command that needs libslurm. */
#include "fold.h"
#include "options.h"
#include "query.h"
#include "report.h"

#include <errno.h>
#include <slurm/slurm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_USAGE = 2 };

static void help(void)
{
    puts(
        "Usage: nestsafe audit [OPTION]…\n\n"
        "Report the nested MPI launches that nestsafe recorded with the jobs in Slurm's "
        "accounting:\n"
        "how many there were, what became of them, and who needs to be told. Counts the jobs that\n"
        "ended in the period, each run of a requeued job by itself; reports of periods that touch\n"
        "add up. Without options: your own jobs of today, everybody's for root.\n\n"
        "  -S, --starttime=TIME   the period begins (default: midnight; with -j: ever)\n"
        "  -E, --endtime=TIME     the period ends (default: now)\n"
        "  -u, --user, --uid=LIST jobs of these users, by name or uid\n"
        "  -a, --allusers         jobs of all users\n"
        "  -A, --accounts=LIST    jobs of these accounts\n"
        "  -r, --partition=LIST   jobs that ran in these partitions\n"
        "  -j, --jobs=LIST        these jobs: JOB, JOB_TASK, JOB+COMPONENT\n"
        "  -M, --clusters=LIST    jobs of these clusters, or 'all' (default: this cluster)\n"
        "  --by=KEY               rows by user, account, partition, launcher, class of failure, "
        "or\n"
        "                         mode (default: user); a job whose launches are of several\n"
        "                         launchers, classes or modes is in the row 'mixed'\n"
        "  --format=FORMAT        table, csv, json, html: a page with charts, or openmetrics:\n"
        "                         for Prometheus (default: table)\n"
        "  --field=FIELD          where sections are looked for: admin_comment, comment, extra\n"
        "                         (default: any; the last two are the users' to change)\n"
        "  -h, --help             this text\n\n"
        "TIME is what sacct takes: 2026-11-16, 2026-11-16T08:00, 11/16, 08:00, today, "
        "now-7days.\n\n"
        "  failed       ended with another status than 0\n"
        "  unrepaired   failed where a repair may help, and are not known to have been repaired\n"
        "  preventable  of these, what was only watched and fails in this way whatever it is "
        "asked\n"
        "  bypassed     were to be repaired, and did not pass through nestsafe\n"
        "  core-hours   of the jobs with nested launches, as a whole\n"
        "  class        the way in which an unrepaired launch fails; the most frequent one");
}

static int complain(const char *text)
{
    fprintf(stderr, "nestsafe audit: error: %s\n", text);
    return EXIT_FAILURE;
}

static int report(const struct options *options)
{
    static int (*const reports[FORMATS])(FILE *, const struct fold *, const struct options *) = {
        [FORMAT_TABLE] = report_table,
        [FORMAT_CSV] = report_csv,
        [FORMAT_JSON] = report_json,
        [FORMAT_HTML] = report_html,
        [FORMAT_OPENMETRICS] = report_openmetrics,
    };
    struct fold fold;
    char error[256];
    int status = EXIT_SUCCESS;
    fold_begin(&fold, options->by);
    if (query_jobs(&fold, options, error, sizeof(error)) != 0) {
        status = complain(error);
    } else {
        fold_sort(&fold);
        if (reports[options->format](stdout, &fold, options) != 0 || fflush(stdout) != 0 ||
            ferror(stdout))
            status = complain(strerror(errno));
    }
    fold_end(&fold);
    return status;
}

int main(int argc, char *argv[])
{
    struct options options;
    int status = EXIT_USAGE;
    if (options_parse(&options, argc, argv, getuid(), time(NULL)) != 0) {
        complain(options.error);
        fputs("Try 'nestsafe audit --help'.\n", stderr);
    } else if (options.help) {
        help();
        status = EXIT_SUCCESS;
    } else {
        slurm_init(NULL); /* ends the program where there is no configuration */
        status = report(&options);
        slurm_fini();
    }
    options_destroy(&options);
    return status;
}
