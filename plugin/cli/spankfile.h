/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a SPANK plugin says of itself, read from its file: nothing in it is run for that. */
#ifndef NESTSAFE_CLI_SPANKFILE_H
#define NESTSAFE_CLI_SPANKFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spankfile {
    char name[64];    /* plugin_name, "" where it has none */
    char type[32];    /* plugin_type */
    uint32_t release; /* plugin_version: Slurm's, that it was built for (spank.h, SPANK_PLUGIN) */
    bool has_release;
    uint64_t hash; /* of the whole file: two that differ in it are not the same */
};

/* Returns 0, or -1 with errno ENOEXEC: no shared library of this machine's kind. */
int spankfile_parse(struct spankfile *plugin, const unsigned char *bytes, size_t length);

/* The same for a file. errno may be open(2)'s, too. */
int spankfile_read(struct spankfile *plugin, const char *path);

/* FNV-1a: for telling whether files are the same, not for security. */
uint64_t spankfile_hash(const unsigned char *bytes, size_t length);

#endif
