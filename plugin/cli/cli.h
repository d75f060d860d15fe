/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of nestsafe(1). */
#ifndef NESTSAFE_CLI_CLI_H
#define NESTSAFE_CLI_CLI_H

#include "launch/prepare.h"

/* Exit status of a command that was called wrongly. */
enum { EXIT_USAGE = 2 };

/* Each gets its own name as argv[0] and returns the exit status. */
int cli_run(int argc, char *argv[]);
int cli_explain(int argc, char *argv[]);
int cli_rules(int argc, char *argv[]);
int cli_audit(int argc, char *argv[]);
int cli_doctor(int argc, char *argv[]);

/* What `nestsafe explain` found, as JSON on standard output. Returns 0, or -1 with errno. */
int explain_json(const struct preparation *preparation, const char *mode);

/* Say "nestsafe COMMAND: …" on standard error and return EXIT_USAGE. */
int cli_usage_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
