# The same bytes, messages and status for any number of workers.
#
# out, err and wrap are try's:
# shellcheck disable=SC2154,SC2034

load helpers

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	mkdir -p tree/a
	# 3,000 files of up to 600 KB, most of them small, in 300 directories; the same each
	# time.  Some are empty, some binary, some no UTF-8; some lines are very long.
	perl -e '
		srand 7;
		my @words = ("alpha", "beta", "foo", "Foo", "foobar", "x", "\303\251cole", "caf\351", " ", "\t");
		my @directories = ("tree", "tree/a");
		for (1 .. 300) {
			my $name = $directories[rand @directories] . "/" . ("a" .. "e")[rand 5] .
			    ("", ".", "-", " ", "0")[rand 5] . int rand 50;
			next if -e $name;
			mkdir $name or die "$name: $!";
			push @directories, $name;
		}
		for my $i (1 .. 3000) {
			my $size = $i % 500 == 0 ? 600000 : $i % 50 == 0 ? 40000 : $i % 9 == 0 ? 0 : rand 3000;
			my $name = "$directories[rand @directories]/" . ("", ".")[rand 1.1] .
			    ("a" .. "e", "\303\251", "\377")[rand 7] . ("", ".c", "-x", "~", "\303\251", "\377")[rand 6] . $i;
			my ($text, $end) = ("", $i % 30 == 0 ? " " : "\n");
			while (length $text < $size) {
				$text .= join("", map { $words[rand @words] } 1 .. 1 + rand 12) . $end;
			}
			substr($text, rand length $text, 1) = "\0" if $i % 40 == 0;
			open my $out, ">", $name or die "$name: $!";
			print $out $text;
		}'
	ln -s ../tree tree/loop
	mkfifo tree/pipe
}

setup() {
	enter_tmp
	untraced
	cd "$BATS_FILE_TMPDIR" || return 1
}

# same_for_all STATUS ARG...: one worker, and then others, also where they must share a processor.
same_for_all() {
	local status=$1 jobs
	shift
	try "$status" -j 1 "$@" || return 1
	cp "$out" "$out.one"
	cp "$err" "$err.one"
	for jobs in 2 5 17; do
		[ "$jobs" -eq 5 ] && wrap=(taskset -c "$(first_processor)")
		if ! try "$status" -j "$jobs" "$@" || ! same "$out.one" "$out" || ! same "$err.one" "$err"; then
			echo "-j $jobs differs: $*"
			return 1
		fi
		wrap=()
	done
}

first_processor() {
	local list
	list=$(taskset -cp $$)
	list=${list##*: }
	echo "${list%%[-,]*}"
}

@test "lines, and the order of GNU grep given sorted names" {
	same_for_all 0 -n 'fo+' tree
	find tree -name '.*' -prune -o -type f -print0 | LC_ALL=C sort -z |
		LC_ALL=C.UTF-8 xargs -0 grep -a -H -n -F foo >expected
	try 0 -a -n foo tree
	same expected "$out"
	like "$(wc -l <"$out")" '[1-9][0-9][0-9][0-9][0-9]*'
}

@test "parts of lines" {
	same_for_all 0 -o -n '[a-z]o+\w' tree
	same_for_all 0 -o x tree
}

@test "counts and names" {
	same_for_all 0 -c foo tree
	same_for_all 0 -l foo tree
	same_for_all 0 -L foo tree
	same_for_all 0 --files tree
}

@test "inverted, ignoring case, words, whole lines" {
	same_for_all 0 -v -n -i 'foo|alpha|beta' tree
	same_for_all 0 -w -i -n foo tree
	same_for_all 0 -x -n '\S+' tree
}

@test "all as text, hidden files, colours" {
	same_for_all 0 -a --hidden -n 'caf.' tree
	same_for_all 0 --color=always -n 'foo|x' tree
}

@test "a limit per file" {
	same_for_all 0 -m 1 -n foo tree
	same_for_all 0 -m 3 -c foo tree
}

@test "nothing selected" {
	same_for_all 1 'nothing of that kind' tree
	same_for_all 1 -q 'nothing of that kind' tree
	same_for_all 0 -q foo tree
}

@test "several roots, and what is not there among them" {
	same_for_all 2 -c foo tree/a nowhere tree tree/a nor/here
	err_is 'pgrep-r: nowhere: No such file or directory' \
		'pgrep-r: nor/here: No such file or directory' \
		'pgrep-r: 2 files not searched whole: 2 unreadable'
}

@test "messages about files, in their order" {
	mkdir -p long
	perl -e 'for (1 .. 40) { open my $out, ">", "long/$_"; print $out "x" x ($_ % 3 ? 9 : 300000), "\nfoo\n" }'
	same_for_all 2 --max-line=256K -c foo long
	like "$(wc -l <"$err")" 14
	# What is said comes in the order of the paths.
	sed -n 's/^pgrep-r: \(.*\): searched in part: .*/\1/p' "$err" >names
	LC_ALL=C sort names >sorted
	same sorted names
}

@test "again and again" {
	local i
	try 0 -n foo tree
	cp "$out" expected
	for i in 1 2 3 4 5; do
		try 0 -j 7 -n foo tree
		same expected "$out"
	done
}
