# How far a run is: --progress on a terminal, SIGUSR1, and what ps shows.
#
# out and err are set by try, and each test is a process of its own:
# shellcheck disable=SC2154,SC2030,SC2031

bats_require_minimum_version 1.5.0
load helpers
load fixtures/processes

setup_file() {
	export BATS_TEST_TIMEOUT=60
}

setup() {
	enter_tmp
	untraced
	[ -z "${VALGRIND:-}" ] || skip "too slow to look at"
	export TERM=xterm
	mkdir tree
	for name in a b c; do
		printf 'needle in %s\n' "$name" >"tree/$name"
	done
	chmod 755 . tree
}

# terminal COLUMNS SECONDS WHERE ARG...: what a terminal shows of a run, in the file
# shown; see fixtures/terminal.py.
terminal() {
	local columns=$1 seconds=$2 where=$3
	shift 3
	"$TESTS/fixtures/terminal.py" "$columns" "$seconds" "$where" "$PGREP_R" -j "$JOBS" "$@" >shown 2>&1
	not command grep -E '^(wide|bell|escape)' shown || {
		cat shown
		return 1
	}
}

# beside NAME ARG...: as terminal, in the directory NAME, in the background; for seen NAME,
# after what is in the array runs.
beside() {
	mkdir -p "$1"
	(cd "$1" && terminal "${@:2}" && touch fine) 3>&- &
	runs+=($!)
}

seen() {
	cp "$1/shown" shown
	[ -e "$1/fine" ] || { cat shown; return 1; }
}

# shows PATTERN: some line of shown is like it; shows_no PATTERN: none is.
shows() {
	command grep -qE "$1" shown || {
		echo "nothing like $1:"
		cat shown
		return 1
	}
}

shows_no() {
	not command grep -E "$1" shown
}

# screen_is LINE...: at the end.
screen_is() {
	sed -n 's/^screen //p' shown >screen
	lines_are screen "$@"
}

# slow_file NAME: one that keeps a worker until it is given up.
slow_file() {
	mkdir -p "${1%/*}"
	yes aaaaaaaaaaaaaaaaaaaa | head -n 20000 >"$1"
}
# What it refers to keeps it from being told by its classes of characters.
slow='((?:a?){16})a{16}[bc]\1?'

# start ARG...: a run that waits for its input, or until its output is read; its process
# id goes to $pid.
start() {
	rm -f input output
	mkfifo input output
	exec 5<>output 6<>input
	setsid "$PGREP_R" -j "$JOBS" "$@" <input >output 2>err 3>&- 5>&- 6>&- &
	pid=$!
	soon has_worker
}

has_worker() {
	[ -n "$(pgrep -P "$pid")" ]
}

# said LINES: so many lines on standard error.
said() {
	[ "$(wc -l <err)" -eq "$1" ]
}

title() {
	tr '\0' ' ' <"/proc/$1/cmdline"
}

# titled PID PATTERN
titled() {
	# shellcheck disable=SC2053 # it is a pattern
	[[ $(title "$1") == $2 ]]
}

titled_worker() {
	local worker
	for worker in $(pgrep -P "$pid"); do
		! titled "$worker" "$1" || return 0
	done
	return 1
}

@test "a line that is written over, and gone at the end" {
	terminal 80 1.2 got --progress needle tree -
	shows '^row 3 files, [0-9]+, 3 lines, [0-9.]+/s, in \(standard input\)$'
	screen_is
	shows '^status 0$'
	printf '%s\n' tree/{a:,b:,c:}X '(standard input):X' |
		sed -E 's,(tree/(.):)X,\1needle in \2,; s/X/needle of the input/' | same - got
}

@test "it is as wide as the terminal, also when that changes" {
	terminal 40,20 1.6 got --progress needle tree -
	shows '^row 3 files, [0-9]+, 3 lines, .{17}$'
	shows '^row 3 files, 36, 3 line$'
	screen_is
}

@test "messages stand on lines of their own" {
	slow_file tree/slow/file
	terminal 100 2 got --progress --file-timeout=1s "$slow|needle" missing tree - missing2
	shows '^row 4 files, [0-9]+, 3 lines, [0-9.]+/s, in tree/slow$'
	shows '^row 5 files, [0-9]+, 3 lines, [0-9.]+/s, 1 worker lost, in \(standard input\)$'
	screen_is 'pgrep-r: missing: No such file or directory' \
		'pgrep-r: tree/slow/file: timed out: no progress' \
		'pgrep-r: missing2: No such file or directory' \
		'pgrep-r: 3 files not searched whole: 2 unreadable, 1 timed out'
	shows '^status 2$'
}

@test "names cannot command the terminal, and are as wide as they look" {
	local name number=0 runs=()
	local wide=$'n\344\275\240\345\245\275\344\275\240\345\245\275\344\275\240\345\245\275\344\275\240\345\245\275'
	rm -r tree
	for name in $'\033]0;x\a\033[2J' $'n\nline' $'\302\233' $'\342\200\256bidi' $'n\377' "$wide"; do
		slow_file "$number/tree/$name/file"
		beside $((number++)) 43 0.1 got --progress --file-timeout=600ms "$slow" tree
	done
	slow_file "c/tree/$wide/file"
	LC_ALL=C beside c 60 0.1 got --progress --file-timeout=600ms "$slow" tree
	wait "${runs[@]}"
	while [ "$number" -gt 0 ]; do
		seen $((--number))
		shows '^row 0 files, 0, 0 lines, 0/s, in tree/[\\?n-]'
	done
	# Of eight characters of two columns three fit into the seven that are left of 42.
	seen 5
	shows $'in tree/n\344\275\240\345\245\275\344\275\240$'
	seen c
	shows $'in tree/n(\344\275\240\345\245\275){4}$'
}

@test "only where nothing else is printed: auto" {
	local run runs=()
	# Another program may print on this terminal what goes into a pipe.
	beside pipe 80 0.8 '|' --progress needle ../tree -
	beside same 80 0.8 - --progress --color=never needle ../tree -
	beside never 80 0.8 got --progress=never needle ../tree -
	beside default 80 0.8 got needle ../tree -
	TERM=dumb beside dumb 80 0.8 got --progress needle ../tree -
	beside nowhere 80 0.8 /dev/null --progress=auto needle ../tree -
	beside quiet 80 0.8 '|' --progress -q nothing ../tree -
	wait "${runs[@]}"
	for run in pipe never default dumb; do
		seen "$run"
		shows_no '^row'
	done
	seen same
	shows_no '^row .*files'
	for run in nowhere quiet; do
		seen "$run"
		shows '^row 3 files'
	done
	try 0 --progress needle tree
	err_is
	try 64 --progress=x needle tree
}

@test "--progress=always shares the terminal with the output" {
	terminal 80 1.2 - --progress=always --color=never needle tree missing -
	shows '^row [34] files, [0-9]+, 3 lines, [0-9.]+/s, in \(standard input\)$'
	screen_is 'pgrep-r: missing: No such file or directory' 'tree/a:needle in a' \
		'tree/b:needle in b' 'tree/c:needle in c' '(standard input):needle of the input' \
		'pgrep-r: 1 file not searched whole: 1 unreadable'
}

@test "the output is the same with it" {
	try 0 -n needle tree
	cp "$out" expected
	terminal 80 0 got --progress=always -n needle tree
	same expected got
}

@test "SIGUSR1: one line, wherever the run is, and it goes on" {
	start -n needle tree -
	# At once, and again.
	kill -USR1 "$pid"
	soon said 1
	like "$(<err)" 'pgrep-r: 3 files, [0-9]*, 3 lines, *\/s, in (standard input)'
	# Workers get it, too, with their group.
	kill -USR1 -- "-$pid"
	soon said 2
	exec 7<output
	cat <&7 >got 5>&- 6>&- &
	local reader=$!
	exec 5>&- 6>&- 7<&-
	wait "$pid"
	wait "$reader"
	printf '%s\n' tree/{a:,b:,c:} | sed -E 's,tree/(.):,&1:needle in \1,' | same - got
	said 2
	pid=
}

@test "SIGUSR1 while the output is not read: soon, and nothing of it is lost" {
	local i
	# More than a pipe and a lane hold.
	for ((i = 0; i < 40; i++)); do
		yes "needle ${i}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" |
			head -n 2000 >"tree/$i"
	done
	start -h needle tree
	soon blocked
	for i in 1 2; do
		kill -USR1 "$pid"
		soon said "$i"
	done
	like "$(head -n 1 err)" 'pgrep-r: * file*, *, * lines, */s, in tree'
	exec 7<output
	cat <&7 >got 5>&- 6>&- &
	local reader=$!
	exec 5>&- 6>&- 7<&-
	wait "$pid"
	wait "$reader"
	cat tree/* | same - got
	pid=
}

# In a write to the pipe.
blocked() {
	command grep -qE 'pipe_w|anon_pipe_w' "/proc/$pid/wchan" ||
		[ "$(awk '{ print $3 }' "/proc/$pid/stat")" = S ] && sleep 0.3
}

@test "SIGUSR1 is left alone where it is ignored, and does not end what does not search" {
	trap '' USR1
	start needle tree -
	trap - USR1
	kill -USR1 "$pid"
	sleep 0.3
	said 0
	kill "$pid"
	wait "$pid" || true
	# A listing that waits for its reader.
	mkdir many
	(cd many && seq -f "%0200.0f" 1 1500 | xargs touch)
	mkfifo list
	exec 7<>list
	"$PGREP_R" --files many >list 2>err 3>&- 7>&- &
	pid=$!
	soon blocked
	kill -USR1 "$pid"
	soon said 1
	like "$(<err)" 'pgrep-r: [0-9]* files, in many'
	exec 8<list
	cat <&8 >got 7>&- &
	local reader=$!
	exec 7>&- 8<&-
	wait "$pid"
	wait "$reader"
	[ "$(wc -l <got)" -eq 1500 ]
	pid=
}

@test "SIGUSR1 and a listing that finds no name" {
	[ -z "${SANITIZED:-}${VALGRIND:-}" ] || skip 'LD_PRELOAD does not go with them'
	mkdir -p many/{1..300}
	cc -shared -fPIC -O1 -o slow.so -x c - <<-'END'
		#define _GNU_SOURCE
		#include <dirent.h>
		#include <sys/syscall.h>
		#include <unistd.h>
		ssize_t getdents64(int fd, void *buffer, size_t size)
		{
			return usleep(10000), syscall(SYS_getdents64, fd, buffer, size);
		}
	END
	LD_PRELOAD=$PWD/slow.so "$PGREP_R" --files -g '*.c' many >got 2>err 3>&- &
	pid=$!
	soon titled "$pid" 'pgrep-r: 0 files: *'
	kill -USR1 "$pid"
	soon said 1
	[ "$(<err)" = 'pgrep-r: 0 files' ]
	kill -0 "$pid"
	kill "$pid"
	wait "$pid" || true
	pid=
}

@test "standard error is no terminal: a line of its own now and then" {
	start --progress=always needle tree -
	sleep 0.6
	said 0
	kill "$pid"
	wait "$pid" || true
	pid=
}

@test "ps shows what each worker is on, and how far the run is" {
	mkfifo $'fi\033fo'
	exec 7<>$'fi\033fo'
	start needle tree $'fi\033fo'
	soon titled_worker 'pgrep-r: worker [0-9]*: fi\\033fo*'
	soon titled "$pid" "pgrep-r: 3 files, *, 3 lines, */s, in fi\\\\033fo: -j $JOBS needle tree fi\\\\033fo*"
	exec 7>&-
	kill "$pid"
	wait "$pid" || true
	slow_file tree/slow/x
	start --file-timeout=0 --sandbox=off "$slow" tree/slow
	soon titled_worker 'pgrep-r: worker [0-9]*: tree/slow/x*'
	kill "$pid"
	wait "$pid" || true
	# What takes long without being large is told by the parent.
	mkdir tree/many
	touch tree/many/{1..30}
	slow_file tree/many/x
	start --file-timeout=30s "$slow" tree/many
	soon titled_worker 'pgrep-r: worker [0-9]*: * files from tree/many/ on*'
	soon titled "$pid" 'pgrep-r: *, in tree/many, on tree/many/x for [2-9] s: *'
	kill -USR1 "$pid"
	soon said 1
	like "$(<err)" '*, in tree/many, on tree/many/x for [2-9] s'
	kill "$pid"
	wait "$pid" || true
	pid=
}

@test "--stats=json: one object with all totals, which are true" {
	local lost
	for lost in 0 1; do
		[ "$lost" -eq 0 ] || slow_file tree/slow
		try $((2 * lost)) --stats=json --file-timeout=1s "$slow|needle" tree
		tells_all "$lost"
	done
}

@test "--files: how far it is, and --stats of it" {
	mkdir tree/d
	touch tree/d/$'e\033e'
	ln -s a tree/link
	try 0 --files --stats tree
	printf '%s\n' tree/{a,b,c} tree/d/$'e\033e' | same - "$out"
	sed 's/^time: [0-9.]* s$/time/' "$err" >said
	lines_are said 'files: 4 listed' 'directories: 2 read' 'unreadable: 0' 'bytes: 32 printed' time
	try 2 --files --stats=json tree missing
	like "$(tail -n 1 "$err")" '{"files":{"listed":4},"directories":{"read":2},"unreadable":1,"bytes_printed":32,"seconds":*}'
	tail -n 1 "$err" | python3 -c 'import json, sys; assert json.load(sys.stdin)["seconds"] < 60'
	# Where writing takes its time, by a shim.
	[ -z "${SANITIZED:-}" ] || return 0
	mkdir wide
	(cd wide && seq 3000 | xargs touch)
	cc -shared -fPIC -O1 -o slow.so -x c - <<-'END'
		#include <sys/uio.h>
		#include <sys/syscall.h>
		#include <unistd.h>
		ssize_t writev(int fd, const struct iovec *pieces, int count)
		{
			return usleep(300000), syscall(SYS_writev, fd, pieces, count);
		}
	END
	(cd wide && seq -f '%0200.0f' 700 | xargs touch)
	LD_PRELOAD=$PWD/slow.so terminal 80 1 got --progress --files wide
	shows '^row [0-9]+ files, in wide$'
	screen_is
	[ "$(wc -l <got)" -eq 3700 ]
}

# tells_all LOST: so many workers were lost, and with each a file.
tells_all() {
	tail -n 1 "$err" | python3 -c '
import json, sys
stats, lost = json.load(sys.stdin), int(sys.argv[1])
files = dict(stats["files"])
assert files.pop("searched") == 3 and files.pop("timed_out") == lost, stats
assert list(files) == ["skipped", "unreadable", "vanished", "cut_short", "crashed", "not_reached"], stats
assert not any(files.values()), stats
assert stats["bytes_searched"] == 36 and stats["bytes_printed"] > 36, stats
assert stats["matched_lines"] == 3 and stats["matches"] == 3, stats
assert 0 < stats["seconds"] < 60, stats
assert stats["workers"]["started"] >= 1 and stats["workers"]["lost"] == lost, stats
assert stats["workers"]["abandoned"] == 0, stats
assert stats["sandbox"]["view"] and stats["sandbox"]["filter"] in (True, False), stats
' "$1"
}
