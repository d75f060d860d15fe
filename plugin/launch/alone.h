/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MPI programs that a rank starts without a launcher, and that are to be MPI jobs by themselves. */
#ifndef NESTSAFE_LAUNCH_ALONE_H
#define NESTSAFE_LAUNCH_ALONE_H

#include "core/env.h"

#include <stdbool.h>

/*
 * Become the program argv[0], found as execvp(3) finds it, alone: with nothing of the outer job,
 * not even the socket to its process manager. In no rank it is just started. Returns only where
 * that is refused or fails, with the exit status, after saying why on standard error.
 */
int alone_become(char *argv[], char *vars[]);

/*
 * True if this process, just begun with the environment vars, is a program to run alone in a job
 * that asks for that: it is linked with an MPI library, and was started by a rank that is there
 * already, which is an ancestor with an MPI library in its memory. A wrapper that has none is only
 * on its way to becoming the rank.
 */
bool alone_is_due(char *const vars[]);

/* Close the socket that env says leads to the outer job's process manager, where it is still the
 * one that the parent has under this number. (A program that talks on it damages the outer job;
 * what Python's subprocess has closed may be a file of the program's own by now.) */
void alone_cut_off(const struct env *env);

#endif
