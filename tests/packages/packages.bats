#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The .deb, from its build to its purge, on a clean root with a private Slurm; and the .rpm.

# shellcheck source=tests/lib/assert.bash
source "$BATS_TEST_DIRNAME/../lib/assert.bash"
# shellcheck source=tests/packages/root.bash
source "$BATS_TEST_DIRNAME/root.bash"

: "${BUILD:?}" "${SOURCE:?}" "${NESTSAFE_CLUSTER_DIR:?}"
cluster=$SOURCE/contrib/cluster/cluster
root=$BATS_FILE_TMPDIR/root
home=$NESTSAFE_CLUSTER_DIR/home/alice
line='include /usr/share/nestsafe/plugstack.conf.d/*.conf'

setup_file() {
    root_up "$(dirname "$NESTSAFE_CLUSTER_DIR")"
    make -C "$BUILD" dist >"$BATS_FILE_TMPDIR/dist.log" 2>&1 3>&-
    cd "$root" && "$SOURCE/contrib/debian/build" "$BUILD"/nestsafe-*.tar.xz >"$BATS_FILE_TMPDIR/deb.log" 2>&1 3>&- ||
        { tail -n 30 "$BATS_FILE_TMPDIR/deb.log" && return 1; }
    written >"$BATS_FILE_TMPDIR/before"
}

teardown_file() {
    [ ! -e "$NESTSAFE_CLUSTER_DIR" ] || in_root "$cluster" down
    root_down
}

# node COMMAND…: as root on the cluster's node; its /run and /var/spool are its own, its /etc is the root's as it was
# when the cluster began, all else is the root's.
node() { in_root "$cluster" run --node n1 -- "$@"; }
alice() { in_root "$cluster" run --user alice -- "$@"; }

# nested [SRUN OPTION]…: a rank that starts mpirun.
nested() {
    alice srun --mpi=pmix -n1 "$@" /usr/bin/python3 -c '
from mpi4py import MPI
import subprocess
subprocess.run(["mpirun", "-np", "1", "echo", "it works"], check=True)'
}

slurm_release() {
    sed -n 's/^SLURM_RELEASE = \([0-9]*\.[0-9]*\).*/\1/p' "$BUILD/Makefile"
}

# The collectors of the root, as the packages' script sees them.
collectors() {
    # shellcheck disable=SC2016
    node sh -c 'for process in /proc/[0-9]*; do
        case $(readlink $process/exe) in
        /usr/libexec/nestsafe/*) [ ! $process/root -ef / ] || echo ${process#/proc/} ;;
        esac
    done'
}

no_collectors() { [ -z "$(collectors)" ]; }
has_collectors() { [ -n "$(collectors)" ]; }

@test "the .deb is built from a dist tarball, for one release of Slurm, and lintian finds no error" {
    cd "$root"
    local deb release
    deb=$(echo nestsafe_*.deb)
    release=$(slurm_release)
    check test -e "$deb"
    run dpkg-deb -f "$deb" Version
    has "+slurm$release"
    run dpkg-deb -f "$deb" Depends
    has "slurm-wlm-basic-plugins (>= $release)"
    has "slurm-wlm-basic-plugins (<< ${release%.*}."
    has "libslurm"
    run lintian --allow-root --fail-on error "$deb"
    echo "$output"
    exits 0
}

@test "what apt installs is hardened, and runs nothing" {
    run in_root sh -c 'apt-get -q --yes --no-install-recommends install /mnt/nestsafe_*.deb'
    echo "$output"
    exits 0
    run in_root sh -c 'nestsafe --help && dpkg --verify nestsafe'
    exits 0
    for file in /usr/bin/nestsafe /usr/lib/nestsafe/nestsafe.so /usr/lib/nestsafe/nestsafe-guard.so \
        /usr/libexec/nestsafe/nestsafe-collectd /usr/libexec/nestsafe/nestsafe-account; do
        run in_root readelf -dl "$file"
        has GNU_RELRO
        has NOW
    done
    run in_root sh -c 'ls -d /run/nestsafe* /var/spool/nestsafe* 2>/dev/null'
    is ""
}

@test "a line in plugstack.conf enables it: a nested job is repaired, and its audit read" {
    in_root "$cluster" up --nodes 1 --accounting 3>&-
    run alice srun --mpi-nested-safe true
    fails
    has "unrecognized option"
    check no_collectors
    echo "$line" >"$root/plugstack.conf"
    in_root "$cluster" plugstack /mnt/plugstack.conf
    run nested
    fails
    lacks_line "it works"
    run nested --mpi-nested-safe
    exits 0
    has_line "it works"
    check has_collectors
    audited() {
        in_root "$cluster" run -- nestsafe audit -a --format csv >"$root/audit"
        grep -q '^"alice",2,2,1,0,0,1,1,1,' "$root/audit"
    }
    eventually audited || { cat "$root/audit" && return 1; }
}

@test "an upgrade ends the collectors of the release before, and keeps the settings" {
    local before
    before=$(collectors)
    check test -n "$before"
    for machine in control n1; do
        in_root "$cluster" run --node $machine -- sed -i 's/default=audit/default=auto/' /etc/nestsafe/plugstack.conf
    done
    run node sh -c 'dpkg -i /mnt/nestsafe_*.deb'
    exits 0
    check no_collectors
    run nested
    exits 0
    has_line "it works"
    check has_collectors
    check test "$(collectors)" != "$before"
}

@test "it is not removed under a job that needs it, and once it is, nobody knows of it" {
    cat >"$home/waiting.py" <<'END'
from mpi4py import MPI
import subprocess
subprocess.run(["sh", "-c", "mpirun -np 1 echo first; touch armed; until [ -e refused ]; do sleep 0.1; done; "
                "mpirun -np 1 echo second; env /usr/bin/mpirun -np 1 echo third"])
END
    alice srun --mpi-nested-safe --mpi=pmix -n1 /usr/bin/python3 waiting.py >"$root/out" 2>&1 3>&- &
    local job=$!
    eventually test -e "$home/armed"
    run node dpkg --remove nestsafe
    fails
    has "need it until they end"
    touch "$home/refused"
    wait $job
    check test "$(cat "$root/out")" = "first
second
third"
    run node dpkg --remove nestsafe
    exits 0
    check no_collectors
    # plugstack.conf still says to include what is not there any more.
    run alice srun sh -c 'echo "$LD_PRELOAD"'
    exits 0
    is ""
    run node test -e /etc/nestsafe/plugstack.conf
    exits 0
}

@test "a purge leaves nothing behind" {
    run node dpkg --purge nestsafe
    exits 0
    check no_collectors
    run node sh -c 'ls -d /run/nestsafe* /var/spool/nestsafe* /var/log/nestsafe* /etc/nestsafe* 2>/dev/null'
    is ""
    # The root's own /etc, which the node's dpkg has not seen.
    in_root "$cluster" down
    in_root sh -c 'dpkg -i /mnt/nestsafe_*.deb && dpkg --purge nestsafe'
    written >"$BATS_FILE_TMPDIR/after"
    run diff "$BATS_FILE_TMPDIR/before" "$BATS_FILE_TMPDIR/after"
    exits 0
    run in_root dpkg-query -W nestsafe
    fails
}

@test "the .rpm is built for one release of Slurm, and has what the .deb has" {
    local release rpm
    release=$(slurm_release)
    mkdir "$BATS_TEST_TMPDIR/rpm"
    cd "$BATS_TEST_TMPDIR/rpm"
    run "$SOURCE/contrib/rpm/build" "$BUILD"/nestsafe-*.tar.xz
    echo "$output" | tail -n 30
    exits 0
    rpm=$(echo nestsafe-*.rpm)
    check test "$rpm" = "nestsafe-$(sed -n 's/^VERSION = //p' "$BUILD/Makefile")-1.slurm$release.$(uname -m).rpm"
    run rpm -qp --requires "$rpm"
    has "slurm >= $release"
    has "slurm < ${release%.*}."
    run rpm -qp --configfiles "$rpm"
    is "/etc/logrotate.d/nestsafe
/etc/nestsafe/plugstack.conf"
    run rpm -qp --scripts "$rpm"
    has "/usr/libexec/nestsafe/nestsafe-collectd (deleted)"
    lacks "@pkglibexecdir@"
    # Documents, zsh's functions and the directory of libraries are elsewhere there.
    rpm -qpl "$rpm" | sed 's|^/usr/lib64/|/usr/lib/|; s|/zsh/site-functions/|/zsh/vendor-completions/|; s|\.gz$||' | grep -vE '^/usr/(share/doc|share/licenses|lib/.build-id)' | sort >rpm.list
    dpkg-deb -c "$root"/nestsafe_*.deb | awk '{ sub(/^\./, "", $6); print $6 }' |
        sed 's|^/lib/systemd|/usr/lib/systemd|; s|\.gz$||' | grep nestsafe | sed 's|/$||' |
        grep -vE '^/usr/share/(doc|lintian)' | sort >deb.list
    run diff rpm.list deb.list
    exits 0
}
