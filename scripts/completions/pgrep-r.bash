# Completion of pgrep-r's command line in bash.
#
# The options are what the program itself says of them with --help=all.  Only what can
# stand for an option's argument is known here.
#
# shellcheck shell=bash

# Reads the options of program $1: options are the words that are offered, needy those that
# need an argument, with a space around each.
_pgrep_r_options() {
	local line short long argument form='^ +(-[[:alnum:]])?(, )?(--[a-z-]+)?(\[?=| [A-Z])?'
	options=() needy=' '
	while IFS= read -r line; do
		[[ $line =~ $form ]] || continue
		short=${BASH_REMATCH[1]} long=${BASH_REMATCH[3]} argument=${BASH_REMATCH[4]}
		[[ -z $short ]] || options+=("$short")
		[[ -z $long ]] || options+=("$long${argument:+=}")
		[[ $argument != '[=' ]] || options+=("$long")
		[[ $argument != [=\ ]* ]] || needy+="$short $long "
	done < <("$1" --help=all 2>/dev/null)
}

# Prints the words that can be option $2's argument for program $1; fails if it is a path.
_pgrep_r_words() {
	case $2 in
	--color | --escape | --progress) echo auto always never ;;
	--sandbox) echo auto jail landlock require off ;;
	--accel) echo auto always off ;;
	--stats) echo text json ;;
	--help) echo all ;;
	--binary-files) echo binary text without-match ;;
	-d | --directories) echo recurse read skip ;;
	-D | --devices) echo read skip ;;
	-t | --type | --type-not | --type-clear) "$1" --type-list 2>/dev/null | sed 's/:.*//' ;;
	--encoding) echo auto none && iconv -l 2>/dev/null | sed 's,//.*,,' ;;
	-f | --file | --ignore-file | --exclude-from | --exclude-dir | --newer | --config)
		return 1 ;;
	--output | --ledger | --lock | --resume | --since-state) return 1 ;;
	esac
}

# The beginning of a path is left to readline.
_pgrep_r_path() {
	compopt -o bashdefault -o default
}

# Completes $2, the beginning of option $3's argument.
_pgrep_r_argument() {
	local words
	if words=$(_pgrep_r_words "$1" "$3"); then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$2")
	else
		_pgrep_r_path
	fi
}

_pgrep_r() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local before_it='' options needy i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} != -- ]] || { _pgrep_r_path && return; }
	done
	((COMP_CWORD < 2)) || before_it=${COMP_WORDS[COMP_CWORD - 2]}
	_pgrep_r_options "$1"
	# readline takes --name=argument for three words.
	if [[ $word == = && $before == --* ]]; then
		_pgrep_r_argument "$1" '' "$before"
	elif [[ $before == = && $before_it == --* ]]; then
		_pgrep_r_argument "$1" "$word" "$before_it"
	elif [[ $before == --* && $needy == *" $before "* ]]; then
		_pgrep_r_argument "$1" "$word" "$before"
	elif [[ $before == -[!-]* && $needy == *" -${before: -1} "* ]]; then
		_pgrep_r_argument "$1" "$word" "-${before: -1}"
	elif [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "${options[*]}" -- "$word")
		[[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace
	else
		_pgrep_r_path
	fi
}

complete -F _pgrep_r pgrep-r
