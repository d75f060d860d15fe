# SPDX-License-Identifier: GPL-2.0-or-later
# NS_JANSSON: the JSON library, for the command line and for what is recorded.
AC_DEFUN([NS_JANSSON], [
  PKG_CHECK_MODULES([JANSSON], [jansson >= 2.9], [], [
    NS_MISSING([the library jansson], [libjansson-dev], [jansson-devel])])
])
