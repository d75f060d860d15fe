# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the demo stands on: looked at before anything is touched.

# shellcheck disable=SC2034 # packages.sh installs them
PACKAGES=(
	gcc libc6-dev make autoconf automake libtool pkgconf libslurm-dev libjansson-dev libmunge-dev
	slurmctld slurmd slurm-client slurmdbd mariadb-server munge iproute2
	libpmix-dev # Slurm's plugin mpi/pmix opens libpmix.so, and that link is in the -dev package
	openmpi-bin python3 python3-mpi4py
)

check_requirements() {
	local missing=0
	is_debian_12 || missing=1
	if [ "$(id -u)" != 0 ]; then
		printf 'The demo needs root: it installs packages and starts a private Slurm in namespaces. Type:\n\n    sudo %s\n\n' \
			"$HERE/demo"
		missing=1
	elif ! unshare --mount --uts --net --ipc --propagation unchanged true; then
		printf 'The demo needs to make mount, UTS, network and IPC namespaces, and may not do so here.\n'
		printf 'In a container, that takes more privileges: docker run --privileged, or a virtual machine.\n\n'
		missing=1
	fi
	[ $missing = 0 ] || {
		echo "Nothing was done."
		exit 1
	}
} >&2

is_debian_12() {
	local ID='' VERSION_ID='' PRETTY_NAME='an unknown system'
	if [ -r /etc/os-release ]; then
		# shellcheck source=/dev/null
		. /etc/os-release
	fi
	[ "$ID $VERSION_ID" = "debian 12" ] && return
	cat <<-TEXT
		The demo is made for Debian 12; this is $PRETTY_NAME.

		A virtual machine or a chroot with Debian 12 will do. For a chroot, with the package debootstrap, as root:

		    debootstrap bookworm /srv/bookworm && cp -r $SOURCE /srv/bookworm/srv/nestsafe
		    unshare --mount sh -c 'cd /srv/bookworm && mount -t proc proc proc && mount --rbind /sys sys &&
		        mount --rbind /dev dev && chroot . srv/nestsafe/contrib/demo/demo'

		nestsafe itself is not bound to Debian. To build it here, you need what these Debian packages have:
		    gcc libc6-dev make autoconf automake libtool pkgconf    a C compiler and the GNU build tools
		    libslurm-dev libjansson-dev libmunge-dev                the headers of Slurm, jansson and munge
		and to try it in Slurm:
		    slurmctld slurmd slurm-client munge libpmix-dev         Slurm, and libpmix.so for its plugin mpi/pmix
		    slurmdbd mariadb-server iproute2                        for the private Slurm, contrib/cluster/README.md
		    openmpi-bin python3 python3-mpi4py                      Open MPI 4 and MPI for Python
		Then: autoreconf -i && ./configure --disable-tests && make && make install; see README.md.

	TEXT
	return 1
}
