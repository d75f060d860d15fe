# SPDX-License-Identifier: GPL-2.0-or-later
# NS_MPICH: MPICH's compiler wrapper (MPICH_MPICC), for test programs.
AC_DEFUN([NS_MPICH], [
  AC_ARG_VAR([MPICH_MPICC], [MPICH's mpicc, for tests])
  AC_PATH_PROGS([MPICH_MPICC], [mpicc.mpich mpicc], [none])
  AC_MSG_CHECKING([for MPICH])
  AS_CASE([`"$MPICH_MPICC" -v 2>&1`],
    [*MPICH*], [AC_MSG_RESULT([$MPICH_MPICC])],
    [AC_MSG_RESULT([none])
     NS_MISSING([MPICH's mpicc (mpicc.mpich or mpicc in PATH)], [libmpich-dev and mpich],
      [mpich-devel], [Without tests: --disable-tests])])
])
