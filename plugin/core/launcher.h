/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Launchers by name: which programs start MPI jobs, and which start a launcher's own daemons. */
#ifndef NESTSAFE_CORE_LAUNCHER_H
#define NESTSAFE_CORE_LAUNCHER_H

#include <stdbool.h>

/* The site's own launchers, for whoever needs to know them in the job; see launcher_add_names(). */
#define LAUNCHERS_VARIABLE "NESTSAFE_LAUNCHERS"

/* The part of path after its last '/'. */
const char *launcher_basename(const char *path);

/* True for the file name of a launcher: mpirun, mpiexec, prterun … and their distribution names, or
 * one that was added. */
bool launcher_is_one(const char *path);

/* The longest name that can be added, and the longest list of names; in bytes. */
enum { LAUNCHER_NAME_MAX = 63, LAUNCHER_NAMES_MAX = 1023 };

/* Names that are launchers in this process from now on: separated by commas, borrowed for good and
 * in place of those added before; NULL for none. */
void launcher_add_names(const char *names);

/* True for names that can be added: of files, without blanks, none of them a launcher's daemon. */
bool launcher_names_are_valid(const char *names);

/* True for srun, which starts steps where others start processes. */
bool launcher_is_srun(const char *path);

/* True for a program that a launcher starts on each node through srun; its step is the launcher's
 * own and must be left as it is. */
bool launcher_is_daemon(const char *path);

/* True if a launcher called so does not launch anything of its own accord: it prints its version
 * or help, or serves a singleton's MPI_Comm_spawn (MPICH: `mpiexec -pmi_args`, pmodels/mpich#6335).
 * Only the first argument counts: later ones may be the program's. */
bool launcher_only_answers(char *const argv[]);

/* True for an argument, or a mapping policy, that gives each process CPUs of its own (slot:PE=2,
 * --cpus-per-rank). PRRTE then refuses to leave processes unbound (prrte v3.0.8
 * rmaps_base_map_job.c:764). */
bool launcher_word_places(const char *word);

/* True for a launcher that looks for its own proxies next to the first program in PATH that has its
 * argv[0] (MPICH: HYDU_find_in_path), so that argv[0] must be a path. resolved: by realpath(3). */
bool launcher_needs_path(const char *resolved);

#endif
