# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Taking a cluster away, whatever state it is in.

# Prints the processes of the cluster: all that live in a mount namespace in which somebody has the mark in his
# mount table. The second step finds those that went into a chroot, where the table does not show it.
members() {
	{
		grep -lsF " - tmpfs $MARK " /proc/[0-9]*/mountinfo || true
		stat -Lc '%n %i' /proc/[0-9]*/ns/mnt 2>/dev/null || true
	} | awk -F'[/ ]' '
		/mountinfo$/ { marked[$3] = 1; next }
		{ namespace[$3] = $NF }
		END {
			for (pid in marked) if (pid in namespace) ours[namespace[pid]] = 1
			for (pid in namespace) if (namespace[pid] in ours) print pid
		}'
}

# One that is killed may have forked just before: hence again until nobody is left.
kill_members() {
	local found
	mapfile -t found < <(members)
	[ ${#found[@]} -gt 0 ] || return 0
	kill -KILL "${found[@]}" 2>/dev/null || true
	KILLED+=("${found[@]}")
	return 1
}

# They are dead, and have no namespaces any more; process 1 has to take their entries off the process table.
are_reaped() {
	local pid
	for pid in "${KILLED[@]}"; do
		[ ! -e "/proc/$pid" ] || return 1
	done
}

remove_cluster() {
	if [ -n "$MARK" ]; then
		! is_member self || die "this would end itself: call it from outside the cluster"
		KILLED=()
		wait_until 30 kill_members || die "these processes do not end: $(members | tr '\n' ' ')"
		wait_until 3 are_reaped || true
	fi
	rm -rf --one-file-system "$DIR"
}
