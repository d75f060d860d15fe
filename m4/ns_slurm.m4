# SPDX-License-Identifier: GPL-2.0-or-later
# NS_SLURM: Slurm's headers (SLURM_CPPFLAGS), their release (SLURM_RELEASE) and its library
# (SLURM_LIBS). A plugin serves the release it was built for and no other.
AC_DEFUN([NS_SLURM], [
  AC_ARG_WITH([slurm],
    [AS_HELP_STRING([--with-slurm=DIR], [where Slurm is installed (include/slurm/spank.h)])],
    [], [with_slurm=])
  SLURM_LIBS=-lslurm
  AS_IF([test -n "$with_slurm"], [
    SLURM_CPPFLAGS="-I$with_slurm/include"
    for ns_directory in "$with_slurm/lib64" "$with_slurm/lib"; do
      AS_IF([test -e "$ns_directory/libslurm.so"],
        [SLURM_LIBS="-L$ns_directory -Wl,-rpath,$ns_directory $SLURM_LIBS"])
    done])
  AC_SUBST([SLURM_CPPFLAGS])
  AC_SUBST([SLURM_LIBS])
  ns_saved_CPPFLAGS=$CPPFLAGS
  CPPFLAGS="$CPPFLAGS $SLURM_CPPFLAGS"
  AC_CHECK_HEADER([slurm/spank.h], [], [
    NS_MISSING([Slurm's header slurm/spank.h], [libslurm-dev], [slurm-devel],
      [With Slurm elsewhere: --with-slurm=DIR])])
  AC_CACHE_CHECK([for the release of Slurm's headers], [ns_cv_slurm_version],
    [AC_COMPUTE_INT([ns_cv_slurm_version], [SLURM_VERSION_NUMBER],
      [#include <slurm/slurm.h>], [ns_cv_slurm_version=0])])
  AS_IF([test "$ns_cv_slurm_version" = 0],
    [AC_MSG_ERROR([slurm/slurm.h has no SLURM_VERSION_NUMBER])])
  SLURM_RELEASE=`printf '%d.%02d.%d' $((ns_cv_slurm_version >> 16)) \
    $((ns_cv_slurm_version >> 8 & 255)) $((ns_cv_slurm_version & 255))`
  AC_SUBST([SLURM_RELEASE])
  CPPFLAGS=$ns_saved_CPPFLAGS
  ns_saved_LIBS=$LIBS
  LIBS="$SLURM_LIBS $LIBS"
  AC_CHECK_FUNC([slurmdb_jobs_get], [], [
    NS_MISSING([slurmdb_jobs_get in Slurm's library libslurm], [libslurm-dev], [slurm-devel],
      [With Slurm elsewhere: --with-slurm=DIR])])
  LIBS=$ns_saved_LIBS
])
