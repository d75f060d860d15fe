#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Ways to start a step that are not everyday ones: a terminal, heterogeneous jobs, requests for CPUs.

load common
# shellcheck source=tests/lib/waits.bash
source "$BATS_TEST_DIRNAME/../lib/waits.bash"

# at_terminal COMMAND: as typed at one (script(1) makes it); what it printed, without the terminal's
# carriage returns (two where srun has made a terminal too) and its echo of the end of our standard input.
at_terminal() (
    set -o pipefail
    alice script -qec "$1" /dev/null | sed 's/\r*$//; s/^^@//'
)

@test "srun --pty: a rank at a terminal" {
    run at_terminal "srun --mpi-nested-safe=audit --pty ${rank[*]} execvp mpirun -np 1 echo nested"
    unrepaired_line nested
    run at_terminal "srun --mpi-nested-safe --pty ${rank[*]} execvp mpirun -np 1 echo nested"
    exits 0
    has_line nested
}

@test "srun --pty: a shell at a terminal has the slots it has without nestsafe, and the job's nodes" {
    local option
    for option in --mpi-nested-safe=off --mpi-nested-safe; do
        run at_terminal "srun $option --pty -w n1 -n2 sh -c 'mpirun -np 2 hostname'"
        exits 0
        is "n1
n1"
    done
    script shell.sh <<'END'
#!/bin/sh
[ ! -t 0 ] || mpirun -np 2 hostname
END
    # On two nodes the srun of Open MPI's launcher would wait for the CPUs of the shell's own step, but for release 6.
    if [ "$openmpi" -lt 6 ]; then
        waits at_terminal "timeout --foreground -k 1 50 srun --mpi-nested-safe=off --pty -w n1,n2 -N2 -n2 ./shell.sh"
    fi
    run at_terminal "srun --mpi-nested-safe --pty -w n1,n2 -N2 -n2 ./shell.sh"
    exits 0
    check test "$(sort <<<"$output")" = "n1
n2"
}

@test "tasks without MPI keep the slots that their step has tasks" {
    local option
    for option in --mpi-nested-safe=off --mpi-nested-safe; do
        run alice srun "$option" --mpi=none -n2 mpirun -np 2 echo nested
        exits 0
        check test "$(grep -c '^nested$' <<<"$output")" -eq 4
    done
    run alice srun --mpi-nested-safe=node --mpi=none -n2 mpirun -np 3 echo nested
    fails
    has "not enough slots"
}

# srun before 24.05.4 can hang once a heterogeneous step of PMIx's is over: the threads of both components wait for the
# one abort agent (pmixp_abort_agent_stop in src/plugins/mpi/pmix/pmixp_agent.c). With plain hostname and without
# nestsafe 1 of 29 did.
may_hang_when_over() {
    local version
    version=$("$cluster" run srun -V | sed 's/.* //')
    [ "$pmi" = pmix ] && [[ $version = [0-9]* ]] && printf '%s\n' "$version" 24.05.3 | sort -VC
}

# two_components OPTION…: `run` of a heterogeneous step whose two ranks launch; up to three times while both have, and srun hangs.
two_components() {
    local nested=("$forms" execvp mpirun -np 1 hostname) try
    for try in 1 2 3; do
        run alice timeout -k 1 40 srun -Q "$@" --mpi="$pmi" -w n1 -N1 -n1 "${nested[@]}" : -w n2 -N1 -n1 "${nested[@]}"
        [[ $status = 124 || $status = 137 ]] || return 0
        "$cluster" run scancel -u alice
        may_hang_when_over && grep -qx n1 <<<"$output" && grep -qx n2 <<<"$output" || return 0
        echo "# try $try: srun hung when its step was over" >&3
    done
}

@test "heterogeneous jobs: each component's ranks launch on their node" {
    two_components --mpi-nested-safe=audit
    fails
    lacks_line n1
    local mode
    for mode in auto job; do
        two_components --mpi-nested-safe=$mode
        exits 0
        has_line n1
        has_line n2
        check test "$(grep -c "'job' is not possible in a step of a heterogeneous job" <<<"$output")" \
            -eq "$([ $mode = job ] && echo 2 || echo 0)"
    done
}

@test "steps that ask for CPUs and memory in all sorts of ways" {
    local request mode
    run alice srun --mpi-nested-safe=audit -c 2 "${rank[@]}" execvp mpirun -np 1 echo nested
    unrepaired
    unrepaired_line nested
    for request in "-c 2 -n1" "--exact -n1" "--overlap -n2" "--mem=100 -n2" "--mem-per-cpu=50 -n2" \
        "--cpu-bind=none -n2" "--cpu-bind=map_cpu:1,0 -n2" "-N2 -n4 -m cyclic"; do
        for mode in node job; do
            # shellcheck disable=SC2086
            run alice srun --mpi-nested-safe=$mode "${rank[@]:0:1}" $request "${rank[2]}" execvp mpirun -np 1 echo nested
            echo "srun $request, $mode"
            exits 0
            has_line nested
        done
    done
}
