# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that the tests run as MPI ranks, built with each MPI's own compiler wrapper: automake's
# rules serve one compiler. 'make programs' makes them; 'make check' needs none.
mpi_test_programs = tests/programs/forms tests/programs/health tests/programs/forms.mpich \
	tests/programs/job tests/programs/job.mpich tests/programs/outer tests/programs/outer.mpich \
	tests/programs/inner tests/programs/inner.mpich tests/programs/pmixclient tests/programs/start
CLEANFILES += $(mpi_test_programs)
EXTRA_DIST += tests/programs/forms.c tests/programs/health.c tests/programs/inner.c \
	tests/programs/job.c tests/programs/outer.c tests/programs/pmixclient.c tests/programs/start.c

program_sources = $(srcdir)/tests/programs
build_program = $(AM_V_GEN)$(MKDIR_P) tests/programs && $(1) -std=gnu11 -O1 -g $(WARNING_CFLAGS)

tests/programs/forms: tests/programs/forms.c
	$(call build_program,$(OMPI_MPICC)) -o $@ $(program_sources)/forms.c
tests/programs/health: tests/programs/health.c
	$(call build_program,$(OMPI_MPICC)) -o $@ $(program_sources)/health.c
tests/programs/forms.mpich: tests/programs/forms.c
	$(call build_program,$(MPICH_MPICC)) -o $@ $(program_sources)/forms.c
tests/programs/job: tests/programs/job.c
	$(call build_program,$(OMPI_MPICC)) -o $@ $(program_sources)/job.c
tests/programs/job.mpich: tests/programs/job.c
	$(call build_program,$(MPICH_MPICC)) -o $@ $(program_sources)/job.c
tests/programs/outer: tests/programs/outer.c
	$(call build_program,$(OMPI_MPICC)) -o $@ $(program_sources)/outer.c
tests/programs/outer.mpich: tests/programs/outer.c
	$(call build_program,$(MPICH_MPICC)) -o $@ $(program_sources)/outer.c
tests/programs/inner: tests/programs/inner.c
	$(call build_program,$(OMPI_MPICC)) -o $@ $(program_sources)/inner.c
tests/programs/inner.mpich: tests/programs/inner.c
	$(call build_program,$(MPICH_MPICC)) -o $@ $(program_sources)/inner.c
tests/programs/pmixclient: tests/programs/pmixclient.c
	$(call build_program,$(CC) $(PMIX_CFLAGS)) -o $@ $(program_sources)/pmixclient.c $(PMIX_LIBS)
tests/programs/start: tests/programs/start.c
	$(call build_program,$(CC)) -static -o $@ $(program_sources)/start.c
