# --help, --help=all and the manual: that they say the same, and fit where they are read.
#
# out and err are set by try:
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0
load helpers

setup() {
	enter_tmp
	untraced
	manual=$TESTS/../man/pgrep-r.1
	table=$TESTS/../src/cli/table.c
}

# The options of a help text as the manual writes them, beneath their headings.
help_as_manual() {
	sed -nE -e 's/^([A-Z][A-Za-z ]+):$/.Ss \1/p' \
		-e 's/^ +(-[[:alnum:]])?(, )?(--[a-z-]+)?(\[=|=)?([^] ]*)\]?( .*)?$/\1 \3 \4 \5/p' "$1" |
		sed '/^   $/d' | while IFS=' ' read -r line; do
		[[ $line != .Ss* ]] || { echo "$line" && continue; }
		entry "$line"
	done
}

# entry "SHORT LONG =|[= ARGUMENT": the line of the manual; parts may be empty.
entry() {
	local short='' long='' equals='' argument='' word form=''
	for word in $1; do
		case $word in
		--*) long=${word#-} ;;
		-*) short=${word#-} ;;
		= | '[=') equals=$word ;;
		*) argument=" Ar ${word,,}" ;;
		esac
	done
	case $equals in
	=) form=" Ns =" ;;
	'[=') form=" Ns Op =" ;;
	esac
	[ -z "$form" ] || form+=" Ns$argument"
	[ "$equals" = = ] || argument=
	printf '.It%s%s%s\n' "${short:+ Fl $short$argument}" "${short:+${long:+ ,}}" "${long:+ Fl $long$form}"
}

# The options of the manual's section OPTIONS.
manual_options() {
	sed -n '/^\.Sh OPTIONS/,/^\.Sh /p' "$manual" | command grep -E '^\.(It Fl|Ss) '
}

@test "the manual has just the options of --help=all, in their order, with their arguments" {
	try 0 --help=all
	help_as_manual "$out" >help
	[ "$(wc -l <help)" -gt 100 ]
	# The last section is of names that --help=all does not show.
	manual_options | sed '/^\.Ss Other names/d' >manual
	same help manual
}

@test "the manual tells of each other name for an option" {
	sed -nE "s/^\t\{ ('(.)'|[A-Z_]+), (\"([a-z-]+)\"|NULL),.*ALIAS.*/\2\n-\4/p" "$table" |
		sed -e '/^-\{0,1\}$/d' >names
	[ "$(wc -l <names)" -ge 12 ]
	sed -n '/^\.Ss Other names/,/^\.Sh /p' "$manual" | sed -nE 's/^\.Fl ([^ ]+).*/\1/p' >told
	command grep -vxFf told names >untold || true
	same /dev/null untold
	# They are taken, and not shown.
	try 0 --help=all
	while read -r name; do
		not command grep -qE -e "^ +(-., )?-$name( |=|\[|\$)" "$out"
		case $name in
		-threads | -maxdepth | -context-separator) name="$name=1" ;;
		-sort) name="$name=path" ;;
		esac
		"$PGREP_R" "-$name" --version >said 2>&1
	done < <(command grep '^-' names)
}

@test "--help fits a screen, --help=all its width" {
	try 0 --help
	like "$(awk 'length > 80' "$out")" ''
	[ "$(wc -l <"$out")" -le 50 ]
	try 0 --help=all
	like "$(awk 'length > 80' "$out")" ''
	err_is
}

@test "--help shows a part of what --help=all shows, in the same words and groups" {
	try 0 --help
	command grep -E '^( |[A-Z][a-z ]+:$)' "$out" >common
	try 0 --help=all
	command grep -E '^( |[A-Z][a-z ]+:$)' "$out" >all
	# Only lines are left out.
	diff common all | command grep '^<' >lost || true
	same /dev/null lost
	[ "$(wc -l <common)" -gt 30 ]
	# No heading stands above nothing.
	awk '/:$/ { if (heading) print; heading = 1; next } { heading = 0 } END { if (heading) print "last" }' \
		common all >empty
	same /dev/null empty
}

@test "without arguments: one line, and where to look" {
	try 64
	out_is
	err_is 'pgrep-r: no pattern given; see pgrep-r --help'
}

@test "an unknown option: the nearest name is suggested" {
	try 64 --recusive foo
	err_is "pgrep-r: unknown option '--recusive'; did you mean '--recursive'?"
	try 64 foo --colr=always
	err_is "pgrep-r: unknown option '--colr=always'; did you mean '--color'?"
	try 64 --ingore-case foo
	err_is "pgrep-r: unknown option '--ingore-case'; did you mean '--ignore-case'?"
	# What looks like nothing is not guessed at.
	try 64 --quxification foo
	err_is "pgrep-r: unknown option '--quxification'; see pgrep-r --help"
	try 64 -% foo
	err_is "pgrep-r: unknown option '-%'; see pgrep-r --help"
}

@test "of each long option two letters that changed places are seen" {
	local names name wrong middle
	mapfile -t names < <("$PGREP_R" --help=all | sed -nE 's/^ +(-., )?--([a-z-]+).*/\2/p')
	[ "${#names[@]}" -gt 90 ]
	for name in "${names[@]}"; do
		middle=$((${#name} / 2))
		wrong=${name:0:middle-1}${name:middle:1}${name:middle-1:1}${name:middle+1}
		[ "$wrong" != "$name" ] || continue
		"$PGREP_R" "--$wrong" 2>"$name.err" && return 1
		echo "pgrep-r: unknown option '--$wrong'; did you mean '--$name'?" | same - "$name.err"
	done
}

@test "the start of several options: some of them are named" {
	try 64 --files-with foo
	err_is "pgrep-r: ambiguous option '--files-with': --files-with-matches, --files-without-match"
	try 64 --max=3 foo
	like "$(cat "$err")" "pgrep-r: ambiguous option '--max=3': --max-*, --max-*, ..."
}

@test "the manual can be read, and its examples are options that there are" {
	mandoc -T lint -W warning "$manual"
	local option
	while read -r option; do
		option=${option%%=*}
		"$PGREP_R" --help=all | command grep -qE -e "(^|[ ,])$option([ =[]|\$)" || {
			echo "no option $option"
			return 1
		}
	done < <(sed -n '/^\.Sh EXAMPLES/,/^\.Sh /p' "$manual" | command grep 'pgrep-r' |
		command grep -oE -e ' --[a-z-]+' | sort -u)
}
