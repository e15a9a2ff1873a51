# What is said of a run as a whole, and text that comes, or goes, as a stream.
#
# out and err are set by try, which uses input:
# shellcheck disable=SC2154,SC2034

bats_require_minimum_version 1.5.0
load helpers

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
	[ "$(total bytes_printed)" = "$(wc -c <"$out")" ]
	[ "$(total matched_lines)" = 600 ]
	[ "$(total matches)" = 900 ]
	try 0 --stats foo tree
	grep -qx "bytes: 5107 searched, $(wc -c <"$out") printed" "$err"
	grep -qx 'found: 600 lines, 900 matches' "$err"
	# Of lines that are selected because nothing in them matches.
	try 0 --stats -v foo tree
	grep -qx 'found: 301 lines, 0 matches' "$err"
}

@test "--stats: what settles a file ends it" {
	printf 'foo\nfoo foo\nfoo\n' >f
	try 0 --stats -l foo f
	grep -qx 'bytes: 4 searched, 2 printed' "$err"
	grep -qx 'found: 1 lines, 1 matches' "$err"
	try 0 --stats -m2 foo f
	grep -qx 'bytes: 12 searched, 12 printed' "$err"
	grep -qx 'found: 2 lines, 3 matches' "$err"
	try 1 --stats -m0 foo f
	grep -qx 'bytes: 0 searched, 0 printed' "$err"
}

# summary SEARCHES WITH_MATCH LINES MATCHES SEARCHED PRINTED: the last line of what try
# has caught, and the only one of that kind.
summary() {
	local time='{"human":"0.000000s","nanos":0,"secs":0}'
	printf '{"data":{"elapsed_total":%s,"stats":{"bytes_printed":%d,"bytes_searched":%d,"elapsed":%s,"matched_lines":%d,"matches":%d,"searches":%d,"searches_with_match":%d}},"type":"summary"}\n' \
		"$time" "$6" "$5" "$time" "$3" "$4" "$1" "$2" >summary
	tail -n 1 "$out" | same summary -
	[ "$(grep -c '"type":"summary"' "$out")" -eq 1 ]
}

@test "--json: the last message sums up, whatever the number of workers" {
	mkdir tree
	for i in {1..100}; do
		printf 'foo foo\nnone\nfoo\n' >"tree/$i"
	done
	printf 'none\n' >tree/none
	local printed workers
	for workers in 1 2 5; do
		try 0 --json -j "$workers" foo tree
		# Each file's last message has its own: those are not counted.
		printed=$(grep -v '"type":"end"' "$out" | grep -v '"type":"summary"' | wc -c)
		summary 101 100 200 300 1705 "$printed"
	done
	try 1 --json nothing tree
	summary 101 0 0 0 1705 0
	[ "$(wc -l <"$out")" -eq 1 ]
	try 0 --json -q foo tree
	out_is
}

@test "--json: it sums up where files were not searched whole, too" {
	mkdir tree
	printf 'foo\n' >tree/a
	printf '%070000d\nfoo\n' 1 >tree/b
	printf 'foo\n' >tree/z
	try 2 --json --max-line=64K foo tree missing
	grep -q '"absolute_offset":70001' "$out"
	summary 3 3 3 3 70013 "$(grep -v '"type":"end"' "$out" | grep -v '"type":"summary"' | wc -c)"
	mkfifo fifo
	try 2 --json --deadline=50ms foo tree fifo tree
	[ "$(grep -c '"type":"summary"' "$out")" -eq 1 ]
}

@test "--json: a run that is ended, or whose output cannot be written, sums up nothing" {
	[ -w /dev/full ] || skip "/dev/full is not there"
	printf 'none\n' >f
	local status=0
	pr --json foo f >/dev/full 2>err || status=$?
	[ "$status" -eq 74 ]
	grep -qx 'pgrep-r: standard output: No space left on device' err
	start --json foo
	printf 'foo\n' >&7
	until_has got '"type":"match"'
	kill -TERM "$program"
	exec 7>&-
	wait "$program" || status=$?
	[ "$status" -eq 143 ]
	not grep -q '"type":"summary"' got
}

@test "--label: what standard input is called" {
	printf 'foo\n' >text
	input=text
	try 0 -H --label=name foo -
	out_is name:foo
	try 0 -l --label=name foo
	out_is name
	try 0 -lZ --label=name foo
	printf 'name\0' | same - "$out"
	try 0 --json --label=name foo
	grep -q '"path":{"text":"name"}' "$out"
	try 0 --ledger=ledger --ledger-all --label=name foo -
	grep -q '"path":{"text":"name"}' ledger
	printf 'foo\0\n' >text
	try 0 --label=name foo -
	out_is 'Binary file name matches'
	input=.
	try 2 --label=$'na\nme' foo -
	err_is 'pgrep-r: na\012me: Is a directory' 'pgrep-r: 1 file not searched whole: 1 unreadable'
}

@test "-Z, --null: names end with NUL" {
	mkdir tree
	printf 'foo\n' >tree/a
	: >$'tree/b\nc'
	try 0 --files -Z tree
	printf 'tree/a\0tree/b\nc\0' | same - "$out"
	try 0 --files --null --escape=always tree
	printf 'tree/a\0tree/b\\012c\0' | same - "$out"
	for escape in never always; do
		name=$'tree/b\nc'
		[ "$escape" = never ] || name='tree/b\012c'
		try 0 -lZ --escape=$escape foo tree
		printf 'tree/a\0' | same - "$out"
		try 0 -LZ --escape=$escape foo tree
		printf '%s\0' "$name" | same - "$out"
		try 0 -cZ --escape=$escape foo tree
		printf 'tree/a\0001\n%s\0000\n' "$name" | same - "$out"
		try 0 -Z --escape=$escape foo tree
		printf 'tree/a\0foo\n' | same - "$out"
	done
}

# start ARG...: the program in the background, which reads what goes to descriptor 7.
start() {
	rm -f pipe
	mkfifo pipe
	"$PGREP_R" -j "$JOBS" "$@" <pipe >got 2>err 3>&- &
	program=$!
	exec 7>pipe
}

# finish STATUS: its input ends, and so does it.
finish() {
	local status=0
	exec 7>&-
	wait "$program" || status=$?
	[ "$status" -eq "$1" ]
}

# until_has FILE TEXT: waits until that is in it, for ten seconds at most.
until_has() {
	local i
	for ((i = 0; i < 200; i++)); do
		! grep -qF -e "$2" "$1" || return 0
		sleep 0.05
	done
	echo "$1 has no $2:"
	cat "$1"
	return 1
}

@test "a line from a pipe is printed as soon as it is complete" {
	for how in '' --line-buffered; do
		start -n ${how:+"$how"} foo
		printf 'one foo\ntwo f' >&7
		until_has got '1:one foo'
		printf 'oo\nthree foo' >&7
		until_has got '2:two foo'
		not grep -q three got
		finish 0
		printf '1:one foo\n2:two foo\n3:three foo\n' | same - got
	done
}

@test "so are the lines around it, what is counted, and messages" {
	start -C1 foo
	printf 'a\nfoo 1\n' >&7
	until_has got 'foo 1'
	printf 'b\n' >&7
	until_has got b
	printf 'c\nd\nfoo 2\n' >&7
	until_has got 'foo 2'
	finish 0
	printf 'a\nfoo 1\nb\n--\nd\nfoo 2\n' | same - got
	start --json foo
	printf 'foo 1\n' >&7
	until_has got '"foo 1\n"'
	printf 'foo 2\n' >&7
	until_has got '"foo 2\n"'
	finish 0
	grep -q '"type":"summary"' got
}

@test "tail -f file | pgrep-r --line-buffered x | cat" {
	: >log
	mkfifo pipe
	tail -f log >pipe 3>&- &
	local tail=$!
	(pr --line-buffered foo <pipe | cat >got) 3>&- &
	program=$!
	printf 'foo 1\nnone\n' >>log
	until_has got 'foo 1'
	printf 'foo 2\n' >>log
	until_has got 'foo 2'
	kill "$tail"
	wait "$program"
	printf 'foo 1\nfoo 2\n' | same - got
}

# Prints each write to standard output of the program as one line, its newlines as "|".
writes() {
	perl -MSocket -e '
		socketpair my $ours, my $theirs, AF_UNIX, SOCK_SEQPACKET, 0 or die;
		my $pid = fork // die;
		if (!$pid) { open STDOUT, ">&", $theirs or die; exec @ARGV }
		close $theirs;
		while (sysread $ours, my $packet, 1 << 20) { print $packet =~ tr/\n/|/r, "\n" }
		waitpid $pid, 0' "$PGREP_R" -j "$JOBS" "$@"
}

@test "--line-buffered: of a file, too, each selected line is written for itself" {
	printf 'a 1\nb\na a 2\n' >f
	printf 'a 3\n' >g
	writes --line-buffered -h a f g >got
	printf 'a 1|\na a 2|\na 3|\n' | same - got
	writes --line-buffered -v -h a f g >got
	printf 'b|\n' | same - got
	writes --line-buffered -c a f g >got
	printf 'f:2|\ng:1|\n' | same - got
	writes --line-buffered -hA0 a f g >got
	printf 'a 1|\n--|a a 2|\n--|a 3|\n' | same - got
	writes -h a f >got
	printf 'a 1|a a 2|\n' | same - got
	# A line that is longer than what is handed over at once.
	{ printf '%0100000d a\n' 1; echo 'a 4'; } >long
	writes --line-buffered a long >got
	tail -n 1 got | same - <(echo 'a 4|')
	[ "$(tr -d '\n' <got)" = "$(tr '\n' '|' <long)" ]
}

@test "-d and -D: directories, devices, FIFOs and sockets that are named" {
	mkdir tree
	printf 'foo\n' >tree/f
	printf 'foo\n' >g
	mkfifo fifo
	try 2 -d read foo tree g
	out_is g:foo
	err_is 'pgrep-r: tree: Is a directory' 'pgrep-r: 1 file not searched whole: 1 unreadable'
	try 0 -d skip foo tree g
	out_is g:foo
	err_is
	try 0 -d recurse foo tree g
	out_is tree/f:foo g:foo
	try 0 -D skip foo fifo /dev/null g
	out_is g:foo
	err_is
	printf 'foo\n' >fifo &
	try 0 -D read foo fifo g
	out_is fifo:foo g:foo
	# Standard input was not named as a device.
	[ "$(printf 'foo\n' | pr -D skip foo)" = foo ]
}
