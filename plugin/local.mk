# SPDX-License-Identifier: GPL-2.0-or-later
# What is installed: the plugin, the guard, the launcher directory and the command.

# core and what reads this process's surroundings: in all of the below, hence position-independent.
noinst_LTLIBRARIES += libnestsafe.la
libnestsafe_la_SOURCES = \
	plugin/core/arm.c plugin/core/arm.h \
	plugin/core/baseline.c plugin/core/baseline.h \
	plugin/core/decision.c plugin/core/decision.h \
	plugin/core/env.c plugin/core/env.h \
	plugin/core/flavour.c plugin/core/flavour.h \
	plugin/core/keyvalue.c plugin/core/keyvalue.h \
	plugin/core/launcher.c plugin/core/launcher.h plugin/core/launchers.def \
	plugin/core/lineage.c plugin/core/lineage.h \
	plugin/core/mode.c plugin/core/mode.h \
	plugin/core/nesting.c plugin/core/nesting.h \
	plugin/core/plan.c plugin/core/plan.h \
	plugin/core/printable.c plugin/core/printable.h \
	plugin/core/report.c plugin/core/report.h \
	plugin/core/rules.c plugin/core/rules.h plugin/core/rules_table.c \
	plugin/core/rules_file.c plugin/core/rules_file.h \
	plugin/core/slurmstep.c plugin/core/slurmstep.h \
	plugin/core/stepfile.c plugin/core/stepfile.h \
	plugin/launch/address.c plugin/launch/address.h \
	plugin/launch/ancestry.c plugin/launch/ancestry.h \
	plugin/launch/become.c plugin/launch/become.h \
	plugin/launch/paths.c plugin/launch/paths.h \
	plugin/launch/prepare.c plugin/launch/prepare.h plugin/launch/refuse.c \
	plugin/launch/readfile.c plugin/launch/readfile.h \
	plugin/launch/search.c plugin/launch/search.h \
	plugin/launch/tell.c plugin/launch/tell.h

plugin/launch/paths.lo: Makefile

pkglib_LTLIBRARIES += nestsafe.la nestsafe-guard.la
nestsafe_la_SOURCES = \
	plugin/spank/collector.c plugin/spank/collector.h plugin/spank/flush.c \
	plugin/spank/config.c plugin/spank/config.h \
	plugin/spank/daemon.c plugin/spank/daemon.h \
	plugin/spank/jobenv.c plugin/spank/jobenv.h \
	plugin/spank/nestsafe.c \
	plugin/spank/register.c plugin/spank/register.h \
	plugin/spank/request.c plugin/spank/request.h \
	plugin/spank/rundir.c plugin/spank/rundir.h \
	plugin/spank/step.c plugin/spank/step.h \
	plugin/spank/submit.c plugin/spank/submit.h
nestsafe_la_LIBADD = libnestsafe.la
nestsafe_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-Wl,--version-script=$(srcdir)/plugin/spank/nestsafe.map
EXTRA_nestsafe_la_DEPENDENCIES = plugin/spank/nestsafe.map

nestsafe_guard_la_SOURCES = plugin/launch/guard.c
nestsafe_guard_la_LIBADD = libnestsafe.la
nestsafe_guard_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-Wl,--version-script=$(srcdir)/plugin/launch/guard.map
EXTRA_nestsafe_guard_la_DEPENDENCIES = plugin/launch/guard.map

pkglibexec_PROGRAMS += nestsafe-launch
nestsafe_launch_SOURCES = plugin/launch/launch.c
nestsafe_launch_LDADD = libnestsafe.la
nestsafe_launch_LDFLAGS = $(AM_LDFLAGS)
if STATIC_LAUNCH
nestsafe_launch_LDFLAGS += -all-static
endif

bin_PROGRAMS += nestsafe
nestsafe_SOURCES = plugin/cli/cli.h plugin/cli/nestsafe.c plugin/cli/explain.c \
	plugin/cli/explain_json.c plugin/cli/rules.c plugin/cli/run.c
nestsafe_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
nestsafe_LDADD = libnestsafe.la $(JANSSON_LIBS)

EXTRA_DIST += plugin/spank/nestsafe.map plugin/launch/guard.map

# The launcher directory: one link a name, so that nothing else comes into PATH with it.
launchersdir = $(pkglibexecdir)/bin
launcher_names = sed -n 's/^LAUNCHER("\(.*\)")$$/\1/p' $(srcdir)/plugin/core/launchers.def

install-exec-hook:
	$(MKDIR_P) '$(DESTDIR)$(launchersdir)'
	for name in `$(launcher_names)`; do \
	  ln -sf ../nestsafe-launch '$(DESTDIR)$(launchersdir)'/$$name || exit 1; \
	done
	rm -f '$(DESTDIR)$(pkglibdir)/nestsafe.la' '$(DESTDIR)$(pkglibdir)/nestsafe-guard.la'

uninstall-hook:
	for name in `$(launcher_names)`; do rm -f '$(DESTDIR)$(launchersdir)'/$$name; done
	rm -f '$(DESTDIR)$(pkglibdir)/nestsafe.so' '$(DESTDIR)$(pkglibdir)/nestsafe-guard.so'
	for directory in '$(launchersdir)' '$(pkglibexecdir)' '$(pkglibdir)'; do \
	  rmdir '$(DESTDIR)'"$$directory" 2>/dev/null || :; \
	done
