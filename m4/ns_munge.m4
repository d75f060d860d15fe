# SPDX-License-Identifier: GPL-2.0-or-later
# NS_MUNGE: munge, by which the nodes of a job know each other.
AC_DEFUN([NS_MUNGE], [
  PKG_CHECK_MODULES([MUNGE], [munge], [], [
    NS_MISSING([the library munge], [libmunge-dev], [munge-devel])])
])
