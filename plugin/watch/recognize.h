/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which MPI a launcher belongs to, and which release of it, by what is in its file. */
#ifndef NESTSAFE_WATCH_RECOGNIZE_H
#define NESTSAFE_WATCH_RECOGNIZE_H

#include "core/flavour.h"
#include "identity.h"

#include <stddef.h>

/*
 * The flavour of a launcher by the bytes of its file, FLAVOUR_UNKNOWN for none; and its version, ""
 * where the file does not say. *library: where the version is in a library that the launcher is
 * linked with, how the name of that begins, else NULL.
 */
enum flavour recognize_launcher(const char *bytes, size_t length, char version[IDENTITY_VERSION],
                                const char **library);

/* The version by the bytes of that library, "" for none. */
void recognize_library(const char *bytes, size_t length, char version[IDENTITY_VERSION]);

#endif
