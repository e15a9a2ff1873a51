# Standard input: when it is read, how it is named, and what comes of it when; and what
# must make no difference to a search.
#
# out and err are set by try, which uses wrap and input; perl and bash -c have their own
# variables:
# shellcheck disable=SC2154,SC2034,SC2016,SC2030,SC2031

bats_require_minimum_version 1.5.0
load helpers

setup() {
	enter_tmp
	untraced
	wrap=(timeout -k 1 60)
	mkdir dir
	echo 'x in dir' >dir/f
	notice='pgrep-r: reading standard input; give a PATH, or -r, to search files'
}

teardown() {
	[ -z "${writer:-}" ] || wait "$writer" || true
}

# piped COMMAND...: standard input is a pipe into which this writes, in the background.
piped() {
	rm -f "$BATS_TEST_TMPDIR.pipe"
	mkfifo "$BATS_TEST_TMPDIR.pipe"
	input=$BATS_TEST_TMPDIR.pipe
	"$@" >"$input" 2>/dev/null 3>&- &
	writer=$!
}

# says TEXT: standard input is a pipe with these lines.
says() {
	piped printf '%s\n' "$@"
}

# slowly TEXT|SECONDS...: a writer that pauses.
slowly() {
	local word
	for word; do
		case $word in
		[0-9]*) sleep "$word" ;;
		*) echo "$word" ;;
		esac
	done
}

# on_socket ARG...: the program, whose standard input is a socket.
on_socket() {
	perl -MSocket -e '
		socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, 0 or die;
		print $ours "x of a socket\n"; close $ours;
		open STDIN, "<&", $theirs or die;
		exec @ARGV' "$PGREP_R" -j "$JOBS" "$@"
}

@test "no path: standard input if it is a pipe, a socket or a regular file" {
	says 'x in a pipe' no
	try 0 x
	out_is 'x in a pipe'
	echo 'x in a file' >text
	input=text
	try 0 x
	out_is 'x in a file'
	mkfifo fifo
	printf 'x in a fifo\n' >fifo &
	input=fifo
	try 0 x
	out_is 'x in a fifo'
	run -0 on_socket x
	[ "$output" = 'x of a socket' ]
	: >text
	input=text
	try 1 x
	out_is
}

@test "no path: the current directory if standard input is none of these" {
	input=/dev/null
	try 0 x
	out_is 'dir/f:x in dir'
	input=/dev/zero
	try 0 x
	out_is 'dir/f:x in dir'
	input=dir
	try 0 x
	out_is 'dir/f:x in dir'
	# Closed.
	input=/dev/null
	wrap+=(bash -c 'exec "$@" <&-' bash)
	try 0 x
	out_is 'dir/f:x in dir'
	[ ! -s "$err" ]
}

@test "no path: the current directory if standard input is a terminal" {
	[ -z "${VALGRIND:-}" ] || skip "what valgrind says would be among the output"
	run -0 timeout 60 script -qec "'$PGREP_R' -j $JOBS --color=never x" /dev/null </dev/null
	[ "$output" = $'dir/f:x in dir\r' ]
}

@test "-r and --files never read a standard input that nobody named" {
	says 'x in a pipe'
	try 0 -r x
	out_is 'dir/f:x in dir'
	says 'x in a pipe'
	try 0 --files
	out_is dir/f
	says 'x in a pipe'
	try 0 -r x -
	out_is 'x in a pipe'
	# Nor is it, if there is a path.
	says 'x in a pipe'
	try 0 x dir
	out_is 'dir/f:x in dir'
}

@test "-r, or a path, is not kept waiting by a pipe into which nobody writes" {
	piped sleep 3
	wrap=(timeout 2)
	try 0 -r x
	out_is 'dir/f:x in dir'
	kill "$writer"
	piped sleep 3
	try 0 x dir
	out_is 'dir/f:x in dir'
	kill "$writer"
}

@test "'-' is standard input, among other paths, too" {
	says 'x in a pipe'
	try 0 x -
	out_is 'x in a pipe'
	says 'x in a pipe'
	try 0 x dir - dir/f
	out_is 'dir/f:x in dir' '(standard input):x in a pipe' 'dir/f:x in dir'
	says 'x in a pipe'
	try 0 x - dir
	out_is '(standard input):x in a pipe' 'dir/f:x in dir'
	says 'x in a pipe'
	try 0 x -- -
	out_is 'x in a pipe'
	# A file of that name has another.
	echo 'x in -' >./-
	says 'x in a pipe'
	try 0 x ./- -
	out_is './-:x in -' '(standard input):x in a pipe'
	# It is read whatever it is.
	input=/dev/null
	try 1 x -
	out_is
	wrap+=(bash -c 'exec "$@" <&-' bash)
	try 2 x - dir
	out_is 'dir/f:x in dir'
	err_is 'pgrep-r: (standard input): Bad file descriptor' \
		'pgrep-r: 1 file not searched whole: 1 unreadable'
}

@test "'-' is a directory: that is said" {
	input=dir
	try 2 x -
	out_is
	err_is 'pgrep-r: (standard input): Is a directory' \
		'pgrep-r: 1 file not searched whole: 1 unreadable'
}

@test "'-' twice: what the first has read is not there again" {
	says x y x
	try 0 -c x - -
	out_is '(standard input):2' '(standard input):0'
	printf 'x\ny\nx\n' >text
	input=text
	try 0 -c x - -
	out_is '(standard input):2' '(standard input):0'
}

@test "'-' twice, far from each other: what is to come is not divided between two workers" {
	local i
	mkdir many
	for ((i = 0; i < 500; i++)); do
		: >many/$i
	done
	piped perl -e '$| = 1; for (1 .. 300) { print "x $_ ", "." x 300, "\n"; select undef, undef, undef, 0.001 }'
	try 0 -c x - many/* -
	command grep '^(' "$out" >inputs
	printf '(standard input):%d\n' 300 0 | same - inputs
}

@test "standard input that somebody has read from goes on where that was" {
	printf 'x 1\nx 2\nx 3\n' >text
	input=text
	wrap+=(bash -c 'read -r line; exec "$@"' bash)
	try 0 -n x
	out_is '1:x 2' '2:x 3'
	wrap+=(bash -c 'cat >/dev/null; exec "$@"' bash)
	try 1 x
	# Where it is longer than what is read at once.
	perl -e 'print "$_ x\n" for 1 .. 300000' >text
	wrap=(timeout 60 bash -c 'read -r line; exec "$@"' bash)
	try 0 x
	same <(tail -n +2 text) "$out"
}

@test "standard input that does not block is waited for" {
	piped slowly 0.3 'x 1' 0.3 'x 2'
	wrap+=(perl -MFcntl -e 'fcntl STDIN, F_SETFL, O_NONBLOCK or die; exec @ARGV')
	try 0 x
	out_is 'x 1' 'x 2'
}

@test "standard input has a name where names are printed" {
	local dash
	for dash in '' -; do
		says x y
		try 0 -H x ${dash:+"$dash"}
		out_is '(standard input):x'
		says x y
		try 0 -c x ${dash:+"$dash"}
		out_is 1
		says x y
		try 0 -Hc x ${dash:+"$dash"}
		out_is '(standard input):1'
		says x y
		try 0 -l x ${dash:+"$dash"}
		out_is '(standard input)'
		says x y
		try 1 -L z ${dash:+"$dash"}
		out_is '(standard input)'
		says x y
		try 0 -n x ${dash:+"$dash"}
		out_is 1:x
		says x y
		try 0 -hn x ${dash:+"$dash"} ${dash:+dir}
		out_is 1:x ${dash:+'1:x in dir'}
		piped printf 'x\0\n'
		try 0 x ${dash:+"$dash"}
		out_is 'Binary file (standard input) matches'
	done
}

@test "standard input that is no text, or has no last newline, or nothing at all" {
	piped printf 'y\nx'
	try 0 x
	out_is x
	piped true
	try 1 x
	out_is
	piped true
	try 1 ''
	piped printf '\n'
	try 0 -c ''
	out_is 1
	piped printf 'x\xff\nx\0\n'
	try 0 -a x
	printf 'x\xff\nx\0\n' | same - "$out"
}

@test "as much as comes: the bytes that grep prints" {
	perl -e 'srand 7; print join(" ", map { ("x", "yy", "zzz")[rand 3] } 1 .. rand 40), "\n" for 1 .. 100000' >text
	gnu_grep -n 'x yy' text >expected
	piped cat text
	try 0 -n 'x yy'
	same expected "$out"
	# In pieces that end anywhere.
	piped perl -e '$| = 1; open F, "<", "text"; syswrite STDOUT, $_ while sysread F, $_, 1 + rand 9000'
	try 0 -n 'x yy'
	same expected "$out"
	input=text
	try 0 -n 'x yy'
	same expected "$out"
}

@test "a process substitution, and several" {
	try 0 x <(echo x)
	out_is x
	try 0 -h x <(echo x 1) <(echo y) <(echo x 3) dir
	out_is 'x 1' 'x 3' 'x in dir'
	# As the name that it is, and behind other descriptors that are open.
	exec 20</dev/null 21<dir/f
	run -0 pr -c x /dev/fd/21 /proc/self/fd/21 <&-
	[ "$output" = $'/dev/fd/21:1\n/proc/self/fd/21:1' ]
	exec 20<&- 21<&-
	echo x >text
	input=text
	try 0 -H x /dev/stdin /dev/fd/0
	out_is /dev/stdin:x /dev/fd/0:x
	try 2 x /dev/fd/99
	err_is 'pgrep-r: /dev/fd/99: No such file or directory' \
		'pgrep-r: 1 file not searched whole: 1 unreadable'
}

@test "a FIFO that is named is read" {
	mkfifo fifo
	(sleep 0.3 && printf 'x 1\ny\nx 3\n' >fifo) 3>&- &
	try 0 x fifo
	out_is 'x 1' 'x 3'
	ln -s fifo link
	printf 'x 1\n' >fifo 3>&- &
	try 0 x link dir
	out_is 'link:x 1' 'dir/f:x in dir'
}

@test "devices that are named are read" {
	try 1 x /dev/null
	out_is
	echo 'x 1' | "$PGREP_R" -j "$JOBS" -H x /dev/stdin >said
	[ "$(cat said)" = '/dev/stdin:x 1' ]
	says 'x 1'
	try 0 x /dev/null - dir
	out_is '(standard input):x 1' 'dir/f:x in dir'
}

# streams ARG...: with input that comes in pieces and never ends, unless the program
# prints each line when it is there.
streams() {
	perl -e '
		use IPC::Open2; use Time::HiRes "time"; $| = 1;
		my $pid = open2(my $from, my $to, @ARGV);
		$SIG{ALRM} = sub { print "line $line is not printed\n"; kill TERM => $pid; exit 1 };
		for $line (1 .. 5) {
			alarm 4;
			syswrite $to, "no\nx $line\n" . ($line == 3 ? "x begins" : "");
			$got = readline $from;
			$wanted = $line == 4 ? qr/x beginsno|x 4/ : qr/x $line/;
			if ($got !~ $wanted) { print "not $line: $got\n"; exit 1 }
			$got = readline $from if $line == 4 && $got =~ /begins/;
		}
		close $to;
		waitpid $pid, 0;
		exit $? >> 8' "$PGREP_R" -j "$JOBS" "$@"
}

@test "a line is printed while the pipe stays open" {
	run -0 streams x
	run -0 streams -n x -
	run -0 streams -o 'x.*'
	# Also as the one that others wait for.
	run -0 streams x - dir
}

@test "-q ends at the first line, while the pipe stays open" {
	piped slowly no x 5 x
	wrap=(timeout 3)
	try 0 -q x
	kill "$writer"
	piped slowly no x 5 x
	try 0 -m1 x
	out_is x
	kill "$writer"
}

# together COMMAND...: runs these at the same time, each with files of its own; all must
# succeed.
together() {
	local command commands=() failed=()
	for command; do
		(BATS_TEST_TMPDIR+=.$command && "$command") &
		commands+=($!)
	done
	for command in "${commands[@]}"; do
		wait "$command" || failed+=("$command")
	done
	return "${#failed[@]}"
}

# Names itself by the second in which it said something, and how often.
silent_for_long() {
	perl -MTime::HiRes=time -e '
		my $start = time;
		open my $from, "-|", "@ARGV 2>&1 >/dev/null" or die;
		while (<$from>) { $when = time - $start; $said .= $_ }
		$when = $when < 1.9 ? "too early" : $when > 3.5 ? "too late" : "in time";
		print "$said$when\n"' "{ sleep 4.5; echo x; } | '$PGREP_R' -j $JOBS x" >"$BATS_TEST_TMPDIR.said"
	printf '%s\nin time\n' "$notice" >"$BATS_TEST_TMPDIR.expected"
	same "$BATS_TEST_TMPDIR.expected" "$BATS_TEST_TMPDIR.said"
}

silent_after_a_line() {
	piped slowly x 2.7 x
	try 0 x && out_is x x && [ ! -s "$err" ]
}

silent_after_half_a_line() {
	piped perl -e '$| = 1; print "x"; sleep 3; print "y\n"'
	try 0 x && out_is xy && [ ! -s "$err" ]
}

silent_but_named() {
	piped slowly 2.7 x
	try 0 x - && out_is x && [ ! -s "$err" ]
}

silent_fifo() {
	mkfifo fifo
	slowly 2.7 x >fifo 3>&- &
	try 0 x fifo && out_is x && [ ! -s "$err" ]
}

silent_shortly() {
	piped slowly 1 x
	try 0 x && out_is x && [ ! -s "$err" ]
}

silent_with_a_directory() {
	piped sleep 2.7
	try 0 x dir - && out_is 'dir/f:x in dir' && [ ! -s "$err" ]
}

nothing_selected() {
	piped slowly no 0.3 no 0.3 no 0.3 no 0.3 no 0.3 no 0.3 no 0.3 no 0.3 no 0.3 no
	try 1 x && out_is && [ ! -s "$err" ]
}

silent_after_what_is_not_selected() {
	piped slowly no 2.7 no
	try 1 x && out_is && [ ! -s "$err" ]
}

silent_and_counted() {
	piped slowly x 2.7 x
	try 0 -c x && out_is 2 && [ ! -s "$err" ]
}

@test "a standard input that nobody named is silent for two seconds: that is said, once" {
	together silent_for_long silent_after_a_line silent_after_what_is_not_selected silent_and_counted
}

@test "no word of standard input that is named, or soon comes, or comes in vain" {
	together silent_but_named silent_fifo silent_shortly silent_with_a_directory nothing_selected
}

@test "no word of standard input that is silent after half a line" {
	silent_after_half_a_line
}

@test "an empty environment" {
	echo 'é x' >dir/g
	wrap+=(env -i)
	try 0 x
	out_is 'dir/f:x in dir' 'dir/g:é x'
	try 0 -c '^.\sx' dir
	out_is dir/f:0 dir/g:1
	says x
	try 0 -H x
	out_is '(standard input):x'
}

@test "any locale: the same bytes" {
	printf 'é x\nÉ x\n\xff x\nıİiI x\nß x\n' >dir/é
	printf 'x\n' >$'dir/\xff'
	printf 'x\n' >dir/Z
	chmod 000 dir/Z
	local locale variable first=''
	for locale in C POSIX C.UTF-8 en_US.UTF-8 de_DE.ISO-8859-1 tr_TR.UTF-8 ja_JP.SJIS none ''; do
		for variable in LC_ALL LANG LC_CTYPE LC_MESSAGES; do
			wrap=(timeout 60 env -u LC_ALL -u LANG "$variable=$locale")
			try 2 -in '\w x|^É|i{2}' dir missing
			[ -n "$first" ] || cp "$out" first.out
			[ -n "$first" ] || cp "$err" first.err
			first=seen
			same first.out "$out"
			same first.err "$err"
		done
	done
	command grep -q '^dir/é:1:é x' first.out
	command grep -q '^dir/é:2:É x' first.out
}

@test "from another directory, by a link, by PATH: the same" {
	local bytes=$PWD/dir
	(
		cd /
		try 0 x "$bytes"
		out_is "$bytes/f:x in dir"
	)
	ln -s "$PGREP_R" "$BATS_TEST_TMPDIR.grep"
	PGREP_R=$BATS_TEST_TMPDIR.grep try 0 x dir
	out_is 'dir/f:x in dir'
	# From one that has been removed.
	mkdir gone
	cd gone
	rmdir ../gone
	try 0 x "$bytes"
	out_is "$bytes/f:x in dir"
}

@test "in a session of its own, with no terminal; with standard streams closed" {
	wrap+=(setsid -w)
	try 0 x dir
	out_is 'dir/f:x in dir'
	run -0 pr x dir 2>&- <&-
	[ "$output" = 'dir/f:x in dir' ]
	local status=0
	pr x dir >&- 2>said || status=$?
	[ "$status" -eq 74 ]
	[ "$(cat said)" = 'pgrep-r: standard output: Bad file descriptor' ]
}

@test "-m: standard input is left behind the last selected line" {
	seq 200000 >numbers
	seq 5 >five
	run -0 bash -c '("$0" -m1 2; cat) <five' "$PGREP_R"
	like "$output" $'2\n3\n4\n5'
	run -0 bash -c '("$0" -m2 -A3 99998 >/dev/null; head -n 1) <numbers' "$PGREP_R"
	like "$output" 199999
	run -0 bash -c '(read -r first; "$0" -m1 9; head -n 1) <numbers' "$PGREP_R"
	like "$output" $'9\n10'
}
