# The accelerator: when it is used, that it changes no byte, and what its faults cost.
#
# out and err are set by try:
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0
load helpers

setup() {
	export BATS_TEST_TIMEOUT=120
	enter_tmp
	untraced
	# No string is in each match, nor does one begin with a known character, and it has too many
	# classes of characters to be looked for by these.
	pattern='[a-z]*[n][e][e][d][l][e]|[q][j][z][x][v]'
}

# Makes FLAG... of tests/fixtures/libhs.c the libhs that is found.
fake() {
	mkdir -p library
	gcc -D_GNU_SOURCE -w -shared -fPIC -o library/libhs.so.5 "$@" "$TESTS/fixtures/libhs.c"
	export LD_LIBRARY_PATH=$PWD/library
}

# engine ARG...: what the search used, by --stats.
engine() {
	pr --stats "$@" 2>&1 >/dev/null | sed -n 's/^engine: //p'
}

# Whether there is a libhs that the program takes.
has_libhs() {
	echo needle >probe
	like "$(engine --accel=always "$pattern" probe)" '* + libhs 5.*' >/dev/null
}

# many NUMBER: so many files in the folder tree, each with a line to be found.
many() {
	mkdir -p tree
	perl -e 'for (1 .. shift) { open my $f, ">", "tree/$_" or die; print $f "x\na needle $_\ny\n" }' "$1"
}

# A text of more than one window: lines of all lengths, words, bytes that are no UTF-8.
random_text() {
	perl -e 'srand shift; my @w = ("foo", "bar", "needle", "Needle", "a1", "12", "_", " ", "\t", "-", ".com",
	    "@", "\r", "\303\251", "\316\261", "\342\204\252", "\377", "k", "S", "(", "static");
	  for (1 .. shift) { print map { $w[rand(@w) ** (rand() < 0.7 ? 0.6 : 1)] } 1 .. rand(rand() < 0.002 ? 9000 : 12);
	    print "\n" }' "$1" "$2"
}

@test "a few small files are searched without libhs" {
	fake -DSAYS
	many 20
	try 0 "$pattern" tree
	err_is
	[ "$(wc -l <"$out")" -eq 20 ]
	try 0 -q "$pattern" tree/3
	err_is
}

@test "many files, a large one, and large input are searched with it" {
	fake
	many 600
	[ "$(engine "$pattern" tree)" = 'PCRE2 JIT + libhs 5.4.0' ]
	[ "$(engine --accel=off "$pattern" tree)" = 'PCRE2 JIT' ]
	[ "$(engine "$pattern" tree/1)" = 'PCRE2 JIT' ]
	[ "$(engine --accel=always "$pattern" tree/1)" = 'PCRE2 JIT + libhs 5.4.0' ]
	truncate -s 9M large
	[ "$(engine "$pattern" large)" = 'PCRE2 JIT + libhs 5.4.0' ]
	[ "$(engine "$pattern" <large)" = 'PCRE2 JIT + libhs 5.4.0' ]
	[ "$(engine "$pattern" - <large)" = 'PCRE2 JIT + libhs 5.4.0' ]
	pr --stats=json "$pattern" tree 2>&1 >/dev/null | python3 -c '
import json, sys
stats = json.load(sys.stdin)
assert stats["engine"] == "PCRE2 JIT + libhs 5.4.0" and stats["repeated"] == 0, stats'
}

@test "what is found at the speed of memory is left to it" {
	fake
	many 2
	[ "$(engine --accel=always needle tree)" = literals ]
	[ "$(engine --accel=always -F -f <(printf '%s\n' a{1..9}) tree)" = literals ]
	[ "$(engine --accel=always '\wqz[a-z]' tree)" = 'literals + PCRE2 JIT' ]
	[ "$(engine --accel=always 'e[a-z]' tree)" = 'PCRE2 JIT' ]
	[ "$(engine --accel=always '[a-z]*' tree)" = 'PCRE2 JIT' ]
	[ "$(engine --accel=always --multiline "$pattern" tree)" = 'PCRE2 JIT' ]
	[ "$(engine --accel=always '([a-z])\1' tree)" = 'PCRE2 JIT' ]
}

@test "what classes of characters tell of is left to them, unless libhs is insisted on" {
	fake
	many 600
	[ "$(engine '[a-z]*[n][e][e][d]' tree)" = 'classes + PCRE2 JIT' ]
	[ "$(engine -E '\b[[:digit:]]{3}\b' tree)" = 'classes + PCRE2 JIT' ]
	[ "$(engine '\w{4}-\d\d' tree)" = 'classes + PCRE2 JIT' ]
	[ "$(engine --accel=always '[a-z]*[n][e][e][d]' tree)" = 'PCRE2 JIT + libhs 5.4.0' ]
	try 0 -h '[a-z]*[n][e][e][d][^_]{3}7$' tree
	out_is 'a needle 7'
	# The end of a line that ends only when its file is seen to be binary.
	printf '12\0\n' >binary
	try 0 -l '[0-9]$' binary
	# Most lines have it.
	[ "$(engine --accel=off '\w+' tree)" = 'PCRE2 JIT' ]
}

@test "without libhs, or with one that is not known to be right, PCRE2 does it" {
	many 2
	mkdir library
	: >library/libhs.so.5
	LD_LIBRARY_PATH=$PWD/library try 0 --accel=always "$pattern" tree
	err_is
	[ "$(wc -l <"$out")" -eq 2 ]
	fake -DVERSION_TEXT='"5.4.9 2023-03-23"'
	[ "$(engine --accel=always "$pattern" tree)" = 'PCRE2 JIT' ]
}

@test "compiling that takes long, dies or takes too much memory is given up" {
	many 3
	for statement in 'sleep(100)' 'abort()' 'return -4' 'for (;;) memset(malloc(1<<20),1,1<<20)' 'for (;;) ;'; do
		[[ -n ${SANITIZED:-} && $statement = *malloc* ]] && continue
		fake -DCOMPILES="$statement"
		try 0 --accel=always --stats "$pattern" tree
		[ "$(wc -l <"$out")" -eq 3 ]
		grep -qx 'engine: PCRE2 JIT' "$err"
	done
}

@test "a fault of the accelerator costs nothing" {
	fake -DDIES
	many 100
	for i in 7 50 51 99; do
		printf 'a deadly needle\nb\nneedle %s\n' "$i" >>tree/"$i"
	done
	try 0 --accel=off -n "$pattern" tree
	mv "$out" expected
	try 0 --accel=always -n --stats --ledger=told "$pattern" tree
	same expected "$out"
	grep -q '^engine: PCRE2 JIT + libhs 5.4.0 ([1-4] files* searched again without libhs)$' "$err"
	not grep -q deadly told
	not grep -q '"tree' told
}

@test "of a file that was printed in part before the fault, nothing is printed twice" {
	fake -DDIES
	perl -e 'print "needle $_\n", "x" x 300, "\n" for 1 .. 20000; print "deadly\n"' >large
	pr --accel=off "$pattern" large >expected
	status=0
	pr --accel=always "$pattern" large >got 2>told || status=$?
	if [ "$status" -eq 0 ]; then
		same expected got
	else
		[ "$status" -eq 2 ]
		head -c "$(stat -c %s got)" expected >part
		same part got
		like "$(cat told)" 'pgrep-r: large: crashed (SIGILL)*'
	fi
}

@test "a file that kills with and without the accelerator is lost once, and named" {
	fake -DDIES
	many 30
	echo 'a deadly needle' >>tree/9
	perl -e 'print "abcd" x 5000, "\n" for 1 .. 100' >>tree/9
	try 2 --accel=always --file-timeout=400ms "(a|b|c|d)*[x]{3}[y]|$pattern" tree
	not grep -q '^tree/9:' "$out"
	[ "$(wc -l <"$out")" -eq 29 ]
	err_is 'pgrep-r: tree/9: timed out: no progress' 'pgrep-r: 1 file not searched whole: 1 timed out'
}

@test "the same bytes with libhs and without" {
	has_libhs || skip "there is no libhs"
	random_text "${TEST_SEED:-1}" 3000 >a
	# Lines that are proposed seldom enough to go on with it, over several of its chunks.
	random_text 4 1500 | perl -ne 'print; print "z (q) " x (40 + rand 200), "\n" x rand 3' >e
	random_text 2 300 | tr -d '\200-\377' >b
	printf 'needle' >c
	random_text 3 9000 | tr '\n' '\0' >d
	number=0
	for arguments in '\w+\s+[n][e]' '\w{3}\s+\w{2}' '[A-Z]+[e][e]d' '\w[A]\d|\w\d\w' '(?i)K\w' '[o]$|^[b]' '^\w+$' \
	    '[^a-z][n][e]' '(?<=foo)[a-z]+' '(foo|bar|static){2}' '[\x80-\xff]\w' '\S{60}' '\d+_' '[n][^e]|[e]{2}[^d]' \
	    '\s[1-9]\w+\s\(?' '\W[k]'; do
		for options in -n -v -c '-n -o' '-l' '-n -w' '-x' '-i -n' '-n -z' '-n --crlf' '-n -C1' '-n --no-unicode' '-a -n' '-n -m3'; do
			# Every third pair.
			[ $((++number % 3)) -eq 0 ] || continue
			# shellcheck disable=SC2086 # words
			pr --accel=off $options -e "$arguments" a b c d e >expected 2>expected.err || [ $? -lt 2 ]
			# shellcheck disable=SC2086
			pr --accel=always $options -e "$arguments" a b c d e >got 2>got.err || [ $? -lt 2 ]
			same expected got || { echo "$options '$arguments'"; return 1; }
			same expected.err got.err
		done
	done
}

@test "several patterns, and those of other syntaxes" {
	has_libhs || skip "there is no libhs"
	random_text "${TEST_SEED:-1}" 20000 >a
	for words in '-E -e [a-z]+[n]e -e [0-9]{2}[_]' '-G -e [a-z]*[no].*[fr] -e \(foo\|bar\)[.]' '-e \d+[f] -e \w+[b]'; do
		# shellcheck disable=SC2086 # words
		like "$(engine --accel=always $words a)" '* + libhs*'
		# shellcheck disable=SC2086
		same <(pr --accel=off -n $words a) <(pr --accel=always -n $words a)
	done
}

@test "--accel wants one of three words" {
	try 64 --accel=maybe x .
	like "$(cat "$err")" '*--accel*auto*always*off*'
}

@test "a line on which PCRE2 gives up is told of with the accelerator, too" {
	perl -e 'print "x" x 60, "\n" for 1 .. 3; print "needle\n"' >a
	for accel in off always; do
		try 2 --accel=$accel -c '([xw]+[xw]+)+[yz]' a
		err_is 'pgrep-r: a: searched in part: matching a line takes too many steps' 'pgrep-r: 1 file not searched whole: 1 cut short'
	done
}
