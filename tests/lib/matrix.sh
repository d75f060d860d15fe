# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The matrix: tests/run itself in the root of each suite, several at a time, and one table of it all.

# matrix SUITE...
matrix() {
    local suite why=
    [ "$(id -u)" = 0 ] || why="it needs root, for roots and namespaces"
    command -v debootstrap apt-get >/dev/null || why="it needs debootstrap and apt"
    if [ -n "$why" ]; then
        for suite in "$@"; do
            say "matrix: $suite skipped: $why"
            SKIPPED=$((SKIPPED + 1))
        done
        return
    fi
    mirror | grep -q . || quietly packages packages_update
    roots_claim || { count_failure matrix "did not run" && return; }
    mkdir "$LOG/mark"
    matrix_run "$@"
    roots_release
    matrix_table "$@"
}

declare -A SUITE_OF=()

# One more at a time than there are CPUs, as they wait for daemons much of the time. What a suite prints is shown when
# it is done.
matrix_run() {
    local suite
    for suite in "$@"; do
        [ ${#SUITE_OF[@]} -le "$(nproc)" ] || matrix_collect
        if too_late; then
            say "matrix: $suite skipped: no time is left"
            SKIPPED=$((SKIPPED + 1))
            continue
        fi
        # The kernel tells it should this process be killed.
        LOG=$LOG LATEST=$LATEST setpriv --pdeathsig TERM bash "$SOURCE/tests/lib/suite.sh" "$suite" "${MATRIX_TIERS[@]}" \
            3>&1 >"$LOG/suite.$suite" 2>&1 7<&- 8<&- </dev/null &
        SUITE_OF[$!]=$suite
    done
    while [ ${#SUITE_OF[@]} -gt 0 ]; do
        matrix_collect
    done
}

# Waits for one, and counts what its last line says.
matrix_collect() {
    local pid suite log numbers passed failed skipped
    wait -n -p pid || true
    suite=${SUITE_OF[$pid]} log=$LOG/suite.${SUITE_OF[$pid]}
    unset "SUITE_OF[$pid]"
    root_kill "$suite"
    sed "s/^/$suite: /" "$log"
    numbers=$(tail -n 1 "$log" | sed -nE 's/^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p')
    if [ -z "$numbers" ]; then
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
