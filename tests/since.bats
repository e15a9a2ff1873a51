# --since-state: only what changed since the run that wrote the state, and all of that.
#
# out and err are set by try, pid by start, JOBS by the helpers:
# shellcheck disable=SC2154,SC2034,SC2016,SC2153

bats_require_minimum_version 1.5.0
load helpers
load fixtures/processes

setup_file() {
	make_shim
}

# Time passes, for the next run: what was changed is old, as far as a state goes.
ages() {
	if [ -n "${SANITIZED:-}${VALGRIND:-}" ]; then
		sleep 2.1
	else
		wrap=(env "LD_PRELOAD=$shim" SHIM_AHEAD=3)
	fi
}

# As try; then the clock is right again.
run_once() {
	try "$@" || return
	wrap=()
}

# since STATUS FILE...: these files are searched and have a needle; the state is then written.
since() {
	local expected=$1
	shift
	run_once "$expected" -l --since-state=state needle tree
	out_is "$@"
	[ ! -e state.pgrep-r~ ]
}

# A tree whose files are all known.
known_tree() {
	mkdir -p tree/d/e
	local name
	for name in a b c d/f d/e/g; do
		echo needle >"tree/$name"
	done
	ages
	since 0 tree/a tree/b tree/c tree/d/e/g tree/d/f
	err_is
	since 1
}

# ---- changes ----

@test "every kind of change shows, and only what has changed" {
	known_tree
	echo more >>tree/a
	since 0 tree/a
	# The same length, and the old time set again: the time of change tells.
	touch -r tree/b stamp
	echo beetle >tree/b
	echo needle >tree/b
	touch -r stamp tree/b
	# Another file in its place, as old and as large.
	cp -p tree/c new
	mv new tree/c
	# A directory of another name: other paths, of files that have just changed, too.
	mv tree/d tree/h
	chmod 600 tree/h/e/g tree/h/f
	since 0 tree/a tree/b tree/c tree/h/e/g tree/h/f
	ages
	since 0 tree/a tree/b tree/c tree/h/e/g tree/h/f
	since 1
	mv tree/h/f tree/h/i
	since 0 tree/h/i
	chmod 600 tree/a
	since 0 tree/a tree/h/i
	ages
	since 0 tree/a tree/h/i
	since 1
}

@test "a file that was new when it was searched is searched again: its times may not tell" {
	known_tree
	echo needle >tree/new
	since 0 tree/new
	since 0 tree/new
	ages
	since 0 tree/new
	since 1
}

@test "times that lie ahead, or far back, change nothing" {
	mkdir tree
	echo needle >tree/ahead
	echo needle >tree/back
	touch -d '2150-01-01 00:00:00' tree/ahead
	touch -d '1950-01-01 00:00:00.123456789' tree/back
	ages
	since 0 tree/ahead tree/back
	since 1
	touch -d '2140-01-01 00:00:00' tree/ahead
	touch -d '1960-01-01 00:00:00.123456789' tree/back
	ages
	since 0 tree/ahead tree/back
	since 1
}

@test "files that go and come, and links" {
	known_tree
	rm tree/a
	since 1
	ln tree/b tree/hard
	# What a link counts has changed, too.
	since 0 tree/b tree/hard
	ln -s ../outside tree/soft
	echo needle >outside
	ages
	run_once 0 -lR --since-state=follow needle tree
	out_is tree/b tree/c tree/d/e/g tree/d/f tree/hard tree/soft
	run_once 1 -lR --since-state=follow needle tree
	echo needle >>outside
	run_once 0 -lR --since-state=follow needle tree
	out_is tree/soft
}

@test "files and descriptors that are named" {
	echo needle >text
	echo 'needle of input' >input
	ages
	input=input run_once 2 -h --since-state=state needle - text missing
	out_is 'needle of input' needle
	input=input run_once 2 -h --since-state=state needle - text missing
	out_is 'needle of input'
}

@test "many files, in any number of workers: the state is the same, and small" {
	many 3000
	ages
	local jobs
	for jobs in 1 2 5; do
		rm -f state
		ages
		JOBS=$jobs run_once 0 -c --since-state=state needle tree
		[ "$(wc -l <"$out")" -eq 3000 ]
		JOBS=$jobs run_once 1 -c --since-state=state needle tree
		out_is
	done
	[ "$(stat -c %s state)" -lt 25000 ]
	perl -e 'for (1 .. 100) { open F, sprintf(">>tree/%05d", 29 * $_) or die; print F "needle\n" }'
	run_once 0 -c --since-state=state needle tree
	[ "$(wc -l <"$out")" -eq 100 ]
}

@test "at random: what is found is what a search of the changed files finds" {
	local i round changed
	seed_random
	many 400
	ages
	run_once 0 -l --since-state=state needle tree
	for ((round = 0; round < 3; round++)); do
		: >changed
		for ((i = 0; i < 40; i++)); do
			changed=$(printf 'tree/%05d' $((1 + RANDOM % 400)))
			case $((RANDOM % 4)) in
			0) echo needle >>"$changed" ;;
			1) touch -d "2001-01-01 00:00:$((RANDOM % 60))" "$changed" ;;
			2) cp "$changed" other && mv other "$changed" ;;
			3) touch -r "$changed" stamp && sed -i s/needle/needle/ "$changed" && touch -r stamp "$changed" ;;
			esac
			echo "$changed" >>changed
		done
		ages
		run_once 0 -l --since-state=state needle tree
		same <(sort -u changed) "$out"
		run_once 1 -l --since-state=state needle tree
	done
}

# ---- files that were not searched whole ----

@test "files that were not searched whole are tried again" {
	mkdir tree
	printf 'needle%01000d\n' 1 >tree/long
	printf 'needle\0\n' >tree/binary
	echo needle >tree/text
	ages
	local again
	for again in 1 2; do
		run_once 2 -I --max-line=500 --since-state=state --ledger=ledger --ledger-all needle tree
		grep -q 'tree/long.*line too long' ledger
	done
	not grep -q 'tree/text' ledger
	not grep -q 'tree/binary' ledger
	[ "$(id -u)" -ne 0 ] || return 0
	chmod 000 tree/text
	run_once 2 -I --max-line=500 --since-state=state needle tree
	chmod 644 tree/text
	ages
	run_once 2 -I --max-line=500 --since-state=state needle tree
	grep -q tree/text "$out"
}

@test "a deadline: what was searched is known, what was not comes the next time" {
	many 3000
	perl -e 'print "a" x 60, "\n" for 1 .. 500' >slow
	local i
	for ((i = 100; i < 3000; i += 100)); do cp slow "tree/0$i-slow"; done
	ages
	local nights=0 status=2
	: >all
	while [ "$status" -eq 2 ] && [ "$nights" -lt 100 ]; do
		status=0
		"${wrap[@]}" "$PGREP_R" -j "$JOBS" --deadline=400ms --since-state=state '(a|b|c|d)*[wx]{3}[yz]\1?|needle' tree \
			>>all 2>messages || status=$?
		nights=$((nights + 1))
	done
	echo "$nights nights, status $status"
	[ "$status" -le 1 ]
	"$PGREP_R" needle tree >expected
	same expected <(sort -u all)
}

@test "deadlines each night: what is known of files that are gone does not add up" {
	local night i slow='(a|b|c|d)*[wx]{3}[yz]\1?'
	# More than is dealt at a time, of which none comes to its end.
	mkdir rest
	perl -e 'print "a" x 60, "\n" for 1 .. 200000' >rest/0
	perl -e 'link "rest/0", "rest/$_" or die for 1 .. 2500 * $ARGV[0]' "$JOBS"
	for night in 1 2 3 4; do
		rm -rf tree
		mkdir tree
		for ((i = 0; i < 300; i++)); do echo needle >"tree/$night-$i"; done
		ages
		run_once 2 -l --deadline=600ms --since-state=state "$slow|needle" tree rest
		[ "$(wc -l <"$out")" -eq 300 ]
		# As many as are there, and as many from before.
		[ "$(stat -c %s state)" -lt $((600 * 8 + 700)) ]
	done
	# These are known.
	ages
	run_once 2 -l --deadline=600ms --since-state=state "$slow|needle" tree rest
	out_is
}

@test "a run that is ended, or hits with -q, leaves the old state" {
	known_tree
	cp state before
	echo needle >tree/new
	mkfifo fifo
	local signal
	for signal in TERM KILL; do
		start "$PGREP_R" -j "$JOBS" --since-state=state -l needle tree
		wait "$pid" || true
		cp before state
		start "$PGREP_R" -j "$JOBS" --since-state=state -l -h needle tree fifo
		soon [ -e state.pgrep-r~ ]
		kill "-$signal" "$pid"
		ends $((128 + $(kill -l "$signal")))
		same before state
	done
	run_once 0 -q --since-state=state needle tree
	same before state
	[ ! -e state.pgrep-r~ ]
	wrap=(bash -c 'exec "$@" >/dev/full' -)
	run_once 74 -l --since-state=state needle tree
	same before state
}

# ---- a state that is no good ----

@test "a state that is damaged is said to be, and all is searched" {
	known_tree
	cp state whole
	seed_random
	local i
	for ((i = 0; i < 12; i++)); do
		perl -e '
			local $/; open F, "<", "whole"; my $text = <F>;
			my $at = int rand length $text;
			substr($text, $at, 1) ^= chr(1 + int rand 255);
			open F, ">", "state"; print F $text'
		ages
		run_once 0 -l --since-state=state needle tree
		out_is tree/a tree/b tree/c tree/d/e/g tree/d/f
		like "$(<"$err")" 'pgrep-r: state: is *: all files are searched'
		run_once 1 -l --since-state=state needle tree
		err_is
	done
	: >state
	run_once 0 -l --since-state=state needle tree
	err_is 'pgrep-r: state: is damaged: all files are searched'
	sed 's/^pgrep-r state 2/pgrep-r state 3/' whole >state
	ages
	run_once 0 -l --since-state=state needle tree
	err_is 'pgrep-r: state: is of another version: all files are searched'
	since 1
}

@test "a state of another search is said to be, and all is searched" {
	known_tree
	run_once 0 -l --since-state=state -i needle tree
	err_is 'pgrep-r: state: is of another search: all files are searched'
	[ "$(wc -l <"$out")" -eq 5 ]
	ages
	run_once 0 -l --since-state=state -i needle tree/d
	[ "$(wc -l <"$out")" -eq 2 ]
	run_once 1 -l --since-state=state -i needle tree/d
	err_is
	# How it is done, and where it goes, is another matter.
	run_once 1 -l --since-state=state -i --ledger=ledger --output=results --file-timeout=5s --sandbox=off needle tree/d
	err_is
}

@test "a tree of the same names elsewhere is another" {
	known_tree
	cp -rp tree copy
	rm -r tree
	mv copy tree
	ages
	since 0 tree/a tree/b tree/c tree/d/e/g tree/d/f
}

@test "the state lies in the tree: it is not searched" {
	mkdir tree
	echo needle >tree/a
	ages
	run_once 0 -c --since-state=tree/state . tree
	out_is tree/a:1
	run_once 1 -c --since-state=tree/state . tree
	[ "$(ls tree)" = "$(printf 'a\nstate')" ]
}

@test "where the state cannot be" {
	echo needle >text
	run_once 73 --since-state=missing/state needle text
	err_is 'pgrep-r: missing/state: No such file or directory'
	run_once 64 --since-state=/dev/null needle text
	run_once 64 --since-state=state --files .
	err_is 'pgrep-r: --since-state does not go with --files or --type-list'
	[ ! -e state ]
}

@test "two runs at once: one is refused" {
	known_tree
	mkfifo fifo
	start "$PGREP_R" -j "$JOBS" --since-state=state -l needle tree fifo
	soon [ -e state.pgrep-r~ ]
	run_once 73 -l --since-state=state needle tree
	err_is 'pgrep-r: state: another process is writing it'
}

@test "a file that is no state is left as it is" {
	known_tree
	echo 'notes of mine' >notes
	cp notes kept
	try 64 --since-state=notes needle tree
	out_is
	err_is 'pgrep-r: notes: is something else than a state, and would be lost'
	cmp notes kept
	: >nothing
	try 0 -q --since-state=nothing needle tree
	[ ! -e notes.pgrep-r~ ]
}
