# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Taking away what the demo made, whichever way it ends, and what one that was killed has left.

CLAIMED=no # WORK is ours

# The lock is on the directory itself, so it goes away with it. Apt and the build inherit it: what a killed demo has
# left running is waited for.
claim_work() {
	while true; do
		mkdir -p "$WORK"
		exec 5<"$WORK"
		flock -n 5 || echo "Another demo is at work, or what a killed one has left; waiting for it."
		flock -w 600 5 || failed "it does not end: see the processes that 'fuser $WORK' shows"
		[ "$WORK" -ef /proc/self/fd/5 ] || continue
		CLAIMED=yes
		rm -f "$KEPT_LOG"
		[ -n "$(ls -A "$WORK")" ] || break
		echo "An earlier demo has left something in $WORK; removing it."
		remove_work || failed "that did not succeed"
	done
}

remove_work() {
	if [ -e "$WORK/cluster" ]; then
		cluster down >>"$LOG" 2>&1 || return
	fi
	rm -rf --one-file-system "$WORK" && CLAIMED=no
}

clean_up() { # EXIT-STATUS
	trap - EXIT
	trap '' HUP INT PIPE TERM
	set +e
	[ "$1" -le 128 ] || echo "Interrupted; cleaning up." >&2
	[ -z "$CHILD" ] || end_child
	if [ $CLAIMED = yes ]; then
		if [ "$1" != 0 ] && [ "$1" -le 128 ]; then
			keep_log
		fi
		remove_work || echo "demo: could not remove $WORK" >&2
	fi
	exit "$1"
}

keep_log() {
	tail -n 200 "$WORK"/cluster/log/*.log >>"$LOG" 2>/dev/null
	cp "$LOG" "$KEPT_LOG" && echo "What was said on the way is in $KEPT_LOG. All else is removed but Debian packages." >&2
}
