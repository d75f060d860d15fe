# SPDX-License-Identifier: GPL-2.0-or-later
include tests/programs/local.mk
include tests/unit/local.mk
include tests/spank/local.mk

AM_CPPFLAGS += $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
LDADD = libunit.la libnestsafe-collect.la libnestsafe-record.la libnestsafe.la $(CMOCKA_LIBS) \
	$(JANSSON_LIBS)

LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
test_environment = CMOCKA_MESSAGE_OUTPUT=TAP SPANK_TEST_DIR='$(abs_builddir)/tests/spank/.libs' \
	srcdir='$(abs_srcdir)'
AM_TESTS_ENVIRONMENT = export $(test_environment);

# For tests/valgrind, which runs the same programs.
.PHONY: check-programs print-flags print-tests print-test-environment programs
check-programs: $(check_PROGRAMS) $(check_LTLIBRARIES)
programs: $(mpi_test_programs)
print-tests:
	@for program in $(TESTS); do echo $$program; done
# For tests/analysers.
print-flags:
	$(info -std=gnu11 $(DEFS) $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(MUNGE_CFLAGS))@:
print-test-environment:
	@echo 'export $(test_environment)'
