# SPDX-License-Identifier: GPL-2.0-or-later
# NS_WARNINGS: the warnings that this code is kept free of, and --enable-werror.
AC_DEFUN([NS_WARNINGS], [
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [treat compiler warnings as errors])],
    [], [enable_werror=no])
  WARNING_CFLAGS="-Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes"
  WARNING_CFLAGS="$WARNING_CFLAGS -Wpointer-arith -Wwrite-strings -Wundef"
  AS_IF([test "$enable_werror" = yes], [WARNING_CFLAGS="$WARNING_CFLAGS -Werror"])
  AC_SUBST([WARNING_CFLAGS])
])
