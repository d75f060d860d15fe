#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# nestsafe run, explain and rules.

load common

@test "help, version, and clear errors for what is not understood" {
    run "$nestsafe" --help
    exits 0
    for command in run explain rules audit doctor; do
        has "$command"
        run "$nestsafe" $command --help
        exits 0
        has "Usage: nestsafe $command"
        run "$nestsafe" $command --nonsense
        exits 2
        has "nestsafe $command: error: no option '--nonsense'"
        run "$nestsafe" --help
    done
    run "$nestsafe" --version
    check grep -qE '^nestsafe [0-9]+\.[0-9]+\.[0-9]+$' <<<"$output"
    run "$nestsafe" nonsense
    exits 2
    has "no command 'nonsense'"
    run "$nestsafe" run
    exits 2
    has "no command given"
    run "$nestsafe" run --mode=some true
    exits 2
    has "invalid mode 'some'; valid are auto, node, job, audit, deny, off"
    run -127 "$nestsafe" run nonsense-command
    exits 127
    is "nonsense-command: command not found"
}

@test "doctor starts and says so where there is no Slurm" {
    PATH=/nonexistent run "$nestsafe" doctor --quiet
    exits 1
    is "error    slurm       there is no Slurm here: scontrol is not in PATH; call this where Slurm's commands work; without Slurm there is 'nestsafe run'"
}

@test "run passes the status and arguments of any command" {
    run "$nestsafe" run -- sh -c 'echo "$1"; exit 9' sh 'a  b'
    exits 9
    is "a  b"
}

@test "run --alone: a program of no rank is just started; only repairs have it" {
    run "$nestsafe" run --alone -- sh -c 'echo "$1"; exit 9' sh 'a  b'
    exits 9
    is "a  b"
    run "$nestsafe" run --alone --mode=deny true
    exits 2
    has "--alone is a repair: not with --mode=deny"
    run -127 "$nestsafe" run --alone nonsense-command
    exits 127
    is "nonsense-command: command not found"
    run "${as_rank[@]}" "$nestsafe" run --alone sh -c 'echo "<$OMPI_COMM_WORLD_RANK$PMIX_RANK$OMPI_MCA_ess>"'
    exits 0
    is "<>"
    run "${as_rank[@]}" "$nestsafe" explain
    has "nestsafe run --alone -- PROGRAM"
}

@test "explain outside a rank" {
    run "$nestsafe" explain
    exits 0
    has "This is not part of an MPI job"
    run "$nestsafe" explain --json
    check $python -c 'import json, sys; d = json.load(sys.stdin); assert d["nested"] is False, d
assert d["changes"] == [], d' <<<"$output"
}

@test "explain inside a rank tells what would break and what is done, and is right" {
    cat >program.py <<END
from mpi4py import MPI; import subprocess
subprocess.run(["$nestsafe", "explain", "--json"], check=True)
END
    OMPI_MCA_btl=self,vader,tcp run mpirun --mca coll ^hcoll -np 1 $python program.py
    exits 0
    check env HAZARDS="${openmpi_hazards[*]}" STATE="$openmpi_state" $python -c '
import json, os, sys
d = json.load(sys.stdin)
assert d["nested"] and d["decision"] == "repair" and d["depth"] == 1, d
assert set(os.environ["HAZARDS"].split()) <= {h["class"] for h in d["hazards"]}, d
c = {x["variable"]: x for x in d["changes"]}
assert c[os.environ["STATE"]]["action"] == "unset", c
assert c["OMPI_MCA_btl"]["action"] == "kept", c
assert c["OMPI_MCA_coll"]["action"] == "restored" and c["OMPI_MCA_coll"]["after"] is None, c
assert all(x["why"] and x["source"] for x in d["changes"])' <<<"$output"
    sed -i 's/, "--json"//' program.py
    run mpirun -np 2 $python program.py
    exits 0
    has "number 1 of 2"
    has "${openmpi_hazards[0]}: mpirun of Open MPI 4 "
    has "scope node"
}

# in_step TITLE [NAME=VALUE]… -- COMMAND…: a step's first process, as a slurmstepd of that title starts it.
in_step() {
    $python -c '
import subprocess, sys
title, words = sys.argv[1], sys.argv[2:]
at = words.index("--")
code = "import subprocess, sys; subprocess.run(sys.argv[2:], executable=sys.argv[1], env=%r)" % dict(
    word.split("=", 1) for word in ["PATH=/usr/bin:/bin", "SLURM_JOB_ID=5"] + words[:at])
command = words[at + 1:]
subprocess.run(["slurmstepd: [%s]" % title, "-S", "-c", code, command[0]] + command, executable=sys.executable)' "$@"
}

@test "explain and doctor tell a job that asked on a node where nestsafe is not active" {
    local told="This job asked for protection (auto), and it is not active on this node" asked=MPI_NESTED_SAFE=auto
    local armed=NESTSAFE_MODE=auto
    run in_step 5.0 $asked -- "$nestsafe" explain
    has "$told"
    run in_step 5.0 $asked -- "$nestsafe" doctor
    check grep -q '^error    job  *this job asked for protection (auto), and it is not active on this node' <<<"$output"
    # The mark is of this step, or of the script around it, which another node has armed.
    run in_step 5.0 $asked $armed NESTSAFE_LAUNCH=0:5.4294967291 -- "$nestsafe" explain
    has "$told"
    run in_step 5.0 $asked $armed NESTSAFE_LAUNCH=0:5.0:node -- "$nestsafe" explain
    lacks "$told"
    run in_step 5.batch $asked $armed NESTSAFE_LAUNCH=0:5.4294967291 -- "$nestsafe" explain
    lacks "$told"
    # A launcher's daemons have the environment of the launcher, which was armed elsewhere.
    ln -s "$nestsafe" orted
    run in_step 5.0 $asked $armed NESTSAFE_LAUNCH=7:1 -- ./orted explain
    lacks "$told"
    # Nobody asked, or for nothing, or the script did, for the steps that it starts.
    run in_step 5.0 -- "$nestsafe" explain
    lacks "$told"
    run in_step 5.0 MPI_NESTED_SAFE=audit -- "$nestsafe" explain
    lacks "$told"
    run in_step 5.batch -- sh -c "export $asked; $nestsafe explain; $nestsafe doctor"
    lacks "$told"
    has "MPI_NESTED_SAFE=auto was set after this step began"
}

@test "a terminal does not obey what a variable holds" {
    OMPI_MCA_btl=$'self\e[2J' OMPI_COMM_WORLD_RANK=0 run "$nestsafe" explain
    exits 0
    lacks $'\e'
}

@test "rules prints every row, a site's first, and names what is wrong with a site's" {
    run "$nestsafe" rules
    exits 0
    has "OMPI_MCA_ess "
    has "SLURM_CONF"
    check test "$(grep -c '^[A-Z]' <<<"$output")" -gt 100
    echo 'OUR_* unset our own' >site.rules
    run "$nestsafe" rules --rules=site.rules
    check test "$(grep -n 'OUR_' <<<"$output" | cut -d: -f1)" -lt 5
    echo '1BAD unset' >site.rules
    run "$nestsafe" rules --rules=site.rules
    exits 1
    has "site.rules:1: not a variable name"
    run "$nestsafe" rules --rules=/nonexistent
    exits 1
    has "/nonexistent: No such file or directory"
}
