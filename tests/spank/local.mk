# SPDX-License-Identifier: GPL-2.0-or-later
# The plugin on a fake SPANK host, and the host on a plugin that misbehaves on demand.

# What plugins find in the program that loads them: all of it is linked, and exported.
check_LIBRARIES += libspankhost.a libspankplugin.a
libspankhost_a_SOURCES = tests/spank/host.h tests/spank/host_internal.h tests/spank/host_result.h \
	tests/spank/host_api.c \
	tests/spank/host_command.c \
	tests/spank/host_contain.c \
	tests/spank/host_daemon.c \
	tests/spank/host_elf.c \
	tests/spank/host_env.c \
	tests/spank/host_items.c \
	tests/spank/host_load.c \
	tests/spank/host_log.c \
	tests/spank/host_option.c \
	tests/spank/host_result.c \
	tests/spank/host_rules.c \
	tests/spank/host_run.c \
	tests/spank/host_stack.c \
	tests/spank/host_step.c \
	tests/spank/host_task.c \
	tests/spank/host_watch.c \
	tests/spank/host_wire.c \
	tests/spank/probe_play.c tests/spank/probe_play.h
libspankhost_a_CFLAGS = $(AM_CFLAGS) -fvisibility=default
libspankplugin_a_SOURCES = tests/spank/plugin.c tests/spank/plugin.h \
	tests/spank/scarce.c tests/spank/scarce.h
libspankplugin_a_CPPFLAGS = $(AM_CPPFLAGS) $(spank_test_paths)
spank_host_flags = $(AM_LDFLAGS) -rdynamic -Wl,--whole-archive,libspankhost.a,--no-whole-archive
spank_libraries = $(CMOCKA_LIBS) -ldl -lpthread

# The installation that nestsafe-test.so looks for: each test program makes one and changes to it.
spank_test_launchers = /proc/self/cwd/bin
spank_test_guard = /proc/self/cwd/guard.so
spank_test_collector = $(abs_srcdir)/tests/spank/collectd.py
spank_test_paths = -DTEST_LAUNCHERS='"$(spank_test_launchers)"' -DTEST_GUARD='"$(spank_test_guard)"' \
	-DTEST_COLLECTOR='"$(spank_test_collector)"'

# libtool puts them in tests/spank/.libs, which is SPANK_TEST_DIR.
spank_module = $(AM_LDFLAGS) -module -avoid-version -shared -rpath $(abs_builddir)/tests/spank
# What scarce.c can let fail.
spank_scarce = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,--wrap=strndup \
	-Wl,--wrap=realpath,--wrap=fdopendir,--wrap=setenv,--wrap=dup,--wrap=pipe2,--wrap=socket,--wrap=bind \
	-Wl,--wrap=fork,--wrap=posix_spawn,--wrap=mkdirat,--wrap=symlinkat,--wrap=renameat,--wrap=flock \
	-Wl,--wrap=read,--wrap=write,--wrap=sendmsg,--wrap=open,--wrap=openat
check_LTLIBRARIES += tests/spank/nestsafe-test.la
tests_spank_nestsafe_test_la_SOURCES = $(libnestsafe_la_SOURCES) $(nestsafe_la_SOURCES)
tests_spank_nestsafe_test_la_CPPFLAGS = -I$(srcdir)/plugin $(SLURM_CPPFLAGS) \
	-DNESTSAFE_LAUNCHERS='"$(spank_test_launchers)"' -DNESTSAFE_GUARD='"$(spank_test_guard)"' \
	-DNESTSAFE_LIBEXEC='"$(abs_builddir)"' \
	-DNESTSAFE_COLLECTOR='"$(spank_test_collector)"' -DNESTSAFE_RUNDIR='"/proc/self/cwd/run"'
tests_spank_nestsafe_test_la_LDFLAGS = $(spank_module) $(spank_scarce) \
	-Wl,--version-script=$(srcdir)/plugin/spank/nestsafe.map

check_LTLIBRARIES += tests/spank/probe.la
tests_spank_probe_la_SOURCES = tests/spank/probe.c
tests_spank_probe_la_CPPFLAGS = $(AM_CPPFLAGS)
tests_spank_probe_la_LDFLAGS = $(spank_module)
check_LTLIBRARIES += tests/spank/probe_copy.la
tests_spank_probe_copy_la_SOURCES = tests/spank/probe.c
tests_spank_probe_copy_la_CPPFLAGS = $(AM_CPPFLAGS)
tests_spank_probe_copy_la_LDFLAGS = $(spank_module)
check_LTLIBRARIES += tests/spank/probe_stray.la
tests_spank_probe_stray_la_SOURCES = tests/spank/probe.c
tests_spank_probe_stray_la_CPPFLAGS = $(AM_CPPFLAGS) -DPROBE_STRAY
tests_spank_probe_stray_la_LDFLAGS = $(spank_module)
check_LTLIBRARIES += tests/spank/probe_sparse.la
tests_spank_probe_sparse_la_SOURCES = tests/spank/probe.c
tests_spank_probe_sparse_la_CPPFLAGS = $(AM_CPPFLAGS) -DPROBE_SPARSE
tests_spank_probe_sparse_la_LDFLAGS = $(spank_module)
check_LTLIBRARIES += tests/spank/probe_mode.la
tests_spank_probe_mode_la_SOURCES = tests/spank/probe.c
tests_spank_probe_mode_la_CPPFLAGS = $(AM_CPPFLAGS) -DPROBE_FAILURE_MODE
tests_spank_probe_mode_la_LDFLAGS = $(spank_module)
check_LTLIBRARIES += tests/spank/probe_unnamed.la
tests_spank_probe_unnamed_la_SOURCES = tests/spank/probe.c
tests_spank_probe_unnamed_la_CPPFLAGS = $(AM_CPPFLAGS) -DPROBE_UNNAMED
tests_spank_probe_unnamed_la_LDFLAGS = $(spank_module)
check_LTLIBRARIES += tests/spank/probe_hookless.la
tests_spank_probe_hookless_la_SOURCES = tests/spank/probe.c
tests_spank_probe_hookless_la_CPPFLAGS = $(AM_CPPFLAGS) -DPROBE_HOOKLESS
tests_spank_probe_hookless_la_LDFLAGS = $(spank_module)

spank_tests =
spank_tests += tests/spank/test_host_fault
tests_spank_test_host_fault_LDFLAGS = $(spank_host_flags)
tests_spank_test_host_fault_LDADD = $(spank_libraries)
EXTRA_tests_spank_test_host_fault_DEPENDENCIES = libspankhost.a
spank_tests += tests/spank/test_host_option
tests_spank_test_host_option_LDFLAGS = $(spank_host_flags)
tests_spank_test_host_option_LDADD = $(spank_libraries)
EXTRA_tests_spank_test_host_option_DEPENDENCIES = libspankhost.a
spank_tests += tests/spank/test_host_order
tests_spank_test_host_order_LDFLAGS = $(spank_host_flags)
tests_spank_test_host_order_LDADD = $(spank_libraries)
EXTRA_tests_spank_test_host_order_DEPENDENCIES = libspankhost.a
spank_tests += tests/spank/test_host_trace
tests_spank_test_host_trace_LDFLAGS = $(spank_host_flags)
tests_spank_test_host_trace_LDADD = $(spank_libraries)
EXTRA_tests_spank_test_host_trace_DEPENDENCIES = libspankhost.a
spank_tests += tests/spank/test_plugin_arm
tests_spank_test_plugin_arm_CPPFLAGS = $(AM_CPPFLAGS) $(spank_test_paths)
tests_spank_test_plugin_arm_LDFLAGS = $(spank_host_flags)
tests_spank_test_plugin_arm_LDADD = libspankplugin.a $(spank_libraries)
EXTRA_tests_spank_test_plugin_arm_DEPENDENCIES = libspankhost.a
spank_tests += tests/spank/test_plugin_chain
tests_spank_test_plugin_chain_CPPFLAGS = $(AM_CPPFLAGS) $(spank_test_paths)
tests_spank_test_plugin_chain_LDFLAGS = $(spank_host_flags)
tests_spank_test_plugin_chain_LDADD = libspankplugin.a $(spank_libraries)
EXTRA_tests_spank_test_plugin_chain_DEPENDENCIES = libspankhost.a
spank_tests += tests/spank/test_plugin_config
tests_spank_test_plugin_config_CPPFLAGS = $(AM_CPPFLAGS) $(spank_test_paths)
tests_spank_test_plugin_config_LDFLAGS = $(spank_host_flags)
tests_spank_test_plugin_config_LDADD = libspankplugin.a $(spank_libraries)
EXTRA_tests_spank_test_plugin_config_DEPENDENCIES = libspankhost.a
spank_tests += tests/spank/test_plugin_environment
tests_spank_test_plugin_environment_CPPFLAGS = $(AM_CPPFLAGS) $(spank_test_paths)
tests_spank_test_plugin_environment_LDFLAGS = $(spank_host_flags)
tests_spank_test_plugin_environment_LDADD = libspankplugin.a $(spank_libraries)
EXTRA_tests_spank_test_plugin_environment_DEPENDENCIES = libspankhost.a
spank_tests += tests/spank/test_plugin_flush
tests_spank_test_plugin_flush_CPPFLAGS = $(AM_CPPFLAGS) $(spank_test_paths)
tests_spank_test_plugin_flush_LDFLAGS = $(spank_host_flags)
tests_spank_test_plugin_flush_LDADD = libspankplugin.a libnestsafe.la $(spank_libraries)
EXTRA_tests_spank_test_plugin_flush_DEPENDENCIES = libspankhost.a
spank_tests += tests/spank/test_plugin_harm
tests_spank_test_plugin_harm_CPPFLAGS = $(AM_CPPFLAGS) $(spank_test_paths)
tests_spank_test_plugin_harm_LDFLAGS = $(spank_host_flags)
tests_spank_test_plugin_harm_LDADD = libspankplugin.a $(spank_libraries)
EXTRA_tests_spank_test_plugin_harm_DEPENDENCIES = libspankhost.a
spank_tests += tests/spank/test_plugin_help
tests_spank_test_plugin_help_CPPFLAGS = $(AM_CPPFLAGS) $(spank_test_paths)
tests_spank_test_plugin_help_LDFLAGS = $(spank_host_flags)
tests_spank_test_plugin_help_LDADD = libspankplugin.a $(spank_libraries)
EXTRA_tests_spank_test_plugin_help_DEPENDENCIES = libspankhost.a
spank_tests += tests/spank/test_plugin_options
tests_spank_test_plugin_options_CPPFLAGS = $(AM_CPPFLAGS) $(spank_test_paths)
tests_spank_test_plugin_options_LDFLAGS = $(spank_host_flags)
tests_spank_test_plugin_options_LDADD = libspankplugin.a $(spank_libraries)
EXTRA_tests_spank_test_plugin_options_DEPENDENCIES = libspankhost.a
spank_tests += tests/spank/test_plugin_record
tests_spank_test_plugin_record_CPPFLAGS = $(AM_CPPFLAGS) $(spank_test_paths)
tests_spank_test_plugin_record_LDFLAGS = $(spank_host_flags)
tests_spank_test_plugin_record_LDADD = libspankplugin.a libnestsafe.la $(spank_libraries)
EXTRA_tests_spank_test_plugin_record_DEPENDENCIES = libspankhost.a
spank_tests += tests/spank/test_plugin_scarce
tests_spank_test_plugin_scarce_CPPFLAGS = $(AM_CPPFLAGS) $(spank_test_paths)
tests_spank_test_plugin_scarce_LDFLAGS = $(spank_host_flags)
tests_spank_test_plugin_scarce_LDADD = libspankplugin.a $(spank_libraries)
EXTRA_tests_spank_test_plugin_scarce_DEPENDENCIES = libspankhost.a
spank_tests += tests/spank/test_plugin_step
tests_spank_test_plugin_step_CPPFLAGS = $(AM_CPPFLAGS) $(spank_test_paths)
tests_spank_test_plugin_step_LDFLAGS = $(spank_host_flags)
tests_spank_test_plugin_step_LDADD = libspankplugin.a $(spank_libraries)
EXTRA_tests_spank_test_plugin_step_DEPENDENCIES = libspankhost.a

check_PROGRAMS += $(spank_tests)
TESTS += $(spank_tests)
EXTRA_DIST += tests/spank/collectd.py tests/spank/trace-22.05.txt
