# SPDX-License-Identifier: GPL-2.0-or-later
# NS_OPENMPI: Open MPI's compiler wrapper (OMPI_MPICC), for test programs.
AC_DEFUN([NS_OPENMPI], [
  AC_ARG_VAR([OMPI_MPICC], [Open MPI's mpicc, for tests])
  AC_PATH_PROGS([OMPI_MPICC], [mpicc.openmpi mpicc], [none])
  AC_MSG_CHECKING([the release of Open MPI])
  AS_IF([ompi_release=`"$OMPI_MPICC" --showme:version 2>/dev/null`],
    [AC_MSG_RESULT([$ompi_release])],
    [AC_MSG_RESULT([none])
     NS_MISSING([Open MPI's mpicc (mpicc.openmpi or mpicc in PATH)],
      [libopenmpi-dev and openmpi-bin], [openmpi-devel], [Without tests: --disable-tests])])
])
