/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling the node's collector about a launch, if one listens. */
#include "tell.h"

#include "address.h"
#include "paths.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void tell(const char *rundir, const struct report *report)
{
    int saved = errno;
    char text[REPORT_MAX];
    struct sockaddr_un address;
    if (collector_address(&address, rundir) == 0) {
        size_t length = report_format(text, report);
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd >= 0) {
            sendto(fd, text, length, MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof(address));
            close(fd);
        }
    }
    errno = saved;
}

static const char *rundir_of(const struct preparation *preparation)
{
    return preparation->rundir ? preparation->rundir : path_rundir;
}

/* The collector is in another directory. A path that does not fit is better not known than cut. */
static void set_launcher(struct report *report, const char *launcher)
{
    char resolved[PATH_MAX];
    if (launcher[0] != '/')
        launcher = realpath(launcher, resolved) ? resolved : "";
    if (strlen(launcher) < sizeof(report->launcher))
        strcpy(report->launcher, launcher);
}

static bool is_told(const struct preparation *preparation)
{
    return preparation->decision == DECISION_REPAIR || preparation_refuses(preparation);
}

/* A repair has counted itself in the trail, for those below it; but srun leaves that to its step.
 */
static unsigned launchers_above(const struct preparation *preparation)
{
    bool counted = preparation->decision == DECISION_REPAIR && !preparation->srun;
    return preparation->trail.depth - counted;
}

void tell_begin(const struct preparation *preparation, enum door door, const char *launcher)
{
    int saved = errno;
    if (!is_told(preparation))
        return;
    struct report report = {
        .kind = REPORT_BEGIN,
        .process = preparation->self,
        .door = door,
        .decision = preparation->decision,
        .mode = preparation->mode,
        .scope = preparation->scope,
        .depth = launchers_above(preparation),
        .job = preparation->job,
        .step = preparation->step,
    };
    report_verdict(&report, &preparation->verdict);
    memcpy(report.counts, preparation->plan.counts, sizeof(report.counts));
    set_launcher(&report, launcher);
    tell(rundir_of(preparation), &report);
    errno = saved;
}

bool tell_awaits_end(const struct preparation *preparation)
{
    const struct process *self = &preparation->self;
    const struct process *launch = &preparation->trail.launch;
    bool same = launch->pid == self->pid && launch->start == self->start;
    /* An ordinary launch is at depth 1: a repaired one has another above it. An ordinary srun
     * leaves no trail. */
    bool repaired = preparation->trail.depth > 1 || preparation->srun;
    return is_told(preparation) || (preparation->decision == DECISION_AGAIN && same && repaired);
}

void tell_end(const struct preparation *preparation, int status)
{
    /* The low byte of what exit(3) got, in the place where wait(2) has it. */
    struct report report = {
        .kind = REPORT_END, .process = preparation->self, .status = (status & 0xff) << 8};
    tell(rundir_of(preparation), &report);
}
