# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Running what speaks TAP, showing what failed, and the sum of it all.

PASSED=0
FAILED=0
SKIPPED=0

# The numbers of one log of TAP lines; what is neither ok nor not ok does not count.
count_log() {
    local tier=$1 log=$2 seconds=$3 passed failed skipped
    skipped=$(grep -ciE '^(not )?ok\b.*# skip' "$log" || true)
    failed=$(grep -iE '^not ok\b' "$log" | grep -ciEv '# skip' || true)
    passed=$(grep -E '^ok\b' "$log" | grep -ciEv '# skip' || true)
    grep -iE '^(not )?ok\b.*# skip' "$log" || true
    printf '%-11s %4d passed, %d failed, %d skipped (%d s)\n' "$tier" "$passed" "$failed" \
        "$skipped" "$seconds"
    PASSED=$((PASSED + passed))
    FAILED=$((FAILED + failed))
    SKIPPED=$((SKIPPED + skipped))
    [ "$failed" = 0 ] || show_failures <"$log" | failures_keep "$tier"
}

# A failed test and what it says about itself, as it comes.
show_failures() {
    awk '/^not ok/ && !/# [Ss][Kk][Ii][Pp]/ { shown = 1 } /^ok/ { shown = 0 } shown { print; fflush() }'
}

# What failed is told once more at the end: the output is long, and whoever has kept only a part of it has that one.
FAILURES_BEGIN='What failed:'
failures_keep() { sed "s/^/$1: /" >>"$LOG/failures"; }
show_and_keep() { # TIER COMMAND...
    "${@:2}"
    "${@:2}" | failures_keep "$1"
}

# Of the log of another tests/run.
failures_of() { sed -n "/^$FAILURES_BEGIN\$/,\$ { //d; \$d; p }" "$1"; }

# count_tap TIER COMMAND…: a command that prints TAP. One that fails although no test did, or that
# ran none, is a failure too.
count_tap() {
    local tier=$1 log=$LOG/$1.tap began=$SECONDS status=0
    shift
    "$@" 8<&- </dev/null 2>&1 | tee "$log" 8<&- | show_failures 8<&-
    status=${PIPESTATUS[0]}
    if ! grep -q '^not ok' "$log" && { [ "$status" != 0 ] || ! grep -q '^ok' "$log"; }; then
        show_and_keep "$tier" tail -n 20 "$log"
        say "not ok - $tier ended with status $status" >>"$log"
    fi
    count_log "$tier" "$log" $((SECONDS - began))
}

# count_check TIER BUILD: automake's 'make check', whose results are in .trs files.
count_check() {
    local tier=$1 build=$2 log=$LOG/$1.tap began=$SECONDS status=0
    make -C "$build" -j"$(nproc)" check >"$LOG/$tier.check" 2>&1 8<&- </dev/null || status=$?
    find "$build/tests" -name '*.trs' | sort | while read -r results; do
        sed -n "s|^:test-result: PASS|ok - $(basename "$results" .trs)|p
            s|^:test-result: SKIP|ok - $(basename "$results" .trs) # SKIP|p
            s|^:test-result: [XFE][A-Z]*|not ok - $(basename "$results" .trs)|p" "$results"
    done >"$log"
    if [ $status != 0 ]; then
        grep -q '^not ok' "$log" || say "not ok - make check ended with status $status" >>"$log"
        if [ -e "$build/test-suite.log" ]; then
            show_and_keep "$tier" cat "$build/test-suite.log"
        else
            show_and_keep "$tier" tail -n 30 "$LOG/$tier.check"
        fi
    fi
    count_log "$tier" "$log" $((SECONDS - began))
}

count_failure() {
    FAILED=$((FAILED + 1))
    printf '%-11s %s\n' "$1" "$2"
    say "$2" | failures_keep "$1"
}

# skip_tier TIER WHY DIRECTORY: each test in it counts as skipped; one without bats' tests is one.
skip_tier() {
    local skipped
    skipped=$(find "$3" -name '*.bats' -exec grep -h '^@test' {} + | wc -l)
    [ "$skipped" -gt 0 ] || skipped=1
    printf '%-11s %d skipped: %s\n' "$1" "$skipped" "$2"
    SKIPPED=$((SKIPPED + skipped))
}

summary() {
    [ ! -s "$LOG/failures" ] || { say "$FAILURES_BEGIN" && cat "$LOG/failures"; }
    say "$PASSED passed, $FAILED failed, $SKIPPED skipped"
    [ $FAILED = 0 ] && [ $PASSED -gt 0 ]
}
