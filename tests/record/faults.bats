#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Nothing is lost and no job is changed when something breaks.

load common

ctld() { cat "$NESTSAFE_CLUSTER_DIR/pid/slurmctld"; }

# The processes of node n1's collector, its keeper first: the parent of the other.
collector() {
    local pid parent host all=() keepers=() workers=()
    host=$(on n1 readlink /proc/self/ns/uts)
    for pid in $(pgrep -f "$collectd --rundir"); do
        [ "$(readlink "/proc/$pid/ns/uts")" != "$host" ] || all+=("$pid")
    done
    for pid in "${all[@]}"; do
        parent=$(sed 's/.*) [A-Z] \([0-9]*\) .*/\1/' "/proc/$pid/stat")
        if [[ " ${all[*]} " = *" $parent "* ]]; then
            workers+=("$pid")
        else
            keepers+=("$pid")
        fi
    done
    printf '%s\n' "${keepers[@]}" "${workers[@]}"
}

kill_collector() {
    # shellcheck disable=SC2046
    kill -KILL $(collector)
}

# Another one than PID, and it has all of its sockets: the last one it opens is that for peers.
at_work_again() {
    local now
    now=$(collector | tail -n 1)
    [ "$now" != "$1" ] && [ "$(find "/proc/$now/fd" -lname 'socket:*' | wc -l)" -ge 3 ]
}

@test "slurmctld stopped, then killed, then started again: all arrive, once" {
    watches
    script job.sh <<END
#!/bin/bash
srun --mpi=pmix -n1 ./ranks.sh
END
    script ranks.sh <<END
#!/bin/bash
: >started
until [ -e go ]; do sleep 0.1; done
exec $forms system ./three.sh
END
    script three.sh <<'END'
#!/bin/bash
for i in 1 2 3; do mpirun -np 1 true; done
: >done
END
    id=$(alice sbatch --parsable -o job.out job.sh)
    eventually test -e "$home/started"
    # A slurmctld that has not yet saved the job would drain the node that goes on running it. It saves, some seconds
    # later, what has changed (slurmctld/state_save.c).
    : >"$BATS_TEST_TMPDIR/changed"
    "$cluster" run scontrol update "JobId=$id" TimeLimit=30
    saved() { [ "$NESTSAFE_CLUSTER_DIR/state/job_state" -nt "$BATS_TEST_TMPDIR/changed" ]; }
    eventually saved
    kill -STOP "$(ctld)"
    : >"$home/go"
    eventually test -e "$home/done"
    kill -KILL "$(ctld)"
    "$cluster" restart slurmctld
    job_ended "$id"
    eventually counted "$id" launches 3 || { echo "$last"; false; }
    run account "$id" State
    has COMPLETED
}

@test "collector killed -9 in the middle of a job: the job is untouched, nothing is lost" {
    watches
    script job.sh <<END
#!/bin/bash
srun --mpi-nested-safe --mpi=pmix -n1 -w n1 $forms execvp mpirun -np 1 true
: >one
until [ -e go ]; do sleep 0.1; done
srun --mpi-nested-safe --mpi=pmix -n1 -w n1 $forms execvp mpirun -np 1 true
END
    id=$(alice sbatch --parsable -w n1 -o job.out job.sh)
    eventually test -e "$home/one"
    kill_collector
    : >"$home/go"
    job_ended "$id"
    run account "$id" State
    eventually counted "$id" launches 2 || { echo "$last"; false; }
    check test "$(account "$id" AdminComment | of repaired)" = 2
    run account "$id" State
    has COMPLETED
}

@test "collector killed -9 while a nested launch runs: it goes on, and is counted once" {
    script wait.sh <<'END'
#!/bin/sh
: >inside
until [ -e go ]; do sleep 0.1; done
END
    alice srun -w n1 --mpi-nested-safe --mpi=pmix -n1 "$forms" execvp mpirun -np 1 ./wait.sh 3>&- &
    eventually test -e "$home/inside"
    id=$("$cluster" run squeue -h -o %i -u alice)
    worker=$(collector | tail -n 1)
    kill -KILL "$worker"
    eventually at_work_again "$worker"
    : >"$home/go"
    wait $!
    eventually records_are 1
    check test "$(record status action seen)" = "exit:0 repaired path+kernel"
    eventually counted "$id" launches 1
}

@test "collector stopped while a refused launch begins and ends: the kernel has told of that one too" {
    script refused.sh <<'END'
#!/bin/sh
: >started
until [ -e stopped ]; do sleep 0.1; done
mpirun -np 1 true
echo $? >refused
until [ -e go ]; do sleep 0.1; done
END
    alice srun -w n1 --mpi-nested-safe=deny --mpi=pmix -n1 "$forms" system ./refused.sh 3>&- &
    eventually test -e "$home/started"
    worker=$(collector | tail -n 1)
    kill -STOP "$worker"
    : >"$home/stopped"
    eventually test -s "$home/refused" || { kill -CONT "$worker" && false; }
    kill -CONT "$worker"
    : >"$home/go"
    wait $!
    check test "$(cat "$home/refused")" -eq 126
    eventually records_are 1
    check test "$(record status seen action)" = "exit:126 path+kernel denied"
}

@test "disk full in spool and log: one clear error each, the job is untouched" {
    on n1 mkdir -p /run/small
    on n1 mount -t tmpfs -o size=64k tmpfs /run/small
    on n1 sh -c 'head -c 100000 /dev/zero >/run/small/fill' || true
    plugstack "log=slurmd,/run/small/records.jsonl spool=/run/small/spool"
    : >"$NESTSAFE_CLUSTER_DIR/log/slurmd.n1.log"
    script two.sh <<'END'
#!/bin/bash
mpirun -np 1 true && mpirun -np 1 true
END
    id=$(job_of -w n1 --mpi-nested-safe --mpi=pmix -n1 "$forms" system ./two.sh)
    check test "$(cat "$home/status")" -eq 0
    eventually counted "$id" repaired 2
    run cat "$NESTSAFE_CLUSTER_DIR/log/slurmd.n1.log"
    check test "$(grep -c 'error: spool=/run/small/spool' <<<"$output")" -eq 1
    check test "$(grep -c 'error: log=/run/small/records.jsonl' <<<"$output")" -eq 1
    plugstack "log=slurmd,$records"
    alice srun -w n1 --mpi-nested-safe --mpi=pmix -n1 "$forms" execvp mpirun -np 1 true
    on n1 umount -l /run/small
}

@test "no collector to be had: jobs run" {
    mv "$collectd" "$collectd.away"
    kill_collector
    run alice srun -w n1 --mpi-nested-safe --mpi=pmix -n1 "$forms" execvp mpirun -np 1 true
    mv "$collectd.away" "$collectd"
    exits 0
    is ""
}

@test "the nodes are still in service after all this" {
    eventually all_in_service
}

@test "audit: a launcher of the site's own, by its name alone" {
    watches
    script simrun <<'END'
#!/bin/sh
exit 3
END
    run alice srun --mpi=pmix -n1 "$forms" execvp ./simrun
    exits 3
    check test ! -e "$records"
    plugstack "log=slurmd,$records" launchers=simrun
    # Which names there are is the collector's from its start.
    kill_collector
    run alice srun -w n1 --mpi=pmix -n1 "$forms" execvp ./simrun
    exits 3
    eventually records_are 1
    check test "$(record status seen action flavour)" = "exit:3 kernel recorded unknown"
    plugstack "log=slurmd,$records"
    kill_collector
}
