# Workers that die: every file is accounted for, and nothing else is disturbed.
#
#   ROUNDS     of random kills (10)
#   TEST_SEED  replays them, as far as time can be replayed
#
# out and err are set by try, pid by start, JOBS by the helpers, which use wrap:
# shellcheck disable=SC2154,SC2034,SC2153

bats_require_minimum_version 1.5.0
load helpers
load fixtures/processes

setup_file() {
	export BATS_TEST_TIMEOUT=120
	make_shim
	perl "$BATS_TEST_DIRNAME/fixtures/tree.pl" "$([ -z "${VALGRIND:-}" ] && echo 3000 || echo 600)" >whole
}

setup() {
	enter_tmp
	untraced
	fixtures=$BATS_TEST_DIRNAME/fixtures
	whole=$BATS_FILE_TMPDIR/whole
	ln -s "$BATS_FILE_TMPDIR/tree" tree
	# The first part takes its time, and matches nothing.
	costly='(a|b|c|d)*[wx]{3}[yz]\1?|needle'
	: "${ROUNDS:=10}"
	# Else a signal that tells of an error would be answered by the sanitizer, and the
	# process with which it looks for leaks be taken for a worker.
	[ -z "${SANITIZED:-}" ] ||
		export ASAN_OPTIONS=${ASAN_OPTIONS:-}:handle_segv=0:handle_sigbus=0:handle_abort=0:detect_leaks=0
}

# with_shim NAME=VALUE...: what try starts, from now on.
with_shim() {
	[ -z "${SANITIZED:-}" ] || skip 'LD_PRELOAD does not go with the sanitizers'
	[ -z "${VALGRIND:-}" ] || skip 'LD_PRELOAD does not go with valgrind'
	shim_log=$PWD/shim.log
	: >"$shim_log"
	wrap=(env "LD_PRELOAD=$shim" "SHIM_LOG=$shim_log" "$@")
}

# How many times the shim has acted.
hits() {
	tr -d '\0' <"$shim_log" | wc -c
}

# account STATUS REASON: of out and err; sets $crashed.
account() {
	crashed=$(perl "$fixtures/account.pl" "$whole" out err "$@") || return 1
}

# harass SIGNAL ROUNDS: that many searches; the sum of what crashed, in $landed.
harass() {
	local round result reader seed
	landed=0
	for ((round = 1; round <= $2; round++)); do
		reader=fast
		[ $((round % 3)) -ne 0 ] || reader=slow
		seed=$RANDOM
		echo "round $round, seed $seed, $reader reader"
		result=$(perl "$fixtures/harass.pl" "$1" "$seed" "$reader" "$PGREP_R" -j "$JOBS" \
			"$costly" tree/) || return 1
		echo "status and signals: $result"
		account "${result% *}" "SIG$1" || return 1
		landed=$((landed + crashed))
	done
	echo "crashed files: $landed"
}

@test "an undisturbed search prints all" {
	try 0 "$costly" tree/
	same "$whole" "$out"
	err_is
}

@test "workers that are killed at random cost the files that they are on" {
	seed_random
	harass KILL "$ROUNDS"
	[ "$landed" -gt 0 ]
}

@test "workers that are ended by other signals cost the files that they are on" {
	seed_random
	local signal
	for signal in SEGV BUS ABRT; do
		harass "$signal" 1
		[ "$landed" -gt 0 ] || harass "$signal" 3
		[ "$landed" -gt 0 ] || return 1
	done
}

# The parent is stopped until all workers are idle.  Which of them have the last file,
# that never ends, is not known: these are let live.
kill_between_files() {
	local worker
	kill -STOP "$pid"
	settle || return 1
	for worker in $(workers); do
		[ "$(readlink -f "/proc/$worker/fd/"* | command grep -c "$PWD/last")" -eq 0 ] || continue
		kill -KILL "$worker" && idle=$((idle + 1))
	done
	kill -CONT "$pid"
}

@test "workers that are killed between files lose nothing" {
	[ "$JOBS" -gt 1 ] || skip "the only worker is never between files here"
	local i idle=0
	seed_random
	try 0 -c needle tree/
	echo last:0 >>"$out"
	mkfifo last
	exec {fifo}<>last
	start "$PGREP_R" -j "$JOBS" -c needle tree/ last
	for ((i = 0; i < 8; i++)); do
		doze 30
		kill_between_files
	done
	exec {fifo}>&-
	echo "killed: $idle"
	[ "$idle" -gt 0 ]
	ends 0
	lines_are err
	same "$out" out
}

@test "of all workers, the one that is killed on a file costs that file" {
	mkfifo last
	exec {fifo}<>last
	start "$PGREP_R" -j "$JOBS" "$costly" tree/ last
	soon has_bytes out "$(stat -Lc %s "$whole")"
	settle
	# shellcheck disable=SC2046 # words
	kill -KILL $(workers)
	ends 2
	exec {fifo}>&-
	same "$whole" out
	lines_are err 'pgrep-r: last: crashed (SIGKILL)' 'pgrep-r: 1 file not searched whole: 1 crashed'
}

@test "what was printed of a file that crashes ends with a newline" {
	local i torn=0
	whole=$PWD/expected
	mkdir big
	: >expected
	# Longer than what can be handed over in one piece.
	for i in 1 2 3; do
		perl -e 'printf "needle %d " . "x" x 70000 . "\n", $_ for 1 .. 60' >big/$i
		sed "s,^,big/$i:," big/$i >>expected
	done
	mkfifo pipe
	for ((i = 0; i < 3; i++)); do
		to=pipe start "$PGREP_R" -j "$JOBS" needle big
		exec {fifo}<pipe
		# All wait for room now, in the middle of a file.
		settle
		# shellcheck disable=SC2046 # words
		kill -KILL $(workers)
		cat <&"$fifo" >out
		exec {fifo}<&-
		ends 2
		account 2 SIGKILL
		[ "$crashed" -ge 1 ]
		[ "$(tail -c 1 out | od -An -tx1)" = ' 0a' ]
		torn=$((torn + $(awk 'length < 70000' out | wc -l)))
	done
	echo "torn lines: $torn"
	[ "$torn" -gt 0 ]
}

# deadly FILES DEADLY...: files with three lines each, in some of them a deadly word.
deadly() {
	local i
	mkdir files
	for ((i = 0; i < $1; i++)); do
		printf '%s\n' "needle $i" other "last needle $i" >files/$((i + 1000))
	done
	shift
	for i; do
		echo needle DEADLY >>files/"$i"
	done
}

# all_but FILE...: sets the output that is expected.
all_but() {
	local file
	: >expected
	for file in files/*; do
		[[ " $* " == *" ${file#files/} "* ]] || gnu_grep -H needle "$file" >>expected
	done
}

# crashes REASON FILE...: with any number of workers, these alone, and none is tried again.
crashes() {
	local jobs reason=$1 files
	shift
	all_but "$@"
	files=$([ $# -eq 1 ] && echo '1 file' || echo "$# files")
	for jobs in 1 2 5; do
		: >"$shim_log"
		JOBS=$jobs try 2 needle files || return 1
		same expected "$out" || return 1
		{
			printf "pgrep-r: files/%s: crashed ($reason)\n" "$@"
			echo "pgrep-r: $files not searched whole: $# crashed"
		} >messages
		same messages "$err" || return 1
		[ "$(hits)" -eq $# ] || return 1
	done
}

@test "a file that kills its worker is not tried again" {
	with_shim SHIM_READ=abort SHIM_WORD=DEADLY
	deadly 300 1123
	crashes SIGABRT 1123
}

@test "a file that makes its worker exit is named with the status" {
	with_shim SHIM_READ=exit SHIM_WORD=DEADLY
	deadly 300 1200
	crashes 'exit status 3' 1200
}

@test "files that kill their workers may stand anywhere, and side by side" {
	with_shim SHIM_READ=abort SHIM_WORD=DEADLY
	deadly 300 1000 1001 1004 1100 1101 1102 1103 1104 1105 1299
	crashes SIGABRT 1000 1001 1004 1100 1101 1102 1103 1104 1105 1299
}

@test "all files may kill their workers" {
	with_shim SHIM_READ=exit SHIM_WORD=DEADLY
	# shellcheck disable=SC2046 # words
	deadly 60 $(seq 1000 1059)
	# shellcheck disable=SC2046 # words
	crashes 'exit status 3' $(seq 1000 1059)
}

@test "no core file is left of a file that kills its worker" {
	ulimit -S -c "$(ulimit -H -c)"
	with_shim SHIM_READ=abort SHIM_WORD=DEADLY
	deadly 5 1002
	try 2 needle files
	[ "$(find . -name '*core*')" = '' ]
}

@test "a large file that kills its worker late: the start of it, then the next file" {
	with_shim SHIM_READ=abort SHIM_WORD=DEADLY
	mkdir files
	echo 'first needle' >files/1
	perl -e 'printf "needle %d " . "x" x 700 . "\n", $_ for 1 .. 1000; print "needle DEADLY\n"' >files/2
	echo 'next needle' >files/3
	sed 's,^,files/2:,' files/2 >two
	local jobs
	for jobs in 1 2 5; do
		JOBS=$jobs try 2 needle files
		err_is 'pgrep-r: files/2: crashed (SIGABRT)' 'pgrep-r: 1 file not searched whole: 1 crashed'
		[ "$(head -n 1 "$out")" = 'files/1:first needle' ]
		[ "$(tail -n 1 "$out")" = 'files/3:next needle' ]
		sed '1d;$d' "$out" >middle
		# A start of it, and then a newline.
		[ "$(wc -c <middle)" -gt 32768 ]
		[ "$(tail -c 1 middle | od -An -tx1)" = ' 0a' ]
		head -c -1 middle >start
		same start <(head -c "$(wc -c <start)" two)
	done
}

@test "no process can be had: every file is named, soon" {
	with_shim SHIM_FORKS=1000000
	deadly 300
	local started=$SECONDS
	try 71 needle files
	# About four, by design.
	[ $((SECONDS - started)) -lt 8 ]
	out_is
	{
		printf 'pgrep-r: files/%s: not searched: no worker can be started\n' {1000..1299}
		echo 'pgrep-r: 300 files not searched whole: 300 not reached'
		echo 'pgrep-r: cannot start a worker: Resource temporarily unavailable'
	} >messages
	same messages "$err"
}

@test "no process can be had at first: all is searched" {
	with_shim SHIM_FORKS=7
	deadly 300
	all_but
	try 0 needle files
	same expected "$out"
	err_is
}

@test "two workers die as soon as they start: all is searched" {
	with_shim SHIM_STARTS=2
	deadly 300
	all_but
	try 0 needle files
	same expected "$out"
	err_is
	[ "$(hits)" -eq 2 ]
}

@test "all workers die as soon as they start: every file is named, soon" {
	with_shim SHIM_STARTS=1000000
	deadly 60
	local started=$SECONDS
	try 2 needle files
	[ $((SECONDS - started)) -lt 15 ]
	out_is
	{
		printf 'pgrep-r: files/%s: crashed (SIGKILL)\n' {1000..1059}
		echo 'pgrep-r: 60 files not searched whole: 60 crashed'
	} >messages
	same messages "$err"
	# Each file costs a few attempts and no more.
	[ "$(hits)" -le $((60 * 4)) ]
}
