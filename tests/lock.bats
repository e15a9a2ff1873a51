# --lock: one run at a time, whatever ends it.
#
# out and err are set by try:
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0
load helpers
load fixtures/processes

setup_file() {
	export BATS_TEST_TIMEOUT=60
}

setup() {
	enter_tmp
	untraced
	echo 'needle 1' >file
	mkfifo input
	exec 6<>input
}

# hold ARG...: starts a run with the lock that waits for its input; its process id
# goes to $pid.
hold() {
	# nohup may have had it ignore the one.
	env --default-signal=HUP,TERM "$PGREP_R" -j "$JOBS" --lock=lock "$@" needle - \
		<input >held 2>held.err 3>&- 6>&- &
	pid=$!
	soon test -s lock
	# Under valgrind and with sanitizers that takes a while.
	soon has_worker
}

has_worker() {
	[ -n "$(pgrep -P "$pid")" ]
}

@test "a lock that nobody has is taken, and is empty afterwards" {
	try 0 --lock=lock needle file
	out_is 'needle 1'
	err_is
	[ "$(stat -c '%s %a' lock)" = "0 $(printf %o $((0644 & ~$(umask))))" ]
	# Again, and for a listing.
	try 0 --lock=lock needle file
	try 0 --lock=lock --files file
	[ ! -s lock ]
}

@test "a lock that is held: status 75, the holder's process id, and nothing else" {
	hold
	[ "$(<lock)" = "$pid" ]
	try 75 --lock=lock --ledger=ledger needle file
	out_is
	err_is "pgrep-r: lock: locked by process $pid"
	[ ! -e ledger ]
	try 75 --lock=lock --files file
	out_is
	# By another name, too.
	ln lock other
	try 75 --lock="$PWD/other" needle file
	# It goes on, and to its end.
	echo 'needle of the holder' >&6
	exec 6>&-
	wait "$pid"
	like "$(<held)" 'needle of the holder'
	try 0 --lock=lock needle file
}

@test "a file that is left is no lock, whatever process it names" {
	echo $$ >lock
	try 0 --lock=lock needle file
	printf 1 >lock
	try 0 --lock=lock needle file
	[ ! -s lock ]
}

@test "a bad pattern is said before the lock is" {
	hold
	try 64 --lock=lock '(' file
}

@test "workers do not have it" {
	local sandbox worker fd
	for sandbox in auto off; do
		hold --sandbox="$sandbox"
		for worker in $(pgrep -P "$pid"); do
			for fd in /proc/"$worker"/fd/*; do
				not test "$fd" -ef lock
			done
		done
		kill "$pid"
		wait "$pid" || true
	done
}

@test "it ends with its holder, when that is killed with its workers stopped, and by each signal" {
	local name status
	for name in KILL TERM HUP; do
		hold
		# They cannot run, so they cannot close anything any more.
		pkill -STOP -P "$pid"
		kill -s "$name" "$pid"
		status=0
		wait "$pid" || status=$?
		[ "$status" -eq $((128 + $(kill -l "$name"))) ]
		# What it was is still there after a kill only.
		[ "$name" = KILL ] || [ ! -s lock ]
		try 0 --lock=lock needle file
		out_is 'needle 1'
	done
}

@test "of many at once one runs" {
	local i status ran=0 locked=0 pids=()
	for ((i = 0; i < 12; i++)); do
		"$PGREP_R" -j 1 --lock=lock needle - <input >/dev/null 2>"said.$i" 3>&- 6>&- &
		pids+=($!)
	done
	soon all_but_one_ended
	echo needle >&6
	exec 6>&-
	for i in "${!pids[@]}"; do
		status=0
		wait "${pids[i]}" || status=$?
		case $status in
		0) ran=$((ran + 1)) ;;
		75) locked=$((locked + 1)) ;;
		esac
	done
	[ "$ran $locked" = '1 11' ]
	[ "$(cat said.* | sort -u | wc -l)" -eq 1 ]
}

all_but_one_ended() {
	[ "$(cat said.* | wc -l)" -eq 11 ]
}

@test "removed beneath its holder it is another lock, which the first one leaves alone" {
	hold
	rm lock
	"$PGREP_R" -j 1 --lock=lock needle - <input >/dev/null 2>&1 3>&- 6>&- &
	local second=$!
	soon test -s lock
	kill "$pid"
	wait "$pid" || true
	[ "$(<lock)" = "$second" ]
	try 75 --lock=lock needle file
	kill "$second"
	wait "$second" || true
}

@test "what is no lock stays as it is" {
	echo 'my text' >text
	ln -s text link
	try 73 --lock=text needle file
	err_is 'pgrep-r: text: is there, and is no lock'
	out_is
	try 73 --lock=link needle file
	try 73 --lock=/dev/null needle file
	try 73 --lock=input needle file
	try 73 --lock=. needle file
	[ "$(<text)" = 'my text' ]
	try 73 --lock=missing/lock needle file
	err_is 'pgrep-r: missing/lock: No such file or directory'
	try 64 --lock= needle file
}

@test "the lock is not searched, and standard input is not taken for the files" {
	echo needle >stdin
	rm input
	input=stdin try 0 --lock=lock -c '[0-9]|needle'
	out_is file:1 stdin:1
}

@test "a run that was killed at any time holds nothing any more" {
	local i
	mkdir many
	for i in {1..300}; do
		echo needle >many/"$i"
	done
	for i in {1..25}; do
		"$PGREP_R" -j "$JOBS" --lock=lock needle many >/dev/null 2>&1 &
		sleep "0.0$((RANDOM % 15 + 5))"
		kill -KILL $! 2>/dev/null || true
		wait $! || true
		try 0 -q --lock=lock needle many/1
	done
}

@test "a listing: held until it ends, and empty after a signal" {
	mkdir many
	(cd many && seq -f '%0200.0f' 1 1500 | xargs touch)
	mkfifo list
	exec 7<>list
	"$PGREP_R" --files --lock=lock many >list 2>held.err 3>&- 6>&- 7>&- &
	pid=$!
	soon test -s lock
	try 75 --files --lock=lock many
	err_is "pgrep-r: lock: locked by process $pid"
	kill "$pid"
	local status=0
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
	[ ! -s lock ]
	[ ! -s held.err ]
}

@test "not with what searches nothing and takes no time" {
	local option
	for option in --lock=l --ledger=l --output=l --stats; do
		try 64 "$option" --type-list
		err_is 'pgrep-r: --output, --ledger, --lock and --stats do not go with --type-list'
	done
	[ ! -e l ]
}
