# SPDX-License-Identifier: GPL-2.0-or-later
# NS_HARDENING: what distributions build with, wherever this is built; less what the compiler does not
# know, and what the builder's own flags settle. HARDENING_LDFLAGS are for programs that live long
# or read what others send. nestsafe.so is not among these: Slurm loads plugins lazily because not
# every program that does has all that they call (slurm src/common/plugin.c, RTLD_LAZY), and
# neither is what stands before every launch, where binding all symbols is most of the work.
AC_DEFUN([NS_HARDENING_TRY], [
  ns_saved_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror $1"
  AC_MSG_CHECKING([whether $CC takes $1])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>]], [[puts("")]])],
    [AC_MSG_RESULT([yes])
     HARDENING_CFLAGS="$HARDENING_CFLAGS $1"],
    [AC_MSG_RESULT([no])])
  CFLAGS=$ns_saved_CFLAGS
])
AC_DEFUN([NS_HARDENING], [
  HARDENING_CFLAGS=
  NS_HARDENING_TRY([-fstack-protector-strong])
  NS_HARDENING_TRY([-fstack-clash-protection])
  dnl Sanitizers see more; without optimization the C library refuses.
  AS_CASE(["$enable_sanitizers $CPPFLAGS $CFLAGS"], [yes*|*_FORTIFY_SOURCE*], [],
    [NS_HARDENING_TRY([-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2])])
  HARDENING_LDFLAGS="-Wl,-z,relro,-z,now"
  AC_SUBST([HARDENING_CFLAGS])
  AC_SUBST([HARDENING_LDFLAGS])
])
