/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a launcher that has just begun a nested launch, and of which step? Judged from outside, by
 * what /proc shows of it and of its ancestors, so that a launch with an empty environment counts
 * too. */
#ifndef NESTSAFE_COLLECT_JUDGE_H
#define NESTSAFE_COLLECT_JUDGE_H

#include "core/mode.h"
#include "core/nesting.h"
#include "launch/process.h"
#include "steps.h"

#include <stdbool.h>
#include <sys/types.h>

struct judgement {
    struct process process;
    uid_t uid;
    struct step *step; /* NULL: in none that is registered; all below is empty then */
    bool nested;
    bool part;    /* of the launch of a launcher above it, with no rank between: mpirun that is a
                     script around another one */
    bool answers; /* it only prints its version and the like; or is an srun of whose step the user
                     says how it shares the job, or that no MPI rank has started: no launch to
                     repair */
    enum outer outer;
    unsigned hazards;
    unsigned depth; /* launchers above */
    long rank;      /* or -1 */
    enum mode mode; /* of the step, or what its own environment says */
};

/*
 * Judge the process. is_launcher tells of an ancestor whether it runs a launcher.
 * Returns 0, or -1 with errno ESRCH where the process has ended, or ENOMEM.
 */
int judge(struct judgement *judgement, pid_t pid, struct steps *steps,
          bool (*is_launcher)(pid_t pid));

/* True if a process was executed with an environment that nestsafe-launch has made for it. srun: it
 * is one, which leaves no trail of its own where it is not repaired. */
bool judge_is_repaired(const struct process_facts *facts, bool srun);

/* The step of a process, by its ancestors: a slurmstepd that has registered one; by its cgroup,
 * which no user can leave; NULL where it is in none. */
struct step *judge_step(const struct process_facts *self, struct steps *steps);

#endif
