# SPDX-License-Identifier: GPL-2.0-or-later
# A private Slurm with accounting, some real jobs, and hundreds of records that are clones of one of
# them. From tests/run: PREFIX, SOURCE and NESTSAFE_CLUSTER_DIR.

# real_jobs: jobs of two users in two partitions, every second with a section; they are held until
# they have it.
real_jobs() {
    local job number user partition stamp
    for number in $(seq 20); do
        user=alice partition=main
        [ $((number % 3)) -gt 0 ] || user=bob
        [ $((number % 4)) -gt 0 ] || partition=debug
        job=$("$cluster" run --user $user -- sbatch --parsable -H -n1 -p $partition -o /dev/null --wrap true)
        if [ $((number % 2)) = 0 ]; then
            stamp=$(date -u -d '1 hour' +%FT%TZ)
            "$cluster" run scontrol update job "$job" "admincomment=other tool's $(section "$number" "$stamp")"
        fi
        "$cluster" run scontrol release "$job"
    done
}

# section LAUNCHES TIME
section() {
    printf 'nestsafe:{"v":1,"launches":%d,"repaired":0,"denied":0,"bypassed":0,"failed":1,' "$1"
    printf '"preventable":1,"nodes":"n1","mode":"audit","flavours":{"openmpi":%d},' "$1"
    printf '"classes":{"silent-exit":%d},"first":"%s","last":"%s"}' "$1" "$2" "$2"
}

sacct() {
    "$cluster" run --env SLURM_TIME_FORMAT=%s -- sacct -a -X -D -P --delimiter=$'\x1f' "$@" \
        -o JobIDRaw,User,UID,Account,Partition,State,Start,End,ElapsedRaw,AllocCPUS,AdminComment,Comment
}

# Until slurmdbd has the end of each, as slurmctld sends it when it sees fit.
wait_for_records() { # SINCE COUNT
    local tries
    for tries in $(seq 300); do
        [ "$(sacct -S "$(date -d "@$1" +%FT%T)" | grep -c COMPLETED)" -lt "$2" ] || return 0
        sleep 0.2
    done
    echo "slurmdbd does not know of $2 ended jobs after $tries looks"
    return 1
}

setup_suite() {
    : "${PREFIX:?}" "${SOURCE:?}" "${NESTSAFE_CLUSTER_DIR:?}"
    cluster=$SOURCE/contrib/cluster/cluster
    cat >"$BATS_SUITE_TMPDIR/slurm.conf" <<'END'
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE DefaultTime=10
PartitionName=debug Nodes=ALL MaxTime=INFINITE DefaultTime=10
END
    "$cluster" up --nodes 2 --accounting --conf "$BATS_SUITE_TMPDIR/slurm.conf"
    export REAL_START REAL_END START END
    REAL_START=$(date +%s)
    real_jobs
    wait_for_records "$REAL_START" 20
    REAL_END=$(($(date +%s) + 1))
    # A week that is over.
    START=$(date -d '00:00 10 days ago' +%s)
    END=$(date -d '00:00 3 days ago' +%s)
    /usr/bin/python3 "$SOURCE/tests/audit/records.py" 1 "$START" "$END" >"$BATS_SUITE_TMPDIR/records.sql"
    "$cluster" run mariadb slurm_acct_db <"$BATS_SUITE_TMPDIR/records.sql"
    sacct -S "$(date -d "@$START" +%FT%T)" -E "$(date -d "@$END" +%FT%T)" >"$BATS_SUITE_TMPDIR/sacct"
    sacct -S "$(date -d "@$REAL_START" +%FT%T)" >"$BATS_SUITE_TMPDIR/sacct.real"
}

teardown_suite() {
    "$SOURCE/contrib/cluster/cluster" down
}
