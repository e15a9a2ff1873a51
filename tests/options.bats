# Each option, and combinations of them, against GNU grep on the same tree.
#
# The peer is given the files in the byte order of their paths, so that not only
# the lines and the status must be its, but their order must be ours.
#
# out and err are set by try, patterns may end with a backslash, and bash -c gets its "$0":
# shellcheck disable=SC2154,SC1003,SC2016

bats_require_minimum_version 1.5.0
load helpers

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	mkdir -p tree/a/deep tree/b tree/.hidden
	printf '%s\n' 'alpha beta' 'Alpha BETA' '' 'foo foobar foo' 'foo_bar foo' '-v dash' \
		'last alpha' >tree/a.txt
	printf 'alpha\r\nfoo\r\n\r\n' >tree/a/crlf
	printf 'alpha\nfoo at the end' >tree/a/unfinished
	: >tree/a/deep/empty
	printf '\n\n\n' >tree/a/deep/newlines
	printf '%s\n' FOO foo1 1foo ' foo ' .foo. '	foo' >tree/a-b
	printf 'foo\0alpha\nfoo\n\nend\n' >tree/b/binary
	printf 'alpha foo\nfoo\n\0\nfoo\n' >tree/b/binary-late
	printf 'nothing here\n' >tree/b/none
	# Not at the edge of a word: there the peer's words differ.
	printf 'x\303\211COLEx x\303\251colex\nfoo\n' >tree/b/utf8
	printf '%0300d foo\n%0300d\n' 1 2 >tree/b/long
	printf 'foo alpha\n' >'tree/b/with space:colon'
	printf 'foo hidden\n' >tree/.hidden/file
	printf 'foo hidden alpha\n' >tree/a/.dot
}

setup() {
	enter_tmp
	untraced
	cd "$BATS_FILE_TMPDIR" || return 1
	engine=-P
}

# The paths of the tree that are searched, sorted, in $files.
list_tree() {
	mapfile -d '' -t files < <(find tree -mindepth 1 "$@" -type f -print0 | LC_ALL=C sort -z)
}

# peer ARG...: what GNU grep prints, in $peer, and its status.  It says on standard
# error "grep: X: binary file matches" where we say "Binary file X matches".
peer() {
	local status=0
	peer=$BATS_TEST_TMPDIR/peer
	gnu_grep "$engine" "$@" >"$peer.raw" 2>&1 || status=$?
	LC_ALL=C sed -e 's/^grep: \(.*\): binary file matches$/Binary file \1 matches/' \
		-e '/^grep: /d' "$peer.raw" >"$peer"
	return "$status"
}

# agree ARG...: on the tree, the bytes and the status of the peer.
agree() {
	local status=0 files theirs=() arg
	case " $* " in
	*' --hidden '*) list_tree ;;
	*) list_tree -not -path '*/.*' ;;
	esac
	for arg; do
		[ "$arg" = --hidden ] || theirs+=("$arg")
	done
	peer -H "${theirs[@]}" "${files[@]}" || status=$?
	if ! try "$status" "$@" tree || ! same "$peer" "$out" || [ -s "$err" ]; then
		echo "differs: $*"
		return 1
	fi
}

# agree_exactly ARG...: the very same arguments for both.
agree_exactly() {
	local status=0
	peer "$@" || status=$?
	try "$status" "$@" && same "$peer" "$out" && return 0
	echo "differs: $*"
	return 1
}

# each OPTION...: with each of some patterns.
each() {
	local pattern
	for pattern in foo '' '^alpha|BETA$' 'nothing such'; do
		agree "$@" -e "$pattern" || return 1
	done
}

# one_line_about WORD: standard error is one line in our form that has the word.
one_line_about() {
	if [ "$(wc -l <"$err")" -ne 1 ] || [[ $(<"$err") != "pgrep-r: "*"$1"* ]]; then
		echo "expected one line with: $1"
		cat "$err"
		return 1
	fi
}

# bad WORD ARG...: bad usage, said on one line; nothing is searched.
bad() {
	local word=$1
	shift
	try 64 "$@" || return 1
	one_line_about "$word" || return 1
	if [ -s "$out" ]; then
		echo "standard output is not empty: pgrep-r $*"
		return 1
	fi
}

# ---- the table ----

@test "each option of --help occurs in a test" {
	try 0 --help=all
	local options option missing=
	mapfile -t options < <(sed -nE 's/^ +(-[[:alnum:]])?(, )?(--[a-z-]+)?.*/\1\n\3/p' "$out" |
		sed '/^$/d')
	like "${#options[@]}" '[1-9][0-9][0-9]'
	for option in "${options[@]}"; do
		command grep -qE -e "(^|[ '\"(])$option([ ='\")]|\$)" "$BATS_TEST_DIRNAME"/*.bats ||
			missing+=" $option"
	done
	like "not tested:$missing" 'not tested:'
}

@test "--help names the options on standard output" {
	try 0 --help=all
	err_is
	command grep -q -e '--invert-match' "$out"
	# The first of --help and --version ends the reading of options.
	try 0 foo --help --nonsense
	command grep -q -e '--invert-match' "$out"
	bad nonsense --nonsense --help
}

@test "-V and --version print one line" {
	try 0 -V
	like "$(<"$out")" 'pgrep-r [0-9]*.[0-9]*.[0-9]*'
	like "$(wc -l <"$out")" 1
	cp "$out" version
	try 0 --version
	same version "$out"
	err_is
}

@test "--help and -V to a full device fail" {
	run -74 bash -c '"$0" --help >/dev/full' "$PGREP_R"
	run -74 bash -c '"$0" -V >/dev/full' "$PGREP_R"
}

# ---- patterns ----

@test "no option" {
	each
	agree '^foo'
	agree 'o$'
	agree '.'
	agree '\s'
	agree '\S+$'
	agree '[A-Z]'
	agree '(?i)alpha'
	agree '\bfoo\b'
	agree '(o)\1'
	agree '0{290}'
}

@test "-e and --regexp" {
	agree -e foo
	agree -efoo
	agree --regexp foo
	agree --regexp=foo
	agree -e -v
	agree -e '-v dash'
	# Without it the first operand is the pattern, and then no longer is.
	try 0 -e alpha foo tree/a.txt 2>/dev/null || [ "$?" -eq 1 ]
	command grep -q 'foo: No such file' "$err"
}

@test "-e several times: any of them" {
	# The peer takes several patterns, but for -P.
	engine=-E
	agree -e foo -e alpha
	agree -e foo -e foobar
	agree -e nothing -e such
	agree -e foo -e ''
	agree -e '' -e foo
	agree -e '^foo' -e 'o$' -v
	agree -w -e foo -e foobar
	agree -x -e foo -e 'foo ' -e ' foo '
	agree -c -e foo -e alpha
	agree -n -i -e FOO -e beta
}

@test "-e several times: each numbers its groups for itself" {
	printf '%s\n' abab cdcd abcd xyzzy >groups
	try 0 -e '(a)(b)\1\2' -e '(c)(d)\1\2' -e '(?<q>z)\k<q>' -e '(?<q>q)\k<q>' groups
	out_is abab cdcd xyzzy
}

@test "-e several times: an option within one stays there" {
	printf '%s\n' ABC abc DEF def >cases
	try 0 -e '(?i)abc' -e def cases
	out_is ABC abc def
	try 0 -e 'a|bc' -e '(?x) d e f # or not' cases
	out_is abc def
}

@test "a newline separates patterns" {
	engine=-E
	agree $'foo\nalpha'
	agree $'foo\nalpha\n'
	agree $'\nfoo'
	agree $'nothing\nsuch'
	agree -e $'foo\nbeta' -e last
	agree -x $'foo1\n1foo'
	engine=-F
	agree -F $'foo\nalpha'
	agree -F $'foo\n'
	agree -F -o $'foo\nfoobar'
}

@test "the empty pattern" {
	local how
	for how in -n -v -c -x -w '-v -x' '-v -w' -o -l -L '-F' '-F -x' '-F -v -n' '-m 1' '-i'; do
		[[ $how != *F* ]] || engine=-F
		# shellcheck disable=SC2086 # several options
		agree $how -e '' || return 1
	done
	agree -F -e '' -e foo
}

@test "the empty pattern with -v: counts and names are printed, where the peer reads nothing" {
	# GNU grep knows that no line can be selected and ends before it opens a file.
	printf 'a\nb\n' >two
	try 1 -v -c '' two
	out_is 0
	agree_exactly -v -L '' two
}

@test "-F, --fixed-strings" {
	engine=-F
	agree -F foo
	agree --fixed-strings foo
	agree -F .
	agree -F '.foo.'
	agree -F 'fo+'
	agree -F '^foo'
	agree -F '(foo'
	agree -F -i FOO
	agree -F -w foo
	agree -F -x foo1
	agree -F -x -v foo1
	agree -F -o foo
	agree -F -o -w foo
	agree -F -o -i -n FOO
	agree -F -c oo
	agree -F -e foo -e foobar -o
	agree -F -e foo -e alpha -w -n
	agree -F 'école'
	agree -F -i 'ÉCOLE'
	agree -F '\E.\Q'
	agree -F '\'
}

@test "-i, --ignore-case and --no-ignore-case" {
	each -i
	each --ignore-case
	each -i --no-ignore-case
	agree -i FOO
	agree --no-ignore-case FOO
	agree --no-ignore-case -i FOO
	agree -i 'ALPHA|beta'
	agree -i '[A-F]OO'
	agree -i 'école'
	agree -i -o 'É'
}

@test "-i: characters that fold beyond ASCII" {
	# As (?i) in a UTF-8 locale: U+212A KELVIN SIGN is a k, U+017F LONG S an s.
	printf '%s\n' k K K s S ſ ß ẞ SS Σ σ ς >folds
	local pattern
	for pattern in k K K s S ſ ß ẞ ss Σ σ ς '[k]' '[^k]' '[a-k]' 'k$'; do
		agree_exactly -i -n -e "$pattern" folds || return 1
		agree_exactly -i -c -e "$pattern" folds || return 1
	done
}

@test "-v, --invert-match" {
	each -v
	each --invert-match
	each -v -n
	each -v -i
	agree -v .
	agree -v -o foo
}

@test "-w, --word-regexp" {
	each -w
	each --word-regexp
	agree -w 'foo|foobar'
	agree -w 'foobar|foo'
	agree -w 'foo_'
	agree -w '\.foo'
	agree -w 'foo.*'
	agree -w -v foo
	agree -w -o foo
	agree -w -o 'fo+|foo_bar'
	agree -w -c foo
	agree -w -i FOO
}

@test "-w: letters of all languages are of a word" {
	# The peer's words here are ASCII, but for (*UCP): ours are Unicode's always.
	printf '%s\n' 'foo' 'fooé' 'éfoo' 'foo é' 'foo٣' 'foo—bar' >words
	try 0 -w foo words
	out_is foo 'foo é' 'foo—bar'
	peer '(*UCP)(?<!\w)(?:foo)(?!\w)' words
	same "$peer" "$out"
	peer '(*UCP)\w{4}' words
	try 0 '\w{4}' words
	same "$peer" "$out"
	peer -o '(*UCP)\b.' words
	try 0 -o '\b.' words
	same "$peer" "$out"
}

@test "-x, --line-regexp" {
	each -x
	each --line-regexp
	agree -x 'foo1|1foo'
	agree -x 'foo|foo1'
	agree -x -v 'foo1'
	agree -x -v -n '.*foo.*'
	agree -x -i foo
	agree -x -c '.*'
	agree -x -o '.*foo.*'
	agree -x -w 'foo1'
	agree -w -x 'foo1|FOO'
}

# ---- what is searched ----

@test "--hidden: what starts with a dot, too" {
	each --hidden
	agree --hidden -l foo
	agree --hidden -c -v foo
}

@test "a hidden file or directory that is named is searched" {
	try 0 -l foo tree/.hidden tree/a/.dot
	out_is tree/.hidden/file tree/a/.dot
}

# same_lines FILE FILE: in any order.
same_lines() {
	LC_ALL=C sort "$1" >"$BATS_TEST_TMPDIR/one"
	LC_ALL=C sort "$2" >"$BATS_TEST_TMPDIR/other"
	same "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/other"
}

@test "the lines of grep -r, sorted" {
	local status=0
	peer -r --exclude='.*' --exclude-dir='.*' -n fo+ tree || status=$?
	try "$status" -rn fo+ tree
	same_lines "$peer" "$out"
	peer -r -n fo+ tree || status=$?
	try "$status" -rn --hidden fo+ tree
	same_lines "$peer" "$out"
}

@test "-r, --recursive: without a path the current directory" {
	cd tree
	try 0 -r -l foo
	cp "$out" "$BATS_TEST_TMPDIR/expected"
	try 0 --recursive -l foo
	same "$BATS_TEST_TMPDIR/expected" "$out"
	command grep -qx a/unfinished "$out"
	agree_exactly -r foo a.txt
}

@test "-a, --text: binary files are text" {
	each -a
	each --text
	agree -a -v foo
	agree -a -c foo
	agree -a -o 'foo.alpha'
	agree -a '\x00'
	agree -a -x 'foo.alpha'
	agree -a -n -v '^$'
}

@test "-I: binary files have no selected line" {
	each -I
	agree -I -c foo
	agree -I -v foo
	agree -I -l foo
	agree -I -L foo
	agree -I -v -c foo
	agree_exactly -I foo tree/b/binary
	agree_exactly -I -c foo tree/b/binary
	agree_exactly -I -L foo tree/b/binary
	agree_exactly -I -q foo tree/b/binary
	# The last of the two counts.
	agree -I -a foo
	agree -a -I foo
}

@test "a binary file: one line says that it matches" {
	# Our words for it are older than the peer's: "Binary file X matches".
	try 0 foo tree/b/binary
	out_is 'Binary file tree/b/binary matches'
	# Lines before the NUL came in the same window: none is printed.
	try 0 -h -n foo tree/b/binary-late
	out_is 'Binary file tree/b/binary-late matches'
	try 1 such tree/b/binary
	out_is
	agree_exactly -o foo tree/b/binary
	agree_exactly -c foo tree/b/binary
	agree_exactly -v foo tree/b/binary
	agree_exactly -v -c foo tree/b/binary
	agree_exactly -l foo tree/b/binary
	agree_exactly -m 1 foo tree/b/binary
	agree_exactly -n foo tree/b/binary tree/a.txt
	# A NUL ends a line of a binary file.
	agree_exactly 'foo$' tree/b/binary
	agree_exactly '^alpha$' tree/b/binary
	agree_exactly -c '^alpha|^foo' tree/b/binary
	agree_exactly -x -c 'alpha|foo' tree/b/binary
}

@test "invalid UTF-8 is text: it is searched, and printed as it is" {
	# The peer takes such a file for a binary one, unless told -a.
	printf 'foo \377\376 bar\nplain foo\n\303\nfoo\303\n' >invalid
	gnu_grep -a -P foo invalid >expected
	try 0 foo invalid
	same expected "$out"
	like "$(wc -l <"$out")" 3
	local pattern
	for pattern in '^' 'foo.*bar' 'foo.$' '\303' '[^f]oo' 'o\b' '^.$' '\W' 'o\W'; do
		agree_exactly -a -n -e "$pattern" invalid || return 1
		agree_exactly -a -v -e "$pattern" invalid || return 1
	done
}

@test "--files: the files that would be searched" {
	list_tree -not -path '*/.*'
	try 0 --files tree
	out_is "${files[@]}"
	list_tree
	try 0 --files --hidden tree
	out_is "${files[@]}"
	# No pattern is taken: all operands are paths.
	try 0 --files tree/b/none tree/a/deep
	printf '%s\n' tree/b/none tree/a/deep/empty tree/a/deep/newlines
	try 1 --files "$BATS_TEST_TMPDIR"
	out_is
	try 2 --files nowhere tree/b/none
	out_is tree/b/none
	command grep -q 'nowhere: No such file' "$err"
}

# ---- what is printed ----

@test "-n, --line-number" {
	each -n
	each --line-number
	agree_exactly -n foo tree/a.txt
	agree_exactly -hn foo tree/a.txt tree/a-b
}

@test "-n far into a large file" {
	# Over several windows.
	perl -e 'print $_ % 1000 ? "x" x ($_ % 60) . "\n" : "foo $_\n" for 1 .. 60000' >numbered
	agree_exactly -n foo numbered
	agree_exactly -n '^$' numbered
	agree_exactly -n -m 7 foo numbered
	agree_exactly -vc x numbered
	# As many ends of lines as bytes.
	perl -e 'print "\n" x 100000, "foo\n", "\n" x 700, "foo"' >numbered
	agree_exactly -n foo numbered
	agree_exactly -c '' numbered
}

@test "-H, --with-filename and -h, --no-filename" {
	each -H
	each -h
	each --with-filename
	each --no-filename
	each -H -h
	each -h -H
	each -h -c
	agree -h -l foo
	agree -h -L foo
	agree_exactly foo tree/a.txt
	agree_exactly -H foo tree/a.txt
	agree_exactly -h foo tree/a.txt
	agree_exactly foo tree/a.txt tree/a-b
	agree_exactly -h foo tree/a.txt tree/a-b
	agree_exactly -c foo tree/a.txt
	agree_exactly -H -c foo tree/a.txt
	agree_exactly -l foo tree/a.txt
	# A directory could hold many files, whatever it does hold.
	mkdir -p lone
	echo foo >lone/file
	try 0 foo lone
	out_is lone/file:foo
	try 0 -h foo lone
	out_is foo
	agree_exactly -r foo lone
	agree_exactly foo tree/a.txt tree/a.txt
}

@test "-o, --only-matching" {
	each -o
	each --only-matching
	agree -o -n 'fo+'
	agree -o -i -n foo
	agree -o -w foo
	agree -w -o 'foo.'
	agree -o '.'
	agree -o 'x*'
	agree -o '^'
	agree -o '^.'
	agree -o '.$'
	agree -o '(?<=f)o'
	agree -o 'o(?=o)'
	agree -o '\bf'
	agree -o '\B[fo]'
	agree -o 'f\Koo'
	agree -o '[a-z]+'
	agree -o -h '[^ ]+'
	agree -o -v foo
	agree -o -c foo
	agree -o -l foo
	agree -o -m 1 foo
	agree -o -x '.*'
}

@test "-c, --count" {
	each -c
	each --count
	agree -c -v foo
	agree -c -v '^$'
	each -c -n
	each -c -h
	each -c -m 2
	agree -c -x foo1
	agree -c -i foo
}

@test "-l, --files-with-matches and -L, --files-without-match" {
	local option
	for option in -l -L --files-with-matches --files-without-match; do
		each "$option"
		agree "$option" -v foo
		agree "$option" -v .
		agree "$option" -c foo
		agree "$option" -n -o foo
		agree "$option" -x '.*'
		agree_exactly "$option" foo tree/a.txt
		agree_exactly "$option" such tree/a.txt
		agree_exactly "$option" foo tree/b/none tree/a.txt
	done
	# The last of the two counts.
	agree -l -L foo
	agree -L -l foo
}

@test "-q, --quiet, --silent" {
	each -q
	each --quiet
	each --silent
	each -q -v
	agree -q -c foo
	agree -q -l foo
	agree -q -L foo
	agree -q -L such
	agree -q -o foo
	agree_exactly -q foo tree/b/none
	agree_exactly -q foo tree/b/none tree/a.txt
}

@test "-q: a match wins over an error, an error over no match" {
	agree_exactly -q foo nowhere tree/a.txt
	agree_exactly -q foo tree/a.txt nowhere
	agree_exactly -q such nowhere tree/a.txt
	agree_exactly -q such tree/a.txt nowhere
	try 0 -q foo nowhere tree/a.txt
	try 2 -q such nowhere tree/a.txt
	command grep -q '^pgrep-r: nowhere: No such file or directory$' "$err"
}

@test "-m, --max-count" {
	each -m 1
	each -m 2
	each -m2
	each --max-count 1
	each --max-count=3
	each -m 1 -v
	each -m 2 -c
	agree -m 1 -o foo
	agree -m 2 -n -v foo
	agree -m 1 -l foo
	agree -m 1 -L foo
	agree -m 1 -w foo
	agree -m 1 -a foo
	agree -m 9223372036854775807 foo
	# The last counts.
	agree -m 1 -m 2 foo
}

@test "-m 0: no line is selected, and none is read" {
	agree -m 0 foo
	agree -m 0 -n -v foo
	agree -m 0 -l foo
	agree -m 0 -L foo
	agree -m 0 -q foo
	# Counts that were asked for are printed; the peer prints none.
	printf 'foo\n' >one
	try 1 -m 0 -c foo one
	out_is 0
}

@test "-m -1: no limit" {
	agree -m -1 foo
	agree -m -1 -c foo
	# With -v the peer selects none: its loop wants the number to be greater than 0.
	agree -v foo
	try 0 -m-5 -v foo tree
	same "$peer" "$out"
	agree --max-count=-1 -o foo
}

@test "-s, --no-messages: the messages go, the status stays" {
	each -s
	agree_exactly -s foo nowhere tree/a.txt
	err_is
	agree_exactly -s foo nowhere
	agree_exactly -s such nowhere tree/a.txt
	agree_exactly -s -q foo nowhere tree/a.txt
	try 2 --no-messages foo nowhere tree/a.txt
	err_is
	try 2 -s --files nowhere
	err_is
	# What is wrong with the command line is said all the same.
	bad 'a(' -s 'a('
}

@test "--color=always: the peer's bytes" {
	unset GREP_COLORS GREP_COLOR NO_COLOR
	local color=--color=always
	each "$color"
	each "$color" -n
	each "$color" -v
	each "$color" -v -n -i
	each "$color" -c
	each "$color" -l
	each "$color" -h
	each "$color" -o -n
	agree "$color" -i 'alpha|BETA'
	agree "$color" 'o'
	agree "$color" -w 'foo'
	agree "$color" 'x*'
	agree "$color" -L foo
	agree "$color" -m 1 foo
	agree_exactly "$color" foo tree/a.txt
	agree_exactly "$color" -n foo tree/a.txt
	agree --colour=always foo
	agree --color=yes foo
	agree --colour=force foo
}

@test "--color=always: a carriage return at the end of a line" {
	agree_exactly --color=always foo tree/a/crlf
	agree_exactly --color=always 'foo.' tree/a/crlf
	agree_exactly --color=always -v foo tree/a/crlf
}

@test "--color=never, and auto where standard output is no terminal" {
	each --color=never
	each --color=auto
	agree --color foo
	agree --colour foo
	agree --color=no foo
	agree --color=none foo
	agree --color=tty foo
	agree --color=if-tty foo
	TERM=xterm agree --color=auto foo
}

# terminal_colour yes|no COMMAND: whether it writes colours when standard output is a terminal.
terminal_colour() {
	local text seen=no
	text=$(script -qec "$2" /dev/null </dev/null)
	like "$text" '*foobar*' || return 1
	[[ $text != *$'\e[01;31m'* ]] || seen=yes
	[ "$seen" = "$1" ] && return 0
	echo "colour: $seen: $2"
	return 1
}

@test "--color=auto on a terminal; TERM and NO_COLOR" {
	unset GREP_COLORS GREP_COLOR NO_COLOR TERM
	local ours="'$PGREP_R' foobar tree/a.txt"
	terminal_colour yes "TERM=xterm $ours --color=auto"
	terminal_colour yes "TERM=xterm $ours --color"
	# It is the default.
	terminal_colour yes "TERM=xterm $ours"
	terminal_colour yes "TERM=xterm NO_COLOR= $ours"
	terminal_colour no "TERM=xterm NO_COLOR=1 $ours"
	terminal_colour no "TERM=dumb $ours"
	terminal_colour no "env -u TERM $ours"
	# What is asked for outright is done.
	terminal_colour yes "TERM=dumb NO_COLOR=1 $ours --color=always"
	terminal_colour no "TERM=xterm $ours --color=never"
}

# ---- limits ----

@test "-j, --jobs: the same bytes" {
	local jobs
	try 0 -n foo tree
	cp "$out" expected
	for jobs in -j1 '-j 2' -j5 -j17 --jobs=1 '--jobs 3' '-j 1 -j 2'; do
		# shellcheck disable=SC2086 # an option and its argument
		try 0 $jobs -n foo tree
		same expected "$out"
	done
}

@test "--max-line: a longer line is cut short, and that is said" {
	# Lines are held in windows of at least 256 KiB.
	perl -e 'print "foo\n", "a" x 300000, "foo\nbar foo\n"' >long
	try 0 --max-line=1M -c foo long
	out_is 3
	try 0 --max-line 300003 -c foo long
	out_is 3
	try 2 --max-line=256K -n foo long
	out_is 1:foo '3:bar foo'
	command grep -q '^pgrep-r: long: searched in part: ' "$err"
	command grep -q '^pgrep-r: 1 file not searched whole: 1 cut short$' "$err"
	try 2 --max-line=256K -c '^a{100}' long
	out_is 1
	# Without the limit there is nothing to say.
	try 0 foo -c long
	err_is
}

# ---- combinations ----

@test "combined short options" {
	agree -in foo
	agree -inH FOO
	agree -vc foo
	agree -cv foo
	agree -ion foo
	agree -lv foo
	agree -nm2 foo
	agree -hnm 1 foo
	agree -wo foo
	agree -xvn foo
	agree -iefoo
	agree -ne foo
	agree -aI foo
	agree -rsn foo
}

@test "combinations" {
	agree -c -v -i foo
	agree -o -i -n foo
	agree -l -v -x '.*'
	agree -L -v .
	agree -m 2 -c -v foo
	agree -n -m 1 -v -x foo1
	agree -o -w -i foo
	agree -h -o -n fo+
	agree -a -o -n fo+
	agree -I -n -v foo
	agree --hidden -i -w -c FOO
	agree -q -v -x '.*'
}

@test "options after paths, and --" {
	agree_exactly foo tree/a.txt -n
	agree_exactly foo -n tree/a.txt tree/a-b -i -v
	agree_exactly -n -- foo tree/a.txt
	agree_exactly -n -- -v tree/a.txt
	agree_exactly -e foo -- tree/a.txt
	agree_exactly foo -- tree/a.txt -n
	try 2 foo -- tree/a.txt -n
	command grep -q '^pgrep-r: -n: No such file or directory$' "$err"
	# A file called -- or -n, behind --.
	mkdir -p dashes
	cd dashes
	echo foo >-n
	echo foo >--
	agree_exactly foo -- -n --
	try 0 foo -- -n --
	out_is -n:foo --:foo
}

@test "an abbreviated long option" {
	agree --line-n foo
	agree --inv foo
	bad ambiguous --no foo tree
}

# ---- errors ----

@test "bad options, numbers and sizes" {
	bad "'--nope'" --nope foo tree
	bad "'--nope=1'" foo tree --nope=1
	bad "'-?'" '-?' foo tree
	bad "'-%'" -n% foo tree
	bad "'--count=3'" --count=3 foo tree
	bad "'-m' needs" foo tree -m
	bad "'--max-count' needs" foo tree --max-count
	bad "'-e' needs" -e
	bad pattern
	bad pattern -n
	bad "'x'" -m x foo tree
	bad "'1x'" -m 1x foo tree
	bad "''" -m '' foo tree
	bad "'- 1'" -m '- 1' foo tree
	bad "'-'" -m - foo tree
	bad "'99999999999999999999' is too large" -m 99999999999999999999 foo tree
	bad "-j: '0' is too small" -j 0 foo tree
	bad "-j: '-1' is too small" -j -1 foo tree
	bad "-j: 'many'" -j many foo tree
	bad "-j: '2 '" -j '2 ' foo tree
	bad "-j: '1025' is too large" -j 1025 foo tree
	bad "-j: '18446744073709551617'" --jobs=18446744073709551617 foo tree
	bad "'sometimes'" --color=sometimes foo tree
	bad "''" --color= foo tree
	local size
	for size in '' 0 x -1 1X K 1.5M 16E 99999999999999999999 ' 1' '1 '; do
		bad "--max-line: '$size'" --max-line="$size" foo tree
	done
}

@test "what is wrong is said on one line, whatever it is made of" {
	bad 'no\012pe' $'--no\npe' foo tree
	bad x -m $'1\nx' foo tree
	bad x --color=$'a\nx' foo tree
	bad x --max-line=$'1\nx' foo tree
}

@test "bad patterns name the pattern and the place" {
	local pattern
	for pattern in '(' 'a)' '[a' '*' 'a{2,1}' '(?<n' '\' '(?' '\k<none>' '(?P>none)' '(?<=a*)b' \
		'[z-a]' '[[:nope:]]' '\p{Nope}' '(*NOPE)' '\g{9}' '\x{110000}' 'a**+*'; do
		bad "'$pattern'" -e "$pattern" tree
		command grep -qF 'at offset' "$err"
	done
	# The one at fault, not the one beside it.
	bad "'b('" -e a -e 'b(' tree
	bad "'b('" $'a\nb(' tree
	# Two halves do not make one.
	bad "'(a'" -e '(a' -e 'b)' tree
	bad "'a)'" -e 'a)' -e '(b' tree
	bad "'[a'" -e '[a' -e 'b]' tree
	bad "'a\\'" -x 'a\' tree
	bad "')('" -w ')(' tree
	# Literals have no syntax.
	try 1 -F '(*' tree
}

@test "a bad pattern is found before anything is searched" {
	bad 'a(' 'a(' nowhere
	bad "'x'" -m x foo nowhere
}

@test "a path that is not there: named, summed up, status 2" {
	try 2 foo nowhere
	out_is
	err_is 'pgrep-r: nowhere: No such file or directory' \
		'pgrep-r: 1 file not searched whole: 1 unreadable'
	# The others are searched, and it is 2 all the same.
	try 2 -n alpha nowhere tree/a/unfinished nor/here
	out_is tree/a/unfinished:1:alpha
	err_is 'pgrep-r: nowhere: No such file or directory' \
		'pgrep-r: nor/here: No such file or directory' \
		'pgrep-r: 2 files not searched whole: 2 unreadable'
	try 2 such nowhere tree/a.txt
	try 2 foo ''
	like "$(head -n 1 "$err")" 'pgrep-r: *: No such file or directory'
	try 2 foo tree/a.txt/x
	command grep -q '^pgrep-r: tree/a.txt/x: Not a directory$' "$err"
}

@test "a name in a message is escaped" {
	try 2 foo $'no\nwhere\e[31m\tx'
	like "$(wc -l <"$err")" 2
	command grep -qF 'no\012where\033[31m\011x: No such file' "$err"
}

@test "standard output that cannot be written: status 74" {
	run -74 bash -c 'cd "$1" && "$0" foo tree >/dev/full' "$PGREP_R" "$BATS_FILE_TMPDIR"
	like "$output" 'pgrep-r: standard output: No space left on device'
	run -74 bash -c '"$0" --files tree >/dev/full' "$PGREP_R"
	like "$output" 'pgrep-r: standard output: No space left on device'
	run -74 bash -c '"$0" foo tree >&-' "$PGREP_R"
	# Nothing to write is no failure.
	run -1 bash -c '"$0" such tree >/dev/full' "$PGREP_R"
}
