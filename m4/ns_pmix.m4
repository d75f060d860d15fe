# SPDX-License-Identifier: GPL-2.0-or-later
# NS_PMIX: PMIx, for the test client that speaks to a job's server without MPI.
AC_DEFUN([NS_PMIX], [
  PKG_CHECK_MODULES([PMIX], [pmix >= 3], [], [
    NS_MISSING([PMIx (pmix.pc)], [libpmix-dev], [pmix-devel], [Without tests: --disable-tests])])
  # Debian 11's pmix.pc names neither of the directories in which things are.
  ns_saved_CPPFLAGS=$CPPFLAGS
  CPPFLAGS="$CPPFLAGS $PMIX_CFLAGS"
  AC_CHECK_HEADER([pmix.h], [], [
    ns_directory=`$PKG_CONFIG --variable=libdir pmix`/pmix2
    PMIX_CFLAGS="-I$ns_directory/include $PMIX_CFLAGS"
    PMIX_LIBS="-L$ns_directory/lib $PMIX_LIBS"])
  CPPFLAGS=$ns_saved_CPPFLAGS
])
