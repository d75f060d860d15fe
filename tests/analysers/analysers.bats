#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What three analysers find in plugin/, against what is known to be wrong of it: in known/TOOL, with a
# reason each. What is known and no longer found has to leave there too.

# shellcheck source=tests/lib/assert.bash
source "$BATS_TEST_DIRNAME/../lib/assert.bash"

# What each release of these finds is another matter.
needs() { # COMMAND RELEASE
    command -v "$1" >/dev/null || skip "no $1 here"
    "$1" --version | grep -qE "(^| |[^0-9.])$2\." || skip "another $1 than $2 here"
}

setup() {
    cd "${BUILD:?}" || return
    eval "FLAGS=($(make -s print-flags))"
    export LC_ALL=C
}

# The findings on standard input, one a line: FILE: MESSAGE [CHECK], as it is in known/.
findings() {
    sed -nE 's|^(.*/)?(plugin/[^:]*):([0-9]+:)+ (warning\|error\|style\|performance\|portability): (.*[^ ]) *$|\2: \5|p' | sort -u
}

# compare TOOL OUTPUT
compare() {
    run diff <(grep -v '^#' "$BATS_TEST_DIRNAME/known/$1" | sort) <(findings <"$2")
    exits 0
}

sources() { find "$SOURCE/plugin" -name '*.c' | sort; }

# each COMMAND…: with one file a time, on all CPUs. What it returns says nothing that its output does not.
each() { sources | xargs -P "$(nproc)" -n 1 "$@" 2>&1 || true; }

@test "gcc -fanalyzer" {
    needs gcc 12
    each gcc "${FLAGS[@]}" -O1 -fanalyzer -c -o /dev/null >"$BATS_TEST_TMPDIR/out"
    compare gcc "$BATS_TEST_TMPDIR/out"
}

@test "clang-tidy" {
    needs clang-tidy 14
    each clang-tidy --quiet "${FLAGS[@]/#/--extra-arg=}" >"$BATS_TEST_TMPDIR/out"
    compare clang-tidy "$BATS_TEST_TMPDIR/out"
}

@test "cppcheck" {
    needs cppcheck 2
    cppcheck --quiet "-j$(nproc)" --std=c11 --enable=warning,performance,portability "-I$SOURCE/plugin" \
        -D__x86_64__ '-DSPANK_PLUGIN(name,version)=' "$SOURCE/plugin" 2>"$BATS_TEST_TMPDIR/out"
    compare cppcheck "$BATS_TEST_TMPDIR/out"
}
