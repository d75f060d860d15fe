# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian roots, one a suite, kept from one run to the next. Everything that is mounted in a root is mounted
# in the namespace of the suite's own processes, which ends with them.

ROOTS=/var/cache/nestsafe-tests/roots
ROOTS_CLAIMED=no

# What is too old in a suite comes from another: bats has setup_suite since 1.5.
declare -A BORROWED=([bullseye]="bookworm bats")

# The source of tmpfs mounts in the namespace of a suite: whoever has it in his mount table is one of its processes.
root_mark() { # SUITE
    printf 'nestsafe-tests-%s\n' "$1"
}

# Ends all processes of a suite, wherever they have gone: those of the private cluster too.
root_kill() { # SUITE
    (
        # shellcheck source=../../contrib/cluster/lib/common.sh
        . "$TREE/contrib/cluster/lib/common.sh"
        # shellcheck source=../../contrib/cluster/lib/cleanup.sh
        . "$TREE/contrib/cluster/lib/cleanup.sh"
        MARK=$(root_mark "$1") KILLED=()
        wait_until 30 kill_members && { wait_until 3 are_reaped || true; }
    )
}

# One run at a time has the roots. What one that was killed may have left in them ends.
roots_claim() {
    mkdir -p "$ROOTS"
    # Whatever is started closes 7.
    exec 7<"$ROOTS"
    flock -n 7 || { say "another run is at work in $ROOTS" && return 1; }
    ROOTS_CLAIMED=yes
    roots_kill
}

roots_kill() {
    local root
    for root in "$ROOTS"/*; do
        [ ! -d "$root" ] || root_kill "${root##*/}"
    done
}

roots_release() {
    [ "$ROOTS_CLAIMED" = yes ] || return 0
    roots_kill
    exec 7<&-
    ROOTS_CLAIMED=no
}

# Where this machine gets Debian from, as apt knows it.
mirror() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' \
        'Component: main' | sed -n '1s|/*$||p'
}

# The mark of a root that is complete: what it was made of.
root_recipe() { # SUITE
    printf '%s\n' "${PACKAGES[*]}" "${BORROWED[$1]-}"
}

root_is_complete() { # SUITE
    [ "$(cat "$ROOTS/$1/var/lib/nestsafe-tests-root" 2>/dev/null)" = "$(root_recipe "$1")" ]
}

root_make() { # SUITE
    local suite=$1 root=$ROOTS/$1
    root_remove "$root" && mkdir -p "$root" && root_bootstrap "$suite" && root_sources "$suite" &&
        root_mount "$suite" && in_root "$suite" bash -euc '
            TREE=/mnt WORK=/var/tmp/nestsafe-packages
            . /mnt/tests/lib/needs.sh
            packages_update
            packages_install "${PACKAGES[@]}"
            apt-get clean
            rm -rf "$WORK" /var/lib/apt/lists/*' &&
        root_recipe "$suite" >"$root/var/lib/nestsafe-tests-root"
}

# A mount in somebody's namespace, /dev for instance, must not be emptied with the root.
root_remove() { # ROOT
    ! grep -lsF " $1/" /proc/[0-9]*/mountinfo || { say "something is mounted in $1" && return 1; }
    rm -rf --one-file-system "$1"
}

# debootstrap checks the archive's signature with this machine's keys. It knows a release that came after it by
# no other name than sid.
root_bootstrap() { # SUITE
    local script=$1 from
    [ -e "/usr/share/debootstrap/scripts/$1" ] || script=sid
    from=$(mirror)
    [ -n "$from" ] || { say "apt knows no Debian mirror" && return 1; }
    debootstrap --variant=minbase "$1" "$ROOTS/$1" "$from" "$script"
}

root_sources() { # SUITE
    local apt=$ROOTS/$1/etc/apt from other package
    apt-config dump | grep -E '^Acquire::(Check-|Retries|https?::|Languages)' >"$apt/apt.conf.d/90machine" || true
    from=$(mirror)
    echo "deb $from $1 main" >"$apt/sources.list"
    read -r other package <<<"${BORROWED[$1]-}"
    [ -n "$package" ] || return 0
    echo "deb $from $other main" >>"$apt/sources.list"
    printf '%s\n' "Package: *" "Pin: release n=$other" "Pin-Priority: -1" "" \
        "Package: $package" "Pin: release n=$other" "Pin-Priority: 990" >"$apt/preferences.d/borrowed"
}

# What programs need of the kernel, and the source, which is not written to.
root_mount() { # SUITE
    local root=$ROOTS/$1 mark
    mark=$(root_mark "$1")
    # MPICH looks its own host name up.
    cp /etc/hosts "$root/etc/hosts" &&
        mount -n -t proc proc "$root/proc" &&
        mount -n --rbind /sys "$root/sys" &&
        mount -n --rbind /dev "$root/dev" &&
        mount -n -t tmpfs -o mode=755 "$mark" "$root/run" &&
        mount -n -t tmpfs -o mode=1777 "$mark" "$root/tmp" &&
        mount -n -t tmpfs -o mode=1777 "$mark" "$root/dev/shm" &&
        mount -n --bind "$SOURCE" "$root/mnt" &&
        mount -n -o remount,bind,ro "$root/mnt"
}

in_root() { # SUITE COMMAND...
    local root=$ROOTS/$1
    shift
    chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        LC_ALL=C.UTF-8 "$@"
}

# The upstream version of a package in a root.
root_version() { # SUITE PACKAGE
    local version
    # shellcheck disable=SC2016
    version=$(dpkg-query --admindir="$ROOTS/$1/var/lib/dpkg" -W -f '${Version}' "$2" 2>/dev/null) || version=none
    sed -E 's/^[0-9]+://; s/-[^-]*$//; s/.*\+really//; s/\+.*//' <<<"$version"
}
