# SPDX-License-Identifier: GPL-2.0-or-later
# The drop-in for plugstack.conf.d, with the path of this installation in it.
plugstackdir = $(pkgdatadir)/plugstack.conf.d
plugstack_DATA = contrib/plugstack.conf.d/nestsafe.conf
CLEANFILES += $(plugstack_DATA)
EXTRA_DIST += contrib/plugstack.conf.d/nestsafe.conf.in

contrib/plugstack.conf.d/nestsafe.conf: contrib/plugstack.conf.d/nestsafe.conf.in Makefile
	$(AM_V_GEN)$(MKDIR_P) contrib/plugstack.conf.d && \
	  sed 's|@pkglibdir[@]|$(pkglibdir)|g' $(srcdir)/contrib/plugstack.conf.d/nestsafe.conf.in >$@
