/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Slurm's commands print, read: so that nestsafe(1) itself starts where there is no Slurm. */
#ifndef NESTSAFE_CLI_SLURMTEXT_H
#define NESTSAFE_CLI_SLURMTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The value of a key in what "scontrol show config" printed, "Key    = value" lines; "(null)", and
 * a key that is not there, give "". Returns whether the key is there. */
bool slurmtext_value(const char *text, const char *key, char *value, size_t size);

/* A release as spank.h numbers it, in what "scontrol --version" printed ("slurm 24.11.6",
 * "slurm-wlm 22.05.8"); 0 where there is none. */
uint32_t slurmtext_release(const char *text);

/* "22.05.8". Returns name. */
const char *slurmtext_release_name(char name[16], uint32_t release);

/* True if a plugin that was built for one release is loaded by the other: the first two numbers
 * are the same, and before 21.08 any is loaded (slurm plugin.c, _verify_syms). */
bool slurmtext_loads(uint32_t slurm, uint32_t plugin);

/* True if text, of a program that prints "export NAME=VALUE" lines, gives name a value in which its
 * earlier one is not, or takes it away: what Slurm's TaskProlog does after the plugins. */
bool slurmtext_resets(const char *text, const char *name);

#endif
