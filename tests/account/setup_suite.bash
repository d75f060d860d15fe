# SPDX-License-Identifier: GPL-2.0-or-later
# One private Slurm with accounting for all files of this tier; see tests/cluster/setup_suite.bash.

setup_suite() {
    : "${PREFIX:?}" "${SOURCE:?}" "${NESTSAFE_CLUSTER_DIR:?}"
    "$SOURCE/contrib/cluster/cluster" up --nodes 2 --accounting
}

teardown_suite() {
    "$SOURCE/contrib/cluster/cluster" down
}
