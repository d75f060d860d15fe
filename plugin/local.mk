# SPDX-License-Identifier: GPL-2.0-or-later
# What is installed: the plugin, the guard, the launcher directory and the command.

# core and what reads this process's surroundings: in all of the below, hence position-independent.
noinst_LTLIBRARIES += libnestsafe.la
libnestsafe_la_SOURCES = \
	plugin/core/arm.c plugin/core/arm.h \
	plugin/core/baseline.c plugin/core/baseline.h \
	plugin/core/decimal.c plugin/core/decimal.h \
	plugin/core/decision.c plugin/core/decision.h \
	plugin/core/env.c plugin/core/env.h \
	plugin/core/flavour.c plugin/core/flavour.h \
	plugin/core/incident.c plugin/core/incident.h \
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
	plugin/core/srun.c plugin/core/srun.h plugin/core/srun_words.c plugin/core/srun_options.def \
	plugin/core/slurmstep.c plugin/core/slurmstep.h \
	plugin/core/stepfile.c plugin/core/stepfile.h \
	plugin/core/value.c plugin/core/value.h \
	plugin/launch/address.c plugin/launch/address.h \
	plugin/launch/alone.c plugin/launch/alone.h \
	plugin/launch/ancestry.c plugin/launch/ancestry.h \
	plugin/launch/become.c plugin/launch/become.h \
	plugin/launch/cpus.c plugin/launch/cpus.h \
	plugin/launch/paths.c plugin/launch/paths.h \
	plugin/launch/prepare.c plugin/launch/prepare.h plugin/launch/refuse.c \
	plugin/launch/process.c plugin/launch/process.h \
	plugin/launch/procfile.c plugin/launch/procfile.h \
	plugin/launch/readfile.c plugin/launch/readfile.h \
	plugin/launch/search.c plugin/launch/search.h \
	plugin/launch/tell.c plugin/launch/tell.h

plugin/launch/paths.lo: Makefile

# A job's totals, for what may need jansson: neither nestsafe-launch nor the plugin.
noinst_LTLIBRARIES += libnestsafe-record.la
libnestsafe_record_la_SOURCES = \
	plugin/core/jobstate.c plugin/core/jobstate.h \
	plugin/core/section.c plugin/core/section.h \
	plugin/core/totals.c plugin/core/totals.h
libnestsafe_record_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libnestsafe_record_la_LIBADD = $(JANSSON_LIBS)

# The collector, but for its main.
noinst_LTLIBRARIES += libnestsafe-collect.la
libnestsafe_collect_la_SOURCES = \
	plugin/collect/advice.c plugin/collect/advice.h \
	plugin/collect/changes.c plugin/collect/changes.h \
	plugin/collect/clock.h \
	plugin/collect/collector.c plugin/collect/collector.h \
	plugin/collect/courier.c plugin/collect/courier.h \
	plugin/collect/delivery.c plugin/collect/delivery.h \
	plugin/collect/inbox.c plugin/collect/inbox.h \
	plugin/collect/intake.c plugin/collect/intake.h \
	plugin/collect/jobs.c plugin/collect/jobs.h \
	plugin/collect/journal.c plugin/collect/journal.h \
	plugin/collect/judge.c plugin/collect/judge.h \
	plugin/collect/keeper.c plugin/collect/keeper.h \
	plugin/collect/launches.c plugin/collect/launches.h \
	plugin/collect/logbook.c plugin/collect/logbook.h \
	plugin/collect/nodelog.c plugin/collect/nodelog.h \
	plugin/collect/peers.c plugin/collect/peers.h \
	plugin/collect/place.c plugin/collect/place.h \
	plugin/collect/priority.c plugin/collect/priority.h \
	plugin/collect/record.c plugin/collect/record.h \
	plugin/collect/spoolfile.c plugin/collect/spoolfile.h \
	plugin/collect/steps.c plugin/collect/steps.h \
	plugin/collect/tenure.c plugin/collect/tenure.h \
	plugin/collect/troubles.c plugin/collect/troubles.h \
	plugin/watch/elf.c plugin/watch/elf.h \
	plugin/watch/elsewhere.c plugin/watch/elsewhere.h \
	plugin/watch/identity.c plugin/watch/identity.h \
	plugin/watch/known.c plugin/watch/known.h \
	plugin/watch/libraries.c plugin/watch/libraries.h \
	plugin/watch/program.c plugin/watch/program.h \
	plugin/watch/recognize.c plugin/watch/recognize.h \
	plugin/watch/regular.c plugin/watch/regular.h \
	plugin/watch/watch.c plugin/watch/watch.h \
	plugin/watch/watch_message.c plugin/watch/watch_message.h \
	plugin/watch/words.c plugin/watch/words.h
libnestsafe_collect_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libnestsafe_collect_la_LIBADD = libnestsafe-record.la libnestsafe.la

pkglib_LTLIBRARIES += nestsafe.la nestsafe-guard.la nestsafe-guard-launch.la
nestsafe_la_SOURCES = \
	plugin/spank/collector.c plugin/spank/collector.h plugin/spank/flush.c \
	plugin/spank/config.c plugin/spank/config.h \
	plugin/spank/daemon.c plugin/spank/daemon.h \
	plugin/spank/help.c plugin/spank/help.h \
	plugin/spank/jobenv.c plugin/spank/jobenv.h \
	plugin/spank/links.c plugin/spank/links.h \
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

# In every program of an armed job: without what compilers put into libraries for C++ and the like,
# which costs each of them some look-ups of symbols.
nestsafe_guard_la_SOURCES = plugin/launch/guard.c plugin/core/launchers.def
nestsafe_guard_la_LIBADD = $(DLOPEN_LIBS)
nestsafe_guard_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared $(GUARD_LDFLAGS) \
	-Wl,--version-script=$(srcdir)/plugin/launch/guard.map
EXTRA_nestsafe_guard_la_DEPENDENCIES = plugin/launch/guard.map

nestsafe_guard_launch_la_SOURCES = plugin/launch/guard_launch.c
nestsafe_guard_launch_la_LIBADD = libnestsafe.la
nestsafe_guard_launch_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-Wl,--version-script=$(srcdir)/plugin/launch/guard.map
EXTRA_nestsafe_guard_launch_la_DEPENDENCIES = plugin/launch/guard.map

pkglibexec_PROGRAMS += nestsafe-launch
nestsafe_launch_SOURCES = plugin/launch/launch.c
nestsafe_launch_LDADD = libnestsafe.la
nestsafe_launch_LDFLAGS = $(AM_LDFLAGS)
if STATIC_LAUNCH
nestsafe_launch_LDFLAGS += -all-static
endif

pkglibexec_PROGRAMS += nestsafe-unreachable
nestsafe_unreachable_SOURCES = plugin/launch/unreachable.c

pkglibexec_PROGRAMS += nestsafe-collectd
nestsafe_collectd_SOURCES = plugin/collect/collectd.c
nestsafe_collectd_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
nestsafe_collectd_LDFLAGS = $(AM_LDFLAGS) $(HARDENING_LDFLAGS)
nestsafe_collectd_LDADD = libnestsafe-collect.la
# All but the asking, so that tests can have it.
noinst_LTLIBRARIES += libnestsafe-audit.la
libnestsafe_audit_la_SOURCES = \
	plugin/audit/chart.c plugin/audit/chart.h \
	plugin/audit/fold.c plugin/audit/fold.h \
	plugin/audit/options.c plugin/audit/options.h \
	plugin/audit/report.c plugin/audit/report.h \
	plugin/audit/report_csv.c plugin/audit/report_html.c \
	plugin/audit/report_json.c plugin/audit/report_openmetrics.c plugin/audit/report_table.c \
	plugin/audit/text.c plugin/audit/text.h \
	plugin/audit/windows.c plugin/audit/windows.h
libnestsafe_audit_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libnestsafe_audit_la_LIBADD = libnestsafe-record.la libnestsafe.la $(SLURM_LIBS)

pkglibexec_PROGRAMS += nestsafe-audit
nestsafe_audit_SOURCES = plugin/audit/main.c plugin/audit/query.c plugin/audit/query.h \
	plugin/slurm_compat.h
nestsafe_audit_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
nestsafe_audit_LDFLAGS = $(AM_LDFLAGS) $(HARDENING_LDFLAGS)
nestsafe_audit_LDADD = libnestsafe-audit.la

pkglibexec_PROGRAMS += nestsafe-account
nestsafe_account_SOURCES = \
	plugin/account/account.c plugin/account/account.h \
	plugin/account/ctld.c plugin/account/ctld.h \
	plugin/account/dbd.c plugin/account/dbd.h \
	plugin/account/deliver.c \
	plugin/account/hosts.c plugin/account/hosts.h \
	plugin/account/line.c plugin/account/line.h \
	plugin/account/munge.c \
	plugin/account/notify.c \
	plugin/account/peer.c plugin/account/peer.h \
	plugin/account/receive.c \
	plugin/account/settings.c \
	plugin/slurm_compat.h
nestsafe_account_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(MUNGE_CFLAGS)
nestsafe_account_LDFLAGS = $(AM_LDFLAGS) $(HARDENING_LDFLAGS)
nestsafe_account_LDADD = libnestsafe-record.la libnestsafe.la $(JANSSON_LIBS) $(MUNGE_LIBS) \
	$(SLURM_LIBS)

bin_PROGRAMS += nestsafe
nestsafe_SOURCES = plugin/cli/cli.h plugin/cli/nestsafe.c plugin/cli/audit.c \
	plugin/cli/asked.c plugin/cli/asked.h \
	plugin/cli/child.c plugin/cli/child.h \
	plugin/cli/doctor.c plugin/cli/doctor.h plugin/cli/doctor_look.c \
	plugin/cli/doctor_checks_job.c plugin/cli/doctor_checks_node.c \
	plugin/cli/doctor_checks_plugin.c plugin/cli/doctor_checks_slurm.c \
	plugin/cli/doctor_json.c plugin/cli/doctor_nodes.c plugin/cli/doctor_print.c \
	plugin/cli/explain.c plugin/cli/explain_json.c \
	plugin/cli/labelled.c plugin/cli/labelled.h \
	plugin/cli/plugstack.c plugin/cli/plugstack.h \
	plugin/cli/rules.c plugin/cli/run.c \
	plugin/cli/slurmtext.c plugin/cli/slurmtext.h \
	plugin/cli/spankfile.c plugin/cli/spankfile.h \
	plugin/spank/config.c plugin/spank/config.h \
	plugin/spank/rundir.c plugin/spank/rundir.h
nestsafe_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
nestsafe_LDFLAGS = $(AM_LDFLAGS) $(HARDENING_LDFLAGS)
nestsafe_LDADD = libnestsafe-collect.la libnestsafe.la $(JANSSON_LIBS) -ldl

EXTRA_DIST += plugin/spank/nestsafe.map plugin/launch/guard.map

# The launcher directory: one link a name, so that nothing else comes into PATH with it.
launchersdir = $(pkglibexecdir)/bin
launcher_names = sed -n 's/^LAUNCHER("\(.*\)")$$/\1/p' $(srcdir)/plugin/core/launchers.def

install-exec-hook:
	$(MKDIR_P) '$(DESTDIR)$(launchersdir)'
	for name in `$(launcher_names)`; do \
	  ln -sf ../nestsafe-launch '$(DESTDIR)$(launchersdir)'/$$name || exit 1; \
	done
	rm -f '$(DESTDIR)$(pkglibdir)'/nestsafe.la '$(DESTDIR)$(pkglibdir)'/nestsafe-guard*.la

uninstall-hook:
	for name in `$(launcher_names)`; do rm -f '$(DESTDIR)$(launchersdir)'/$$name; done
	rm -f '$(DESTDIR)$(pkglibdir)'/nestsafe.so '$(DESTDIR)$(pkglibdir)'/nestsafe-guard*.so
	for directory in '$(launchersdir)' '$(pkglibexecdir)' '$(pkglibdir)'; do \
	  rmdir '$(DESTDIR)'"$$directory" 2>/dev/null || :; \
	done
