# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests on the private Slurm share.

# shellcheck source=tests/lib/assert.bash
source "$BATS_TEST_DIRNAME/../lib/assert.bash"
# shellcheck source=tests/lib/mpi.bash
source "$BATS_TEST_DIRNAME/../lib/mpi.bash"

: "${PREFIX:?}" "${PROGRAMS:?}" "${SOURCE:?}" "${NESTSAFE_CLUSTER_DIR:?}"
cluster=$SOURCE/contrib/cluster/cluster
home=$NESTSAFE_CLUSTER_DIR/home/alice
launchers=$PREFIX/libexec/nestsafe/bin
guard=$PREFIX/lib/nestsafe/nestsafe-guard.so
forms=$PROGRAMS/forms
bug=(/usr/bin/python3 "$SOURCE/contrib/demo/nested.py")
# How srun starts ranks of Open MPI: by PMIx, or each by itself where Slurm has none of it.
pmi=$(sed -n 's/^MpiDefault=//p' "$NESTSAFE_CLUSTER_DIR/etc/slurm/slurm.conf")

# The MPI of which srun starts jobs here: how, and the suffix of its programs.
if [ "$pmi" = pmix ]; then
    served=pmix of_served=
else
    served=pmi2 of_served=.mpich
fi
# A rank that srun started, to become a command.
rank=("--mpi=$served" -n1 "$forms$of_served")

# For what ranks of srun say to each other, or get from Slurm's PMIx server.
needs_pmix() {
    [ "$pmi" = pmix ] || skip "this Slurm has no mpi/pmix, so ranks of srun know nothing of each other"
}

setup() {
    plugstack
    find "$home" -mindepth 1 -delete
}

teardown() { end_jobs; }

# Jobs that a failed test left would keep the nodes from the next.
end_jobs() { [ -n "${BATS_TEST_COMPLETED-}" ] || { "$cluster" run scancel -u alice && settle; }; }

# plugstack [KEY=VALUE]…: nestsafe's line in plugstack.conf, from the next step on.
plugstack() {
    echo "optional $PREFIX/lib/nestsafe/nestsafe.so $*" >"$BATS_TEST_TMPDIR/plugstack.conf"
    "$cluster" plugstack "$BATS_TEST_TMPDIR/plugstack.conf"
}

# alice COMMAND…: as a normal user, with a deadline: what hangs is a failure.
alice() { alice_with -- "$@"; }

# alice_with NAME=VALUE… -- COMMAND…
alice_with() {
    local settings=()
    while [ "$1" != -- ]; do
        settings+=(--env "$1")
        shift
    done
    settle
    timeout -k 1 60 "$cluster" run --user alice "${settings[@]}" "$@"
}

# Until no job is leaving its nodes, 20 s at most: else the next gets others, or says that it waits.
settle() {
    local end=$((SECONDS + 20))
    until is_settled || [ $SECONDS -ge $end ]; do sleep 0.05; done
}
is_settled() { [ -z "$(timeout 5 "$cluster" run squeue -h -t completing 2>/dev/null)" ]; }

# next_job: the number that the next one gets.
next_job() { "$cluster" run scontrol show config | sed -n 's/^NEXT_JOB_ID *= *//p'; }

all_in_service() {
    local states
    states=$("$cluster" run sinfo -h -o %T) && [ -n "$states" ] &&
        ! grep -vE '^(idle|mixed|allocated|completing)$' <<<"$states"
}

# script NAME: an executable in alice's home, from standard input.
script() {
    cat >"$home/$1"
    chmod 755 "$home/$1"
}

# job_ended ID: waits for its end, two minutes at most.
job_ended() {
    local state end=$((SECONDS + 120))
    while [ $SECONDS -lt $end ]; do
        state=$("$cluster" run scontrol -o show job "$1" | sed 's/.* JobState=\([A-Z_]*\).*/\1/')
        case $state in
        "" | PENDING | RUNNING | COMPLETING | CONFIGURING) sleep 0.1 ;;
        *) return 0 ;;
        esac
    done
    echo "job $1 did not end"
    "$cluster" run scancel --signal=KILL "$1"
    return 1
}

# What it reads, but for srun's words about CPUs that the step before it still has (launch.c).
without_waiting() {
    grep -vE '^srun: (Job [0-9]+ step creation temporarily disabled|Step created for )' || true
}

# batch [SBATCH OPTION]… -- COMMAND…: a batch job whose script is the command line (as a shell sees
# it); prints its output and exits with its status.
batch() {
    local options=() id
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    { echo '#!/bin/bash'; printf '%s\n' "$*"; } | script job.sh
    id=$(alice sbatch --parsable -o job.out "${options[@]}" job.sh) || return
    job_ended "$id" || return
    without_waiting <"$home/job.out"
    local code
    code=$("$cluster" run scontrol -o show job "$id" | sed 's/.* ExitCode=\([0-9]*\):.*/\1/')
    return "$code"
}
