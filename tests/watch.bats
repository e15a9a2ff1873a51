# --watch: what is appended, and what comes to be, each line once, whatever happens to the
# files.  Random tests are those of fixtures/writer.pl.
#
# shellcheck disable=SC2030,SC2031 # each test has its own pid
# shellcheck disable=SC2154 # err is set by the helpers

load helpers
load fixtures/processes

setup_file() {
	export BATS_TEST_TIMEOUT=120
	make_shim
}

setup() {
	enter_tmp
	[ -z "${VALGRIND:-}" ] || skip "a script is in between"
	mkdir t
	untraced
}

wrap=() mark=0

# watch ARG...: starts it, and waits until it watches: the file t/ready is appended to
# until it says so.  Its process id goes to $pid.
watch() {
	start_watch "$@"
	until_watching
}

start_watch() {
	: >out
	# Also the signals that a shell, or nohup, has what it starts ignore.
	setsid env --default-signal=INT,HUP,TERM "${wrap[@]}" "$PGREP_R" -j "$JOBS" --watch "$@" >out 2>err </dev/null &
	pid=$!
}

until_watching() {
	local i
	for ((i = 0; i < 500; i++)); do
		echo READY >>t/ready
		! command grep -q READY out || return 0
		sleep 0.01
	done
	echo "it does not watch:"
	cat err
	return 1
}

# shown TEXT FILE: waits until a file has it.
shown() {
	local i
	for ((i = 0; i < 1000; i++)); do
		! command grep -qF "$1" "$2" || return 0
		sleep 0.01
	done
	return 1
}

# told COUNT: waits until so many lines were printed, and then for what was appended last.
told() {
	local i
	for ((i = 0; i < 1000; i++)); do
		[ "$(said | wc -l)" -lt "$1" ] || break
		sleep 0.01
	done
	echo "READY $((++mark))" >>t/ready
	for ((i = 0; i < 500; i++)); do
		! command grep -q "READY $mark\$" out || break
		sleep 0.01
	done
}

# begin ARG...: as watch, for what prints no lines: of a file t/begin.
begin() {
	start_watch "$@"
	for ((i = 0; i < 500; i++)); do
		printf 'needle\n\0' >>t/begin
		[ ! -s out ] || return 0
		sleep 0.01
	done
	return 1
}

# until_found PATTERN: waits until there is such a line.
until_found() {
	local i
	for ((i = 0; i < 500; i++)); do
		! command grep -aq "$1" out || return 0
		sleep 0.01
	done
	cat out
	return 1
}

# printed COUNT: waits until so many lines were printed.
printed() {
	local i
	for ((i = 0; i < 500; i++)); do
		[ "$(wc -l <out)" -lt "$1" ] || break
		sleep 0.01
	done
}

# What was printed, but for the file that tells that it watches.
said() {
	command grep -av READY out || true
}

# says LINE...: just that was printed by now.
says() {
	told "$#"
	said >told.lines
	lines_are told.lines "$@"
}

# ends STATUS [SIGNAL]: as asked by the signal (TERM), or by itself if it is "".
ends() {
	local status=0 signal=${2-TERM}
	[ -z "$signal" ] || kill "-$signal" "$pid"
	wait "$pid" || status=$?
	[ "$status" -eq "$1" ] || echo "status $status, expected $1: $(cat err)"
	[ "$status" -eq "$1" ] || return 1
	! command grep -aE 'Sanitizer|runtime error:' err || return 1
	no_workers_left "$pid"
}

# All that was printed and said is told once more: "needle N" of each that was written.
same_lines() {
	sort "$1" >want
	told "$(wc -l <want)"
	said | sort >got
	same want got
}

@test "what is appended is searched, and nothing that was there before" {
	printf '%s\n' 'old needle' >t/a
	watch -e needle -e READY t
	printf '%s\n' 'needle 1' nothing >>t/a
	says 't/a:needle 1'
	printf '%s\n' nothing 'needle 2' >>t/a
	says 't/a:needle 1' 't/a:needle 2'
	ends 143
	lines_are err
}

@test "numbers and offsets of lines are those in the file" {
	printf '%s\n' one two three >t/a
	watch -n -b -e needle -e READY t
	echo 'needle 4' >>t/a
	says 't/a:4:14:needle 4'
	echo 'needle 5' >>t/a
	says 't/a:4:14:needle 4' 't/a:5:23:needle 5'
	printf '%s\n' one 'needle 2' >t/new
	says 't/a:4:14:needle 4' 't/a:5:23:needle 5' 't/new:2:4:needle 2'
	ends 143
}

@test "a line is printed once it is whole" {
	printf 'the needle' >t/a
	watch -n -e needle -e READY t
	printf ' was here' >>t/a
	printf 'a needle' >>t/b
	says
	printf ' before\nneedle' >>t/a
	says 't/a:1:the needle was here before'
	printf ' in b\n' >>t/b
	says 't/a:1:the needle was here before' 't/b:1:a needle in b'
	printf '\n' >>t/a
	says 't/a:1:the needle was here before' 't/b:1:a needle in b' 't/a:2:needle'
	ends 143
}

@test "at the deadline, a line without its end is one, too" {
	watch --deadline=500ms -e needle -e READY t
	printf 'needle 1\nneedle 2' >>t/a
	ends 0 ''
	said >told.lines
	lines_are told.lines 't/a:needle 1' 't/a:needle 2'
	lines_are err
}

@test "nothing selected by the deadline" {
	echo needle >t/a
	start_watch --deadline=200ms needle t
	ends 1 ''
	lines_are err
}

@test "a file that is renamed is searched to its end, then the one that takes its name" {
	echo needle 0 >t/log
	watch -n -e needle -e READY t
	for round in 1 2 3; do
		echo "needle old $round" >>t/log
		told $((round * 3 - 2))
		mv t/log "t/log.$round"
		echo "needle older $round" >>"t/log.$round"
		echo "needle new $round" >>t/log
		told $((round * 3))
	done
	says 't/log:2:needle old 1' 't/log.1:3:needle older 1' 't/log:1:needle new 1' \
		't/log:2:needle old 2' 't/log.2:3:needle older 2' 't/log:1:needle new 2' \
		't/log:2:needle old 3' 't/log.3:3:needle older 3' 't/log:1:needle new 3'
	ends 143
}

@test "of an operand that is a file, the same, and its directory's other files are not searched" {
	echo needle 0 >t/log
	touch t/ready
	watch -e needle -e READY t/log t/ready
	echo 'needle 1' >>t/log
	echo 'needle of another' >t/other
	says 't/log:needle 1'
	mv t/log t/log.1
	echo 'needle 2' >>t/log.1
	echo 'needle 3' >t/log
	says 't/log:needle 1' 't/log.1:needle 2' 't/log:needle 3'
	rm t/log
	echo 'needle 4' >t/log
	says 't/log:needle 1' 't/log.1:needle 2' 't/log:needle 3' 't/log:needle 4'
	: >t/log
	told 4
	echo 'needle 5' >>t/log
	says 't/log:needle 1' 't/log.1:needle 2' 't/log:needle 3' 't/log:needle 4' 't/log:needle 5'
	ends 143
	lines_are err
}

@test "an operand that is not there yet" {
	touch t/ready
	watch -H -e needle -e READY t/later t/ready
	echo needle >t/later
	says 't/later:needle'
	ends 143
	lines_are err 'pgrep-r: t/later: No such file or directory'
}

@test "a link that is named stands for what it leads to" {
	mkdir elsewhere
	touch elsewhere/log t/ready
	ln -s ../elsewhere/log t/link
	watch -e needle -e READY t/link t/ready
	echo needle >>elsewhere/log
	told 1
	said >told.lines
	lines_are told.lines "$PWD/elsewhere/log:needle"
	ends 143
}

@test "a file that is cut off is searched from its beginning" {
	seq 1000 >t/log
	watch -n -e needle -e READY t
	echo 'needle 1' >>t/log
	says 't/log:1001:needle 1'
	cp t/log copy
	: >t/log
	echo 'needle 2' >>t/log
	says 't/log:1001:needle 1' 't/log:1:needle 2'
	# Written over with something longer, in which no line starts where one did.
	printf '%s\n' 'another text than before' 'needle 3' >other
	cat other >t/log
	says 't/log:1001:needle 1' 't/log:1:needle 2' 't/log:2:needle 3'
	ends 143
}

@test "a file that is removed and made again, and again" {
	watch -n -e needle -e READY t
	for round in 1 2 3 4 5; do
		echo "needle $round" >t/log
		told "$round"
		rm t/log
	done
	says 't/log:1:needle '{1..5}
	ends 143
	lines_are err
}

@test "new directories and what is in them, made at once" {
	local number
	watch -h -e needle -e READY t
	for number in {1..40}; do
		mkdir -p "t/$number/a/b/c"
		echo "needle $number c" >"t/$number/a/b/c/f"
		echo "needle $number a" >"t/$number/a/f"
	done
	for number in {1..40}; do
		printf '%s\n' "needle $number a" "needle $number c"
	done >all
	same_lines all
	ends 143
	lines_are err
}

@test "files and directories that come, grow and move at random: each line once" {
	seed_random
	mkdir outside
	watch -h -e needle -e READY t
	perl "$TESTS/fixtures/writer.pl" t outside "$RANDOM" 250 >all
	same_lines all
	ends 143
	lines_are err
}

@test "ignore rules, hidden files, types and globs, as of a search" {
	mkdir t/.git t/skipped
	printf '%s\n' '*.log' /skipped >t/.gitignore
	watch -h -e needle -e READY t -g '!*.no'
	echo 'needle ignored' >t/a.log
	echo 'needle hidden' >t/.hidden
	echo 'needle beneath' >t/skipped/f
	echo 'needle excluded' >t/a.no
	mkdir -p t/new/skipped t/new/.hidden
	echo 'needle new' >t/new/skipped/f
	echo 'needle new ignored' >t/new/b.log
	echo 'needle hidden' >t/new/.hidden/f
	ln -s ../outside t/link
	mkdir outside
	echo 'needle outside' >outside/f
	says 'needle new'
	# What is renamed to what is wanted has come to be; in its new place it is followed.
	mv t/a.log t/a.txt
	echo 'needle more' >>t/a.txt
	says 'needle new' 'needle ignored' 'needle more'
	ends 143
}

@test "more events than the queue takes: nothing is lost, nothing repeated" {
	local directory
	for directory in {1..30}; do
		mkdir "t/$directory"
	done
	perl -e 'for $d (1 .. 30) { for $f (1 .. 10) { open $o, ">", "t/$d/$f"; print $o "old needle\n" } }'
	watch -h -e needle -e READY t
	kill -STOP "$pid"
	# Each event differs from the one before: none is left out.
	perl -e '
		for $f (1 .. 10) {
			open $to{"$f/$_"}, ">>", "t/$_/$f" or die for 1 .. 30;
		}
		for $round (1 .. 57) {
			for $o (values %to) {
				syswrite $o, "needle " . ++$n . "\n";
				print "needle $n\n";
			}
		}
		for $d (1 .. 30) {
			rename "t/$d/1", "t/$d/1.old" or die;
			rename "t/$d", "t/m$d" or die if $d > 20;
			mkdir "t/new$d" or die;
			for $file ($d > 20 ? "t/m$d/1" : "t/$d/1", "t/new$d/x") {
				open my $o, ">", $file or die;
				syswrite $o, "needle " . ++$n . "\n";
				print "needle $n\n";
			}
		}' >all
	kill -CONT "$pid"
	same_lines all
	# Where they are now, they are watched.
	echo 'needle last' | tee -a t/m21/1.old t/new30/y >/dev/null
	printf '%s\n' 'needle last' 'needle last' >>all
	same_lines all
	ends 143
	lines_are err
}

@test "the limit of watches: it is said, and the rest is looked at now and then" {
	unshare -Ur sh -c 'echo 3 >/proc/sys/user/max_inotify_watches' 2>/dev/null || skip "no user namespaces with limits"
	mkdir -p t/a/b/c t/d
	echo 'old needle' >t/a/b/c/f
	wrap=(unshare -Ur sh -c 'echo 3 >/proc/sys/user/max_inotify_watches; exec "$@"' sh)
	watch -h -e needle -e READY t
	echo 'needle 1' >>t/a/b/c/f
	echo 'needle 2' >>t/a/b/new
	mkdir t/d/e
	echo 'needle 3' >t/d/e/f
	told 3
	said | sort >told.lines
	lines_are told.lines 'needle 1' 'needle 2' 'needle 3'
	ends 143
	# shellcheck disable=SC2154 # set above
	like "$(<err)" 'pgrep-r: t/*: no more directories can be watched (the limit is fs.inotify.max_user_watches)*'
}

@test "a file that costs its worker is named, and searched on when it changes" {
	local preload=$shim
	[ -z "${SANITIZED:-}" ] || preload="$(ldd "$PGREP_R" | awk '/libasan/ { print $3 }') $preload"
	wrap=(env "LD_PRELOAD=$preload" SHIM_READ=abort SHIM_WORD=DEADLY)
	watch -h -e needle -e READY t
	echo 'needle 1' >>t/a
	told 1
	echo 'needle DEADLY' >>t/a
	echo 'needle 2' >>t/b
	told 2
	for ((i = 0; i < 200; i++)); do
		! command grep -q crashed err || break
		sleep 0.01
	done
	echo 'needle 3' >>t/a
	says 'needle 1' 'needle 2' 'needle 3'
	lines_are err 'pgrep-r: t/a: crashed (SIGABRT)'
	ends 143
}

@test "workers that are killed while nothing happens are not missed" {
	watch -h -e needle -e READY t
	# shellcheck disable=SC2046 # several
	kill -KILL $(pgrep -P "$pid" || true)
	sleep 0.05
	echo needle >>t/a
	says needle
	ends 143
	lines_are err
}

@test "thousands of files, and no work when nothing happens" {
	local before after
	perl -e 'for $d (1 .. 12) { mkdir "t/$d"; open $o, ">", "t/$d/$_" for 1 .. 250 }'
	watch -h -e needle -e READY t
	sleep 0.3
	before=$(wakeups)
	sleep 1
	after=$(wakeups)
	echo "wake-ups: $before $after"
	[ "$before" = "$after" ]
	perl -e 'for $f (1 .. 250) { for $d (1 .. 12) { open $o, ">>", "t/$d/$f"; print $o "needle ", ++$n, "\n"; print "needle $n\n" } }' >all
	same_lines all
	# A sanitizer keeps what was freed.
	[ -n "${SANITIZED:-}" ] || [ "$(awk '/VmRSS/ { print $2 }' "/proc/$pid/status")" -lt 16000 ]
	ends 143
}

# How often the program and its workers have slept.
wakeups() {
	local process
	for process in "$pid" $(pgrep -P "$pid"); do
		command grep ctxt "/proc/$process/status"
	done | awk '/^voluntary/ { sum += $2 } END { print sum }'
}

@test "signals end it as they end a search" {
	for signal in INT:130 TERM:143 HUP:129; do
		watch READY t
		ends "${signal#*:}" "${signal%:*}"
		lines_are err
	done
}

@test "it ends with whoever reads its output" {
	local status=0
	mkfifo pipe
	setsid "$PGREP_R" -j "$JOBS" --watch READY t >pipe 2>err </dev/null &
	pid=$!
	exec 7<pipe
	sleep 0.1
	exec 7<&-
	wait "$pid" || status=$?
	[ "$status" -eq 141 ]
	lines_are err
}

@test "-q ends it at the first selected line, -l names each file once" {
	start_watch -q needle t
	for ((i = 0; i < 500; i++)); do
		echo needle >>t/a
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.01
	done
	ends 0 ''
	rm t/a
	start_watch -l needle t
	for ((i = 0; i < 500; i++)); do
		echo needle >>t/a
		[ ! -s out ] || break
		sleep 0.01
	done
	echo needle >>t/b
	printed 2
	mv t/a t/c
	echo needle >>t/c
	echo needle >>t/a
	printed 3
	echo needle >>t/d
	printed 4
	lines_are out t/a t/b t/a t/d
	ends 143
}

@test "what is watched can go" {
	mkdir gone
	start_watch needle gone
	for ((i = 0; i < 500; i++)); do
		echo needle >>gone/a
		[ ! -s out ] || break
		sleep 0.01
	done
	# Until all of it is searched.
	sleep 0.3
	rm -r gone
	shown 'gone: gone' err
	# And come again: what the workers saw is another one.
	mkdir gone
	echo 'needle 2' >gone/b
	shown 'gone/b:needle 2' out
	mv gone away
	shown "$(printf 'pgrep-r: gone: gone: it is waited for\n')" err
	mkdir -p new/deep
	echo 'needle 3' >new/deep/c
	mv new gone
	shown 'gone/deep/c:needle 3' out
	echo 'needle 4' >>gone/deep/c
	shown 'gone/deep/c:needle 4' out
	[ "$(command grep -c 'needle [0-9]' out)" -eq 3 ]
	ends 143
	lines_are err 'pgrep-r: gone: gone: it is waited for' 'pgrep-r: gone: gone: it is waited for'
}

@test "what is not there can come, and what it would be in" {
	start_watch -e needle a/b/c t/log
	shown 'a/b/c: No such file' err
	mkdir -p a/b/c/d
	rm -r t
	echo 'needle 1' >a/b/c/d/e
	shown 'a/b/c/d/e:needle 1' out
	mkdir t
	echo 'needle 2' >t/log
	echo 'needle not' >t/other
	shown 't/log:needle 2' out
	rm -r a t
	mkdir -p t/log a/b
	echo 'needle 3' >a/b/c
	echo 'needle 4' >t/log/f
	shown 'a/b/c:needle 3' out
	shown 't/log/f:needle 4' out
	echo 'needle 5' >>t/log/f
	shown 't/log/f:needle 5' out
	LC_ALL=C sort -o out out
	ends 143
	lines_are out 'a/b/c/d/e:needle 1' 'a/b/c:needle 3' 't/log/f:needle 4' 't/log/f:needle 5' \
		't/log:needle 2'
}

@test "a link that comes where a name was is not followed, nor are workers to see where it leads" {
	mkdir outside far
	echo 'needle outside' | tee outside/secret >far/file
	ln -s far/file named
	touch t/ready t/log
	watch -e needle -e READY t/log t/ready t/late named
	shown 't/late: No such file' err
	rm t/log named
	ln -s ../outside t/log
	mkdir named
	echo 'needle elsewhere' >named/f
	# All that was named is looked at once more.
	mkdir t/late
	echo 'needle 1' >t/late/f
	shown 't/late/f:needle 1' out
	echo 'needle 2' >>outside/secret
	told 1
	says 't/late/f:needle 1'
	# What was a directory when it was looked at, neither.
	rm t/log
	mkdir t/log
	echo 'needle 2' >t/log/secret
	shown 't/log/secret:needle 2' out
	mv t/log t/before
	ln -s ../outside t/log
	echo 'needle 3' >>outside/secret
	rm -r t/late
	mkdir t/late
	echo 'needle 4' >t/late/g
	shown 't/late/g:needle 4' out
	told 3
	says 't/late/f:needle 1' 't/log/secret:needle 2' 't/late/g:needle 4'
}

@test "a file in the place of a directory is waited for to go" {
	touch a
	start_watch -e needle a/b t/c/
	shown 'a/b: Not a directory' err
	rm a
	mkdir a
	echo 'needle 1' >a/b
	shown 'a/b:needle 1' out
	rm -r a
	touch a t/c
	# Longer than until it is looked for.
	sleep 2.2
	rm a t/c
	mkdir a t/c
	echo 'needle 2' >a/b
	echo 'needle 3' >t/c/d
	shown 'a/b:needle 2' out
	shown 't/c/d:needle 3' out
	ends 143
}

@test "a directory that goes again when it has just come is waited for" {
	[ -z "${SANITIZED:-}${VALGRIND:-}" ] || skip 'LD_PRELOAD does not go with them'
	# The walk comes third, after two looks that find it.
	cc -shared -fPIC -O1 -o fleeting.so -x c - <<-'END'
		#define _GNU_SOURCE
		#include <fcntl.h>
		#include <stdio.h>
		#include <string.h>
		#include <sys/stat.h>
		int stat(const char *path, struct stat *st)
		{
			static int found;
			if (strcmp(path, "a/b/") == 0 && fstatat(AT_FDCWD, path, st, 0) == 0 && ++found == 1)
				rename("a", "gone");
			return fstatat(AT_FDCWD, path, st, 0);
		}
	END
	wrap=(env "LD_PRELOAD=$PWD/fleeting.so")
	start_watch needle a/b/
	shown 'a/b/: No such file' err
	mkdir -p a/b
	until [ -d gone ]; do
		[ -d "/proc/$pid" ]
		sleep 0.02
	done
	sleep 0.2
	mkdir -p a/b
	echo 'needle' >a/b/c
	shown 'a/b/c:needle' out
	ends 143
}

@test "nothing that can be watched" {
	try 2 --watch --exclude-dir=t needle t
	out_is
	err_is 'pgrep-r: nothing is left to watch'
	mkfifo fifo
	start_watch needle fifo
	ends 2 ''
	lines_are err 'pgrep-r: fifo: Operation not supported' 'pgrep-r: nothing is left to watch' \
		'pgrep-r: 1 file not searched whole: 1 unreadable'
}

@test "options that it does not go with" {
	for option in --files --type-list -R --multiline --encoding=latin1 -c --count-matches -L -m1 -A1 -B1 -C1 \
		--newer=2020-01-01 --changed-within=1h --ledger=l --output=o --resume=r --since-state=s; do
		try 64 --watch "$option" needle t
		like "$(<"$err")" 'pgrep-r: --watch does not go with *'
	done
	try 64 --watch needle - t
	err_is 'pgrep-r: --watch does not go with standard input'
}

@test "forms of output" {
	begin --json needle t
	printf 'one\nthe needle\n' >t/a
	until_found '"type":"end".*"t/a"'
	command grep '"type":"match".*"t/a"' out >match
	command grep -qF '"line_number":2' match
	command grep -qF '"absolute_offset":4' match
	ends 143
	# shellcheck disable=SC2016 # of the pattern
	begin -o --replace='<$0>' 'n..d' t
	printf 'one\nthe needle\n' >>t/a
	until_found '^t/a:<need>$'
	ends 143
	watch -v -h -e nothing t
	printf 'one\nnothing\n' >>t/a
	says one
	ends 143
	begin -z -h needle t
	printf 'a\nneedle\0b' >t/z
	until_found 'a$'
	printf 'a\nneedle\0' >expected
	tail -c 9 out >got
	same expected got
	ends 143
}

# rotate OPTION...: three times, with lines before, between and after.
rotate() {
	local round
	command -v logrotate >/dev/null || skip "no logrotate"
	printf '%s\n' "\"$PWD/t/log\" {" 'rotate 5' "$@" '}' >conf
	chmod 600 conf
	chmod 755 t
	watch -h -e needle -e READY t/log t/ready
	for round in 1 2 3; do
		printf '%s\n' "needle before $round" "nothing" >>t/log
		printf '%s\n' "needle before $round" >>all
		# What is copied before it is cut off must have been written.
		[ "$1" != copytruncate ] || told "$(wc -l <all)"
		logrotate -f -s state conf
		printf '%s\n' "needle after $round" >>t/log
		printf '%s\n' "needle after $round" >>all
		told "$(wc -l <all)"
	done
	said >told.lines
	same all told.lines
	ls t >names
	[ "$(command grep -c '^log' names)" -eq 4 ]
	ends 143
	lines_are err
}

@test "logrotate, create" {
	touch t/log t/ready
	rotate create
}

@test "logrotate, copytruncate" {
	touch t/log t/ready
	rotate copytruncate
}

@test "logrotate, compress" {
	touch t/log t/ready
	rotate create compress
}

@test "a directory that can be read later" {
	if [ "$(id -u)" -eq 0 ]; then
		wrap=(setpriv --reuid=65534 --regid=65534 --clear-groups)
		chmod 777 . t
		"${wrap[@]}" "$PGREP_R" --version >/dev/null 2>&1 || skip "another user cannot run it here"
		"${wrap[@]}" test -r t || skip "another user cannot read here"
	fi
	watch -h "foo|READY" t
	mkdir -m 0 t/d
	shown 't/d: Permission denied' err
	chmod 755 t/d
	echo foo1 >t/d/a
	shown foo1 out
}
