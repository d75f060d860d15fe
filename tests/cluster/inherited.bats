#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Jobs and steps that are submitted from inside ranks, and launchers' own steps.

load common

@test "sbatch inside a rank: the top-level mpirun of the new job works" {
    script submit.py <<'END'
#!/usr/bin/python3
import subprocess, sys
from mpi4py import MPI
subprocess.run(["sbatch", "--parsable", "-o", "inner.out", *sys.argv[1:], "inner.sh"], check=True)
END
    script inner.sh <<'END'
#!/bin/bash
mpirun -np 1 echo new job works
echo "status $?"
END
    local option id
    for option in audit auto; do
        rm -f "$home/inner.out"
        run batch -n1 --mpi-nested-safe=$option -- "mpirun -np 1 ./submit.py"
        exits 0
        id=${lines[-1]}
        job_ended "$id"
        run cat "$home/inner.out"
        if [ $option = audit ]; then
            unrepaired_line "new job works"
        else
            has_line "new job works"
            has_line "status 0"
        fi
    done
}

@test "srun inside a rank: its own ranks know nothing of the outer job, and can launch" {
    script outer.py <<'END'
#!/usr/bin/python3
import subprocess, sys
from mpi4py import MPI
subprocess.run(["srun", "--overlap", "-n1", *sys.argv[1:]], check=True)
END
    run batch -n1 --mpi-nested-safe -- "mpirun -np 1 ./outer.py env"
    exits 0
    lacks OMPI_COMM_WORLD_RANK
    lacks OMPI_MCA_orte_hnp_uri
    [ $pmi != pmix ] || has PMIX_NAMESPACE=slurm.pmix
    has NESTSAFE_DEPTH=2
    run batch -n1 --mpi-nested-safe -- "mpirun -np 1 ./outer.py ${bug[*]}"
    exits 0
    has_line "nested launch of rank 0 works"
}

@test "a user's own OMPI_UNIVERSE_SIZE reaches the ranks of a step" {
    run alice_with OMPI_UNIVERSE_SIZE=7 -- srun --mpi-nested-safe --mpi=$pmi -n1 printenv OMPI_UNIVERSE_SIZE
    is 7
}

@test "a launcher's daemons run in steps that are left as they are" {
    # orted is what srun is asked to run, so a stand-in of that name shows its environment.
    script orted <<'END'
#!/bin/sh
env
END
    run alice srun --mpi-nested-safe --mpi=none -n1 ./orted
    exits 0
    lacks NESTSAFE_
    lacks LD_PRELOAD
    run batch -w n1,n2 -N2 -n2 --ntasks-per-node=1 --mpi-nested-safe -- "mpirun -np 2 hostname"
    check test "$(sort <<<"$output")" = "n1
n2"
}

@test "job arrays, --export=NONE and several nodes are armed alike" {
    local id
    echo '#!/bin/bash
srun /usr/bin/python3 '"$SOURCE/contrib/demo/nested.py" >"$home/array.sh"
    id=$(alice sbatch --parsable --array=1-2 -n1 --mpi-nested-safe -o 'array.%a' array.sh)
    job_ended "${id}_1"
    job_ended "${id}_2"
    check grep -qx "nested launch of rank 0 works" "$home/array.1"
    check grep -qx "nested launch of rank 0 works" "$home/array.2"
    # A step of that kind has no PATH either, so all is called by its path; MPI_Init of Open MPI 5 wants a HOME.
    local bare=(/usr/bin/env "HOME=$home" "$forms" vfork_execv /usr/bin/mpirun -np 1 /bin/echo nested)
    run batch -n1 --export=NONE --mpi-nested-safe -- "srun --mpi=$pmi ${bare[*]}"
    is nested
    run alice srun --export=NONE --mpi-nested-safe --mpi=$pmi -n1 "${bare[@]}"
    is nested
    run alice_with MPI_NESTED_SAFE=auto -- srun --export=NONE --mpi=$pmi -n1 "${bare[@]}"
    is nested
    run alice srun --mpi-nested-safe --mpi=$pmi -N4 -n4 "${bug[@]}"
    check test "$(grep -c '^nested launch of rank [0-3] works$' <<<"$output")" -eq 4
}

@test "a launcher that salloc runs itself, on two nodes" {
    run alice timeout -k 1 15 salloc -Q -N2 -n2 --ntasks-per-node=1 mpirun -np 2 "${bug[@]}"
    unrepaired_across
    run alice salloc -Q -N2 -n2 --ntasks-per-node=1 --mpi-nested-safe mpirun -np 2 "${bug[@]}"
    exits 0
    has_line "nested launch of rank 0 works"
    has_line "nested launch of rank 1 works"
}

@test "a step that a singleton submits keeps the script's tuning" {
    script submits.py <<'END'
#!/usr/bin/python3
import subprocess
from mpi4py import MPI
subprocess.run(["srun", "--overlap", "-n1", "sh", "-c", "echo $OMPI_MCA_btl"], check=True)
END
    run batch -n1 --mpi-nested-safe -- "export OMPI_MCA_btl=self,tcp; ./submits.py"
    exits 0
    is self,tcp
}
