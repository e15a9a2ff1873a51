# System calls: a file costs four, a batch next to none.
#
# out and err are set by try, which uses wrap:
# shellcheck disable=SC2154,SC2034

bats_require_minimum_version 1.5.0
load helpers

setup_file() {
	export BATS_TEST_TIMEOUT=120
	cd "$BATS_FILE_TMPDIR" || return 1
	perl -e 'mkdir "tree"; for my $d (100 .. 149) { mkdir "tree/$d";
		for my $f (100 .. 259) { open F, ">", "tree/$d/$f" or die; print F "line $f\n" } }'
}

setup() {
	[ -z "${SANITIZED:-}${VALGRIND:-}" ] || skip "their own calls would count"
	cd "$BATS_FILE_TMPDIR" || return 1
	strace -f -c -o calls true 2>/dev/null || skip "strace cannot trace here"
}

# made CALL...: how many of these calls the last try has made.
made() {
	awk -v names=" $* " 'index(names, " " $NF " ") { sum += $4 } END { print sum + 0 }' calls
}

# at_most NUMBER CALL...: of these calls.
at_most() {
	local most=$1
	shift
	[ "$(made "$@")" -le "$most" ] || {
		echo "$(made "$@") of $*, more than $most"
		return 1
	}
}

@test "a file is opened, looked at and read, and closed with others" {
	local files=4000 directories=26 more=$((200 + 100 * JOBS))
	wrap=(strace -f -c -o calls)
	try 1 -uuu needle tree/1[0-1]? tree/12[0-4]
	# All of them, or it would be few for another reason.
	[ "$(made fstat)" -ge "$files" ]
	at_most $((files + more)) fstat
	at_most $((files + 8 * directories + more)) open openat openat2
	at_most $((files + more)) read pread64 readv
	at_most $((files / 4 + 8 * directories + more)) close close_range
	at_most $((2 * directories + 10)) getdents64
	# Neither of a name nor of what was opened.
	at_most $((4 * directories + more)) stat lstat newfstatat statx access readlink
	at_most $((files / 4 + more)) lseek mmap munmap fcntl brk poll clock_gettime madvise
}

# futexes: how often a search of all wakes somebody.
futexes() {
	wrap=(strace -f "${bpf[@]}" -e "trace=futex,futex_waitv" -o calls)
	try 1 -uuu needle tree || return 1
	woken=$(command grep -c FUTEX_WAKE calls)
}

@test "workers and parent wake each other less than once in ten batches" {
	local most=$((8000 / 64 / 10 + 10 * JOBS)) best=1000000 bpf=() i woken
	! strace -f --seccomp-bpf -o calls true 2>/dev/null || bpf=(--seccomp-bpf)
	# Where the machine is busy a worker may be done before the parent has its turn.
	for ((i = 0; i < 4 && best > most; i++)); do
		futexes
		echo "$woken calls"
		[ "$woken" -ge "$best" ] || best=$woken
	done
	[ "$best" -le "$most" ]
}
