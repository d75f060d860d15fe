# SPDX-License-Identifier: GPL-2.0-or-later
# NS_GUARD: what links the library that is preloaded into every program: where dlopen() is (in libc
# itself from glibc 2.34 on), and that the compiler's start files can be left out.
AC_DEFUN([NS_GUARD], [
  ns_saved_LIBS=$LIBS
  LIBS=
  AC_SEARCH_LIBS([dlopen], [dl], [DLOPEN_LIBS=$LIBS], [AC_MSG_ERROR([cannot find dlopen()])])
  LIBS=$ns_saved_LIBS
  AC_SUBST([DLOPEN_LIBS])
  # A sanitizer has constructors of its own.
  AS_IF([test "$enable_sanitizers" = yes], [GUARD_LDFLAGS=], [GUARD_LDFLAGS=-Wc,-nostartfiles])
  AC_SUBST([GUARD_LDFLAGS])
])
