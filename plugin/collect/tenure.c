/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the collector before this one ended in order. */
#include "tenure.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char word[] = "at-work";

bool tenure_begin(int rundir)
{
    int fd = openat(rundir, word, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    return fd < 0 && errno == EEXIST;
}

void tenure_end(int rundir)
{
    unlinkat(rundir, word, 0);
}
