# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests: a program for each module, whose source has its name.
check_LTLIBRARIES += libunit.la
libunit_la_SOURCES = \
	tests/unit/chain.c \
	tests/unit/environments.c tests/unit/environments.h \
	tests/unit/stopped.c tests/unit/stopped.h \
	tests/unit/support.c tests/unit/support.h tests/unit/cmocka_compat.h \
	plugin/cli/child.c plugin/cli/labelled.c plugin/cli/plugstack.c \
	plugin/cli/slurmtext.c plugin/cli/spankfile.c \
	plugin/spank/collector.c plugin/spank/config.c plugin/spank/daemon.c \
	plugin/spank/flush.c plugin/spank/request.c plugin/spank/rundir.c

unit_tests = \
	tests/unit/test_alone \
	tests/unit/test_ancestry \
	tests/unit/test_arm \
	tests/unit/test_audit_fold \
	tests/unit/test_audit_options \
	tests/unit/test_audit_report \
	tests/unit/test_audit_windows \
	tests/unit/test_baseline \
	tests/unit/test_baseline_limits \
	tests/unit/test_collector \
	tests/unit/test_config \
	tests/unit/test_courier \
	tests/unit/test_daemon \
	tests/unit/test_decision \
	tests/unit/test_delivery \
	tests/unit/test_delivery_times \
	tests/unit/test_elf \
	tests/unit/test_env \
	tests/unit/test_hazards \
	tests/unit/test_identity \
	tests/unit/test_identity_files \
	tests/unit/test_inbox \
	tests/unit/test_incident \
	tests/unit/test_jobs \
	tests/unit/test_jobs_restored \
	tests/unit/test_jobstate \
	tests/unit/test_journal \
	tests/unit/test_keyvalue \
	tests/unit/test_known \
	tests/unit/test_launcher \
	tests/unit/test_launches \
	tests/unit/test_line \
	tests/unit/test_lineage \
	tests/unit/test_lineage_told \
	tests/unit/test_mode \
	tests/unit/test_nesting \
	tests/unit/test_nodelog \
	tests/unit/test_plan_levels \
	tests/unit/test_plan_merge \
	tests/unit/test_plan_rows \
	tests/unit/test_plan_scope \
	tests/unit/test_plugstack \
	tests/unit/test_prepare \
	tests/unit/test_prepare_chain \
	tests/unit/test_prepare_srun \
	tests/unit/test_process \
	tests/unit/test_priority \
	tests/unit/test_procfile \
	tests/unit/test_readfile \
	tests/unit/test_recognize \
	tests/unit/test_record \
	tests/unit/test_refuse \
	tests/unit/test_report \
	tests/unit/test_request \
	tests/unit/test_rules \
	tests/unit/test_rules_file \
	tests/unit/test_rundir \
	tests/unit/test_search \
	tests/unit/test_section \
	tests/unit/test_slurmstep \
	tests/unit/test_slurmtext \
	tests/unit/test_spankfile \
	tests/unit/test_spoolfile \
	tests/unit/test_srun \
	tests/unit/test_stepfile \
	tests/unit/test_steps \
	tests/unit/test_tell \
	tests/unit/test_totals \
	tests/unit/test_troubles \
	tests/unit/test_watch \
	tests/unit/test_words
check_PROGRAMS += $(unit_tests)
tests_unit_test_line_SOURCES = tests/unit/test_line.c plugin/account/line.c
tests_unit_test_watch_LDFLAGS = $(AM_LDFLAGS) -pthread
TESTS += $(unit_tests)
tests_unit_test_audit_fold_LDADD = libnestsafe-audit.la $(LDADD)
tests_unit_test_audit_options_LDADD = libnestsafe-audit.la $(LDADD)
tests_unit_test_audit_report_LDADD = libnestsafe-audit.la $(LDADD)
tests_unit_test_audit_windows_LDADD = libnestsafe-audit.la $(LDADD)
EXTRA_DIST += tests/unit/rule_cases.h tests/unit/samples.h
