# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the builds of the .deb and the .rpm share. The caller sets TREE, the source; and WORK, which goes away.

say() { printf '%s\n' "$*"; }

fail() {
	say "$0: $*" >&2
	exit 1
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
