#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What a repair gives to one launch stays with it: the steps and jobs that are started below, and the
# ranks on other nodes, are as their user would have them.

load common

# in_job MODE SALLOC OPTIONS -- COMMAND…: a rank that starts the command.
in_job() {
    local mode=$1 options=()
    shift
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    alice salloc -Q "${options[@]}" timeout -k 1 40 srun --mpi-nested-safe="$mode" "${rank[@]}" execvp "$@"
}

# show.sh, which submits itself once where it is told to, and says how steps that are started from it
# share CPUs.
submits() {
    script show.sh <<'END'
#!/bin/sh
[ -z "$1" ] || sbatch -Q --wait -N1 -n1 -o below.out "$0" || exit
echo "overlap=$SLURM_OVERLAP"
[ -z "$1" ] || cat below.out
END
}

@test "a nested srun shares its step's CPUs; what it starts and submits does not" {
    submits
    run in_job job -N1 -n2 -- srun -n1 ./show.sh again
    exits 0
    is "overlap=
overlap="
}

@test "a nested mpirun's srun shares its step's CPUs; jobs that are submitted there do not" {
    submits
    run in_job job -N1 -n2 -- mpirun -np 1 ./show.sh again
    exits 0
    is "overlap=1
overlap="
    # Where the user wants that, it is the user's.
    run alice_with SLURM_OVERLAP=1 -- srun -Q -N1 --mpi-nested-safe=job "${rank[@]}" execvp \
        mpirun -np 1 ./show.sh again
    exits 0
    is "overlap=1
overlap=1"
}

@test "SLURM_OVERLAP is the user's word as --overlap is, which may be shortened" {
    run in_job deny -N1 -n2 -- srun -n1 echo nested
    exits 126
    run alice_with SLURM_OVERLAP=1 -- srun -Q -N1 --mpi-nested-safe=deny "${rank[@]}" execvp \
        srun -n1 echo nested
    exits 0
    is nested
    run in_job deny -N1 -n2 -- srun --overl -n1 echo nested
    exits 0
    is nested
}

@test "scope node confines the job it is in, and none that is submitted from there" {
    local new="srun -Q -N1 -n1 --cpu-bind=none printenv NESTSAFE_LAUNCH"
    run in_job node -N1 -n2 -- mpirun -np 1 sh -c "echo \$NESTSAFE_LAUNCH; env -u SLURM_JOB_ID $new"
    exits 0
    check grep -qx '[0-9:]*:node' <<<"${lines[0]}"
    check grep -qx '0:[0-9]*\.0' <<<"${lines[1]}"
    run in_job node -N1 -n2 -- srun -n1 sh -c "echo \$NESTSAFE_LAUNCH; env -u SLURM_JOB_ID $new"
    exits 0
    check grep -qx '0:[0-9]*\.1:node' <<<"${lines[0]}"
    check grep -qx '0:[0-9]*\.0' <<<"${lines[1]}"
}

@test "who sits at a terminal is alone there, and not in the steps that are started from it" {
    script shell.sh <<'END'
#!/bin/sh
echo "terminal ${SLURM_PTY_PORT:+yes}"
exec srun --overlap -n2 sh -c 'echo "step $SLURM_PROCID${SLURM_PTY_PORT:+ terminal}"'
END
    run alice script -qec "srun --mpi-nested-safe --pty -N1 -n2 ./shell.sh" /dev/null
    exits 0
    has "terminal yes"
    has "step 0"
    lacks "step 0 terminal"
    has "step 1"
    # Slurm's own way, in a job that did not ask.
    run alice script -qec "srun --mpi-nested-safe=audit --pty -N1 -n2 ./shell.sh" /dev/null
    exits 0
    has "step 0 terminal"
}

@test "a nested srun of MPICH on another node than mpiexec runs on its own" {
    run batch -w n1,n2 -N2 -n2 --ntasks-per-node=1 --mpi-nested-safe=node -- \
        "timeout -k 1 40 mpiexec.mpich -ppn 1 -n 2 $PROGRAMS/forms.mpich execvp srun -n1 hostname"
    exits 0
    # Between them later releases warn that one process will not be on two nodes.
    check test "$(grep -x 'n[0-9]' <<<"$output" | sort)" = "n1
n2"
}

@test "a program alone that becomes a launcher has a nested launch" {
    script becomes.py <<'END'
#!/usr/bin/python3
import os
from mpi4py import MPI
os.execvp("mpirun", ["mpirun", "-np", "1", "sh", "-c", "echo depth $NESTSAFE_DEPTH"])
END
    run in_job auto -N1 -n2 -- "$PREFIX/bin/nestsafe" run --alone -- ./becomes.py
    exits 0
    is "depth 3"
}
