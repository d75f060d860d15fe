/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the wire and the result: the test's side of the channel. */
#ifndef NESTSAFE_TESTS_SPANK_HOST_RESULT_H
#define NESTSAFE_TESTS_SPANK_HOST_RESULT_H

#include "host_internal.h"

/* Put a record into a result. s, t: its strings or NULL; borrowed. */
void result_add(struct host_result *res, const struct wire *w, const char *s, const char *t);

#endif
