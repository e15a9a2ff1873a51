# What every .bats file loads: `load helpers`.
#
#   PGREP_R  the program under test (default: the one that was built)
#   JOBS     its number of workers (default 2); the suite is run with several
#   TEST_SEED  replays a random test; printed by each one that fails
#
# shellcheck shell=bash

TESTS=$BATS_TEST_DIRNAME
: "${PGREP_R:=$TESTS/../build/pgrep-r}"
PGREP_R=$(readlink -f "$PGREP_R")
: "${JOBS:=2}"
# Whatever options the user is fond of.
export PGREP_R_CONFIG=

# The peer is asked in a UTF-8 locale, where its patterns mean what ours always mean.
gnu_grep() {
	LC_ALL=C.UTF-8 command grep "$@"
}

# Prints where ripgrep is, if it is: $RG, that which scripts/bench has fetched, or any.
find_ripgrep() {
	local rg
	for rg in "${RG:-}" "$TESTS/../build/bench/package/bin/rg" "$(command -v rg)"; do
		[ -x "$rg" ] || continue
		echo "$rg"
		return 0
	done
	return 1
}

# pr ARG...: the program, with the suite's number of workers.
pr() {
	"$PGREP_R" -j "$JOBS" "$@"
}

# Tests run in an empty directory of their own.
enter_tmp() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# For files of tests that have nothing else to prepare.
setup() {
	enter_tmp
	untraced
}

# many COUNT: that many files with a needle, in tree.
many() {
	mkdir -p tree
	perl -e 'for (1 .. $ARGV[0]) { open F, sprintf(">tree/%05d", $_) or die; print F "needle $_\n" }' "$1"
}

# Of setup_file: makes $shim, which has calls of the C library do other things for a program
# that preloads it; see fixtures/shim.c.
make_shim() {
	export shim=$BATS_FILE_TMPDIR/shim.so
	cc -shared -fPIC -O1 -o "$shim" "$BATS_TEST_DIRNAME/fixtures/shim.c" -ldl
	cd "$BATS_FILE_TMPDIR" || return 1
}

wrap=()

# try STATUS ARG...: runs the program strictly.  Standard output and error go to
# $BATS_TEST_TMPDIR.out and .err (their names are in $out and $err).  Fails on
# another status, a core file, a word of a sanitizer or valgrind, or a process
# that is still there.  Standard input is empty unless $input names a file.  The
# array wrap is the command that starts the program, if any.
try() {
	local expected=$1 status=0 leader
	shift
	out=$BATS_TEST_TMPDIR.out
	err=$BATS_TEST_TMPDIR.err
	setsid -w "${wrap[@]}" "$PGREP_R" -j "$JOBS" "$@" <"${input:-/dev/null}" >"$out" 2>"$err" &
	leader=$!
	wait "$leader" || status=$?
	if [ "$status" -ne "$expected" ]; then
		echo "status $status, expected $expected: pgrep-r $*"
		head -c 2000 "$err"
		return 1
	fi
	if [ -s "$err" ] && command grep -aE 'AddressSanitizer|runtime error:|LeakSanitizer|==[0-9]+== (Invalid|Cond|Use|Syscall)' "$err"; then
		return 1
	fi
	if compgen -G 'core*' >/dev/null; then
		echo "a core file was left"
		return 1
	fi
	no_workers_left "$leader"
}

# No worker of a program that has ended may be there: in its process group, where that
# is known.  A killed one may take a moment.
no_workers_left() {
	local i
	for ((i = 0; i < 50; i++)); do
		if [ -n "${1:-}" ]; then
			kill -0 -- "-$1" 2>/dev/null || return 0
		else
			workers_of_nobody || return 0
		fi
		sleep 0.05
	done
	echo "workers are left:"
	ps -eo pid,ppid,stat,args | command grep '[p]grep-r: worker'
	return 1
}

# Whether there is a worker whose parent is not a pgrep-r that runs.
workers_of_nobody() {
	local pid parent
	for pid in $(pgrep -f '^pgrep-r: worker' || true); do
		parent=$(ps -o ppid= -p "$pid" | tr -d ' ')
		[ -n "$parent" ] || continue
		[ "$(readlink "/proc/$parent/exe" 2>/dev/null)" = "$PGREP_R" ] || return 0
	done
	return 1
}

# not COMMAND...: fails where the command succeeds; bats passes over a "!".
not() {
	! "$@"
}

# same FILE FILE: equal bytes, or the start of the difference.
same() {
	cmp -s "$1" "$2" && return 0
	diff <(cat -A "$1") <(cat -A "$2") | head -20
	return 1
}

# out_is LINE..., err_is LINE...: what try has caught is these lines and no more.
out_is() {
	lines_are "$out" "$@"
}

err_is() {
	lines_are "$err" "$@"
}

lines_are() {
	local file=$1
	shift
	{ [ "$#" -eq 0 ] || printf '%s\n' "$@"; } >"$file.expected"
	same "$file.expected" "$file"
}

# like TEXT PATTERN: the text matches the shell's pattern, or is shown.
like() {
	# shellcheck disable=SC2053 # it is a pattern
	[[ $1 == $2 ]] && return 0
	printf 'not like %q: %q\n' "$2" "${1:0:2000}"
	return 1
}

# Makes tests of many runs twice as fast: bats no longer follows each command within
# functions.  For setup; a test whose failing command is none of ours then has no line.
untraced() {
	set +T
}

# Seeds $RANDOM for a random test and says how to replay it.
seed_random() {
	TEST_SEED=${TEST_SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
	RANDOM=$TEST_SEED
	echo "replay with TEST_SEED=$TEST_SEED"
}
