#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Root trusts no path, program or variable that a user can write. docs/security.md names each of these tests.

load common

collectors() {
    local pid host
    host=$(on n1 readlink /proc/self/ns/uts)
    for pid in $(pgrep -f "$collectd --rundir"); do
        [ "$(readlink "/proc/$pid/ns/uts")" != "$host" ] || echo "$pid"
    done
}

kill_collectors() {
    # shellcheck disable=SC2046
    kill -KILL $(collectors)
}

alice_on() { "$cluster" run --node n1 --user alice -- "$@"; }

# trap_of KIND: prints a path on n1 that alice has made, or can change, with a victim behind it.
trap_of() {
    on n1 sh -c 'rm -rf /tmp/trap /run/victim && mkdir -m 755 /run/victim && echo root >/run/victim/file'
    case $1 in
    owned) alice_on mkdir /tmp/trap ;;
    link) alice_on ln -s /run/victim /tmp/trap ;;
    open) on n1 mkdir -m 777 /tmp/trap ;;
    deep) alice_on sh -c 'mkdir /tmp/trap && ln -s /run/victim /tmp/trap/below' ;;
    esac
    case $1 in
    deep) echo /tmp/trap/below ;;
    *) echo /tmp/trap ;;
    esac
}

victim() { on n1 sh -c 'cd /run/victim && ls -A && cat file'; }

# The job is well, and what is root's is as it was.
unharmed() {
    run alice srun -w n1 --mpi-nested-safe --mpi=pmix -n1 "$forms" execvp mpirun -np 1 echo well
    exits 0
    check grep -qx well <<<"$output"
    run victim
    is "file
root"
}

@test "spool= in a directory of a user's, of everybody, or behind a user's link: said, and nothing written there" {
    local kind path
    for kind in owned link open deep; do
        path=$(trap_of $kind)
        : >"$NESTSAFE_CLUSTER_DIR/log/slurmd.n1.log"
        # The same words about the same path are said once.
        plugstack "log=slurmd spool=$path/spool-$kind"
        unharmed
        eventually grep -q "error: spool=$path/spool-$kind: " "$NESTSAFE_CLUSTER_DIR/log/slurmd.n1.log"
        run on n1 ls -A "$path/"
        lacks spool
    done
}

@test "log= in a directory of a user's, of everybody, or behind a user's link: said, and nothing written there" {
    local kind path
    for kind in owned link open deep; do
        path=$(trap_of $kind)
        : >"$NESTSAFE_CLUSTER_DIR/log/slurmd.n1.log"
        plugstack "log=slurmd,$path/records.jsonl"
        unharmed
        eventually grep -q "error: log=$path/records.jsonl: " "$NESTSAFE_CLUSTER_DIR/log/slurmd.n1.log"
        run on n1 ls -A "$path/"
        lacks records
    done
    # Beside a user's file, or another name of root's, in /tmp.
    on n1 sh -c 'rm -rf /tmp/trap'
    alice_on sh -c ': >/tmp/trap'
    : >"$NESTSAFE_CLUSTER_DIR/log/slurmd.n1.log"
    plugstack "log=slurmd,/tmp/trap"
    unharmed
    eventually grep -q "error: log=/tmp/trap: " "$NESTSAFE_CLUSTER_DIR/log/slurmd.n1.log"
    run on n1 cat /tmp/trap
    is ""
}

@test "rundir= in a directory of a user's, of everybody, or behind a user's link: no collector there, and no step" {
    local kind path
    for kind in owned link open deep; do
        path=$(trap_of $kind)
        plugstack "log=slurmd rundir=$path/run"
        unharmed
        run on n1 ls -A "$path/"
        lacks run
    done
}

@test "a user's environment does not reach what root starts" {
    kill_collectors
    script noisy.sh <<'END'
#!/bin/sh
exec mpirun -np 1 true
END
    run alice_with EVIL=1 LD_LIBRARY_PATH="$home" LD_PRELOAD="$guard" BASH_ENV="$home/evil" NESTSAFE_RUNDIR=/tmp/x -- \
        srun -w n1 --mpi-nested-safe --mpi=pmix -n1 "$forms" system ./noisy.sh
    exits 0
    local pid seen=0
    for pid in $(collectors); do
        run sh -c "tr '\0' '\n' <'/proc/$pid/environ' | grep -E '^(EVIL|LD_|BASH_ENV|NESTSAFE_RUNDIR|HOME=$home)'"
        is ""
        seen=$((seen + 1))
    done
    check test "$seen" -ge 2
}

@test "a user who sends his reports elsewhere, or says that nothing is nested, is seen by the kernel all the same" {
    watches
    alice_on mkdir -p /tmp/mine
    script lies.sh <<'END'
#!/bin/sh
export NESTSAFE_RUNDIR=/tmp/mine NESTSAFE_DEPTH=0
unset NESTSAFE_LAUNCH NESTSAFE_BASELINE
mpirun -np 1 true
NESTSAFE_MODE=off MPI_NESTED_SAFE=off /usr/bin/mpirun -np 1 true
true
END
    run alice srun -w n1 --mpi-nested-safe --mpi=pmix -n1 "$forms" system ./lies.sh
    exits 0
    eventually records_are 1
    check grep -q kernel <<<"$(record seen)"
}

@test "setuid programs run as they do: the guard is not in them, and launchers' names change nothing" {
    on n1 sh -c 'mkdir -p /run/setuid && install -m 4755 /usr/bin/id /run/setuid/mpirun && install -m 4755 /usr/bin/cat /run/setuid/cat'
    run alice srun -w n1 --mpi-nested-safe --mpi=pmix -n1 /run/setuid/cat /proc/self/maps
    exits 0
    lacks nestsafe
    run alice srun -w n1 --mpi-nested-safe --mpi=pmix -n1 "$forms" execvp /run/setuid/mpirun -u
    exits 0
    is 0
    run alice srun -w n1 --mpi-nested-safe --mpi=pmix -n1 sh -c 'PATH="$PATH:/run/setuid"; PATH=${PATH%%:*}:/run/setuid mpirun -u'
    exits 0
    is 0
    on n1 rm -r /run/setuid
}

@test "nothing that is installed is setuid, or for others than root to change" {
    run find "$PREFIX" ! -type l -perm /6022
    is ""
}

@test "the nodes are still in service after all this" {
    eventually all_in_service
}
