#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What another user, or anybody's message, cannot do.

load common

# bob COMMAND…: the other user, on node n1.
bob() { timeout -k 1 60 "$cluster" run --node n1 --user bob -- "$@"; }

setup_job() {
    script job.sh <<'END'
#!/bin/bash
: >started
until [ -e go ]; do sleep 0.1; done
END
    id=$(alice sbatch --parsable -w n1 -o job.out job.sh)
    eventually test -e "$home/started"
}

# send TEXT…: as bob, datagrams that say these things (with printf's escapes).
send() {
    bob /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
for text in sys.argv[1:]:
    s.sendto(text.encode().decode("unicode_escape").encode("latin-1"), "/run/nestsafe/collector.sock")' "$@"
}

@test "another user cannot report for a job, flush it, or speak as a peer" {
    watches
    # The collector knows where slurmd's log is from its first incident on.
    alice srun -w n1 --mpi=pmix -n1 "$forms" execvp mpirun -np 1 true || true
    eventually records_are 1
    rm "$records"
    setup_job
    head='nestsafe=begin\npid=1\nstart=1\ndoor=path\ndecision=3\nmode=auto\nscope=node\nouter=4\ndepth=1\n'
    send "${head}job=$id\nstep=4294967291\nlauncher=/bin/forged\n" \
        "${head}job=$id\nlauncher=/bin/forged\n" 'flush=1.1\n' \
        "peer\n{\"v\":1,\"job\":$id,\"restart\":0,\"uid\":60001,\"field\":\"admin_comment\",\"notify\":true,\"node\":\"n1\",\"to\":\"n1\",\"totals\":{\"launches\":7}}"
    # One that counts, after all of these.
    alice srun --overlap --jobid="$id" --mpi=pmix -n1 "$forms" execvp mpirun -np 1 true || true
    eventually records_are 1
    shown() { [ "$(field "$id" AdminComment | of launches)" = 1 ]; }
    eventually shown
    : >"$home/go"
    job_ended "$id"
    run grep -c 'refused from uid 60002' "$NESTSAFE_CLUSTER_DIR/log/slurmd.n1.log"
    check test "$output" -ge 1
    run grep -r forged "$NESTSAFE_CLUSTER_DIR/log"
    exits 1
}

@test "another user cannot read what is recorded, nor write where it is" {
    setup_job
    run bob ls /run/nestsafe/steps
    fails
    run bob cat /var/spool/nestsafe/jobs
    fails
    run bob sh -c 'ls /var/spool/nestsafe/jobs; ls -l /run/nestsafe; : >/run/nestsafe/mine'
    lacks "$id.0"
    fails
    run bob rm -f /run/nestsafe/collector.sock
    fails
    : >"$home/go"
    job_ended "$id"
}

@test "garbage, control characters, NUL, long and random messages: no forged line, and it lives on" {
    watches
    run send 'x\n[2026-01-01T00:00:00.000] forged line\n' '\x00\x00' '' 'nestsafe=begin' \
        'nestsafe=begin\npid=99999999999999999999\n' 'nestsafe=end\npid=-1\n\x1b[2J'
    bob /usr/bin/python3 -c '
import os, random, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
random.seed(1)
path = "/run/nestsafe/collector.sock"
for i in range(3000):
    s.sendto(b"nestsafe=begin\npid=1\n"[: random.randrange(24)] + os.urandom(random.randrange(2000)), path)
for size in (16384, 16385, 100000, 1 << 20):
    try:
        s.sendto(b"a" * size, path)
    except OSError as error:
        print(error)
os.dup(0)'
    run alice srun -w n1 --mpi=pmix -n1 "$forms" execvp mpirun -np 1 true
    eventually records_are 1
    run grep -h 'forged line' "$NESTSAFE_CLUSTER_DIR"/log/slurmd.n1.log
    exits 1
    run grep -cP '\x1b|\x00' "$NESTSAFE_CLUSTER_DIR/log/slurmd.n1.log"
    is 0
}

@test "a launcher's name cannot forge a line or a field" {
    local name=$'mpirun'
    mkdir -p "$home/a\" action=repaired"$'\n'"[2026-01-01T00:00:00.000] forged"
    cp "$(realpath /usr/bin/mpirun)" "$home/a\" action=repaired"$'\n'"[2026-01-01T00:00:00.000] forged/$name"
    launched() {
        alice srun -w n1 --mpi=pmix -n1 "$forms" execvp "./a\" action=repaired"$'\n'"[2026-01-01T00:00:00.000] forged/$name" -np 1 true || true
        test -e "$records"
    }
    # Four collectors read a new file at once here, and this launch lives for some 10 ms.
    eventually launched
    check test "$(record action | sort -u)" = recorded
    run grep -hE '^\[2026-01-01|" action=repaired' "$NESTSAFE_CLUSTER_DIR"/log/slurmd.n1.log
    exits 1
}

@test "a user cannot point the plugin's collector elsewhere" {
    run alice_with NESTSAFE_RUNDIR="$home/mine" -- srun --mpi-nested-safe --mpi=pmix -n1 \
        sh -c 'echo "<$NESTSAFE_RUNDIR>"'
    is "<>"
}
