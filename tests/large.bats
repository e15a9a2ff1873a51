# Large files, long lines, what lies across the windows that files are read in, and
# files that change meanwhile.
#
#   LARGE_MIB  the size of the largest file (default 2048)
#
# out and err are set by try, which uses wrap; perl gets its own variables:
# shellcheck disable=SC2154,SC2034,SC2016

bats_require_minimum_version 1.5.0
load helpers

window=524288 # bytes, as in src/scan/reader.h
most_kib=$((64 * 1024))

setup() {
	enter_tmp
	untraced
	: "${LARGE_MIB:=2048}"
}

teardown() {
	[ -z "${changer:-}" ] || { touch stop; wait "$changer"; }
	rm -rf "${BATS_TEST_TMPDIR:?}"/*
}

not_instrumented() {
	[ -z "${SANITIZED:-}" ] || skip "large: too slow with sanitizers, and the memory is theirs"
	[ -z "${VALGRIND:-}" ] || skip "large: too slow under valgrind, and the memory is its own"
}

room_for_mib() {
	[ "$(df --output=avail -m . | tail -n 1)" -ge "$1" ] || skip "less than $1 MiB of disk are free"
}

# text MIB: lines that all have a needle, some of which are unlike all others.
text() {
	perl -e 'my $lines = join "", map { sprintf("%05d needle %s\n", $_, "x" x 87) } 1 .. 10000;
		for (1 .. $ARGV[0]) {
			# The first line of each block says which it is, and makes it a MiB.
			my $first = sprintf("block %d needle", $_);
			$first .= "." x ((1 << 20) - length($lines) - length($first) - 1) . "\n";
			for my $part ($first, $lines) {
				my $at = 0;
				$at += syswrite(STDOUT, $part, length($part) - $at, $at) while $at < length $part;
			}
		}' "$1"
}

# streams STATUS ARG...: as try, but only the sum of standard output is kept, as ./sum,
# and the most memory that was taken, in $peak.  It may take $seconds.
streams() {
	local sum result=0
	rm -f "$BATS_TEST_TMPDIR.out"
	mkfifo "$BATS_TEST_TMPDIR.out"
	cksum <"$BATS_TEST_TMPDIR.out" >sum 3>&- &
	sum=$!
	wrap=(timeout "${seconds:-100}" "$TESTS/peak-memory")
	try "$@" || result=$?
	wait "$sum"
	rm -f "$BATS_TEST_TMPDIR.out"
	peak=$(sed -n 's/^peak-pss-kib //p' "$err")
	sed -i '/^peak-pss-kib /d' "$err"
	return "$result"
}

in_bounds() {
	echo "$peak KiB"
	[ "$peak" -gt 0 ] && [ "$peak" -le "$most_kib" ]
}

@test "the measure of memory sees what a process and its children take" {
	local before after
	run "$TESTS/peak-memory" sh -c 'exit 7'
	[ "$status" -eq 7 ]
	run "$TESTS/peak-memory" sh -c 'kill -TERM $$'
	[ "$status" -eq 143 ]
	"$TESTS/peak-memory" perl -e 'select(undef, undef, undef, 0.3)' 2>plain
	"$TESTS/peak-memory" sh -c 'perl -e "\$x = qq(y) x 5e7; select(undef, undef, undef, 0.3)"; exit 0' 2>child
	before=$(sed -n 's/^peak-pss-kib //p' plain)
	after=$(sed -n 's/^peak-pss-kib //p' child)
	echo "$before, $after"
	[ "$before" -gt 500 ] && [ $((after - before)) -gt 45000 ] && [ $((after - before)) -lt 120000 ]
}

@test "a file of gigabytes, all of its lines selected: bounded memory" {
	not_instrumented
	room_for_mib $((LARGE_MIB * 3 / 2))
	text "$LARGE_MIB" >file
	[ "$(wc -c <file)" -eq $((LARGE_MIB * 1024 * 1024)) ]
	cksum <file >expected
	streams 0 needle file
	err_is
	same expected sum
	in_bounds
}

@test "half a gigabyte through a pipe, all of its lines selected: bounded memory" {
	not_instrumented
	text 500 | cksum >expected
	mkfifo in
	text 500 >in 3>&- &
	input=in streams 0 needle -
	err_is
	same expected sum
	in_bounds
	# Nothing of it is selected.
	text 100 >in 3>&- &
	input=in streams 1 absent -
	err_is
	in_bounds
}

@test "a line longer than --max-line: cut short, and all else is searched" {
	not_instrumented
	mkdir tree
	perl -e 'print "needle before\n", "y", "x" x 104857600, " needle in it\nneedle behind\n"' >tree/long
	echo 'needle other' >tree/other
	echo 'needle another' >tree/another
	# Found where it is held, counted as a line, and no line of its own behind that.
	streams 2 -n -e needle -e '^x' tree
	err_is 'pgrep-r: tree/long: searched in part: a line is too long' \
		'pgrep-r: 1 file not searched whole: 1 cut short'
	printf '%s\n' 'tree/another:1:needle another' 'tree/long:1:needle before' \
		'tree/long:3:needle behind' 'tree/other:1:needle other' | cksum >expected
	same expected sum
	echo "$peak KiB"
	[ "$peak" -le $((most_kib + 64 * 1024)) ]
	streams 2 -c '^y' tree
	printf '%s\n' tree/another:0 tree/long:1 tree/other:0 | cksum >expected
	same expected sum
	# The part that is held is 64 MiB.
	streams 2 -h '^y' tree/long
	{ tail -n +2 tree/long | head -c 67108864; echo; } | cksum >expected
	same expected sum
	# Through a pipe.
	mkfifo in
	cat tree/long >in 3>&- &
	input=in streams 2 -n needle -
	err_is 'pgrep-r: (standard input): searched in part: a line is too long' \
		'pgrep-r: 1 file not searched whole: 1 cut short'
	printf '%s\n' '1:needle before' '3:needle behind' | cksum >expected
	same expected sum
}

@test "a line of 100 MB within --max-line is found whole" {
	not_instrumented
	perl -e 'print "a\n", "x" x 104857600, " needle\nb\n"' >long
	sed -n 2p long | cksum >expected
	streams 0 --max-line=200M needle long
	err_is
	same expected sum
	streams 0 --max-line=200M -c '^x.* needle$' long
	echo 1 | cksum >expected
	same expected sum
	streams 0 --max-line=200M -n -o 'needle$' long
	echo 2:needle | cksum >expected
	same expected sum
}

@test "a sparse file of a tebibyte: its holes take no time" {
	not_instrumented
	truncate -s 1T sparse 2>/dev/null || skip "no file here can be as large"
	echo 'needle at the end' >>sparse || skip "no file here can be as large"
	[ "$(du -k sparse | cut -f 1)" -lt 1024 ] || skip "files have no holes here"
	printf '%s\n' 'Binary file sparse matches' | cksum >expected
	seconds=10 streams 0 needle sparse
	err_is
	same expected sum
	in_bounds
	# Data between the holes, at places that are none of the windows'.
	perl -e 'open(F, "+<", "sparse"); for my $at (300000, 5e9 + 77, 1e12) {
		seek(F, $at, 0); print F "needle\n" }'
	seconds=10 streams 0 -c needle sparse
	echo 4 | cksum >expected
	same expected sum
	in_bounds
}

# agree ARG...: on ./tree, what the peer says.
agree() {
	local status=0
	gnu_grep -P -a -r "$@" tree >unsorted || status=$?
	# In the order of the names, each file's lines in theirs.
	LC_ALL=C sort -s -t : -k 1,1 unsorted >expected
	if try "$status" -a "$@" tree && [ ! -s "$err" ]; then
		cmp -s expected "$out" && return 0
		same expected "$out" | cut -c 1-200
	fi
	echo "differs: $*"
	return 1
}

# around NAME PERL: files tree/NAME-OFFSET, of two windows and a half, in which what
# the expression gives begins at that offset from the end of the first window.
around() {
	perl -e 'my ($window, $name, $what) = @ARGV;
		my $filler = "filler of no account\n" x ($window / 8);
		for my $offset (-26 .. 8) {
			my $before = substr($filler, 0, $window + $offset);
			# Nothing but its own line is right before it.
			$before =~ s/.\z/\n/s;
			open(F, ">", sprintf("tree/%s%03d", $name, $offset + 26)) or die;
			print F $before, eval($what), "\n", substr($filler, 0, $window * 3 / 2), "needle last\n";
			close(F) or die;
		}' "$window" "$1" "$2"
}

@test "matches across the end of a window: plain, CRLF, UTF-8, none of it, long" {
	mkdir tree
	local kind
	for kind in 'plain "the needle is here"' \
		'crlf "one\r\nneedle\r\n\r\nneedle two\r"' \
		'utf "\303\251\342\202\254 needle \360\237\230\200\303\251"' \
		'bytes "\377\303 needle \342\202 \200 needle \xed\xa0\x80"' \
		'long "needle" . ("long" x 100000) . "needle"' \
		'empty "\n\n\nneedle\n\n"'; do
		around "${kind%% *}" "${kind#* }"
		agree -n needle
		agree -n -v filler
		agree -o -n '.{0,3}needle.{0,3}'
		rm tree/*
	done
	around crlf '"one\r\nneedle\r\n\r\nneedle two\r"'
	agree -n 'needle\r$'
	agree -n '^\r$'
	agree -c '^$'
	rm tree/*
	around utf '"\303\251\342\202\254 needle \360\237\230\200\303\251"'
	agree -n '^\x{e9}\x{20ac} needle .\x{e9}$'
	agree -n -i '\x{c9}'
}

# Files of some windows, in which lines of all lengths and kinds end anywhere.  Beside
# letters that are not ASCII the peer has other edges of words: they are in brackets.
random_files() {
	perl -e 'srand($ARGV[0]);
		my @pieces = ("needle", "Needle", "need", "word", " ", " ", ".", "(\303\251)", "\342\202\254",
			"needlework", "x" x 50, "y" x 300);
		for my $file (1 .. 6) {
			my ($text, $size) = ("", 300000 + int(rand(700000)));
			push @pieces, "(\377)", "(\342\202)" if $file == 6;
			while (length($text) < $size) {
				my $pieces = rand() < 0.002 ? 3000 : int(rand(12));
				$text .= $pieces[rand @pieces] for 1 .. $pieces;
				$text .= rand() < 0.1 ? "\r\n" : "\n";
			}
			chop $text if $file == 3;
			open(F, ">", "tree/$file") or die;
			print F $text;
		}' "$1"
}

@test "options on files of some windows: as GNU grep" {
	mkdir tree
	seed_random
	random_files "$TEST_SEED"
	local options
	for options in '' -n -c -v '-v -n' '-c -v' -o '-o -n' '-m 100 -n' '-m 3000' '-c -m 700' '-v -m 50' \
		-w '-w -n' '-w -o' '-w -c -v' -i '-i -o -n' '-i -w -c' -l -L; do
		# shellcheck disable=SC2086 # they are options
		agree $options needle
	done
	for options in '-x' '-x -n' '-x -c' '-x -v -c' '-x -i -n'; do
		# shellcheck disable=SC2086 # they are options
		agree $options 'needle ?(word|need)?'
	done
	agree -n '^$'
	agree -c ''
	agree -n 'e\r$'
	agree -n '^needle|word$'
}

@test "numbers of lines are right in all windows" {
	mkdir tree
	perl -e 'for (1 .. 60000) { print $_ % 7 ? "x" x ($_ % 40) : "needle", "\n" }' >tree/a
	perl -ne 'print "$.:$_" if /needle/' tree/a >expected
	try 0 -n needle tree/a
	same expected "$out"
	agree -n -v needle
	# A line longer than a window in between.
	{ cat tree/a; perl -e 'print "z" x 700000, "\n"'; cat tree/a; } >tree/b
	agree -n needle
	agree -n -o 'zneedle|^needle$'
	agree -n 'z{60000}'
}

@test "standard input that keeps coming is not said to be waited for" {
	mkfifo in
	# A pipe that is empty most of the time, but never for long.
	perl -e '$| = 1; for (1 .. 35) { print "x\n" x 100; select(undef, undef, undef, 0.1) }' >in 3>&- &
	input=in try 1 absent
	err_is
}

# limit N: lines of N-1, N and N+1 bytes; only the last is too long.
limit() {
	local n=$1 place length got end
	for place in first middle last unended; do
		for length in $((n - 1)) "$n" $((n + 1)); do
			perl -e 'my ($n, $length, $place) = @ARGV;
				my $line = "a" . "x" x ($length - 2) . "b";
				my $others = "short\n" x (2 * $n / 6 + 5);
				print $others if $place ne "first";
				print $line;
				print "\n" if $place ne "unended";
				print $others, "behind\n" if $place eq "first" || $place eq "middle";' \
				"$n" "$length" "$place" >text
			for got in file pipe; do
				echo "max-line $n, line of $length bytes, $place, $got" >where
				input=/dev/null
				end=text
				if [ "$got" = pipe ]; then
					rm -f in
					mkfifo in
					cat text >in 3>&- &
					input=in end=-
				fi
				if [ "$length" -le "$n" ]; then
					gnu_grep -n -E '^a|b$|behind' text >expected
					try 0 -n --max-line="$n" 'b$|^a|behind' "$end" || { cat where; return 1; }
					[ ! -s "$err" ] || { cat where; return 1; }
				else
					gnu_grep -n -E '^a|b$|behind' text | sed 's/b$//' >expected
					try 2 -n --max-line="$n" 'b$|^a|behind' "$end" || { cat where; return 1; }
					like "$(<"$err")" '*: searched in part: a line is too long*1 cut short' ||
						{ cat where; return 1; }
				fi
				same expected "$out" || { cat where; return 1; }
			done
		done
	done
}

@test "lines as long as --max-line, one byte less, and one more" {
	limit 10
	limit 1000
	limit 300000
	# As long as a window, or nearly.
	limit $((window - 1))
	limit "$window"
	limit $((window + 1))
}

# changing PERL: the program searches ./file, and when some of it has come out and all
# ways are full, the expression is done, and then the rest is read, as ./got.
changing() {
	local reader
	perl -e 'for (1 .. 400000) { printf("%08d needle %s\n", $_, "x" x 80) }' >file
	cp file whole
	rm -f "$BATS_TEST_TMPDIR.out"
	mkfifo "$BATS_TEST_TMPDIR.out"
	perl -e 'sysread(STDIN, $_, 1000); print;
		select(undef, undef, undef, 0.4);
		eval $ARGV[0]; die $@ if $@;
		print while sysread(STDIN, $_, 65536)' "$1" <"$BATS_TEST_TMPDIR.out" >got 3>&- &
	reader=$!
	wrap=(timeout 20)
	try 0 needle file
	err_is
	wait "$reader"
}

# What came is the start of a file, but for the end of its last line.
is_start_of() {
	[ "$(tail -c 1 got | od -An -c | tr -d ' ')" = '\n' ]
	head -c $(($(wc -c <got) - 1)) got >start
	cmp -n "$(wc -c <start)" start "$1"
}

@test "a file that is deleted while it is searched is searched whole" {
	changing 'unlink("file") or die'
	cmp whole got
}

@test "a file that is truncated while it is searched ends there" {
	changing 'truncate("file", 0) or die'
	is_start_of whole
	# It was in time.
	[ "$(wc -c <got)" -lt "$(wc -c <whole)" ]
	[ "$(wc -c <got)" -gt 10000 ]
	changing 'truncate("file", (-s "file") - 333) or die'
	head -c -333 whole >expected
	echo >>expected
	cmp expected got
}

@test "a file that grows while it is searched: no less than it was, and an end" {
	changing 'open(F, ">>", "file"); print F "needle more\n" x 100000; close(F)'
	is_start_of file
	[ "$(wc -c <got)" -ge "$(wc -c <whole)" ]
}

@test "a file that is truncated and grows again is read on where it was" {
	changing 'truncate("file", 0) or die; open(F, ">", "file"); print F "0" x 99, "\n" for 1 .. 500000; close(F)'
	[ "$(wc -c <got)" -lt "$(wc -c <whole)" ]
	[ "$(tail -c 1 got | od -An -c | tr -d ' ')" = '\n' ]
}

@test "files that come, change and go while a tree is searched" {
	mkdir tree
	for ((i = 0; i < 40; i++)); do
		perl -e 'print "needle\n" x (10000 * ($ARGV[0] % 5) + 1)' $i >tree/$i
	done
	# What is at an offset is always the same, or the end of the file, or, while the kernel
	# cuts a file off, NULs.
	perl -e 'srand(1); my $end = time() + 10;
		while (time() < $end && !-e "stop") {
			my $file = "tree/" . int(rand(40));
			my $what = int(rand(4));
			unlink($file) if $what == 0;
			truncate($file, 7 * int(rand(-s _) / 7)) if $what == 1 && -s $file;
			if ($what > 1) { open(F, $what == 2 ? ">" : ">>", $file); print F "needle\n" x rand(30000); close(F) }
		}' 3>&- &
	changer=$!
	local status i
	for ((i = 0; i < 15; i++)); do
		wrap=(timeout 20)
		# A name in a directory that was read may be gone: that is no error.
		try 0 needle tree
		err_is
		status=0
		LC_ALL=C command grep -v -E '^tree/[0-9]+:needle$|^Binary file tree/[0-9]+ matches$' "$out" >others || status=$?
		[ "$status" -eq 1 ] || { head others; return 1; }
	done
}
