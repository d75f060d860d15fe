#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# suite.sh SUITE ARGUMENT...: 'tests/run ARGUMENT...' in that suite's root, which is made if there is none. All that it
# mounts is in a mount namespace of its own. What is to be said at once goes to descriptor 3.
set -eu -o pipefail
umask 022

SUITE=$1
shift
TREE=$SOURCE
# shellcheck source=needs.sh
. "$TREE/tests/lib/needs.sh"
# shellcheck source=roots.sh
. "$TREE/tests/lib/roots.sh"

say() { printf '%s\n' "$*"; }

root() {
    local began=$SECONDS
    if root_is_complete "$SUITE"; then
        root_mount "$SUITE"
        say "root of $SUITE: cached" >&3
    elif root_make "$SUITE" >"$LOG/root.$SUITE" 2>&1; then
        say "root of $SUITE: made in $((SECONDS - began)) s" >&3
    else
        say "root of $SUITE: could not be made"
        tail -n 30 "$LOG/root.$SUITE"
        return 1
    fi
}

# Several suites are at work at a time: a directory with a name of its own, for tests look for processes by it.
everything() {
    root && exec 3>&- &&
        in_root "$SUITE" "NESTSAFE_TESTS_DIR=/var/lib/nestsafe-tests-$SUITE" "NESTSAFE_TESTS_LATEST=$LATEST" bash /mnt/tests/run "$@"
}

# In the namespace: what shows the mark there is the suite's.
inside() {
    mount -n -t tmpfs "$(root_mark "$SUITE")" "$LOG/mark"
    everything "$@"
}

# Outside of it: told that tests/run has ended, it ends all of that. (A trap waits for what runs in the foreground.)
outside() {
    mkdir -p "$ROOTS/$SUITE"
    trap 'root_kill "$SUITE" && exit 143' HUP INT TERM
    unshare --mount --propagation private bash "$TREE/tests/lib/suite.sh" "$SUITE" inside "$@" &
    wait $!
}

case $1 in
inside) "$@" ;;
*) outside "$@" ;;
esac
