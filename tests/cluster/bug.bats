#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Nested launches where users make them, each without the option first (what that does: ../lib/mpi.bash).

load common

# in_step [OPTION] COMMAND…, in_batch_mpirun …, in_batch_alone …: the three places of a rank. OPTION
# is --mpi-nested-safe or --mpi-nested-safe=audit, so that both halves differ by nothing else.
in_step() {
    local option=$1
    shift
    alice srun "$option" --mpi="$pmi" -n2 "$@"
}
in_batch_mpirun() {
    local option=$1
    shift
    batch -N1 -n2 "$option" -- "mpirun -np 2 $(printf '%q ' "$@")"
}
in_batch_alone() {
    local option=$1
    shift
    batch -N1 -n2 "$option" -- "$(printf '%q ' "$@")"
}

# then_works PLACE COUNT COMMAND…: with the option, the word "nested" comes from each of COUNT ranks.
then_works() {
    local place=$1 count=$2
    shift 2
    run "$place" --mpi-nested-safe=audit "$@"
    unrepaired
    run "$place" --mpi-nested-safe "$@"
    exits 0
    check test "$(grep -c '^nested' <<<"$output")" -eq "$count"
}

system=(python3 -c 'from mpi4py import MPI; import os, sys
sys.exit(os.system("mpirun -np 1 echo nested") >> 8)')
spawnp=("$forms" posix_spawnp mpiexec -np 1 echo nested)
vfork=("$forms" vfork_execv /usr/bin/mpirun -np 1 echo nested)

@test "srun: subprocess" { then_works in_step 2 "${bug[@]}"; }
@test "srun: os.system" { then_works in_step 2 "${system[@]}"; }
@test "srun: posix_spawnp" { then_works in_step 2 "${spawnp[@]}"; }
@test "srun: absolute path, vfork and execv" { then_works in_step 2 "${vfork[@]}"; }

@test "srun over two nodes" {
    local nested=(--mpi="$pmi" -w "n1,n2" -N2 -n2 "$forms" execvp mpirun -np 1 hostname)
    run alice timeout -k 1 15 srun --mpi-nested-safe=audit "${nested[@]}"
    unrepaired_across
    run alice srun --mpi-nested-safe "${nested[@]}"
    exits 0
    check test "$(sort <<<"$output")" = "n1
n2"
}

@test "mpirun in sbatch: subprocess" { then_works in_batch_mpirun 2 "${bug[@]}"; }
@test "mpirun in sbatch: os.system" { then_works in_batch_mpirun 2 "${system[@]}"; }
@test "mpirun in sbatch: posix_spawnp" { then_works in_batch_mpirun 2 "${spawnp[@]}"; }
@test "mpirun in sbatch: absolute path" { then_works in_batch_mpirun 2 "${vfork[@]}"; }

@test "singleton in sbatch: subprocess" { then_works in_batch_alone 1 "${bug[@]}"; }
@test "singleton in sbatch: os.system" { then_works in_batch_alone 1 "${system[@]}"; }
@test "singleton in sbatch: posix_spawnp" { then_works in_batch_alone 1 "${spawnp[@]}"; }
@test "singleton in sbatch: absolute path" { then_works in_batch_alone 1 "${vfork[@]}"; }

@test "without Slurm's MPI plugin: srun --mpi=none" {
    run alice srun --mpi-nested-safe --mpi=none -n2 mpirun -np 1 echo nested
    exits 0
    is "nested
nested"
}

@test "MPICH ranks of srun --mpi=pmi2, and mpiexec.hydra in ranks of srun" {
    run alice srun --mpi-nested-safe --mpi=pmi2 -n2 "$forms.mpich" execvp mpirun -np 1 echo nested
    exits 0
    is "nested
nested"
    run alice srun --mpi-nested-safe --mpi="$pmi" -n2 "$forms" execvp mpiexec.mpich -n 1 sh -c 'cat; echo nested'
    exits 0
    is "nested
nested"
}
