# SPDX-License-Identifier: GPL-2.0-or-later
# The drop-in for plugstack.conf.d, with the path of this installation in it.
plugstackdir = $(pkgdatadir)/plugstack.conf.d
plugstack_DATA = contrib/plugstack.conf.d/nestsafe.conf
CLEANFILES += $(plugstack_DATA)
EXTRA_DIST += contrib/plugstack.conf.d/nestsafe.conf.in

contrib/plugstack.conf.d/nestsafe.conf: contrib/plugstack.conf.d/nestsafe.conf.in Makefile
	$(AM_V_GEN)$(MKDIR_P) contrib/plugstack.conf.d && \
	  sed 's|@pkglibdir[@]|$(pkglibdir)|g; s|@rundir[@]|$(rundir)|g' $(srcdir)/contrib/plugstack.conf.d/nestsafe.conf.in >$@

systemddir = $(pkgdatadir)/systemd
systemd_DATA = contrib/systemd/nestsafe-collectd.service
CLEANFILES += $(systemd_DATA)
EXTRA_DIST += contrib/systemd/nestsafe-collectd.service.in

contrib/systemd/nestsafe-collectd.service: contrib/systemd/nestsafe-collectd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) contrib/systemd && \
	  sed 's|@pkglibexecdir[@]|$(pkglibexecdir)|g' $(srcdir)/contrib/systemd/nestsafe-collectd.service.in >$@

logrotatedir = $(pkgdatadir)/logrotate.d
dist_logrotate_DATA = contrib/logrotate.d/nestsafe

tmpfilesdir = $(pkgdatadir)/tmpfiles.d
tmpfiles_DATA = contrib/tmpfiles.d/nestsafe.conf
CLEANFILES += $(tmpfiles_DATA)
EXTRA_DIST += contrib/tmpfiles.d/nestsafe.conf.in

contrib/tmpfiles.d/nestsafe.conf: contrib/tmpfiles.d/nestsafe.conf.in Makefile
	$(AM_V_GEN)$(MKDIR_P) contrib/tmpfiles.d && \
	  sed 's|@rundir[@]|$(rundir)|g' $(srcdir)/contrib/tmpfiles.d/nestsafe.conf.in >$@

modulefilesdir = $(pkgdatadir)/modulefiles
dist_modulefiles_DATA = contrib/modulefiles/mpi-nested-safe contrib/modulefiles/mpi-nested-safe.lua

# bash-completion looks for a file of the command's name.
bashcompdir = $(datadir)/bash-completion/completions
zshcompdir = $(datadir)/zsh/site-functions
dist_zshcomp_DATA = contrib/completion/_nestsafe
EXTRA_DIST += contrib/completion/nestsafe.bash

install-data-local:
	$(MKDIR_P) '$(DESTDIR)$(bashcompdir)'
	$(INSTALL_DATA) $(srcdir)/contrib/completion/nestsafe.bash '$(DESTDIR)$(bashcompdir)/nestsafe'

uninstall-local:
	rm -f '$(DESTDIR)$(bashcompdir)/nestsafe'

# The demo and the private Slurm run from the source tree.
EXTRA_DIST += \
	contrib/lib/packages.sh \
	contrib/demo/demo \
	contrib/demo/explain.py \
	contrib/demo/nested.py \
	contrib/demo/silent.py \
	contrib/demo/lib/cleanup.sh \
	contrib/demo/lib/cluster.sh \
	contrib/demo/lib/packages.sh \
	contrib/demo/lib/progress.sh \
	contrib/demo/lib/requirements.sh \
	contrib/demo/.shellcheckrc \
	contrib/cluster/README.md \
	contrib/cluster/cluster \
	contrib/cluster/.shellcheckrc \
	contrib/cluster/lib/accounting.sh \
	contrib/cluster/lib/cleanup.sh \
	contrib/cluster/lib/common.sh \
	contrib/cluster/lib/configuration.sh \
	contrib/cluster/lib/daemons.sh \
	contrib/cluster/lib/inside.sh \
	contrib/cluster/lib/names.sh \
	contrib/cluster/lib/namespaces.sh \
	contrib/cluster/lib/status.sh

# Packages are built from the tarball.
EXTRA_DIST += \
	contrib/lib/end-collectors.sh \
	contrib/lib/package.sh \
	contrib/debian/build \
	contrib/debian/changelog \
	contrib/debian/control \
	contrib/debian/copyright \
	contrib/debian/docs \
	contrib/debian/nestsafe.lintian-overrides \
	contrib/debian/nestsafe.postrm.in \
	contrib/debian/nestsafe.prerm \
	contrib/debian/rules \
	contrib/debian/source/format \
	contrib/rpm/build \
	contrib/rpm/nestsafe.spec

# For one host, and the one with Prometheus.
monitoringdir = $(pkgdatadir)/monitoring
dist_monitoring_SCRIPTS = contrib/monitoring/nestsafe-metrics
dist_monitoring_DATA = \
	contrib/monitoring/nestsafe-alerts.yml \
	contrib/monitoring/nestsafe-dashboard.json \
	contrib/monitoring/nestsafe-metrics.service \
	contrib/monitoring/nestsafe-metrics.timer
