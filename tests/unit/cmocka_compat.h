/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmocka, whichever release: all tests take it from here. */
#ifndef NESTSAFE_TESTS_UNIT_CMOCKA_COMPAT_H
#define NESTSAFE_TESTS_UNIT_CMOCKA_COMPAT_H

/* The headers that cmocka.h needs before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* cmocka 2 has another name for it, and warns of the old one. */
#ifdef assert_uint_in_range
#undef assert_in_range
#define assert_in_range assert_uint_in_range
#endif

#endif
