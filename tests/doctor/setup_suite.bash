# SPDX-License-Identifier: GPL-2.0-or-later
# One private Slurm with accounting for all files of this tier; the rest as for the cluster tier.

setup_suite() {
    : "${PREFIX:?}" "${PROGRAMS:?}" "${SOURCE:?}" "${NESTSAFE_CLUSTER_DIR:?}"
    echo "optional $PREFIX/lib/nestsafe/nestsafe.so" >"$BATS_SUITE_TMPDIR/plugstack.conf"
    "$SOURCE/contrib/cluster/cluster" up --nodes 4 --accounting --plugstack "$BATS_SUITE_TMPDIR/plugstack.conf"
}

teardown_suite() {
    "$SOURCE/contrib/cluster/cluster" down
}
