#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of nestsafe's command lines in bash and zsh: it offers what the programs take, and nothing else.

load words

bash_file=${SOURCE:?}/contrib/completion/nestsafe.bash
zsh_file=$SOURCE/contrib/completion/_nestsafe

# completes WORD...: what bash would offer for the last word of "nestsafe WORD...", one a line. As readline does,
# --mode=auto is given as three words.
completes() {
    bash --noprofile --norc -c '
        . "$1" && shift
        compopt() { :; }
        COMP_WORDS=(nestsafe "$@") COMP_CWORD=$#
        $(complete -p nestsafe | sed -E "s/.*-F ([^ ]+).*/\1/")
        printf "%s\n" "${COMPREPLY[@]}"' bash "$bash_file" "$@" | LC_ALL=C sort
}

@test "bash: commands, and the options of each as --help has them" {
    local command
    run completes ''
    is "$({ commands_of_nestsafe && options_of nestsafe; } | words)"
    run completes ex
    is explain
    for command in "${commands[@]}"; do
        run completes "$command" -
        is "$(options_of "$command" | while read -r option; do
            help_of "$command" | grep -qE -- "(^|[ ,])$option(, --[a-z]+)?=" && [ "${option#--}" != "$option" ] && option+="="
            printf '%s\n' "$option"
        done)"
    done
}

@test "bash: values, as the programs name them" {
    run completes run --mode = ''
    is "$(modes | LC_ALL=C sort)"
    run completes run --mode = no
    is "node
node,alone"
    local option
    for option in by format field; do
        run completes audit --$option = ''
        is "$(values_of $option)"
        run completes audit --$option ''
        is "$(values_of $option)"
    done
    run completes audit --clusters = a
    is all
    run completes audit -u roo
    has_line root
    run completes audit -j 1
    is ""
    cd "$BATS_TEST_TMPDIR"
    echo >site.rules
    run completes rules --rules = si
    is site.rules
}

@test "bash: behind the options of run comes a command" {
    local line
    run completes run --mode = deny --al
    is --alone
    for line in "run --mode = node tru" "run -- tru" "run --alone tru" "run tru" "run --mode node -- tru"; do
        # shellcheck disable=SC2086
        run completes $line
        has_line true
    done
    cd "$BATS_TEST_TMPDIR"
    echo >some.file
    run completes run --alone ls so
    is some.file
}

@test "bash: bash-completion finds the file where it is installed, and completes the command behind run" {
    make -C "$BUILD" install-data-local DESTDIR="$BATS_TEST_TMPDIR" bashcompdir=/share/bash-completion/completions >/dev/null
    cd "$BATS_TEST_TMPDIR"
    mkdir into
    run env XDG_DATA_DIRS="$BATS_TEST_TMPDIR/share" bash --noprofile --norc -c '
        . /usr/share/bash-completion/bash_completion
        compopt() { :; }
        COMP_WORDS=(nestsafe run -- cd in) COMP_CWORD=4 COMP_LINE="nestsafe run -- cd in" COMP_POINT=21
        if declare -F _comp_load >/dev/null; then _comp_load nestsafe; else _completion_loader nestsafe; fi
        _nestsafe
        echo "${COMPREPLY[@]}"'
    is into
}

@test "zsh: a command line is completed as one types it" {
    zsh -n "$zsh_file"
    cat >"$BATS_TEST_TMPDIR/rc" <<END
PS1= fpath=($SOURCE/contrib/completion \$fpath)
autoload -Uz compinit && compinit -u -d $BATS_TEST_TMPDIR/dump
show() { print -r -- "\$BUFFER" >>$BATS_TEST_TMPDIR/lines; BUFFER= }
zle -N show
bindkey '^X' show '^I' complete-word
unsetopt list_ambiguous beep
END
    local command option
    # What is typed before the tab key, and what is to stand there after.
    {
        printf '%s\t%s\n' 'nestsafe ex' 'nestsafe explain ' 'nestsafe --ver' 'nestsafe --version ' \
            'nestsafe run --mode=de' 'nestsafe run --mode=deny' 'nestsafe run --mode=job,' 'nestsafe run --mode=job,alone' \
            'nestsafe audit --by=cl' 'nestsafe audit --by=class' 'nestsafe audit --format=h' 'nestsafe audit --format=html' \
            'nestsafe audit --field=admin' 'nestsafe audit --field=admin_comment' 'nestsafe run -- basenam' 'nestsafe run -- basename '
        for command in "${commands[@]}"; do
            options_of "$command" | grep -e -- | while read -r option; do
                printf 'nestsafe %s %s\tnestsafe %s %s\n' "$command" "${option%?}" "$command" "$option"
            done
        done
    } >"$BATS_TEST_TMPDIR/cases"
    # shellcheck disable=SC2016
    run timeout 120 zsh -f -c '
        zmodload zsh/zpty zsh/zselect
        cd $1
        zpty -b shell "zsh -f -i"
        zpty -w shell "source $1/rc; print ready >ready"
        until [[ -s ready ]]; do zselect -t 2; done
        expected=0
        while IFS=$'"'\t'"' read -r typed _; do
            zpty -n -w shell "$typed"$'"'\t\x18'"'
            expected=$((expected + 1))
            until [[ -s lines && $(wc -l <lines) -ge $expected ]]; do
                zpty -r -t shell ignored && :
                zselect -t 2
            done
        done <cases
        zpty -d shell' zsh "$BATS_TEST_TMPDIR"
    exits 0
    # A space or "=" behind what was completed is zsh's to choose.
    run diff <(cut -f 2 "$BATS_TEST_TMPDIR/cases" | sed 's/[ =]*$//') <(sed 's/[ =]*$//' "$BATS_TEST_TMPDIR/lines")
    is ""
}

@test "zsh: it knows no option or value that the programs do not" {
    run sh -c "grep -oE -- '--[a-z]+(-[a-z]+)*' '$zsh_file' | LC_ALL=C sort -u"
    is "$(for program in nestsafe "${commands[@]}"; do options_of "$program"; done | grep -e -- | words)"
    check grep -qF "mode:($(sed -nE 's/^\trun,--mode\) echo (.*) ;;/\1/p' "$bash_file"))" "$zsh_file"
    local option
    for option in by format field; do
        run sed -nE "s/.*--$option=.*:\((.*)\).*/\1/p" "$zsh_file"
        check test "$(words <<<"$output")" = "$(values_of $option)"
    done
}
