#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What is installed and distributed, and what configure says when something is missing.

# shellcheck source=tests/lib/assert.bash
source "$BATS_TEST_DIRNAME/../lib/assert.bash"

setup() { cd "${BUILD:?}" || return; }

@test "make install with DESTDIR puts everything where the documentation says" {
    make DESTDIR="$BATS_TEST_TMPDIR/dest" install >/dev/null
    cd "$BATS_TEST_TMPDIR/dest/$PREFIX"
    run sh -c "find . ! -type d | sort | grep -v '^./libexec/nestsafe/bin/'"
    is "./bin/nestsafe
./lib/nestsafe/nestsafe-guard-launch.so
./lib/nestsafe/nestsafe-guard.so
./lib/nestsafe/nestsafe.so
./libexec/nestsafe/nestsafe-account
./libexec/nestsafe/nestsafe-audit
./libexec/nestsafe/nestsafe-collectd
./libexec/nestsafe/nestsafe-launch
./libexec/nestsafe/nestsafe-unreachable
./share/bash-completion/completions/nestsafe
./share/man/man1/nestsafe.1
./share/man/man5/nestsafe.rules.5
./share/man/man8/nestsafe-collectd.8
./share/man/man8/nestsafe.8
./share/nestsafe/logrotate.d/nestsafe
./share/nestsafe/modulefiles/mpi-nested-safe
./share/nestsafe/modulefiles/mpi-nested-safe.lua
./share/nestsafe/monitoring/nestsafe-alerts.yml
./share/nestsafe/monitoring/nestsafe-dashboard.json
./share/nestsafe/monitoring/nestsafe-metrics
./share/nestsafe/monitoring/nestsafe-metrics.service
./share/nestsafe/monitoring/nestsafe-metrics.timer
./share/nestsafe/plugstack.conf.d/nestsafe.conf
./share/nestsafe/systemd/nestsafe-collectd.service
./share/nestsafe/tmpfiles.d/nestsafe.conf
./share/zsh/site-functions/_nestsafe"
    run sh -c 'cd libexec/nestsafe/bin && for name in *; do [ "$(readlink "$name")" = ../nestsafe-launch ] && echo "$name"; done'
    is "mpiexec
mpiexec.hydra
mpiexec.mpich
mpiexec.openmpi
mpirun
mpirun.mpi_abi_mpich
mpirun.mpich
mpirun.openmpi
mpirun_rsh
orterun
oshrun
prte
prterun
prun
shmemrun
srun"
    run grep -v '^#' share/nestsafe/plugstack.conf.d/nestsafe.conf
    is "optional $PREFIX/lib/nestsafe/nestsafe.so default=audit"
    cd "$BUILD"
    make DESTDIR="$BATS_TEST_TMPDIR/dest" uninstall >/dev/null
    run find "$BATS_TEST_TMPDIR/dest" ! -type d
    is ""
}

@test "the plugin exports SPANK's symbols only, and the guard none" {
    run sh -c "nm -D --defined-only .libs/nestsafe.so | sed 's/.* //' | sort"
    is "plugin_name
plugin_type
plugin_version
slurm_spank_exit
slurm_spank_init
slurm_spank_init_post_opt
slurm_spank_slurmd_exit
slurm_spank_task_exit
slurm_spank_task_init
slurm_spank_user_init
spank_plugin_version"
    run nm -D --defined-only .libs/nestsafe-guard.so
    is ""
    run nm -D --defined-only .libs/nestsafe-guard-launch.so
    is ""
}

# What each object has of the following: as readelf tells.
hardening() { # FILE
    local file=$1 dynamic
    dynamic=$(readelf -dW "$file")
    readelf -hW "$file" | grep -qE 'Type: +DYN' && echo pie
    readelf -lW "$file" | grep -q GNU_RELRO && echo relro
    grep -qE 'BIND_NOW|Flags:.* NOW' <<<"$dynamic" && echo now
    readelf -lW "$file" | grep GNU_STACK | grep -q E || echo stack
    readelf -sW "$file" | grep -q '__stack_chk_fail' && echo protector
    readelf -sW "$file" | grep -qE '__[a-z]+_chk' && echo fortify
    grep -qE 'R(UN)?PATH|TEXTREL' <<<"$dynamic" || echo paths
}

@test "what is installed is hardened as distributions do it" {
    make DESTDIR="$BATS_TEST_TMPDIR/dest" install >/dev/null
    cd "$BATS_TEST_TMPDIR/dest/$PREFIX"
    local file
    for file in bin/nestsafe libexec/nestsafe/nestsafe-{collectd,account,audit}; do
        echo "# $file"
        run hardening "$file"
        is $'pie\nrelro\nnow\nstack\nprotector\nfortify\npaths'
    done
    # Loaded into other programs, or a static one: see m4/ns_hardening.m4 for what they go without.
    for file in lib/nestsafe/nestsafe{,-guard}.so libexec/nestsafe/nestsafe-launch; do
        echo "# $file"
        run hardening "$file"
        for word in relro stack protector fortify paths; do
            has_line "$word"
        done
    done
}

@test "configure names what is missing and the package that has it" {
    mkdir "$BATS_TEST_TMPDIR/configure"
    cd "$BATS_TEST_TMPDIR/configure"
    run env ac_cv_header_slurm_spank_h=no "$SOURCE/configure"
    fails
    has "cannot find Slurm's header slurm/spank.h"
    has "libslurm-dev (Debian"
    run env JANSSON_CFLAGS= PKG_CONFIG=/bin/false "$SOURCE/configure"
    fails
    has "libjansson-dev (Debian"
    run "$SOURCE/configure" OMPI_MPICC=/bin/false
    fails
    has "libopenmpi-dev and openmpi-bin (Debian"
    run "$SOURCE/configure" MPICH_MPICC=/bin/false
    fails
    has "libmpich-dev and mpich (Debian"
    run "$SOURCE/configure" --disable-tests OMPI_MPICC=/bin/false MPICH_MPICC=/bin/false
    exits 0
}

@test "what builds packages says how, and touches nothing when it is called wrongly" {
    local kind
    cd "$BATS_TEST_TMPDIR"
    for kind in debian rpm; do
        run "$SOURCE/contrib/$kind/build" --help
        exits 0
        has "usage: $SOURCE/contrib/$kind/build [TARBALL]"
        run "$SOURCE/contrib/$kind/build" --no-such-option
        exits 2
        has "usage: "
        run "$SOURCE/contrib/$kind/build" none.tar.xz
        exits 1
        is "$SOURCE/contrib/$kind/build: there is no none.tar.xz"
    done
    check test "$(ls)" = ""
}

@test "make distcheck" {
    # libtool in sh, not in bash: see tests/lib/build.sh.
    run env CONFIG_SHELL=/bin/sh make -j"$(nproc)" distcheck
    echo "$output" | tail -n 40
    exits 0
}
