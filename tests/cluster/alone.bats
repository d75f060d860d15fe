#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# MPI programs that a rank starts without a launcher: they fail, hang or take the outer job with
# them, and are MPI jobs of one process where they are started to be alone.

load common

job=$PROGRAMS/job
served_job=$job$of_served
# Each way in which srun starts a job here, and the suffix of its programs.
types=(pmi2:.mpich)
[ "$pmi" != pmix ] || types+=(pmix:)
nestsafe=$PREFIX/bin/nestsafe

# A child started as Python does it, with all file descriptors closed.
closing='/usr/bin/python3 -c "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"'

# in_step TYPE, in_batch LAUNCHER: the two places of a rank, as a command line to which MODE and the
# command of each rank are to be added.
deadline=() # of what may hang
in_step() {
    local type=$1 mode=$2
    shift 2
    alice "${deadline[@]}" srun --mpi="$type" -n2 --mpi-nested-safe="$mode" "$@"
}
in_batch() {
    local launcher=$1 mode=$2
    shift 2
    batch -N1 -n2 --mpi-nested-safe="$mode" -- "${deadline[*]} $launcher -n 2 $(printf '%q ' "$@")"
}

# none_is_alone PLACE WHICH MODE…: the ranks were there, and what they started was no job by itself.
none_is_alone() {
    local deadline=(timeout -k 1 15)
    run "$@"
    has_line "rank 0 of 2"
    has_line "rank 1 of 2"
    # Programs of MPICH 3 may take themselves for the outer job's ranks, whose connections they then end, and exit with 0.
    lacks_line "rank 0 of 1"
}

# alone_works PLACE WHICH SUFFIX: with the programs of that suffix, in ranks of a healthy job of two.
alone_works() {
    local place=$1 which=$2 suffix=$3 way
    for way in "$job$suffix" "$closing $job$suffix"; do
        none_is_alone "$place" "$which" auto "$job$suffix" "$way"
        run "$place" "$which" auto,alone "$job$suffix" "$way"
        exits 0
        are_alone
        run "$place" "$which" auto "$job$suffix" "${way%"$job"*}$nestsafe run --alone -- $job$suffix"
        exits 0
        are_alone
    done
}

# Two jobs of one process, and theirs of two, which is whole.
well="rank 0 of 1
rank 0 of 1
rank 0 of 2
rank 1 of 2
whole: 1, failed: 0
whole: 1, failed: 0
whole: 2, failed: 0"
are_alone() { check test "$(sort <<<"$output")" = "$well"; }

@test "Open MPI in a rank of srun" { needs_pmix; alone_works in_step pmix ""; }
@test "Open MPI in a rank of mpirun" { alone_works in_batch mpirun ""; }
@test "MPICH in a rank of srun" { alone_works in_step pmi2 .mpich; }
@test "MPICH in a rank of mpiexec" { alone_works in_batch mpiexec.mpich .mpich; }

# Not with MPICH 4.0.2 of Debian 12, whose MPI_Comm_spawn fails in any job.
@test "the outer job can still spawn" {
    local healthy="launches failed: 0
healthy"
    run batch -N1 -n2 --mpi-nested-safe -- \
        "timeout -k 1 15 mpirun -np 2 --oversubscribe $PROGRAMS/health 2 '$job >/dev/null'"
    lacks_line "launches failed: 0"
    run batch -N1 -n2 --mpi-nested-safe=auto,alone -- \
        "mpirun -np 2 --oversubscribe $PROGRAMS/health 2 '$job >/dev/null'"
    exits 0
    is "$healthy"
}

@test "one MPI in the other, and a singleton's child" {
    if [ "$pmi" = pmix ]; then
        run in_step pmix auto,alone "$job" "$job.mpich"
        exits 0
        are_alone
    fi
    run in_step pmi2 auto,alone "$job.mpich" "$job"
    exits 0
    are_alone
    run batch -n1 --mpi-nested-safe=auto,alone -- "$job $job"
    exits 0
    is "rank 0 of 1
rank 0 of 1
whole: 1, failed: 0
whole: 1, failed: 0"
}

@test "a program on its way to becoming the rank is the rank: wrappers" {
    local type suffix
    script wrapper.sh <<'END'
#!/bin/sh
"$@"
exit $?
END
    for type in "${types[@]}"; do
        suffix=${type#*:}
        run in_step "${type%:*}" auto,alone ./wrapper.sh sh -c "$job$suffix; exit \$?"
        exits 0
        check test "$(sort <<<"$output")" = "rank 0 of 2
rank 1 of 2
whole: 2, failed: 0"
    done
    run batch -n2 --mpi-nested-safe=auto,alone -- "mpirun -np 2 ./wrapper.sh $job"
    has_line "whole: 2, failed: 0"
}

@test "what an alone program starts itself: a launcher, the next one; and it has an end" {
    local see="mpirun -np 1 printenv NESTSAFE_DEPTH"
    run alice srun --mpi-nested-safe=auto,alone --mpi="$served" -n1 "$served_job" "$served_job '$see'"
    exits 0
    has_line 3
    run alice srun --mpi-nested-safe=auto,alone --mpi=pmi2 -n1 "$job.mpich" \
        "$job.mpich 'mpiexec.mpich -n 1 $job.mpich'"
    exits 0
    check test "$(grep -c '^whole: 1, failed: 0$' <<<"$output")" -eq 3
    run alice srun --mpi-nested-safe=auto,alone --mpi="$served" -n1 "$served_job" "$served_job '$served_job $served_job'"
    exits 0
    check test "$(grep -c '^whole: 1, failed: 0$' <<<"$output")" -eq 4
    local type
    for type in "${types[@]}"; do
        script self.sh <<END
#!/bin/sh
exec $job${type#*:} "$home/self.sh"
END
        run alice srun --mpi-nested-safe=auto,alone --mpi="${type%:*}" -n1 ./self.sh
        fails
        has "refused: max_depth: this launch is nested 9 deep"
    done
}

@test "the same process, arguments, status; the user's tuning, not the outer command line's" {
    script show.sh <<'END'
#!/bin/sh
printf '<%s>' "$$" "$@" "$OMPI_MCA_btl" "$OMPI_MCA_coll" "$PMIX_RANK$PMI_FD$SLURM_STEP_ID"
exit 37
END
    script start.py <<END
#!/usr/bin/python3
import subprocess, sys
child = subprocess.Popen(["$nestsafe", "run", "--alone", "./show.sh", "a  b", ""], stdout=subprocess.PIPE)
out = child.communicate()[0].decode()
print(out.replace(f"<{child.pid}>", "<same>"), child.returncode)
END
    run batch -n1 -- "export OMPI_MCA_btl=self,vader,tcp; mpirun --mca coll ^hcoll -np 1 ./start.py"
    exits 0
    is "<same><a  b><><self,vader,tcp><><> 37"
    run alice srun --mpi="$served" -n1 "$served_job" "$nestsafe run --alone sh -c 'kill -TERM \$\$'"
    fails
    has "failed: 1"
}

@test "alone belongs to what repairs, and to what the site allows" {
    run alice srun --mpi-nested-safe=audit,alone hostname
    fails
    has "invalid mode 'audit,alone'; valid are auto, node, job, audit, deny, off; auto, node and job also with ',alone'"
    plugstack allow=node,off
    run alice srun --mpi-nested-safe=job,alone hostname
    fails
    has "mode 'job,alone' is not allowed on this cluster; allowed are node, off"
    run alice srun --mpi-nested-safe=node,alone printenv NESTSAFE_MODE
    is node,alone
    plugstack default=auto,alone
    run alice srun --mpi="$served" -n1 "$served_job" "$served_job"
    exits 0
    has_line "rank 0 of 1"
    none_is_alone alice_with MPI_NESTED_SAFE=auto -- timeout -k 1 15 srun --mpi="$served" -n2 "$served_job" "$served_job"
}
