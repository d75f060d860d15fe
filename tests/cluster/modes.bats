#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The modes, who may ask for them and how, and what happens where nestsafe cannot work.

load common

# environment_of COMMAND…: the environment of a task, without what differs from step to step.
environment_of() {
    alice "$@" --mpi=$pmi -w n1 -n1 env -0 | sort -z | tr '\0\n' '\n\1' | grep -vE \
        '^(OMPI_MCA_orte_precondition_transports|SLURM_(JOB_?ID|STEP_?ID|TASK_PID|SRUN_COMM_PORT|STEP_LAUNCHER_PORT|JOB_SLUID|JOB_(START|END)_TIME)|PMIX_[A-Z0-9_]*|SLURM_PMIX[A-Z_]*)='
}

armed() { alice srun "$@" printenv NESTSAFE_MODE; }

@test "a wrong MODE is refused at submission, and nothing is submitted" {
    local before command
    before=$(next_job)
    for command in "srun hostname" "sbatch --wrap hostname" "salloc hostname"; do
        # shellcheck disable=SC2086
        set -- $command
        run alice "$1" --mpi-nested-safe=some "${@:2}"
        fails
        has "nestsafe: --mpi-nested-safe: invalid mode 'some'; valid are auto, node, job, audit, deny, off"
        run alice_with MPI_NESTED_SAFE=some -- "$@"
        fails
        has "nestsafe: MPI_NESTED_SAFE: invalid mode 'some'; valid are auto, node, job, audit, deny, off"
    done
    check test "$before" -ge 1
    check test "$(next_job)" -eq "$before"
}

@test "audit and off: the task's environment is byte for byte what it is without nestsafe" {
    echo >"$BATS_TEST_TMPDIR/none"
    "$cluster" plugstack "$BATS_TEST_TMPDIR/none"
    environment_of srun >"$BATS_TEST_TMPDIR/without"
    check test "$(wc -l <"$BATS_TEST_TMPDIR/without")" -gt 30
    plugstack
    local option
    for option in "" --mpi-nested-safe=audit --mpi-nested-safe=off; do
        # shellcheck disable=SC2086
        environment_of srun $option >"$BATS_TEST_TMPDIR/with"
        run diff "$BATS_TEST_TMPDIR/without" "$BATS_TEST_TMPDIR/with"
        if [ "$option" = --mpi-nested-safe=off ]; then
            is "$(grep '^[0-9]' <<<"$output" || true)
> MPI_NESTED_SAFE=off"
        else
            is ""
        fi
    done
    # The comparison can fail.
    environment_of srun --mpi-nested-safe >"$BATS_TEST_TMPDIR/with"
    run diff "$BATS_TEST_TMPDIR/without" "$BATS_TEST_TMPDIR/with"
    has "> NESTSAFE_MODE=auto"
}

@test "option before twin before the site's default" {
    plugstack default=node
    run armed
    is node
    run alice_with MPI_NESTED_SAFE=job -- srun printenv NESTSAFE_MODE
    is job
    run alice_with MPI_NESTED_SAFE=job -- srun --mpi-nested-safe printenv NESTSAFE_MODE
    is auto
    run armed --mpi-nested-safe=off
    exits 1
    lacks node
}

@test "what sbatch or salloc was told holds for the steps inside, unless they say otherwise" {
    local body='srun printenv NESTSAFE_MODE; srun --mpi-nested-safe=node printenv NESTSAFE_MODE
MPI_NESTED_SAFE=deny srun printenv NESTSAFE_MODE; srun printenv NESTSAFE_MODE
srun --mpi-nested-safe=audit sh -c "echo \$MPI_NESTED_SAFE; mpirun --version >/dev/null && echo ok"'
    local expected="job
node
deny
job
audit
ok"
    run batch --mpi-nested-safe=job -- "$body"
    is "$expected"
    run batch --mpi-nested-safe -- "srun printenv NESTSAFE_MODE; printenv NESTSAFE_MODE"
    is "auto
auto"
    script body.sh <<<"#!/bin/bash
$body"
    run alice salloc -Q --mpi-nested-safe=job ./body.sh
    check test "$(without_waiting <<<"$output")" = "$expected"
    run alice_with MPI_NESTED_SAFE=job -- salloc -Q ./body.sh
    check test "$(without_waiting <<<"$output")" = "$expected"
    plugstack default=auto
    run batch --mpi-nested-safe=off -- "srun sh -c 'echo [\$NESTSAFE_MODE]'; printenv NESTSAFE_MODE"
    is "[]"
}

@test "an audit or off step in an armed job launches as if nestsafe were not there" {
    local mode
    for mode in audit off; do
        run batch -n1 --mpi-nested-safe -- "srun --mpi=$pmi --mpi-nested-safe=$mode ${bug[*]}"
        unrepaired
        unrepaired_line "nested launch of rank 0 works"
    done
}

@test "deny: the launcher refuses with 126 and names the ways out" {
    run alice srun --mpi-nested-safe=deny "${rank[@]}" vfork_execv /usr/bin/mpirun -np 1 echo ran
    exits 126
    lacks_line ran
    has "nestsafe: error: mpirun refused: it was started by a rank started by srun (rank 0 of 1)"
    has "srun --mpi-nested-safe"
    has "Open MPI 5.0.7 or later"
    plugstack default=deny allow=deny,off
    run alice srun "${rank[@]}" execvp mpirun -np 1 echo ran
    exits 126
    has "ask for the repair, if the site allows it: srun --mpi-nested-safe"
    run alice srun --mpi-nested-safe true
    fails
    has "mode 'auto' is not allowed on this cluster; allowed are deny, off"
    # A launch that is not nested is none of deny's business.
    run batch -n1 -- "mpirun -np 1 echo ran"
    has_line ran
}

@test "allow: users may ask for what the site allows" {
    plugstack allow=auto,audit
    run alice srun --mpi-nested-safe=deny hostname
    fails
    has "nestsafe: --mpi-nested-safe: mode 'deny' is not allowed on this cluster; allowed are auto, audit"
    run armed --mpi-nested-safe
    is auto
}

@test "help: the modes and what the site allows, and nothing is submitted" {
    local before command
    plugstack allow=auto,off default=off
    before=$(next_job)
    for command in srun "srun hostname" "sbatch --wrap hostname" "salloc hostname"; do
        # shellcheck disable=SC2086
        set -- $command
        run --separate-stderr alice "$1" --mpi-nested-safe=help "${@:2}"
        exits 0
        check test -z "$stderr"
        has "        auto         repaired; "
        check test "$(grep -c 'not allowed on this cluster' <<<"$output")" -eq 6
        has "where nothing is asked for off."
        lacks_line n1
    done
    script body.sh <<<"#!/bin/bash
#SBATCH --mpi-nested-safe=help
hostname"
    run alice sbatch body.sh
    exits 0
    has "        auto         repaired; "
    check test "$before" -ge 1
    check test "$(next_job)" -eq "$before"
    run alice srun --help
    has "--mpi-nested-safe"
}

@test "preload: the guard where the job asked, always, or never" {
    run alice srun --mpi-nested-safe sh -c 'echo "<$LD_PRELOAD>"'
    is "<$guard>"
    plugstack default=auto
    run alice srun sh -c 'echo "<$LD_PRELOAD>"'
    is "<>"
    run alice_with MPI_NESTED_SAFE=auto -- srun sh -c 'echo "<$LD_PRELOAD>"'
    is "<$guard>"
    plugstack default=auto preload=always
    run alice srun sh -c 'echo "<$LD_PRELOAD>"'
    is "<$guard>"
    plugstack preload=never
    run alice srun --mpi-nested-safe sh -c 'echo "<$LD_PRELOAD>"'
    is "<>"
}

@test "an unknown key or bad value: one error that names it, inactive, and the job runs" {
    local bad
    for bad in "nonsense=1|unknown key in 'nonsense=1'" "default=some|default: invalid value 'some'" \
        "max_depth=0|max_depth: invalid value '0'" "allow=auto,,job|allow: invalid value 'auto,,job'" \
        "preload=maybe|preload: invalid value 'maybe'" "rules=relative|rules: invalid value 'relative'"; do
        plugstack "${bad%%|*}"
        run alice srun printenv SLURM_PROCID
        exits 0
        has_line 0
        check test "$(grep -c "plugstack.conf: nestsafe.so: ${bad#*|}" <<<"$output")" -eq 1
        run alice srun --mpi-nested-safe sh -c 'echo "ran <$NESTSAFE_MODE>"'
        exits 0
        has_line "ran <>"
        has "nestsafe: inactive for this step: plugstack.conf: nestsafe.so: ${bad#*|}"
    done
}

@test "a site's rules are used; where they are wrong, nestsafe is inactive and says so" {
    echo 'OUR_TOKEN unset it is secret' >"$home/site.rules"
    chmod 644 "$home/site.rules"
    plugstack rules="$home/site.rules"
    run alice_with OUR_TOKEN=1 -- srun --mpi-nested-safe --mpi=$pmi -n1 "$forms" execvp mpirun -np 1 env
    exits 0
    lacks OUR_TOKEN
    echo 'OUR_TOKEN forget' >"$home/site.rules"
    run alice srun --mpi-nested-safe sh -c 'echo "ran <$NESTSAFE_MODE>"'
    exits 0
    has_line "ran <>"
    has "site.rules:1: action must be"
}

@test "files that the task cannot reach: no loader message, the job runs, who asked is told" {
    mv "$guard" "$guard.away"
    run alice srun --mpi-nested-safe sh -c 'echo "<$LD_PRELOAD>"'
    mv "$guard.away" "$guard"
    exits 0
    is "<>"
    mv "$launchers" "$launchers.away"
    run alice srun --mpi-nested-safe sh -c 'echo "ran <$LD_PRELOAD>"'
    mv "$launchers.away" "$launchers"
    exits 0
    has_line "ran <>"
    has "nestsafe: inactive for this task: it cannot run $launchers/mpirun"
    lacks ld.so
}

@test "listed twice in plugstack.conf: one option, armed once" {
    { cat "$BATS_TEST_TMPDIR/plugstack.conf"; cat "$BATS_TEST_TMPDIR/plugstack.conf"; } >"$BATS_TEST_TMPDIR/twice"
    "$cluster" plugstack "$BATS_TEST_TMPDIR/twice"
    run alice srun --mpi-nested-safe sh -c 'echo "$NESTSAFE_DEPTH $PATH"'
    exits 0
    check test "$(grep -o "$launchers" <<<"$output" | wc -l)" -eq 1
    has "1 $launchers:"
    lacks error
}

@test "the nodes are still in service after all this" {
    eventually all_in_service
}
