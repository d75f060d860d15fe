#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the user of a watched job is told.

load common

told() { grep -c 'nestsafe: an MPI rank of this job started mpirun, which failed' "$1"; }

@test "the bug's program under audit: its user reads why, and what to type; once a job" {
    watches
    script job.sh <<END
#!/bin/bash
srun --mpi=pmix -n2 -O ${bug[*]}
for i in {1..300}; do grep -q nestsafe: job.out && break || sleep 0.1; done
srun --mpi=pmix -n2 -O ${bug[*]}
exit 0
END
    id=$(alice sbatch --parsable -o job.out job.sh)
    job_ended "$id"
    cat "$home/job.out"
    check test "$(told "$home/job.out")" -eq 1
    check grep -q 'silent-exit: mpirun of Open MPI 4 exits 1 and prints nothing' "$home/job.out"
    check grep -qF -- '--mpi-nested-safe' "$home/job.out"
}

@test "on srun's standard error, and not on its output" {
    watches
    job_of --mpi=pmix -N4 -n4 "${bug[@]}"
    # For three seconds the end of a step waits for the collectors (register.c). A very busy machine may take longer.
    if [ "$(told "$home/err")" -eq 0 ]; then
        echo "# run again, for the step had ended before its user could be told" >&3
        job_of --mpi=pmix -N4 -n4 "${bug[@]}"
    fi
    cat "$home/err"
    check test "$(told "$home/err")" -eq 1
    check test "$(told "$home/out")" -eq 0
}

@test "nobody is told where it works, where notify=no, and where a program fails by itself" {
    watches
    job_of --mpi=pmix --mpi-nested-safe -n2 -O "${bug[@]}"
    check test "$(told "$home/err")" -eq 0
    job_of --mpi=pmix -n1 "$forms" execvp mpiexec.mpich -launcher fork -n 1 sh -c 'cat; exit 4'
    check test "$(cat "$home/status")" -eq 4
    check test "$(told "$home/err")" -eq 0
    plugstack "log=$records notify=no"
    rm -f "$records"
    job_of --mpi=pmix -n2 -O "${bug[@]}"
    eventually records_are 2
    check test "$(told "$home/err")" -eq 0
}
