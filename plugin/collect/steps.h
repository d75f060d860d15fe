/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of this node, as the plugin registered them (core/stepfile.h); read when first asked
 * for. */
#ifndef NESTSAFE_COLLECT_STEPS_H
#define NESTSAFE_COLLECT_STEPS_H

#include "core/stepfile.h"

struct step {
    struct step *next;
    struct process stepd; /* its slurmstepd */
    struct stepfile file;
    bool dirty; /* it has had an incident, and waits for us when it ends */
};

struct steps {
    int directory; /* RUNDIR/steps */
    int changes;   /* inotify's descriptor for it, or -1 */
    bool present;  /* there was some registration when it was last looked at */
    struct step *list;
};

/* Open the registrations below the directory rundir (a file descriptor). Returns 0, or -1 with
 * errno from openat(2) or EPERM where it is not root's alone. */
int steps_open(struct steps *steps, int rundir);

/* False where no step is registered: nothing that begins now can be one's. A step is registered
 * before its tasks begin, so what is asked after an event of theirs has been read is right. */
bool steps_are_present(struct steps *steps);

/* One of those that are registered, or NULL. */
struct step *steps_any(struct steps *steps);

/* The step of a slurmstepd, or NULL where that registered none. Valid until steps_forget(). */
struct step *steps_of(struct steps *steps, const struct process *stepd);

/* The step that a process of user uid says it is in; NULL where no such step of that user is. */
struct step *steps_named(struct steps *steps, uint32_t job, uint32_t step, uint32_t uid);

/* The step of which "PID.START" is the name. */
struct step *steps_by_name(struct steps *steps, const char *name);

/* Let the step's slurmstepd know that there is something to wait for. */
void steps_mark(struct steps *steps, struct step *step);

/* Forget the steps whose slurmstepd has ended, and remove what a killed one has left. */
void steps_forget(struct steps *steps);

/* Safe on a zeroed struct with directory and changes -1. */
void steps_close(struct steps *steps);

#endif
