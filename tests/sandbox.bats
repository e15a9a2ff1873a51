# The sandbox of workers: what is enforced, where it works, and that nothing else changes.
#
# out and err are set by try, pid by start, which uses wrap:
# shellcheck disable=SC2154,SC2034,SC2153

bats_require_minimum_version 1.5.0
load helpers
load fixtures/processes

setup_file() {
	export BATS_TEST_TIMEOUT=120
	cd "$BATS_FILE_TMPDIR" || return 1
	cc -std=c17 -D_GNU_SOURCE -O1 -o takeover "$BATS_TEST_DIRNAME/hostile/takeover.c"
	cc -o forbid "$BATS_TEST_DIRNAME/fixtures/forbid.c" -lseccomp
	mkdir -p tree/sub/deeper other
	printf '%s\n' 'needle one' two >tree/1
	echo 'needle é' >tree/sub/2
	echo 'needle three' >tree/sub/deeper/3
	echo 'needle four' >other/4
	ln -s tree link
	# What an ordinary user can get at, wherever the tests lie.
	open_to_all
}

# The program and the tree, for an ordinary user.
open_to_all() {
	shared=$(mktemp -d)
	echo "$shared" >"$BATS_FILE_TMPDIR/shared"
	cp -a "$BATS_FILE_TMPDIR"/{tree,other,link,takeover,forbid} "$shared"
	cp "$PGREP_R" "$shared/pgrep-r"
	chmod -R a+rX "$shared"
}

teardown_file() {
	rm -rf "$(cat "$BATS_FILE_TMPDIR/shared")"
}

setup() {
	untraced
	[ -z "${VALGRIND:-}" ] || skip "valgrind makes system calls of its own: no filter"
	shared=$(cat "$BATS_FILE_TMPDIR/shared")
	cd "$shared" || return 1
	stats=(--stats=json)
}

# as_user COMMAND...: somebody without any right.
as_user() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}

# has VIEW FILTER: what the last try's --stats say.
has() {
	like "$(tail -n 1 "$err")" "*\"sandbox\":{\"view\":\"$1\",\"filter\":$2*"
}

# Whether the sandbox of this name can be had, as far as is known without the program.
can() {
	case $1 in
	jail) unshare -m true 2>/dev/null || unshare -Um true 2>/dev/null ;;
	landlock) "$BATS_TEST_DIRNAME/fixtures/landlock-abi" >/dev/null ;;
	esac
}

needs() {
	can "$1" || skip "this kernel, or who runs it, does not allow: $1"
}

whole() {
	printf '%s\n' 'tree/1:needle one' 'tree/sub/2:needle é' 'tree/sub/deeper/3:needle three'
}

@test "auto: a jail for trees, Landlock for files and standard input" {
	needs jail
	needs landlock
	try 0 "${stats[@]}" needle tree
	has 'mount jail' true
	try 0 "${stats[@]}" needle tree other
	has 'mount jail' true
	try 0 "${stats[@]}" needle tree/1
	has Landlock true
	try 0 "${stats[@]}" needle tree other/4
	has Landlock true
	input=tree/1 try 0 "${stats[@]}" needle
	has Landlock true
}

@test "each sandbox by its name" {
	local mode view
	for mode in jail:'mount jail' landlock:Landlock; do
		view=${mode#*:} mode=${mode%%:*}
		can "$mode" || continue
		try 0 "${stats[@]}" "--sandbox=$mode" needle tree
		has "$view" true
		whole >expected
		same expected "$out"
	done
	try 0 "${stats[@]}" --sandbox=off needle tree
	has 'open file system' false
	same expected "$out"
	try 0 "${stats[@]}" --sandbox=require needle tree
	like "$(tail -n 1 "$err")" '*"filter":true*'
}

@test "the same bytes with each sandbox: a tree, several, relative, by a link, files, all of them" {
	local mode
	: >none
	for mode in jail landlock off; do
		[ "$mode" = off ] || can "$mode" || continue
		try 0 "--sandbox=$mode" needle tree other
		{ whole; echo other/4:needle four; } >expected
		same expected "$out" || return 1
		try 0 "--sandbox=$mode" needle link/ ./other
		out_is 'link/1:needle one' 'link/sub/2:needle é' 'link/sub/deeper/3:needle three' \
			./other/4:'needle four' || return 1
		try 0 "--sandbox=$mode" needle link
		[ "$(wc -l <"$out")" -eq 3 ] || return 1
		try 0 "--sandbox=$mode" needle "$shared/tree"
		[ "$(wc -l <"$out")" -eq 3 ] || return 1
		try 0 "--sandbox=$mode" needle tree/1
		out_is 'needle one' || return 1
		try 0 "--sandbox=$mode" needle tree/1 other tree/sub/2 none
		out_is tree/1:'needle one' other/4:'needle four' tree/sub/2:'needle é' || return 1
		(cd tree && try 0 "--sandbox=$mode" needle && mv "$out" "$shared/here") || return 1
		whole | sed s,^tree/,, >expected
		same expected here || return 1
		(cd tree/sub && try 0 "--sandbox=$mode" needle .. && mv "$out" "$shared/here") || return 1
		[ "$(wc -l <here)" -eq 3 ] || return 1
		try 2 "--sandbox=$mode" needle tree gone
		[ "$(wc -l <"$out")" -eq 3 ] || return 1
		input=tree/1 try 0 "--sandbox=$mode" -H needle - tree/1
		out_is '(standard input):needle one' tree/1:'needle one' || return 1
	done
}

@test "the root of all as root" {
	[ "$(id -u)" -eq 0 ] || skip "needs a file system of its own: only root may mount one"
	local mode
	mkdir -p small
	for mode in jail landlock; do
		can "$mode" || continue
		# A system that has nothing but the program and what it needs.
		# shellcheck disable=SC2016 # for the inner shell
		unshare -m sh -e -c '
			mount -t tmpfs none small
			mkdir -p small/proc small/dev small/old small/usr small/tree
			mount --rbind /usr small/usr
			for link in bin lib lib64; do ln -s usr/$link small/$link; done
			mount --rbind /proc small/proc; mount --rbind /dev small/dev
			cp pgrep-r small/; echo needle >small/tree/1; cd small; pivot_root . old
			umount -l old; cd /; umount -l usr/include 2>/dev/null || true
			exec /pgrep-r --stats=json --max-filesize=100 --sandbox='"$mode"' \
				-l "^needle$" / </dev/null' >out 2>err || [ $? -eq 2 ]
		like "$(grep -x /tree/1 out)" /tree/1 || return 1
	done
}

@test "an ordinary user has the same" {
	local mode
	for mode in auto jail landlock require; do
		as_user unshare -Um true 2>/dev/null || [ "$mode" != jail ] || continue
		as_user ./pgrep-r -j "$JOBS" "${stats[@]}" "--sandbox=$mode" needle tree >"$BATS_TEST_TMPDIR/out" \
			2>"$BATS_TEST_TMPDIR/err" </dev/null || return 1
		whole >"$BATS_TEST_TMPDIR/expected"
		same "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/out" || return 1
		like "$(cat "$BATS_TEST_TMPDIR/err")" '*"filter":true*' || return 1
	done
}

# The command, without any right, where no user namespace can be made.
without_namespaces() {
	# shellcheck disable=SC2016 # for the inner shell
	unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces &&
		exec setpriv --bounding-set=-all --inh-caps=-all "$@"' sh "$@"
}

@test "where user namespaces are forbidden: Landlock, and a jail is refused" {
	needs landlock
	unshare -Ur true 2>/dev/null || skip "user namespaces are forbidden here, too: the other tests tell"
	without_namespaces ./pgrep-r "${stats[@]}" needle tree >here 2>err </dev/null
	whole >expected
	same expected here
	like "$(cat err)" '*"view":"Landlock","filter":true,"missed":"a mount jail"*'
	without_namespaces ./pgrep-r --sandbox=require needle tree >here </dev/null
	same expected here
	local status=0
	without_namespaces ./pgrep-r --sandbox=jail needle tree >here 2>err </dev/null || status=$?
	[ "$status" -eq 71 ]
	like "$(cat err)" 'pgrep-r: --sandbox: cannot have a mount jail: *'
	[ ! -s here ]
}

@test "in a container" {
	command -v bwrap >/dev/null || skip "bubblewrap is not installed"
	local box=(bwrap --ro-bind / / --dev /dev --proc /proc --unshare-all --die-with-parent)
	"${box[@]}" true 2>/dev/null || skip "bubblewrap cannot make a container here"
	whole >expected
	"${box[@]}" ./pgrep-r "${stats[@]}" needle tree >here 2>err </dev/null
	same expected here
	like "$(cat err)" '*"filter":true*'
	needs landlock
	"${box[@]}" --disable-userns --unshare-user ./pgrep-r --stats=json --sandbox=require needle tree >here 2>err </dev/null
	same expected here
	like "$(cat err)" '*"filter":true*'
}

# Calls that a kernel without these features, or a container, refuses.
no_jail=(unshare:1)
no_landlock=(landlock_create_ruleset:38)

@test "where neither can be had, auto goes on and says so; who insists is refused" {
	[ -z "${SANITIZED:-}" ] || skip "the filter that forbids also forbids the sanitizer's calls"
	./forbid "${no_jail[@]}" "${no_landlock[@]}" -- ./pgrep-r -j "$JOBS" "${stats[@]}" needle tree \
		>here 2>err </dev/null
	whole >expected
	same expected here
	like "$(cat err)" '*"view":"open file system","filter":true,"missed":"Landlock","reason":"Function not implemented"*'
	local mode status
	for mode in require landlock; do
		status=0
		./forbid "${no_jail[@]}" "${no_landlock[@]}" -- ./pgrep-r "--sandbox=$mode" needle tree \
			>here 2>err </dev/null || status=$?
		[ "$status" -eq 71 ] || return 1
		like "$(cat err)" 'pgrep-r: --sandbox: cannot have Landlock: Function not implemented' || return 1
		[ ! -s here ] || return 1
	done
}

@test "where openat2 is refused, directories are opened name by name" {
	./forbid openat2:1 -- ./pgrep-r --sandbox=off needle tree >here </dev/null
	whole >expected
	same expected here
	./forbid openat2:38 -- ./pgrep-r needle tree >here </dev/null
	same expected here
}

@test "with and without JIT code" {
	try 0 --sandbox=require '(*NO_JIT)needle' tree
	whole >expected
	same expected "$out"
	try 0 --sandbox=require -i 'NEEDLE (?=\w)' tree
	same expected "$out"
}

# field FILE NAME: of /proc/PID/status or limits.
field() {
	sed -n "s/^$2:\{0,1\}[[:space:]]\{1,\}//p" "$1"
}

@test "what a worker has left: no rights, no descriptors, limits" {
	needs jail
	mkdir "$BATS_TEST_TMPDIR/large"
	perl -e 'print "needle " x 100, "\n" for 1 .. 20000' >"$BATS_TEST_TMPDIR/large/1"
	cd "$BATS_TEST_TMPDIR"
	mkfifo pipe
	to=pipe start "$PGREP_R" -j 1 --worker-memory=100M needle large
	exec {pipe}<pipe
	settle
	local worker
	worker=$(workers)
	[ "$(field "/proc/$worker/status" NoNewPrivs)" = 1 ]
	[ "$(field "/proc/$worker/status" Seccomp)" = 2 ]
	[ "$(cat "/proc/$worker/oom_score_adj")" = 1000 ]
	like "$(field "/proc/$worker/limits" 'Max core file size')" '0 *0 *'
	[ -n "${SANITIZED:-}" ] || like "$(field "/proc/$worker/limits" 'Max file size')" '0 *0 *'
	[ -n "${SANITIZED:-}" ] ||
		# What it inherited, and that.
		[ "$(field "/proc/$worker/limits" 'Max data size' | awk '$1 == $2 { print int($1 / 1048576 / 10) }')" -eq 10 ]
	# To read any file, and to leave its times alone.
	[ "$(id -u)" -ne 0 ] || [ "$(field "/proc/$worker/status" CapPrm)" = 000000000000000c ]
	[ "$(field "/proc/$worker/status" CapEff)" = "$(field "/proc/$worker/status" CapPrm)" ]
	[ "$(readlink "/proc/$worker/ns/mnt")" != "$(readlink "/proc/$pid/ns/mnt")" ]
	# The operand, and nothing else.
	[ "$(ls "/proc/$worker/root")" = 0 ]
	# Standard error; the other two are of the tree, or nothing's.
	[ "$(readlink "/proc/$worker/fd/0")" = /dev/null ]
	[ "$(find "/proc/$worker/fd" -lname '*memfd*' -o -lname '*pipe*' | wc -l)" -eq 0 ]
	# No memory that can be both written and executed.
	[ -n "${SANITIZED:-}" ] || [ "$(grep -c ' rwx' "/proc/$worker/maps")" -eq 0 ]
	kill -KILL "$pid"
	exec {pipe}<&-
	no_workers_left "$pid"
}

@test "Ctrl-Z and fg: no worker dies" {
	cd "$BATS_TEST_TMPDIR"
	mkfifo last
	exec {fifo}<>last
	start "$PGREP_R" -j "$JOBS" "${stats[@]}" --sandbox=require needle "$shared/tree" last
	local i
	for ((i = 0; i < 5; i++)); do
		settle
		kill -TSTP -- "-$pid"
		soon stopped
		sleep 0.05
		kill -CONT -- "-$pid"
	done
	echo 'needle last' >last
	exec {fifo}>&-
	ends 0
	[ "$(wc -l <out)" -eq 4 ]
	like "$(cat err)" '*"lost":0,*'
}

# All of the group are stopped.
stopped() {
	[ "$(ps -o stat= -p "$(pgrep -d, -g "$pid")" | command grep -vc '^T')" -eq 0 ]
}

# taken_over COMMAND MODE: all attempts of a worker that is taken over fail.
taken_over() {
	[ "$(uname -m)" = x86_64 ] || skip "the registers of this machine are not known to the test"
	[ -z "${SANITIZED:-}" ] || skip "a sanitizer's own calls are let through"
	mkdir "$BATS_TEST_TMPDIR/large"
	perl -e 'print "needle " x 100, "\n" for 1 .. 20000' >"$BATS_TEST_TMPDIR/large/1"
	chmod -R a+rX "$BATS_TEST_TMPDIR"
	large=$shared/large$BATS_TEST_NUMBER
	mv "$BATS_TEST_TMPDIR/large" "$large"
	./takeover "$1" "$2" "$large" >"$BATS_TEST_TMPDIR/attempts" 2>&1 </dev/null
	cat "$BATS_TEST_TMPDIR/attempts"
	not command grep -q '^Bail out' "$BATS_TEST_TMPDIR/attempts"
}

attempts_fail() {
	taken_over "$@"
	not command grep -q '^not ok' "$BATS_TEST_TMPDIR/attempts"
	[ "$(command grep -c '^ok' "$BATS_TEST_TMPDIR/attempts")" -gt 70 ]
	[ "$(ls "$large")" = 1 ]
}

may_trace() {
	[ "$(id -u)" -eq 0 ] || skip "only root may trace any process"
}

@test "a worker that is taken over in a jail: each attempt fails" {
	may_trace
	needs jail
	attempts_fail "$shared/pgrep-r" jail
}

@test "a worker that is taken over under Landlock: each attempt fails" {
	may_trace
	needs landlock
	attempts_fail "$shared/pgrep-r" landlock
}

@test "what an ordinary user may not read, no sandbox lets a worker read" {
	local mode
	mkdir closed
	echo needle >closed/file
	chmod 0 closed/file
	[ "$(id -u)" -ne 0 ] || chown -R 65534:65534 closed
	for mode in off jail landlock auto; do
		[ "$mode" = off ] || [ "$mode" = auto ] || can "$mode" || continue
		as_user unshare -Um true 2>/dev/null || [ "$mode" != jail ] || continue
		not as_user ./pgrep-r -j "$JOBS" "--sandbox=$mode" needle closed >said 2>&1 </dev/null
		like "$(head -n 1 said)" 'pgrep-r: closed/file: Permission denied'
	done
}

@test "an ordinary user's worker that is taken over: each attempt fails" {
	may_trace
	needs landlock
	as_user unshare -Um true 2>/dev/null || skip "an ordinary user may make no namespaces here"
	printf '#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups %q "$@"\n' \
		"$shared/pgrep-r" >user
	chmod a+x user
	attempts_fail "$shared/user" jail
}

@test "without a sandbox attempts succeed: the test can tell" {
	may_trace
	taken_over "$shared/pgrep-r" off
	command grep -q '^not ok .* open a file outside: done' "$BATS_TEST_TMPDIR/attempts"
	[ "$(command grep -c '^not ok' "$BATS_TEST_TMPDIR/attempts")" -ge 7 ]
	not command grep '^ok' "$BATS_TEST_TMPDIR/attempts"
}

@test "bad modes are told of" {
	try 64 --sandbox=maybe x tree
	err_is "pgrep-r: --sandbox: 'maybe' is none of auto, jail, landlock, require and off"
	try 64 --sandbox
	try 64 --stats=xml x tree
	err_is "pgrep-r: --stats: 'xml' is none of text and json"
}

@test "each line of README's table on attackers is backed by a test of that name" {
	local file name rows=0 top=$BATS_TEST_DIRNAME
	while IFS=$'\t' read -r file name; do
		rows=$((rows + 1))
		case $file in
		hostile/*) [ -x "$top/$file" ] ;;
		*) command grep -qF "@test $name {" "$top/$file.bats" ;;
		esac || {
			echo "no such test: $file $name"
			return 1
		}
	done < <(sed -n '/^| an attacker who/,/^$/s/.*| \([a-z/]*\): \([^|]*\) |$/\1\t\2/p' "$top/../README.md")
	[ "$rows" -ge 15 ]
	[ "$rows" -eq "$(sed -n '/^| an attacker who/,/^$/p' "$top/../README.md" | command grep -vc -e '^| an' -e '^| ---' -e '^$')" ]
}

@test "a jail that fails at its last step: relative names mean what they meant" {
	needs landlock
	[ -z "${SANITIZED:-}" ] || skip "the filter that forbids also forbids the sanitizer's calls"
	local call
	whole >expected
	for call in pivot_root umount2 move_mount mount_setattr fsmount fsopen open_tree mount unshare; do
		./forbid "$call:1" -- ./pgrep-r -j "$JOBS" "${stats[@]}" --sandbox=require needle tree \
			>here 2>err </dev/null || return 1
		same expected here || return 1
		like "$(cat err)" '*"filter":true*"missed":"a mount jail"*' || return 1
	done
}

@test "without Landlock a file is searched in a jail" {
	needs jail
	[ -z "${SANITIZED:-}" ] || skip "the filter that forbids also forbids the sanitizer's calls"
	./forbid "${no_landlock[@]}" -- ./pgrep-r "${stats[@]}" --sandbox=require needle tree/1 \
		>here 2>err </dev/null
	[ "$(cat here)" = 'needle one' ]
	like "$(cat err)" '*"view":"mount jail","filter":true*'
}

@test "a jail and a directory as standard input: no way out" {
	needs jail
	[ -z "${SANITIZED:-}" ] || skip "the test stops workers of its own"
	cd "$BATS_TEST_TMPDIR"
	mkfifo last
	exec {fifo}<>last
	start sh -c 'exec "$@" <.' sh "$PGREP_R" -j 1 --sandbox=jail needle "$shared/tree" last -
	soon on_fifo
	[ "$(readlink "/proc/$(workers)/fd/0")" = /dev/null ]
	kill -KILL -- "-$pid"
	exec {fifo}>&-
}

on_fifo() {
	local worker
	worker=$(workers) && [ "$(grep -c Seccomp:.2 "/proc/$worker/status" 2>/dev/null)" = 1 ]
}

@test "a setting of the C library that asks for huge pages kills no worker" {
	perl -e 'print "x" x 9_000_000, " needle\n"' >"$BATS_TEST_TMPDIR/long"
	GLIBC_TUNABLES=glibc.malloc.hugetlb=1 ./pgrep-r -c needle "$BATS_TEST_TMPDIR/long" >here 2>err </dev/null
	[ "$(cat here)" = 1 ]
}

@test "files of a mount that a worker does not see are told of" {
	needs jail
	[ "$(id -u)" -eq 0 ] || skip "only root may mount"
	cd "$BATS_TEST_TMPDIR"
	mkdir -p tree/a tree/b
	perl -e 'for (1 .. 6000) { open F, ">", sprintf "tree/a/%04d", $_; print F "abcd" x 2000, "\n" }'
	mkfifo pipe
	# The first name is printed at once, and nobody reads on.
	printf 'needle %s\n' {1..40000} >tree/a/0000
	to=pipe start unshare -m "$PGREP_R" -j 1 --sandbox=jail needle tree
	exec {pipe}<pipe
	settle
	# shellcheck disable=SC2016 # for the inner shell
	nsenter -m -t "$pid" sh -c 'mount -t tmpfs none "$1" && echo needle >"$1/new"' sh "$PWD/tree/b" || skip "cannot mount there"
	cat <&"$pipe" >out
	exec {pipe}<&-
	ends 2
	lines_are err 'pgrep-r: tree/b/new: Stale file handle' 'pgrep-r: 1 file not searched whole: 1 unreadable'
}
