# SPDX-License-Identifier: GPL-2.0-or-later
# One private Slurm for all files of this tier. From tests/run: PREFIX, PROGRAMS and SOURCE, as for
# the launch tier, and NESTSAFE_CLUSTER_DIR, where the cluster keeps its things.

setup_suite() {
    : "${PREFIX:?}" "${PROGRAMS:?}" "${SOURCE:?}" "${NESTSAFE_CLUSTER_DIR:?}"
    echo "optional $PREFIX/lib/nestsafe/nestsafe.so" >"$BATS_SUITE_TMPDIR/plugstack.conf"
    "$SOURCE/contrib/cluster/cluster" up --nodes 4 --plugstack "$BATS_SUITE_TMPDIR/plugstack.conf"
}

teardown_suite() {
    "$SOURCE/contrib/cluster/cluster" down
}
