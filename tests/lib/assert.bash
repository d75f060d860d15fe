# SPDX-License-Identifier: GPL-2.0-or-later
# Assertions on the result of bats' run; each shows what it looked at when it fails.

bats_require_minimum_version 1.5.0

# Programs that read their input find its end, also where bats runs at a terminal.
exec </dev/null

check() {
    "$@" && return
    echo "failed: $*"
    echo "status: ${status-}"
    echo "output: ${output-}"
    return 1
}

has() { check grep -qF -- "$1" <<<"$output"; }
lacks() { ! grep -qF -- "$1" <<<"$output" || check false "$1"; }
has_line() { check grep -qxF -- "$1" <<<"$output"; }
lacks_line() { ! grep -qxF -- "$1" <<<"$output" || check false "$1"; }
is() { check test "$output" = "$1"; }
exits() { check test "$status" -eq "$1"; }
fails() { check test "$status" -ne 0; }

# over PATTERN: no process with this in its command line.
over() { ! pgrep -f -- "$1" >/dev/null; }

# gone PID: that process has ended.
gone() { [ ! -e "/proc/$1" ]; }

# eventually COMMAND…: as soon as it succeeds, at most half a minute.
eventually() {
    local end=$((SECONDS + 30))
    until "$@"; do
        [ $SECONDS -lt $end ] || { echo "not so after 30 s: $*" && return 1; }
        sleep 0.1
    done
}
