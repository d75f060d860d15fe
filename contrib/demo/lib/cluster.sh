# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The private Slurm, and what alice, a normal user there, types and sees.

cluster() {
	"$SOURCE/contrib/cluster/cluster" --dir "$WORK/cluster" "$@" 5<&-
}

as_alice() { # COMMAND...
	remark "\$ $*"
	as alice "$@"
}

as_root() { # COMMAND-LINE
	remark "# $1"
	as root sh -c "$1"
}

# Returns as soon as the command succeeds; after half a minute the demo has failed.
await() { # MESSAGE COMMAND...
	local message=$1 end=$((SECONDS + 30))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || failed "$message"
		sleep 0.2
	done
}

# Shows the command as it is typed, and what came of it. /usr/local may have another python3 or mpirun.
as() { # USER COMMAND...
	local user=$1
	shift
	: >"$WORK/output"
	launch "$WORK/output" cluster run --user "$user" --env "PATH=/usr/bin:/bin:/usr/sbin:/sbin:$WORK/prefix/bin" -- "$@"
	await_child 60
	[ "$STATUS" != 124 ] || echo "(ended by the demo: it took more than 60 s)" >>"$WORK/output"
	sed 's/^/        /' "$WORK/output"
	cat "$WORK/output" >>"$LOG"
}

printed() { # PATTERN
	grep -q -- "$1" "$WORK/output"
}

not_expected() { # MESSAGE
	as_alice mpirun --version
	failed "not what was expected: $*"
}
