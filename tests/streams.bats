# What is said of a run as a whole, and text that comes in a stream.
#
# out and err are set by try, and it reads input:
# shellcheck disable=SC2154,SC2034

bats_require_minimum_version 1.5.0
load helpers

setup() {
	enter_tmp
	untraced
}

# total KEY: its number in what --stats=json says.
total() {
	sed -n 's/.*"'"$1"'":\([0-9]*\).*/\1/p' "$err"
}

@test "--stats: bytes, lines and matches, of all workers together" {
	mkdir tree
	for i in {1..300}; do
		printf 'foo foo\nnone\nfoo\n' >"tree/$i"
	done
	printf 'no more' >tree/none
	try 0 --stats=json foo tree
	[ "$(total bytes_searched)" = $((300 * 17 + 7)) ]
	[ "$(total matched_lines)" = 600 ]
	[ "$(total matches)" = 900 ]
	try 0 --stats foo tree
	grep -qx 'bytes: 5107 searched' "$err"
	grep -qx 'found: 600 lines, 900 matches' "$err"
}


# until_has FILE TEXT: waits until that is in it, for ten seconds at most.
until_has() {
	local i
	for ((i = 0; i < 200; i++)); do
		! grep -qF "$2" "$1" || return 0
		sleep 0.05
	done
	echo "no $2 in $1"
	return 1
}

# start ARG...: the program in the background, reading what goes to descriptor 7.
start() {
	mkfifo pipe
	pr "$@" <pipe >got 2>err &
	program=$!
	exec 7>pipe
}

# finish STATUS: its input ends.
finish() {
	exec 7>&-
	local status=0
	wait "$program" || status=$?
	[ "$status" = "$1" ]
}

@test "standard input: a line is printed as soon as it is complete" {
	start foo
	printf 'one foo\ntwo f' >&7
	until_has got 'one foo'
	printf 'oo\nthree foo' >&7
	until_has got 'two foo'
	not grep -q three got
	finish 0
	[ "$(cat got)" = $'one foo\ntwo foo\nthree foo' ]
}

@test "--line-buffered: the same, of what is appended to a file" {
	: >log
	mkfifo pipe
	tail -f log >pipe 3>&- &
	local tail=$!
	pr --line-buffered foo <pipe >got &
	program=$!
	printf 'foo 1\nnone\n' >>log
	until_has got 'foo 1'
	printf 'foo 2\n' >>log
	until_has got 'foo 2'
	kill "$tail"
	finish 0
}

@test "--line-buffered: each line is a write of its own" {
	seq 1000 >numbers
	strace -f -qq -e trace=write,writev -o trace "$PGREP_R" -j1 --line-buffered --sandbox=off 5 numbers >got
	grep -c 5 numbers
	[ "$(grep -cE '(write|writev)\(1, ' trace)" = "$(grep -c 5 numbers)" ]
	grep 5 numbers | cmp - got
}

@test "--label: what standard input is called" {
	input=in
	printf 'foo\n' >in
	try 0 -H --label=name foo -
	[ "$(cat "$out")" = 'name:foo' ]
	try 0 -l --label=name foo -
	[ "$(cat "$out")" = name ]
	printf 'foo\0\n' >in
	try 0 --label=name foo -
	[ "$(cat "$out")" = 'Binary file name matches' ]
}

@test "--files -Z: names end with NUL" {
	mkdir tree
	: >tree/a
	: >$'tree/b\nc'
	try 0 --files -Z tree
	printf 'tree/a\0tree/b\nc\0' | cmp - "$out"
	try 0 --files --null --escape=always tree
	printf 'tree/a\0tree/b\\012c\0' | cmp - "$out"
}

@test "--json: the summary comes last, after files that are lost" {
	mkdir tree
	printf 'foo\nfoo foo\n' >tree/a
	printf 'none\n' >tree/b
	printf '%070000d\n' 1 >tree/c
	try 2 --json --max-line=64K foo tree
	[ "$(tail -n 1 "$out" | sed 's/"bytes_printed":[0-9]*,//')" = '{"data":{"elapsed_total":{"human":"0.000000s","nanos":0,"secs":0},"stats":{"bytes_searched":70018,"elapsed":{"human":"0.000000s","nanos":0,"secs":0},"matched_lines":2,"matches":3,"searches":3,"searches_with_match":1}},"type":"summary"}' ]
	[ "$(grep -c '"type":"summary"' "$out")" = 1 ]
	try 0 --json -q foo tree
	[ ! -s "$out" ]
}
