# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the builds of the .deb and the .rpm share. The caller sets TREE, the source; and WORK, which goes away.

say() { printf '%s\n' "$@"; }

fail() {
	say "$0: $*" >&2
	exit 1
}

# arguments WHAT [ARGUMENT]…: of a build of WHAT; at most a tarball, which is there.
arguments() {
	local what=$1
	shift
	case ${1-} in
	-h | --help)
		say "usage: $0 [TARBALL]" "" \
			"Makes $what in the current directory, for the Slurm whose headers are installed: from" \
			"TARBALL, which 'make dist' has made, or else from the source that this program is in."
		exit 0
		;;
	-*)
		say "usage: $0 [TARBALL]" >&2
		exit 2
		;;
	esac
	[ $# -le 1 ] || fail "one tarball is enough"
	[ $# = 0 ] || [ -f "$1" ] || fail "there is no $1"
}

# begin: WORK, until the end.
begin() {
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/nestsafe-package.XXXXXX")
	trap 'rm -rf "$WORK"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# The name of the tarball in DIRECTORY: made from a copy of the source, which may be read-only.
make_tarball() { # DIRECTORY
	mkdir "$WORK/tree"
	tar -C "$TREE" --exclude=./.git --exclude='./build*' --exclude={.deps,.libs,.dirstamp} --exclude='*.'{o,lo,la} \
		--exclude=./{autom4te.cache,config.status,libtool,Makefile} -cf - . | tar -C "$WORK/tree" --no-same-owner -xf -
	(
		cd "$WORK/tree"
		autoreconf -fi
		./configure --disable-tests
		make dist
	) >"$WORK/tarball.log" 2>&1 || {
		tail -n 30 "$WORK/tarball.log" >&2
		fail "make dist failed"
	}
	mv "$WORK"/tree/nestsafe-*.tar.xz "$1"
}
