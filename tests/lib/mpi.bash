# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the Open MPI here does without nestsafe: the one place that tells its releases apart.

# 4 (ORTE), 5, 6 (PRRTE).
openmpi=$(mpirun --version 2>/dev/null | sed -n 's/^mpirun (Open MPI) \([0-9]*\)\..*/\1/p')
: "${openmpi:?mpirun in PATH is not that of Open MPI}"

# What its ranks inherit that would break a launcher of some release.
case $openmpi in
4) openmpi_hazards=(silent-exit recursion-banner name-clash) openmpi_state=OMPI_MCA_ess ;;
*) openmpi_hazards=(recursion-banner) openmpi_state=OMPI_UNIVERSE_SIZE ;;
esac

# unrepaired: what `run` has seen of a nested launch within one node that nobody repaired. PRRTE's mpirun pays no
# regard to the rank that started it.
unrepaired() {
    case $openmpi in
    4) fails ;;
    *) exits 0 ;;
    esac
}

# unrepaired_across: the same where the job has two nodes. Release 5's srun waits for the CPUs of the step around it.
unrepaired_across() {
    case $openmpi in
    4 | 5) fails ;;
    *) exits 0 ;;
    esac
}

# unrepaired_line LINE: the same, where not the status tells but a line.
unrepaired_line() {
    case $openmpi in
    4) lacks_line "$1" ;;
    *) has_line "$1" ;;
    esac
}

# mpirun of release 6.0 that is told to end kills its programs before they can do anything about it.
mpirun_ends_softly() { [ "$openmpi" -lt 6 ]; }

# singleton_denied LAUNCHED: MPI_Init of release 5 leaves nothing in a singleton's environment by which it
# could be told from any other program; nothing is there to break its launches either.
singleton_denied() {
    case $openmpi in
    4) has MPI_Finalize ;;
    *) has_line "$1" ;;
    esac
}

# Where ranks of several nodes begin at once, tests/programs/job crashes now and then in MPI_Init, with nestsafe or
# without: pml/ob1 takes a message on MPI_COMM_WORLD before that is made (open-mpi/ompi#13559).
crashed_in_init() {
    [[ $output = *MPI_Init* && $output = *[Ss]"egmentation fault"* && $output != *nestsafe-guard* ]]
}

# run_again COMMAND…: `run`, and that once more where such a crash is seen.
run_again() {
    run "$@"
    crashed_in_init || return 0
    { echo "run again, for Open MPI crashed in MPI_Init:" && echo "$output"; } | sed 's/^/# /' >&3
    run "$@"
}

# MPICH's launcher dies of SIGPIPE now and then, wherever it runs, if its program ends before it has been sent the end of
# its input: `true` 10 times of 1,500, `cat` never. So each short program that a test starts by it reads its input to the
# end first. (Ranks other than 0 have one that nobody ends.)

# What its ranks need to find each other over the network of the private Slurm.
case $openmpi in
4 | 5) openmpi_network=() ;;
*) openmpi_network=(OMPI_MCA_reachable=weighted OMPI_MCA_btl_tcp_if_include=10.0.0.0/8) ;;
esac

# Processes as root, and as many as a test needs, however few CPUs the machine has; and no word about the one
# network of a small machine, in which release 5 finds no way from a node to itself.
openmpi_settings() {
    export {OMPI,PRTE}_ALLOW_RUN_AS_ROOT=1 {OMPI,PRTE}_ALLOW_RUN_AS_ROOT_CONFIRM=1
    case $openmpi in
    4) export OMPI_MCA_rmaps_base_oversubscribe=1 ;;
    5) export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe OMPI_MCA_reachable=weighted ;;
    *) export PRTE_MCA_mapby=:oversubscribe OMPI_MCA_reachable=weighted ;;
    esac
}
