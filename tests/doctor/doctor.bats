#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# nestsafe doctor: silent where all is well, and right about what is not.

load common

@test "a good set-up: silent and 0, as root on a node and as a user on the control host" {
    steps
    run doctor --quiet
    is ""
    exits 0
    run doctors --quiet
    is ""
    exits 0
    # Not because it looks at nothing.
    run doctor
    exits 0
    local name
    for name in slurm slurmctld munge accounting taskprolog container plugstack line plugin command settings \
        rules option stack guard launchers rundir spool collector connector port; do
        check grep -qE "^ok +$name " <<<"$output"
    done
    lacks $'\e'
}

@test "a good set-up: silent and 0 in a job, protected or not, and on all nodes" {
    run alice srun -N4 "$nestsafe" doctor --quiet
    is ""
    exits 0
    run alice srun -N4 --mpi-nested-safe "$nestsafe" doctor --quiet
    is ""
    exits 0
    run alice srun -N4 --mpi-nested-safe "$nestsafe" doctor
    check test "$(grep -cE '^ok +job +this job is protected: auto$' <<<"$output")" -eq 4
    check test "$(grep -cE '^ok +peers ' <<<"$output")" -eq 4
    run doctors --all --quiet
    is ""
    exits 0
    run doctors --all
    exits 0
    says ok same "4 nodes with the same nestsafe and settings"
    says ok job "this job is protected: auto [n1, n2, n3, n4]"
    run doctors --nodes='n[2-3]'
    exits 0
    says ok same "2 nodes with the same"
    run batch -N2 -- "$nestsafe doctor --all"
    exits 0
    says ok same "2 nodes with the same"
}

@test "--json, for one host and for all" {
    steps
    doctor --json >"$home/one"
    doctors --all --json >"$home/all"
    check /usr/bin/python3 - "$home/one" "$home/all" <<'END'
import json, sys
one, all = (json.load(open(name)) for name in sys.argv[1:])
assert one["node"] == "n1" and one["same"]["plugin"], one
assert {"collector", "plugin", "job"} <= {f["check"] for f in one["findings"]}, one
assert all["findings"][0]["level"] == "ok", all["findings"]
assert [n["node"] for n in all["nodes"]] == ["n1", "n2", "n3", "n4"], all
for node in all["nodes"]:
    assert {f["level"] for f in node["findings"]} <= {"ok", "skipped"}, node
END
}

@test "what is typed wrongly: 2" {
    local words
    for words in --nonsense word "--all --nodes=n1" --partition=main --nodes; do
        # shellcheck disable=SC2086
        run doctors $words
        exits 2
        has "nestsafe doctor: error: "
    done
    run doctors --nodes=n9
    exits 1
}

@test "not in plugstack.conf" {
    : >"$BATS_TEST_TMPDIR/none"
    "$cluster" plugstack "$BATS_TEST_TMPDIR/none"
    run doctor --quiet
    exits 1
    says error plugstack "nestsafe is not in /etc/slurm/plugstack.conf; write 'optional $plugin'"
    says error option "srun does not know the option --mpi-nested-safe"
}

@test "not in the plugstack.conf that slurmctld has sent: what to write where" {
    local sent=$NESTSAFE_CLUSTER_DIR/conf-cache
    mkdir "$sent"
    undo+=("rm -r '$sent'")
    cp "$conf" "$sent"
    echo 'include /etc/slurm/plugstack.conf.d/*.conf' >"$sent/plugstack.conf"
    run on n1 env SLURM_CONF="$sent/slurm.conf" "$nestsafe" doctor --quiet
    exits 1
    says error plugstack "nestsafe is not in $sent/plugstack.conf; write 'optional $plugin' into plugstack.conf itself on slurmctld's host"
}

@test "an unknown key" {
    plugstack defualt=auto
    run doctor --quiet
    exits 1
    says error settings "unknown key in 'defualt=auto'; known are default, allow"
    # In a job that asked, too: and explain says it.
    run alice_with MPI_NESTED_SAFE=auto -- srun "$nestsafe" doctor --quiet
    exits 1
    says error job "this job asked for protection (auto), and it is not active on this node"
    run alice_with MPI_NESTED_SAFE=auto -- srun "$nestsafe" explain
    has "This job asked for protection (auto), and it is not active on this node"
}

@test "the plugin's file is missing" {
    sed "s|$plugin|/opt/nestsafe/nestsafe.so|" "$BATS_TEST_TMPDIR/plugstack.conf" >"$BATS_TEST_TMPDIR/other"
    "$cluster" plugstack "$BATS_TEST_TMPDIR/other"
    run doctor --quiet
    exits 1
    says error plugin "/opt/nestsafe/nestsafe.so: No such file or directory; install nestsafe on this host"
}

@test "the plugin was built for another Slurm, and is another copy" {
    other_release "$home/nestsafe.so"
    echo "optional $home/nestsafe.so" >"$BATS_TEST_TMPDIR/other"
    "$cluster" plugstack "$BATS_TEST_TMPDIR/other"
    run doctor --quiet
    exits 1
    says error plugin "nestsafe.so was built for Slurm 30.01.0; Slurm here is "
    says warning command "another copy of nestsafe is listed than this command's: $home/nestsafe.so"
    says error option "srun does not know the option"
}

@test "the plugin is no library" {
    echo "optional $home/nestsafe.so" >"$BATS_TEST_TMPDIR/other"
    echo nonsense >"$home/nestsafe.so"
    "$cluster" plugstack "$BATS_TEST_TMPDIR/other"
    run doctor --quiet
    exits 1
    says error plugin "$home/nestsafe.so: no shared library for this machine"
}

@test "listed twice, and by two copies" {
    local line="optional $plugin"
    cp "$plugin" "$home/copy.so"
    { echo "$line"; echo "$line"; } >"$BATS_TEST_TMPDIR/twice"
    { echo "$line"; echo "include more.conf"; } >"$BATS_TEST_TMPDIR/copies"
    echo "optional $home/copy.so" >"$NESTSAFE_CLUSTER_DIR/etc/slurm/more.conf"
    local file
    for file in twice copies; do
        "$cluster" plugstack "$BATS_TEST_TMPDIR/$file"
        run doctor --quiet
        exits 1
        says error line "nestsafe is listed 2 times in plugstack.conf"
    done
    rm "$NESTSAFE_CLUSTER_DIR/etc/slurm/more.conf"
}

@test "required: a warning, and 0; another's required plugin that is missing: an error" {
    steps
    echo "required $plugin" >"$BATS_TEST_TMPDIR/required"
    "$cluster" plugstack "$BATS_TEST_TMPDIR/required"
    run doctor --quiet
    exits 0
    says warning line "nestsafe is 'required' in /etc/slurm/plugstack.conf, line 1"
    check test "$(wc -l <<<"$output")" -eq 1
    { echo "optional $plugin"; echo "required other.so"; echo "optionall x"; } >"$BATS_TEST_TMPDIR/required"
    "$cluster" plugstack "$BATS_TEST_TMPDIR/required"
    run doctor --quiet
    exits 1
    says error stack "line 2: the required plugin other.so is not there: no job starts here"
    says warning stack "line 3 is no valid line"
}

@test "bad rules, and rules that users cannot read" {
    echo 'OUR_TOKEN forget' >"$home/site.rules"
    plugstack rules="$home/site.rules"
    run doctor --quiet
    exits 1
    says error rules "$home/site.rules:1: action must be"
    echo 'OUR_TOKEN unset it is secret' >"$home/site.rules"
    chmod 600 "$home/site.rules"
    run doctor --quiet
    exits 1
    says error rules "$home/site.rules: users cannot read it"
    plugstack rules=/nonexistent
    run doctor --quiet
    exits 1
    says error rules "/nonexistent: No such file or directory"
}

@test "the guard is missing, or launchers are" {
    away "$guard"
    run doctor --quiet
    exits 1
    says error guard "the guard $guard cannot be read: No such file or directory"
    plugstack preload=never
    away "$launchers/mpiexec" "$launchers/prterun"
    run doctors --quiet
    exits 1
    lacks "$guard"
    says error launchers "the launcher directory $launchers lacks what can be run: mpiexec, prterun;"
}

@test "a launcher of the site's own without its link" {
    plugstack launchers=jobstart,simrun
    run doctor --quiet
    exits 0
    says warning launchers "launchers=: not in /run/nestsafe/launchers: jobstart, simrun; the next step"
    alice srun -w n1 true
    run doctor --quiet
    is ""
    exits 0
}

@test "the collector is dead: a warning where the next step starts it, an error where none can" {
    steps
    local collectd=$PREFIX/libexec/nestsafe/nestsafe-collectd
    # By this name all guides end them, with pkill; Linux has 15 characters for it.
    check test "$(for pid in $(collectors_of n1); do cat "/proc/$pid/comm"; done | sort -u)" = nestsafe-collec
    # shellcheck disable=SC2046
    kill -KILL $(collectors_of n1)
    eventually no_collectors_of n1
    run doctor --quiet
    exits 0
    says warning collector "the collector does not run in /run/nestsafe: "
    away "$collectd"
    run doctor --quiet
    exits 1
    says error collector "the collector does not run, and cannot be started: $collectd: No such file"
    run alice srun -w n1 "$nestsafe" doctor --quiet
    exits 1
    says error collector "cannot be started"
}

@test "rundir or spool is a user's" {
    on n1 rm -rf /tmp/trap
    "$cluster" run --node n1 --user alice -- mkdir /tmp/trap
    plugstack rundir=/tmp/trap/run
    run doctor --quiet
    exits 1
    says error rundir "rundir=/tmp/trap/run is not to be trusted: /tmp/trap: is not root's"
    says error collector "the collector does not run, and cannot be started: /tmp/trap: is not root's"
    # Who is not root cannot tell, but that there is none.
    run alice srun -w n1 "$nestsafe" doctor --quiet
    exits 1
    says error collector "the collector does not run in /tmp/trap/run"
    plugstack spool=/tmp/trap/spool
    run doctor --quiet
    exits 1
    says error spool "spool=/tmp/trap/spool is not to be trusted: /tmp/trap: is not root's"
    on n1 rm -rf /tmp/trap
}

@test "nobody listens on the peers' port" {
    steps
    plugstack port=870
    run doctor --quiet
    exits 1
    says error port "nobody listens on port 870: Connection refused"
}

@test "a field that is not stored" {
    steps
    setting AccountingStoreFlags=job_env
    plugstack accounting=comment
    run doctor --quiet
    exits 1
    says error accounting "accounting=comment is not stored: AccountingStoreFlags has no job_comment"
    plugstack accounting=extra
    run doctor --quiet
    exits 1
    check grep -qE "^error +(settings .*accounting: invalid value 'extra'|accounting .*has no job_extra)" <<<"$output"
}

# path_is PATH: a task on n1 has it. slurmctld tells the nodes of another TaskProlog when it sees fit.
path_is() { [ "$(alice srun -w n1 printenv PATH)" = "$1" ]; }

@test "a TaskProlog that sets PATH anew" {
    printf '#!/bin/sh\necho "export PATH=/usr/bin:/bin"\n' >"$home/prolog"
    chmod 755 "$home/prolog"
    local before
    steps
    before=$(alice srun -w n1 printenv PATH)
    setting "TaskProlog=$home/prolog"
    undo+=("eventually path_is '$before'")
    run doctor --quiet
    exits 1
    says error taskprolog "TaskProlog $home/prolog sets PATH anew, after nestsafe has"
    eventually path_is /usr/bin:/bin
    run alice srun -w n1 --mpi-nested-safe "$nestsafe" doctor --quiet
    exits 1
    says error job "this job is protected (auto), but PATH has lost $launchers"
    printf '#!/bin/sh\necho "export PATH=$PATH:/opt/bin"\n' >"$home/prolog"
    run doctor --quiet
    is ""
    run alice srun -w n1 --mpi-nested-safe "$nestsafe" doctor --quiet
    is ""
}

@test "slurmctld does not answer" {
    local pid
    pid=$(cat "$NESTSAFE_CLUSTER_DIR/pid/slurmctld")
    kill "$pid"
    eventually gone "$pid"
    undo+=('"$cluster" restart slurmctld; eventually nodes_are_idle')
    run doctor --quiet
    exits 1
    says error slurmctld "slurmctld does not answer: "
}

@test "one node has another plugin: it is named, and what is not active there" {
    other_release "$home/other.so"
    hides n2 "$plugin" "$home/other.so"
    run doctors --all --quiet
    exits 1
    check grep -qE "^error +same +the plugin's file differs from the other nodes' on n2 " <<<"$output"
    check grep -qE "^error +plugin .*was built for Slurm 30.01.0; .*\[n2\]$" <<<"$output"
    check grep -qE "^error +job .*asked for protection \(auto\), and it is not active on this node.*\[n2\]$" <<<"$output"
}

@test "no plugin on one node: a job that asked is told there, by option and by variable, and its tasks run" {
    mkdir "$home/empty"
    hides n3 "$PREFIX/lib/nestsafe" "$home/empty"
    run alice srun -N4 --mpi-nested-safe "$nestsafe" doctor --quiet
    exits 1
    check test "$(grep -c 'this job asked for protection (auto), and it is not active on this node' <<<"$output")" -eq 1
    run alice srun -w n3 --mpi-nested-safe=node "$nestsafe" explain
    exits 0
    has "This job asked for protection (node), and it is not active on this node"
    run alice_with MPI_NESTED_SAFE=job -- srun -w n3 "$nestsafe" explain
    exits 0
    has "This job asked for protection (job), and it is not active on this node"
    # What the step has of its job's script, which another node has armed, is no protection of its own.
    run batch -w 'n[1,3]' --mpi-nested-safe -- "srun -w n3 -N1 $nestsafe explain; srun -w n1 -N1 $nestsafe doctor"
    check test "$(grep -c 'asked for protection (auto), and it is not active' <<<"$output")" -eq 1
    says ok job "this job is protected: auto"
    run alice srun -w n3 "$nestsafe" explain
    lacks "not active"
    run alice srun -w n1 --mpi-nested-safe "$nestsafe" explain
    lacks "not active"
    run doctors --all --quiet
    exits 1
    check grep -qE "^error +plugin +$plugin: No such file or directory.*\[n3\]$" <<<"$output"
}

@test "a node without nestsafe at all does not answer, and is named" {
    mkdir "$home/empty"
    hides n4 "$PREFIX/bin" "$home/empty"
    run doctors --all --quiet
    exits 1
    says error nodes "no answer from n4: "
    says error nodes "same path on all nodes"
}

@test "what a script exports for the steps it starts is not asked in vain" {
    run batch -- "export MPI_NESTED_SAFE=auto; $nestsafe doctor"
    exits 0
    says ok job "MPI_NESTED_SAFE=auto was set after this step began"
}
