# SPDX-License-Identifier: GPL-2.0-or-later
# NS_MISSING(WHAT WAS LOOKED FOR, DEBIAN PACKAGE, RPM PACKAGE, HINT)
# End with a message that names what is missing and who has it.
AC_DEFUN([NS_MISSING], [AC_MSG_ERROR([cannot find $1.
  It is in the package $2 (Debian, Ubuntu) or $3 (Fedora, RHEL, SUSE).
  $4])])
