# SPDX-License-Identifier: GPL-2.0-or-later
EXTRA_DIST += CONTRIBUTING.md docs/admin-guide.md docs/architecture.md docs/compatibility.md \
	docs/faq.md docs/performance.md docs/proof.md docs/records.md docs/security.md docs/user-guide.md

# The manual pages, with the paths of this installation in them.
man_MANS = docs/man/nestsafe.1 docs/man/nestsafe.rules.5 docs/man/nestsafe.8 docs/man/nestsafe-collectd.8
CLEANFILES += $(man_MANS)
EXTRA_DIST += docs/man/nestsafe.1.in docs/man/nestsafe.rules.5.in docs/man/nestsafe.8.in \
	docs/man/nestsafe-collectd.8.in

build_page = $(AM_V_GEN)$(MKDIR_P) docs/man && sed 's|@VERSION[@]|$(VERSION)|g; s|@rundir[@]|$(rundir)|g; \
	s|@pkglibdir[@]|$(pkglibdir)|g; s|@pkglibexecdir[@]|$(pkglibexecdir)|g; s|@pkgdatadir[@]|$(pkgdatadir)|g'

docs/man/nestsafe.1: docs/man/nestsafe.1.in Makefile
	$(build_page) $(srcdir)/$@.in >$@
docs/man/nestsafe.rules.5: docs/man/nestsafe.rules.5.in Makefile
	$(build_page) $(srcdir)/$@.in >$@
docs/man/nestsafe.8: docs/man/nestsafe.8.in Makefile
	$(build_page) $(srcdir)/$@.in >$@
docs/man/nestsafe-collectd.8: docs/man/nestsafe-collectd.8.in Makefile
	$(build_page) $(srcdir)/$@.in >$@
