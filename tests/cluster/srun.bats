#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# srun that a rank starts: it waits for ever for the CPUs of the step around it.

load common
# shellcheck source=tests/lib/waits.bash
source "$BATS_TEST_DIRNAME/../lib/waits.bash"

job=$PROGRAMS/job$of_served
forms=$forms$of_served

# in_job SALLOC OPTIONS -- SRUN OPTIONS AND COMMAND: that step in a job; a hang has a deadline.
in_job() {
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    # A shell tells the status: salloc calls it a success where SIGKILL ended its command (salloc.c).
    alice salloc -Q "${options[@]}" sh -c 'timeout -k 1 "$@"; exit $?' sh "${deadline-40}" srun --mpi="$served" "$@"
}

# hangs COMMAND…: a step waits in it for CPUs that its own rank holds.
hangs() { deadline=50 waits "$@"; }

whole() { grep -c "^whole: $1, failed: 0$" <<<"$output" || true; }

@test "one node: through PATH, by absolute path; MPI in the nested step" {
    local mode
    hangs in_job -N1 -n2 -- --mpi-nested-safe=audit -n1 "$forms" execvp srun -n1 "$job"
    hangs in_job -N1 -n2 -- --mpi-nested-safe=audit -n1 "$forms" vfork_execv /usr/bin/srun -n1 "$job"
    for mode in auto node job; do
        run in_job -N1 -n2 -- --mpi-nested-safe=$mode -n1 "$forms" execvp srun --mpi=$served -n2 "$job"
        exits 0
        check test "$(whole 2)" -eq 1
        run in_job -N1 -n2 -- --mpi-nested-safe=$mode -n1 "$forms" vfork_execv /usr/bin/srun --mpi=$served -n2 "$job"
        exits 0
        check test "$(whole 2)" -eq 1
    done
    run in_job -N1 -n2 -- --mpi-nested-safe -n1 "$forms" execvp srun --mpi=pmi2 -n2 "$PROGRAMS/job.mpich"
    exits 0
    check test "$(whole 2)" -eq 1
}

@test "two nodes, =job: the nested step has the job's nodes, without what the outer step asked for" {
    hangs in_job -N2 -n4 -- --mpi-nested-safe=audit -N2 -n2 "$forms" execvp srun --mpi=$served "$job"
    run_again in_job -N2 -n4 -- --mpi-nested-safe=job -N2 -n3 "$forms" execvp srun --mpi=$served "$job"
    exits 0
    check test "$(whole 2)" -eq 3
    run_again in_job -N2 -n4 -- --mpi-nested-safe=job -N1 -n1 "$forms" execvp srun --mpi=$served -n4 "$job"
    exits 0
    check test "$(whole 4)" -eq 1
}

@test "two nodes, =node: on the rank's node and CPUs; what srun itself is told counts" {
    script show.sh <<'END'
#!/bin/sh
echo "$SLURM_STEP_ID $(hostname) $(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)"
END
    run in_job -N2 -n4 -w n1,n2 -- --mpi-nested-safe=node -N2 -n2 "$forms" execvp srun ./show.sh
    exits 0
    check test "$(cut -d' ' -f2 <<<"$output" | sort)" = "n1
n2"
    run in_job -N2 -n4 -w n1,n2 -- --mpi-nested-safe=node -N1 -n2 --cpu-bind=cores "$forms" \
        vfork_execv /usr/bin/srun ./show.sh
    exits 0
    check test "$(cut -d' ' -f2- <<<"$output" | sort)" = "n1 0
n1 1"
    run in_job -N2 -n4 -w n1,n2 -- --mpi-nested-safe=node -N1 -n1 "$forms" execvp srun -N2 hostname
    check test "$(sort <<<"$output")" = "n1
n2"
    run in_job -N2 -n4 -w n1,n2 -- --mpi-nested-safe=node -N1 -n1 -w n2 "$forms" execvp srun -c1 -n2 ./show.sh
    exits 0
    check test "$(cut -d' ' -f2- <<<"$output" | sort)" = "n2 0
n2 1"
}

@test "what cannot be had fails soon, with words" {
    run in_job -N2 -n4 -- --mpi-nested-safe=node -N1 -n1 "$forms" execvp srun -n9 hostname
    fails
    has "More processors requested than permitted"
    run in_job -N1 -n1 -- --mpi-nested-safe=job -n1 "$forms" execvp srun -w n4 hostname
    fails
    has "srun: error:"
    # Whatever else it may wait for, it is told for how long.
    mkdir "$home/bin"
    printf '#!/bin/sh\necho "$@"\n' | script bin/srun
    script fake.sh <<END
#!/bin/sh
PATH=\$(echo "\$PATH" | cut -d: -f1):$home/bin:\$PATH
exec $forms execvp srun -n1 prog -x
END
    run in_job -N1 -n1 -- --mpi-nested-safe=job -n1 ./fake.sh
    is "--overlap --immediate=30 -n1 prog -x"
    run in_job -N1 -n1 -- --mpi-nested-safe=node -n1 ./fake.sh
    is "--overlap --nodes=1 --nodelist=n1 --immediate=30 -n1 prog -x"
}

@test "srun, rank, srun, rank, mpirun: depth, confinement, the end" {
    run in_job -N1 -n2 -- --mpi-nested-safe -n1 "$forms" execvp srun --mpi=$served -n1 "$forms" \
        execvp mpirun -np 1 printenv NESTSAFE_DEPTH
    exits 0
    is 3
    run in_job -N2 -n4 -- --mpi-nested-safe=node -N1 -n1 "$forms" execvp \
        srun --mpi=$served --mpi-nested-safe=job -n1 "$forms" execvp mpirun -np 1 \
        sh -c 'echo ${NESTSAFE_LAUNCH##*:}'
    exits 0
    is node
    script self.sh <<END
#!/bin/sh
exec $forms execvp srun -n1 $home/self.sh
END
    plugstack max_depth=2
    run in_job -N1 -n2 -- --mpi-nested-safe -n1 ./self.sh
    fails
    has "srun refused: max_depth: this launch is nested 3 deep, more than the 2 allowed here"
}

@test "below mpirun, on the node where it runs and on the other one" {
    script only.py <<'END'
#!/usr/bin/python3
import subprocess, sys
from mpi4py import MPI
comm = MPI.COMM_WORLD
rc = subprocess.run(sys.argv[2:]).returncode if comm.rank == int(sys.argv[1]) else 0
sys.exit(comm.bcast(rc, int(sys.argv[1])))
END
    local rank
    for rank in 0 1; do
        run_again batch -N2 -n2 --ntasks-per-node=1 --mpi-nested-safe=job -- \
            "timeout -k 1 40 env ${openmpi_network[*]} mpirun -np 2 ./only.py $rank srun --mpi=$served $job"
        exits 0
        check test "$(whole 2)" -eq 1
    done
}

@test "deny refuses; other sruns are left alone, byte for byte" {
    local before
    run in_job -N1 -n2 -- --mpi-nested-safe=deny -n1 "$forms" execvp srun -n1 hostname
    exits 126
    has "nestsafe: error: srun refused: it was started by a rank started by srun"
    has "srun --overlap"
    script show.sh <<'END'
#!/bin/sh
env -0 | sort -z | tr '\0\n' '\n\1' | grep -vE '^(SLURM_(JOB_?ID|JOB_SLUID|STEP_?ID|TASK_PID|SRUN_COMM_PORT|STEP_LAUNCHER_PORT|STEPID)|_|NESTSAFE_LAUNCH|OMPI_MCA_orte_precondition_transports|PMIX_[A-Z0-9_]*|SLURM_PMIX[A-Z_]*)='
END
    # In a batch script: with the launcher directory in PATH, and with srun's own path.
    run batch -n1 --mpi-nested-safe -- 'srun -n1 ./show.sh >through; /usr/bin/srun -n1 ./show.sh >past; diff through past'
    exits 0
    is ""
    # In a task that is no MPI rank, waiting for its turn is Slurm's affair; and so is what says
    # itself how it shares.
    hangs in_job -N1 -n2 -- --mpi-nested-safe=job --mpi=none -n1 srun -n1 hostname
    run in_job -N1 -n2 -- --mpi-nested-safe=job --mpi=none -n2 sh -c \
        '[ "$SLURM_PROCID" = 1 ] || srun --overlap sh -c "echo task"'
    exits 0
    is "task
task"
    run in_job -N1 -n2 -- --mpi-nested-safe=job -n2 "$forms" execvp srun --overlap sh -c 'echo task'
    exits 0
    check test "$(grep -c '^task$' <<<"$output")" -eq 4
    # A singleton in a script is in no step: its sruns take turns, however many there are.
    script turns.sh <<'END'
#!/bin/sh
mkdir turn && sleep 1 && rmdir turn && echo turn
END
    script farm.py <<'END'
#!/usr/bin/python3
import subprocess
from mpi4py import MPI
for child in [subprocess.Popen(["srun", "-n1", "./turns.sh"]) for _ in range(3)]:
    child.wait()
END
    run batch -N1 -n2 --mpi-nested-safe -- ./farm.py
    exits 0
    check test "$(grep -c '^turn$' <<<"$output")" -eq 3
    run in_job -N1 -n1 -- --mpi-nested-safe -n1 "$forms" execvp srun --version
    exits 0
    has "slurm"
    run in_job -N1 -n1 -- --mpi-nested-safe -n1 "$forms" execvp srun --usage
    has "Usage: srun"
}
