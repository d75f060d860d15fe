#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual pages: well-formed, and saying what the programs say.

load words

setup_file() { make -C "${BUILD:?}" install-man DESTDIR="$BATS_FILE_TMPDIR/dest" >/dev/null; }

setup() { cd "$BATS_FILE_TMPDIR/dest/${PREFIX:?}/share/man" || return; }

pages=(man1/nestsafe.1 man5/nestsafe.rules.5 man8/nestsafe-collectd.8 man8/nestsafe.8)

# section PAGE HEADING: its lines, without those of sections that follow.
section() { awk -v heading="$2" '/^\.S[hs] / { on = $0 == heading } on' "$1"; }

# items PAGE HEADING MACRO: what stands first in the items of a list there, as in ".It MACRO word , word Ns …".
items() { section "$1" "$2" | sed -nE "s/^\.It $3 //p" | sed -E 's/ (Ns|Op|Ar) .*//' | words; }

flags() { items "$1" "$2" Fl | sed 's/^/-/' | words; }

# same WHAT: of two files here, shows what only one of them has.
same() {
    run diff "$BATS_TEST_TMPDIR/program" "$BATS_TEST_TMPDIR/page"
    exits 0
    check test -s "$BATS_TEST_TMPDIR/program"
}

@test "every page is without a warning in mandoc and groff, and none is missing" {
    run sh -c 'find . -type f | sort'
    is "$(printf './%s\n' "${pages[@]}")"
    local page
    for page in "${pages[@]}"; do
        run mandoc -Tlint -Wwarning "$page"
        is ""
        # That a line cannot be broken is the length of this installation's paths.
        run groff -mdoc -ww -Wbreak -z -Tutf8 "$page"
        is ""
        run grep -n '@[A-Za-z]*@' "$page"
        is ""
        check test "$(mandoc -Tutf8 "$page" | sed 's/.\x08//g' | awk 'length > 80' | grep -cv "$PREFIX")" -eq 0
        # A page refers to the others by what they are called.
        run sh -c "sed -nE 's/^\.Xr (nestsafe[^ ]*) ([0-9]).*/\1.\2/p' $page | sort -u | while read -r name; do ls man?/\$name; done"
        exits 0
    done
}

@test "nestsafe(1) has the options of each command, and no others; --help and the source have the same" {
    local command
    for command in "${commands[@]}"; do
        options_of "$command" >"$BATS_TEST_TMPDIR/program"
        flags man1/nestsafe.1 ".Ss nestsafe $command" >"$BATS_TEST_TMPDIR/page"
        same
        grep -e -- "$BATS_TEST_TMPDIR/program" >"$BATS_TEST_TMPDIR/page"
        case $command in
        audit) options_in plugin/audit/options.c ;;
        *) options_in "plugin/cli/$command.c" ;;
        esac >"$BATS_TEST_TMPDIR/program"
        same
    done
    options_of nestsafe >"$BATS_TEST_TMPDIR/program"
    flags man1/nestsafe.1 ".Sh DESCRIPTION" >"$BATS_TEST_TMPDIR/page"
    same
}

@test "nestsafe(1) has all commands, in its synopsis and a section each" {
    commands_of_nestsafe >"$BATS_TEST_TMPDIR/program"
    printf '%s\n' "${commands[@]}" >"$BATS_TEST_TMPDIR/page"
    same
    sed -n 's/^\.Ss nestsafe //p' man1/nestsafe.1 >"$BATS_TEST_TMPDIR/page"
    same
    section man1/nestsafe.1 ".Sh SYNOPSIS" | sed -n 's/^\.Cm //p' >"$BATS_TEST_TMPDIR/page"
    same
}

@test "nestsafe-collectd(8) has the collector's options, and what nestsafe-account is called with" {
    options_of nestsafe-collectd >"$BATS_TEST_TMPDIR/program"
    flags man8/nestsafe-collectd.8 ".Sh DESCRIPTION" >"$BATS_TEST_TMPDIR/page"
    same
    grep -e -- "$BATS_TEST_TMPDIR/program" >"$BATS_TEST_TMPDIR/page"
    options_in plugin/collect/collectd.c >"$BATS_TEST_TMPDIR/program"
    same
    "$BUILD/nestsafe-account" 2>&1 | sed -nE 's/ +(nestsafe-account [^<]*[^< ]).*/\1/p' | sort >"$BATS_TEST_TMPDIR/program"
    mandoc -Tascii -Owidth=200 man8/nestsafe-collectd.8 | sed 's/.\x08//g' |
        sed -nE 's/^ +(nestsafe-account (deliver|notify|receive|settings)\b.*)/\1/p' | sort >"$BATS_TEST_TMPDIR/page"
    same
}

@test "nestsafe(8) has every mode and every key of plugstack.conf, as have the drop-in and the README" {
    modes | LC_ALL=C sort >"$BATS_TEST_TMPDIR/program"
    section man8/nestsafe.8 ".Ss Modes" | sed -n 's/^\.It Cm //p' | LC_ALL=C sort >"$BATS_TEST_TMPDIR/page"
    same
    keys >"$BATS_TEST_TMPDIR/program"
    check test "$(wc -l <"$BATS_TEST_TMPDIR/program")" -ge 12
    items man8/nestsafe.8 ".Sh CONFIGURATION" Cm >"$BATS_TEST_TMPDIR/page"
    same
    sed -nE 's/^# ([a-z_]+)=([A-Z/]|yes).*/\1/p' "$SOURCE/contrib/plugstack.conf.d/nestsafe.conf.in" | words >"$BATS_TEST_TMPDIR/page"
    same
    sed -nE 's/^\| `([a-z_]+)=.*/\1/p' "$SOURCE/README.md" | words >"$BATS_TEST_TMPDIR/page"
    same
}

@test "nestsafe(8) has every variable that a job may find, nestsafe-collectd(8) the collector's own" {
    grep -rhoE '#define [A-Z_]+_VARIABLE "(NESTSAFE|MPI)_[A-Z_]+"' "$SOURCE/plugin" | sed -E 's/.*"(.*)"/\1/' | words >"$BATS_TEST_TMPDIR/program"
    { items man8/nestsafe.8 ".Sh ENVIRONMENT" Ev && items man8/nestsafe-collectd.8 ".Sh ENVIRONMENT" Ev; } |
        grep -v '^SLURM_' | words >"$BATS_TEST_TMPDIR/page"
    same
}

@test "nestsafe.rules(5) has every action and every value" {
    echo 'NAME none-of-these' >"$BATS_TEST_TMPDIR/rules"
    "$BUILD/nestsafe" rules --rules="$BATS_TEST_TMPDIR/rules" 2>&1 | sed -nE 's/.*action must be (.*)=VALUE .*/\1=/p' |
        sed 's/ or /, /' | words >"$BATS_TEST_TMPDIR/program"
    items man5/nestsafe.rules.5 ".Ss Actions" Cm >"$BATS_TEST_TMPDIR/page"
    same
    sed -nE 's/[^"]*"(%[a-z]+)", [a-z]+\}/\1 /gp' "$SOURCE/plugin/core/value.c" | tr -d ',}' | words >"$BATS_TEST_TMPDIR/program"
    items man5/nestsafe.rules.5 ".Ss Values" Li | grep '%' >"$BATS_TEST_TMPDIR/page"
    same
    # Its examples are right, and the message that it shows is the real one.
    section man5/nestsafe.rules.5 ".Sh EXAMPLES" | grep -v '^\.' >"$BATS_TEST_TMPDIR/site.rules"
    run "$BUILD/nestsafe" rules --rules="$BATS_TEST_TMPDIR/site.rules"
    exits 0
    check test "$(grep -c '^SITE_' <<<"$output")" -eq 3
    cd "$BATS_TEST_TMPDIR"
    echo '1BAD unset' >site.rules
    run "$BUILD/nestsafe" rules --rules=site.rules
    exits 1
    check grep -qF "$output" <(mandoc -Tascii "$OLDPWD/man5/nestsafe.rules.5" | sed 's/.\x08//g' | tr -s ' \n' ' ')
}
