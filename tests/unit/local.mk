# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests: a program for each module, whose source has its name.
check_LTLIBRARIES += libunit.la
libunit_la_SOURCES = \
	tests/unit/chain.c \
	tests/unit/environments.c tests/unit/environments.h \
	tests/unit/support.c tests/unit/support.h \
	plugin/spank/collector.c plugin/spank/config.c plugin/spank/daemon.c \
	plugin/spank/flush.c plugin/spank/request.c plugin/spank/rundir.c

unit_tests = \
	tests/unit/test_ancestry \
	tests/unit/test_arm \
	tests/unit/test_baseline \
	tests/unit/test_baseline_limits \
	tests/unit/test_collector \
	tests/unit/test_config \
	tests/unit/test_daemon \
	tests/unit/test_decision \
	tests/unit/test_env \
	tests/unit/test_launcher \
	tests/unit/test_lineage \
	tests/unit/test_lineage_told \
	tests/unit/test_mode \
	tests/unit/test_nesting \
	tests/unit/test_plan_levels \
	tests/unit/test_plan_merge \
	tests/unit/test_plan_rows \
	tests/unit/test_plan_scope \
	tests/unit/test_prepare \
	tests/unit/test_prepare_chain \
	tests/unit/test_readfile \
	tests/unit/test_refuse \
	tests/unit/test_request \
	tests/unit/test_rules \
	tests/unit/test_rules_file \
	tests/unit/test_rundir \
	tests/unit/test_search \
	tests/unit/test_slurmstep \
	tests/unit/test_tell
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
EXTRA_DIST += tests/unit/rule_cases.h
