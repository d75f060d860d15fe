#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the collector asks and says: settings, messages to users, and command lines that are none.

load common

@test "settings: the cluster's name, and slurmd's log as it is written in slurm.conf" {
    run on n2 "$account" settings
    exits 0
    has_line "cluster=nestsafe"
    has_line "slurmd_log=$NESTSAFE_CLUSTER_DIR/log/slurmd.%n.log"
}

@test "a job's user is told" {
    id=$(job)
    run on n1 sh -c "echo 'nestsafe: a word to you' | '$account' notify $id"
    exits 0
    eventually grep -q 'nestsafe: a word to you' "$home/job.out"
}

@test "a message that is none, or to nobody" {
    run on n1 sh -c "'$account' notify 999999 </dev/null"
    exits 65
    run on n1 sh -c "head -c 3000 /dev/zero | tr '\\0' x | '$account' notify 999999"
    exits 65
    run on n1 sh -c "echo x | '$account' notify 999999"
    exits 65
    has "job 999999 has ended"
    id=$(job)
    run "$cluster" run --node n1 --user bob -- sh -c "echo x | '$account' notify $id"
    fails
}

@test "command lines that are none" {
    local words
    for words in '' 'x' 'deliver' 'deliver --node=n1 --port=x /f' 'deliver --node=n1 --port=65536 /f' \
        'notify' 'notify x' 'notify 0' 'notify 99999999999' 'receive' 'receive --rundir=x' 'settings x'; do
        # shellcheck disable=SC2086 # words
        run "$account" $words
        exits 64
        has "usage:"
    done
}
