# SPDX-License-Identifier: GPL-2.0-or-later
# For steps that wait for CPUs that will never be free.

# waits COMMAND…: Slurm has a step of its wait. The rank that started that holds the CPUs until it
# ends, so this is for ever, and is made an end of; a deadline is the command's own.
waits() {
    local log=$BATS_TEST_TMPDIR/waits pid
    "$@" >"$log" 2>&1 3>&- &
    pid=$!
    until "$cluster" run scontrol -o show step | grep -q ' State=PENDING '; do
        if ! kill -0 "$pid" 2>/dev/null; then
            cat "$log"
            echo "it has ended, and did not wait"
            return 1
        fi
        sleep 0.2
    done
    "$cluster" run scancel --user alice
    wait "$pid" || true
}
