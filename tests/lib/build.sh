# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A copy of the source, and builds of it beside it: the checkout may be read-only and stays as it is.

copy_source() {
    mkdir "$SOURCE"
    tar -C "$TREE" --exclude=./{.git,autom4te.cache,build-aux,configure,config.status,libtool,Makefile} \
        --exclude='./build*' --exclude={.deps,.libs,.dirstamp} --exclude='*.'{o,lo,la} -cf - . |
        tar -C "$SOURCE" --no-same-owner -xf -
    quietly autoreconf sh -c "cd '$SOURCE' && autoreconf -fi" || exit 1
}

# quietly NAME COMMAND…: shows the end of the output if it fails.
quietly() {
    local log=$LOG/$1
    shift
    "$@" >>"$log" 2>&1 </dev/null 8<&- && return
    say "failed: $*"
    tail -n 30 "$log"
    return 1
}

# build DIRECTORY [CONFIGURE OPTION]…
build() {
    local directory=$1
    shift
    mkdir "$directory"
    say "building in $directory: configure $*"
    # libtool is a script that runs for every file: with sh, Debian's dash, in two thirds of the time that bash takes.
    quietly "$(basename "$directory")" sh -c \
        'cd "$1" && shift && CONFIG_SHELL=/bin/sh ../source/configure --enable-werror --prefix="$WORK/prefix" "$@" &&
        make -j"$(nproc)"' sh "$directory" "$@"
}

# The ordinary build, once.
built_in() {
    [ -e "$1/nestsafe" ] || build "$1"
}

# The ordinary build where PREFIX says, with the test programs, for the tiers that use it as users do.
installed() {
    built_in "$WORK/build" || return
    [ -e "$WORK/prefix" ] || quietly install make -C "$WORK/build" install || return
    quietly programs make -C "$WORK/build" programs
}

export WORK SOURCE
export BUILD=$WORK/build PREFIX=$WORK/prefix PROGRAMS=$WORK/build/tests/programs
