# make install and make uninstall.
#
# out is set by try:
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0
load helpers

setup() {
	enter_tmp
	untraced
	root=$BATS_TEST_TMPDIR/root
}

# Whatever make this may run in.
install_make() {
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$TESTS/.." DESTDIR="$root" "$@"
}

# What lies beneath the root, but directories, with the permissions.
installed() {
	(cd "$root" && find . ! -type d -printf '%m %p\n' | sort -k 2)
}

@test "what is installed runs, can be read and completes; nothing is left of it" {
	install_make prefix=/usr install
	installed >all
	printf '%s\n' '755 ./usr/bin/pgrep-r' \
		'644 ./usr/share/bash-completion/completions/pgrep-r' \
		'644 ./usr/share/fish/vendor_completions.d/pgrep-r.fish' \
		'644 ./usr/share/man/man1/pgrep-r.1' \
		'644 ./usr/share/zsh/site-functions/_pgrep-r' >expected
	same expected all

	echo foo >file
	PGREP_R=$root/usr/bin/pgrep-r try 0 -n foo file
	out_is 1:foo

	mandoc -T ascii "$root/usr/share/man/man1/pgrep-r.1" >manual
	command grep -q '^PGREP-R(1) ' manual

	PATH=$root/usr/bin:$PATH bash "$TESTS/fixtures/complete.bash" \
		"$root/usr/share/bash-completion/completions/pgrep-r" <<<'pgrep-r --invert' >offered
	printf '%s\n' --invert-match end | same - offered

	install_make prefix=/usr uninstall
	installed >left
	same /dev/null left
}

@test "prefix and the directories beneath it can be chosen" {
	local directories=(prefix=/opt/x bindir=/b mandir=/m bashcompletiondir=/c/bash
		zshcompletiondir=/c/zsh fishcompletiondir=/c/fish)
	install_make "${directories[@]}" install
	installed | sed 's/.* //' >all
	printf '%s\n' ./b/pgrep-r ./c/bash/pgrep-r ./c/fish/pgrep-r.fish ./c/zsh/_pgrep-r \
		./m/man1/pgrep-r.1 >expected
	same expected all
	install_make "${directories[@]}" uninstall
	installed >left
	same /dev/null left

	install_make install
	[ -x "$root/usr/local/bin/pgrep-r" ]
	install_make uninstall
}

@test "an archive is linked where it is of the same place as the headers" {
	local flags
	# shellcheck disable=SC2016
	printf '#!/bin/sh\n[ "$1" = --cflags ] || echo "$FLAGS"\n' >pkg-config
	chmod +x pkg-config
	for flags in '-lpcre2-8 -lbsd' '-L/opt/x -lpcre2-8 -lbsd'; do
		FLAGS=$flags install_make -n B=nowhere PKG_CONFIG="$PWD/pkg-config" all |
			command grep -- '-o nowhere/pgrep-r ' | command grep -o -- '-L.*\|[^ ]*pcre2-8.*' >linked
		case $flags in
		-L*) [ "$(<linked)" = "$flags" ] ;;
		*) command grep -qE '^(/.*/libpcre2-8\.a|-lpcre2-8) (/.*/libbsd\.a|-lbsd)$' linked ;;
		esac
	done
}
