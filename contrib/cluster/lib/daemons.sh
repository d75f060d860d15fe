# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The daemons, and how to know that each has started.

# In the foreground, so that its process id is known at once, and in a session of its own. Signals that the
# caller ignores (a script's background job ignores SIGINT) would be ignored in every job otherwise.
start() { # DAEMON MACHINE COMMAND...
	local daemon=$1 machine=$2
	shift 2
	(enter "$machine" setsid env -i --default-signal "${CLEAN[@]}" HOME=/root USER=root "$@") \
		</dev/null >"$DIR/log/$daemon.out" 2>&1 &
	echo $! >"$DIR/pid/$daemon"
}

# A daemon that ends while it is waited for will not become ready any more.
await() { # DAEMON SECONDS COMMAND...
	local daemon=$1 seconds=$2
	shift 2
	wait_until "$seconds" ready_or_over "$daemon" "$@" && [ "$OVER" = no ] && return
	if [ "$OVER" = yes ]; then
		say "$daemon ended; its last words:"
	else
		say "$daemon is not ready after $seconds s; its last words:"
	fi
	tail -n 20 "$DIR/log/$daemon.out" >&2
	exit 1
}

ready_or_over() { # DAEMON COMMAND...
	local daemon=$1
	shift
	OVER=no
	"$@" && return
	kill -0 "$(cat "$DIR/pid/$daemon")" 2>/dev/null || OVER=yes
	[ $OVER = yes ]
}

start_munged() {
	start munged control munged --foreground --key-file="$DIR/state/munge.key" --socket=/run/munge/munge.socket.2 \
		--pid-file=/run/munged.pid --log-file=/var/log/munged.log --seed-file=/run/munged.seed
	await munged 10 test -S /run/munge/munge.socket.2
}

start_slurmctld() {
	start slurmctld control slurmctld -D
	await slurmctld 20 slurmctld_answers
}

slurmctld_answers() {
	scontrol ping 2>/dev/null | grep -q 'is UP'
}

# What watches processes finds the kernel's process connector in the machine's own network namespace.
start_slurmd() { # NODE
	start "slurmd.$1" "$1" env NESTSAFE_CONNECTOR_NETNS=/run/netns/outside slurmd -D
}

# All at once; then one after the other is waited for.
start_slurmds() {
	local node
	for node in $(node_names); do
		start_slurmd "$node"
	done
	for node in $(node_names); do
		await "slurmd.$node" 30 node_is_idle "$node"
	done
}

node_is_idle() { # NODE
	# Not sinfo, which does not show nodes that are in no partition.
	scontrol -o show node "$1" | grep -q ' State=IDLE '
}

# To the second, as slurmctld has it.
slurmd_start_time() { # NODE
	scontrol -o show node "$1" | sed -n 's/.* SlurmdStartTime=\([^ ]*\).*/\1/p'
}

# It may have jobs. One that was started twice in a second is there at least.
node_is_back() { # NODE START-TIME-BEFORE
	local state
	state=$(scontrol -o show node "$1")
	grep -qE ' State=(IDLE|MIXED|ALLOCATED)(\+COMPLETING)? ' <<<"$state" &&
		{ [ "$(slurmd_start_time "$1")" != "$2" ] || [ "$2" = "$(date +%Y-%m-%dT%H:%M:%S)" ]; }
}
