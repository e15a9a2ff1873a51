# What is shown of lines, and how it is laid out: against GNU grep and ripgrep at random
# (shown/grep, shown/ripgrep), and texts that stand here.
#
#   CASES      how many random cases
#   TEST_SEED  replays them
#
# out and err are set by try; $ in single quotes is a pattern's or a replacement's; each
# test is a process of its own:
# shellcheck disable=SC2154,SC2016,SC2030,SC2031

bats_require_minimum_version 1.5.0
load helpers

setup() {
	enter_tmp
	untraced
	: "${CASES:=${SANITIZED:+100}}"
	: "${CASES:=400}"
	printf 'one\ntwo a a\nthree\nfour\nfive a\n  six\nseven\n' >f
	printf '  a xay\nb\n' >g
	printf 'aaaa bbbb aaaa cccc a\nshort a\nlonger context line here\nlast\n' >m
}

random_shown() {
	perl "$BATS_TEST_DIRNAME/shown/$1" "$PGREP_R" "$TEST_SEED" "$CASES" "$JOBS" "${@:2}"
}

@test "random options and texts: as GNU grep" {
	seed_random
	random_shown grep
}

@test "random options and texts: as ripgrep" {
	rg=$(find_ripgrep) || skip "ripgrep is not here"
	seed_random
	random_shown ripgrep "$rg"
}

@test "the random tests see a program that goes wrong" {
	# It counts lines where it was not asked to.
	printf '#!/bin/sh\nexec "%s" -n "$@"\n' "$PGREP_R" >wrong
	chmod +x wrong
	TEST_SEED=1
	CASES=60
	PGREP_R=$PWD/wrong
	run -1 random_shown grep
	like "$output" '*other bytes*'
}

@test "-b: where a line starts, with -o a match" {
	try 0 -b a f
	out_is '4:two a a' '23:five a'
	try 0 -n --byte-offset a f
	out_is '2:4:two a a' '5:23:five a'
	try 0 -o -b a f
	out_is 8:a 10:a 28:a
	try 0 -b -v a f
	out_is 0:one 12:three 18:four '30:  six' 36:seven
	printf 'a\r\na\r\n' >crlf
	try 0 -b a crlf
	out_is $'0:a\r' $'3:a\r'
	# Beyond one window.
	perl -e 'print "y" x 99, "\n" for 1 .. 10000; print "a\n"' >long
	try 0 -n -b a long
	out_is 10001:1000000:a
}

@test "--column: where the first match starts, in bytes" {
	try 0 --column a f
	out_is '2:5:two a a' '5:6:five a'
	try 0 --column -b -A1 a f
	out_is '2:5:4:two a a' 3-12-three -- '5:6:23:five a' '6-30-  six'
	try 0 --column -o a f
	out_is 2:5:a 2:7:a 5:6:a
	try 0 --column -v a f
	out_is 1:one 3:three 4:four '6:  six' 7:seven
	printf '\303\251a\n' >text
	try 0 --column a text
	out_is $'1:3:\303\251a'
}

@test "--vimgrep: a line for each match" {
	try 0 --vimgrep a f g
	out_is 'f:2:5:two a a' 'f:2:7:two a a' 'f:5:6:five a' 'g:1:3:  a xay' 'g:1:6:  a xay'
	try 0 --vimgrep a f
	out_is 'f:2:5:two a a' 'f:2:7:two a a' 'f:5:6:five a'
	try 0 --vimgrep -o a f
	out_is f:2:5:a f:2:7:a f:5:6:a
	try 0 --vimgrep -A1 a f
	out_is 'f:2:5:two a a' 'f:2:7:two a a' f-3-three -- 'f:5:6:five a' 'f-6-  six'
	try 0 --vimgrep -v a g
	out_is g:2:b
}

@test "-T: tabs line up; numbers are as wide as the file's size needs" {
	try 0 -T -n -b a f
	out_is $' 2: 4:\ttwo a a' $' 5:23:\tfive a'
	try 0 --initial-tab -H a f
	out_is $'f:\ttwo a a' $'f:\tfive a'
	try 0 -T a f
	out_is 'two a a' 'five a'
	input=f try 0 -T -n a -
	gnu_grep -T -n a - <f >expected
	same expected "$out"
	# From a pipe nobody knows how large it is.
	try 0 -T -n a <(cat f)
	out_is $'                   2:\ttwo a a' $'                   5:\tfive a'
	# An empty line gets no tab.
	printf '\nx\n' >text
	try 0 -T -n '' text
	out_is 1: $'2:\tx'
}

@test "-Z: names end with NUL" {
	try 0 -Z a f g
	printf 'f\0two a a\nf\0five a\ng\0  a xay\n' >expected
	same expected "$out"
	try 0 -Z -c a f g
	printf 'f\0002\ng\0001\n' >expected
	same expected "$out"
	try 0 -l -Z a f g
	printf 'f\0g\0' >expected
	same expected "$out"
	try 0 -L --null seven f g
	printf 'g\0' >expected
	same expected "$out"
	try 0 -Z -n -A1 two f -H
	printf 'f\0002:two a a\nf\0003-three\n' >expected
	same expected "$out"
}

@test "-z: lines end with NUL, also those that are printed" {
	printf 'a\nb\0c\0a' >text
	try 0 -z -n a text
	printf '1:a\nb\0003:a\0' >expected
	same expected "$out"
	try 0 --null-data -o a text
	printf 'a\0a\0' >expected
	same expected "$out"
	try 0 -z -c a text
	out_is 2
}

@test "--heading: the name above, an empty line between files" {
	try 0 --heading a f g
	out_is f 'two a a' 'five a' '' g '  a xay'
	try 0 --heading -n -A1 a f g
	out_is f '2:two a a' 3-three -- '5:five a' '6-  six' '' g '1:  a xay' 2-b
	try 0 --heading -h a f g
	out_is 'two a a' 'five a' '' '  a xay'
	try 0 --heading a f
	out_is 'two a a' 'five a'
	try 0 --heading -c a f g
	out_is f:2 g:1
	try 0 --heading -l a f g
	out_is f g
	try 0 --heading --vimgrep b g
	out_is g:2:1:b
	try 0 --heading -Z b f g
	printf 'g\0b\n' >expected
	same expected "$out"
}

@test "--trim: without the blanks at a line's start" {
	printf ' \t\v\f\r a  b \n\t\n' >text
	try 0 --trim -n '' text
	out_is '1:a  b ' 2:
	try 0 --trim --column a g
	out_is '1:3:a xay'
	try 0 --trim -o '\s+x' g
	out_is x
}

@test "--passthru: all lines, the others as context" {
	try 0 --passthru a f
	same f "$out"
	try 0 --passthru -n a f g
	out_is f-1-one 'f:2:two a a' f-3-three f-4-four 'f:5:five a' 'f-6-  six' f-7-seven 'g:1:  a xay' g-2-b
	try 0 --passthru -n -o -m1 a f
	out_is 1-one 2:a 2:a 3-three 4-four '5-five a' '6-  six' 7-seven
	try 0 --passthru -n -v e f
	out_is 1-one '2:two a a' 3-three 4:four '5-five a' '6:  six' 7-seven
	# No line is selected.
	try 1 --passthru zzz f
	same f "$out"
	try 0 --passthru -c a f
	out_is 2
	perl -e 'print "$_\n" for 1 .. 200000' >long
	try 0 --passthru 77 long
	cmp long "$out"
}

@test "-M: lines that are too long are left out" {
	try 0 -M10 a m
	out_is '[Omitted long matching line]' 'short a' last
	try 0 -M10 -A1 short m
	out_is 'short a' '[Omitted long context line]'
	# The newline counts.
	try 0 --max-columns=7 a m
	out_is '[Omitted long matching line]' '[Omitted long matching line]' last
	# Where matches are told apart they are counted.
	try 0 -M10 --column a m
	out_is '1:1:[Omitted long line with 9 matches]' '2:7:short a' 4:2:last
	try 0 -M3 -o 'a.*' m
	out_is '[Omitted long matching line]' a ast
	# But colour changes no words.
	try 0 -M10 --color=always bbbb m
	out_is '[Omitted long matching line]'
	try 0 -M0 bbbb m
	out_is 'aaaa bbbb aaaa cccc a'
}

@test "--max-columns-preview: their start is shown" {
	try 0 -M10 --max-columns-preview -A1 a m
	out_is 'aaaa bbbb  [... omitted end of long line]' 'short a' \
		'longer con [... omitted end of long line]' last
	try 0 -M10 --max-columns-preview --column a m
	out_is '1:1:aaaa bbbb  [... 5 more matches]' '2:7:short a' 4:2:last
	try 0 -M20 --max-columns-preview --column a m
	out_is '1:1:aaaa bbbb aaaa cccc  [... 1 more match]' '2:7:short a' \
		'4:2:last'
	# Characters are not cut.
	printf '\303\251\303\251\303\251a\n' >text
	try 0 -M2 --max-columns-preview a text
	out_is $'\303\251\303\251 [... omitted end of long line]'
}

@test "a line of very many matches is measured once, not for each of them" {
	perl -e 'print "a" x 50000, "\n"' >long
	try 0 --file-timeout=10 -M20 --vimgrep a long
	[ "$(wc -l <"$out")" -eq 50000 ]
	[ "$(tail -n 1 "$out")" = 'long:1:50000:[Omitted long line with 50000 matches]' ]
	try 0 --file-timeout=10 -M20 --max-columns-preview --vimgrep a long
	[ "$(tail -n 1 "$out")" = 'long:1:50000:aaaaaaaaaaaaaaaaaaaa [... 49980 more matches]' ]
}

@test "--replace: each match, or with -o the matches alone" {
	try 0 --replace=XX a f g
	out_is 'f:two XX XX' 'f:five XX' 'g:  XX xXXy'
	try 0 --replace=XX -o a g
	out_is XX XX
	try 0 --replace= a g
	out_is '   xy'
	try 0 --replace=X --vimgrep a g
	out_is 'g:1:3:  X xXy' 'g:1:6:  X xXy'
	# Columns are those of what is printed.
	try 0 --replace=XX --vimgrep a g
	out_is 'g:1:3:  XX xXXy' 'g:1:7:  XX xXXy'
	# Only what matches: with -v that is the context.
	try 0 --replace=X -v -B1 a g
	out_is '  X xXy' b
	try 0 --replace=XXXX -M8 a g
	out_is '[Omitted long line with 2 matches]'
	try 0 --replace='<$0>' --color=always -o y g
	out_is $'\33[01;31m\33[K<y>\33[m\33[K'
}

@test "--count-matches: of each file that has some" {
	try 0 --count-matches a f g
	out_is f:3 g:2
	try 0 --count-matches a g
	out_is 2
	try 1 --count-matches zzz f g
	out_is
	try 0 --count-matches -m1 a f
	out_is 2
	try 0 --count-matches -v a f
	out_is 5
	# An empty match right behind another is none.
	try 0 --count-matches 'a*' g
	out_is 8
}

@test "--multiline: all lines of a match" {
	printf '%s\n' a '' b x a 'b c' a a b 'q a' b >text
	try 0 --multiline -n 'a\nb' text
	out_is 5:a '6:b c' 8:a 9:b '10:q a' 11:b
	try 0 --multiline -n -o 'a\nb' text
	out_is 5:a 6:b 8:a 9:b 10:a 11:b
	try 0 --multiline -c 'a\nb' text
	out_is 3
	try 0 --multiline -n -v 'a\nb' text
	out_is 1:a 2: 3:b 4:x 7:a
	try 0 --multiline --vimgrep 'a\nb' text
	out_is text:5:1:a text:8:1:a 'text:10:3:q a'
	try 0 --multiline -n -m1 -A1 'a\nb' text
	out_is 5:a '6:b c' 7-a
	try 0 --multiline -n -b --replace=X 'a\nb' text
	out_is '5:7:X c' 8:15:X '9:17:q X'
	try 0 --multiline -n --color=always 'a\nb' text
	head -n 2 "$out" >first
	printf '\33[32m\33[K%d\33[m\33[K\33[36m\33[K:\33[m\33[K\33[01;31m\33[K%s\33[m\33[K%s\n' 5 a '' 6 b ' c' >expected
	same expected first
	try 1 --multiline 'zzz\nz' text
}

@test "colours are those of GREP_COLORS" {
	export GREP_COLORS
	for GREP_COLORS in '' mt=07 ms=01:mc=02 sl=1 'sl=1:cx=33' rv:sl=1:cx=2 ne:se=:ln= bn=36:fn=34 mt= mt=:sl=1; do
		for how in '' -v -o '-b -T' '-v -A1' '-o -A1 -b' -Z '-m1 -A2' -c -l; do
			# shellcheck disable=SC2086 # several options
			{
				gnu_grep -P --color=always -n $how a f g >expected
				try 0 --color=always -n $how a f g
			}
			same expected "$out" || { echo "GREP_COLORS=$GREP_COLORS $how"; return 1; }
		done
	done
}

@test "a carriage return at a line's end has no colour" {
	printf 'xa\r\n' >text
	export GREP_COLORS=sl=1
	try 0 --color=always x text
	gnu_grep --color=always x text >expected
	same expected "$out"
}

@test "--label names standard input" {
	input=g try 0 --label=name -H a -
	out_is 'name:  a xay'
	input=g try 0 --label=name -c a - f
	out_is name:1 f:2
}

@test "a binary file is named, however lines are shown" {
	printf 'a\0b\na\n' >bin
	for how in -n -o -b -T --column --vimgrep --trim -M3 --passthru -A1 -B1 --replace=x --heading --color=always; do
		try 0 "$how" a bin
		out_is 'Binary file bin matches' || { echo "$how"; return 1; }
	done
	try 0 -c a bin
	out_is 2
	try 0 -a -o -b a bin
	out_is 0:a 4:a
	try 1 --passthru zzz bin
	out_is
}

@test "--replace: a group that the pattern that matched does not have is empty" {
	# Each is a unit by itself: together they are too large for PCRE2.
	printf '%s\n' '(foo)(bar)|(?:abcdefghij){1500}' 'qux|(?:abcdefghij){1500}' >patterns
	printf '%s\n' foobar qux 'foobar qux' >text
	try 0 --replace '[$1$2]' -f patterns text
	out_is '[foobar]' '[]' '[foobar] []'
	printf 'qux = SECRETSECRET\n' >text
	try 0 --replace '[$1$2]' -f patterns text
	out_is '[] = SECRETSECRET'
}
