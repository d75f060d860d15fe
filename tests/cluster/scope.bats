#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Where nested processes go: the rank's own node and CPUs, or all of the job; and nothing hangs.

load common

# only RANK COMMAND…, as an MPI rank: one rank launches, the others wait for it.
setup() {
    plugstack
    find "$home" -mindepth 1 -delete
    script only.py <<'END'
#!/usr/bin/python3
import subprocess, sys
from mpi4py import MPI
comm = MPI.COMM_WORLD
rc = subprocess.run(sys.argv[2:]).returncode if comm.rank == int(sys.argv[1]) else 0
sys.exit(comm.bcast(rc, int(sys.argv[1])))
END
}

@test "two nodes, =node: each nested job stays on its rank's node" {
    script here.py <<'END'
#!/usr/bin/python3
import subprocess, socket
from mpi4py import MPI
out = subprocess.run(["mpirun", "-np", "1", "hostname"], check=True, capture_output=True, text=True)
print(socket.gethostname(), "runs on", out.stdout.strip())
END
    run alice srun --mpi-nested-safe=node --mpi=$pmi -w n1,n2 -N2 -n2 ./here.py
    exits 0
    check test "$(sort <<<"$output")" = "n1 runs on n1
n2 runs on n2"
}

@test "two nodes, =job: one rank's nested job uses both" {
    needs_pmix
    local rank
    for rank in 0 1; do
        run alice srun --mpi-nested-safe=job --mpi=$pmi -w n1,n2 -N2 -n2 ./only.py $rank mpirun -np 2 hostname
        exits 0
        check test "$(sort <<<"$output")" = "n1
n2"
    done
}

@test "two nodes: stripping the MPI variables alone hangs, but for Open MPI 6" {
    script strip.sh <<'END'
#!/bin/bash
[ "$SLURM_PROCID" = 0 ] || exit 0
unset "${!OMPI_@}" "${!PMIX_@}" "${!PMI_@}"
exec mpirun -np 2 --oversubscribe hostname
END
    run alice timeout -k 10 12 srun --mpi=$pmi -N2 -n2 ./strip.sh
    if [ "$openmpi" -lt 6 ]; then
        exits 124
    else
        exits 0 # its srun does not wait
    fi
    # The same without a step around it is no hang: it is the outer step's CPUs that it waits for.
    run alice srun --mpi-nested-safe=job --mpi=$pmi -w n1,n2 -N2 -n2 ./only.py 0 \
        mpirun -np 2 --oversubscribe hostname
    exits 0
}

@test "two nodes, below a top-level mpirun: the rank on the other node can launch too" {
    run batch -w n1,n2 -N2 -n2 --ntasks-per-node=1 --mpi-nested-safe -- "mpirun -np 2 ${bug[*]}"
    exits 0
    has_line "nested launch of rank 0 works"
    has_line "nested launch of rank 1 works"
    run batch -w n1,n2 -N2 -n2 --ntasks-per-node=1 --mpi-nested-safe=job -- \
        "env ${openmpi_network[*]} mpirun -np 2 ./only.py 1 mpirun -np 2 hostname"
    exits 0
    check test "$(sort <<<"$output")" = "n1
n2"
}

@test "auto: a lone rank gets the job, others their node" {
    run batch -w n1,n2 -N2 -n2 --ntasks-per-node=1 --mpi-nested-safe -- \
        "mpirun -np 1 ./only.py 0 mpirun -np 2 hostname"
    exits 0
    check test "$(sort <<<"$output")" = "n1
n2"
    run alice srun --mpi-nested-safe --mpi=$pmi -w n1,n2 -N2 -n2 ./only.py 0 mpirun -np 2 hostname
    fails
    has "not enough slots"
}

@test "=node has as many slots as the rank has CPUs, and stays on them" {
    # Where a launch works unrepaired, as with PRRTE, it has as many as the step has tasks: no fewer then.
    local slots=2
    [ "$openmpi" != 4 ] || slots=1
    script cpus.py <<'END'
#!/usr/bin/python3
import os, subprocess, sys
from mpi4py import MPI
slots = int(sys.argv[1])
mine = os.sched_getaffinity(0)
code = "import os; print(sorted(os.sched_getaffinity(0)))"
def nested(n):
    return subprocess.run(["mpirun", "-np", str(n), "/usr/bin/python3", "-c", code],
                          capture_output=True, text=True)
right = all(line == str(sorted(mine)) for line in nested(len(mine)).stdout.splitlines())
print("rank", os.environ["SLURM_PROCID"], "cpus", sorted(mine), "same" if right else "other",
      "enough" if nested(slots).returncode == 0 else "short",
      "more refused" if "not enough slots" in nested(slots + 1).stderr else "more taken")
END
    run alice srun --mpi-nested-safe=node --mpi=$pmi --cpu-bind=cores -N1 -n2 ./cpus.py $slots
    exits 0
    check test "$(sort <<<"$output")" = "rank 0 cpus [0] same enough more refused
rank 1 cpus [1] same enough more refused"
    run alice srun --mpi-nested-safe=node --mpi=$pmi -N1 -n1 -c2 ./cpus.py 2
    is "rank 0 cpus [0, 1] same enough more refused"
}

@test "=node: a nested job that asks for CPUs per process works, and so does one that binds" {
    run alice srun --mpi-nested-safe=node --mpi=$pmi -N1 -n1 -c2 "$forms" execvp \
        mpirun --map-by slot:PE=2 -np 1 echo placed
    exits 0
    has_line placed
    run alice srun --mpi-nested-safe=node --mpi=$pmi -N1 -n1 -c2 "$forms" execvp \
        mpirun --bind-to core -np 2 echo bound
    exits 0
    has_line bound
}

@test "=node needs no ssh, and hosts out of reach are refused soon" {
    script far.sh <<'END'
#!/bin/bash
PATH=${PATH%%:*}:$HOME/bin mpirun -np 1 /bin/echo near
mpirun --host n4 -np 1 /bin/hostname
END
    mkdir "$home/bin"
    ln -s /usr/bin/mpirun "$home/bin/mpirun"
    run alice srun --mpi-nested-safe=node --mpi=$pmi -n1 ./far.sh
    has_line near
    lacks_line n4
    fails
}

@test "the job can still be named, and srun below a nested launch runs in it" {
    run alice srun --mpi-nested-safe=node --mpi=$pmi -n1 mpirun -np 1 sh -c \
        'echo "job $SLURM_JOB_ID conf $SLURM_CONF list <$SLURM_JOB_NODELIST>"; squeue -h -j "$SLURM_JOB_ID" -o %T'
    exits 0
    check grep -qE '^job [0-9]+ conf /etc/slurm/slurm.conf list <>$' <<<"$output"
    has_line RUNNING
}

@test "a task farm: ranks that are alone in their steps, side by side, stay on their CPUs" {
    script farm.sh <<END
#!/bin/bash
for task in 1 2; do
    srun --exact -n1 -c1 --mpi=$pmi $forms execvp mpirun -np 1 sh -c \
        'grep Cpus_allowed_list /proc/self/status' &
done
wait
END
    run alice salloc -Q -N1 -n2 --mpi-nested-safe ./farm.sh
    exits 0
    check test "$(tr -s '[:space:]' ' ' <<<"$output" | tr ' ' '\n' | sort | tr -d '\n')" = \
        "01Cpus_allowed_list:Cpus_allowed_list:"
}

@test "a site's own SLURM_ variables pass; an MPI step below a nested launch works" {
    run alice srun --mpi-nested-safe=node --mpi=$pmi -n1 env SLURM_TMPDIR=/scratch/7 \
        mpirun -np 1 printenv SLURM_TMPDIR
    is /scratch/7
    run batch -n2 --mpi-nested-safe -- \
        "srun --overlap -n1 bash -c 'mpirun -np 1 srun --overlap --mpi=$served -n2 $PROGRAMS/job$of_served'"
    exits 0
    check test "$(sort <<<"$output")" = "rank 0 of 2
rank 1 of 2
whole: 2, failed: 0"
}
