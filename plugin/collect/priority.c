/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nice values, and what they count among. */
#include "priority.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FIRST = -20, USUAL = 0 };

/* Where the kernel shares the CPUs among sessions first, a process's nice value counts within its
 * session only, and each session has one of its own (sched(7), "The autogroup feature"): 0 at
 * first. A session that is not ours alone, a shell's, keeps what it has. */
void priority_raise(void)
{
    static const char first[] = "-20";
    setpriority(PRIO_PROCESS, 0, FIRST);
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
