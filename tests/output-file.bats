# --output: results in a file, all of them or the old file.
#
# out and err are set by try, pid by start, JOBS by the helpers; bash -c gets its own variables:
# shellcheck disable=SC2154,SC2034,SC2016,SC2153

bats_require_minimum_version 1.5.0
load helpers
load fixtures/processes

setup() {
	enter_tmp
	untraced
	temporary=results.pgrep-r~
}

# results_are LINE...: the file is these, standard output nothing, and no temporary is there.
results_are() {
	[ ! -e "$temporary" ] || { echo "$temporary was left"; return 1; }
	[ ! -s "$out" ] || { echo "standard output was written to"; return 1; }
	lines_are results "$@"
}

# ---- what it holds ----

@test "the file is what standard output would have been, whatever is printed" {
	many 500
	local options
	for options in -n -c -l '-L -Z' '--heading -C1' --json '-o --column' '--color=always -H' --files; do
		local pattern=needle
		[ "$options" != --files ] || pattern=tree
		# shellcheck disable=SC2086 # they are several
		try 0 $options "$pattern" tree
		cp "$out" expected
		# shellcheck disable=SC2086
		try 0 $options --output=results "$pattern" tree
		same expected results
		[ ! -s "$out" ] && [ ! -e "$temporary" ]
		err_is
	done
}

@test "a run without a result makes an empty file, with status 1" {
	echo other >text
	echo old >results
	try 1 --output=results needle text
	results_are
}

@test "a run that could not search some file keeps what it found, with status 2" {
	echo needle >text
	echo old >results
	try 2 -h --output=results needle text missing
	results_are needle
	try 2 -h --output=results --deadline=1ms needle text missing
	[ ! -e "$temporary" ]
}

@test "-q prints nothing there either" {
	many 10
	echo old >results
	try 0 -q --output=results needle tree
	results_are
}

@test "without a path it is the directory that is searched" {
	many 1
	echo 'needle of input' >input
	input=input try 0 --output=results needle
	results_are 'input:needle of input' 'tree/00001:needle 1'
}

@test "colour and escapes are for a terminal, and that is the file's own" {
	mkdir tree
	printf 'needle\033[31m\n' >tree/text
	wrap=(script -qec '"$0" "$@" 2>&1' /dev/null)
	TERM=xterm script -qec "'$PGREP_R' -j $JOBS --output=results needle tree" /dev/null >shown
	[ ! -s shown ]
	same <(printf 'tree/text:needle\033[31m\n') results
	TERM=xterm script -qec "'$PGREP_R' -j $JOBS --color=auto --output=/dev/tty needle tree" /dev/null >shown
	grep -qF '\033[31m' shown
}

# ---- the program's own files ----

@test "--files: the run's own files are not listed, others of their names are" {
	mkdir t t/deep
	echo > t/file
	echo > t/deep/results
	echo > t/deep/lock
	cd t
	local round
	for round in first second; do
		try 0 --output=results --lock=lock --files .
		lines_are results ./deep/lock ./deep/results ./file || { echo "$round"; return 1; }
		rm results.expected
	done
}

@test "the results lie in the tree: neither they nor their temporary are searched" {
	mkdir tree
	echo needle >tree/a
	for _ in 1 2 3; do
		try 0 --output=tree/results needle tree
		same <(echo tree/a:needle) tree/results
		err_is
	done
	cp tree/results tree/results.pgrep-r~
	try 0 --output=tree/results needle tree
	same <(echo tree/a:needle) tree/results
	[ ! -e tree/results.pgrep-r~ ]
}

@test "where results go to a file, standard output may be searched" {
	mkdir tree
	echo needle >tree/a
	wrap=(bash -c 'exec "$@" >>tree/a' -)
	try 0 --output=results needle tree
	same <(echo tree/a:needle) results
}

@test "a file that is named and is the output is not searched: status 2" {
	echo needle >text
	echo needle >results
	try 2 -H --output=results needle text results
	results_are text:needle
	err_is 'pgrep-r: results: input file is also the output' \
		'pgrep-r: 1 file not searched whole: 1 also the output'
}

# ---- all or nothing ----

@test "permissions: a new file's are the usual ones, an old one keeps its own" {
	echo needle >text
	umask 027
	try 0 --output=results needle text
	[ "$(stat -c %a results)" = 640 ]
	chmod 604 results
	try 0 --output=results needle text
	[ "$(stat -c %a results)" = 604 ]
	if [ "$(id -u)" -eq 0 ]; then
		chown 12:34 results
		try 0 --output=results needle text
		[ "$(stat -c %u:%g results)" = 12:34 ]
	fi
}

@test "a symbolic link stays one" {
	mkdir dir
	echo needle >text
	ln -s dir/real results
	try 0 --output=results needle text
	[ -L results ]
	same <(echo needle) dir/real
}

@test "what cannot be made fails before anything is searched: status 73" {
	echo needle >text
	try 73 --output=missing/results needle text
	err_is 'pgrep-r: missing/results: No such file or directory'
	mkdir dir
	try 73 --output=dir needle text
	err_is 'pgrep-r: dir: Is a directory'
	try 73 --output=dir --files
	err_is 'pgrep-r: dir: Is a directory'
	[ "$(id -u)" -eq 0 ] || {
		chmod 555 dir
		try 73 --output=dir/results needle text
		err_is 'pgrep-r: dir/results: Permission denied'
	}
}

@test "a full disk: status 74, one line, and the old file as it was" {
	many 3000
	# Eight mebibytes are more than what processes share in memory.
	perl -e 'print "needle of a long line ", "x" x 60, "\n" for 1 .. 110000' >tree/big
	local old limit='trap - XFSZ; ulimit -f "$1"; shift; exec "$@" 2>err'
	for old in old ''; do
		rm -f results
		[ -z "$old" ] || echo "$old" >results
		wrap=(bash -c "$limit" - 8192)
		try 74 --output=results needle tree
		same <(echo 'pgrep-r: results: File too large') err
		[ ! -e "$temporary" ]
		[ "$(cat results 2>/dev/null)" = "$old" ]
		wrap=(bash -c "$limit" - 8)
		try 74 --files --output=results tree
		same <(echo 'pgrep-r: results: File too large') err
		[ ! -e "$temporary" ]
		[ "$(cat results 2>/dev/null)" = "$old" ]
	done
	wrap=()
	try 74 --output=/dev/full needle tree
	err_is 'pgrep-r: /dev/full: No space left on device'
	try 74 --output=/dev/full --files tree
	err_is 'pgrep-r: /dev/full: No space left on device'
}

@test "a real file system that is full" {
	[ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null || skip "nobody may mount here"
	many 3000
	wrap=(unshare -m bash -c 'mkdir -p small && mount -t tmpfs -o size=16k small small && echo old >small/results &&
		{ "$@"; status=$?; cat small/results; ls small; exit "$status"; }' -)
	try 74 --output=small/results needle tree
	err_is 'pgrep-r: small/results: No space left on device'
	out_is old results
}

@test "two runs at once: one is refused, the other's results are whole" {
	echo needle >text
	mkfifo fifo
	start "$PGREP_R" -j "$JOBS" -h --output=results needle fifo
	soon [ -e "$temporary" ]
	exec 7>fifo
	try 73 --output=results needle text
	err_is 'pgrep-r: results: another process is writing it'
	echo needle >&7
	exec 7>&-
	ends 0
	results_are needle
}

@test "a signal leaves the old file, and nothing else" {
	echo old >results
	mkfifo fifo
	local signal
	for signal in INT TERM HUP; do
		start "$PGREP_R" -j "$JOBS" -h --output=results needle fifo
		soon [ -e "$temporary" ]
		kill "-$signal" "$pid"
		ends $((128 + $(kill -l "$signal")))
		[ ! -e "$temporary" ] && [ "$(<results)" = old ]
	done
	mkdir tree
	printf '%05d\0' {1..20000} | (cd tree && xargs -0 touch)
	# A listing, too: its writes block once the pipe that it is read from is full.
	mkfifo results.fifo
	start "$PGREP_R" --output=results --files tree tree tree tree tree tree tree tree tree tree
	kill -TERM "$pid" || true
	wait "$pid" || true
	[ ! -e "$temporary" ]
	[ "$(<results)" = old ] || [ "$(wc -l <results)" -eq 200000 ]
}

@test "killed at random: the old file or the new one, whole, and a temporary that the next run removes" {
	local i rounds=20 killed=0 finished=0 status
	[ -z "${SLOW:-}" ] || rounds=500
	seed_random
	many 2000
	"$PGREP_R" needle tree >expected
	perl -MTime::HiRes=time -e '$t = time; system @ARGV; printf "%.4f\n", time - $t' \
		"$PGREP_R" -j "$JOBS" --output=results needle tree >took
	for ((i = 0; i < rounds; i++)); do
		echo old >results
		start "$PGREP_R" -j "$JOBS" --output=results needle tree
		sleep "$(perl -e 'print rand 1.2 * shift' "$(<took)" "$RANDOM")"
		kill -KILL "$pid" 2>/dev/null || true
		status=0
		wait "$pid" || status=$?
		if [ "$status" -eq 0 ]; then
			finished=$((finished + 1))
			same expected results
		else
			[ "$status" -eq 137 ]
			killed=$((killed + 1))
			cmp -s expected results || [ "$(<results)" = old ]
		fi
		[ "$(find . -name '*~*' | wc -l)" -le 1 ]
		[ ! -e "$temporary" ] || [ -f "$temporary" ]
	done
	echo "$killed were killed, $finished were not"
	[ "$killed" -gt 0 ]
	try 0 --output=results needle tree
	same expected results
	[ "$(find . -name '*~*')" = '' ]
}

@test "what is no regular file is written in place, and standard output may be named" {
	echo needle >text
	mkfifo fifo
	cat fifo >got 3>&- &
	local reader=$!
	try 0 -H --output=fifo needle text
	wait "$reader"
	same <(echo text:needle) got
	[ -p fifo ] && [ ! -e fifo.pgrep-r~ ]
	try 0 -H --output=/dev/stdout needle text
	out_is text:needle
	wrap=(bash -c '"$@" | cat; exit "${PIPESTATUS[0]}"' -)
	try 0 -H --output=/dev/stdout needle text
	out_is text:needle
}

# ---- options ----

@test "two files need two names" {
	try 64 --output=a --ledger=a needle .
	err_is 'pgrep-r: --output, --ledger, --resume, --since-state and --lock need a FILE each'
	try 64 --output=a --resume=a needle .
	try 64 --ledger=a --since-state=a needle .
	try 64 --output=a --lock=a needle .
	try 64 --output=a --type-list
	err_is 'pgrep-r: --output, --ledger, --lock and --stats do not go with --type-list'
	try 64 --output
	err_is "pgrep-r: option '--output' needs an argument"
	try 64 --output=results '(' .
	[ ! -e results ] && [ ! -e "$temporary" ]
}

@test "a signal while a FIFO has no reader ends it as a signal" {
	local option
	mkfifo fifo
	touch file
	for option in needle --files; do
		start "$PGREP_R" --output=fifo "$option" file
		soon command grep -q '^State:.S' "/proc/$pid/status"
		sleep 0.1
		kill "$pid"
		ends 143
		lines_are err
	done
}
