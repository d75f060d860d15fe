# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian packages for the demo and the tests, without starting a daemon. The caller sets WORK, where downloads go.

packages_missing() { # PACKAGE...
	local package
	for package in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
	done
}

# Some third party's mirror that does not answer is no reason to give up.
packages_update() {
	mkdir -p "$WORK/archives/partial"
	apt_get update || echo "apt-get update failed, going on"
}

packages_download() { # PACKAGE...
	apt_get --yes --download-only install "$@"
}

packages_install() { # PACKAGE...
	without_daemons apt_get --yes install "$@"
	rm -rf "$WORK/archives"
}

# What is downloaded goes away with WORK. needrestart, where it is installed, would restart daemons after an upgrade.
apt_get() {
	env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 LC_ALL=C.UTF-8 apt-get -q --no-install-recommends \
		-o "Dir::Cache::archives=$WORK/archives" -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
		-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

# Packages start their daemons through these two programs. For the command they do nothing: true is mounted over them,
# in a mount namespace of its own, so that there is nothing to undo, not even after kill -9. (A policy-rc.d would have
# to be written over this machine's own.) nsenter finds the real root of that namespace, also from within a chroot.
without_daemons() { # COMMAND...
	export -f apt_get
	export WORK
	# shellcheck disable=SC2016
	unshare --mount --propagation unchanged -- bash -euc '
		nsenter --mount=/proc/self/ns/mnt mount -n --make-rprivate /
		for program in /usr/sbin/invoke-rc.d /usr/bin/deb-systemd-invoke; do
			[ ! -e $program ] || mount -n --bind /bin/true $program
		done
		"$@"' bash "$@"
}
