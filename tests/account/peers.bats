#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# From a job's other nodes to its first: nothing is lost, and nobody but root is listened to.

load common

rundir=/run/nestsafe-account
collectd=$PREFIX/libexec/nestsafe/nestsafe-collectd

# The collector of node n1, with a directory and a port of its own.
start_collector() {
    # shellcheck disable=SC2016 # it is for sh
    "$cluster" run --node n1 -- sh -c 'echo $$ >"$1" && shift && exec "$@"' sh "$spool/pid" \
        "$collectd" "--rundir=$rundir" "--spool=$spool" "--port=$port" --foreground \
        >"$BATS_TEST_TMPDIR/collector" 2>&1 3>&- &
    collector=$!
    eventually listens
}
listens() { on n1 bash -c ": </dev/tcp/n1/$port" 2>/dev/null; }

stop_collector() {
    kill "$(cat "$spool/pid")"
    wait "$collector" || true
}

teardown() {
    [ -z "${collector-}" ] || stop_collector
    common_teardown
}

# say AS-USER: standard input to the collector's port, what it answers to standard output.
say() { timeout -k 1 60 "$cluster" run --node n2 --user "$1" -- /usr/bin/python3 -c '
import socket, sys
s = socket.create_connection(("n1", int(sys.argv[1])), 20)
s.sendall(sys.stdin.buffer.read())
while True:
    data = s.recv(100)
    if not data:
        break
    sys.stdout.write(data.decode())' "$port"; }

# share JOB LAUNCHES: the text of a share of node n2.
share() {
    printf '{"v":1,"job":%s,"restart":0,"uid":60001,"field":"admin_comment","notify":false,' "$1"
    printf '"node":"n2","to":"n1","totals":{"launches":%s}}' "$2"
}

# credential USER [OPTION]…: standard input as a munge credential of that user's.
credential() {
    local user=$1
    shift
    "$cluster" run --node n2 --user "$user" -- munge "$@"
}

@test "64 nodes at once: each is heard, and the sum is exact" {
    id=$(job)
    start_collector
    one=$(cat "$(state "$id" NODE=4711 at=1000000000 writer=n1,n1)")
    rm "$spool/$id.NODE"
    for i in $(seq 64); do
        of_node=${one//NODE/node$i}
        echo "${of_node//4711/$i}" >"$spool/$id.node$i"
    done
    "$cluster" run sdiag -r
    run on n2 bash -c '
        cd "$1" || exit 1
        for file in *.node*; do
            "$2" deliver --node="${file#*.}" --port="$3" "$1/$file" >"$file.out" 2>&1 || echo "$file: $?" &
        done
        wait' sh "$spool" "$account" "$port"
    exits 0
    is ""
    run bash -c "cat '$spool'/*.out | grep -vxF -e rpcs=0 -e recorded=peer"
    is ""
    eventually shows "$id" 2080
    run field "$id" AdminComment
    has '"nodes":"node[1-64]"'
    # Few requests, since what comes together is written together.
    run "$cluster" run sdiag
    requests=$(awk '/REQUEST_UPDATE_JOB|REQUEST_JOB_INFO_SINGLE/ { sub(/.*count:/, ""); sum += $1 } END { print sum }' <<<"$output")
    echo "# 64 nodes at once: $requests requests to slurmctld" >&3
    check test "$requests" -lt 64
}

@test "a share that comes twice counts once, and a later one replaces it" {
    id=$(job)
    eventually is_known "$id"
    start_collector
    run deliver n2 "$id" n2=4 writer=n1,n1
    exits 0
    has_line "recorded=peer"
    run deliver n2 "$id" n2=4 writer=n1,n1
    exits 0
    has_line "recorded=peer"
    check shows "$id" 4
    run deliver n2 "$id" n2=6 writer=n1,n1
    exits 0
    eventually shows "$id" 6
}

@test "what is kept while slurmctld is down is recorded later" {
    id=$(job)
    eventually is_known "$id"
    start_collector
    down slurmctld
    run deliver n2 "$id" n2=4 writer=n1,n1
    "$cluster" restart slurmctld
    exits 0
    lacks "recorded="
    eventually shows "$id" 4
}

@test "root's credential is believed; a user's, a garbled one and one used twice are not" {
    id=$(job)
    eventually is_known "$id"
    start_collector
    share "$id" 666 >"$BATS_TEST_TMPDIR/share"
    credential alice <"$BATS_TEST_TMPDIR/share" >"$BATS_TEST_TMPDIR/alice"
    run say alice <"$BATS_TEST_TMPDIR/alice"
    is ""
    run say root <"$BATS_TEST_TMPDIR/alice"
    is ""
    credential root <"$BATS_TEST_TMPDIR/share" | sed 's/.../AAA/20' >"$BATS_TEST_TMPDIR/garbled"
    run say root <"$BATS_TEST_TMPDIR/garbled"
    is ""
    run field "$id" AdminComment
    is ""
    share "$id" 7 | credential root >"$BATS_TEST_TMPDIR/root"
    run say root <"$BATS_TEST_TMPDIR/root"
    has_line kept
    has_line recorded
    check shows "$id" 7
    run say root <"$BATS_TEST_TMPDIR/root"
    is ""
}

@test "root's credential of what is no share is refused" {
    id=$(job)
    start_collector
    local text
    for text in '' '{}' 'x' "$(share "$id" -1)" "$(share 0 1)" "$(share "$id" 1) x" \
        "$(share "$id" 1 | sed 's/"n2"/"..\/..\/etc"/')"; do
        credential root --string="$text" >"$BATS_TEST_TMPDIR/line"
        run say root <"$BATS_TEST_TMPDIR/line"
        is ""
    done
    run field "$id" AdminComment
    is ""
}

@test "garbage, too much, and nothing at all: the line is closed, and others are heard" {
    id=$(job)
    start_collector
    run say alice < <(head -c 100000 /dev/urandom)
    lacks kept
    run say alice < <(tr '\0' 'A' </dev/zero | head -c 100000)
    lacks kept
    run say alice < <(printf '\n\0\n')
    is ""
    # It waits 5 s for a line, not for ever; meanwhile others are served.
    say alice </dev/null >"$BATS_TEST_TMPDIR/silent" 3>&- &
    silent=$!
    run deliver n2 "$id" n2=4 writer=n1,n1
    exits 0
    wait "$silent"
    check test ! -s "$BATS_TEST_TMPDIR/silent"
}
