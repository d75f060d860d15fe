/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugstack.conf as Slurm reads it (slurm plugstack.c): which SPANK plugins a job's programs load.
 */
#ifndef NESTSAFE_CLI_PLUGSTACK_H
#define NESTSAFE_CLI_PLUGSTACK_H

#include <stddef.h>

enum plugstack_kind {
    PLUGSTACK_NOTHING, /* an empty line, a comment */
    PLUGSTACK_OPTIONAL,
    PLUGSTACK_REQUIRED,
    PLUGSTACK_INCLUDE,
    PLUGSTACK_INVALID, /* Slurm says so in its log, and goes on */
};

struct plugstack_line {
    enum plugstack_kind kind;
    char *text;  /* what the words below are in */
    char *path;  /* as it is written */
    char **argv; /* the argc words after it */
    int argc;
    char *file; /* where it stands */
    unsigned number;
};

struct plugstack {
    struct plugstack_line *lines; /* of plugins and invalid ones, in the order of loading */
    size_t count;
    char *unreadable; /* the first file that is there and cannot be read, or NULL */
};

/* Take one line apart. Returns 0, or -1 with errno ENOMEM and nothing to free; else the caller
 * frees line->text and line->argv. */
int plugstack_parse(struct plugstack_line *line, const char *text);

/* Read file and what it includes. A file that is not there counts as empty, as for Slurm.
 * Returns 0, or -1 with errno; the caller destroys stack either way. */
int plugstack_read(struct plugstack *stack, const char *file);

/* Safe on a zeroed struct. */
void plugstack_destroy(struct plugstack *stack);

#endif
