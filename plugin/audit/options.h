/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nestsafe audit is asked for on its command line. */
#ifndef NESTSAFE_AUDIT_OPTIONS_H
#define NESTSAFE_AUDIT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* What a row of the report stands for. */
enum audit_by { BY_USER, BY_ACCOUNT, BY_PARTITION, BY_LAUNCHER, BY_CLASS, BY_MODE, BYS };

enum audit_format {
    FORMAT_TABLE,
    FORMAT_CSV,
    FORMAT_JSON,
    FORMAT_HTML,
    FORMAT_OPENMETRICS,
    FORMATS
};

/* Where sections are looked for. */
enum audit_field { FIELD_ANY, FIELD_ADMIN_COMMENT, FIELD_COMMENT, FIELD_EXTRA, FIELDS };

struct strings {
    char **list;
    size_t count;
};

/* A job, a task of an array, or a component of a heterogeneous job. */
struct job_number {
    uint32_t job;
    int64_t task;      /* -1: all */
    int64_t component; /* -1: all */
};

struct options {
    time_t start, end; /* jobs that ended in [start, end); start 0: since ever */
    bool all_users, all_clusters;
    struct strings users; /* user ids; as decimal numbers */
    struct strings accounts, partitions, clusters;
    struct job_number *jobs;
    size_t job_count;
    enum audit_by by;
    enum audit_format format;
    enum audit_field field;
    bool help;
    char error[256]; /* of a failed parse: one printable line */
};

/*
 * Read a command line as user uid at the time now. Times are Slurm's: libslurm reads
 * them. Returns 0, or -1 with error set. To be destroyed in either case.
 */
int options_parse(struct options *options, int argc, char *argv[], unsigned uid, time_t now);

void options_destroy(struct options *options);

/* "user", "account", … */
const char *by_name(enum audit_by by);

#endif
