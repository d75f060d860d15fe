#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A program that runs alone is no launch; what it launches is.

load common

job=$PROGRAMS/job

@test "only the launcher below a program that runs alone is recorded, with its depth" {
    local suffix launcher
    for suffix in "" .mpich; do
        launcher=mpirun${suffix:-.openmpi}
        run alice srun --mpi-nested-safe=auto,alone --mpi=pmix -n1 "$job" \
            "$job$suffix '$launcher -n 1 cat'"
        exits 0
        has_line "whole: 1, failed: 0"
        eventually records_are 1
        check test "$(record action mode depth status scope)" = "repaired auto,alone 2 exit:0 node"
        rm "$records"
    done
}
