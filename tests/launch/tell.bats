#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What launches tell the node's collector, by both doors, when they begin and when they end.

load common

collector=("$python" "$BATS_TEST_DIRNAME/collector.py")
armed=(env NESTSAFE_MODE=auto NESTSAFE_DEPTH=1 NESTSAFE_LAUNCH=0 NESTSAFE_BASELINE=)
preloaded=(env LD_PRELOAD="$guard")

# listen COMMAND…: `run` it with a collector; says how many launches began and ended.
listen() {
    PATH=$launchers:$PWD/fake:$PATH run "${collector[@]}" "${armed[@]}" "$@"
    exits 0
    began=$(grep -c 'nestsafe=begin' <<<"$output" || :)
    ended=$(grep -c 'nestsafe=end' <<<"$output" || :)
}

told() { check test "$began began, $ended ended" = "$1 began, $2 ended"; }

# A launcher that ends by exit(3), as real ones do; dash, for one, does not.
fake_launcher() {
    fake "$1" <<'END'
#!/bin/bash
exit 3
END
}

@test "nestsafe-launch tells that a nested launch begins" {
    fake_launcher mpirun
    listen "${as_rank[@]}" SLURM_JOB_ID=12 SLURM_STEP_ID=7 mpirun -np 1 secret
    told 1 0
    has "status 3"
    has "own nestsafe=begin"
    has " door=path decision=3 mode=auto scope=node outer=2 depth=1 "
    has " job=12 step=7 rank=0 launcher=$PWD/fake/mpirun "
    lacks secret
}

@test "the guard alone tells both" {
    fake_launcher mpirun
    listen "${preloaded[@]}" "${as_rank[@]}" fake/mpirun
    told 1 1
    has " door=guard decision=3 "
    has " launcher=$PWD/fake/mpirun "
    has " status=768 "
    lacks "another's"
}

@test "nestsafe-launch and then the guard tell once" {
    fake_launcher mpirun
    listen "${preloaded[@]}" "${as_rank[@]}" mpirun
    told 1 1
    has " door=path "
    has " status=768 "
}

@test "mpirun that becomes prterun tells once" {
    fake mpirun <<'END'
#!/bin/bash
exec prterun
END
    fake_launcher prterun
    listen "${preloaded[@]}" "${as_rank[@]}" mpirun
    told 1 1
    has " launcher=$PWD/fake/mpirun "
    has " status=768 "
}

@test "a real mpirun, and its exit status" {
    listen "${preloaded[@]}" "${as_rank[@]}" mpirun -np 1 sh -c 'exit 5'
    told 1 1
    has "status 5"
    has " status=1280 "
    lacks "another's"
}

@test "what a launcher forks does not tell of an end" {
    fake mpirun <<'END'
#!/usr/bin/python3
import os, sys
pid = os.fork()
if pid == 0:
    sys.exit(9)
assert os.waitpid(pid, 0)[1] == 9 << 8
END
    listen "${preloaded[@]}" "${as_rank[@]}" mpirun
    told 1 1
    has " status=0 "
}

@test "refused launches" {
    fake_launcher mpirun
    for door in path guard; do
        rm -rf run
        if [ $door = path ]; then
            listen "${as_rank[@]}" MPI_NESTED_SAFE=deny mpirun
        else
            listen "${preloaded[@]}" "${as_rank[@]}" MPI_NESTED_SAFE=deny fake/mpirun
        fi
        told 1 1
        has "status 126"
        has " door=$door decision=4 mode=deny "
        has " status=32256 "
    done
}

@test "a launcher that cannot be started" {
    fake mpirun <<'END'
#!/nonexistent/interpreter
END
    listen "${as_rank[@]}" mpirun
    told 1 1
    has "status 127"
    has " status=32512 "
}

@test "nothing is told of launches that are not nested, of answers, and in audit and off" {
    fake_launcher mpirun
    listen "${preloaded[@]}" env NESTSAFE_DEPTH=0 mpirun -np 1 true
    told 0 0
    local mode
    for mode in audit off; do
        rm -rf run
        listen "${preloaded[@]}" "${as_rank[@]}" MPI_NESTED_SAFE=$mode mpirun
        told 0 0
    done
    rm -rf run
    listen "${preloaded[@]}" "${as_rank[@]}" mpirun --version
    told 0 0
}

@test "no descriptor reaches the launcher, and nobody need listen" {
    fake mpirun <<'END'
#!/bin/bash
ls -l /proc/$$/fd | grep socket
exit 0
END
    local rundir
    for rundir in "$PWD" /nonexistent "$(printf '/%0200d' 0)"; do
        PATH=$launchers:$PWD/fake:$PATH run env NESTSAFE_RUNDIR="$rundir" "${armed[@]}" \
            "${preloaded[@]}" "${as_rank[@]}" mpirun
        exits 0
        is ""
    done
}
