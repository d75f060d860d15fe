# SPDX-License-Identifier: GPL-2.0-or-later
# The harnesses, built by clang for libFuzzer: make -f tests/fuzz/fuzz.mk -C BUILD SOURCE=… NAME…
# Not automake's: the code is compiled otherwise than what is installed, and by another compiler.
CLANG ?= clang
SANITIZERS = address,undefined,float-cast-overflow
CFLAGS ?= -O2 -g
PKGS = $(shell pkg-config --cflags jansson)
LIBS = $(shell pkg-config --libs jansson)
FLAGS = -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror $(CFLAGS) -fno-omit-frame-pointer \
	-fno-sanitize-recover=all -I$(SOURCE)/plugin $(SLURM_CPPFLAGS) $(PKGS) \
	-DNESTSAFE_LAUNCHERS='"/nestsafe/bin"' -DNESTSAFE_GUARD='"/nestsafe/guard.so"' \
	-DNESTSAFE_COLLECTOR='"/nestsafe/collectd"' -DNESTSAFE_RUNDIR='"/run/nestsafe"' \
	-DNESTSAFE_LIBEXEC='"/nestsafe"' -DNESTSAFE_SPOOL='"/var/spool/nestsafe"'

harnesses = $(filter-out fuzz,$(basename $(notdir $(wildcard $(SOURCE)/tests/fuzz/*.c))))
# What has a main, or is a door, is not linked by anything.
doors = launch/guard.c launch/launch.c collect/collectd.c audit/main.c spank/nestsafe.c
# What needs libslurm or munge is left out: it parses nothing that the rest does not.
rooms = core launch spank watch collect audit
sources = account/line.c $(filter-out $(doors) audit/query.c,$(foreach room,$(rooms), \
	$(patsubst $(SOURCE)/plugin/%,%,$(wildcard $(SOURCE)/plugin/$(room)/*.c))))
objects = $(sources:%.c=plugin/%.o)
headers = $(wildcard $(SOURCE)/plugin/*/*.h $(SOURCE)/plugin/*/*.def $(SOURCE)/plugin/*.h) \
	$(SOURCE)/tests/fuzz/fuzz.h

all: $(harnesses)
print:
	@echo $(harnesses)

$(objects): %.o: $(SOURCE)/%.c $(headers)
	@mkdir -p $(@D)
	$(CLANG) $(FLAGS) -fsanitize=fuzzer-no-link,$(SANITIZERS) -c -o $@ $<

plugin.a: $(objects)
	rm -f $@
	ar rcs $@ $^

fuzz.o: $(SOURCE)/tests/fuzz/fuzz.c $(headers)
	$(CLANG) $(FLAGS) -c -fsanitize=$(SANITIZERS) -o $@ $<

# Not instrumented for coverage: which of its own checks an input reaches is nothing to look for.
$(harnesses): %: $(SOURCE)/tests/fuzz/%.c fuzz.o plugin.a $(headers)
	$(CLANG) $(FLAGS) -c -fsanitize=$(SANITIZERS) -o $@.o $<
		$(CLANG) -fsanitize=fuzzer,$(SANITIZERS) -o $@ $@.o fuzz.o plugin.a $(LIBS)
