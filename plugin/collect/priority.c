/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A real-time priority, or a nice value and what that counts among. */
#include "priority.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FIRST = -20, USUAL = 0 };

/*
 * Where all CPUs compute, which is how a node should be, a process with the highest nice value
 * waits for tens of milliseconds since the kernel takes whose deadline is next (EEVDF, Linux 6.6):
 * of 64 launches at once a third was not seen. The lowest real-time priority does not wait, and
 * leaves the others what the kernel keeps for them (sched(7), "Limiting the CPU usage").
 *
 * Not every kernel or container lets root have that. Then the nice value is what counts; where the
 * kernel shares the CPUs among sessions first, within the session only, and each session has one
 * of its own ("The autogroup feature"): 0 at first. A session that is not ours alone, a shell's,
 * keeps what it has.
 */
void priority_raise(void)
{
    static const char first[] = "-20";
    const struct sched_param lowest = {.sched_priority = sched_get_priority_min(SCHED_RR)};
    setpriority(PRIO_PROCESS, 0, FIRST);
    sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &lowest);
    if (setsid() < 0 && getsid(0) != getpid())
        return;
    int fd = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (write(fd, first, sizeof(first) - 1) < 0)
        errno = 0; /* then it stays as it is */
    close(fd);
}

void priority_drop(void)
{
    setpriority(PRIO_PROCESS, 0, USUAL);
    setsid();
}
