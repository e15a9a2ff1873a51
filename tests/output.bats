# Standard output: what can go wrong with it, who waits for whom, and how it is written.
#
# out and err are set by try, which uses wrap; bash -c and perl get their own variables:
# shellcheck disable=SC2154,SC2034,SC2016

bats_require_minimum_version 1.5.0
load helpers

setup() {
	enter_tmp
	untraced
	stdout=$BATS_TEST_TMPDIR.out # where try writes
}

# lines COUNT: that many different lines of 64 bytes, with a needle each.
lines() {
	perl -e 'printf("%09d needle %s\n", $_, "." x 46) for 1 .. $ARGV[0]' "$1"
}

# reader PERL: in the background, a program that has try's standard output, a pipe,
# as STDIN and keeps what it prints as ./got.  finish_reader waits for its end.
reader() {
	rm -f "$stdout"
	mkfifo "$stdout"
	perl -e '$| = 1; sub rest { print while sysread(STDIN, $_, 65536) } '"$1" \
		<"$stdout" >got 3>&- &
	reader=$!
}

finish_reader() {
	wait "$reader"
}

@test "a full disk: status 74 and one line that says so" {
	lines 10 >text
	ln -s /dev/full "$stdout"
	try 74 needle text
	err_is 'pgrep-r: standard output: No space left on device'
	# As much as passes through all memory on the way; and many files.
	lines 300000 >text
	try 74 needle text
	err_is 'pgrep-r: standard output: No space left on device'
	mkdir tree
	for ((i = 0; i < 500; i++)); do
		echo needle >tree/$i
	done
	try 74 needle tree
	err_is 'pgrep-r: standard output: No space left on device'
	try 74 -l needle tree
	err_is 'pgrep-r: standard output: No space left on device'
	try 74 --files tree
	err_is 'pgrep-r: standard output: No space left on device'
}

@test "a full disk: --help and --version say so, too" {
	ln -s /dev/full "$stdout"
	try 74 --help
	err_is 'pgrep-r: standard output: No space left on device'
	try 74 --version
	err_is 'pgrep-r: standard output: No space left on device'
}

@test "a full disk does not matter to who writes nothing" {
	lines 10 >text
	ln -s /dev/full "$stdout"
	try 1 absent text
	err_is
	try 0 -q needle text
	err_is
}

@test "standard output is closed: status 74, and no other file is written" {
	lines 10 >text
	cp text before
	wrap=(bash -c 'exec "$@" >&-' -)
	try 74 needle text
	err_is 'pgrep-r: standard output: Bad file descriptor'
	# Nor standard input, where the next descriptors come from.
	wrap=(bash -c 'exec "$@" <&- >&-' -)
	try 74 needle text
	err_is 'pgrep-r: standard output: Bad file descriptor'
	try 74 --files .
	err_is 'pgrep-r: standard output: Bad file descriptor'
	same before text
	wrap=(bash -c 'exec "$@" >&-' -)
	try 1 absent text
	err_is
	try 0 -q needle text
	err_is
}

@test "the reader goes away: a quiet end by SIGPIPE" {
	mkdir tree
	lines 100000 >tree/a
	ln tree/a tree/b
	reader 'sysread(STDIN, $_, 64); print'
	wrap=(env --default-signal=PIPE)
	try 141 -h needle tree
	err_is
	finish_reader
	head -n 1 tree/a >expected
	same expected got
}

# The bytes that the program's processes in a session have read.
bytes_read() {
	local pid sum=0 bytes
	for pid in $(pgrep -s "$1"); do
		[ "$(readlink "/proc/$pid/exe")" = "$PGREP_R" ] || continue
		bytes=$(sed -n 's/^rchar: //p' "/proc/$pid/io" 2>/dev/null)
		sum=$((sum + ${bytes:-0}))
	done
	echo "$sum"
}

# stalls ARG...: with nobody reading, the program stops to read, too; in little memory.
# When the reader goes on, all comes that would have come, as in ./expected.
stalls() {
	local session status=0 before=-1 now=0 i total
	total=$(wc -c <expected)
	reader 'select(undef, undef, undef, 0.05) until -e "go"; rest'
	setsid -w "$TESTS/peak-memory" "$PGREP_R" -j "$JOBS" "$@" </dev/null >"$stdout" 2>errors 3>&- &
	session=$!
	for ((i = 0; i < 40; i++)); do
		now=$(bytes_read "$session")
		[ "$now" -eq 0 ] || [ "$now" -ne "$before" ] || break
		before=$now
		sleep 0.4
	done
	sleep 0.6
	before=$now
	now=$(bytes_read "$session")
	touch go
	wait "$session" || status=$?
	finish_reader
	rm go
	no_workers_left "$session"
	[ "$status" -eq 0 ] || { echo "status $status"; cat errors; return 1; }
	cmp expected got
	peak=$(sed -n 's/^peak-pss-kib //p' errors)
	echo "stalled at $before, then $now of $total bytes; $peak KiB"
	[ "$before" -gt 0 ] && [ "$before" -eq "$now" ] && [ "$now" -lt $((total / 2)) ]
	[ "$peak" -gt 0 ] && [ "$peak" -le $((64 * 1024)) ]
}

@test "nobody reads: one large file is not read on, and nothing is lost" {
	[ -z "${SANITIZED:-}${VALGRIND:-}" ] || skip "memory is another's under a sanitizer or valgrind"
	lines 1500000 >expected
	stalls -h needle expected
}

@test "nobody reads: many files are not read on, and nothing is lost" {
	[ -z "${SANITIZED:-}${VALGRIND:-}" ] || skip "memory is another's under a sanitizer or valgrind"
	mkdir tree
	lines 30000 >tree/100
	for ((i = 101; i < 200; i++)); do
		ln tree/100 tree/$i
	done
	gnu_grep -H needle tree/* >expected
	stalls needle tree
}

@test "standard output was made non-blocking: all bytes arrive" {
	local slowly='for my $i (1 .. 10) { select(undef, undef, undef, 0.05); sysread(STDIN, $_, 1000); print }'
	wrap=(perl -MFcntl -e 'fcntl(STDOUT, F_SETFL, fcntl(STDOUT, F_GETFL, 0) | O_NONBLOCK) or die; exec @ARGV' --)
	lines 200000 >text
	reader "$slowly rest"
	try 0 needle text
	err_is
	finish_reader
	cmp text got
	mkdir tree
	for ((i = 100; i < 250; i++)); do
		head -n $((i % 50 * 20)) text >tree/$i
	done
	gnu_grep -H needle tree/* >expected
	reader "$slowly rest"
	try 0 needle tree
	err_is
	finish_reader
	cmp expected got
}

@test "--files: standard output was made non-blocking: all bytes arrive" {
	mkdir -p "tree/$(printf '%0200d' 1)"
	perl -e 'printf("tree/%0200d/%d\n", 1, $_) for 1000 .. 2999' >expected
	xargs touch <expected
	wrap=(perl -MFcntl -e 'fcntl(STDOUT, F_SETFL, fcntl(STDOUT, F_GETFL, 0) | O_NONBLOCK) or die; exec @ARGV' --)
	reader 'select(undef, undef, undef, 0.5); rest'
	try 0 --files tree
	err_is
	finish_reader
	same expected got
}

@test "standard input was made non-blocking: all bytes are searched" {
	lines 20000 >text
	mkfifo in
	# In pieces that end anywhere, with pauses.
	perl -e '$| = 1; local $/; $_ = <STDIN>; my $at = 0;
		for my $size (1, 10, 100, 70000, 5) {
			print substr($_, $at, $size); $at += $size;
			select(undef, undef, undef, 0.1);
		}
		print substr($_, $at)' <text >in 3>&- &
	wrap=(perl -MFcntl -e 'fcntl(STDIN, F_SETFL, fcntl(STDIN, F_GETFL, 0) | O_NONBLOCK) or die; exec @ARGV' --)
	input=in try 0 needle
	err_is
	wait
	cmp text "$out"
}

@test "standard output lies in the tree: it is not searched" {
	mkdir -p tree/d
	lines 20000 >tree/b
	ln tree/b tree/d/e
	for name in tree/a tree/c tree/d/d tree/z; do
		# Made empty, and longer at any time.
		ln -sf "$PWD/$name" "$stdout"
		try 0 needle tree
		err_is
		gnu_grep -H needle tree/b tree/d/e >expected
		same expected "$name"
		# Added to, with a needle in it before.
		echo 'needle before' >"$name"
		{ cat "$name"; gnu_grep -c needle tree/b tree/d/e; } >expected
		wrap=(bash -c 'exec "$@" >>"$0"' "$name")
		rm "$stdout"
		try 0 -c needle tree
		err_is
		same expected "$name"
		wrap=()
		rm "$name"
	done
}

@test "standard output lies in the tree under a second name: it is not searched" {
	mkdir tree
	echo needle >tree/m
	echo 'needle before' >tree/out
	ln tree/out tree/a
	ln tree/out tree/z
	wrap=(bash -c 'exec "$@" >>tree/out' -)
	try 0 needle tree
	err_is
	printf '%s\n' 'needle before' tree/m:needle >expected
	same expected tree/out
}

@test "standard output is named as PATH, or is standard input: it is not searched" {
	echo needle >text
	cp text before
	wrap=(bash -c 'exec "$@" >>text' -)
	try 2 needle text
	[[ $(<"$err") == 'pgrep-r: text: input file is also the output'* ]] || like "$(<"$err")" 'the name and the reason'
	same before text
	input=text try 2 needle
	same before text
	input=text try 2 needle -
	same before text
	# Who writes no line of it cannot feed on it.
	try 0 -l needle text
	err_is
	printf 'needle\ntext\n' >before
	same before text
}

@test "small results of many files are written many at a time" {
	[ -z "${SANITIZED:-}${VALGRIND:-}" ] || skip "a sanitizer or valgrind changes the calls"
	strace -f -c -e trace=writev -o calls true 2>/dev/null || skip "strace cannot trace here"
	mkdir tree
	perl -e 'for (10000 .. 14999) { open(F, ">", "tree/$_") or die; print F "needle $_\n"; close(F) }'
	wrap=(strace -f -c -e trace=writev -o calls)
	try 0 needle tree
	gnu_grep -H needle tree/* >expected
	same expected "$out"
	calls=$(awk '$NF == "writev" { print $4 }' calls)
	echo "$calls calls of writev"
	[ "$calls" -gt 0 ] && [ "$calls" -le 1000 ]
}
