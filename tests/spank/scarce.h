/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory, descriptors and processes that run out, for the plugin alone. */
#ifndef NESTSAFE_TESTS_SPANK_SCARCE_H
#define NESTSAFE_TESTS_SPANK_SCARCE_H

/* From now on the nth call of those that scarce.c lists fails, in this process or in one that is
 * forked by it; 0: none does. nestsafe-test.so has been linked so that its calls, and nobody
 * else's, come by here. */
void scarce_begin(unsigned nth);

/* How many of them there have been since. */
unsigned scarce_calls(void);

/* The one that failed, or "". */
const char *scarce_failed(void);

#endif
