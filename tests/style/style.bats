#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What can be seen of a file without running it.

# shellcheck source=tests/lib/assert.bash
source "$BATS_TEST_DIRNAME/../lib/assert.bash"

setup() { cd "${SOURCE:?}" || return; }

# Files of ours, less those that other programs made.
ours() {
    find . -path ./.git -prune -o -path ./build-aux -prune -o -path ./autom4te.cache -prune -o -type f "$@" -print |
        grep -vE '^\./(aclocal\.m4|configure|Makefile\.in|LICENSE|m4/(libtool|lt).*)~?$'
}

scripts() {
    ours -name '*.sh' -o -name '*.bash' -o -name '*.bats'
    ours -perm -u+x | while read -r file; do
        ! head -c 20 "$file" | grep -qE '^#!.*(bash|sh)$' || echo "$file"
    done
}

@test "shellcheck finds nothing in any script" {
    local list
    mapfile -t list < <(scripts | sort -u)
    check test ${#list[@]} -gt 10
    run shellcheck --severity=warning "${list[@]}"
    exits 0
}

@test "C is formatted as .clang-format says" {
    command -v clang-format >/dev/null || skip "no clang-format here"
    clang-format --version | grep -q 'version 14\.' || skip "another clang-format than 14 here"
    local list
    mapfile -t list < <(ours -name '*.[ch]')
    run clang-format --dry-run --Werror "${list[@]}"
    exits 0
}

@test "every file says its licence, and no code file is longer than 450 lines" {
    local file
    while read -r file; do
        check grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' "$file"
        check test "$(wc -l <"$file")" -le 450
    done < <(ours '(' -name '*.[ch]' -o -name '*.sh' -o -name '*.bash' -o -name '*.bats' -o \
        -name '*.m4' -o -name '*.am' -o -name '*.mk' -o -name '*.py' ')')
}

# Each room knows only those before it; "cli" is the last one.
rooms=(core launch spank watch collect account audit cli)

@test "a room includes nothing of those below it, and core nothing of the system's" {
    local at=0 room below
    for room in "${rooms[@]}"; do
        at=$((at + 1))
        below=$(IFS='|' && echo "${rooms[*]:at}")
        [ -n "$below" ] || continue
        run grep -nE "#include \"($below)/" -r "plugin/$room"
        exits 1
    done
    run grep -nE '#include <(slurm|unistd|fcntl|sys/)' -r plugin/core
    exits 1
    run grep -nE '#include <slurm' -r plugin/launch plugin/watch plugin/collect
    exits 1
    run grep -nE '#include "(spank|cli)/' -r plugin/audit
    exits 1
}

@test "releases of Slurm are told apart in one header" {
    run grep -nE '^#.*SLURM_VERSION' -r plugin
    check test "$(cut -d: -f1 <<<"$output" | sort -u)" = plugin/slurm_compat.h
}
