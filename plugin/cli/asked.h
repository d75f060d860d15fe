/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Did the job in which this process is ask for protection, and has it got it? */
#ifndef NESTSAFE_CLI_ASKED_H
#define NESTSAFE_CLI_ASKED_H

#include <stddef.h>

enum asked {
    ASKED_NOTHING, /* or not in a job, or what was asked for changes nothing */
    ASKED_LATER,   /* in this script or shell, after its step began */
    ASKED_GOT,
    ASKED_IN_VAIN, /* this node's slurmstepd has not armed the step */
};

/* word: the MODE that was asked for, fit for a message. */
enum asked asked_here(char *word, size_t size);

#endif
