#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What happens inside new namespaces, which this process turns into the control machine (and brings the whole
# cluster up from there) or into one node. Called by build_inside, and by itself for each node; later, on the control
# machine, to start a daemon again.
set -eu -o pipefail
umask 022

DIR=$1
HERE=$(dirname "$(dirname "${BASH_SOURCE[0]}")")
# shellcheck source=common.sh
. "$HERE/lib/common.sh"
# shellcheck source=names.sh
. "$HERE/lib/names.sh"
# shellcheck source=namespaces.sh
. "$HERE/lib/namespaces.sh"
# shellcheck source=daemons.sh
. "$HERE/lib/daemons.sh"
# shellcheck source=accounting.sh
. "$HERE/lib/accounting.sh"

control() {
	local node
	make_mounts_private
	private_places
	exec 9<&-
	show_outside_network /proc/self/fd/8
	exec 8<&-
	own_etc
	settle control
	make_bridge
	for node in $(node_names); do
		unshare --mount --uts --net --ipc --propagation unchanged -- bash "$HERE/lib/inside.sh" "$DIR" "$node"
		plug_in "$node"
	done

	start_munged
	[ "$ACCOUNTING" = no ] || start_accounting
	start_slurmctld
	start_slurmds
	: >"$DIR/ready"
}

node() { # NAME
	exec 7</run/netns/outside
	private_places
	show_outside_network /proc/self/fd/7
	exec 7<&-
	settle "$1"
}

restart() { # DAEMON
	local daemon=$1 pid
	pid=$(cat "$DIR/pid/$daemon")
	if is_running "$daemon"; then
		kill "$pid"
		wait_until 30 is_over "$pid" || die "$daemon does not end"
	fi
	case $daemon in
	slurmctld) start_slurmctld ;;
	slurmdbd) start_slurmdbd ;;
	slurmd.*)
		local node=${daemon#slurmd.} before
		before=$(slurmd_start_time "$node")
		start_slurmd "$node"
		await "$daemon" 30 node_is_back "$node" "$before"
		;;
	*) die "$daemon cannot be started again" ;;
	esac
}

is_over() { # PID
	! is_member "$1"
}

cd /
load_settings
close_inherited_files
case $2 in
control) control ;;
restart) restart "$3" ;;
*) node "$2" ;;
esac
