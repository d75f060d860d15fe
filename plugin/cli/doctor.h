/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe doctor: what is to be known of a host, the checks on it, and what they found. */
#ifndef NESTSAFE_CLI_DOCTOR_H
#define NESTSAFE_CLI_DOCTOR_H

#include "plugstack.h"
#include "spankfile.h"

#include "spank/config.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum level { LEVEL_OK, LEVEL_SKIPPED, LEVEL_WARNING, LEVEL_ERROR, LEVELS };

/* "ok", "skipped", "warning", "error". */
const char *level_name(enum level level);

enum { FINDING_TEXT = 1024 };

struct finding {
    char check[16];
    enum level level;
    char text[FINDING_TEXT];   /* what is so */
    char advice[FINDING_TEXT]; /* what to do about it, or "" */
};

struct findings {
    struct finding *list;
    size_t count;
};

/* What ought to be the same on all hosts, with what differs where it is not. */
enum sameness {
    SAME_VERSION,
    SAME_SLURM,
    SAME_PLUGIN,
    SAME_GUARD,
    SAME_LAUNCHER,
    SAME_LINE,
    SAME_RULES,
    SAMENESSES
};

enum { SAME_TEXT = 512 };

struct doctor {
    struct findings findings;
    const char *check; /* the one that runs */

    /* The facts; what could not be had is empty. */
    bool root;
    bool in_step;        /* of Slurm's; then this is a node */
    char node[256];      /* Slurm's name of this node; "" where it is none */
    char *conf;          /* what slurmctld says of slurm.conf ("scontrol show config") */
    char complaint[256]; /* why there is none */
    uint32_t release;    /* of Slurm's commands here; 0: there are none */
    uint32_t daemon;     /* of slurmd here; 0: there is none */
    char file[PATH_MAX]; /* plugstack.conf; "": this host keeps none */
    struct plugstack stack;
    const struct plugstack_line *line; /* nestsafe's, the first; NULL: not listed */
    size_t lines;                      /* how often it is listed */
    char plugin[PATH_MAX];             /* the file that the line means */
    struct spankfile plugin_file;
    int plugin_error;     /* errno of reading it */
    struct config config; /* the defaults where there is no line */
    char same[SAMENESSES][SAME_TEXT];
};

/* Find the facts out. Returns 0, or -1 with errno ENOMEM. */
int doctor_look(struct doctor *doctor);

/* Run every check. */
void doctor_check(struct doctor *doctor);
void doctor_destroy(struct doctor *doctor);

/* A setting of slurm.conf as slurmctld knows it; "" where it has none or does not answer. */
void doctor_setting(const struct doctor *doctor, const char *key, char *value, size_t size);

/* The file that a line of plugstack.conf means: names without a '/' in front are in PluginDir. */
void doctor_plugin_path(const struct doctor *doctor, const struct plugstack_line *line,
                        char path[PATH_MAX]);

/* Note what the check that runs has found; advice is NULL where there is nothing to do. */
__attribute__((format(printf, 4, 5))) void doctor_say(struct doctor *doctor, enum level level,
                                                      const char *advice, const char *format, ...);

/* Add a finding. Out of memory, it is lost. */
void findings_add(struct findings *findings, const struct finding *finding);

/* The tables of checks, each ended by an empty row. They are run in the order of the files. */
struct check {
    const char *name;
    void (*run)(struct doctor *doctor);
};
extern const struct check checks_slurm[];
extern const struct check checks_plugin[];
extern const struct check checks_node[];
extern const struct check checks_job[];

/* How findings are shown. */
struct show {
    bool quiet; /* only what is wrong */
    bool json;
    bool colour;
};

/* As lines on standard output; of several nodes, findings that are the same are one line. */
struct report {
    char *node;
    struct findings findings;
    char same[SAMENESSES][SAME_TEXT];
};
void doctor_print(const struct show *show, const struct report *reports, size_t count);

/* 1 where there is an error, else 0. */
int doctor_status(const struct report *reports, size_t count);

/* One host as JSON on standard output. Returns 0, or -1 with errno ENOMEM. */
int doctor_json(const struct doctor *doctor);

/* Read that again. Returns 0, or -1 with errno EINVAL or ENOMEM. */
int doctor_json_read(struct report *report, const char *text);

/* Several hosts, and what differs between them. */
int doctor_json_nodes(const struct report *reports, size_t count, const struct findings *all);

/* Run on other nodes, through srun. nodes: Slurm's list, NULL for those of the job or of the
 * partition (NULL: the default one). Returns an exit status. */
int doctor_nodes(const struct doctor *here, const struct show *show, const char *nodes,
                 const char *partition);

/* Add to all what differs between the reports. */
void doctor_compare(struct findings *all, const struct report *reports, size_t count);

#endif
