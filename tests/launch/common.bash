# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of the launcher path and the command line share. From tests/run: PREFIX, where
# nestsafe is installed, PROGRAMS, where the test programs are, and SOURCE, the source tree.

: "${PREFIX:?}" "${PROGRAMS:?}" "${SOURCE:?}"
# shellcheck source=tests/lib/assert.bash
source "$BATS_TEST_DIRNAME/../lib/assert.bash"
# shellcheck source=tests/lib/mpi.bash
source "$BATS_TEST_DIRNAME/../lib/mpi.bash"

launchers=$PREFIX/libexec/nestsafe/bin
guard=$PREFIX/lib/nestsafe/nestsafe-guard.so
nestsafe=$PREFIX/bin/nestsafe
python=/usr/bin/python3

# Each test in a directory of its own, with an environment that nobody has tuned.
setup() {
    cd "$BATS_TEST_TMPDIR" || return
    local name
    for name in $(compgen -e | grep -E '^(OMPI|OPAL|PMIX|PMI|PRTE|SLURM|MPI|HYDRA|NESTSAFE)_'); do
        unset "$name"
    done
    unset LD_PRELOAD
    openmpi_settings
}

# fake NAME: an executable NAME in ./fake, with the script on standard input.
fake() {
    mkdir -p fake
    cat >"fake/$1"
    chmod +x "fake/$1"
}

# Before a command: the environment of a rank of Open MPI's mpirun that has called MPI_Init, as far
# as it matters.
as_rank=(env OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=2 OMPI_UNIVERSE_SIZE=2 OMPI_MCA_ess=pmi
    OMPI_MCA_ess_base_jobid=1 PMIX_NAMESPACE=outer PMIX_RANK=0)
