# SPDX-License-Identifier: GPL-2.0-or-later
# NS_CMOCKA: the unit test library.
AC_DEFUN([NS_CMOCKA], [
  PKG_CHECK_MODULES([CMOCKA], [cmocka >= 1.1], [], [
    NS_MISSING([the unit test library cmocka], [libcmocka-dev], [libcmocka-devel],
      [Without tests: --disable-tests])])
])
