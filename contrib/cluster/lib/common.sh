# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What every part uses: messages, waiting, the cluster's directory and the settings kept in it.

say() {
	printf 'cluster: %s\n' "$*" >&2
}

die() {
	say "$*"
	exit 1
}

# Returns as soon as the command succeeds, or fails once the time is over.
wait_until() { # SECONDS COMMAND...
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

need_root() {
	[ "$(id -u)" = 0 ] || die "namespaces and daemons need root"
}

need_programs() {
	local program package missing=0 list='
		flock util-linux
		ip iproute2
		mount mount
		munged munge
		nsenter util-linux
		scontrol slurm-client
		setpriv util-linux
		slurmctld slurmctld
		slurmd slurmd
		unshare util-linux'
	[ "$ACCOUNTING" = no ] || list+='
		mariadb-install-db mariadb-server
		mariadbd mariadb-server
		slurmdbd slurmdbd'
	while read -r program package; do
		[ -n "$program" ] || continue
		command -v "$program" >/dev/null && continue
		say "$program is missing (Debian package $package)"
		missing=1
	done <<<"$list"
	[ $missing = 0 ] || exit 1
}

# The path goes into slurm.conf and into mount tables as it is, hence the narrow set of characters.
choose_dir() {
	DIR=$(realpath -m -- "$DIR")
	[[ $DIR =~ ^/[A-Za-z0-9._/+-]+$ ]] || die "$DIR: only letters, digits and ._+- can be part of the path"
}

# Two commands at work on one directory would undo each other's doing. The lock is on the directory itself: it
# goes away with it and with its holder, however that ends. What root is going to read and remove must be root's.
lock_dir() { # wait|now
	if ! [ -d "$DIR" ] || ! [ -O "$DIR" ]; then
		die "$DIR: not a directory of root's"
	fi
	exec 9<"$DIR"
	if [ "$1" = wait ]; then
		flock -n 9 || say "waiting for another command that is at work on $DIR"
		flock -w 120 9 || die "another command is at work on $DIR"
	else
		flock -n 9 || die "another command is at work on $DIR"
	fi
	[ "$DIR" -ef /proc/self/fd/9 ] || die "$DIR was removed by another command; try again"
	[ -e "$DIR/settings" ] || [ -z "$(ls -A "$DIR")" ] || die "$DIR holds something else; nothing done"
}

# Makes the directory ours: refuses one that is in use, cleans one that a crash left behind.
claim_dir() {
	[ -d "$DIR" ] || mkdir "$DIR"
	lock_dir now
	load_settings
	if is_up; then
		die "a cluster is already up in $DIR"
	elif [ -n "$(ls -A "$DIR")" ]; then
		say "$DIR was left by a cluster that crashed; cleaning it"
		remove_cluster
		mkdir "$DIR"
		lock_dir now
	fi
	chmod 755 "$DIR"
	if ! setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$DIR"; then
		rmdir "$DIR"
		die "$DIR: normal users cannot reach it, and their homes are to be there; choose another --dir"
	fi
}

# The mark is the source name of the cluster's tmpfs mounts: whoever has it in its mount table belongs to the
# cluster. Inode numbers of namespaces would not do, the kernel uses them again.
new_settings() {
	MARK=nestsafe-cluster-$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
	printf '%s=%q\n' MARK "$MARK" NODES "$NODES" CPUS "$CPUS" ALIAS "$ALIAS" ACCOUNTING "$ACCOUNTING" \
		MPI_DEFAULT "$MPI_DEFAULT" >"$DIR/settings"
	mkdir "$DIR/pid" "$DIR/log"
}

# No settings, or none in the file yet: a crash came before anything was started.
load_settings() {
	MARK=
	if [ -e "$DIR/settings" ]; then
		# shellcheck source=/dev/null
		. "$DIR/settings"
	fi
}

open_cluster() {
	need_root
	choose_dir
	if ! [ -O "$DIR" ] || ! [ -e "$DIR/ready" ]; then
		die "no cluster is up in $DIR"
	fi
	load_settings
}

# Is the process one of the cluster's? It may have ended, and its number may belong to somebody else now.
is_member() { # PID
	grep -qsF " - tmpfs $MARK " "/proc/$1/mountinfo"
}

# DIR/pid has an entry for each daemon, and under a machine's own name one for the process that holds it.
is_running() { # DAEMON|MACHINE
	local pid
	pid=$(cat "$DIR/pid/$1" 2>/dev/null) && is_member "$pid"
}

# Up is a cluster that was completed and has lost nothing since.
is_up() {
	local file
	[ -e "$DIR/ready" ] || return 1
	for file in "$DIR"/pid/*; do
		is_running "${file##*/}" || return 1
	done
}

slurm_is_at_least() { # RELEASE, such as 23.02
	local have
	have=$(slurmctld -V)
	printf '%s\n' "$1" "${have##* }" | sort -CV
}
