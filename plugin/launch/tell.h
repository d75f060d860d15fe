/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling the node's collector about a launch, if one listens: the launch never notices. */
#ifndef NESTSAFE_LAUNCH_TELL_H
#define NESTSAFE_LAUNCH_TELL_H

#include "core/report.h"
#include "prepare.h"

/* Send a report to the collector in rundir. Never blocks and never fails: whoever is not there, or
 * has no time, learns of the launch from the kernel. Keeps errno, leaves no descriptor. */
void tell(const char *rundir, const struct report *report);

/* Tell that the launch begins, or is refused, by this door; launcher is the path by which it goes
 * on. Only launches that are repaired or refused are told of, and each once. */
void tell_begin(const struct preparation *preparation, enum door door, const char *launcher);

/* True if whoever sees this launch end is to tell: it was told of when it began, by this door or,
 * earlier in the same process, by another. */
bool tell_awaits_end(const struct preparation *preparation);

/* Tell that the launch ended, with this exit status. */
void tell_end(const struct preparation *preparation, int status);

#endif
