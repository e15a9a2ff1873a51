# make dist and make deb: what is in them, the same bytes each time, and that it works.
#
#   SLOW  set: also on a fresh Debian system, made with debootstrap, as root
#
# out is set by try:
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0
load helpers

setup_file() {
	export BATS_TEST_TIMEOUT=120
	[ -z "${SLOW:-}" ] || BATS_TEST_TIMEOUT=900
}

setup() {
	enter_tmp
	untraced
	top=$(readlink -f "$TESTS/..")
	version=$(sed -n 's/^VERSION = //p' "$top/GNUmakefile")
	unset SOURCE_DATE_EPOCH DEBFULLNAME DEBEMAIL MAKEFLAGS MAKELEVEL
}

# Whatever the user's git thinks of a tree that belongs to somebody else.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'

@test "the version is the same wherever it stands" {
	like "$version" '[0-9]*.[0-9]*.[0-9]*'
	try 0 --version
	out_is "pgrep-r $version"
	"$top/scripts/dist" "$version" "$PWD/tarball"
	[ "$(tar -tzf tarball | cut -d / -f 1 | sort -u)" = "pgrep-r-$version" ]
	# One that is not that of the tree is none.
	not "$top/scripts/dist" 9.9.9 "$PWD/wrong" 2>said
	[ ! -e wrong ]
	like "$(<said)" '*9.9.9'
}

@test "a tarball twice: the same bytes, also made from itself" {
	"$top/scripts/dist" "$version" one
	(umask 077 && cd / && TZ=Asia/Tokyo LC_ALL=C.UTF-8 "$top/scripts/dist" "$version" "$OLDPWD/two")
	cmp one two
	tar -xzf one
	touch -d 2001-02-03 "pgrep-r-$version"/*
	SOURCE_DATE_EPOCH=$(tar -tzvf one --full-time --utc | awk 'NR == 1 { print $4 "T" $5 "Z" }' |
		date -f - +%s) "pgrep-r-$version/scripts/dist" "$version" three
	cmp one three
	SOURCE_DATE_EPOCH=1000000000 "$top/scripts/dist" "$version" four
	like "$(tar -tzvf four --full-time --utc | head -n 1)" '*2001-09-09 01:46:40*'
}

@test "a tarball has each file of the last commit, and nothing else" {
	[ -e "$top/.git" ] || skip 'no git'
	"$top/scripts/dist" "$version" tarball
	tar -tzf tarball | sed -n "s,^pgrep-r-$version/\(.*[^/]\)\$,\1,p" | LC_ALL=C sort >in
	git -C "$top" ls-tree -r --name-only HEAD | LC_ALL=C sort | same - in
	tar -tzvf tarball --numeric-owner | awk '{ print $2, substr($1, 5) }' | sort -u >modes
	printf '%s\n' '0/0 r-xr-x' '0/0 r--r--' | LC_ALL=C sort | same - modes
}

# package DIRECTORY: makes it; its name goes to $deb.
package() {
	[ -z "${SANITIZED:-}${VALGRIND:-}" ] || skip 'another program'
	deb=$("$top/scripts/deb" "$version" "$1" 2>said) || {
		cat said
		return 1
	}
}

@test "a Debian package: its files, their sums, what it needs, and a program that runs" {
	DEBFULLNAME='A & B' DEBEMAIL=ab@example.com package made
	[ "$deb" = "$PWD/made/pgrep-r_${version}_$(dpkg --print-architecture).deb" ]
	dpkg-deb -c "$deb" | awk '$1 !~ /^d/ { print $1, $2, $6 }' >files
	printf '%s\n' '-rwxr-xr-x root/root ./usr/bin/pgrep-r' \
		'-rw-r--r-- root/root ./usr/share/bash-completion/completions/pgrep-r' \
		'-rw-r--r-- root/root ./usr/share/doc/pgrep-r/README.md' \
		'-rw-r--r-- root/root ./usr/share/doc/pgrep-r/changelog.gz' \
		'-rw-r--r-- root/root ./usr/share/doc/pgrep-r/copyright' \
		'-rw-r--r-- root/root ./usr/share/fish/vendor_completions.d/pgrep-r.fish' \
		'-rw-r--r-- root/root ./usr/share/man/man1/pgrep-r.1.gz' \
		'-rw-r--r-- root/root ./usr/share/zsh/vendor-completions/_pgrep-r' | same - files
	dpkg-deb -c "$deb" | not command grep -v root/root
	[ "$(dpkg-deb -f "$deb" Version)" = "$version" ]
	[ "$(dpkg-deb -f "$deb" Maintainer)" = 'A & B <ab@example.com>' ]
	for library in libc6 libpcre2-8-0; do
		like ", $(dpkg-deb -f "$deb" Depends)," "*, $library *"
	done
	dpkg-deb -x "$deb" root
	dpkg-deb -e "$deb" control
	(cd root && md5sum --quiet -c ../control/md5sums)
	[ "$(wc -l <control/md5sums)" -eq "$(wc -l <files)" ]
	echo foo >file
	PGREP_R=$PWD/root/usr/bin/pgrep-r try 0 -n foo file
	out_is 1:foo
	# Each word of the licence.
	sed -n '/^Permission/,$p' "$top/LICENSE" | words >licence
	sed -n '/^ Permission/,$p' root/usr/share/doc/pgrep-r/copyright | sed 's/^ \.$//' |
		words | same licence -
}

# The words of a text, one on a line.
words() {
	tr ' ' '\n' | sed '/^$/d'
}

@test "a Debian package twice: the same bytes" {
	package one
	local first=$deb
	(umask 077 && TZ=Asia/Tokyo "$top/scripts/deb" "$version" two 2>said)
	cmp "$first" two/*.deb
	# Nothing else is left there.
	[ "$(ls two)" = "${first##*/}" ]
}

@test "a Debian package passes lintian" {
	command -v lintian || skip 'no lintian'
	package made
	lintian --allow-root --fail-on=error,warning,info "$deb" >said 2>&1 || true
	same /dev/null said
}

@test "a fresh Debian system: the package comes and goes, and a fresh tree builds and searches" {
	[ -n "${SLOW:-}" ] || skip 'slow'
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
	package made
	"$top/scripts/dist" "$version" tarball
	"$TESTS/fixtures/fresh" "$PWD/system" "$deb" "$PWD/tarball" >said 2>&1 || {
		tail -n 40 said
		return 1
	}
	command grep -x 'fresh: all went well' said
}
