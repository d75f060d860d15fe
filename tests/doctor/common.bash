# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of nestsafe doctor share, beside what those of the cluster do.

# shellcheck source=tests/cluster/common.bash
source "$BATS_TEST_DIRNAME/../cluster/common.bash"

nestsafe=$PREFIX/bin/nestsafe
plugin=$PREFIX/lib/nestsafe/nestsafe.so
conf=$NESTSAFE_CLUSTER_DIR/etc/slurm/slurm.conf

# What a test has broken outside plugstack.conf is put right again, whatever came of the test.
undo=()
setup() {
    plugstack
    find "$home" -mindepth 1 -delete
}
teardown() {
    local command
    for command in "${undo[@]}"; do
        eval "$command"
    done
    end_jobs
}

# on NODE COMMAND…: as root, there.
on() {
    local node=$1
    shift
    timeout -k 1 120 "$cluster" run --node "$node" -- "$@"
}

# doctor [OPTION]…: as root on node n1, where the process connector is found as the cluster's README tells.
doctor() {
    timeout -k 1 120 "$cluster" run --node n1 --env NESTSAFE_CONNECTOR_NETNS=/run/netns/outside -- "$nestsafe" doctor "$@"
}

# doctors [OPTION]…: as alice on the host where jobs are submitted.
doctors() { timeout -k 1 200 "$cluster" run --user alice -- "$nestsafe" doctor "$@"; }

# A step on each node, so that their collectors live.
steps() { alice srun -N4 true; }

# says LEVEL CHECK TEXT: a line of the output.
says() { check grep -qE "^$1 +$2 .*$(sed 's/[]\\.*^$()+?{|[]/\\&/g' <<<"$3")" <<<"$output"; }

# away FILE…: it is not there until the test ends.
away() {
    local file
    for file in "$@"; do
        mv "$file" "$file.away"
        undo+=("mv '$file.away' '$file'")
    done
}

# setting LINE: in slurm.conf until the test ends, in force.
setting() {
    cp "$conf" "$BATS_TEST_TMPDIR/slurm.conf"
    undo+=("cp '$BATS_TEST_TMPDIR/slurm.conf' '$conf'; reconfigure")
    sed -i "/^${1%%=*}=/d" "$conf"
    echo "$1" >>"$conf"
    reconfigure
}
reconfigure() { "$cluster" run -- scontrol reconfigure; }

# hides NODE FILE OVER: on that node FILE is what OVER is, until the test ends.
hides() {
    on "$1" mount -n --bind "$3" "$2"
    undo+=("on $1 umount -n -l '$2'")
}

# other_release FILE: a copy of the plugin that says it was built for Slurm 30.01.
other_release() {
    /usr/bin/python3 - "$plugin" "$1" <<'END'
import re, subprocess, sys
source, target = sys.argv[1:]
data = bytearray(open(source, "rb").read())
symbols = subprocess.check_output(["readelf", "-W", "--dyn-syms", source], text=True)
address = int(re.search(r"([0-9a-f]+) +4 OBJECT .* plugin_version$", symbols, re.M).group(1), 16)
for line in subprocess.check_output(["readelf", "-W", "-S", source], text=True).splitlines():
    found = re.match(r" *\[ *\d+\] \S+ +\w+ +([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+)", line)
    if found:
        start, offset, size = (int(text, 16) for text in found.groups())
        if start and start <= address < start + size:
            at = offset + address - start
            data[at:at + 4] = (30 << 16 | 1 << 8).to_bytes(4, sys.byteorder)
open(target, "wb").write(data)
END
}

# slurmctld knows of each node again that it takes jobs.
nodes_are_idle() { [ "$("$cluster" run sinfo -h -N -o %T | sort -u)" = idle ]; }

# The collectors, and their keepers, of a node.
collectors_of() {
    local pid host
    host=$(on "$1" readlink /proc/self/ns/uts)
    for pid in $(pgrep -f "$PREFIX/libexec/nestsafe/nestsafe-collectd --rundir"); do
        [ "$(readlink "/proc/$pid/ns/uts")" != "$host" ] || echo "$pid"
    done
}
no_collectors_of() { [ -z "$(collectors_of "$1")" ]; }
