# SPDX-License-Identifier: GPL-2.0-or-later
# A clean root for packages: this machine's, but what is written to it goes to memory. It is mounted in a namespace of
# its own, that of a process which does nothing else.

# root_up DIRECTORY…: these are the machine's own in it; files for it are in its /mnt, which is $root.
root_up() {
    mkdir "$root"
    unshare --mount --propagation private bash -euc '
        root=$1
        shift
        mount -n -t tmpfs -o mode=755 nestsafe-root /mnt
        mkdir /mnt/upper /mnt/work /mnt/root
        mount -n -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work nestsafe-root /mnt/root
        cd /mnt/root
        mount -n -t proc proc proc
        mount -n --rbind /sys sys
        mount -n --rbind /dev dev
        mount -n -t tmpfs -o mode=755 nestsafe-root run
        mount -n -t tmpfs -o mode=1777 nestsafe-root tmp
        mount -n -t tmpfs -o mode=1777 nestsafe-root dev/shm
        for directory in "$@"; do
            mount -n --bind "$directory" ".$directory"
        done
        mount -n --bind "$root" mnt
        touch "$root/ready"
        exec sleep infinity' bash "$root" "$@" 3>&- 4>&- >"$root.log" 2>&1 </dev/null &
    echo $! >"$root.pid"
    until [ -e "$root/ready" ]; do
        kill -0 $! || { cat "$root.log" && return 1; }
        sleep 0.1
    done
}

root_down() {
    [ ! -e "$root.pid" ] || kill "$(cat "$root.pid")" || true
}

# of_root COMMAND…: outside of the root, where it is mounted.
of_root() { nsenter --target "$(cat "$root.pid")" --mount -- "$@"; }

# in_root COMMAND…
in_root() {
    of_root chroot /mnt/root env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive NESTSAFE_CLUSTER_DIR="$NESTSAFE_CLUSTER_DIR" "$@"
}

# What the root has that the machine has not, or has otherwise, or has not any more; less what dpkg, apt
# and man-db write about themselves, and what MariaDB does to a program of its own when it makes a database.
written() {
    # shellcheck disable=SC2016
    of_root bash -euc 'cd /mnt/upper && find . ! -type d && find . -mindepth 1 -type d | while read -r directory; do
        [ -d "/$directory" ] || echo "$directory/"
    done' | grep -vE '^\./(var/lib/dpkg/(status|available|lock|triggers/|[a-z-]*-old)|var/log/(dpkg\.log|apt/)|var/(lib/apt|cache/(apt|debconf|man))/|usr/lib/mysql/)' |
        LC_ALL=C sort
}
