#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The section of a job that has ended: in slurmdbd's record of it, and nothing else there changes.

load common

@test "other tools' text is kept byte for byte, quotes, backslashes and all" {
    other=$(job)
    end "$other"
    id=$(job --comment="$trouble")
    "$cluster" run scontrol update job="$id" admincomment="$trouble"
    end "$id"
    run deliver n1 "$id" n1=3
    exits 0
    has_line "recorded=slurmdbd"
    run deliver n1 "$id" n1=4 field=comment
    exits 0
    run recorded "$id" AdminComment
    has "$trouble nestsafe:{\"v\":1,\"launches\":3,"
    run recorded "$id" Comment
    has "$trouble nestsafe:{\"v\":1,\"launches\":4,"
    run recorded "$other" AdminComment,Comment
    is "|"

    run deliver n1 "$id" n1=5
    run recorded "$id" AdminComment
    has "$trouble nestsafe:{\"v\":1,\"launches\":5,"
    check test "$(grep -o 'nestsafe:' <<<"$output" | wc -l)" -eq 1
}

@test "what was delivered while it ran is replaced by what is known later" {
    id=$(job)
    at=$(date +%s)
    run deliver n1 "$id" n1=3 at="$at"
    has_line "recorded=field"
    end "$id"
    run deliver n1 "$id" n1=3 at="$at"
    exits 0
    has_line "recorded=slurmdbd"
    has_line "rpcs=3"
    run deliver n1 "$id" n1=9
    exits 0
    check test "$(recorded "$id" AdminComment | launches)" = 9
}

@test "not into a record without an end: a job's last message to slurmdbd would undo it" {
    id=$(job)
    eventually has_begun "$id"
    # The run after this one: slurmctld is not asked for the field.
    run deliver n1 "$id" n1=3 restart=1
    exits 75
    has "slurmdbd does not know yet that job $id has ended"
    run recorded "$id" AdminComment
    is ""
}

@test "a job that Slurm will not let be changed any more is recorded once it has ended" {
    # slurmctld marks a job whose beginning it is telling slurmdbd, and saves that; one that was killed then waits for
    # ever, up to 23.11 (NO_VAL64 in accounting_storage_slurmdbd.c, _set_db_inx_thread).
    [[ $("$cluster" run srun -V) = *\ 2[0-3].* ]] || skip "this Slurm changes a job that slurmdbd has not heard of"
    kill -STOP "$(dbd)"
    id=$(job)
    at=$(date +%s)
    eventually refuses "$id"
    : >"$BATS_TEST_TMPDIR/marked"
    "$cluster" run --user alice -- sbatch -H -o other.out job.sh
    saved() { [ "$NESTSAFE_CLUSTER_DIR/state/job_state" -nt "$BATS_TEST_TMPDIR/marked" ]; }
    eventually saved
    down slurmctld KILL
    kill -CONT "$(dbd)"
    "$cluster" restart slurmctld
    run deliver n1 "$id" n1=3 at="$at"
    exits 75
    has "Job update not available right now"
    refuses "$id"
    # slurmdbd never hears whose it was, so only what happened within the run can be told to be of it.
    "$cluster" run scancel "$id"
    eventually has_ended "$id"
    run deliver n1 "$id" n1=3 at=$((at + 86400))
    exits 75
    has "slurmdbd has no job $id of uid $alice"
    run deliver n1 "$id" n1=3 at="$at"
    exits 0
    has_line "recorded=slurmdbd"
    check test "$(recorded "$id" AdminComment | launches)" = 3
}
has_ended() { [[ $(recorded "$1" End) = [0-9]* ]]; }
dbd() { cat "$NESTSAFE_CLUSTER_DIR/pid/slurmdbd"; }
refuses() { "$cluster" run scontrol update "JobId=$1" TimeLimit=30 2>&1 | grep -q 'DB index is being set'; }

teardown() {
    kill -CONT "$(dbd)"
    common_teardown
}

@test "a job that ends just now: tried until it holds" {
    id=$(job)
    "$cluster" run scontrol update job="$id" admincomment=JS1:abc
    "$cluster" run scancel "$id"
    for _ in $(seq 100); do
        deliver n1 "$id" n1=3 >"$BATS_TEST_TMPDIR/out" 2>&1 && break
        check test $? -eq 75
        sleep 0.1
    done
    eventually is_over "$id"
    run recorded "$id" AdminComment
    has 'JS1:abc nestsafe:{"v":1,"launches":3,'
}

@test "each run of a job that was requeued has its own record" {
    id=$(job --requeue)
    at=$(date +%s)
    run deliver n1 "$id" n1=3 at="$at"
    has_line "recorded=field"
    rm "$home/started"
    "$cluster" run scontrol requeue "$id"
    requeued=$(date +%s)
    eventually started_again "$id"
    run deliver n1 "$id" n1=5 restart=1
    exits 0
    has_line "recorded=field"
    # Late news of the first run.
    run deliver n1 "$id" n1=4 at="$at"
    exits 0
    has_line "recorded=slurmdbd"
    check shows "$id" 5
    end "$id"
    run "$cluster" run sacct -D -j "$id" -X -n -P -o State,AdminComment
    check test "$(grep ^REQUEUED <<<"$output" | launches)" = 4
    check test "$(grep ^CANCELLED <<<"$output" | launches)" = 5
}
# A requeued job waits for two minutes, unless it is told that it may start. Not in the second in
# which it was requeued: for that, slurmd has revoked its credentials.
started_again() {
    test -e "$home/started" && return
    [ "$(date +%s)" -le "$((requeued + 1))" ] ||
        "$cluster" run scontrol update job="$1" starttime=now 2>/dev/null
    return 1
}

@test "slurmdbd is down: 75, and later it is fine" {
    id=$(job)
    end "$id"
    down slurmdbd
    run deliver n1 "$id" n1=3
    "$cluster" restart slurmdbd
    exits 75
    run deliver n1 "$id" n1=3
    exits 0
    check test "$(recorded "$id" AdminComment | launches)" = 3
}

@test "a job that has ended on a cluster without accounting: said, and not tried again" {
    id=$(job)
    end "$id"
    file=$(state "$id" n1=3)
    conf=$NESTSAFE_CLUSTER_DIR/account/slurm.conf
    grep -v '^AccountingStor' "$NESTSAFE_CLUSTER_DIR/etc/slurm/slurm.conf" >"$conf"
    run "$cluster" run --node n1 --env "SLURM_CONF=$conf" -- \
        "$account" deliver --node=n1 --port="$port" "$file"
    exits 0
    has "no accounting storage"
    has_line "recorded=nowhere"
    run recorded "$id" AdminComment
    is ""
}
