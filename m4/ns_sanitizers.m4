# SPDX-License-Identifier: GPL-2.0-or-later
# NS_SANITIZERS: --enable-sanitizers builds all with ASan and UBSan. What comes of that is for
# `make check`; no slurmd can load it.
AC_DEFUN([NS_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers], [build with ASan and UBSan, to run the tests])],
    [], [enable_sanitizers=no])
  AS_IF([test "$enable_sanitizers" = yes], [
    SANITIZER_FLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all"
    SANITIZER_FLAGS="$SANITIZER_FLAGS -fno-omit-frame-pointer"
  ])
  AC_SUBST([SANITIZER_FLAGS])
  AM_CONDITIONAL([SANITIZERS], [test "$enable_sanitizers" = yes])
])
