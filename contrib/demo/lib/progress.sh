# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is shown, and commands that may take long.

CHILD=          # the group of processes at work just now
FINISH_CHILD=no # yes: it must not be stopped half-way

step() {
	printf '\n[%3d s] %s\n' $SECONDS "$*"
	printf '\n### %s\n' "$*" >>"$LOG"
}

remark() {
	printf '        %s\n' "$*"
}

# Ends the demo: clean_up follows, and tells where the log is.
failed() {
	printf '\ndemo: %s\n' "$*" >&2
	exit 1
}

# Runs a command with its output in the log, and says every ten seconds how far that is.
quietly() { # MESSAGE-ON-FAILURE COMMAND...
	local message=$1
	shift
	launch "$LOG" "$@"
	await_child 3600
	[ "$STATUS" = 0 ] || {
		tail -n 15 "$LOG" >&2
		failed "$message"
	}
}

# The same for a command that a signal to this script must not stop half-way.
quietly_to_its_end() { # MESSAGE-ON-FAILURE COMMAND...
	FINISH_CHILD=yes
	quietly "$@"
	FINISH_CHILD=no
}

# In the background, so that a signal to this script is acted upon at once, and (set -m) in a group of processes of its
# own, which the terminal's Ctrl-C does not reach: what is to end and what must not is for clean_up to say.
launch() { # OUTPUT COMMAND...
	OUTPUT=$1
	shift
	set -m
	(
		set +m
		"$@"
	) </dev/null >>"$OUTPUT" 2>&1 &
	CHILD=$!
	set +m
}

# Sets STATUS to what the command ended with, or to 124 if it took longer than that.
await_child() { # SECONDS
	local began=$SECONDS told=0 took
	STATUS=0
	while kill -0 "$CHILD" 2>/dev/null; do
		sleep 0.1
		took=$((SECONDS - began))
		if [ $took -ge "$1" ]; then
			end_child
			STATUS=124
			return
		elif [ $((took / 10)) -gt $told ]; then
			told=$((took / 10))
			remark "… $took s: $(tail -n 1 "$OUTPUT" | tr -d '\r' | cut -c 1-90)"
		fi
	done
	wait "$CHILD" || STATUS=$?
	CHILD=
}

end_child() {
	local tenths=0
	if [ $FINISH_CHILD = yes ]; then
		echo "Packages are being installed: letting that finish, so that none stays half-installed." >&2
	else
		kill -TERM -- "-$CHILD" 2>/dev/null || true
		while kill -0 -- "-$CHILD" 2>/dev/null && [ $((tenths += 1)) -lt 100 ]; do
			sleep 0.1
		done
		kill -KILL -- "-$CHILD" 2>/dev/null || true
	fi
	wait "$CHILD" 2>/dev/null || true
	CHILD=
}
