# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of nestsafe-account share: jobs, and their state files.

# shellcheck source=tests/lib/assert.bash
source "$BATS_TEST_DIRNAME/../lib/assert.bash"

: "${PREFIX:?}" "${SOURCE:?}" "${NESTSAFE_CLUSTER_DIR:?}"
cluster=$SOURCE/contrib/cluster/cluster
home=$NESTSAFE_CLUSTER_DIR/home/alice
spool=$NESTSAFE_CLUSTER_DIR/account
account=$PREFIX/libexec/nestsafe/nestsafe-account
alice=60001
port=8868

# What makes trouble in SQL, in JSON and in shells, as other tools' text.
trouble=$'it\'s \\ "quoted" \\\' \'); drop table x; -- %s %n $(id) `id` \\\\'

setup() {
    find "$home" -mindepth 1 -delete
    mkdir -p "$spool"
    chmod 700 "$spool"
    find "$spool" -mindepth 1 -delete
}

# Jobs that a failed test left would take the nodes from the next.
common_teardown() {
    [ -n "${BATS_TEST_COMPLETED-}" ] || show_logs
    "$cluster" run scancel -u alice
}

teardown() { common_teardown; }

# What the daemons have to say about a test that failed.
show_logs() {
    local log
    for log in "$BATS_TEST_TMPDIR/collector" "$NESTSAFE_CLUSTER_DIR/log/slurmctld.log"; do
        [ ! -e "$log" ] || { echo "${log##*/}:" && tail -n 25 "$log"; }
    done
}

# on NODE COMMAND…: as root, there, with a deadline.
on() {
    local node=$1
    shift
    timeout -k 1 90 "$cluster" run --node "$node" -- "$@"
}

# job [SBATCH OPTION]…: a running job of alice's; prints its id.
job() {
    local id
    rm -f "$home/started"
    printf '#!/bin/sh\n: >started\nexec sleep 600\n' >"$home/job.sh"
    id=$("$cluster" run --user alice -- sbatch --parsable -o job.out "$@" job.sh) || return
    eventually test -e "$home/started" || return
    echo "$id"
}

# end JOB: slurmdbd knows that it has ended, and whose it was, which it hears some seconds later of
# a short job.
end() {
    "$cluster" run scancel "$1"
    eventually is_over "$1"
}
is_over() { [[ $(recorded "$1" UID,End) = "$alice|"[0-9]* ]]; }

# field JOB NAME: of the job in slurmctld, such as AdminComment.
field() { "$cluster" run scontrol show job "$1" | sed -n "s/^ *$2=//; T; s/ $//p"; }

# has_begun JOB: slurmdbd knows it, which it does some seconds later.
has_begun() { [ "$(recorded "$1" UID,End)" = "$alice|Unknown" ]; }

# is_known JOB: … and slurmctld changes it, which it refuses while it waits for slurmdbd's answer about the job (and for
# good, if it is told to end then: see record.bats).
is_known() { has_begun "$1" && "$cluster" run scontrol update "JobId=$1" TimeLimit=30; }

# shows JOB LAUNCHES: slurmctld has that sum.
shows() { [ "$(field "$1" AdminComment | launches)" = "$2" ]; }

# down DAEMON [SIGNAL]: until "$cluster" restart DAEMON.
down() {
    local pid
    pid=$(cat "$NESTSAFE_CLUSTER_DIR/pid/$1")
    kill -"${2-TERM}" "$pid"
    eventually gone "$pid"
}

# recorded JOB FIELD: of the job in slurmdbd.
recorded() { "$cluster" run sacct -j "$1" -X -n -P -o "$2"; }

# state JOB NODE=LAUNCHES… [KEY=VALUE]…: a state file, with "restart", "uid", "field", "writer"
# (NODE,ADDRESS) or "at" (seconds since 1970) where they are other than usual; prints its path.
state() {
    /usr/bin/python3 -c '
import json, sys, time
job, pairs = int(sys.argv[1]), dict(word.split("=", 1) for word in sys.argv[3:])
take = lambda key, usual: pairs.pop(key, usual)
at = int(take("at", time.time()))
state = {"v": 1, "job": job, "restart": int(take("restart", 0)), "uid": int(take("uid", 60001)),
         "field": take("field", "admin_comment"), "serial": 1, "nodes": {}}
writer = take("writer", None)
if writer:
    state["writer"] = dict(zip(("node", "address"), writer.split(",")))
for node, launches in pairs.items():
    state["nodes"][node] = {"launches": int(launches), "flavours": {"openmpi": int(launches)},
                            "modes": {"auto": int(launches)}, "first": at, "last": at}
path = "%s/%s" % (sys.argv[2], ".".join([str(job)] + list(state["nodes"])[:1]))
json.dump(state, open(path, "w"))
print(path)' "$1" "$spool" "${@:2}"
}

# deliver NODE JOB WORD…: as that node's collector would, with a state of these words.
deliver() {
    local node=$1 file
    shift
    file=$(state "$@") || return
    on "$node" "$account" deliver "--node=$node" "--port=$port" "$file"
}

# launches: of the first section in standard input; nothing where there is none.
launches() { sed -n 's/.*nestsafe:{"v":1,"launches":\([0-9]*\),.*/\1/p'; }
