# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The matrix: tests/run itself in the root of each suite, and one table of it all. While this machine's own tiers
# run there is one suite beside them, afterwards as many as there are CPUs and one more: all wait for daemons much of
# the time.

# Those whose turn has yet to come, and those at work.
SUITES_WAITING=()
declare -A SUITE_OF=()

# matrix_begin SUITE...
matrix_begin() {
    local suite why=
    [ "$(id -u)" = 0 ] || why="it needs root, for roots and namespaces"
    command -v debootstrap apt-get >/dev/null || why="it needs debootstrap and apt"
    if [ -n "$why" ]; then
        for suite in "$@"; do
            matrix_skip "$suite" "$why"
        done
        return
    fi
    mirror | grep -q . || quietly packages packages_update
    roots_claim || { count_failure matrix "did not run" && return; }
    mkdir "$LOG/mark"
    SUITES_WAITING=("$@")
}

matrix_skip() { # SUITE WHY
    say "matrix: $1 skipped: $2"
    SKIPPED=$((SKIPPED + 1))
}

# matrix_start MOST: so that this many are at work.
matrix_start() {
    while [ ${#SUITES_WAITING[@]} -gt 0 ] && [ ${#SUITE_OF[@]} -lt "$1" ]; do
        if too_late; then
            matrix_skip "${SUITES_WAITING[0]}" "no time is left"
        else
            matrix_suite "${SUITES_WAITING[0]}"
        fi
        SUITES_WAITING=("${SUITES_WAITING[@]:1}")
    done
}

matrix_suite() {
    # The kernel tells it should this process be killed.
    LOG=$LOG LATEST=$LATEST setpriv --pdeathsig TERM bash "$SOURCE/tests/lib/suite.sh" "$1" "${MATRIX_TIERS[@]}" \
        3>&1 >"$LOG/suite.$1" 2>&1 7<&- 8<&- </dev/null &
    SUITE_OF[$!]=$1
}

# Between two tiers: the next suite, if the last has ended.
matrix_turn() {
    local pid
    for pid in "${!SUITE_OF[@]}"; do
        jobs -pr | grep -qx "$pid" || matrix_collect "$pid"
    done
    matrix_start 1
}

# matrix_end SUITE...: what is left of them, and the table.
matrix_end() {
    [ "$ROOTS_CLAIMED" = yes ] || return 0
    matrix_start $(($(nproc) + 1))
    while [ ${#SUITE_OF[@]} -gt 0 ]; do
        matrix_wait
        matrix_start $(($(nproc) + 1))
    done
    roots_release
    matrix_table "$@"
}

matrix_wait() {
    local pid
    wait -n -p pid "${!SUITE_OF[@]}" || true
    matrix_collect "$pid"
}

# matrix_collect PID: shows what the suite printed, and counts what its last line says.
matrix_collect() {
    local suite=${SUITE_OF[$1]} log=$LOG/suite.${SUITE_OF[$1]} numbers passed failed skipped
    unset "SUITE_OF[$1]"
    root_kill "$suite"
    sed "s/^/$suite: /" "$log"
    failures_of "$log" | failures_keep "$suite"
    numbers=$(tail -n 1 "$log" | sed -nE 's/^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p')
    if [ -z "$numbers" ]; then
        tail -n 20 "$log" | failures_keep "$suite"
        count_failure "$suite" "did not come to its end; see above"
        return
    fi
    read -r passed failed skipped <<<"$numbers"
    PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
}

matrix_table() {
    local suite format='%-9s %-8s %-10s %-10s %-6s %-7s %s\n'
    # shellcheck disable=SC2059
    printf "$format" suite Slurm 'Open MPI' PMIx MPICH gcc 'passed/failed/skipped'
    for suite in "$@"; do
        # shellcheck disable=SC2059
        printf "$format" "$suite" "$(root_version "$suite" slurmctld)" "$(root_version "$suite" openmpi-bin)" \
            "$(root_version "$suite" libpmix-dev)" "$(root_version "$suite" mpich)" \
            "$(root_version "$suite" gcc)" "$(matrix_cells "$suite")"
    done
}

# Each tier's numbers in one suite, or that it did not run.
matrix_cells() {
    local tier cells=()
    for tier in "${MATRIX_TIERS[@]}"; do
        cells+=("$tier $(sed -nE "s/^$tier +([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped .*/\1\/\2\/\3/p" \
            "$LOG/suite.$1" | grep . || echo 'did not run')")
    done
    local IFS=,
    printf '%s\n' "${cells[*]}" | sed 's/,/, /g'
}
