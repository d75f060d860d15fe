/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where this nestsafe is installed. */
#ifndef NESTSAFE_LAUNCH_PATHS_H
#define NESTSAFE_LAUNCH_PATHS_H

extern const char path_launchers[];      /* the directory that goes first in PATH */
extern const char path_first_launcher[]; /* a file in it that is always there */
extern const char path_guard[];          /* the library that goes into LD_PRELOAD */
extern const char path_collector[];      /* the program that the plugin starts once a node */

/* The collector's directory, where neither plugstack.conf nor the job says otherwise. */
extern const char path_rundir[];

/* path_guard, or NULL where this process had better not name it to the loader. */
const char *path_usable_guard(void);

#endif
