# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of nestsafe(1). bash-completion loads it when it is first wanted; without that package,
# source it. The options of srun, sbatch and salloc are Slurm's own to complete.

# _nestsafe_value COMMAND OPTION: what the option of that command may be followed by, if it takes a value.
_nestsafe_value() {
	case $1,$2 in
	run,--mode) echo auto node job audit deny off auto,alone node,alone job,alone ;;
	audit,--by) echo user account partition launcher class mode ;;
	audit,--format) echo table csv json html openmetrics ;;
	audit,--field) echo any admin_comment comment extra ;;
	audit,-S | audit,--starttime | audit,-E | audit,--endtime) echo today now-1days now-7days now-30days ;;
	audit,-M | audit,--clusters) echo all ;;
	audit,-u | audit,--user | audit,--uid) compgen -u ;;
	audit,-[Arj] | audit,--accounts | audit,--partition | audit,--jobs) ;;
	doctor,--nodes | doctor,--partition) ;;
	*) return 1 ;;
	esac
}

_nestsafe_options() {
	case $1 in
	'') echo run explain rules audit doctor -h --help -V --version ;;
	run) echo --mode= --alone -h --help ;;
	explain) echo --json -h --help ;;
	rules) echo --rules= -h --help ;;
	doctor) echo --quiet --json --all --nodes= --partition= -h --help ;;
	audit)
		echo -S --starttime= -E --endtime= -u --user= --uid= -a --allusers -A --accounts= -r --partition= \
			-j --jobs= -M --clusters= --by= --format= --field= -h --help
		;;
	esac
}

# The words of a command that nestsafe run starts: that command's own completion, where bash-completion knows it.
_nestsafe_command() { # POSITION
	if declare -F _comp_command_offset >/dev/null; then
		_comp_command_offset "$1"
	elif declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	elif [ "$COMP_CWORD" -eq "$1" ]; then
		mapfile -t COMPREPLY < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
	fi
}

# The position of the command that nestsafe run starts, if the cursor is there or behind; else none.
_nestsafe_command_position() {
	local at=2
	while [ "$at" -le "$COMP_CWORD" ]; do
		case ${COMP_WORDS[at]} in
		--) [ "$at" -lt "$COMP_CWORD" ] && echo $((at + 1)) && return ;;
		--mode) [ "${COMP_WORDS[at + 1]-}" = "=" ] && at=$((at + 1)); at=$((at + 1)) ;;
		-*) ;;
		*) echo "$at" && return ;;
		esac
		at=$((at + 1))
	done
	return 1
}

_nestsafe() {
	local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} position words
	COMPREPLY=()
	[ "$COMP_CWORD" -gt 1 ] || command=
	if [ "$command" = run ] && position=$(_nestsafe_command_position); then
		_nestsafe_command "$position"
		return
	fi
	# bash makes three words of --mode=auto.
	[ "$current" != = ] || current=
	[ "$option" != = ] || option=${COMP_WORDS[COMP_CWORD - 2]}
	if [ "$command" = rules ] && [ "$option" = --rules ]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
	elif words=$(_nestsafe_value "$command" "$option"); then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
	else
		mapfile -t COMPREPLY < <(compgen -W "$(_nestsafe_options "$command")" -- "$current")
		case ${COMPREPLY[*]} in
		*=) compopt -o nospace 2>/dev/null ;;
		esac
	fi
}

complete -F _nestsafe nestsafe
