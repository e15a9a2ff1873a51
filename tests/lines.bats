# Which lines are selected, and what of them is printed: what random searches
# (differential/lines) have shown.
#
# out and err are set by try, a pattern may have a dollar sign, $how several options:
# shellcheck disable=SC2154,SC2016,SC2086

bats_require_minimum_version 1.5.0
load helpers

@test "random searches see a program that goes wrong, and show it as small as can be" {
	local driver=$TESTS/differential/lines seed
	# It ignores case where it was not told to.
	printf '#!/bin/sh\nexec "%s" -i "$@"\n' "$PGREP_R" >wrong
	chmod +x wrong
	DIFF_SEED=1 DIFF_CASES=60 run -1 "$driver" "$PWD/wrong" F
	like "$output" '*F, seed *: *# replay: DIFF_SEED=*'
	seed=$(sed -n 's/^# F, seed \([0-9]*\):.*/\1/p' <<<"$output" | head -n 1)
	DIFF_SEED=$seed DIFF_CASES=1 run -1 "$driver" "$PWD/wrong" F
	like "$output" "*# F, seed $seed: *, 1 differ*"
	# One file with one letter, no option.
	like "$output" '*# printf %b * # [123] bytes*/wrong -j1 --sandbox=off -F -e ? -- *'
	DIFF_SEED=$seed DIFF_CASES=1 run -0 "$driver" "$PGREP_R" F
}

@test "no match reaches over the end of a line" {
	printf '%s\n' a b '' ' c' 'd ' e >text
	local pattern
	for pattern in 'a\sb' 'a\s*b' 'a\nb' '(?s)a.b' 'a[^x]b' 'a\W+b' 'b\s+c' 'a(?=\s)' '(?<=\s)b' 'd \s' \
		'e\s' '\n' '[\n]' '\R' 'd\s{2}' '(?s)d .' 'a\Z\s' '(?<=\n)b' 'a\v' '\x0a' '\012' '\cJ'; do
		try 1 -e "$pattern" text
		try 1 -i -e "$pattern" text
		# Nor where the last line has no end.
		try 1 -e "$pattern" <(printf 'x\ne')
	done
	try 0 -c '^\s*$' text
	out_is 1
	try 0 -n '\s$' text
	out_is '5:d '
	try 0 -c '$(?!\n)' text
	out_is 6
}

@test "^ \$ \\A and \\z are the ends of each line" {
	printf '%s\n' ab ba aba >text
	try 0 '\Aa' text
	out_is ab aba
	try 0 'a\z' text
	out_is ba aba
	try 0 'a\Z' text
	out_is ba aba
	try 0 '^a.*a$' text
	out_is aba
	try 0 -o '\Gab?' text
	out_is ab ab a
	try 0 '(?-m)^a' text
	out_is ab aba
}

@test "a carriage return is a character of its line" {
	printf 'a\r\nb\r\n\r\n' >text
	try 1 'a$' text
	try 0 -c '^\r$' text
	out_is 1
	try 0 -c 'a.$' text
	out_is 1
	try 0 -x -c 'b\r' text
	out_is 1
	try 0 -c '\r' text
	out_is 3
}

@test "a last line without an end is a line, and gets one" {
	printf 'a\nb' >text
	try 0 b text
	printf 'b\n' >expected
	same expected "$out"
	try 0 -n -v a text
	out_is 2:b
	try 0 -c '' text
	out_is 2
	printf '\n' >text
	try 0 -c '' text
	out_is 1
	: >text
	try 1 -c '' text
	out_is 0
	try 1 -c -v a text
	out_is 0
}

@test "-o: what follows an empty match starts with a whole character" {
	printf '\303\251\n' >text
	try 0 -o '\b' text
	out_is
	try 0 -o 'x*' text
	out_is
	try 0 -o '\b|.' text
	out_is
	printf 'a\303\251 \342\204\252\360\237\230\200b\n' >text
	try 0 -o '(?=\x{e9})|.' text
	out_is a ' ' $'\342\204\252' $'\360\237\230\200' b
	try 0 --color=always '(?=\x{e9})|.' text
	like "$(<"$out")" $'*\303\251*'
	try 0 -o 'x*|[^ -~]' text
	out_is
	# The same in lines beside one that is no UTF-8.
	printf '\377\n\303\251b\303\251\n' >text
	try 0 -o '\b|.' text
	out_is b $'\303\251'
	try 0 -o '(?=\x{e9})|b|\x{e9}' text
	out_is b
}

@test "what stands behind a byte that is no UTF-8 is found" {
	# Latin-1.
	printf '\351cole foo\nfoo \351\n\351\nx\n' >text
	local pattern
	for pattern in foo '.*foo' '(?s).*foo' '.*?foo' '(.*)foo' '[^x]*foo' '\w*foo' '(?i).*FOO' 'x|.*foo'; do
		try 0 -n -e "$pattern" text
		sed -i '/^4:x$/d' "$out"
		printf '1:\351cole foo\n2:foo \351\n' >expected
		same expected "$out" || { echo "$pattern"; return 1; }
	done
	try 0 -c '' text
	out_is 4
	try 0 -v -c foo text
	out_is 2
}

@test "a byte that is no UTF-8 is no end of a line" {
	printf 'a \377b\n' >text
	local how
	for how in '' -i; do
		try 1 $how '[^ab]\z' text
		try 1 $how '[^ab]\Z' text
		try 1 $how '(?:[^ab])$' text
		try 1 $how '\A(?=b)[^a]' text
		try 1 $how '(?m:^)[^a]' text
		try 0 $how '[^a]\z' text
	done
	try 1 '(?:[^ab]\z)' text
}

@test "a NUL in a last line without an end makes a file binary, too" {
	printf 'foo\nbar\0' >text
	try 0 foo text
	out_is 'Binary file text matches'
	try 1 -I foo text
	out_is
	try 0 -v -n foo text
	out_is 'Binary file text matches'
	try 0 -a foo text
	out_is foo
}

@test "several patterns: an end of one is not swallowed by the next" {
	printf '%s\n' abc def 'a|b' '(?:x)' >text
	# A comment that ends with its pattern; a quotation that does.
	try 0 -e '(?x) a b c # or not' -e def text
	out_is abc def
	try 0 -x '(?x) a b c # or not' text
	out_is abc
	try 0 -w '(?x) d e f # or not' text
	out_is def
	try 0 -e '\Qa|b' -e def text
	out_is def 'a|b'
	try 0 -x '\Qa|b' text
	out_is 'a|b'
	try 0 -w '\Qa|b' text
	out_is 'a|b'
}

@test "several patterns: a verb that must come first" {
	printf '%s\n' abc def >text
	# It would change the others: refused for what it is.
	try 64 -e '(*UCP)abc' -e def text
	err_is "pgrep-r: -e '(*UCP)abc': (*UCP) sets all patterns: give only one"
	try 64 -e def -e '(*UTF)(*UCP)abc' text
	# Others than at the start stand for their own pattern.
	try 0 -e 'ab(*SKIP)c' -e def text
	out_is abc def
}

@test "options and verbs at the start of a pattern" {
	printf '%s\n' abc ABC 'a c' >text
	try 0 '(*UCP)a.c' text
	out_is abc 'a c'
	try 0 -x '(*UTF)(*UCP)a.c' text
	out_is abc 'a c'
	try 0 '(*NO_JIT)a.c' text
	out_is abc 'a c'
	try 0 '(?i)abc' text
	out_is abc ABC
	try 0 -w '(?i)abc|x' text
	out_is abc ABC
	try 0 '(?i)a(?-i)bc' text
	out_is abc
	try 0 '(*COMMIT)abc' text
	out_is abc
	try 0 'x(*SKIP)y|abc' text
	out_is abc
}

@test "--multiline-dotall: a dot goes over the end of a line" {
	printf '%s\n' a b c >text
	try 0 -n --multiline-dotall a.b text
	out_is 1:a 2:b
	try 0 -n --multiline-dotall -E a.b text
	out_is 1:a 2:b
	try 0 -o --multiline-dotall 'b.c' text
	out_is b c
	try 1 --multiline a.b text
	try 1 --multiline-dotall '(?-s)a.b' text
	try 0 -n --multiline-dotall a text
	out_is 1:a
}

@test "what many patterns require is no more than what is in each line that they select" {
	local n
	for n in 1 2 3 4 5 6; do
		echo "\\éabc$n"
	done >patterns
	printf '%s\n' 'ÉABC1' 'éabc2' >text
	try 0 -E -i -f patterns text
	out_is ÉABC1 éabc2
	try 0 -P -i -f patterns text
	out_is ÉABC1 éabc2
	printf '[[:]x|b]:]z]hello%s\n' 1 2 3 4 5 6 >patterns
	echo :x >text
	try 0 -P -f patterns text
	printf '(*)abcdef)?x%s\n' 1 2 3 4 5 6 >patterns
	echo x1 >text
	try 0 -E -f patterns text
	printf 'abx{c|d%s}\n' 1 2 3 4 5 6 >patterns
	echo 'd3}' >text
	try 0 -E -f patterns text
	try 0 -P -f patterns text
}

@test "--multiline: a line with many matches takes time as its length" {
	local some
	# With a time as its square: minutes.
	printf '%2000000s' '' | tr ' ' a >text
	try 0 --deadline=20s --multiline -c 'a\n?' text
	out_is 2000000
	# The first match says all, though what follows it is in the same block.
	yes a | head -n 1000000 >text
	for some in -l -q; do
		try 0 --deadline=20s --multiline $some 'a\n?' text
	done
	try 0 --multiline -L 'a\n?' text
	out_is
	try 1 --multiline -v -l 'a\n?' text
	printf 'a\nb\nc\nd\ne\n' >text
	try 0 --multiline -l -v 'a\nb|b\n|d' text
	out_is text
	try 0 --multiline -c 'a\nb|b\nc|c|e' text
	out_is 3
	try 0 --multiline -n --heading 'a\nb|c\nd|e$' text
	out_is 1:a 2:b 3:c 4:d 5:e
}

@test "-o: the longest match of many patterns" {
	{
		printf '%s\n' 'a[b]' 'a[b]c'
		seq -f 'z[z]%.0f' 1000
	} >patterns
	printf 'abc\nabc\xff\n' >text
	try 0 -a -E -o -f patterns text
	out_is abc abc
}

@test "many matches of many patterns in one line take time as its length" {
	local syntax
	# Of one of the patterns there is no match: that is found out once.
	printf '%s\n' a bbb ccc ddd eee fff 'q[0-9]+z' >patterns
	printf '%2000000s\n' '' | sed 's/  /a /g' >text
	for syntax in -E -P; do
		try 0 --deadline=20s $syntax --count-matches -f patterns text
		out_is 1000000
		try 0 --deadline=20s $syntax --replace='$0$1' -f patterns text
		cmp text "$out"
	done
	# Where a match depends on where the search starts, each start is tried.
	printf '%s\n' aa bbb ccc ddd eee fff '\G[0-9]' '1\K2' >patterns
	printf '123 aa12\n' >text
	try 0 -P -o -f patterns text
	out_is 1 2 3 aa 1 2
}
