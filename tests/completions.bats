# What bash, zsh and fish offer for a command line, and that it is what the program takes.
#
# out and err are set by try:
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0
load helpers

SHELLS=(bash zsh fish)

setup() {
	enter_tmp
	untraced
	PATH=$(dirname "$PGREP_R"):$PATH
	completions=$TESTS/../scripts/completions
	mkdir -p place/folder
	: >place/fixture
}

installed() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

# offers SHELL: what the shell offers for each line of standard input, without
# descriptions, and then "end"; "(path)" stands for names of files.
offers() (
	cd place || return 1
	case $1 in
	bash) bash "$TESTS/fixtures/complete.bash" "$completions/pgrep-r.bash" ;;
	zsh) zsh -f "$TESTS/fixtures/complete.zsh" "$completions" ;;
	fish)
		# shellcheck disable=SC2016 # fish's variables
		fish --no-config -c 'source $argv[1]
			while read -l line; complete -C $line; echo end; end' "$completions/pgrep-r.fish" |
			sed 's/	.*//' ;;
	esac | sed -E -e '/^$/d' -e 's/^--[a-z-]+=(.+)/\1/' -e 's,^(fixture|folder/?)$,(path),' |
		awk '$0 == "end" || $0 != last { print } { last = $0 }'
)

# The options of --help=all: "SHORT LONG ARGUMENT", each "-" where there is none.
options() {
	"$PGREP_R" --help=all | sed -nE 's/^ +(-[[:alnum:]])?(, )?(--[a-z-]+)?(\[?=([^] ]+)\]?)?( .*)?$/\1 \3 \5/p' |
		sed -e 's/^ /- /' -e 's/  / - /' -e 's/ $/ -/' -e '/^- - /d'
}

offers_each_option() {
	options | tr ' ' '\n' | grep -- '^-.' | sort >expected
	[ "$(wc -l <expected)" -gt 100 ]
	offers "$1" <<<'pgrep-r -' | sed -e '/^end$/d' -e 's/=$//' | sort -u >offered
	same expected offered
}

@test "bash offers each option, and nothing else" {
	offers_each_option bash
}

@test "zsh offers each option, and nothing else" {
	installed zsh
	offers_each_option zsh
}

@test "fish offers each option, and nothing else" {
	installed fish
	offers_each_option fish
}

# What an option's argument can be by the program's own word: one of some words, "(path)",
# or nothing.  A word that cannot be right makes it tell the words.
takes() {
	local long=$1 argument=$2 said
	said=$("$PGREP_R" "$long=?" 2>&1 </dev/null || true)
	case $said in
	*"'?' is none of "*) sed -e 's/.* is none of //' -e 's/, /\n/g' -e 's/ and /\n/' <<<"$said" | sort ;;
	*"'?' is not all") echo all ;;
	*) case $long,$argument in *,FILE* | --exclude-dir,*) echo '(path)' ;; esac ;;
	esac
}

# Of these the program's messages do not tell what they take.
told_elsewhere='^--(encoding|type|type-not|type-clear)$'

# Writes command lines whose last word is the start of an argument, one for each way to
# write the option, and what is to be offered for them.
arguments() {
	local short long argument taken form
	: >forms
	while read -r short long argument <&3; do
		[[ $argument != - && ! $long =~ $told_elsewhere ]] || continue
		taken=$(takes "$long" "$argument")
		for form in "$long=" "$long " "-n${short#-} "; do
			[[ $form != "-n " ]] || continue
			# An argument that may be left out is part of the word.
			[[ $form != *' ' || $long != @(--color|--stats|--progress|--help) ]] || continue
			echo "pgrep-r $form" >>forms
			printf '%s\n' ": $form" ${taken:+"$taken"}
		done
	done 3< <(options)
}

offers_arguments() {
	local form word
	arguments >expected
	[ "$(wc -l <forms)" -gt 60 ]
	offers "$1" <forms >raw
	# Each shell has an order of its own.
	while IFS= read -r form; do
		echo ": ${form#pgrep-r }"
		while read -r word <&3 && [ "$word" != end ]; do
			echo "$word"
		done | sort
	done 3<raw <forms >offered
	same expected offered
}

@test "bash offers the words that an option takes, or files" {
	offers_arguments bash
}

@test "zsh offers the words that an option takes, or files" {
	installed zsh
	offers_arguments zsh
}

@test "fish offers the words that an option takes, or files" {
	installed fish
	offers_arguments fish
}

# offered LINE WORD...: each shell offers just these for the line, in whatever order.
offered() {
	local line=$1 shell
	shift
	printf '%s\n' "$@" | sort >expected
	for shell in "${SHELLS[@]}"; do
		command -v "$shell" >/dev/null || continue
		offers "$shell" <<<"$line" | sed '/^end$/d' | sort >offered
		same expected offered || {
			echo "$shell: $line"
			return 1
		}
	done
}

@test "words that begin like what was typed" {
	offered 'pgrep-r --sandbox=l' landlock
	offered 'pgrep-r --sandbox r' require
	offered 'pgrep-r foo -nd re' read recurse
	offered 'pgrep-r --encoding=UTF-16' UTF-16 UTF-16BE UTF-16LE
	offered 'pgrep-r --encoding UTF-16L' UTF-16LE
	offered 'pgrep-r --binary-files=t' text
}

@test "paths after the pattern, and after --" {
	offered 'pgrep-r foo fix' '(path)'
	offered 'pgrep-r -e foo fix' '(path)'
	offered 'pgrep-r -e foo -- fix' '(path)'
	offered 'pgrep-r --files fol' '(path)'
}

@test "types of files are those of --type-list" {
	mapfile -t types < <("$PGREP_R" --type-list | sed 's/:.*//')
	[ "${#types[@]}" -gt 50 ]
	offered 'pgrep-r -t ' "${types[@]}"
	offered 'pgrep-r --type-not=' "${types[@]}"
}
