/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of unknown origin made fit for a message of one line. */
#ifndef NESTSAFE_CORE_PRINTABLE_H
#define NESTSAFE_CORE_PRINTABLE_H

#include <stddef.h>

/* Copy text to out (size bytes, at least 4), with '?' for each control character, so that it can
 * neither forge a line nor steer a terminal; what is cut ends in "...". Returns out. */
char *printable(char *out, size_t size, const char *text);

#endif
