# -R, --follow: symbolic links that the walk meets.
#
# out and err are set by try, which uses wrap:
# shellcheck disable=SC2154,SC2034,SC2016,SC2030,SC2031

bats_require_minimum_version 1.5.0
load helpers
load fixtures/names

setup() {
	enter_tmp
	untraced
	wrap=(timeout -k 1 120)
}

# follows STATUS ROOT NAME...: listing and search of the root, whose links are followed,
# are these, in each sandbox.
follows() {
	local status=$1 root=$2 sandbox
	shift 2
	try "$status" -R --files "$root"
	out_is "$@"
	for sandbox in auto landlock off; do
		try "$status" -R -l x --sandbox="$sandbox" "$root"
		out_is "$@"
	done
}

@test "links to files and to directories, in the tree and out of it, each under its own name" {
	files tree/a tree/d/b out/c out/e/f
	ln -s a tree/la
	ln -s d tree/ld
	ln -s ../out tree/lo
	ln -s "$PWD/out/e" tree/d/abs
	follows 0 tree tree/a tree/d/abs/f tree/d/b tree/la tree/ld/abs/f tree/ld/b tree/lo/c tree/lo/e/f
	[ ! -s "$err" ]
	# As GNU grep has it, but for the order.
	command grep -Rl x tree | LC_ALL=C sort | same - "$out"
	try 0 -l x tree
	out_is tree/a tree/d/b
	# --follow is ripgrep's name.
	try 0 --follow -l x tree
	[ "$(wc -l <"$out")" -eq 8 ]
	(cd tree && follows 0 . ./a ./d/abs/f ./d/b ./la ./ld/abs/f ./ld/b ./lo/c ./lo/e/f)
}

@test "links of links, links in the way, names in the order of what they lead to" {
	files real/x/a 'real/x.b'
	mkdir tree
	ln -s ../real/x tree/x
	ln -s x tree/y
	ln -s ../real/x.b tree/x.b
	ln -s y/a tree/z
	# A directory sorts as if with its slash, a link to one, too.
	follows 0 tree tree/x.b tree/x/a tree/y/a tree/z
}

@test "a link that leads nowhere is told, and makes the search incomplete" {
	files tree/a
	ln -s nowhere tree/broken
	ln -s self tree/self
	follows 2 tree tree/a
	err_is 'pgrep-r: tree/broken: No such file or directory' \
		'pgrep-r: tree/self: Too many levels of symbolic links' \
		'pgrep-r: 2 files not searched whole: 2 unreadable'
	try 2 -Rs x tree
	[ ! -s "$err" ]
	try 0 x tree
	[ ! -s "$err" ]
}

@test "loops: each told once, nothing searched twice for them" {
	files tree/a tree/d/b tree/d/e/c
	ln -s .. tree/d/up
	ln -s . tree/d/e/here
	ln -s ../.. tree/d/e/top
	follows 0 tree tree/a tree/d/b tree/d/e/c
	err_is 'pgrep-r: tree/d/e/here: recursive directory loop' \
		'pgrep-r: tree/d/e/top: recursive directory loop' \
		'pgrep-r: tree/d/up: recursive directory loop'
	command grep -Rl x tree 2>/dev/null | LC_ALL=C sort | same - "$out"
	try 0 -Rs x tree
	[ ! -s "$err" ]
	try 1 -R y tree
	# Out of the tree and back.
	mkdir other
	ln -s ../tree other/back
	ln -s ../../other tree/d/other
	try 0 -R -l x other
	out_is other/back/a other/back/d/b other/back/d/e/c
	command grep -q 'other/back/d/other: recursive directory loop' "$err"
}

@test "links to what is no file: passed over; to what kernel and devices show: too" {
	files tree/a
	mkfifo fifo
	ln -s ../fifo tree/fifo
	ln -s /dev/zero tree/zero
	ln -s /proc/self tree/self
	ln -s /proc/version tree/version
	ln -s /proc/self/fd/0 tree/magic
	follows 0 tree tree/a
	[ ! -s "$err" ]
}

@test "ignore files, globs and types see links by their own names" {
	files tree/a.c out/x.c out/b.txt
	ln -s ../out tree/ln
	ln -s ../out/b.txt tree/b.c
	ln -s ../out/x.c tree/x.txt
	echo '/ln/x.c' >tree/.ignore
	follows 0 tree tree/a.c tree/b.c tree/ln/b.txt tree/x.txt
	try 0 -R --files -t c tree
	out_is tree/a.c tree/b.c
	try 0 -R --files -g '*.txt' tree
	out_is tree/ln/b.txt tree/x.txt
	echo '*' >rules
	ln -s ../rules out/.gitignore
	try 0 -R --files --no-require-git tree
	out_is tree/a.c tree/b.c tree/ln/b.txt tree/x.txt
	touch -d 2020-01-01 out/b.txt
	try 0 -R --files --changed-within=1d tree
	out_is tree/a.c tree/x.txt
}

@test "links deeper than directories are held open, each leading away from where it is" {
	local i depth=150
	[ -z "${VALGRIND:-}" ] || depth=80
	mkdir all
	for ((i = 0; i < depth; i++)); do
		mkdir "all/$i"
		echo x >"all/$i/a"
		echo x >"all/$i/z"
		ln -s "../$((i + 1))" "all/$i/m"
	done
	mkdir "all/$depth"
	echo x >"all/$depth/a"
	try 0 -R --files all/0
	[ "$(wc -l <"$out")" -eq $((2 * depth + 1)) ]
	cp "$out" expected
	[ ! -s "$err" ]
	try 0 -R -l x all/0
	same expected "$out"
	# With no descriptors for all of them it is told what is missing.
	[ -z "${SANITIZED:-}${VALGRIND:-}" ] || return 0
	wrap=(timeout -k 1 120 prlimit --nofile=60:60)
	try 2 -R --files all/0
	command grep -q 'Too many open files' "$err"
	[ "$(wc -l <"$out")" -gt 50 ]
}

@test "a worker that follows sees everything, read-only, and says so" {
	files tree/a out/b
	ln -s ../out tree/ln
	try 0 -R --stats -l x tree
	out_is tree/a tree/ln/b
	command grep -Eq 'mount jail|Landlock' "$err"
	try 64 --untrusted -R x tree
}

@test "random trees of links: as GNU grep" {
	seed_random
	local i
	for ((i = 0; i < 15; i++)); do
		rm -rf tree
		perl -e '
			srand $ARGV[0];
			my @directories = ("tree");
			mkdir "tree" or die;
			for my $n (1 .. 12) {
				my $in = $directories[rand @directories];
				if (rand() < 0.4) {
					mkdir "$in/d$n" or die;
					push @directories, "$in/d$n";
				} else {
					open my $to, ">", "$in/f$n" or die;
					print $to "x\n";
				}
			}
			my @all = split /\n/, `find tree`;
			for my $n (1 .. 1 + rand 4) {
				my $in = $directories[rand @directories];
				my $to = rand() < 0.1 ? "nowhere" : $ENV{PWD} . "/" . $all[rand @all];
				symlink $to, "$in/l$n" or die "$in/l$n: $!";
			}' $((TEST_SEED * 100 + i))
		command grep -Rl x tree 2>grep.err | LC_ALL=C sort >expected || true
		local status=0
		[ -s expected ] || status=1
		not command grep -q 'No such file' grep.err || status=2
		try "$status" -R -l x tree
		same expected "$out"
		[ "$(command grep -c 'recursive directory loop' "$err")" -eq "$(command grep -c 'recursive directory loop' grep.err)" ]
		[ "$(command grep -c 'No such file' "$err")" -eq "$(command grep -c 'No such file' grep.err)" ]
	done
}
