# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How the cluster is: a line for each part, and success if every part is well.

print_status() {
	local node state well=0
	print_part control control slurmctld munged || well=1
	for node in $(node_names); do
		state=$(state_of "$node") || state=unknown
		print_line "$node" "$state"
		[[ $state =~ ^(idle|mixed|allocated)(\+(completing|planned))*$ ]] || well=1
	done
	if [ "$ACCOUNTING" = yes ]; then
		print_part accounting slurmdbd mariadbd || well=1
	else
		print_line accounting off
	fi
	print_plugstack
	return $well
}

print_line() { # NAME STATE
	printf '%-11s%s\n' "$1" "$2"
}

print_part() { # NAME DAEMON|MACHINE...
	local name=$1 part dead=()
	shift
	for part; do
		is_running "$part" || dead+=("$part")
	done
	if [ ${#dead[@]} -gt 0 ]; then
		print_line "$name" "down (dead: ${dead[*]})"
		return 1
	fi
	print_line "$name" up
}

# slurmctld learns only after SlurmdTimeout that a node is dead, so the processes are looked at first.
state_of() { # NODE
	if ! is_running "$1" || ! is_running "slurmd.$1"; then
		echo 'down (slurmd is dead)'
	elif ! is_running control || ! is_running slurmctld; then
		echo unknown
	else
		(enter control env -i "${CLEAN[@]}" scontrol -o show node "$1") |
			sed -n 's/.* State=\([^ ]*\).*/\L\1/p'
	fi
}

print_plugstack() {
	local lines line
	lines=$(grep -Ev '^[[:space:]]*(#|$)' "$DIR/etc/slurm/plugstack.conf") || lines=empty
	while read -r line; do
		print_line plugstack "$line"
	done <<<"$lines"
}
