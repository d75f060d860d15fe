#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The samples for other programs, read by those programs.

# shellcheck source=tests/lib/assert.bash
source "$BATS_TEST_DIRNAME/../lib/assert.bash"
# shellcheck source=contrib/lib/packages.sh
source "$BATS_TEST_DIRNAME/../../contrib/lib/packages.sh"

setup_file() { make -C "${BUILD:?}" install-data DESTDIR="$BATS_FILE_TMPDIR/dest" >/dev/null; }

setup() { samples=$BATS_FILE_TMPDIR/dest${PREFIX:?}/share/nestsafe; }

# unpacked PACKAGE...: their files below ./tree. Installed, environment-modules and lmod exclude each other, and both would
# change this machine's shells.
unpacked() {
    local file
    WORK=$PWD
    apt_get download "$@"
    for file in *.deb; do
        dpkg -x "$file" tree
    done
}

# What a shell says that has evaluated what the command prints for it.
evaluated() { "$@" | grep -v '^ERROR' >shell.code && bash -c '. ./shell.code; echo "${MPI_NESTED_SAFE-unset}"'; }

@test "environment-modules: the modulefile sets MPI_NESTED_SAFE=auto, and unsets it" {
    command -v apt-get >/dev/null || skip "this is no Debian"
    cd "$BATS_TEST_TMPDIR"
    unpacked environment-modules
    export MODULEPATH=$samples/modulefiles
    unset LOADEDMODULES _LMFILES_
    export MODULECMD
    MODULECMD=$(find tree -name modulecmd.tcl -type f | head -n 1)
    run evaluated tclsh "$MODULECMD" bash load mpi-nested-safe
    is auto
    run sh -c '. ./shell.code; tclsh "$MODULECMD" bash unload mpi-nested-safe >unload.code; . ./unload.code; echo "${MPI_NESTED_SAFE-unset}"'
    is unset
    run tclsh "$MODULECMD" bash help mpi-nested-safe
    has "srun --mpi-nested-safe=help"
}

@test "Lmod: the same" {
    command -v apt-get >/dev/null || skip "this is no Debian"
    cd "$BATS_TEST_TMPDIR"
    unpacked lmod lua5.3 lua-posix lua-filesystem lua-json lua-term lua-lpeg lua-bit32
    # It knows where Debian has its libraries.
    local lmod lua=$PWD/tree/usr/bin/lua5.3
    lmod=$(find tree/usr/share/lmod -path '*/libexec/lmod')
    sed -i "s|/usr/|$PWD/tree/usr/|g" "$lmod"
    export MODULEPATH=$samples/modulefiles LUA_PATH="$PWD/tree/usr/share/lua/5.3/?.lua;;"
    unset LOADEDMODULES _LMFILES_
    run evaluated "$lua" "$lmod" bash load mpi-nested-safe
    is auto
    check grep -qF "$samples/modulefiles/mpi-nested-safe.lua" shell.code
    run sh -c '. ./shell.code; "$1" "$2" bash unload mpi-nested-safe >unload.code; . ./unload.code; echo "${MPI_NESTED_SAFE-unset}"' sh "$lua" "$lmod"
    is unset
    run "$lua" "$lmod" bash help mpi-nested-safe
    has "srun --mpi-nested-safe=help"
}

@test "systemd: the unit is without a complaint" {
    cd "$BATS_TEST_TMPDIR"
    # The program is where make install will put it.
    sed "s|^ExecStart=[^ ]*|ExecStart=$BUILD/nestsafe-collectd|" "$samples/systemd/nestsafe-collectd.service" >nestsafe-collectd.service
    run systemd-analyze verify ./nestsafe-collectd.service
    exits 0
    lacks nestsafe-collectd.service
    # Each option of its command line is one that the program takes.
    local option
    for option in $(grep -oE -- ' --[a-z-]+' "$samples/systemd/nestsafe-collectd.service"); do
        check grep -qE -- "^ +$option\b" <("$BUILD/nestsafe-collectd" --help)
    done
}

@test "tmpfiles.d: makes both directories, as nestsafe does" {
    [ "$(id -u)" = 0 ] || skip "only root can give directories to root"
    mkdir "$BATS_TEST_TMPDIR/tree"
    run systemd-tmpfiles --create --root="$BATS_TEST_TMPDIR/tree" "$samples/tmpfiles.d/nestsafe.conf"
    exits 0
    run stat -c '%a %U %n' "$BATS_TEST_TMPDIR"/tree/{run,var/spool}/nestsafe
    is "755 root $BATS_TEST_TMPDIR/tree/run/nestsafe
700 root $BATS_TEST_TMPDIR/tree/var/spool/nestsafe"
}

@test "logrotate: the sample rotates a file of records" {
    [ "$(id -u)" = 0 ] || skip "logrotate's create wants root"
    cd "$BATS_TEST_TMPDIR"
    echo '{"v":1}' >nestsafe.jsonl
    sed "s|/var/log/nestsafe.jsonl|$PWD/nestsafe.jsonl|" "$samples/logrotate.d/nestsafe" >conf
    chmod 644 conf
    run logrotate --debug --state "$PWD/state" conf
    exits 0
    lacks error
    run logrotate --force --state "$PWD/state" conf
    exits 0
    is ""
    check test -e nestsafe.jsonl.1.gz
    check test "$(stat -c '%a %s' nestsafe.jsonl)" = "640 0"
}
