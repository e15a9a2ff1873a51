# Which files: globs, types, depth, file systems, times, parts.
#
# out and err are set by try, which uses wrap:
# shellcheck disable=SC2154,SC2034,SC2016,SC2030,SC2031,SC1003

bats_require_minimum_version 1.5.0
load helpers
load fixtures/names

setup() {
	enter_tmp
	untraced
	wrap=(timeout -k 1 120)
}

@test "-g: the last one that matches decides; what none takes is left out" {
	files a.c a.h b.c sub/a.c sub/b.h sub/deep/a.c .hid.c
	lists -g '*.c' -- .hid.c a.c b.c sub/a.c sub/deep/a.c
	lists -g '*.c' -g '!a*' -- .hid.c b.c
	lists -g '!a*' -g '*.c' -- .hid.c a.c b.c sub/a.c sub/deep/a.c
	lists -g '!*.c' -- a.h sub/b.h
	lists -g '/*.c' -- .hid.c a.c b.c
	lists -g 'sub/*.c' -- sub/a.c
	lists -g 'sub/**' -- sub/a.c sub/b.h sub/deep/a.c
	lists -g '**/deep/*' -- sub/deep/a.c
	lists -g '!sub' -- a.c a.h b.c
	lists -g '!sub/deep/' -- a.c a.h b.c sub/a.c sub/b.h
	lists -g '*.{c,h}' -g '!{.,b}*' -- a.c a.h sub/a.c sub/deep/a.c
	lists -g '' -- a.c a.h b.c sub/a.c sub/b.h sub/deep/a.c
	lists --iglob 'SUB/*.H' -- sub/b.h
	lists -g 'SUB/*.H' --
	# Relative to where the program runs, however the operand is named; which is taken itself.
	try 0 --files -g 'sub/*.c' "$PWD/sub"
	out_is "$PWD/sub/a.c"
	try 0 --files -g '!*.c' a.c sub
	out_is a.c sub/b.h
}

@test "-g: what is no glob is said to be none" {
	files a
	try 64 --files -g '[a'
	err_is "pgrep-r: -g '[a': '[' without ']'"
	try 64 x -g '!a{b' .
	err_is "pgrep-r: -g '!a{b': '{' without '}'"
	try 64 --files -g 'a}'
	err_is "pgrep-r: -g 'a}': '}' without '{'"
	try 64 --files --iglob 'a\'
	err_is "pgrep-r: --iglob 'a\\': nothing follows the last backslash"
	try 64 --files -g '[[:no:]]'
	err_is "pgrep-r: -g '[[:no:]]': there is no such class of characters"
	try 64 --files -g "$(printf '{a,b}%.0s' {1..20})"
	like "$(cat "$err")" '*: it stands for too many globs'
}

@test "--include, --exclude, --exclude-dir: as GNU grep" {
	files a.c a.h b.c sub/a.c sub/b.h sub/deep/a.c
	lists --include='*.c' -- a.c b.c sub/a.c sub/deep/a.c
	lists --exclude='*.c' -- a.h sub/b.h
	lists --include='*.c' --exclude='a*' -- b.c
	lists --exclude='a*' --include='*.c' -- a.c b.c sub/a.c sub/b.h sub/deep/a.c
	lists --exclude-dir=deep -- a.c a.h b.c sub/a.c sub/b.h
	lists --exclude-dir=sub/// -- a.c a.h b.c
	lists --exclude-dir='sub/deep' -- a.c a.h b.c sub/a.c sub/b.h sub/deep/a.c
	printf '%s\n' '*.h  ' '' 'b.c' '#' >from
	lists --exclude-from=from --exclude=from -- a.c sub/a.c sub/deep/a.c
	# Operands, too.
	try 1 x --exclude='*.c' a.c
	try 1 x --exclude-dir=sub sub
	try 0 x --exclude-dir=sub sub/
	try 1 x --exclude='sub/*' sub/a.c
	try 0 x --exclude='sub/*' sub
	try 0 --files --include='*.h' a.c a.h
	out_is a.h
	try 64 x --exclude-from=missing
	err_is "pgrep-r: --exclude-from 'missing': No such file or directory"
}

@test "random trees, --include and the like: as GNU grep" {
	seed_random
	PGREP_R=$PGREP_R TEST_SEED=$TEST_SEED "$TESTS/differential/files" grep "${FILES_CASES:-80}"
}

@test "types: taken, left out, added, cleared" {
	files a.c a.h b.py Makefile c.md d.zzz .e.c sub/a.c
	lists -t c -- .e.c a.c a.h sub/a.c
	lists -t c -t py -- .e.c a.c a.h b.py sub/a.c
	lists --type-not c -- Makefile b.py c.md d.zzz
	lists -t c --type-not h -- .e.c a.c sub/a.c
	lists -t all --type-not c -- Makefile b.py c.md
	lists --type-not all -- d.zzz
	lists --type-add 'mine:*.zzz' -t mine -- d.zzz
	lists --type-add 'mine:*.{zzz,md}' -t mine -- c.md d.zzz
	lists --type-add 'mine:include:py,md' -t mine -- b.py c.md
	lists -t mine --type-add 'mine:*.zzz' --type-add 'mine:b*' -- b.py d.zzz
	lists --type-clear py --type-add 'py:c*' -t py -- c.md
	lists -t c -g '!sub' -- .e.c a.c a.h
	# Who names a file wants it.
	try 0 --files -t py a.c
	out_is a.c
}

@test "types: what is wrong is said" {
	try 64 --files -t pyt
	err_is "pgrep-r: unknown file type 'pyt'; did you mean 'py'? See --type-list"
	try 64 --files --type-not 0123456789
	err_is "pgrep-r: unknown file type '0123456789'; see --type-list"
	try 64 --files --type-clear c -t c
	like "$(cat "$err")" "pgrep-r: unknown file type 'c'*"
	local wrong
	for wrong in foo : foo: a-b:x all:x; do
		try 64 --files --type-add "$wrong"
		err_is "pgrep-r: --type-add: '$wrong' is not NAME:GLOB or NAME:include:NAME,..."
	done
	try 64 --files --type-add 'a:[b'
	err_is "pgrep-r: --type-add: '[b' is no glob"
	try 64 --type-list --type-add 'a:include:nosuchtype'
	like "$(cat "$err")" "pgrep-r: unknown file type 'nosuchtype'*"
}

@test "--type-list: all of them, as they are changed" {
	try 0 --type-list
	[ "$(wc -l <"$out")" -gt 200 ]
	command grep -qx 'c: \*\.\[chH\], \*\.\[chH\]\.in, \*\.cats' "$out"
	LC_ALL=C sort -c "$out"
	try 0 --type-list --type-add 'c:*.x' --type-add 'zzz:include:ada' --type-clear cpp
	command grep -qx 'c: .*, \*\.x' "$out"
	command grep -qx 'zzz: \*\.adb, \*\.ads' "$out"
	not command grep -q '^cpp:' "$out"
}

# ripgrep: sets RG to where it is, or skips the test.
ripgrep() {
	RG=$("$TESTS/differential/ripgrep") || skip "ripgrep cannot be had: npm package @vscode/ripgrep-linux-x64"
}

@test "--type-list: ripgrep's" {
	ripgrep
	"$RG" --no-config --type-list >expected
	try 0 --type-list
	same expected "$out"
}

@test "random trees and options: as ripgrep lists them" {
	ripgrep
	seed_random
	PGREP_R=$PGREP_R RG=$RG TEST_SEED=$TEST_SEED "$TESTS/differential/files" rg "${FILES_CASES:-80}"
}

@test "--max-depth: counted from each operand; 0 takes operands that are files" {
	files a s/b s/t/c s/t/u/d
	lists --max-depth=1 -- a
	lists --max-depth=2 -- a s/b
	lists --max-depth=3 -- a s/b s/t/c
	lists --max-depth=0 --
	try 0 --files --max-depth=1 s/t a s
	out_is s/t/c a s/b
	try 0 --files --max-depth=0 a s
	out_is a
}

@test "-d, -D: what to do with directories and devices that are named" {
	files d/a a
	mkfifo fifo
	try 0 -d skip x d a
	out_is a:x
	try 2 -d read x d a
	out_is a:x
	err_is 'pgrep-r: d: Is a directory' 'pgrep-r: 1 file not searched whole: 1 unreadable'
	try 0 -d recurse x d a
	out_is d/a:x a:x
	try 1 -D skip x fifo /dev/null
}

@test "--newer, --changed-within: only what was changed since" {
	files old new sub/new
	touch -d '2020-01-01 00:00:00.5 UTC' old
	touch -d '2020-01-02 UTC' new
	lists --newer='2020-01-01 12:00' -- new sub/new
	touch -r old mark
	try 0 --files --newer=mark
	out_is mark new old sub/new
	touch -d '2020-01-01 00:00:00.500000001 UTC' mark
	try 0 --files --newer=mark
	out_is mark new sub/new
	lists --changed-within=1h -- sub/new
	# What is named, too.
	try 1 --files --changed-within=1h old
	try 0 --files --changed-within=1h old sub/new
	out_is sub/new
}

@test "--shard: disjoint parts, together the whole, the same wherever the tree lies" {
	local i k
	for ((i = 0; i < 200; i++)); do
		files "tree/$((i % 7))/$i"
	done
	try 0 --files tree
	cp "$out" all
	: >parts
	for k in 1 2 3; do
		try 0 --files --shard="$k/3" tree
		cat "$out" >>parts
		cp "$out" "$k"
		[ "$(wc -l <"$out")" -gt 30 ]
		try 0 -l --shard="$k/3" x tree
		same "$k" "$out"
	done
	LC_ALL=C sort parts | same all -
	mkdir other
	mv tree other/moved
	try 0 --files --shard=2/3 other/moved
	sed 's,^other/moved,tree,' "$out" | same 2 -
	(cd other/moved && try 0 --files --shard=2/3 && sed 's,^,tree/,' "$out" | same ../../2 -)
	# The same on every machine.
	mkdir x
	files x/{a,b,c,d,e,f,g,h}
	try 0 --files --shard=1/4 x
	out_is x/b x/e x/h
}

# mounted COMMAND...: runs it where file systems can be mounted.
mounted() {
	unshare -rm true 2>/dev/null || skip "no mount namespace can be had"
	unshare -rm "$@"
}

@test "--one-file-system, --skip-fs: what is mounted beneath the operand" {
	[ -z "${VALGRIND:-}" ] || skip "valgrind's own files"
	files tree/a tree/dev/hidden tree/m/hidden tree/p/hidden
	mounted bash -c '
		set -e
		mount -t tmpfs none tree/m
		echo x >tree/m/in
		mount -t tmpfs none tree/dev
		echo x >tree/dev/in
		mount -t devpts none tree/p 2>/dev/null || mount --rbind /proc tree/p
		"$0" --files tree >usual
		"$0" --files --one-file-system tree >one
		"$0" --files --skip-fs=tmpfs tree 2>/dev/null | grep -v "^tree/p/" >tmpfs
		"$0" --files --skip-fs= tree 2>/dev/null | grep "^tree/p/" | head -n 1 >none
		"$0" --files --one-file-system tree/m tree >roots
		"$0" --files tree/p 2>/dev/null | head -n 1 >named
		"$0" -l x tree >searched
	' "$PGREP_R"
	printf '%s\n' tree/a tree/dev/in tree/m/in | same usual -
	same usual searched
	echo tree/a | same one -
	echo tree/a | same tmpfs -
	printf '%s\n' tree/m/in tree/a | same roots -
	[ -s named ] || grep -q devpts /proc/self/mountinfo
}

@test "pseudo file systems are not walked into, unless they are named" {
	[ -d /proc/self ] || skip "there is no /proc"
	# Not everyone may read all that lies there.
	pr --files -s --max-depth=2 / >list || [ "$?" -eq 2 ]
	not command grep -q '^/proc/' list
	try 0 --files --max-depth=1 /proc
	command grep -qx /proc/version "$out"
	pr --files -s --max-depth=2 --skip-fs=nothing / >list || [ "$?" -eq 2 ]
	command grep -qx /proc/version list
}
