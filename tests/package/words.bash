# SPDX-License-Identifier: GPL-2.0-or-later
# The words that programs take, from the programs themselves, for what has to name them too.

# shellcheck source=tests/lib/assert.bash
source "$BATS_TEST_DIRNAME/../lib/assert.bash"

commands=(run explain rules audit doctor)

# One word a line, sorted.
words() { tr -s ' ,' '\n' | sed '/^$/d' | LC_ALL=C sort -u; }

# help_of nestsafe|COMMAND|nestsafe-collectd: what it prints. (audit becomes a program that is not installed yet.)
help_of() {
    case $1 in
    nestsafe) "${BUILD:?}/nestsafe" --help ;;
    audit | nestsafe-*) "${BUILD:?}/nestsafe-${1#nestsafe-}" --help ;;
    *) "${BUILD:?}/nestsafe" "$1" --help ;;
    esac
}

# The options in lines like "  -u, --user=LIST  …" of what a program says of itself.
options_of() { help_of "$1" | sed -nE 's/^ +((, )?(--?[A-Za-z][a-z-]*)(=[A-Z]+)?(, --?[A-Za-z][a-z-]*(=[A-Z]+)?)*) .*/\1/p' | sed -E 's/=[A-Z]+//g' | words; }

# The commands of nestsafe, as its help lists them.
commands_of_nestsafe() { help_of nestsafe | sed -nE 's/^  ([a-z]+) .*/\1/p'; }

# The long options that a source file takes.
options_in() { grep -oE '\{"[a-z-]+", *(no|required|optional)_argument' "${SOURCE:?}/$1" | sed -E 's/.*"(.*)".*/--\1/' | words; }

modes() {
    local said
    said=$("${BUILD:?}/nestsafe" run --mode=none-of-these true 2>&1) || true
    sed -nE "s/.*valid are ([a-z, ]+); .*/\1/p" <<<"$said" | words
    # "auto, node and job also with ',alone'"
    sed -nE "s/.*valid are .*; (.*) also with '(,alone)'.*/\1/p" <<<"$said" | sed 's/ and /, /' | words | sed 's/$/,alone/'
}

keys() { sed -nE 's/^    \{"([a-z_]+)", parse_.*/\1/p' "${SOURCE:?}/plugin/spank/config.c" | words; }

# values_of OPTION: what audit takes for it.
values_of() { "${BUILD:?}/nestsafe-audit" "--$1=none-of-these" 2>&1 | sed -n 's/.*; valid are //p' | words; }
