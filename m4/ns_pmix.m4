# SPDX-License-Identifier: GPL-2.0-or-later
# NS_PMIX: PMIx, for the test client that speaks to a job's server without MPI.
AC_DEFUN([NS_PMIX], [
  PKG_CHECK_MODULES([PMIX], [pmix >= 3], [], [
    NS_MISSING([PMIx (pmix.pc)], [libpmix-dev], [pmix-devel], [Without tests: --disable-tests])])
])
