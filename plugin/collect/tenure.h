/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the collector before this one ended in order, or while it should have listened. */
#ifndef NESTSAFE_COLLECT_TENURE_H
#define NESTSAFE_COLLECT_TENURE_H

#include <stdbool.h>

/* Leave word in the directory rundir (a file descriptor) that a collector is at work. Returns true
 * where the one before has left it there: it was killed, and what the kernel told
 * meanwhile nobody has heard. After a boot there is none, as the directory is in /run. */
bool tenure_begin(int rundir);

/* Take it away: an orderly end. */
void tenure_end(int rundir);

#endif
