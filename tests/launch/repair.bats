#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Nested launches with the real Open MPI, and without Slurm, each without nestsafe first (what that
# does: ../lib/mpi.bash).

load common

# then_works WORD COMMAND…: as it is, and then under nestsafe run, where it works and prints the word.
then_works() {
    local word=$1
    shift
    run timeout -k 1 60 "$@"
    unrepaired
    run timeout -k 1 60 "$nestsafe" run -- "$@"
    exits 0
    has "$word"
}

@test "the bug's program as a singleton" {
    then_works "nested launch of rank 0 works" $python "$SOURCE/contrib/demo/nested.py"
}

@test "the bug's program under mpirun" {
    then_works "nested launch of rank 1 works" \
        mpirun -np 2 $python "$SOURCE/contrib/demo/nested.py"
}

@test "system()" { then_works nested mpirun -np 2 "$PROGRAMS/forms" system mpirun -np 1 echo nested; }
@test "popen()" { then_works nested mpirun -np 2 "$PROGRAMS/forms" popen mpirun -np 1 echo nested; }
@test "posix_spawnp() of mpiexec" {
    then_works nested mpirun -np 2 "$PROGRAMS/forms" posix_spawnp mpiexec -np 1 echo nested
}
@test "vfork() and execv() of an absolute path" {
    then_works nested mpirun -np 2 "$PROGRAMS/forms" vfork_execv /usr/bin/mpirun -np 1 echo nested
}
@test "os.system()" {
    then_works nested mpirun -np 2 $python -c \
        'from mpi4py import MPI; import os, sys; sys.exit(os.system("mpirun -np 1 echo nested") >> 8)'
}

@test "a rank that has not called MPI_Init" {
    then_works nested mpirun -np 2 sh -c 'mpirun -np 1 echo nested'
}

@test "nestsafe run inside a rank that was not armed" {
    run mpirun -np 2 $python -c "
from mpi4py import MPI; import subprocess, sys
sys.exit(subprocess.run(['$nestsafe', 'run', 'mpirun', '-np', '1', 'echo', 'nested']).returncode)"
    exits 0
    is "nested
nested"
}

@test "MPICH in Open MPI, Open MPI in MPICH, MPICH in MPICH" {
    run timeout -k 1 60 "$nestsafe" run mpirun -np 2 "$PROGRAMS/forms" execvp mpiexec.mpich -n 1 sh -c "cat; echo nested"
    is "nested
nested"
    run "$nestsafe" run mpiexec.mpich -n 2 "$PROGRAMS/forms.mpich" execvp mpirun -np 1 echo nested
    is "nested
nested"
    # shellcheck disable=SC2016 # it is for sh
    run timeout -k 1 60 "$nestsafe" run mpiexec.mpich -n 2 sh -c 'exec "$@" </dev/null' sh \
        "$PROGRAMS/forms.mpich" execvp mpiexec.mpich -n 1 sh -c 'cat; echo nested'
    is "nested
nested"
}

@test "the outer job is in good health after five nested launches; the env -u recipe ruins it" {
    run timeout -k 1 60 mpirun -np 2 "$PROGRAMS/health" 5 \
        'env -u OMPI_MCA_ess -u OMPI_UNIVERSE_SIZE -u OMPI_MCA_ess_base_jobid mpirun -np 1 true'
    unrepaired_line healthy
    run timeout -k 1 60 "$nestsafe" run mpirun -np 2 "$PROGRAMS/health" 5 'mpirun -np 1 true'
    exits 0
    is "launches failed: 0
healthy"
}

@test "a nested job is a job like any other: MPI_Allreduce, MPI_Comm_spawn, nesting, in each scope" {
    local scope
    for scope in node job; do
        run "$nestsafe" run --mode=$scope mpirun -np 1 "$PROGRAMS/forms" execvp \
            mpirun -np 2 "$PROGRAMS/health" 2 'mpirun -np 1 true'
        exits 0
        is "launches failed: 0
healthy"
    done
}

@test "a singleton is in good health after five nested launches" {
    run "$nestsafe" run "$PROGRAMS/health" 5 'mpirun -np 1 true'
    exits 0
    is "launches failed: 0
healthy"
}

@test "a PMIx client in the nested job has a namespace of its own; the outer server still answers" {
    run "$nestsafe" run mpirun -np 1 "$PROGRAMS/pmixclient" "mpirun -np 2 $PROGRAMS/pmixclient"
    exits 0
    local outer nested
    outer=$(sed -n 's/^namespace \([^ ]*\) rank 0 size 1$/\1/p' <<<"$output")
    nested=$(sed -n 's/^namespace \([^ ]*\) rank 1 size 2$/\1/p' <<<"$output")
    check test -n "$outer" -a -n "$nested" -a "$outer" != "$nested"
    has "server of $outer rank 0 answers"
    has "server of $nested rank 1 answers"
}

@test "nested launches leave no file of theirs behind" {
    export TMPDIR=$BATS_TEST_TMPDIR/tmp
    mkdir tmp
    run "$nestsafe" run mpirun -np 2 "$PROGRAMS/health" 3 'mpirun -np 1 true'
    exits 0
    check test -z "$(ls -A tmp)"
}

@test "three ranks that launch at the same time all succeed, twenty times" {
    # mpiruns that share a session directory delete it under each other now and then.
    run "$nestsafe" run mpirun -np 3 "$PROGRAMS/health" 20 'mpirun -np 1 true'
    is "launches failed: 0
healthy"
}

@test "four levels deep" {
    fake level <<'END'
#!/bin/sh
[ "$1" = 0 ] && exec env
exec mpirun -np 1 "$0" $(($1 - 1))
END
    OMPI_MCA_btl=self,vader,tcp run "$nestsafe" run mpirun --mca coll_base_verbose 0 -np 1 \
        "$PWD/fake/level" 4
    exits 0
    has NESTSAFE_DEPTH=5
    has OMPI_MCA_btl=self,vader,tcp
    lacks OMPI_MCA_coll_base_verbose
}
