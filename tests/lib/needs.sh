# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests need from the machine.

# shellcheck disable=SC2034 # packages.sh installs them
PACKAGES=(
    gcc libc6-dev make autoconf automake libtool pkgconf xz-utils binutils shellcheck
    libslurm-dev libjansson-dev libmunge-dev libcmocka-dev valgrind bats procps
    # Slurm's plugin mpi/pmix opens libpmix.so, and that link is in the -dev package.
    libpmix-dev libopenmpi-dev openmpi-bin libmpich-dev mpich python3 python3-mpi4py
    slurmctld slurmd slurm-client slurmdbd mariadb-server munge iproute2 util-linux
)

# What only some of the tiers need: the matrix's roots do without.
declare -A TIER_PACKAGES=([faults]=libfaketime [analysers]="clang-tidy cppcheck" [fuzz]="clang libclang-rt-dev"
    [package]='mandoc groff-base zsh bash-completion tcl logrotate systemd' [audit]=prometheus
    [packages]="debhelper dpkg-dev fakeroot lintian rpm")

# shellcheck source=../../contrib/lib/packages.sh
. "$TREE/contrib/lib/packages.sh"

# need_packages [TIER]…
need_packages() {
    local needed=("${PACKAGES[@]}") missing tier
    for tier in "$@"; do
        # shellcheck disable=SC2206 # several words
        needed+=(${TIER_PACKAGES[$tier]-})
    done
    if ! command -v dpkg-query >/dev/null; then
        say "This is no Debian: tests/run takes what is installed. It needs what these Debian packages have:"
        say "${needed[*]}"
        return
    fi
    mapfile -t missing < <(packages_missing "${needed[@]}")
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        say "tests/run: these packages are missing, and only root can install them: ${missing[*]}" >&2
        exit 1
    fi
    say "installing packages: ${missing[*]}"
    quietly packages packages_update || exit 1
    quietly packages packages_install "${missing[@]}" || exit 1
}
