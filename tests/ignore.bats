# Ignore files: what is left out for them.
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
	export HOME=$PWD/home GIT_CONFIG_NOSYSTEM=1
	unset XDG_CONFIG_HOME GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG_COUNT
	mkdir -p home
}

# ignores FILE LINE...: an ignore file.
ignores() {
	local file=$1
	shift
	mkdir -p "$(dirname -- "$file")"
	printf '%s\n' "$@" >"$file"
}

# repository DIRECTORY: as much of one as it takes.
repository() {
	mkdir -p "$1"/.git/{objects,refs,info}
	echo "ref: refs/heads/main" >"$1/.git/HEAD"
}

@test "gitignore: in a repository only, unless --no-require-git" {
	files tree/a.c tree/a.o
	ignores tree/.gitignore '*.o'
	cd tree
	lists -- a.c a.o
	lists --no-require-git -- a.c
	repository .
	lists -- a.c
	lists --no-ignore -- a.c a.o
	lists --no-ignore-vcs -- a.c a.o
	lists -u -- a.c a.o
	lists --hidden -g '!.git' -- .gitignore a.c
	try 0 --files --untrusted
	command grep -qx a.o "$out"
	command grep -qx .git/HEAD "$out"
}

@test "gitignore: nested ones, the nearest decides, no way back into a directory" {
	repository .
	files a.o keep/a.o keep/b.o out/keep.c sub/out/x out/.gitignore
	ignores .gitignore '*.o' '/out/' '!out/keep.c'
	ignores keep/.gitignore '!a.o'
	ignores out/.gitignore '!*'
	ignores sub/.gitignore '!*.o'
	files sub/c.o
	lists -- keep/a.o sub/c.o sub/out/x
}

@test "gitignore: above the operand, up to the repository's top and no further" {
	files r/s/t/a.o r/s/t/a.c r/s/t/b.x
	ignores .gitignore '*'
	repository r
	ignores r/.gitignore '*.o' '/s/t/b.x'
	ignores r/s/.gitignore
	(cd r/s/t && lists -- a.c)
	(cd r && try 0 --files s/t && out_is s/t/a.c)
	(cd r && try 0 --files "$PWD/s/../s/t" && out_is "$PWD/s/../s/t/a.c")
	(cd r/s/t && lists --no-ignore-parent -- a.c a.o b.x)
	# A link leads to where the rules are.
	ln -s r/s/t link
	try 0 --files link
	out_is link/a.c
	# Who names a file, or a directory, wants it.
	(cd r && try 0 --files s/t/a.o && out_is s/t/a.o)
	ignores r/.gitignore 's'
	(cd r && try 0 --files s && out_is s/t/a.c s/t/a.o s/t/b.x)
}

@test "gitignore: several operands side by side" {
	repository .
	ignores .gitignore '*.o' '/b/x'
	files a/x a/y.o b/x b/z c/d/x
	try 0 --files a b c a
	out_is a/x b/z c/d/x a/x
}

@test "a nested repository has its own rules" {
	repository .
	ignores .gitignore '*.o'
	repository nested
	files a.o nested/a.o nested/b.x
	ignores nested/.gitignore '*.x'
	ignores .git/info/exclude '*.x'
	files c.x
	lists -- nested/a.o
}

@test "a linked worktree: info/exclude and the configuration are its repository's" {
	command -v git >/dev/null || skip "git is not installed"
	git -c init.defaultBranch=main init -q main
	git -C main -c user.name=n -c user.email=e commit -q --allow-empty -m m
	git -C main worktree add -q ../linked 2>/dev/null
	files linked/a.x linked/b.y linked/c.z linked/d.w
	ignores main/.git/info/exclude '*.x'
	git -C main config core.excludesFile "$PWD/global"
	ignores global '*.y'
	ignores linked/.gitignore '*.z'
	(cd linked && lists -- d.w)
	git -C main config extensions.worktreeConfig true
	git -C linked config --worktree core.excludesFile "$PWD/other"
	ignores other '*.w'
	(cd linked && lists -- b.y)
}

@test "core.excludesFile: from every file of git's configuration, the last one counts" {
	repository r
	files r/{a,b,c,d,e,f}.x
	ignores home/.config/git/ignore 'a.x'
	cd r
	lists -- b.x c.x d.x e.x f.x
	XDG_CONFIG_HOME=$PWD/../xdg lists -- a.x b.x c.x d.x e.x f.x
	ignores ../xdg/git/ignore 'f.x'
	XDG_CONFIG_HOME=$PWD/../xdg lists -- a.x b.x c.x d.x e.x
	ignores ../home/b 'b.x'
	printf '[Core]\n\tExcludesFile = "~/b" ; so\n' >../home/.gitconfig
	lists -- a.x c.x d.x e.x f.x
	ignores ../home/c 'c.x'
	printf '# x\n[include]\n  path = inc\\\nluded\n' >../home/.gitconfig
	printf '[core]\r\nexcludesfile=%s/../home/c\r\n' "$PWD" >../home/included
	lists -- a.x b.x d.x e.x f.x
	printf '[includeIf "gitdir:~/../r/"]\npath = included\n[includeIf "gitdir:/nowhere/"]\npath = no\n' >../home/.gitconfig
	printf '[includeIf "gitdir:**/r/.git"]\npath = included\n' >>../home/.gitconfig
	lists -- a.x b.x d.x e.x f.x
	ignores d 'd.x'
	printf '[core]\n\texcludesFile = d\n' >.git/config
	lists -- a.x b.x c.x d e.x f.x
	ignores ../home/e 'e.x' d
	GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.excludesFile GIT_CONFIG_VALUE_0=~/e lists -- a.x b.x c.x d.x f.x
	GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.excludesFile GIT_CONFIG_VALUE_0=~/e lists --no-ignore-global -- a.x b.x c.x d d.x e.x f.x
	printf '[core]\n\texcludesFile = ~/b\n' >../global
	rm .git/config d
	GIT_CONFIG_GLOBAL=../global lists -- a.x c.x d.x e.x f.x
}

@test "configuration that includes itself, and that is none" {
	repository .
	files a
	mkdir home/.config
	printf '[include]\npath = .gitconfig\npath = .gitconfig\n[core\nexcludesFile = x\n' >home/.gitconfig
	lists -- a
	head -c 100000 /dev/urandom >home/.gitconfig
	lists -- a
}

@test "core.ignoreCase: letters of any case" {
	repository .
	printf '[core]\n\tignoreCase = true\n' >.git/config
	ignores .gitignore '*.O' '/Sub/FILE' 'x?Y'
	files a.o A.O sub/file xay sub/other
	lists -- sub/other
	printf '[core]\n\tignoreCase = no\n' >.git/config
	lists -- a.o sub/file sub/other xay
}

@test "info/exclude counts less than .gitignore, and can be left aside" {
	repository .
	ignores .git/info/exclude '*.o' '!b.x'
	ignores .gitignore '!a.o' '*.x'
	files a.o b.o b.x
	lists -- a.o
	lists --no-ignore-exclude -- a.o b.o
}

@test ".ignore counts more, and needs no repository" {
	files a.o b.o c.x sub/c.x
	ignores .ignore '*.x'
	ignores sub/.ignore '!c.x'
	lists -- a.o b.o sub/c.x
	lists --no-ignore-dot -- a.o b.o c.x sub/c.x
	repository .
	ignores .gitignore '*.o' '*.x'
	ignores .ignore '!a.o' 'b.o'
	lists -- a.o sub/c.x
	(cd sub && lists -- c.x)
}

@test "--ignore-file: relative to where the program runs, counts least" {
	files a.o b.o sub/a.o sub/c
	ignores rules '/a.o' '/sub/c' 'rules' '*more'
	lists --ignore-file=rules -- b.o sub/a.o
	ignores more 'b.o'
	lists --ignore-file=rules --ignore-file=more -- sub/a.o
	ignores more '!a.o'
	lists --ignore-file=rules --ignore-file=more -- a.o b.o sub/a.o
	lists --ignore-file=rules --no-ignore -- b.o sub/a.o
	lists --ignore-file=rules --no-ignore-files -- a.o b.o more rules sub/a.o sub/c
	ignores .ignore '!/a.o'
	lists --ignore-file=rules -- a.o b.o sub/a.o
	try 64 --files --ignore-file=missing
	err_is 'pgrep-r: --ignore-file: missing: No such file or directory'
}

@test "what a rule, a glob or a type takes may be hidden" {
	repository .
	files .a .b.c .d/e
	lists --
	ignores .gitignore '!.a' '!.d'
	lists -- .a .d/e
	rm .gitignore
	lists -g '.b*' -- .b.c
	lists -t c -- .b.c
}

@test "ignore files that are none: links, directories, FIFOs" {
	repository .
	files a b/a c/a
	ignores outside a outside
	ln -s outside .gitignore
	mkdir b/.gitignore
	mkfifo c/.gitignore c/.ignore
	lists -- a b/a c/a outside
	# Git's own may be a link, though not to what would be waited for.
	ln -s "$PWD/outside" .git/info/exclude
	lists --
	ln -sf "$PWD/c/.ignore" .git/info/exclude
	mkdir -p home/.config/git
	mkfifo home/.gitconfig home/.config/git/ignore
	try 0 --files
	out_is a b/a c/a outside
}

@test "an ignore file that is too large, or not to be read, is not used, and told" {
	repository .
	files a b/a
	perl -e 'print "a\n" x (3 << 20)' >b/.gitignore
	try 0 --files
	out_is a b/a
	err_is 'pgrep-r: b/.gitignore: ignore file not used: File too large'
	try 0 -l x .
	out_is ./a ./b/a
	err_is 'pgrep-r: ./b/.gitignore: ignore file not used: File too large'
	try 0 -s --files
	[ ! -s "$err" ]
	perl -e 'print "a?$_\n" for 1 .. 30000' >b/.gitignore
	try 0 --files
	err_is 'pgrep-r: b/.gitignore: ignore file not used: File too large'
	repository b
	echo a >b/.gitignore
	chmod 0 b/.gitignore
	chmod 755 .
	[ "$(id -u)" -ne 0 ] || {
		[ -z "${VALGRIND:-}" ] || skip "valgrind's own files are out of reach for nobody"
		cp "$PGREP_R" ./program
		PGREP_R=./program
		wrap+=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	}
	try 0 --files b
	out_is b/a
	err_is 'pgrep-r: b/.gitignore: ignore file not used: Permission denied'
}

@test "rules take bounded memory, whatever the tree has of them" {
	[ -z "${SANITIZED:-}${VALGRIND:-}" ] || skip "memory is another's there"
	local i path=.
	repository .
	perl -e 'srand 1; print map { sprintf "%07x\n", rand 1 << 28 } 1 .. 500000' >rules
	for ((i = 0; i < 12; i++)); do
		path+=/d
		files "$path/f"
		cp rules "$path/.gitignore"
	done
	wrap=(timeout -k 1 120 prlimit --as=$((1 << 30)))
	try 0 --files d
	[ "$(wc -l <"$out")" -eq 12 ]
	command grep -q 'ignore file not used: File too large' "$err"
}

@test "10,000 lines and malicious globs take little time" {
	repository .
	perl -e '
		for my $d (1 .. 30) { mkdir "d$d"; for (1 .. 100) { open my $f, ">", "d$d/" . "a" x 200 . $_ } }
		open my $to, ">", ".gitignore";
		print $to "name$_\n*.ext$_\n/d$_/x\npre$_*\n" for 1 .. 2500;
		print $to "*a" x 40, "b\n", "**/" x 40, "x\n", "**/*a*a*a*a*a*b/" x 20, "x\n";'
	wrap=(timeout -k 1 "${VALGRIND:+12}20")
	try 0 --files
	[ "$(wc -l <"$out")" -eq 3000 ]
}

@test "the search can be ended while rules are tried on names that all are left out" {
	repository .
	mkdir d
	perl -e '
		for (1 .. 3000) { open my $f, ">", "d/aaaa$_" }
		open my $to, ">", ".gitignore";
		print $to "*[a]*\n", "*qx?\n" x 19000;'
	wrap=(timeout -k 1 "${VALGRIND:+12}3")
	try 2 --deadline=200ms x
	out_is
	err_is 'pgrep-r: the walk was not finished: the deadline has passed'
}

@test "the search can be ended while one name takes long" {
	repository .
	mkdir d
	ignores .git/config '[core]' 'ignorecase = true'
	perl -e '
		for (1 .. 3) { open my $f, ">", "d/" . "a" x 240 . $_ }
		for my $to (".gitignore", "d/.gitignore", ".ignore", "d/.ignore") {
			open my $to, ">", $to;
			print $to "*" . "a" x 120 . "b?\n" for 1 .. 20000;
		}'
	wrap=(timeout -k 1 "${VALGRIND:+12}3")
	try 2 --deadline=200ms x
	out_is
	err_is 'pgrep-r: the walk was not finished: the deadline has passed'
}

@test "a repository's configuration takes little time, whatever it includes" {
	local i long
	long=$(printf 'a%.0s' {1..240})
	repository "$long"
	touch "$long/kept"
	perl -e 'print "[includeIf \"gitdir:**/", "*a" x 20, "[a]" x 60, "b/**\"]\n", "path=x\n" x 140000' >"$long/.git/config"
	wrap=(timeout -k 1 "${VALGRIND:+12}3")
	try 0 --files
	out_is "$long/kept"
	# Of 4 MiB no more is read.
	repository r
	ignores r/.git/rules kept
	touch r/kept r/other
	for i in 1 2 3 4 5; do
		printf '[include]\npath = %s\n' "$i"
		perl -e 'print "#" x (1000 * 1000), "\n"' >"r/.git/$i"
	done >r/.git/config
	printf '[core]\nexcludesfile = .git/rules\n' >>r/.git/4
	try 0 --files r
	out_is r/other
	sed -i d r/.git/4
	printf '[core]\nexcludesfile = .git/rules\n' >>r/.git/5
	perl -e 'print "#" x (1000 * 1000), "\n"' >>r/.git/4
	try 0 --files r
	out_is r/kept r/other
}

@test "git's files may point out of the tree; with --untrusted none is read" {
	repository elsewhere
	ignores elsewhere/.git/info/exclude one
	ignores elsewhere/rules two
	ignores elsewhere/more '[core]' "excludesFile = $PWD/elsewhere/rules"
	ignores elsewhere/.git/config '[include]' "path = $PWD/elsewhere/more"
	files r/one r/two r/three
	echo "gitdir: $PWD/elsewhere/.git" >r/.git
	try 0 -l -x x r
	out_is r/three
	try 0 --untrusted --sandbox=auto -l -x x r
	out_is r/one r/three r/two
	command -v strace >/dev/null && [ -z "${SANITIZED:-}${VALGRIND:-}" ] || return 0
	wrap=(strace -qq -e trace=file -o trace)
	try 0 --untrusted --sandbox=auto --files r
	not command grep -E 'elsewhere|gitconfig|git/config' trace
}

@test "random trees and ignore files: as git lists them" {
	command -v git >/dev/null || skip "git is not installed"
	seed_random
	PGREP_R=$PGREP_R TEST_SEED=$TEST_SEED "$TESTS/differential/files" git "${FILES_CASES:-80}"
}

@test "random trees and ignore files: as git check-ignore has it" {
	command -v git >/dev/null || skip "git is not installed"
	seed_random
	PGREP_R=$PGREP_R TEST_SEED=$((TEST_SEED + 1)) "$TESTS/differential/files" check-ignore "${FILES_CASES:-40}"
}
