/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where this nestsafe is installed. */
#ifndef NESTSAFE_LAUNCH_PATHS_H
#define NESTSAFE_LAUNCH_PATHS_H

#include <limits.h>

extern const char path_launchers[];      /* the directory that goes first in PATH */
extern const char path_first_launcher[]; /* a file in it that is always there */
extern const char path_guard[];          /* the library that goes into LD_PRELOAD */
extern const char path_unreachable[];    /* the program that refuses to reach another host */
extern const char path_collector[];      /* the program that the plugin starts once a node */

/* The collector's directory, where neither plugstack.conf nor the job says otherwise. */
extern const char path_rundir[];

/* Where the plugin, as root, puts links for the launchers that the site added: below the
 * collector's directory, since where nestsafe is installed may be read-only or a file server's. */
#define ADDED_LAUNCHERS "launchers"

enum { LAUNCHER_DIRECTORIES_MAX = 2 * PATH_MAX };

/* What goes first in PATH: path_launchers, or that after the links, where launchers is not NULL
 * (the names that the site added). rundir: NULL for the default. Returns text, or path_launchers.
 */
const char *path_launcher_directories(char text[LAUNCHER_DIRECTORIES_MAX], const char *rundir,
                                      const char *launchers);

/* path_guard, or NULL where this process had better not name it to the loader. */
const char *path_usable_guard(void);

#endif
