/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nestsafe-account: the short-lived process that speaks to the scheduler for the node's collector,
 * which so needs neither libslurm nor a wait for anybody. */
#ifndef NESTSAFE_ACCOUNT_ACCOUNT_H
#define NESTSAFE_ACCOUNT_ACCOUNT_H

#include "core/jobstate.h"

#include <stddef.h>
#include <sysexits.h>

/* What came of something; but for OUTCOME_ENDED, which stays inside, an exit status. */
enum outcome {
    OUTCOME_DONE = 0,
    OUTCOME_ENDED = 1,           /* not by this way: the job's run has ended */
    OUTCOME_MISUSE = EX_USAGE,   /* 64: the command line */
    OUTCOME_NEVER = EX_DATAERR,  /* 65: it will not succeed another time either */
    OUTCOME_LATER = EX_TEMPFAIL, /* 75: somebody did not answer */
};

/* Say why, in a line on standard error. Returns outcome. */
enum outcome account_say(enum outcome outcome, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* How often slurmctld and slurmdbd were asked for something: whoever asks counts. */
extern unsigned account_rpcs;

/* The commands; argv[0] is the command's name. */
enum outcome account_deliver(int argc, char *argv[]);
enum outcome account_notify(int argc, char *argv[]);
enum outcome account_receive(int argc, char *argv[]);
enum outcome account_settings(int argc, char *argv[]);

#endif
