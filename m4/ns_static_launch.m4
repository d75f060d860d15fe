# SPDX-License-Identifier: GPL-2.0-or-later
# NS_STATIC_LAUNCH: link nestsafe-launch statically where the C library allows it. It stands before
# every mpirun of an armed job, and half of what a dynamic program costs is the loader.
AC_DEFUN([NS_STATIC_LAUNCH], [
  AC_CACHE_CHECK([whether programs can be linked statically], [ns_cv_static_launch], [
    ns_saved_LDFLAGS=$LDFLAGS
    LDFLAGS="$LDFLAGS -static"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>]], [[puts("")]])],
      [ns_cv_static_launch=yes], [ns_cv_static_launch=no])
    LDFLAGS=$ns_saved_LDFLAGS])
  AS_IF([test "$enable_sanitizers" = yes], [ns_cv_static_launch=no])
  AS_IF([test "$ns_cv_static_launch" = yes],
    [static_launch_kind=static], [static_launch_kind=dynamic])
  AM_CONDITIONAL([STATIC_LAUNCH], [test "$ns_cv_static_launch" = yes])
])
