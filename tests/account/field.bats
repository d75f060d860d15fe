#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The section of a job that runs: in its field, a guest among other tools' text.

load common

@test "AdminComment gets the sum over all nodes, beside what was there" {
    id=$(job -N2)
    "$cluster" run scontrol update job="$id" admincomment="$trouble"
    run deliver n1 "$id" n1=3 n2=4
    exits 0
    has_line "writer=n1 "
    has_line "recorded=field"
    has_line "rpcs=2"
    run field "$id" AdminComment
    has "$trouble nestsafe:{\"v\":1,\"launches\":7,"
    has '"nodes":"n[1-2]"'
    has '"flavours":{"openmpi":7}'

    run deliver n1 "$id" n1=3 n2=5
    exits 0
    run field "$id" AdminComment
    has "$trouble nestsafe:{\"v\":1,\"launches\":8,"
    check test "$(grep -o 'nestsafe:' <<<"$output" | wc -l)" -eq 1
}

@test "Comment gets it beside the user's own" {
    id=$(job --comment="$trouble")
    run deliver n1 "$id" n1=3 field=comment
    exits 0
    run field "$id" Comment
    has "$trouble nestsafe:{\"v\":1,\"launches\":3,"
    run field "$id" AdminComment
    is ""
}

@test "what is there already is not written again" {
    id=$(job)
    file=$(state "$id" n1=3)
    run on n1 "$account" deliver --node=n1 --port="$port" "$file"
    has_line "rpcs=2"
    run on n1 "$account" deliver --node=n1 --port="$port" "$file"
    exits 0
    has_line "rpcs=1"
    has_line "recorded=field"
}

@test "libslurm asks slurmctld nothing more than it was told to" {
    id=$(job)
    "$cluster" run sdiag -r
    run deliver n1 "$id" n1=3
    exits 0
    has_line "rpcs=2"
    run "$cluster" run sdiag
    has "REQUEST_JOB_INFO_SINGLE"
    lacks "REQUEST_FED_INFO"
}

@test "a writer that is known is not looked for" {
    id=$(job)
    run deliver n1 "$id" n1=3 writer=n1,
    exits 0
    lacks "writer="
    has_line "rpcs=2"
    run deliver n2 "$id" n2=3 writer=n1,n1
    exits 75
    has_line "rpcs=0"
}

@test "another node finds the first, and tries again later where nobody listens there" {
    id=$(job -N2)
    run deliver n2 "$id" n2=4
    exits 75
    has_line "writer=n1 n1"
    has "connecting to n1 port $port: Connection refused"
    run field "$id" AdminComment
    is ""
}

@test "a field that is full: 65 and a word, and nothing is touched" {
    text=$(printf '%0900d' 7)
    id=$(job --comment="$text")
    run deliver n1 "$id" n1=3 field=comment
    exits 65
    has "job $id: no room in comment: 901 of 1024 bytes are other people's text"
    lacks "recorded="
    run field "$id" Comment
    is "$text"
}

@test "a field that is nearly full takes what just fits" {
    text=$(printf '%0806d' 7)
    id=$(job --comment="$text")
    run deliver n1 "$id" n1=3 field=comment
    exits 0
    run field "$id" Comment
    has "$text nestsafe:{\"v\":1,\"launches\":3,"
    has '"flavours":{"other":3}'
    check test ${#output} -le 1024
}

@test "a job of another user's, or none: 65, and nothing is touched" {
    id=$(job)
    run deliver n1 "$id" n1=3 uid=60002
    exits 65
    run field "$id" AdminComment
    is ""
    run deliver n1 999999 n1=3
    exits 65
    has "slurmdbd has no job 999999"
}

@test "only a state file that nobody but root can have written is read" {
    id=$(job)
    file=$(state "$id" n1=3)
    try() { run on n1 "$account" deliver --node=n1 --port="$port" "$1"; }
    chmod 664 "$file"
    try "$file"
    exits 65
    chmod 600 "$file"
    chown "$alice" "$file"
    try "$file"
    exits 65
    chown root "$file"
    ln -s "$file" "$spool/link"
    try "$spool/link"
    exits 65
    echo '{"v":1' >"$spool/half"
    try "$spool/half"
    exits 65
    run field "$id" AdminComment
    is ""
    try "$file"
    exits 0
}

@test "slurmctld is down: 75, and later it is fine" {
    id=$(job)
    eventually is_known "$id"
    down slurmctld
    run deliver n1 "$id" n1=3
    "$cluster" restart slurmctld
    exits 75
    lacks "recorded="
    run deliver n1 "$id" n1=3
    exits 0
    run field "$id" AdminComment
    has '"launches":3,'
}

@test "accounting=none asks nobody" {
    run deliver n1 1 n1=3 field=none
    exits 0
    is ""
}
