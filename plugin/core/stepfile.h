/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A step as the plugin registers it with the node's collector: one small file of root's a
 * slurmstepd, so that registering costs no message, and a collector that starts later knows it. */
#ifndef NESTSAFE_CORE_STEPFILE_H
#define NESTSAFE_CORE_STEPFILE_H

#include "decision.h"
#include "mode.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STEPFILE_MAX = 4096 };

/* The collector's directory below rundir that holds them; root's, mode 0700. A file is named
 * "PID.START" after its slurmstepd, and has "PID.START.dirty" beside it once the collector has seen
 * an incident of the step, so that only such steps wait for the collector when they end. */
#define STEPFILE_DIRECTORY "steps"
#define STEPFILE_DIRTY ".dirty"

/* The scheduler's field that takes a job's totals. */
enum accounting { ACCOUNTING_ADMIN_COMMENT, ACCOUNTING_COMMENT, ACCOUNTING_EXTRA, ACCOUNTING_NONE };

struct stepfile {
    uint32_t job;
    uint32_t step;    /* as SPANK numbers it: 4294967291 is the batch script's */
    uint32_t restart; /* how often the job was requeued */
    uint32_t uid;
    uint32_t nodes; /* of the step */
    uint32_t index; /* of this node among them, from 0 on */
    enum mode mode;
    bool asked;  /* the user asked for the mode */
    bool notify; /* the site lets users be told */
    enum accounting accounting;
    unsigned port;   /* where the collectors of a job's nodes meet (TCP) */
    char node[256];  /* Slurm's name of this node */
    char log[1024];  /* as in plugstack.conf: "slurmd,/var/log/nestsafe.jsonl" */
    char spool[512]; /* absolute path */
};

/* Write it as "KEY=VALUE" lines. Returns the length, or 0 with errno EINVAL where a string holds a
 * control character, EMSGSIZE where it does not fit. */
size_t stepfile_format(char text[STEPFILE_MAX], const struct stepfile *step);

/* Read what stepfile_format wrote (length bytes). Unknown keys are passed over; job, uid and mode
 * must be there. Returns 0, or -1 with errno EINVAL. */
int stepfile_parse(struct stepfile *step, const char *text, size_t length);

/* "PID.START" for a process. */
void stepfile_name(char name[64], const struct process *stepd);

/* "admin_comment", "comment", "extra", "none". */
const char *accounting_name(enum accounting accounting);
/* Returns 0, or -1 with errno EINVAL and *accounting untouched. */
int accounting_parse(const char *text, enum accounting *accounting);

#endif
