# How the command line is read: lists of patterns, numbers and times, and what does not go together.
#
# out and err are set by try; bash -c gets its "$0":
# shellcheck disable=SC2154,SC2016

bats_require_minimum_version 1.5.0
load helpers

setup() {
	enter_tmp
	mkdir tree
	printf '%s\n' one two three 'a+b' '' >tree/a
	printf '%s\n' four five >tree/b
}

# bad MESSAGE ARG...: status 64, nothing on standard output, and this line alone.
bad() {
	local message=$1
	shift
	try 64 "$@" && out_is && err_is "pgrep-r: $message"
}

# ---- -f ----

@test "-f: each line is a pattern" {
	printf 'two\nfive\n' >patterns
	try 0 -f patterns tree
	out_is tree/a:two tree/b:five
	# The last line needs no newline; -e and other files add to it.
	printf three >extra
	try 0 -f patterns -e four -f extra tree
	out_is tree/a:two tree/a:three tree/b:four tree/b:five
	# No operand is the pattern then.
	try 0 -h -f patterns tree/a
	out_is two
}

@test "-f: an empty file matches nothing, an empty line everything" {
	: >none
	try 1 -f none tree
	out_is
	try 0 -c -v -f none tree
	out_is tree/a:5 tree/b:2
	try 0 -h -f none -e one tree
	out_is one
	echo >empty
	try 0 -c -f empty tree
	out_is tree/a:5 tree/b:2
}

@test "-f -: patterns from standard input, which is not searched then" {
	run -0 bash -c 'printf "two\nfour\n" | "$0" -f - tree' "$PGREP_R"
	like "$output" $'tree/a:two\ntree/b:four'
	run -0 bash -c 'cd tree && printf "two\nfour\n" | "$0" -f -' "$PGREP_R"
	like "$output" $'a:two\nb:four'
}

@test "-f: files that cannot be read" {
	bad '-f: nowhere: No such file or directory' -f nowhere tree
	bad '-f: tree: Is a directory' -f tree tree
}

@test "-f: what is wrong with a pattern is said with file and line" {
	printf 'fine\nb(\n' >patterns
	try 64 -f patterns tree
	like "$(<"$err")" 'pgrep-r: patterns:2: missing closing parenthesis at offset 2'
}

@test "patterns of a newline are two" {
	try 0 -h $'two\nfive' tree
	out_is two five
	try 0 -c $'two\n' tree
	out_is tree/a:5 tree/b:2
}

# ---- names of options ----

@test "an unknown option: the nearest is named" {
	bad "unknown option '--hiden'; did you mean '--hidden'?" --hiden one tree
	bad "unknown option '--tpye=c'; did you mean '--type'?" --tpye=c one tree
	bad "unknown option '--max-cout'; did you mean '--max-count'?" --max-cout 3 one
	bad "unknown option '--xyzzy'; see pgrep-r --help" --xyzzy one tree
	bad "unknown option '-?'; see pgrep-r --help" '-?' one tree
}

@test "no arguments at all: where to look" {
	bad 'no pattern given; see pgrep-r --help'
}

@test "long names and letters are the same" {
	local pair letter long words
	printf '%s\n' 'a+b' ONE one >tree/c
	printf 'one\r\n' >tree/crlf
	mkdir tree/d
	mkfifo tree/fifo
	printf 'one\n' >patterns
	for pair in '-P --perl-regexp o.e' '-E --extended-regexp (o)ne|two' \
		'-G --basic-regexp \(o\)ne\|two' '-F --fixed-strings a+b' '-S --smart-case one' \
		'-u --unrestricted one' '-z --null-data o.e' '-U --binary one' '-y --ignore-case One'; do
		read -r letter long words <<<"$pair"
		try 0 "$letter" -e "$words" tree
		mv "$out" expected
		try 0 "$long" -e "$words" tree
		same expected "$out"
	done
	for pair in '-f --file patterns' '-g --glob a' '-d --directories read' '-D --devices skip' \
		'-t --type txt'; do
		read -r letter long words <<<"$pair"
		run "$PGREP_R" -s "$letter" "$words" -e one tree
		like "$output" "$("$PGREP_R" -s "$long=$words" -e one tree || :)"
	done
	try 1 -D skip one tree/fifo
	try 1 --devices=skip one tree/fifo
	try 0 -c --crlf 'e$' tree/crlf
	out_is 1
	try 1 'e$' tree/crlf
	try 0 -c --multiline-dotall 'one.*three' tree/a
	try 1 --multiline 'one.*three' tree/a
}

@test "names that ripgrep has for the same" {
	try 0 -n -e two --sort path --no-config --mmap --no-mmap --no-ignore-messages --pcre2 tree
	out_is tree/a:2:two
	try 0 -n -N --case-sensitive --maxdepth 1 -e two tree
	out_is tree/a:two
	echo two >tree/.hidden
	try 0 -c -. two tree/.hidden tree
	out_is tree/.hidden:1 tree/.hidden:1 tree/a:1 tree/b:0
	try 0 -A0 --context-separator=== two tree/a tree/a
	out_is tree/a:two == tree/a:two
	try 0 -A0 --no-context-separator two tree/a tree/a
	out_is tree/a:two tree/a:two
	try 0 -p --color=never two tree
	out_is tree/a 2:two
	bad "--sort: 'size' is not path" --sort=size one tree
}

@test "--files -q: whether there is a file" {
	try 0 --files -q tree
	out_is
	mkdir none
	try 1 --files -q none
	out_is
}

# ---- values ----

@test "bad values: one line, and nothing is searched" {
	bad "-A: 'x' is not a number" -A x one tree
	bad "-B: '-1' is not a number" -B -1 one tree
	bad "-C: '' is not a number" -C '' one tree
	bad "-M: '1K' is not a number" -M 1K one tree
	bad "--max-depth: 'deep' is not a number" --max-depth=deep one tree
	bad "--binary-files: 'hex' is none of binary, text and without-match" --binary-files=hex one
	bad "-d: 'x' is none of recurse, read and skip" -d x one tree
	bad "-D: 'x' is none of read and skip" -D x one tree
	bad "--help: 'some' is not all" --help=some
}

@test "--shard: what it may be" {
	local shard
	for shard in '' 1 1/ /2 0/2 3/2 1/0 -1/2 1/-2 ' 1/2' '1/ 2' 1/2x 1.5/2 1//2; do
		bad "--shard: '$shard' is not K/N with 1 <= K <= N" --shard="$shard" one tree
	done
}

@test "--newer: what it may be" {
	local time
	for time in '' yesterday 2026 2026-13-01 2026-01-32 2026-01-01T 2026-01-01T25:00 '@' \
		@99999999999999999999 2026-01-01x 2026-02-30; do
		bad "--newer: '$time' is neither a file nor a time such as 2026-01-31 or 2026-01-31T12:00" \
			--newer="$time" one tree
	done
	bad "--changed-within: '2w' is not a duration such as 500ms, 10s, 5m or 2h" \
		--changed-within=2w one tree
}

# ---- what does not go together ----

@test "options that do not go together" {
	bad '--json does not go with -c, --count-matches, -l, -L or --files' --json -c one tree
	bad '--json does not go with -c, --count-matches, -l, -L or --files' --json -l one tree
	bad '--json does not go with -c, --count-matches, -l, -L or --files' --json --files tree
	bad '--multiline does not go with -z' --multiline -z one tree
	bad '--untrusted does not go with -R' --untrusted -R one tree
	bad '--untrusted does not go with --sandbox=off' --untrusted --sandbox=off one tree
	bad '--ledger-all needs --ledger=FILE' --ledger-all one tree
}

# ---- --untrusted ----

@test "--untrusted: nothing in the tree hides a file, and the sandbox is a must" {
	mkdir -p repository/.git
	printf 'one\n' | tee repository/{a,.hidden,ignored} >repository/.git/config
	printf 'ignored\n' | tee repository/.ignore >repository/.gitignore
	try 0 -l --untrusted one repository
	out_is repository/.git/config repository/.hidden repository/a repository/ignored
	try 0 --untrusted --stats one repository/a
	like "$(<"$err")" '*filter of system calls*'
}

@test "--untrusted: tight limits, unless others are given" {
	head -c 17M /dev/zero | tr '\0' x >long
	try 2 -c --untrusted x long
	err_is 'pgrep-r: long: searched in part: a line is too long' \
		'pgrep-r: 1 file not searched whole: 1 cut short'
	try 0 -c --untrusted --max-line=64M x long
	out_is 1
}
