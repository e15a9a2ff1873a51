# Files and runs that take too long or too much: what is lost, and that it is named.
#
# out and err are set by try, pid by start:
# shellcheck disable=SC2154,SC2034,SC2153

bats_require_minimum_version 1.5.0
load helpers
load fixtures/processes

setup() {
	export BATS_TEST_TIMEOUT=120
	enter_tmp
	untraced
	mkdir tree
	local i
	for i in {10..40}; do
		echo "needle $i" >tree/"$i"
	done
	# No step limit ends this: it starts anew at each byte of many long lines.
	endless='(a|b|c|d)*[wx]{3}[yz]\1?|needle'
}

teardown() {
	[ -z "${pid:-}" ] || kill -KILL -- "-$pid" 2>/dev/null || true
	[ -z "${frozen:-}" ] || thaw
}

# A file on which the pattern does not come to an end.
endless_file() {
	perl -e 'print "abcd" x 5000, "\n" for 1 .. 100' >"$1"
}

# all_but FILE...: of the tree, into the file expected.
all_but() {
	local file
	: >expected
	for file in tree/*; do
		[[ " $* " == *" $file "* ]] || sed "s,^,$file:," "$file" >>expected
	done
}

# Whether far more wants to run than the tests do: then nobody gets on in time.
others_are_many() {
	awk -v cpus="$(nproc)" '{ exit !($1 > 4 * cpus) }' /proc/loadavg
}

@test "an endless match costs its file" {
	endless_file tree/20
	endless_file tree/30
	try 2 --file-timeout=400ms "$endless" tree
	all_but tree/20 tree/30
	same expected "$out"
	err_is 'pgrep-r: tree/20: timed out: no progress' 'pgrep-r: tree/30: timed out: no progress' \
		'pgrep-r: 2 files not searched whole: 2 timed out'
}

@test "a match that takes too many steps ends with a word" {
	perl -e 'print "a" x 40, "\n"' >tree/20
	try 2 '(*LIMIT_MATCH=1000)needle|(?:(?:a+)+)+(?:b|c){2}' tree
	all_but tree/20
	same expected "$out"
	err_is 'pgrep-r: tree/20: searched in part: matching a line takes too many steps' \
		'pgrep-r: 1 file not searched whole: 1 cut short'
}

@test "a pattern that needs too much memory for a line ends with a word" {
	perl -e 'print "a" x 300000, "\n"' >tree/20
	# shellcheck disable=SC2016 # a pattern
	try 2 '(*NO_JIT)(*LIMIT_HEAP=100)needle|(a|aa)+$(?<!a)' tree
	all_but tree/20
	same expected "$out"
	err_is 'pgrep-r: tree/20: searched in part: matching a line takes too many steps' \
		'pgrep-r: 1 file not searched whole: 1 cut short'
}

@test "a FIFO that nobody writes costs itself" {
	mkfifo fifo
	try 2 --file-timeout=300ms -H needle tree fifo tree/10
	all_but && echo tree/10:needle 10 >>expected
	same expected "$out"
	err_is 'pgrep-r: fifo: timed out: no progress' 'pgrep-r: 1 file not searched whole: 1 timed out'
}

@test "a pipe that falls silent costs itself; what came of it stays" {
	mkfifo fifo
	exec {fifo}<>fifo
	printf 'needle one\nneedle tw' >&"$fifo"
	try 2 --file-timeout=500ms -h needle fifo tree/10
	exec {fifo}>&-
	out_is 'needle one' 'needle 10'
	err_is 'pgrep-r: fifo: timed out: no progress' 'pgrep-r: 1 file not searched whole: 1 timed out'
}

@test "0 is no limit; a stream may take its time, unless one is set" {
	mkfifo fifo
	exec {fifo}<>fifo
	start "$PGREP_R" -j "$JOBS" --file-timeout=0 -h needle fifo
	sleep 1
	not ended
	echo needle >&"$fifo"
	exec {fifo}>&-
	ends 0
	[ "$(cat out)" = needle ]
}

# one_worker_of REGEX: a worker that has a file of that name open.
on_file() {
	local worker
	for worker in $(workers); do
		readlink "/proc/$worker/fd/"* 2>/dev/null | command grep -qE "$1" && echo "$worker" && return 0
	done
	return 1
}

@test "a worker that is stopped costs the file that it is on" {
	endless_file tree/20
	start "$PGREP_R" -j "$JOBS" --file-timeout=1 "$endless" tree
	soon on_file /20
	kill -STOP "$(on_file /20)"
	ends 2
	all_but tree/20
	same expected out
	lines_are err 'pgrep-r: tree/20: timed out: no progress' \
		'pgrep-r: 1 file not searched whole: 1 timed out'
}

@test "the time that the program is stopped does not count" {
	mkfifo fifo
	exec {fifo}<>fifo
	start "$PGREP_R" -j "$JOBS" --file-timeout=1500ms -h needle fifo
	soon on_file fifo
	# From here on it is silent.
	echo nothing >&"$fifo"
	kill -STOP -- "-$pid"
	sleep 2
	kill -CONT -- "-$pid"
	echo needle >&"$fifo"
	exec {fifo}>&-
	ends 0
	lines_are err
}

@test "workers that get on are not timed out when the program looks seldom" {
	local i
	for i in {100..400}; do
		perl -e 'print "abcd" x 500, "\nneedle\n"' >tree/"$i"
	done
	try 0 needle tree
	start "$PGREP_R" -j "$JOBS" --file-timeout=500ms "$endless" tree
	# The program alone: its workers go on.
	for i in 1 2; do
		sleep 0.1
		kill -STOP "$pid" 2>/dev/null || break
		sleep 0.7
		kill -CONT "$pid"
	done
	ends 0 || { others_are_many && skip "the machine is too busy"; }
	lines_are err
	same "$out" out
}

@test "the time that a reader takes does not count" {
	perl -e 'print "needle " x 10, "\n" for 1 .. 100000' >tree/20
	cp tree/20 tree/21
	mkfifo pipe
	to=pipe start "$PGREP_R" -j "$JOBS" --file-timeout=300ms -h needle tree
	exec {pipe}<pipe
	sleep 1.5
	cat <&"$pipe" >got
	exec {pipe}<&-
	ends 0
	lines_are err
	cat tree/* >expected
	same expected got
}

@test "a large file that gets on is not timed out" {
	truncate -s 60G sparse
	try 1 -a --max-line=1M --file-timeout=200ms needle tree/10 --max-filesize=1K sparse -v
}

freezer=/sys/fs/cgroup/freezer/pgrep-r-test

freeze() {
	[ -w "${freezer%/*}/tasks" ] || skip "no freezer of control groups here: nothing else cannot be killed"
	mkdir "$freezer"
	frozen=1
	echo "$1" >"$freezer/tasks"
	echo FROZEN >"$freezer/freezer.state"
}

thaw() {
	echo THAWED >"$freezer/freezer.state"
	local i
	for ((i = 0; i < 100; i++)); do
		rmdir "$freezer" 2>/dev/null && break
		sleep 0.05
	done
	frozen=
}

@test "a worker that cannot be killed is left behind; its file is lost, and no other" {
	endless_file tree/20
	start "$PGREP_R" -j "$JOBS" --stats --file-timeout=2 "$endless" tree
	soon on_file /20
	freeze "$(on_file /20)"
	local status=0
	soon ended
	wait "$pid" || status=$?
	[ "$status" -eq 2 ]
	# It is there, and nobody waits for it.
	[ -n "$(pgrep -g "$pid")" ]
	thaw
	no_workers_left "$pid"
	all_but tree/20
	same expected out
	like "$(cat err)" $'pgrep-r: tree/20: timed out: no progress\n*'
	like "$(cat err)" '* 1 of them could not be killed*'
}

@test "--deadline: what was found is printed, the rest is counted" {
	endless_file tree/20
	local before=$SECONDS
	try 2 --deadline=700ms --ledger=ledger "$endless" tree
	[ $((SECONDS - before)) -lt 10 ]
	# The files before it, for sure.
	head -n 10 "$out" >start
	all_but tree/20
	head -n 10 expected >expected_start
	same expected_start start
	like "$(cat "$err")" $'pgrep-r: tree/20: timed out: the deadline has passed\n*'
	like "$(tail -n 1 "$err")" 'pgrep-r: * not searched whole: 1 timed out*'
	like "$(tail -n 1 ledger)" '*"complete":false*"timed_out":1*'
	# Nothing is both printed and not reached.
	perl -MJSON::PP -ne '$_ = decode_json $_; print "$_->{path}{text}\n" if $_->{type} eq "file"' ledger >lost
	[ "$(sed 's/:.*//' "$out" | sort - lost | uniq -d | wc -l)" -eq 0 ]
	[ "$(cat "$out" lost | wc -l)" -eq 31 ]
}

@test "--deadline: the walk ends, too, and that is said" {
	# More than the workers can have in hand.
	mkdir many
	perl -e 'for (10000 .. 18000) { open F, ">", "many/$_"; print F "x\n" }'
	endless_file many/00000
	try 2 -j 1 --deadline=500ms "$endless" many
	[ ! -s "$out" ]
	like "$(cat "$err")" $'pgrep-r: many/00000: timed out: the deadline has passed\npgrep-r: the walk was not finished: the deadline has passed\npgrep-r: * files not searched whole: 1 timed out, * not reached'
}

@test "--deadline that is not reached changes nothing" {
	try 0 --deadline=1h needle tree
	all_but
	same expected "$out"
	err_is
}

@test "--worker-memory: a line that does not fit costs its file" {
	[ -z "${SANITIZED:-}" ] || skip "a sanitizer's memory cannot be limited"
	perl -e 'print "x" x 40_000_000, "\n"' >tree/20
	try 2 --worker-memory=16M needle tree
	all_but tree/20
	same expected "$out"
	err_is 'pgrep-r: tree/20: Cannot allocate memory' 'pgrep-r: 1 file not searched whole: 1 unreadable'
}

@test "--max-filesize skips what is larger" {
	perl -e 'print "needle\n" x 200' >tree/20
	try 0 --max-filesize=1K --ledger=ledger needle tree
	all_but tree/20
	same expected "$out"
	err_is
	like "$(head -n 1 ledger)" '*"tree/20"*"status":"skipped","reason":"too large"*'
	try 1 --max-filesize=8 needle tree
}

@test "values that are none" {
	local value
	for value in x 1x -1 1.5 '' ' 1' 99999999999999d; do
		try 64 "--file-timeout=$value" x tree
		like "$(cat "$err")" "pgrep-r: --file-timeout: '$value' is *" || return 1
		try 64 "--deadline=$value" x tree
	done
	try 64 --worker-memory=1K x tree
	err_is "pgrep-r: --worker-memory: '1K' is too small"
	try 64 --max-filesize=big x tree
	err_is "pgrep-r: --max-filesize: 'big' is not a size such as 512K, 64M or 1G"
	for value in 0 500ms 10s 5m 2h 1d 7; do
		try 0 "--file-timeout=$value" "--deadline=${value/500ms/30}" needle tree || return 1
	done
}

@test "--deadline and signals end a walk that finds no file" {
	mkdir empty
	perl -e 'for my $d (1 .. 300) { mkdir "empty/$d"; mkdir "empty/$d/$_" for 1 .. 150 }'
	try 2 --deadline=30ms needle empty
	err_is 'pgrep-r: the walk was not finished: the deadline has passed'
}

@test "--worker-memory does not count what the parent has" {
	[ -z "${SANITIZED:-}" ] || skip "a sanitizer's memory cannot be limited"
	mkdir wide
	perl -e 'for (1 .. 60000) { my $n = sprintf "wide/%06d%s", $_, "x" x 180; open F, ">", $n or die }'
	echo needle >wide/0
	try 0 --worker-memory=8M -h needle wide
	out_is needle
	err_is
}

@test "a file that gets on for ever is given up after a hundred time-outs" {
	local before took=0 i
	# Where the machine is busy a worker may seem to stand still, and is given up at once.
	for ((i = 0; i < 3 && took < 4; i++)); do
		before=$SECONDS
		try 2 --file-timeout="$([ -n "${SANITIZED:-}" ] && echo 200 || echo 80)ms" -h needle /dev/zero tree/10 || return 1
		took=$((SECONDS - before))
		out_is 'needle 10'
		err_is 'pgrep-r: /dev/zero: timed out: no progress' \
			'pgrep-r: 1 file not searched whole: 1 timed out' || return 1
	done
	if [ "$took" -lt 4 ] && awk -v cpus="$(nproc)" '{ exit !($1 > cpus + 1) }' /proc/loadavg; then
		skip "the machine is too busy"
	fi
	[ "$took" -ge 4 ]
	[ "$took" -lt 60 ]
}
