# SPDX-License-Identifier: GPL-2.0-or-later
# NS_RUNDIR: the collector's directory (rundir). Not $(runstatedir), which is /usr/local/var/run with
# the default prefix: a directory that lasts over a boot, and that no daemon else uses.
AC_DEFUN([NS_RUNDIR], [
  AC_ARG_WITH([rundir],
    [AS_HELP_STRING([--with-rundir=DIR], [the collector's directory @<:@/run/nestsafe@:>@])],
    [], [with_rundir=/run/nestsafe])
  AS_CASE([$with_rundir],
    [/*], [],
    [AC_MSG_ERROR([--with-rundir needs an absolute path])])
  AC_SUBST([rundir], [$with_rundir])
])
