#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Which sruns are nested launches, and what is said of them.

load common

in_job() { alice salloc -Q "${nodes[@]}" timeout -k 1 "${deadline-25}" srun --mpi=pmix "$@"; }

@test "a rank's srun is recorded once, watched or repaired, with its end" {
    watches
    local nodes=(-N1 -n2)
    # It waits until it is ended; what salloc makes of that varies.
    deadline=12 run in_job --mpi-nested-safe=audit -n1 "$forms" execvp srun -n1 echo ran
    lacks_line ran
    eventually records_are 1
    check test "$(record flavour class outer depth seen action launcher)" = \
        "slurm srun-wait srun 1 kernel recorded /usr/bin/srun"
    check grep -qE '^(signal|exit):[1-9]' <<<"$(record status)"
    rm "$records"
    run in_job --mpi-nested-safe=node -n1 "$forms" execvp srun -n1 sh -c 'exit 5'
    eventually records_are 1
    check test "$(record flavour class seen action status scope)" = \
        "slurm srun-wait path+kernel repaired exit:5 node"
    rm "$records"
    run in_job --mpi-nested-safe=job -n1 "$forms" vfork_execv /usr/bin/srun -n1 true
    eventually records_are 1
    check test "$(record flavour seen action status scope)" = \
        "slurm guard+kernel repaired exit:0 job"
    rm "$records"
    run in_job --mpi-nested-safe=deny -n1 "$forms" execvp srun -n1 true
    eventually records_are 1
    check test "$(record action status)" = "denied exit:126"
}

@test "sruns of launchers, of scripts, and those that say how they share, are none" {
    local nodes=(-N2 -n2 --ntasks-per-node=1) mode
    printf '#!/bin/sh\nexec /usr/bin/srun "$@"\n' | script srun
    for mode in audit job; do
        run in_job --mpi-nested-safe=$mode -N1 -n1 "$forms" execvp srun --overlap -N1 true
        exits 0
        run in_job --mpi-nested-safe=$mode -N1 -n1 "$forms" execvp srun --version
        exits 0
        run in_job --mpi-nested-safe=$mode -N1 -n1 "$forms" execvp ./srun --overlap -N1 true
        exits 0
        run in_job --mpi-nested-safe=$mode --mpi=none -N1 -n1 srun --overlap -N1 true
        exits 0
        run batch "${nodes[@]}" --mpi-nested-safe=$mode -- "srun -n1 true; mpirun -np 2 true"
        exits 0
    done
    # A last one, so that there is something to wait for: a launcher that needs srun itself.
    run in_job --mpi-nested-safe=job -N2 -n1 -w n1,n2 --ntasks-per-node=1 "$forms" execvp mpirun -np 2 true
    exits 0
    run in_job --mpi-nested-safe=job -N2 -n2 sh -c \
        "[ \$SLURM_PROCID = 1 ] && exec $forms execvp true; exec $forms execvp mpiexec.mpich -n 2 sh -c '[ \"\$PMI_RANK\" != 0 ] || cat'"
    exits 0
    eventually records_are 2
    check test "$(record flavour action | sort)" = "hydra repaired
openmpi repaired"
}
