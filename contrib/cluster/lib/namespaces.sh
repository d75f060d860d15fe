# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The machines of the cluster: mount, host name, network and IPC namespaces, each held by one sleeping process.
#
# Nothing is mounted or linked in the namespaces of the machine itself, so there is nothing to undo there: when the
# processes are gone, the kernel takes mounts, links and shared memory away with the namespaces. (mount -n: without
# it, mount would leave a directory of its own in the machine's /run.)

# Runs `lib/inside.sh control` in the namespaces that become the control machine's. What it needs of the world
# outside comes as open files: 8 the network namespace, 9 the lock, which it lets go as soon as `down` can find it.
build_inside() {
	exec 8</proc/self/ns/net
	unshare --mount --uts --net --ipc --propagation unchanged -- bash "$HERE/lib/inside.sh" "$DIR" control
	exec 8<&-
}

# Bash is to start daemons that outlive it and whatever called it: none of the caller's files may stay open in
# them (a test harness would wait for its end for ever).
close_inherited_files() {
	local fd
	for fd in /proc/self/fd/*; do
		fd=${fd##*/}
		case $fd in
		[0-2] | 8 | 9 | 255) ;;
		*) eval "exec $fd>&-" ;;
		esac
	done
}

# Entering our own mount namespace anew leads to its real root, also from within a chroot, whose own root is no
# mount point and could not be made private.
make_mounts_private() {
	nsenter --mount=/proc/self/ns/mnt mount -n --make-rprivate /
}

# Places where programs leave things are this machine's own. The cluster's directory and this program may lie
# below one of them, and must stay in sight.
private_places() {
	local place ours program
	exec {ours}<"$DIR" {program}<"$HERE"
	for place in /run /var/log /var/spool; do
		mount -n -t tmpfs -o mode=755 "$MARK" $place
	done
	for place in /tmp /var/tmp /dev/shm; do
		mount -n -t tmpfs -o mode=1777 "$MARK" $place
	done
	keep_in_sight "$DIR" $ours
	keep_in_sight "$HERE" $program
	exec {ours}<&- {program}<&-
	mkdir -m 1777 /run/lock
	ln -s "$DIR/munge" /run/munge
}

keep_in_sight() { # PATH OPEN-FILE
	[ "$1" -ef "/proc/self/fd/$2" ] && return
	mkdir -p "$1"
	mount -n --no-canonicalize --bind "/proc/self/fd/$2" "$1"
}

# The cluster's /etc is a copy in memory, with what is in DIR/etc linked into it. Mounting single files over those of
# the machine would not last: such a mount vanishes when the machine replaces its file (any useradd does). Slurm's
# and munge's configuration and the secrets of the machine stay out of it.
own_etc() {
	local file
	mkdir /run/etc
	# tar says 1 where a file changed or vanished while it was read: somebody installs a package just now.
	{
		tar -C /etc --warning=none --exclude=./{slurm,slurm-llnl,munge,shadow,shadow-,gshadow,gshadow-,ssh,ssl/private} \
			-cf - . || [ $? = 1 ]
	} | tar -C /run/etc -xf -
	for file in "$DIR"/etc/*; do
		ln -sf "$file" /run/etc
	done
	mount -n --bind /run/etc /etc
}

# The kernel reports processes in the machine's own network namespace only; who watches them (the process
# connector) finds it where `ip netns` would look: /run/netns/outside.
show_outside_network() {
	mkdir -p /run/netns
	: >/run/netns/outside
	mount -n --no-canonicalize --bind "$1" /run/netns/outside
}

# From here on the machine has a name, a process that holds it, and an entry in DIR/pid.
settle() { # NAME
	host_name "$1" >/proc/sys/kernel/hostname
	ip link set lo up
	setsid sleep infinity </dev/null >/dev/null 2>&1 &
	echo $! >"$DIR/pid/$1"
}

make_bridge() {
	ip link add cluster type bridge
	ip address add "$CONTROL_ADDRESS/24" dev cluster
	ip link set cluster up
}

plug_in() { # NODE
	ip link add "$1" type veth peer name eth0 netns "$(cat "$DIR/pid/$1")"
	ip link set "$1" master cluster up
	(enter "$1" ip address add "$(node_address "$1")/24" dev eth0)
	(enter "$1" ip link set eth0 up)
}

# Becomes the command, on that machine; nothing of this process stays.
enter() { # NAME COMMAND...
	local holder
	is_running "$1" || die "no machine '$1' in $DIR, or it is gone: see 'cluster status'"
	holder=$(cat "$DIR/pid/$1")
	shift
	exec nsenter --target "$holder" --mount --uts --net --ipc --root --wd -- "$@"
}

# The environment is made anew: what the caller has in its own (another Slurm's variables, say) is not the cluster's.
CLEAN=(
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	LANG=C.UTF-8
	SLURM_CONF=/etc/slurm/slurm.conf
)

run_as() { # NODE USER [NAME=VALUE...] -- COMMAND...
	local node=$1 user=$2 found name uid gid home variables=() as=()
	shift 2
	while [ "$1" != -- ]; do
		variables+=("$1")
		shift
	done
	shift
	found=$(look_up_user "$user") || die "no user '$user' in the cluster"
	read -r name uid gid home <<<"$found"
	if [ "$name" = "$uid" ]; then
		as=(setpriv "--reuid=$uid" "--regid=$gid" --clear-groups)
	elif [ "$uid" != 0 ]; then
		as=(setpriv "--reuid=$uid" "--regid=$gid" --init-groups)
	fi
	enter "$node" ${as[@]+"${as[@]}"} env -i --chdir="$home" "${CLEAN[@]}" HOME="$home" USER="$name" \
		LOGNAME="$name" ${variables[@]+"${variables[@]}"} "$@"
}
