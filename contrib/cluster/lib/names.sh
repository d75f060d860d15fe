# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who is who: nodes, hosts, addresses and users, and the /etc in which the cluster finds them.

# The network is 10.0.0.0/24, in network namespaces of the cluster's own: the nodes from .1 on, control last.
# shellcheck disable=SC2034 # the command line is checked against it
MOST_NODES=200
CONTROL_ADDRESS=10.0.0.254

node_names() {
	seq -f 'n%.0f' "$NODES"
}

host_name() { # NODE
	if [ "$ALIAS" = yes ] && [ "$1" != control ]; then
		printf '%s-host\n' "$1"
	else
		printf '%s\n' "$1"
	fi
}

node_address() { # NODE
	printf '10.0.0.%d\n' "${1#n}"
}

# What is the cluster's own in /etc; own_etc puts it there.
write_names() {
	mkdir -p "$DIR/etc" "$DIR/home"
	write_hosts >"$DIR/etc/hosts"
	printf '%s: files\n' passwd group shadow hosts services protocols ethers rpc >"$DIR/etc/nsswitch.conf"
	cp /etc/passwd /etc/group "$DIR/etc"
	add_users
}

write_hosts() {
	local node
	printf '127.0.0.1 localhost\n%s control\n' "$CONTROL_ADDRESS"
	for node in $(node_names); do
		if [ "$ALIAS" = yes ]; then
			printf '%s %s %s\n' "$(node_address "$node")" "$(host_name "$node")" "$node"
		else
			printf '%s %s\n' "$(node_address "$node")" "$node"
		fi
	done
}

add_users() {
	local name uid=60001
	for name in alice bob; do
		sed -i "/^$name:/d" "$DIR/etc/passwd" "$DIR/etc/group"
		# Not 'x', which sends PAM to /etc/shadow, where they are not: slurmd runs 'su - USER' for sbatch --export=NONE, and
		# from 26.05 on requeues the job where that fails.
		printf '%s:*:%d:%d:%s:%s:/bin/bash\n' "$name" $uid $uid "$name" "$DIR/home/$name" >>"$DIR/etc/passwd"
		printf '%s:x:%d:\n' "$name" $uid >>"$DIR/etc/group"
		install -d -m 700 -o $uid -g $uid "$DIR/home/$name"
		uid=$((uid + 1))
	done
}

# Prints name, uid, gid and home of a user. A uid without an entry is a user too: its group is its number.
look_up_user() { # NAME|UID
	awk -F: -v who="$1" '
		$1 == who || $3 == who { print $1, $3, $4, $6; found = 1; exit }
		END { if (!found && who ~ /^[0-9]+$/) print who, who, who, "/"; else exit !found }' "$DIR/etc/passwd"
}
