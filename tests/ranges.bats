# A large file that several workers search in ranges: the answer is that of one worker.
#
#   RANGES     how many random files (150)
#   TEST_SEED  replays them, and, as far as time can be replayed, kills
#
# out and err are set by try, pid by start, JOBS by the helpers, which use wrap and input:
# shellcheck disable=SC2154,SC2034,SC2153,SC2030,SC2031

bats_require_minimum_version 1.5.0
load helpers
load fixtures/processes

setup() {
	enter_tmp
	untraced
	: "${RANGES:=150}"
	[ -z "${VALGRIND:-}" ] || RANGES=15
	[ -z "${SANITIZED:-}" ] ||
		export ASAN_OPTIONS=${ASAN_OPTIONS:-}:handle_segv=0:handle_sigbus=0:handle_abort=0:detect_leaks=0
}

several_workers() {
	[ "$JOBS" -gt 1 ] || skip "one worker searches no ranges"
}

# same_as_one ARG...: whatever the number of workers.
same_as_one() {
	local status=0
	"$PGREP_R" -j 1 "$@" >one 2>one.err || status=$?
	try "$status" "$@"
	cmp "$out" one
	cmp "$err" one.err
}

@test "random files with random options: as one worker, and as GNU grep" {
	several_workers
	PGREP_R=$PGREP_R "$BATS_TEST_DIRNAME/differential/ranges" "$RANGES"
}

@test "a large file is searched by all workers, any other by one" {
	several_workers
	perl -e 'print "needle\n" x (2 << 20)' >large
	head -c 8000000 large >small
	try 0 -c --stats needle large
	[ "$(cat "$out")" = 2097152 ]
	command grep -q "^workers: $JOBS started, 0 lost" "$err"
	try 0 -c --stats needle small
	command grep -q '^workers: 1 started, 0 lost' "$err"
	try 0 -c --stats --range-size=0 needle large
	command grep -q '^workers: 1 started, 0 lost' "$err"
	try 0 -c --stats --range-size=1M needle small
	[ "$(cat "$out")" -eq "$(gnu_grep -c needle small)" ]
	command grep -q "^workers: $((JOBS < 8 ? JOBS : 8)) started, 0 lost" "$err"
	# Named twice, and not alone.
	try 0 -c needle large small large -H
	printf '%s\n' large:2097152 "small:$(gnu_grep -c needle small)" large:2097152 | cmp "$out"
}

@test "numbers of lines and offsets, in ranges of the usual size" {
	perl -e 'for (1 .. 400000) { print $_ % 7 == 0 ? "needle $_ " : "", "x" x ($_ % 50), "\n" }' >large
	gnu_grep -nb needle large >expected
	try 0 -nb needle large
	cmp "$out" expected
	input=large try 0 -nb needle
	cmp "$out" expected
	gnu_grep -nvc needle large >expected
	try 0 -nvc needle large
	cmp "$out" expected
}

@test "standard input: from where it stands, and read to its end" {
	several_workers
	seq 1 20000 >large
	tail -c +3001 large | gnu_grep -n 99 >expected
	{
		dd bs=1000 count=3 of=/dev/null status=none
		pr -n --range-size=1K 99 >given
		[ "$(cat)" = '' ]
	} <large
	cmp given expected
	{
		pr -m2 -n --range-size=1K 99 >given
		[ "$(head -n 1)" = 200 ]
	} <large
	{
		pr -l --range-size=1K 99 - >given
		pr -c --range-size=1K 99 - </dev/null >>given || true
	} <large
	printf '%s\n' '(standard input)' 0 | cmp - given
}

@test "each option that needs one worker gets its answer" {
	local option
	perl -e 'for (1 .. 3000) { print "needle $_ ", "x" x ($_ % 90), $_ % 5 ? "\n" : "\nother\n" }' >large
	for option in -m3 -A1 -B1 -C2 --passthru --heading --json -U -I --encoding=latin1 --max-line=50 --stats=json; do
		JOBS=1 try "$([ $option = --max-line=50 ] && echo 2 || echo 0)" "$option" --range-size=1K 'needle 1?2' large
		mv "$out" one
		try "$([ $option = --max-line=50 ] && echo 2 || echo 0)" "$option" --range-size=1K 'needle 1?2' large
		cmp "$out" one
	done
}

@test "marks, holes, NULs: as one worker" {
	local i
	for i in '\357\273\277' '\377\376' '\376\377' '' '\357\273'; do
		{ printf '%b' "$i"; seq 1 3000; } >marked
		same_as_one -nb --range-size=1K 2 marked
	done
	{ seq 1 30000; } >holes
	truncate -s 1M holes
	seq 1 30000 >>holes
	same_as_one -n --range-size=64K 77 holes
	same_as_one -c --range-size=64K 77 holes
	same_as_one -na --range-size=64K 77 holes
	# As large as its blocks, but with a hole.
	seq 1 100000 >holes
	fallocate -p -o 65536 -l 131072 holes 2>/dev/null || skip "no holes here"
	fallocate -n -o 1M -l 1M holes
	same_as_one -n --range-size=64K 77 holes
	{ seq 1 5000; printf 'a\0b\n'; seq 1 50000; } >binary
	same_as_one -n --range-size=1K 77 binary
	same_as_one -c --range-size=1K 77 binary
	same_as_one -n --range-size=1K '^1$' binary
	same_as_one -n --range-size=1K nosuch binary
}

@test "a file that is known to match is not read to its end" {
	several_workers
	{ echo needle; head -c 200M /dev/zero | tr '\0' '\n'; } >large
	for option in -l -q -L; do
		wrap=(timeout 20 strace -f -qq -e trace=pread64 -o trace)
		[ -z "${SANITIZED:-}${VALGRIND:-}" ] || wrap=()
		[ -x "$(command -v strace)" ] || wrap=()
		try 0 $option needle large
		[ "${#wrap[@]}" -eq 0 ] || [ "$(wc -l <trace)" -lt 300 ]
	done
}

@test "a range that kills its worker costs the file, once" {
	several_workers
	local i told=0
	echo after >next
	seed_random
	# The first part of the pattern takes its time, and matches nothing.
	perl -e 'for (1 .. 450) { print $_ % 3 ? "" : "needle $_ ", "abcd" x 200, "\n" }' >slow
	gnu_grep -Hn needle slow >expected
	for i in 1 2 3 4 5 6 7 8; do
		start "$PGREP_R" -j "$JOBS" --range-size=16K --ledger=ledger --ledger-all -n -H \
			'((a|b|c|d)*)[xy]\1[zq]|needle|after' slow next
		doze 150
		kill_one
		ends_any
		check_account
	done
	echo "named: $told"
	[ "$told" -gt 0 ]
}

# kill_one: one of the workers, if there is one.
kill_one() {
	local all
	read -ra all <<<"$(workers | tr '\n' ' ')"
	[ "${#all[@]}" -gt 0 ] || return 0
	kill -KILL "${all[RANDOM % ${#all[@]}]}" 2>/dev/null || true
}

ends_any() {
	soon ended
	status=0
	wait "$pid" || status=$?
	no_workers_left "$pid"
}

# The file is whole, or named once and a beginning of it is there; the next one is whole.
check_account() {
	local lines
	command grep -v '^next:' out >given || true
	[ "$(command grep -c '"path":{"text":"slow"}' ledger)" -eq 1 ]
	[ "$(command grep -c '"path":{"text":"next"}' ledger)" -eq 1 ]
	if [ "$status" -eq 0 ]; then
		cmp given expected
		[ ! -s err ]
	else
		[ "$status" -eq 2 ]
		told=$((told + 1))
		[ "$(command grep -c 'slow: crashed' err)" -le 1 ]
		command grep -q '1 file not searched whole: 1 crashed' err
		lines=$(wc -l <given)
		head -n "$lines" expected | cmp - given
	fi
	[ "$(tail -n 1 out)" = next:1:after ] || command grep -q 'next: crashed' err
}

@test "a deadline in the middle of a file" {
	several_workers
	perl -e 'for (1 .. 9000) { print $_ % 3 ? "" : "needle $_ ", "abcd" x 200, "\n" }' >slow
	try 2 --range-size=16K --deadline=300ms --ledger=ledger '((a|b|c|d)*)[xy]\1[zq]|needle' slow
	command grep -q 'slow: timed out: the deadline has passed' "$err"
	[ "$(command grep -c '"text":"slow"' ledger)" -eq 1 ]
}

@test "a file that another takes the place of" {
	several_workers
	seq 1 400000 >large
	local i
	for i in 1 2 3 4 5 6 7 8; do
		start "$PGREP_R" -j "$JOBS" --range-size=1K -n '(1|2|3)*x|77' large
		cp large other
		mv other large
		ends_any
		if [ "$status" -ne 0 ]; then
			[ "$status" -eq 2 ]
			# With Landlock the other one may not even be opened.
			sed -i 's/Permission denied/Stale file handle/' err
			lines_are err 'pgrep-r: large: Stale file handle' 'pgrep-r: 1 file not searched whole: 1 unreadable'
		fi
	done
}

@test "a file that has got a hole when another worker comes to it" {
	[ "$JOBS" -ge 2 ] || skip "one worker searches no ranges"
	untraced
	mkfifo fifo
	perl -e 'print "line $_ needle padding\n" for 1 .. 40000' >grows
	start "$PGREP_R" -j "$JOBS" -h -c --range-size=16K needle fifo grows
	settle
	truncate -s +1M grows
	echo needle >fifo
	ends_any
	if [ "$status" -eq 0 ]; then
		# Whoever waited for the writer had opened the file before.
		[ "$(tail -n 1 out)" -eq 40000 ]
	else
		[ "$status" -eq 2 ]
		lines_are err 'pgrep-r: grows: Stale file handle' 'pgrep-r: 1 file not searched whole: 1 unreadable'
	fi
}
