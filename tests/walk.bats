# The walk: which files are searched, in which order, and what is in its way.
#
# out and err are set by try, which uses wrap; perl has its own variables:
# shellcheck disable=SC2154,SC2034,SC2016,SC2030,SC2031,SC2103,SC2153

bats_require_minimum_version 1.5.0
load helpers

setup() {
	enter_tmp
	untraced
	wrap=(timeout -k 1 120)
}

teardown() {
	[ -z "${large:-}" ] || rm -rf "$large"
}

# Goes where making and removing very many directory entries is fast.
enter_large() {
	[ ! -w /dev/shm ] || large=$(mktemp -d -p /dev/shm pgrep-r-walk.XXXXXX)
	cd "${large:-.}" || return 1
}

# listed FIND-ARGUMENT...: what find prints, in byte order, as --files and -l print it.
listed() {
	LC_ALL=C find "$@" -print0 | LC_ALL=C sort -z | tr '\0' '\n' >expected
}

# walks ROOT...: the program lists, and searches, the files that find finds in these
# roots, whose every file must have an x.
walks() {
	local root
	for root in "$@"; do
		LC_ALL=C find "$root" -type f -print0 | LC_ALL=C sort -z
	done | tr '\0' '\n' >"$BATS_TEST_TMPDIR.expected"
	try 0 --hidden --files -- "$@"
	same "$BATS_TEST_TMPDIR.expected" "$out"
	try 0 --hidden -l -e x -- "$@"
	same "$BATS_TEST_TMPDIR.expected" "$out"
}

# random_tree DIRECTORY SEED: nasty names, files with an x, directories, empty ones.
random_tree() {
	perl -e '
		srand $ARGV[1];
		my @stems = ("a", "b", "A", "a.b", "a-b", "a b", "a\nb", "a\n", "\n", "-x", "--", "-",
			"a\\b", "\xff\xfe", "a\xff", "\xc3\xa9", "\xc3", "a0", "a+", "a\x01", "\x7f",
			".h", "...", "..a", "*", "?", "[a]", "\$(a)", "\"", "'\''", "n" x 255, "n" x 254);
		sub name {
			return $stems[rand @stems] if rand() < 0.6;
			my $name = join "", map { chr 1 + rand 255 } 1 .. 1 + rand 6;
			$name =~ tr,/,_,;
			return $name =~ /^\.\.?$/ ? "dot" : $name;
		}
		sub fill {
			my ($depth) = @_;
			for (1 .. rand 14) {
				my $name = name();
				next if -e $name;
				if (rand() < 0.35 && $depth < 6) {
					mkdir $name or die; chdir $name or die;
					fill($depth + 1);
					chdir ".." or die;
				} else {
					open my $file, ">", $name or die "$!"; print $file "x\n";
				}
			}
		}
		mkdir $ARGV[0] or die; chdir $ARGV[0];
		fill(0) for 1 .. 4;
		open my $file, ">", "a0" or rmdir "a0"; print $file "x\n" if $file;
	' "$1" "$2"
}

# nest NAME DEPTH [FILE...]: that many directories of this name, one in the other, and
# the files, with an x, in the deepest.
nest() {
	perl -e '
		my ($name, $depth, @files) = @ARGV;
		for (1 .. $depth) { mkdir $name or die; chdir $name or die }
		for (@files) { open my $file, ">", $_ or die; print $file "x\n" }
	' "$@"
}

# Preloads fixtures/directories.c; its variables are given as arguments.
preload() {
	[ -z "${SANITIZED:-}${VALGRIND:-}" ] || skip "nothing else is preloaded with a sanitizer or valgrind"
	"${CC:-cc}" -shared -fPIC -O1 -o directories.so "$TESTS/fixtures/directories.c" -ldl
	wrap=(timeout -k 1 120 env LD_PRELOAD=./directories.so "$@")
}

# For the one who may not read everything: the program, in reach, as nobody.
unprivileged() {
	[ -z "${VALGRIND:-}" ] || skip "valgrind's own files are out of reach for nobody"
	chmod 755 .
	if [ "$(id -u)" -eq 0 ]; then
		cp "$PGREP_R" ./program
		PGREP_R=./program
		wrap+=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	fi
}

@test "order: the bytes of the paths, a slash among them" {
	mkdir -p tree/a tree/a.d tree/a-d tree/A tree/é
	local name
	for name in a/z a/.z a.b a-b 'a b' a0 a.d/f a-d/f A/f ab é/f $'\xff' $'\xc3' Z -f; do
		echo x >"tree/$name"
	done
	try 0 x tree
	out_is 'tree/-f:x' 'tree/A/f:x' 'tree/Z:x' 'tree/a b:x' 'tree/a-b:x' 'tree/a-d/f:x' \
		'tree/a.b:x' 'tree/a.d/f:x' 'tree/a/z:x' 'tree/a0:x' 'tree/ab:x' $'tree/\xc3:x' \
		'tree/é/f:x' $'tree/\xff:x'
	[ ! -s "$err" ]
}

@test "order: names that differ within and behind their first four bytes" {
	mkdir tree
	local name
	for name in abcd abcd1 abcde abc abce abcd-e abcd.e abcd0 $'abcd\x01' $'abc\x01' $'ab\xffc' ab abcdefgh abcdefgi; do
		echo x >"tree/$name"
		mkdir "tree/$name.d" "tree/$name-d"
		echo x >"tree/$name.d/x"
		echo x >"tree/$name-d/x"
	done
	walks tree
}

@test "order: every byte that a name can be" {
	mkdir tree
	perl -e '
		chdir "tree";
		for (1 .. 255) {
			my $c = chr;
			next if $c =~ m,[./],;
			open my $file, ">", $c or die; print $file "x\n";
			mkdir "d$c" or die;
			open $file, ">", "d$c/$c"; print $file "x\n";
			open $file, ">", "$c." or die; print $file "x\n";
		}'
	walks tree
	[ "$(tr -dc '\n' <"$out" | wc -c)" -eq $((3 * 253 + 4)) ]
}

@test "order: random trees of nasty names" {
	seed_random
	enter_large
	local i
	for ((i = 0; i < 6; i++)); do
		random_tree "$i" $((TEST_SEED + i))
		walks "$i"
		(cd "$i" && walks . && walks ./*/)
	done
	# All of them as operands of one run.
	walks 3 5 0 3
}

@test "hidden files and directories only with --hidden" {
	seed_random
	random_tree tree "$TEST_SEED"
	mkdir -p tree/.git/sub tree/sub/.d tree/...d
	local file
	for file in tree/.f tree/.git/sub/f tree/sub/.d/f tree/sub/.f tree/sub/f tree/...d/f; do
		echo x >"$file"
	done
	listed tree -mindepth 1 -name '.*' -prune -o -type f
	try 0 --files tree
	same expected "$out"
	try 0 -l x tree
	same expected "$out"
	listed tree -type f
	try 0 --hidden --files tree
	same expected "$out"
	try 0 --hidden -l x tree
	same expected "$out"
	# Whoever names one means it.
	try 0 -l x tree/.git tree/.f
	out_is tree/.git/sub/f tree/.f
}

@test "roots: in the order given, each as often as given" {
	mkdir -p b/c a
	echo x | tee b/1 b/c/2 a/3 file >/dev/null
	try 0 x b a
	out_is b/1:x b/c/2:x a/3:x
	try 0 x a b a
	out_is a/3:x b/1:x b/c/2:x a/3:x
	try 0 x file b/1 a file b/c
	out_is file:x b/1:x a/3:x file:x b/c/2:x
	try 0 --files file b file
	out_is file b/1 b/c/2 file
	# The deeper first, then what holds it.
	try 0 x b/c b
	out_is b/c/2:x b/1:x b/c/2:x
}

@test "roots: many, more than a worker keeps open" {
	local i
	for ((i = 0; i < 60; i++)); do
		mkdir -p "r$i/s"
		echo "x $i" | tee "r$i/f" >"r$i/s/f"
	done
	for i in {59..0} {0..59}; do
		printf 'r%d/f:x %d\nr%d/s/f:x %d\n' "$i" "$i" "$i" "$i"
	done >expected
	try 0 x r{59..0} r{0..59}
	same expected "$out"
}

@test "roots: printed as they were written" {
	mkdir -p dir/sub
	echo x | tee dir/f dir/sub/g h >/dev/null
	try 0 x dir/
	out_is dir/f:x dir/sub/g:x
	try 0 x ./dir
	out_is ./dir/f:x ./dir/sub/g:x
	try 0 x "$PWD/dir"
	out_is "$PWD/dir/f:x" "$PWD/dir/sub/g:x"
	try 0 x .
	out_is ./dir/f:x ./dir/sub/g:x ./h:x
	try 0 x ./
	out_is ./dir/f:x ./dir/sub/g:x ./h:x
	cd dir
	try 0 x ..
	out_is ../dir/f:x ../dir/sub/g:x ../h:x
	try 0 x ../dir/sub/../
	out_is ../dir/sub/../f:x ../dir/sub/../sub/g:x
}

@test "no root: the current directory, without a ./" {
	mkdir -p dir -- -d
	echo x | tee dir/f ./-d/f h >/dev/null
	try 0 x
	out_is -d/f:x dir/f:x h:x
	try 0 -l x
	out_is -d/f dir/f h
	try 0 --files
	out_is -d/f dir/f h
	# Names are printed though there is one file.
	cd dir
	try 0 x
	out_is f:x
	cd ..
	mkdir empty
	cd empty
	try 1 x
	out_is
}

@test "roots: that are not there, or empty, are told of, and the rest is searched" {
	mkdir dir
	echo x >dir/f
	try 2 x missing dir '' dir/f/
	out_is dir/f:x
	err_is 'pgrep-r: missing: No such file or directory' 'pgrep-r: .: No such file or directory' \
		'pgrep-r: dir/f/: Not a directory' 'pgrep-r: 3 files not searched whole: 3 unreadable'
	try 2 --files missing dir
	out_is dir/f
	err_is 'pgrep-r: missing: No such file or directory' \
		'pgrep-r: 1 file not searched whole: 1 unreadable'
}

@test "symbolic links: followed where they are named, not where they are met" {
	mkdir -p outside/sub tree/d
	echo x | tee outside/f outside/sub/g tree/d/h >/dev/null
	ln -s ../outside tree/out
	ln -s ../outside/f tree/file
	ln -s . tree/self
	ln -s ../.. tree/d/up
	ln -s missing tree/dangling
	ln -s tree link
	ln -s outside/f filelink
	try 0 x tree
	out_is tree/d/h:x
	[ ! -s "$err" ]
	try 0 --files tree
	out_is tree/d/h
	try 0 x link
	out_is link/d/h:x
	try 0 x link/
	out_is link/d/h:x
	try 0 x link/out filelink tree/file tree/self
	out_is link/out/f:x link/out/sub/g:x filelink:x tree/file:x tree/self/d/h:x
	try 2 x tree/dangling
	out_is
	err_is 'pgrep-r: tree/dangling: No such file or directory' \
		'pgrep-r: 1 file not searched whole: 1 unreadable'
}

@test "FIFOs, sockets and devices that are met are passed over" {
	mkdir -p tree/d
	echo x | tee tree/a tree/d/z tree/q >/dev/null
	mkfifo tree/fifo tree/d/fifo
	perl -MSocket -e 'socket S, AF_UNIX, SOCK_STREAM, 0; bind S, sockaddr_un("tree/socket") or die'
	if [ "$(id -u)" -eq 0 ]; then
		mknod tree/zero c 1 5
		mknod tree/block b 7 200
	fi
	wrap=(timeout -k 1 20)
	try 0 x tree
	out_is tree/a:x tree/d/z:x tree/q:x
	[ ! -s "$err" ]
	try 0 --files tree
	out_is tree/a tree/d/z tree/q
	try 1 -L y tree
	out_is tree/a tree/d/z tree/q
}

@test "what cannot be read is told of, and the rest is searched" {
	unprivileged
	mkdir -p tree/a tree/closed/sub tree/nosearch/sub tree/noread/sub tree/z
	echo x | tee tree/a/f tree/closed/f tree/nosearch/f tree/noread/f tree/secret tree/z/f >/dev/null
	chmod 000 tree/closed tree/secret
	chmod 444 tree/nosearch
	chmod 111 tree/noread
	try 2 x tree
	out_is tree/a/f:x tree/z/f:x
	err_is 'pgrep-r: tree/closed: Permission denied' 'pgrep-r: tree/noread: Permission denied' \
		'pgrep-r: tree/nosearch/f: Permission denied' \
		'pgrep-r: tree/nosearch/sub: Permission denied' 'pgrep-r: tree/secret: Permission denied' \
		'pgrep-r: 5 files not searched whole: 5 unreadable'
	try 2 y tree
	out_is
	try 2 -s x tree
	out_is tree/a/f:x tree/z/f:x
	[ ! -s "$err" ]
	try 0 -q x tree
	# What is named may be read through a directory that may not.
	try 0 x tree/noread/f
	out_is x
	try 2 x tree/closed tree/secret tree/z
	out_is tree/z/f:x
	try 2 --files tree
	out_is tree/a/f tree/nosearch/f tree/secret tree/z/f
	err_is 'pgrep-r: tree/closed: Permission denied' 'pgrep-r: tree/noread: Permission denied' \
		'pgrep-r: tree/nosearch/sub: Permission denied' \
		'pgrep-r: 3 files not searched whole: 3 unreadable'
	chmod 700 tree/*
}

@test "what is told of keeps its place among other files, whatever there is before it" {
	unprivileged
	local i
	mkdir tree
	for i in {100..399}; do
		echo x >"tree/$i"
		echo "tree/$i:x" >>expected
		if [ $((i % 3)) -eq 0 ]; then
			mkdir "tree/$i.d" "tree/$i.e"
			chmod 000 "tree/$i.d"
			echo x >"tree/$i.e/f"
			echo "tree/$i.e/f:x" >>expected
			echo "pgrep-r: tree/$i.d: Permission denied" >>messages
		fi
	done
	echo 'pgrep-r: 100 files not searched whole: 100 unreadable' >>messages
	try 2 x tree
	same expected "$out"
	same messages "$err"
	chmod 700 tree/*.d
}

@test "names in messages are escaped" {
	unprivileged
	mkdir -p $'tree/a\nb' $'tree/\xff\\'
	chmod 000 tree/*
	try 2 x tree
	err_is 'pgrep-r: tree/a\012b: Permission denied' 'pgrep-r: tree/\377\\: Permission denied' \
		'pgrep-r: 2 files not searched whole: 2 unreadable'
	chmod 700 tree/*
}

@test "a file system that does not tell types: the same result" {
	preload DIRECTORIES_UNKNOWN=1
	seed_random
	random_tree tree "$TEST_SEED"
	mkdir -p tree/d/.hidden
	echo x | tee tree/d/f tree/d/.hidden/f >/dev/null
	mkfifo tree/fifo tree/d/fifo
	ln -s . tree/link
	ln -s ../d/f tree/d/link
	walks tree
	listed tree -mindepth 1 -name '.*' -prune -o -type f
	try 0 -l x tree
	same expected "$out"
}

@test "entries without a type that may not be looked at are told of" {
	preload DIRECTORIES_UNKNOWN=1
	unprivileged
	mkdir tree
	mkdir tree/nosearch
	echo x | tee tree/a tree/nosearch/f >/dev/null
	chmod 444 tree/nosearch
	try 2 x tree
	out_is tree/a:x
	like "$(head -n 1 "$err")" 'pgrep-r: tree/nosearch*: Permission denied'
	chmod 700 tree/nosearch
}

@test "what has vanished since its directory was read needs no word" {
	# 8 is a regular file, 4 a directory, 0 unknown.
	preload DIRECTORIES_GHOST=b=8,c=4,d=0,zz=8,zzz=4
	mkdir -p tree/a/e tree/z
	echo x | tee tree/a/f tree/a/e/g tree/z/h tree/zzzz >/dev/null
	try 0 x tree
	out_is tree/a/e/g:x tree/a/f:x tree/z/h:x tree/zzzz:x
	[ ! -s "$err" ]
	try 1 y tree
	out_is
	[ ! -s "$err" ]
	try 1 -L y tree
	out_is tree/a/e/g tree/a/f tree/z/h tree/zzzz
	try 0 -c x tree
	out_is tree/a/e/g:1 tree/a/f:1 tree/z/h:1 tree/zzzz:1
}

@test "a directory that vanishes between opening and reading needs no word" {
	preload DIRECTORIES_REMOVE=gone
	mkdir -p tree/gone tree/z
	echo x | tee tree/a tree/z/h >/dev/null
	try 0 x tree
	[ ! -e tree/gone ]
	out_is tree/a:x tree/z/h:x
	[ ! -s "$err" ]
}

@test "a directory that cannot be read to its end is told of, and what was read is searched" {
	preload DIRECTORIES_FAIL=bad
	mkdir -p tree/bad/sub tree/z
	echo x | tee tree/a tree/bad/f tree/bad/sub/g tree/z/h >/dev/null
	try 2 x tree
	out_is tree/a:x tree/bad/f:x tree/bad/sub/g:x tree/z/h:x
	err_is 'pgrep-r: tree/bad: Input/output error' \
		'pgrep-r: 1 file not searched whole: 1 unreadable'
	try 2 x tree/bad tree/z
	out_is tree/bad/f:x tree/bad/sub/g:x tree/z/h:x
	err_is 'pgrep-r: tree/bad: Input/output error' \
		'pgrep-r: 1 file not searched whole: 1 unreadable'
}

@test "an entry that has become something else: nothing is followed, nothing waited for" {
	# Links, a FIFO and a directory that were files; a link and a file that were directories.
	preload DIRECTORIES_TYPE=filelink=8,fifo=8,dir=8,dirlink=4,file=4
	mkdir -p outside tree/dir
	echo 'x secret' >outside/f
	echo x | tee tree/a tree/z tree/dir/f tree/file >/dev/null
	ln -s ../outside/f tree/filelink
	ln -s ../outside tree/dirlink
	mkfifo tree/fifo
	wrap[3]=20 # seconds
	try 2 x tree
	out_is tree/a:x tree/z:x
	run command grep -c -e filelink -e fifo "$err"
	[ "$output" = 0 ]
	try 2 --files tree
	run command grep -c dirlink/ "$out"
	[ "$output" = 0 ]
}

@test "a directory on the way is moved elsewhere: nothing outside is searched, and it is told" {
	# Deep enough that the way back leads through "..".
	preload DIRECTORIES_MOVE=bottom=tree/b/b/b/b/b=elsewhere/moved
	mkdir -p elsewhere/c tree
	echo 'x secret' >elsewhere/c/secret
	(cd tree && perl -e '
		for (1 .. 100) {
			mkdir "b" or die; mkdir "c" or die; chdir "b";
			open my $file, ">", "../c/f"; print $file "x\n";
			open $file, ">", "../d"; print $file "x\n";
		}
		mkdir "bottom"')
	try 2 x tree
	[ -d elsewhere/moved ]
	run command grep -c secret "$out"
	[ "$output" = 0 ]
	# Above the place from where it was moved, files are found, and every other
	# directory is found or told of.
	local i path=tree
	for ((i = 0; i < 5; i++)); do
		command grep -qxF "$path/d:x" "$out"
		command grep -qxF "$path/c/f:x" "$out" ||
			command grep -qxF "pgrep-r: $path/c: Stale file handle" "$err"
		path+=/b
	done
}

@test "depth: 10,000 directories" {
	enter_large
	nest d 10000 f
	perl -e 'print "d/" x 10000, "f:x\n"' >"$BATS_TEST_TMPDIR.expected"
	local jobs
	for jobs in "$JOBS" 1 5; do
		JOBS=$jobs try 0 x
		same "$BATS_TEST_TMPDIR.expected" "$out"
	done
	try 0 --files
	tr -d ':x' <"$BATS_TEST_TMPDIR.expected" >"$BATS_TEST_TMPDIR.listed"
	same "$BATS_TEST_TMPDIR.listed" "$out"
	[ -n "${VALGRIND:-}" ] || wrap+=(prlimit --nofile=40)
	try 0 --files
	same "$BATS_TEST_TMPDIR.listed" "$out"
}

@test "depth: paths that are longer than the kernel takes at once" {
	local name jobs
	printf -v name '%0255d' 7
	mkdir deep
	(cd deep && nest "$name" 200 a z)
	echo x >deep/zz
	perl -e 'my $path = "deep/" . "$ARGV[0]/" x 200; print "${path}a:x\n${path}z:x\ndeep/zz:x\n"' \
		"$name" >expected
	for jobs in "$JOBS" 1 5; do
		JOBS=$jobs try 0 x deep
		same expected "$out"
		[ ! -s "$err" ]
	done
	# No file but a link: there is nothing to be said.
	perl -e 'chdir "deep"; 1 while chdir $ARGV[0]; symlink "a", "b"; unlink "a", "z"; mkdir "c"' "$name"
	try 0 x deep
	out_is deep/zz:x
	[ ! -s "$err" ]
}

@test "depth: 40 descriptors, and nothing to be searched before the deepest directory" {
	[ -z "${VALGRIND:-}" ] || skip "valgrind needs descriptors itself"
	local name jobs
	printf -v name '%0255d' 7
	enter_large
	mkdir deep long
	# Few descriptors leave Landlock, under which a file's depth takes its square.
	local depth=10000 numbers=("$JOBS")
	if [ "$JOBS" -ne 2 ] || [ -n "${SANITIZED:-}" ]; then
		depth=4000 numbers=(1 2 5)
	fi
	(cd deep && nest d "$depth" f)
	(cd long && nest "$name" 200 f)
	perl -e 'print "deep/", "d/" x $ARGV[1], "f:x\nlong/", "$ARGV[0]/" x 200, "f:x\n"' "$name" "$depth" \
		>"$BATS_TEST_TMPDIR.expected"
	wrap+=(prlimit --nofile=40)
	for jobs in "${numbers[@]}"; do
		JOBS=$jobs try 0 x deep long
		same "$BATS_TEST_TMPDIR.expected" "$out"
	done
}

@test "depth: files and directories at each level, before and after the descent" {
	enter_large
	mkdir deep
	(cd deep && perl -e '
		for my $level (1 .. 300) {
			for my $name ("a", "c") {
				mkdir $name or die; mkdir "$name/d" or die;
				for my $file ("$name/f", "$name/d/g", "$name-") {
					open my $to, ">", $file or die; print $to "x $level\n";
				}
			}
			mkdir "b" or die; chdir "b" or die;
		}')
	LC_ALL=C find deep -type f -print0 | LC_ALL=C sort -z | xargs -0 env grep -H x >expected
	[ "$(wc -l <expected)" -eq 1800 ]
	local jobs limit
	for limit in 1024 100; do
		wrap=(timeout -k 1 120 prlimit --nofile="$limit")
		for jobs in "$JOBS" 1 5; do
			JOBS=$jobs try 0 x deep
			same expected "$out"
			[ ! -s "$err" ]
		done
	done
	listed deep -type f
	try 0 --files deep
	same expected "$out"
}

@test "depth: few descriptors, and something to be searched at each level" {
	[ -z "${VALGRIND:-}" ] || skip "valgrind needs descriptors itself"
	enter_large
	mkdir deep
	(cd deep && perl -e '
		for (1 .. 300) {
			for my $name ("a", "c") {
				mkdir $name or die;
				open my $to, ">", "$name/f" or die; print $to "x\n";
			}
			mkdir "b" or die; chdir "b" or die;
		}')
	listed deep -type f
	local jobs limit
	for limit in 20 64; do
		wrap=(timeout -k 1 120 prlimit --nofile="$limit")
		try 0 --files deep
		same expected "$out"
		for jobs in "$JOBS" 1 5; do
			JOBS=$jobs try 0 -l x deep
			same expected "$out"
		done
	done
}

@test "the longest name of a root that there can be" {
	# 4095 bytes; with a slash and a name behind it, longer than the kernel takes.
	local root name
	printf -v name '%0255d' 7
	root=$name/$name/$name/$name/$name/$name/$name/$name/$name/$name/$name/$name/$name/$name/$name
	[ "${#root}" -eq 3839 ]
	mkdir -p "$root"
	(cd "$root" && mkdir "$name" && echo x >"$name/f")
	root=$root/$name
	[ "${#root}" -eq 4095 ]
	try 0 x "$root"
	out_is "$root/f:x"
}

@test "width: a directory of very many names" {
	seed_random
	local count=100000
	[ -z "${VALGRIND:-}${SANITIZED:-}" ] || count=5000
	[ -z "${SLOW:-}" ] || count=1000000
	enter_large
	mkdir tree
	perl -e '
		srand $ARGV[0];
		chdir "tree";
		open my $first, ">", "first" or die; print $first "x\n"; close $first;
		for (2 .. $ARGV[1]) {
			my $name = sprintf "%x", rand 2 ** (8 + rand 40);
			redo if -e $name;
			open my $file, ">", $name or die "$name: $!";
		}' "$TEST_SEED" "$count"
	listed tree -type f
	[ "$(wc -l <expected)" -eq "$count" ]
	try 0 --files tree
	same expected "$out"
	try 0 -c '' tree
	sed 's/$/:0/; /first/s/0$/1/' expected | same - "$out"
	try 0 x tree
	out_is tree/first:x
}

@test "empty files and empty directories" {
	mkdir -p tree/empty/{a,b}/c tree/z
	: >tree/e
	: >tree/z/e
	try 1 '' tree
	out_is
	[ ! -s "$err" ]
	try 1 -L '' tree
	out_is tree/e tree/z/e
	try 1 -c '' tree
	out_is tree/e:0 tree/z/e:0
	try 0 --files tree
	out_is tree/e tree/z/e
	try 1 --files tree/empty
	out_is
	try 1 '' tree/empty tree/e
	[ ! -s "$err" ]
}

@test "files whose size says nothing" {
	[ "$(stat -c %s /proc/self/mountinfo)" -eq 0 ]
	cat /proc/self/mountinfo >expected
	try 0 '' /proc/self/mountinfo
	same expected "$out"
	try 0 -c '' /proc/self/mountinfo
	out_is "$(wc -l <expected)"
	# More than is read at once.
	try 0 -c '' /proc/kallsyms
	out_is "$(wc -l </proc/kallsyms)"
	local file
	for file in $(find /proc/sys/fs/inotify -type f | LC_ALL=C sort); do
		echo "$file:$(cat "$file")"
	done >expected
	[ -s expected ]
	try 0 '' /proc/sys/fs/inotify
	same expected "$out"
}

@test "files of all sizes: what grep says file by file, and the same bytes with any number of workers" {
	seed_random
	enter_large
	local files=3000
	[ -z "${VALGRIND:-}" ] || files=300
	mkdir tree
	perl -e '
		srand $ARGV[0];
		my @words = ("x", "xx", "needle", "a line", "NEEDLE", "", "z" x 70, "\x{e9}", "fox x needle");
		chdir "tree";
		for my $i (1 .. $ARGV[1]) {
			my $name = join "/", map { ("a" .. "e")[rand 5] } 1 .. rand 4;
			my $path = "";
			for (split "/", $name) { $path .= "$_.d/"; mkdir $path }
			my $lines = rand() < 0.9 ? rand 20 : rand() < 0.9 ? rand 400 : rand 20000;
			open my $file, ">", "$path$i.t" or die;
			print $file join("\n", map { $words[rand @words] } 1 .. $lines);
			print $file "\n" if rand() < 0.8;
			print $file "\0" if $i % 100 == 0;
		}' "$TEST_SEED" "$files"
	local options jobs
	LC_ALL=C find tree -type f -print0 | LC_ALL=C sort -z >names
	for options in '-n' '-c' '-l' '-L' '-on' '-vm2' '-h' '-iw' '--color=always'; do
		# shellcheck disable=SC2086 # options are words
		xargs -0 env LC_ALL=C.UTF-8 grep -aH $options needle <names >expected || true
		for jobs in 1 2 5 17; do
			JOBS=$jobs try 0 -a "$options" needle tree
			same expected "$out"
			[ ! -s "$err" ]
		done
	done
	# Without -a there are binary files among them.
	for options in '-n' '-I' '-c'; do
		JOBS=1 try 0 "$options" needle tree
		cp "$out" expected
		for jobs in 2 5 17; do
			JOBS=$jobs try 0 "$options" needle tree
			same expected "$out"
		done
	done
}
