# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Run by packages when a nestsafe of theirs has been replaced or removed: the collectors that still
# run from it end, and the next step starts the new one. What they had recorded is on disk. One in a
# container or another root is not of this package.
for process in /proc/[0-9]*; do
    [ "$(readlink "$process/exe")" = "@pkglibexecdir@/nestsafe-collectd (deleted)" ] || continue
    # shellcheck disable=SC3013 # dash and bash have it
    [ "$process/root" -ef / ] || continue
    # Keeper and collector, each waited for; one that is stopped does not end by itself.
    kill "${process#/proc/}" 2>/dev/null || continue
    tries=50
    while [ -e "$process/exe" ] && [ $tries -gt 0 ]; do
        sleep 0.1
        tries=$((tries - 1))
    done
    [ ! -e "$process/exe" ] || kill -KILL "${process#/proc/}" 2>/dev/null || :
done
