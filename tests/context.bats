# Context: the lines around selected ones, and how groups of them are told apart.  At
# random it is compared in shown.bats.
#
# out and err are set by try:
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0
load helpers

setup() {
	enter_tmp
	untraced
	printf '%s\n' a b a b b b a >c
	printf '%s\n' 1 2 x 4 5 6 7 8 x 10 11 x 13 >t
}

@test "lines after, before, and around" {
	try 0 -n -A1 x t
	out_is 3:x 4-4 -- 9:x 10-10 -- 12:x 13-13
	try 0 -n --before-context 1 x t
	out_is 2-2 3:x -- 8-8 9:x -- 11-11 12:x
	try 0 -n -C1 x t
	out_is 2-2 3:x 4-4 -- 8-8 9:x 10-10 11-11 12:x 13-13
	try 0 -n -1 x t
	out_is 2-2 3:x 4-4 -- 8-8 9:x 10-10 11-11 12:x 13-13
	try 0 -n --context 1 --after-context 0 x t
	out_is 2-2 3:x -- 8-8 9:x -- 11-11 12:x
	# More than there are.
	try 0 -n -C99 x t
	sed '/x/s/^/9:/; /x/!s/^/9-/' t | awk '{ sub(/^9/, NR); print }' >expected
	same expected "$out"
	try 0 -C18446744073709551615 x t
	same t "$out"
	try 0 -C99999999999999999999999 x t
	same t "$out"
}

@test "groups that touch or overlap are one" {
	try 0 -n -A2 -B2 x t
	out_is 1-1 2-2 3:x 4-4 5-5 -- 7-7 8-8 9:x 10-10 11-11 12:x 13-13
	try 0 -n -A3 -B2 x t
	out_is 1-1 2-2 3:x 4-4 5-5 6-6 7-7 8-8 9:x 10-10 11-11 12:x 13-13
	try 0 -n -A1 a c
	out_is 1:a 2-b 3:a 4-b -- 7:a
}

@test "-A0 also tells groups apart" {
	try 0 -A0 a c
	out_is a -- a -- a
	try 0 -C0 -n b c
	out_is 2:b -- 4:b 5:b 6:b
	try 0 -n b c
	out_is 2:b 4:b 5:b 6:b
}

@test "the separator is what was asked for, also between files" {
	try 0 -A1 a c c
	out_is c:a c-b c:a c-b -- c:a -- c:a c-b c:a c-b -- c:a
	try 0 --group-separator='a b' -A0 x t c
	out_is t:x 'a b' t:x 'a b' t:x
	try 0 --group-separator= -A0 -h a c
	out_is a '' a '' a
	try 0 --no-group-separator -A0 a c c
	out_is c:a c:a c:a c:a c:a c:a
	# A file without any comes between.
	echo none >none
	try 0 -B0 -h 1 t none t
	out_is 1 -- 10 11 -- 13 -- 1 -- 10 11 -- 13
	# Names, counts and binary files are in no group.
	try 0 -l -A1 a c c
	out_is c c
	try 0 -c -A1 a c c
	out_is c:3 c:3
	printf 'a\0\n' >bin
	try 0 -A1 a bin c
	out_is 'Binary file bin matches' c:a c-b c:a c-b -- c:a
}

@test "-m: the lines after the last one are context, whatever they are" {
	try 0 -n -m1 -A3 a c
	out_is 1:a 2-b 3-a 4-b
	try 0 -n -m2 -A99 a c
	out_is 1:a 2-b 3:a 4-b 5-b 6-b 7-a
	try 0 -n -v -m1 -A3 a c
	out_is 2:b 3-a 4-b 5-b
	try 0 -n -v -m2 -C1 a c
	out_is 1-a 2:b 3-a 4:b 5-b
	try 1 -m0 -A3 a c
	out_is
	try 0 -q -A3 a c
	out_is
}

@test "-v: context is what matches" {
	try 0 -n -v -A1 a c
	out_is 2:b 3-a 4:b 5:b 6:b 7-a
	try 0 -n -v -B1 '[^x]' t
	out_is 2-2 3:x -- 8-8 9:x -- 11-11 12:x
	try 1 -n -v -B1 . t
	out_is
}

@test "-o: context has no text, but the groups are told apart" {
	try 0 -o -n -A1 a c
	out_is 1:a 3:a -- 7:a
	try 0 -o -v -n -A1 a c
	out_is 3-a 7-a
	# Also where nothing is shown of them.
	try 0 -o -A0 'z*' c t
	gnu_grep -o -A0 'z*' c t >expected
	same expected "$out"
	try 0 -o -A0 --heading 'z*' c t
	out_is
}

# Lines of 100 bytes, more of them than one window of the reader holds; some have a needle.
long_text() {
	perl -e 'my $fill = "." x 90;
		for (1 .. 9000) { printf("%s %08d\n", $_ % 1000 ? $fill : "needle", $_) }'
}

@test "context goes on through the windows of the reader" {
	long_text >long
	for how in '-C3' '-B700' '-A700' '-B5 -m3' '-A2000 -m3' '-v -C2' '-C1000' '-B3000 -b' '--passthru'; do
		# shellcheck disable=SC2086 # several options
		try 0 -n $how needle long
		if [ "$how" = --passthru ]; then
			gnu_grep -n -C9999 needle long >expected
		else
			# shellcheck disable=SC2086
			gnu_grep -n $how needle long >expected
		fi
		same expected "$out" || { echo "$how"; return 1; }
		# shellcheck disable=SC2086
		try 0 -n $how needle <(cat long)
		same expected "$out" || { echo "$how, of a pipe"; return 1; }
	done
}

@test "a stream: lines after are printed as they come" {
	mkfifo in
	# The rest comes when the first has been printed.
	{
		printf '%s\n' zero x one
		for ((i = 0; i < 200; i++)); do
			[ "$(wc -l <"$BATS_TEST_TMPDIR.out")" -lt 2 ] || break
			sleep 0.05
		done
		wc -l <"$BATS_TEST_TMPDIR.out" >printed
		printf '%s\n' two three
	} >in 3>&- &
	input=in try 0 -A2 x -
	out_is x one two
	wait
	[ "$(<printed)" -eq 2 ]
}

@test "lines before are kept as long as a line may be; what is missing is told" {
	# Of 2000 lines of 100 bytes some 655 fit, and as many in the window before.
	long_text | head -n 1999 >long
	try 2 --max-line=64K -B900 2000 <(cat long; echo 2000)
	like "$(<"$err")" '*printed in part: lines before a selected one are too long*'
	kept=$(wc -l <"$out")
	tail -n $((kept - 1)) long >expected
	echo 2000 >>expected
	same expected "$out"
	[ "$kept" -ge 600 ] && [ "$kept" -le 1400 ]
	# Where they are not missed nothing is.
	try 0 --max-line=64K -B600 2000 <(cat long; echo 2000)
	err_is
	[ "$(wc -l <"$out")" -eq 601 ]
	try 1 --max-line=64K -B900 zzz long
	err_is
}

@test "a long line before is kept, too" {
	{ head -c 300000 /dev/zero | tr '\0' y; printf '\nx\n'; } >long
	try 0 -B1 x long
	same long "$out"
	# The one that was cut is shown as it was searched.
	try 2 --max-line=100K -B1 -b x long
	{ printf '0-'; head -c 102400 long; printf '\n300001:x\n'; } >expected
	same expected "$out"
}

@test "memory stays bounded with any context" {
	[ -z "${SANITIZED:-}${VALGRIND:-}" ] || skip "memory is another's under a sanitizer or valgrind"
	perl -e 'print "." x 99, "\n" for 1 .. 400000; print "x\n"' >long
	"$TESTS/peak-memory" "$PGREP_R" -j1 --max-line=1M -B300000 x long >/dev/null 2>errors || [ $? -eq 2 ]
	peak=$(sed -n 's/^peak-pss-kib //p' errors)
	echo "$peak KiB"
	[ "$peak" -gt 0 ] && [ "$peak" -le $((16 * 1024)) ]
}
