#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The outer job is unharmed by the nested ones.

load common

@test "after five nested launches: MPI_Allreduce and MPI_Comm_spawn; the env -u recipe breaks that" {
    # Open MPI 4.1.0 hangs then.
    run batch -N1 -n2 -- "timeout -k 1 20 mpirun --oversubscribe -np 2 $PROGRAMS/health 5 \
        'env -u OMPI_MCA_ess -u OMPI_UNIVERSE_SIZE -u OMPI_MCA_ess_base_jobid mpirun -np 1 true'"
    unrepaired_line healthy
    run batch -N1 -n2 --mpi-nested-safe -- \
        "mpirun --oversubscribe -np 2 $PROGRAMS/health 5 'mpirun -np 1 true'"
    exits 0
    has_line "launches failed: 0"
    has_line healthy
}

@test "a PMIx client below a nested launch has its own namespace; the outer one keeps its server" {
    needs_pmix
    run alice srun --mpi-nested-safe --mpi=$pmi -n1 "$PROGRAMS/pmixclient" \
        "mpirun -np 1 $PROGRAMS/pmixclient"
    exits 0
    local namespaces
    namespaces=$(sed -n 's/^namespace \([^ ]*\) .*/\1/p' <<<"$output" | sort -u | wc -l)
    check test "$namespaces" -eq 2
    check test "$(grep -c '^server of .* answers$' <<<"$output")" -eq 2
    has "server of slurm.pmix."
}

@test "ranks of a step still talk to each other after nested launches" {
    needs_pmix
    script talk.py <<'END'
#!/usr/bin/python3
import subprocess
from mpi4py import MPI
comm = MPI.COMM_WORLD
for i in range(5):
    subprocess.run(["mpirun", "-np", "1", "true"], check=True)
    assert comm.allreduce(comm.rank + i) == sum(range(comm.size)) + i * comm.size
if comm.rank == 0:
    print("healthy")
END
    run alice srun --mpi-nested-safe --mpi=$pmi -N2 -n4 ./talk.py
    exits 0
    is healthy
}

# What is in a node's /tmp, each kind once, and no more after that. (Of two ranks that end together, one may clean up
# for both.)
emptied() {
    settle
    "$cluster" run --node n3 -- find /tmp -mindepth 1 -user alice -print -delete | sed 's/[0-9]\+/N/g' | sort -u
}

@test "no file of a nested launch stays in /tmp" {
    # Ranks that srun's PMIx does not serve leave directories of their own.
    run alice srun --mpi=$pmi -w n3 -n2 "${bug[@]:0:1}" -c 'from mpi4py import MPI'
    exits 0
    local ranks
    ranks=$(emptied)
    [ $pmi != pmix ] || check test -z "$ranks"
    run alice srun --mpi-nested-safe --mpi=$pmi -w n3 -n2 "${bug[@]}"
    exits 0
    run emptied
    is "$ranks"
}
