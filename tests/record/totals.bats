#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A job's totals in Slurm's records: exact, from all of its nodes, and beside other tools' text.

load common

# five_each [SRUN OPTION]…: a batch job of 4 nodes with 4 ranks each, which start mpirun 5 times.
five_each() {
    script five.sh <<END
#!/bin/bash
for i in 1 2 3 4 5; do mpirun -np 1 true; done
exit 0
END
    script job.sh <<END
#!/bin/bash
: >started
until [ -e go ]; do sleep 0.1; done
srun $* --mpi=pmix -N4 --ntasks-per-node=4 -O $forms system ./five.sh
END
    alice sbatch --parsable --comment="what the user says" -N4 -o job.out job.sh
}

# exact FIELD KEY-IN-SLURMCTLD FOREIGN-TEXT JOB KEY: all 80 are there, and so is the text.
exact() {
    local name=$1 foreign=$2 id=$3 key=$4
    eventually counted "$id" launches 80 "$name" || { echo "$last"; return 1; }
    run account "$id" "$name"
    has "$foreign nestsafe:{"
    check test "$(of "$key" <<<"$output")" = 80
    check test "$(of nodes <<<"$output")" = 'n[1-4]'
    check test "$(tr -d '\n' <<<"${output#*"$foreign" }" | wc -c)" -le 512
}

@test "4 nodes, 4 ranks, 5 launches: AdminComment says 80, beside what was there" {
    watches
    plugstack accounting=admin_comment
    id=$(five_each)
    eventually test -e "$home/started"
    "$cluster" run scontrol update job="$id" admincomment="JS1:H4sIA'\"other tools text"
    : >"$home/go"
    job_ended "$id"
    exact AdminComment "JS1:H4sIA'\"other tools text" "$id" failed
    check test "$(of mode <<<"$output")" = audit
    check test "$(of classes <<<"$output")" = '{"silent-exit": 80}'
    check test "$(of flavours <<<"$output")" = '{"openmpi": 80}'
    run account "$id" Comment
    is "what the user says"
}

@test "4 nodes, 4 ranks, 5 launches: Comment says 80, beside what was there" {
    plugstack accounting=comment
    id=$(five_each --mpi-nested-safe=node)
    : >"$home/go"
    job_ended "$id"
    exact Comment "what the user says" "$id" repaired
    check test "$(of failed <<<"$output")" = 0
    run account "$id" AdminComment
    is ""
}

@test "accounting=none: nothing in the job's record, all in the log" {
    watches
    plugstack "accounting=none log=$records"
    id=$(job_of --mpi=pmix -n1 "$forms" execvp mpirun -np 1 true)
    eventually records_are 1
    is_over() { [[ $(account "$id" End) = [0-9]* ]]; }
    eventually is_over
    run account "$id" AdminComment,Comment
    is "|"
}

@test "scontrol shows it within seconds of the first incident, while the job runs" {
    watches
    script job.sh <<END
#!/bin/bash
srun --mpi=pmix -n1 $forms execvp mpirun -np 1 true
: >one
until [ -e go ]; do sleep 0.1; done
END
    id=$(alice sbatch --parsable -o job.out job.sh)
    eventually test -e "$home/one"
    shown() { field "$id" AdminComment | grep -q '"launches":1,'; }
    eventually shown
    : >"$home/go"
    job_ended "$id"
}

@test "a job without nested launches asks nothing of slurmctld, and keeps its record" {
    "$cluster" run sdiag -r
    id=$(job_of --mpi=pmix -N4 -n8 -O true)
    run "$cluster" run sdiag
    check test "$(grep -cE 'REQUEST_JOB_INFO_SINGLE|REQUEST_UPDATE_JOB|REQUEST_NODE_INFO_SINGLE|REQUEST_BUILD_INFO' <<<"$output")" -eq 0
    run field "$id" AdminComment
    is ""
}
