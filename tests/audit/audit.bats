#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# nestsafe audit against what sacct says of the same jobs.

# shellcheck source=tests/lib/assert.bash
source "$BATS_TEST_DIRNAME/../lib/assert.bash"

: "${PREFIX:?}" "${SOURCE:?}" "${START:?}" "${END:?}" "${REAL_START:?}" "${REAL_END:?}"
cluster=$SOURCE/contrib/cluster/cluster
nestsafe=$PREFIX/bin/nestsafe

setup() { cd "$BATS_TEST_TMPDIR" || return; }

iso() { date -d "@$1" +%FT%T; }

# audit START END [OPTION]…: as root.
audit() {
    timeout 120 "$cluster" run -- "$nestsafe" audit -S "$(iso "$1")" -E "$(iso "$2")" "${@:3}"
}

# agrees START END BY FORMAT [FIELD=VALUE]… [-- OPTION…]: with what sacct said.
agrees() {
    local start=$1 end=$2 by=$3 format=$4 wanted=() sacct=$BATS_SUITE_TMPDIR/sacct
    [ "$start" -lt "$REAL_START" ] || sacct=$sacct.real
    shift 4
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        wanted+=("$1")
        shift
    done
    [ $# = 0 ] || shift
    audit "$start" "$end" --by "$by" --format "$format" "$@" >"report.$format"
    run /usr/bin/python3 "$SOURCE/tests/audit/expected.py" "$sacct" "$start" "$end" "$by" "$format" \
        "report.$format" "${wanted[@]}"
    exits 0
}

# value KEY…: of the totals in report.json.
value() {
    /usr/bin/python3 -c '
import json, sys
totals = json.load(open("report.json"))["totals"]
print(*[totals[key] for key in sys.argv[1:]])' "$@"
}

@test "every format agrees with sacct, by every key" {
    local by format
    for by in user account partition launcher class mode; do
        for format in table csv json html; do
            agrees "$START" "$END" $by $format
        done
    done
}

@test "the comparison can fail" {
    audit "$START" "$END" --format json >report.json
    sed -i '0,/"launches": \([0-9]*\)/s//"launches": 1\1/' report.json
    run /usr/bin/python3 "$SOURCE/tests/audit/expected.py" "$BATS_SUITE_TMPDIR/sacct" "$START" "$END" user \
        json report.json
    fails
    has "but sacct's records give"
}

@test "real jobs are counted when they have ended" {
    agrees "$REAL_START" "$REAL_END" user table
    agrees "$REAL_START" "$REAL_END" partition json
    check test "$(value jobs launches jobs_seen)" = "10 110 20"
}

@test "periods that touch add up, wherever they are cut" {
    local cut period whole
    audit "$START" "$END" --format json >report.json
    whole=$(value jobs jobs_seen launches)
    for cut in $((START + 1)) $((START + 3600)) $((START + 86400)) $((END - 1)); do
        for period in "$START $cut" "$cut $END"; do
            # shellcheck disable=SC2086
            audit $period --format json >report.json
            value jobs jobs_seen launches
        done >parts
        check test "$(awk '{ a += $1; b += $2; c += $3 } END { print a, b, c }' parts)" = "$whole"
    done
}

@test "who is asked for, and who asks" {
    agrees "$START" "$END" user json UID=60002 -- -u bob
    agrees "$START" "$END" user json UID=60002 -- --user 60002
    agrees "$START" "$END" partition csv Account=physics -- -A physics
    agrees "$START" "$END" account csv Partition=debug -- -r debug
    agrees "$START" "$END" user json Partition=main Account=chemistry -- -r main -A chemistry
    agrees "$START" "$END" user json -- -M all
    agrees "$START" "$END" user json -- --clusters nestsafe
    audit "$START" "$END" --format json --accounts none-of-this-name >report.json
    check test "$(value jobs_seen)" = 0
    # A user's own jobs, unless told otherwise.
    for options in "" -a; do
        # shellcheck disable=SC2086
        "$cluster" run --user bob -- "$nestsafe" audit -S "$(iso "$START")" -E "$(iso "$END")" \
            --format json $options >"report$options.json"
    done
    run /usr/bin/python3 "$SOURCE/tests/audit/expected.py" "$BATS_SUITE_TMPDIR/sacct" "$START" "$END" user \
        json report.json UID=60002
    exits 0
    run /usr/bin/python3 "$SOURCE/tests/audit/expected.py" "$BATS_SUITE_TMPDIR/sacct" "$START" "$END" user \
        json report-a.json
    exits 0
}

@test "jobs by number, whenever they ended; runs of a requeued job by themselves" {
    # 2031: requeued, nothing nested in the second run; 2032: in both.
    local job jobs
    while read -r job jobs; do
        "$cluster" run "$nestsafe" audit -j "$job" --format json >report.json
        check test "$(value jobs_seen jobs)" = "$jobs"
    done <<END
2031 2 1
2032 2 2
2033 2 1
2034 2 2
2031,2032,1 5 3
2035 0 0
999999 0 0
END
    run "$cluster" run "$nestsafe" audit -j 2032
    has "the beginning to"
    has "jobs with nested launches                  2"
}

@test "only the field that is named is looked into" {
    local all admin comment
    audit "$START" "$END" --format json >report.json
    all=$(value jobs)
    audit "$START" "$END" --format json --field admin_comment >report.json
    admin=$(value jobs)
    audit "$START" "$END" --format json --field comment >report.json
    comment=$(value jobs)
    check test "$comment" -gt 0
    check test $((admin + comment)) -eq "$all"
}

@test "the page draws in a browser" {
    command -v chromium >/dev/null || skip "no chromium here"
    audit "$START" "$END" --format html >report.html
    run timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync \
        --user-data-dir="$BATS_TEST_TMPDIR/chromium" --dump-dom "file://$PWD/report.html"
    exits 0
    lacks "<script>"
    check test "$(grep -c '<rect class=' <<<"$output")" -gt 10
}

@test "errors say what is wrong, and where help is" {
    run "$cluster" run "$nestsafe" audit --by colour
    exits 2
    has "nestsafe audit: error: --by: invalid value 'colour'; valid are user, account"
    has "Try 'nestsafe audit --help'."
    run "$cluster" run "$nestsafe" audit -S yesterweek
    exits 2
    has "--starttime: invalid time 'yesterweek'"
    run "$cluster" run "$nestsafe" audit --help
    exits 0
    has "Usage: nestsafe audit"
    check test "$(wc -L <<<"$output")" -le 100
    # The report that cannot be written is an error.
    run "$cluster" run sh -c "$nestsafe audit -a >/dev/full"
    exits 1
    has "No space left on device"
}

@test "a cluster without accounting says so; one whose slurmdbd is away, too" {
    local directory=$NESTSAFE_CLUSTER_DIR/home/alice/conf
    mkdir -p "$directory"
    sed '/^AccountingStorage/d; /^JobAcct/d' "$NESTSAFE_CLUSTER_DIR/etc/slurm/slurm.conf" >"$directory/none.conf"
    sed 's/^AccountingStorageHost=.*/AccountingStorageHost=n1/' \
        "$NESTSAFE_CLUSTER_DIR/etc/slurm/slurm.conf" >"$directory/away.conf"
    run "$cluster" run --env "SLURM_CONF=$directory/none.conf" "$nestsafe" audit
    exits 1
    has "nestsafe audit: error: this cluster keeps no accounting"
    run "$cluster" run --env "SLURM_CONF=$directory/away.conf" "$nestsafe" audit
    exits 1
    has "nestsafe audit: error: no job records from slurmdbd"
    rm -r "$directory"
}

@test "nestsafe itself does not need libslurm" {
    run ldd "$nestsafe"
    lacks libslurm
    run ldd "$PREFIX/libexec/nestsafe/nestsafe-audit"
    has libslurm
}
