# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The directory in which everything happens, and its end, whichever way it comes.

# Below /tmp and the like, the nodes of the private cluster would not see it.
if [ "$(id -u)" = 0 ]; then
    WORK=${NESTSAFE_TESTS_DIR:-/var/lib/nestsafe-tests}
else
    WORK=${TMPDIR:-/tmp}/nestsafe-tests.$(id -u)
fi
SOURCE=$WORK/source
LOG=$WORK/log
export NESTSAFE_CLUSTER_DIR=$WORK/cluster
# Marks the processes that tests start, so that those of a run that was killed can be told.
export NESTSAFE_TESTS_WORK=$WORK

say() { printf '%s\n' "$*"; }

too_late() { [ -n "$LATEST" ] && [ "$(date +%s)" -ge "$LATEST" ]; }

work_begin() {
    mkdir -p "$WORK"
    [ -O "$WORK" ] || { say "tests/run: $WORK belongs to somebody else" >&2 && exit 1; }
    # Whatever is started closes 8, so that the lock goes when this process does, however it does.
    exec 8<"$WORK"
    flock -n 8 || { say "tests/run: another run is at work in $WORK" >&2 && exit 1; }
    if [ -n "$(ls -A "$WORK")" ]; then
        say "removing what an earlier run left in $WORK"
        work_empty
    fi
    mkdir "$LOG"
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'work_end $?' EXIT
}

# Every process that carries our mark, but this one and those above it.
work_processes() {
    local environ pid
    for environ in /proc/[0-9]*/environ; do
        pid=${environ//[!0-9]/}
        if [ "$pid" != $$ ] && [ "$pid" != "$BASHPID" ] && grep -qzxF "NESTSAFE_TESTS_WORK=$WORK" "$environ" 2>/dev/null; then
            echo "$pid"
        fi
    done
}

work_empty() {
    local pid
    roots_release
    if [ -e "$NESTSAFE_CLUSTER_DIR" ]; then
        "$TREE/contrib/cluster/cluster" down >/dev/null
    fi
    for pid in $(work_processes); do
        kill -KILL "$pid" 2>/dev/null || true
    done
    chmod -R u+w "$WORK"
    find "$WORK" -mindepth 1 -delete
}

work_end() {
    trap - EXIT
    trap '' HUP INT TERM
    if [ $KEEP = yes ]; then
        say "kept: $WORK"
    else
        work_empty
        rmdir "$WORK"
    fi
    exit "$1"
}
