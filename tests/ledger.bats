# --ledger: every file ends with one status, and the file that says so is whole or not there.
#
# out and err are set by try, pid by start, JOBS by the helpers; bash -c and perl get their own variables:
# shellcheck disable=SC2154,SC2034,SC2016,SC2153

bats_require_minimum_version 1.5.0
load helpers
load fixtures/processes

setup_file() {
	make_shim
}

setup() {
	enter_tmp
	untraced
	temporary=ledger.pgrep-r~
}

# with_shim NAME=VALUE...: what try starts, from now on.
with_shim() {
	[ -z "${SANITIZED:-}" ] || skip 'LD_PRELOAD does not go with the sanitizers'
	[ -z "${VALGRIND:-}" ] || skip 'LD_PRELOAD does not go with valgrind'
	wrap=(env "LD_PRELOAD=$shim" "$@")
}

# file PATH STATUS [REASON]: a line of the ledger.
file() {
	printf '{"type":"file","path":{"text":"%s"},"status":"%s"%s}\n' "$1" "$2" \
		"${3:+,\"reason\":\"$3\"}"
}

# summary COMPLETE COUNT...: the last line, with searched, skipped, unreadable, vanished,
# cut short, crashed, timed out and not reached; those left out are 0.
summary() {
	local complete=$1 sum=0 i count=()
	shift
	for ((i = 0; i < 8; i++)); do
		count[i]=${1:-0}
		sum=$((sum + count[i]))
		shift || true
	done
	printf '{"type":"summary","complete":%s,"files":%d,"searched":%d,"skipped":%d,"unreadable":%d,"vanished":%d,"cut_short":%d,"crashed":%d,"timed_out":%d,"not_reached":%d}\n' \
		"$complete" "$sum" "${count[@]}"
}

# ledger_is LINE...: the ledger is these, and no temporary is there.
ledger_is() {
	[ ! -e "$temporary" ] || { echo "$temporary was left"; return 1; }
	lines_are ledger "$@"
}

# ---- what it says ----

@test "files that were searched are counted, and named only with --ledger-all" {
	mkdir -p tree/d
	echo needle >tree/a
	echo other >tree/d/b
	try 0 --ledger=ledger needle tree
	out_is tree/a:needle
	err_is
	ledger_is "$(summary true 2)"
	try 0 --ledger=ledger --ledger-all needle tree
	ledger_is "$(file tree/a searched)" "$(file tree/d/b searched)" "$(summary true 2)"
	try 1 --ledger-all --ledger ledger nothing tree/d/b
	ledger_is "$(file tree/d/b searched)" "$(summary true 1)"
}

@test "with any number of workers the ledger is the walk, and all of it" {
	perl "$TESTS/fixtures/tree.pl" 1500 >/dev/null
	"$PGREP_R" --files tree >paths
	{
		while IFS= read -r path; do
			file "$path" searched
		done <paths
		summary true "$(wc -l <paths)"
	} >expected
	local jobs
	for jobs in 1 2 5; do
		JOBS=$jobs try 0 -c --ledger=ledger --ledger-all needle tree
		same expected ledger
	done
}

@test "files that are not searched whole, in the order of the walk" {
	mkdir tree
	printf 'needle\0\n' >tree/binary
	printf 'needle%01000d\n' 1 >tree/long
	echo needle >tree/text
	ln -s loop loop
	try 2 --ledger=ledger -I --max-line=500 needle missing tree loop
	ledger_is "$(file missing unreadable ENOENT)" "$(file tree/binary skipped binary)" \
		"$(file tree/long 'cut short' 'line too long')" "$(file loop unreadable ELOOP)" \
		"$(summary false 1 1 2 0 1)"
	try 2 --ledger=ledger --ledger-all -I --max-line=500 needle missing tree loop
	ledger_is "$(file missing unreadable ENOENT)" "$(file tree/binary skipped binary)" \
		"$(file tree/long 'cut short' 'line too long')" "$(file tree/text searched)" \
		"$(file loop unreadable ELOOP)" "$(summary false 1 1 2 0 1)"
}

@test "what was skipped or has vanished leaves the search complete" {
	printf 'needle\0\n' >binary
	try 1 --ledger=ledger -I needle binary
	ledger_is "$(file binary skipped binary)" "$(summary true 0 1)"
}

@test "messages that are silenced are in the ledger all the same" {
	try 2 -s --ledger=ledger needle missing
	err_is
	ledger_is "$(file missing unreadable ENOENT)" "$(summary false 0 0 1)"
}

@test "files that crash their workers, with how the worker ended" {
	local jobs how reason
	many 300
	echo DEADLY >>tree/00002
	echo DEADLY >>tree/00003
	echo DEADLY >>tree/00300
	for jobs in 1 2 5; do
		for how in abort=SIGABRT exit='exit status 3'; do
			reason=${how#*=}
			with_shim "SHIM_READ=${how%%=*}" SHIM_WORD=DEADLY
			JOBS=$jobs try 2 --ledger=ledger needle tree
			ledger_is "$(file tree/00002 crashed "$reason")" "$(file tree/00003 crashed "$reason")" \
				"$(file tree/00300 crashed "$reason")" "$(summary false 297 0 0 0 0 3)"
			JOBS=$jobs try 2 --ledger=ledger --ledger-all needle tree
			[ "$(grep -c '"status":"searched"' ledger)" -eq 297 ]
			same <("$PGREP_R" --files tree) \
				<(sed -n 's/^{"type":"file","path":{"text":"\([^"]*\)".*/\1/p' ledger)
		done
	done
}

@test "no process can be had: no file is reached" {
	many 40
	with_shim SHIM_FORKS=1000000
	try 71 --ledger=ledger needle tree
	{
		for path in tree/*; do
			file "$path" 'not reached' 'no worker'
		done
		summary false 0 0 0 0 0 0 0 40
	} >expected
	same expected ledger
}

@test "standard input has a name, and is read only when it is named" {
	echo needle >text
	input=text try 0 --ledger=ledger --ledger-all needle -
	ledger_is "$(file '(standard input)' searched)" "$(summary true 1)"
	# Else it would be standard input that is searched.
	rm ledger*
	input=text try 0 --ledger=ledger --ledger-all -h needle
	out_is needle
	ledger_is "$(file "$temporary" skipped output)" "$(file text searched)" "$(summary true 1 1)"
}

@test "any name is a name in it" {
	mkdir tree
	echo needle >tree/$'a"b\\c\n\033\t'
	echo needle >tree/$'bad\377\n'
	echo needle >tree/$'gr\303\274n'
	try 0 --ledger=ledger --ledger-all -h needle tree
	ledger_is "$(file 'tree/a\"b\\c\u000a\u001b\u0009' searched)" \
		'{"type":"file","path":{"bytes":"dHJlZS9iYWT/Cg=="},"status":"searched"}' \
		"$(file $'tree/gr\303\274n' searched)" "$(summary true 3)"
	# Another reader of JSON finds the names again.
	python3 -c '
import base64, json, os
names = []
for line in open("ledger", encoding="utf-8"):
    entry = json.loads(line)
    if entry["type"] == "file":
        path = entry["path"]
        names.append(path["text"].encode() if "text" in path else base64.b64decode(path["bytes"]))
assert names == sorted(b"tree/" + name for name in os.listdir(b"tree")), names'
}

@test "-q that hits ends early: the ledger is there, and not complete" {
	many 3000
	try 0 -q --ledger=ledger needle tree
	err_is
	[[ $(tail -n 1 ledger) == '{"type":"summary","complete":false,'* ]]
	[ ! -e "$temporary" ]
	try 1 -q --ledger=ledger absent tree
	ledger_is "$(summary true 3000)"
}

@test "the memory of a search with a ledger is that of a search without" {
	[ -z "${SANITIZED:-}${VALGRIND:-}" ] || skip "memory is another's under a sanitizer or valgrind"
	many 30000
	local with without
	without=$("$TESTS/peak-memory" "$PGREP_R" -j "$JOBS" absent tree 2>&1 | sed -n 's/^peak-pss-kib //p')
	with=$("$TESTS/peak-memory" "$PGREP_R" -j "$JOBS" --ledger=ledger --ledger-all absent tree 2>&1 |
		sed -n 's/^peak-pss-kib //p')
	echo "$without KiB without, $with KiB with"
	[ "$(wc -l <ledger)" -eq 30001 ]
	[ "$without" -gt 0 ] && [ "$with" -le $((without + 1024)) ]
}

# ---- the program's own files ----

@test "the ledger lies in the tree: neither it nor its temporary is searched" {
	mkdir tree
	echo 'needle text' >tree/a
	local beside=tree/ledger.pgrep-r~
	try 0 --ledger=tree/ledger --ledger-all 'needle|text' tree
	out_is 'tree/a:needle text'
	err_is
	{ file tree/a searched; file "$beside" skipped output; summary true 1 1; } >expected
	same expected tree/ledger
	# The old one is full of the word now, and so is a stale temporary.
	cp tree/ledger "$beside"
	try 0 --ledger=tree/ledger --ledger-all 'needle|text' tree
	out_is 'tree/a:needle text'
	{
		file tree/a searched
		file tree/ledger skipped output
		file "$beside" skipped output
		summary true 1 2
	} >expected
	same expected tree/ledger
	[ ! -e "$beside" ]
	try 0 -l --ledger=tree/ledger 'needle|text' tree
	out_is tree/a
}

# ---- all or nothing ----

@test "a new ledger has the permissions of any new file, an old one keeps its own" {
	echo needle >text
	umask 027
	try 0 --ledger=ledger needle text
	[ "$(stat -c %a ledger)" = 640 ]
	chmod 604 ledger
	try 0 --ledger=ledger needle text
	[ "$(stat -c %a ledger)" = 604 ]
	# A stale one has none to give.
	: >"$temporary"
	chmod 777 "$temporary"
	rm ledger
	try 0 --ledger=ledger needle text
	[ "$(stat -c %a ledger)" = 640 ]
	[ ! -e "$temporary" ]
}

@test "an old ledger keeps its owner" {
	[ "$(id -u)" -eq 0 ] || skip "only root can give files away"
	echo needle >text
	echo old >ledger
	chown 12:34 ledger
	try 0 --ledger=ledger needle text
	[ "$(stat -c %u:%g ledger)" = 12:34 ]
	# A run that was killed may have left that owner's.
	: >"$temporary"
	chown 12:34 "$temporary"
	try 0 --ledger=ledger needle text
	ledger_is "$(summary true 1)"
}

@test "a symbolic link stays one: what it points to is replaced" {
	echo needle >text
	mkdir -p dir/deep
	echo old >dir/deep/real
	ln -s deep/real dir/link
	ln -s "$PWD/dir/link" ledger
	try 0 --ledger=ledger needle text
	[ -L ledger ] && [ -L dir/link ]
	same <(summary true 1) dir/deep/real
	[ "$(find . -name '*pgrep-r~')" = '' ]
	# One that points nowhere makes the file.
	rm dir/deep/real
	try 0 --ledger=ledger needle text
	same <(summary true 1) dir/deep/real
	ln -s round round
	try 73 --ledger=round needle text
	err_is 'pgrep-r: round: Too many levels of symbolic links'
}

@test "a ledger that cannot be made fails at once: status 73 and one line" {
	many 10
	try 73 --ledger=missing/ledger needle tree
	out_is
	err_is 'pgrep-r: missing/ledger: No such file or directory'
	try 73 --ledger=tree needle tree
	out_is
	err_is 'pgrep-r: tree: Is a directory'
	try 73 --ledger=tree/00001/ledger needle tree
	err_is 'pgrep-r: tree/00001/ledger: Not a directory'
	try 64 --ledger= needle tree
	[ "$(wc -l <"$err")" -eq 1 ]
}

@test "a temporary of a killed run is taken over, one in use is not" {
	echo needle >text
	echo old >ledger
	perl -e 'print "stale\n" x 1000' >"$temporary"
	try 0 --ledger=ledger needle text
	ledger_is "$(summary true 1)"
	echo old >ledger
	echo 'of another' >"$temporary"
	wrap=(flock --no-fork "$temporary")
	try 73 --ledger=ledger needle text
	out_is
	err_is 'pgrep-r: ledger: another process is writing it'
	[ "$(<ledger) $(<"$temporary")" = 'old of another' ]
}

@test "what is not ours is not written over as a temporary" {
	echo needle >text
	echo precious >file
	ln -s file "$temporary"
	try 73 --ledger=ledger needle text
	err_is 'pgrep-r: ledger: File exists'
	[ -L "$temporary" ] && [ "$(<file)" = precious ]
	ln -f file "$temporary"
	try 73 --ledger=ledger needle text
	[ "$(<file)" = precious ] && [ -e "$temporary" ]
	rm "$temporary"
	mkfifo "$temporary"
	try 73 --ledger=ledger needle text
	[ -p "$temporary" ]
	rm "$temporary"
	mkdir "$temporary"
	try 73 --ledger=ledger needle text
	[ -d "$temporary" ] && [ ! -e ledger ]
}

@test "two runs at once: one is refused, the other's ledger is whole" {
	echo needle >text
	mkfifo fifo
	start "$PGREP_R" -j "$JOBS" --ledger=ledger --ledger-all needle fifo
	soon [ -e "$temporary" ]
	exec 7>fifo
	try 73 --ledger=ledger needle text
	err_is 'pgrep-r: ledger: another process is writing it'
	echo needle >&7
	exec 7>&-
	ends 0
	ledger_is "$(file fifo searched)" "$(summary true 1)"
	try 0 --ledger=ledger needle text
	ledger_is "$(summary true 1)"
}

@test "the ledger cannot be written: status 74, and the old one stays" {
	# More than eight mebibytes of it are refused; without the trap it would be a signal.
	perl -e '
		my $path = "tree";
		mkdir $path;
		for (1 .. 13) { $path .= "/" . "\1" x 250; mkdir $path or die }
		for (1 .. 500) { open F, sprintf(">%s/%03d", $path, $_) or die; print F "needle\n" }'
	echo old >ledger
	wrap=(bash -c 'trap "" XFSZ; ulimit -f 8192; exec "$@" | cat; exit "${PIPESTATUS[0]}"' -)
	try 74 -h --ledger=ledger --ledger-all needle tree
	err_is 'pgrep-r: ledger: File too large'
	[ "$(grep -c needle "$out")" -eq 500 ]
	ledger_is old
	rm ledger
	try 74 --ledger=ledger --ledger-all needle tree
	[ ! -e ledger ] && [ ! -e "$temporary" ]
}

@test "the ledger cannot be put in its place: status 74, and nothing is left of it" {
	mkfifo fifo
	start "$PGREP_R" -j "$JOBS" --ledger=ledger needle fifo
	soon [ -e "$temporary" ]
	mkdir ledger
	echo needle >fifo
	ends 74
	[ "$(<err)" = 'pgrep-r: ledger: Is a directory' ]
	[ "$(<out)" = needle ]
	[ ! -e "$temporary" ]
}

@test "standard output cannot be written: the old ledger stays" {
	many 10
	echo old >ledger
	wrap=(bash -c 'exec "$@" >/dev/full' -)
	try 74 --ledger=ledger needle tree
	ledger_is old
	wrap=(env --default-signal=PIPE bash -c '"$@" | sleep 0; exit "${PIPESTATUS[0]}"' -)
	many 20000
	try 141 --ledger=ledger needle tree
	err_is
	ledger_is old
}

@test "a signal at any time leaves nothing behind, and the old ledger as it was" {
	local i landed=0 status
	seed_random
	many 4000
	for ((i = 0; i < 25; i++)); do
		rm -f ledger
		[ $((i % 2)) -eq 0 ] || echo old >ledger
		start "$PGREP_R" -j "$JOBS" --ledger=ledger --ledger-all '(a|b|c|d)*[wx]{3}[yz]\1?|needle' tree
		doze 60
		kill -TERM "$pid" 2>/dev/null || true
		status=0
		wait "$pid" || status=$?
		no_workers_left "$pid"
		[ ! -e "$temporary" ]
		if [ "$status" -eq 0 ]; then
			[ "$(tail -n 1 ledger)" = "$(summary true 4000)" ]
			continue
		fi
		[ "$status" -eq 143 ]
		landed=$((landed + 1))
		# Unless it came after all was done.
		if [ $((i % 2)) -eq 0 ]; then
			[ ! -e ledger ] || [ "$(tail -n 1 ledger)" = "$(summary true 4000)" ]
		else
			[ "$(<ledger)" = old ] || [ "$(tail -n 1 ledger)" = "$(summary true 4000)" ]
		fi
	done
	echo "$landed of $i came in time"
	[ "$landed" -gt 0 ]
}

@test "the program is killed: the next run takes over what it left" {
	mkfifo fifo
	echo needle >text
	echo old >ledger
	start "$PGREP_R" -j "$JOBS" --ledger=ledger needle fifo
	soon [ -e "$temporary" ]
	kill -KILL "$pid"
	ends 137
	[ -e "$temporary" ] && [ "$(<ledger)" = old ]
	try 0 --ledger=ledger needle text
	ledger_is "$(summary true 1)"
}

@test "what is no regular file is written in place" {
	echo needle >text
	try 74 -H --ledger=/dev/full needle text
	out_is text:needle
	err_is 'pgrep-r: /dev/full: No space left on device'
	[ -c /dev/full ]
	mkfifo ledger
	local reader
	cat ledger >got 3>&- &
	reader=$!
	try 0 --ledger=ledger --ledger-all needle text
	wait "$reader"
	[ -p ledger ]
	same <(file text searched; summary true 1) got
	[ ! -e "$temporary" ]
}

@test "the ledger is standard output, too: it comes after the results" {
	echo needle >text
	wrap=(bash -c '"$@" | cat; exit "${PIPESTATUS[0]}"' -)
	try 0 -H --ledger=/dev/stdout needle text
	out_is text:needle "$(summary true 1)"
	wrap=(bash -c 'exec "$@" >both' -)
	try 0 -H --ledger=/dev/stdout needle text
	same <(echo text:needle; summary true 1) both
	try 0 -H --ledger=both needle text
	same <(echo text:needle; summary true 1) both
	[ ! -e both.pgrep-r~ ]
}

# ---- options ----

@test "--ledger-all needs --ledger, and neither goes with --files" {
	try 64 --ledger-all needle .
	err_is 'pgrep-r: --ledger-all needs --ledger=FILE'
	try 64 --ledger=ledger --files .
	err_is 'pgrep-r: --ledger does not go with --files'
	try 64 --ledger
	err_is "pgrep-r: option '--ledger' needs an argument"
	[ ! -e ledger ] && [ ! -e "$temporary" ]
}

@test "a bad pattern makes no ledger" {
	try 64 --ledger=ledger '(' .
	[ ! -e ledger ] && [ ! -e "$temporary" ]
}
