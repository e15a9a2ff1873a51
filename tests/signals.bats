# Signals: what ends the program, what does not, and that nothing of it stays behind.
#
# shellcheck disable=SC2154 # wrap is set by the helpers

bats_require_minimum_version 1.5.0
load helpers

setup_file() {
	export BATS_TEST_TIMEOUT=120
	cd "$BATS_FILE_TMPDIR" || return 1
	cc -std=c17 -D_GNU_SOURCE -shared -fPIC -o late.so "$BATS_TEST_DIRNAME/fixtures/late.c" -ldl
	mkdir lines busy
	# More than a pipe holds, less than the lanes hold.
	perl -e 'for $n (100 .. 199) { open $f, ">", "lines/$n"; print $f "needle $n.$_ ", "x" x 70, "\n" for 1 .. 40 }'
	# Minutes of work without a line of output.
	perl -e 'for $n (100 .. 149) { open $f, ">", "busy/$n"; print $f "a" x 20, "\n" for 1 .. 2000 }'
	for file in lines/*; do
		sed "s,^,$file:," "$file"
	done >lines.expected
}

setup() {
	enter_tmp
	[ -z "${VALGRIND:-}" ] || skip "a script is in between"
	ln -s "$BATS_FILE_TMPDIR"/{lines,busy,lines.expected} .
	mkfifo pipe input
	# Nobody reads from it, or writes to it, until a test does.
	exec 5<>pipe 6<>input
}

teardown() {
	if [ -s ended.pid ] && ! [ -s ended ]; then
		kill -9 -- "-$(<ended.pid)" 2>/dev/null || true
	fi
}

# start OPTION... -- ARG...: starts the program with run.pl and its options; its process
# id goes to $pid.
start() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	rm -f ended ended.pid
	perl "$TESTS/fixtures/run.pl" "${options[@]}" ended "${wrap[@]}" "$PGREP_R" -j "$JOBS" "$@" \
		<input >pipe 2>err 3>&- 5>&- 6>&- &
	until_file ended.pid
	pid=$(<ended.pid)
}

# late LATE_...=VALUE...: what start starts, from now on; see fixtures/late.c.
late() {
	local preload=$BATS_FILE_TMPDIR/late.so
	# A sanitizer's library must be the first.
	[ -z "${SANITIZED:-}" ] || preload="$(ldd "$PGREP_R" | awk '/libasan/ { print $3 }') $preload"
	rm -f late.log
	wrap=(env "LD_PRELOAD=$preload" "LATE_LOG=$PWD/late.log" "$@")
}

# was_late TIMES: that often.
was_late() {
	[ "$(od -An -tu4 late.log | tr -d ' ')" = "$1" ]
}

# a_worker: waits until there is one.
a_worker() {
	local i
	for ((i = 0; i < 200; i++)); do
		[ -z "$(workers)" ] || return 0
		sleep 0.05
	done
	echo "no worker of $pid"
	return 1
}

# still PID...: waits until none of the processes uses the processor any more.
still() {
	local i before='' now same=0
	for ((i = 0; i < 400; i++)); do
		now=$(for process in "$@"; do
			cut -d ' ' -f 3,14,15 "/proc/$process/stat"
		done)
		same=$((same + 1))
		[ "$now" = "$before" ] || same=0
		[[ $now != *R* ]] || same=0
		[ "$same" -lt 4 ] || return 0
		before=$now
		sleep 0.05
	done
	echo "never still: $now"
	return 1
}

until_file() {
	local i
	for ((i = 0; i < 200; i++)); do
		[ ! -s "$1" ] || return 0
		sleep 0.05
	done
	echo "no $1"
	return 1
}

# ends HOW: the program ends as run.pl says, soon.
ends() {
	until_file ended
	[ "$(<ended)" = "$1" ] || {
		echo "ended by $(<ended), expected $1"
		cat err
		return 1
	}
}

workers() {
	pgrep -P "$pid" -f '^pgrep-r: worker'
}

# Inodes of the memory objects that the program holds.
objects() {
	local fd
	for fd in /proc/"$pid"/fd/*; do
		[[ "$(readlink "$fd")" != /memfd:pgrep-r* ]] || stat -L -c %i "$fd"
	done
}

# remember: notes the workers and memory objects of the program that runs.
remember() {
	a_worker
	until_started
	mapfile -t their_workers < <(workers)
	mapfile -t their_objects < <(objects)
	[ "${#their_workers[@]}" -gt 0 ]
	[ "${#their_objects[@]}" -gt 0 ]
}

# Until the number of workers does not grow any more.
until_started() {
	local before=0 now=-1
	while [ "$before" != "$now" ]; do
		before=$now
		sleep 0.1
		now=$(workers | wc -l)
	done
}

# nothing_left: of what was remembered.
nothing_left() {
	local i left
	for ((i = 0; i < 100; i++)); do
		left=
		for worker in "${their_workers[@]}"; do
			! kill -0 "$worker" 2>/dev/null || left+=" process $worker"
		done
		[ -n "$left" ] || break
		sleep 0.05
	done
	# Objects of this program, among those that any process maps.
	left+=$(awk '/memfd:pgrep-r/ { print $5 }' /proc/[0-9]*/maps 2>/dev/null |
		sort -u | command grep -xF "$(printf '%s\n' "${their_objects[@]}")") || true
	# Directories there are other tests'.
	left+=$(find /dev/shm -maxdepth 1 -name '*pgrep-r*' ! -type d)
	[ -z "$left" ] || {
		echo "left:$left"
		return 1
	}
}

# For each signal that asks for the end, in a run that is prepared by the command.
each_signal() {
	local name
	for name in INT TERM HUP; do
		"$@"
		remember
		kill -s "$name" "$pid"
		ends "signal $(kill -l "$name")"
		nothing_left
		[ ! -s err ]
	done
}

blocked_on_output() {
	start -- needle lines
	a_worker
	still "$pid"
}

busy_searching() {
	start -- '((?:a?){16})a{16}[bc]\1?' busy
}

waiting_for_input() {
	start -- needle -
}

@test "SIGINT, SIGTERM and SIGHUP end a search that is blocked on a full pipe" {
	each_signal blocked_on_output
}

@test "SIGINT, SIGTERM and SIGHUP end a search that is busy" {
	each_signal busy_searching
}

@test "SIGINT, SIGTERM and SIGHUP end a search that waits for its input" {
	each_signal waiting_for_input
}

@test "Ctrl-C, which goes to the workers too, ends the program and names no file" {
	for state in blocked_on_output busy_searching; do
		"$state"
		remember
		kill -s INT -- "-$pid"
		ends "signal 2"
		nothing_left
		[ ! -s err ]
	done
}

@test "a signal that comes just before the output blocks ends the program" {
	# A pipe holds 65536 bytes.
	late LATE_SIGNAL=15 LATE_BYTES=65536
	start -- needle lines
	ends "signal 15"
	was_late 1
}

@test "stopped workers do not keep a signal from ending the program" {
	busy_searching
	remember
	kill -s STOP "${their_workers[@]}"
	kill -s TERM "$pid"
	ends "signal 15"
	nothing_left
}

@test "workers die with a parent that is killed" {
	for state in blocked_on_output busy_searching waiting_for_input; do
		"$state"
		remember
		kill -s KILL "$pid"
		ends "signal 9"
		nothing_left
	done
}

@test "when the reader goes away the program ends by SIGPIPE without a word" {
	exec 5>&-
	head -n 1 <pipe >first &
	start -- needle lines
	ends "signal 13"
	[ ! -s err ]
	head -n 1 lines.expected >expected
	same expected first
	# As a shell sees it.
	(
		trap - PIPE
		"$PGREP_R" -j "$JOBS" needle lines 2>err 6>&- | head -n 1 >first
		[ "${PIPESTATUS[0]}" -eq 141 ]
	)
	[ ! -s err ]
	same expected first
}

@test "when the reader goes away and SIGPIPE is ignored it is one message and status 74" {
	exec 5>&-
	head -n 1 <pipe >first &
	start -i PIPE -- needle lines
	ends "exit 74"
	lines_are err "pgrep-r: standard output: Broken pipe"
}

# Reads what the program writes, to its end, into got.
drain() {
	timeout 20 cat <pipe >got 3>&- 5>&- 6>&- &
	reader=$!
	exec 5>&-
	wait "$reader"
}

# slowly: reads what the program writes into got, and keeps it busy.
slowly() {
	# shellcheck disable=SC2016 # of perl
	timeout 60 perl -MTime::HiRes=sleep -e 'while (sysread STDIN, $b, 20000) { syswrite STDOUT, $b; sleep 0.02 }' \
		<pipe >got 3>&- 5>&- 6>&- &
	reader=$!
	exec 5>&-
}

# ignored NAME: a signal that was ignored at the start still is, in all processes.
ignored() {
	local i
	start -i "$1" -- 'needle|((?:a?){11})a{9}[bc]\1?' lines busy/100
	a_worker
	slowly
	for ((i = 0; i < 8; i++)); do
		kill -s "$1" -- "-$pid"
		sleep 0.03
	done
	# Or nothing was hit.
	[ ! -s ended ]
	ends "exit 0"
	wait "$reader"
	same lines.expected got
	[ ! -s err ]
}

@test "SIGHUP that was ignored at the start, as by nohup, stays ignored" {
	ignored HUP
}

@test "SIGINT that was ignored at the start stays ignored" {
	ignored INT
}

@test "SIGTERM that was ignored at the start stays ignored" {
	ignored TERM
}

@test "a search that is stopped and continued loses nothing" {
	local i
	start -- 'needle|((?:a?){11})a{9}[bc]\1?' lines busy/100
	a_worker
	slowly
	for ((i = 0; i < 8; i++)); do
		kill -s STOP -- "-$pid"
		sleep 0.0$((i * 3 % 8))
		kill -s CONT -- "-$pid"
		sleep 0.0$((i * 5 % 7))
	done
	# Or nothing was stopped.
	[ ! -s ended ]
	ends "exit 0"
	wait "$reader"
	same lines.expected got
	[ ! -s err ]
}

@test "a worker that is stopped when all is done does not hold up the end" {
	start -- needle lines
	remember
	still "$pid" "${their_workers[@]}"
	kill -s STOP "${their_workers[@]}"
	SECONDS=0
	drain
	ends "exit 0"
	[ "$SECONDS" -lt 10 ]
	same lines.expected got
	[ ! -s err ]
	nothing_left
}

# A crash is noticed although the shell that started the program wants no SIGCHLD.
without_sigchld() {
	mkdir tree
	echo needle >tree/a
	echo magic >tree/b
	echo needle >tree/c
	late LATE_WORD=magic
	start "$1" CHLD -- needle tree
	SECONDS=0
	drain
	ends "exit 2"
	[ "$SECONDS" -lt 10 ]
	was_late 1
	printf '%s\n' tree/a:needle tree/c:needle >expected
	same expected got
	lines_are err "pgrep-r: tree/b: crashed (SIGABRT)" \
		"pgrep-r: 1 file not searched whole: 1 crashed"
}

@test "SIGCHLD that was ignored at the start hides no crash" {
	without_sigchld -i
}

@test "SIGCHLD that was blocked at the start hides no crash" {
	without_sigchld -b
}
