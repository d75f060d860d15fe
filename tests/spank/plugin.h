/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios with the plugin itself, as nestsafe-test.so, and an installation for it to find. */
#ifndef NESTSAFE_TESTS_SPANK_PLUGIN_H
#define NESTSAFE_TESTS_SPANK_PLUGIN_H

#include "probe_play.h"

/*
 * nestsafe-test.so is built from the plugin's sources with these paths in place of the installed
 * ones, and this program with the same. They are below /proc/self/cwd, so that each test program
 * has an installation of its own, in a directory that installation_make() makes and changes to.
 */
#if !defined(TEST_LAUNCHERS) || !defined(TEST_GUARD) || !defined(TEST_COLLECTOR)
#error "compile with -DTEST_LAUNCHERS, -DTEST_GUARD, -DTEST_COLLECTOR, as nestsafe-test.so was"
#endif
#define FIRST_LAUNCHER TEST_LAUNCHERS "/mpirun"

#define OPTION "mpi-nested-safe"
#define TWIN "MPI_NESTED_SAFE"
/* What Slurm calls the option in environments. */
#define OPTION_VARIABLE "_SLURM_SPANK_OPTION_nestsafe_mpi_nested_safe"
#define CONTROL_VARIABLE "SLURM_SPANK_" OPTION_VARIABLE
#define MODES "auto, node, job, audit, deny, off"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A directory of the collector's, not there yet, in one that root can trust; and a lock in it that
 * a collector which lives would have. Both only matter to root, who records steps. */
extern char rundir[64];

/* Setup and teardown of a group of tests: a launcher and a guard at the two paths; and, with the
 * first, a node where the collector lives. */
int installation_make(void **state);
int installation_remove(void **state);

/* A setup: nobody holds that lock any more. */
int collector_dies(void **state);

/* A file in the current directory, made of text; returns its absolute path, valid until the next
 * call. */
const char *file_make(const char *name, const char *text);

/* A scenario with one line of plugstack.conf: nestsafe-test.so, these arguments, and rundir. */
void plugin_prepare(struct play *p, enum host_context context, const char *args);
/* The option as a launch message brings it; value NULL: given without one. */
void plugin_give(struct play *p, const char *value);
/* A second line: the plugin at this path, or nestsafe-test.so once more (NULL). */
void plugin_add(struct play *p, const char *path, const char *args);
/* Make a copy of nestsafe-test.so; its path. */
const char *plugin_copy(void);
/* The same scenario without any plugin. */
void plugin_forget(struct play *p);

/* Run it; anything that could harm the job or the node fails the test. */
void plugin_run(struct play *p);
/* Run what follows from another run: see host_forward(). */
void plugin_run_after(struct play *from, struct play *p);
/* What plugin_run() looks at. */
void assert_harmless(const struct play *p);

/* The environment that a task was executed with. */
#define TASK_ENV(play, id) ((play)->res.tasks[id].env)

/* The variable has this value, once; NULL: it is not there. */
#define assert_variable(env, name, value) check_variable(env, name, value, __FILE__, __LINE__)
void check_variable(char *const *env, const char *name, const char *value, const char *file,
                    int line);

/* Task 0 of the result is armed with this mode; NULL: it is not armed. */
#define assert_armed(play, mode) check_armed(play, mode, __FILE__, __LINE__)
void check_armed(const struct play *p, const char *mode, const char *file, int line);

/* The two tasks have the same environment, but for what arming sets. */
void assert_only_armed(const struct play *with, const struct play *without);

/* Entry by entry the same, in the same order, but for SLURM_TASK_PID. */
void assert_same_entries(char *const *a, char *const *b);

/* How many messages of the plugin's, of this importance or more, hold this text. */
size_t count_messages(const struct host_result *res, enum host_level level, const char *text);
/* Just one message of level error holds this text, and the user of the job sees it, or not. */
void assert_one_error(const struct host_result *res, const char *text, bool user_sees);
/* The job's user sees an error, or more, that holds this text. */
void assert_user_told(const struct host_result *res, const char *text);
/* Nothing to be seen by a user, nor any error for the log. */
void assert_silent(const struct host_result *res);

#endif
