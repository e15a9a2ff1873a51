# Trees that somebody made, or changes meanwhile, to lead the program astray: it never
# hangs, never leaves the tree, takes no more memory, and searches all else.  What is
# asked of hostile trees and is not here:
#
#   walk.bats    depth, long paths, nasty names, symbolic links, FIFOs, sockets and
#                devices, unreadable directories, a hundred thousand names
#   large.bats   a sparse tebibyte, files that change while they are searched
#   sandbox.bats workers that hang
#
#   SLOW       set: a million names, more rounds
#   TEST_SEED  replays them, as far as time can be replayed
#
# out and err are set by try, which uses wrap and input:
# shellcheck disable=SC2154,SC2034,SC2016,SC2153

bats_require_minimum_version 1.5.0
load helpers

setup_file() {
	export BATS_TEST_TIMEOUT=600
	cc -D_GNU_SOURCE -O1 -o "$BATS_FILE_TMPDIR/swap" "$BATS_TEST_DIRNAME/hostile/swap.c"
}

setup() {
	enter_tmp
	untraced
	wrap=(timeout -k 1 30)
	rounds=15
	[ -z "${VALGRIND:-}" ] || rounds=4
	[ -z "${SLOW:-}" ] || rounds=300
}

teardown() {
	[ -z "${stop:-}" ] || exec {stop}>&-
	[ -z "${large:-}" ] || rm -rf "$large"
}

# Goes where files are memory.
enter_large() {
	[ -w /dev/shm ] || skip "/dev/shm is not there"
	large=$(mktemp -d -p /dev/shm pgrep-r-hostile.XXXXXX)
	cd "$large" || return 1
}

# swaps A B...: exchanges them in the background, until swapped.
swaps() {
	rm -f stop
	mkfifo stop
	"$BATS_FILE_TMPDIR/swap" "$@" <stop >swaps 3>&- &
	swapper=$!
	exec {stop}>stop
}

# swapped: ends it; it must have done so more than a few times.
swapped() {
	exec {stop}>&-
	stop=
	wait "$swapper"
	echo "swapped: $(cat swaps)"
	[ "$(cat swaps)" -gt 100 ]
}

# stays STATUSES ARG...: the program ends with one of these, and gives none of what is
# outside.
stays() {
	local statuses=$1 status=0
	shift
	try 0 "$@" >said || status=$(sed -n 's/^status \([0-9]*\), .*/\1/p' said)
	if [[ " $statuses " != *" ${status:-none} "* ]]; then
		cat said
		return 1
	fi
	if command grep -a secret "$out" "$err"; then
		return 1
	fi
}

# In each way that a worker may be confined: what is outside must not be reached even by
# one that could.
stays_confined() {
	stays "$1" --sandbox=off "${@:2}" && stays "$@"
}

# measured STATUS ARG...: as try; sets $peak, in KiB.
measured() {
	local result=0
	wrap=(timeout -k 1 "${seconds:-60}" "$TESTS/peak-memory")
	try "$@" || result=$?
	peak=$(sed -n 's/^peak-pss-kib //p' "$err")
	sed -i '/^peak-pss-kib /d' "$err"
	echo "peak: $peak KiB"
	return "$result"
}

# lines_like PATTERN FILE: it has no other lines.
lines_like() {
	local others=0
	command grep -avE "$1" "$2" || others=$?
	[ "$others" -eq 1 ]
}

not_instrumented() {
	[ -z "${SANITIZED:-}${VALGRIND:-}" ] || skip "the memory would be that of the tools"
}

@test "directories that turn into links out of the tree and back: nothing outside is searched" {
	local i jobs pairs=()
	mkdir -p tree links outside/sub/sub
	echo 'x secret' | tee outside/f outside/sub/f outside/sub/sub/f outside/secret outside/sub/secret >/dev/null
	for i in {10..49}; do
		mkdir -p "tree/$i/d/sub/sub"
		echo x | tee "tree/$i/d/f" "tree/$i/d/sub/f" "tree/$i/d/sub/sub/f" "tree/$i/z" >/dev/null
		ln -s "$PWD/outside" "links/$i"
		if [ $((i % 2)) -eq 0 ]; then
			pairs+=("tree/$i/d" "links/$i")
		else
			pairs+=("tree/$i/d/sub" "links/$i")
		fi
	done
	swaps "${pairs[@]}"
	local least=1000000 most=0
	for ((i = 0; i < rounds; i++)); do
		for jobs in "$JOBS" 1; do
			JOBS=$jobs stays_confined '0 2' x tree
			most=$(($(wc -l <"$out") > most ? $(wc -l <"$out") : most))
			least=$(($(wc -l <"$out") < least ? $(wc -l <"$out") : least))
		done
		stays '0 2' --files tree
	done
	swapped
	# It has seen both; what was never swapped is always there.
	echo "lines: $least to $most"
	[ "$least" -lt 160 ] && [ "$least" -ge 60 ]
	for i in {10..49}; do
		command grep -qx "tree/$i/z" "$out"
	done
}

@test "files that turn into FIFOs, links and directories: nothing is waited for or followed" {
	local i pairs=() to
	mkdir -p tree others outside
	echo 'x secret' >outside/f
	for i in {100..399}; do
		echo x >"tree/$i"
		case $((i % 3)) in
		0) mkfifo "others/$i" ;;
		1) ln -s "$PWD/outside/f" "others/$i" ;;
		2) mkdir "others/$i"; echo x >"others/$i/f" ;;
		esac
		[ "$i" -ge 397 ] || pairs+=("tree/$i" "others/$i")
	done
	swaps "${pairs[@]}"
	for ((i = 0; i < rounds; i++)); do
		stays_confined '0 2' x tree
		for to in 397 398 399; do
			command grep -qx "tree/$to:x" "$out"
		done
		# What has become something else in time for that is an error of that name alone.
		lines_like '^pgrep-r: tree/[0-9]+(/f?)?: (Is a directory|Not a directory)$|^pgrep-r: [0-9]+ files? not searched whole: [0-9]+ unreadable$' "$err"
	done
	swapped
}

@test "directories that are renamed out of the tree and back, far down: no hang, no crash" {
	local i path=tree pairs=()
	mkdir tree outside
	for ((i = 0; i < 150; i++)); do
		mkdir -p "$path/d" "$path/e"
		echo x | tee "$path/e/f" "$path/f" >/dev/null
		path+=/d
		# Farther down than directories are held open: the way back leads through "..".
		[ "$i" -ne 74 ] || pairs=("$path" outside/d)
	done
	mkdir outside/d
	echo x >outside/d/only
	swaps "${pairs[@]}"
	for ((i = 0; i < rounds; i++)); do
		stays_confined '0 2' x tree
		command grep -qx 'tree/f:x' "$out"
		# The second is what openat2 says of a path that has left the tree.
		lines_like '^pgrep-r: (.*: (Stale file handle|Invalid cross-device link)|.* not searched whole: [0-9]+ unreadable)$' "$err"
	done
	swapped
}

@test "operands that turn into something else: no hang, nothing outside" {
	local i
	mkdir a b outside
	echo x | tee a/f b/f file dir.f >/dev/null
	echo 'x secret' >outside/f
	ln -s missing dangling
	swaps a file b dangling file dir.f
	for ((i = 0; i < 2 * rounds; i++)); do
		stays_confined '0 1 2' x a b file
	done
	swapped
}

@test "a mount that vanishes while it is searched" {
	[ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null || skip "mounting is not permitted"
	[ -z "${VALGRIND:-}" ] || skip "too slow to be in time"
	mkdir -p tree/mount
	mkfifo pipe
	echo x | tee tree/a tree/z >/dev/null
	cat >script <<-'END'
		mount -t tmpfs tmpfs tree/mount || exit 99
		perl -e 'for my $d (10 .. 59) { mkdir "tree/mount/$d"; for (100 .. 199) {
			open my $f, ">", "tree/mount/$d/$_"; print $f "x ", "." x 1000, "\n" } }'
		"$@" >pipe 2>err &
		program=$!
		exec 5<pipe
		# It is in the midst of it: nobody reads.
		head -c 1000 <&5 >out
		umount -l tree/mount || exit 98
		cat <&5 >>out
		wait $program
	END
	local status mode session
	for mode in off auto landlock; do
		status=0
		setsid -w timeout -k 1 30 unshare -m bash script "$PGREP_R" -j "$JOBS" --sandbox="$mode" x tree &
		session=$!
		wait "$session" || status=$?
		echo "$mode: $status, $(wc -l <out) lines, $(wc -l <err) messages"
		[ "$status" -eq 0 ] || [ "$status" -eq 2 ]
		command grep -qx 'tree/a:x' out
		command grep -qx 'tree/z:x' out
		# All is there, or what is not is told of, but for what is simply gone.
		[ "$status" -eq 0 ] || [ -s err ]
		lines_like '^pgrep-r: ' err
		no_workers_left "$session"
	done
}

@test "/proc: an end, and no hang" {
	[ -z "${VALGRIND:-}" ] || skip "too slow"
	local status=0
	# Its largest file has no end, others never give anything.
	try 0 --hidden --deadline=6 --file-timeout=1 '[n]eedle of this test' /proc >said || status=$?
	cat said
	[ "$status" -eq 0 ] || command grep -qE '^status [12],' said
	lines_like '^pgrep-r: ' "$err"
}

@test "/sys: an end, and no hang" {
	[ -z "${VALGRIND:-}" ] || skip "too slow"
	local status=0
	try 0 --hidden --deadline=20 --file-timeout=1 '[n]eedle of this test' /sys >said || status=$?
	cat said
	[ "$status" -eq 0 ] || command grep -qE '^status [12],' said
	lines_like '^pgrep-r: ' "$err"
}

@test "a line of a gibibyte: cut short, in bounded memory, and all else is searched" {
	not_instrumented
	enter_large
	[ "$(df --output=avail -m . | tail -n 1)" -ge 1200 ] || skip "there is no room for it"
	mkdir tree
	perl -e 'print "needle before\n"; print "x" x (1 << 20) for 1 .. 1024; print " needle\nneedle behind\n"' >tree/long
	echo needle | tee tree/a tree/z >/dev/null
	measured 2 -n needle tree
	out_is tree/a:1:needle 'tree/long:1:needle before' 'tree/long:3:needle behind' tree/z:1:needle
	err_is 'pgrep-r: tree/long: searched in part: a line is too long' \
		'pgrep-r: 1 file not searched whole: 1 cut short'
	[ "$peak" -le $((160 * 1024)) ]
	# The longest line that a worker has no memory for, either.
	measured 2 --max-line=2G --worker-memory=200M -c needle tree
	command grep -qx tree/a:1 "$out"
	command grep -qx tree/z:1 "$out"
	command grep -q '^pgrep-r: tree/long: ' "$err"
	[ "$peak" -le $((300 * 1024)) ]
}

# Memory of 256 workers, and of the page tables of one, is looked at when all of them have
# searched, and one waits.
@test "256 workers, each of which has searched a large file: bounded memory" {
	not_instrumented
	local i pid workers=() sum tables
	mkdir tree
	# What a worker has read a large file into is not needed for the small ones behind it.
	perl -e 'for my $i (1 .. 24000) {
			open(my $file, ">", sprintf("tree/f%05d", $i)) or die;
			print $file "needle $i\n";
			truncate($file, 400000) or die if $i % 40 == 20;
		}'
	mkfifo fifo
	"$PGREP_R" -j 256 -a -c needle tree fifo >counts 3>&- &
	pid=$!
	for ((i = 0; i < 600; i++)); do
		[ "$(wc -l <counts)" -lt 24000 ] || break
		sleep 0.05
	done
	read -ra workers <"/proc/$pid/task/$pid/children" || true
	[ "${#workers[@]}" -eq 256 ]
	sum=$(for i in "$pid" "${workers[@]}"; do cat "/proc/$i/smaps_rollup"; done |
		awk '/^Pss:/ { sum += $2 } END { print sum }')
	tables=$(sed -n 's/^VmPTE:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/${workers[255]}/status")
	: >fifo
	wait "$pid"
	[ "$(command grep -c ':1$' counts)" -eq 24000 ]
	echo "$sum KiB, $tables KiB"
	[ "$sum" -gt 10000 ] && [ "$sum" -le 65536 ]
	# None has any for what is the parent's.
	[ "$tables" -gt 10 ] && [ "$tables" -le 200 ]
}

@test "a million names in one directory: bounded memory" {
	not_instrumented
	[ -n "${SLOW:-}" ] || skip "slow: make check-slow"
	enter_large
	mkdir tree
	perl -e 'chdir "tree"; for (1 .. 1e6) { open my $f, ">", sprintf("name-%08x", $_ * 2654435761 % 2 ** 32) or die }
		open my $f, ">", "name" or die; print $f "x\n"'
	seconds=300 measured 0 x tree
	out_is tree/name:x
	# The names, and what sorting them takes.
	[ "$peak" -le $((128 * 1024)) ]
	seconds=300 measured 0 --files tree
	[ "$(wc -l <"$out")" -eq 1000001 ]
	LC_ALL=C sort -c "$out"
	[ "$peak" -le $((128 * 1024)) ]
}

@test "10,000 directories deep: bounded memory" {
	not_instrumented
	enter_large
	mkdir tree
	(cd tree && perl -e 'for (1 .. 10000) { mkdir "dir" or die; chdir "dir" or die; if ($_ % 500 == 0) { open my $f, ">", "f"; print $f "x\n" } }')
	measured 0 -c x tree
	[ "$(wc -l <"$out")" -eq 20 ]
	[ "$peak" -le $((64 * 1024)) ]
}
