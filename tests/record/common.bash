# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of recording share, beside what those of the cluster do.

# shellcheck source=tests/cluster/common.bash
source "$BATS_TEST_DIRNAME/../cluster/common.bash"

records=$NESTSAFE_CLUSTER_DIR/log/records.jsonl
collectd=$PREFIX/libexec/nestsafe/nestsafe-collectd

setup() {
    plugstack "log=slurmd,$records"
    find "$home" -mindepth 1 -delete
    rm -f "$records"
    began=$(date +%FT%T) watches=no
}

# watches: what this test counts are launches that are only watched. Those die within 10 ms, some of them unseen where
# this machine is very busy: here all nodes' collectors hear of all programs of the machine. A log says so within a
# minute, and then the test is run once more.
watches() { watches=yes; }

missed() {
    cat "$NESTSAFE_CLUSTER_DIR"/log/slurmd.*.log |
        awk -v began="[$began" '$0 >= began && /launches among them .* are missing/ { seen = 1 } END { exit !seen }'
}

teardown() {
    end_jobs
    if [ -n "${BATS_TEST_COMPLETED-}" ] || [ $watches = no ] || [ "$BATS_TEST_TRY_NUMBER" -gt 1 ]; then
        return
    fi
    if eventually missed || eventually missed; then
        { echo "run again, for programs were missed: $BATS_TEST_DESCRIPTION" && cat "$BATS_OUT"; } | sed 's/^/# /' >&3
        BATS_TEST_RETRIES=1
    fi
}

# on NODE COMMAND…: as root, there.
on() {
    local node=$1
    shift
    "$cluster" run --node "$node" -- "$@"
}

# field JOB NAME: of the job's record in slurmctld, such as AdminComment.
field() {
    "$cluster" run scontrol show job "$1" | sed -n "s/^ *$2=//p"
}

# account JOB FIELD: of the job's record in slurmdbd.
account() {
    "$cluster" run sacct -j "$1" -X -n -P -o "$2"
}

# of KEY: that value of the first section nestsafe:{…} in standard input; nothing where there is none.
of() {
    /usr/bin/python3 -c '
import json, sys
text = sys.stdin.read()
at = text.find("nestsafe:{")
value = json.JSONDecoder().raw_decode(text[at + 9:])[0].get(sys.argv[1]) if at >= 0 else ""
print(value if isinstance(value, (int, str)) else json.dumps(value))' "$1"
}

# counted JOB KEY NUMBER [FIELD]: slurmdbd has that number in the job's section.
counted() {
    local now
    now=$(account "$1" "${4-AdminComment}" | of "$2")
    [ "$now" = "$3" ] || { last="$2 of job $1 is $now, not $3"; return 1; }
}

# record NAME…: those values of each record in the JSON log, a line each.
record() {
    /usr/bin/python3 -c '
import json, sys
for line in open(sys.argv[1]):
    one = json.loads(line)
    if "folded" not in one:
        print(" ".join(str(one[name]) for name in sys.argv[2:]))' "$records" "$@"
}

# records_are NUMBER: so many have been written.
records_are() { [ -e "$records" ] && [ "$(record job | wc -l)" -eq "$1" ]; }

# job_of COMMAND…: prints the number of the job that srun makes for it; its output goes to $home/out,
# its exit status into $home/status.
job_of() {
    local status=0
    alice srun "$@" >"$home/out" 2>"$home/err" || status=$?
    echo "$status" >"$home/status"
    "$cluster" run squeue -h -t all -u alice -o %i -S -i | head -n 1
}
