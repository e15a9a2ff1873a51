# --escape: what the tree holds reaches a terminal as text, never as control sequences.
#
# out and err are set by try, pid by start, JOBS by the helpers:
# shellcheck disable=SC2154,SC2153,SC2034

bats_require_minimum_version 1.5.0
load helpers
load fixtures/processes

esc=$'\033'
red=$'\033[01;31m\033[K' purple=$'\033[35m\033[K' green=$'\033[32m\033[K' cyan=$'\033[36m\033[K'
end=$'\033[m\033[K'

setup_file() {
	make_shim
	# Every byte, in the middle of a line.
	perl -e 'printf "needle %c|\n", $_ for grep { $_ != 10 } 0 .. 255' >bytes
	mkdir nasty
	printf '%s\n' "needle ${esc}[2J${esc}]0;title"$'\a' "needle ${esc}[01;31m${esc}[Kred" \
		$'needle\rover' $'needle\r' $'needle \302\233m \303\244 \233m' >nasty/text
	printf 'needle\0\n' >nasty/$'bin\033[31m\nary'
	echo needle >nasty/$'new\nline:needle'
	echo needle >nasty/$'esc\033[2Jape\a\177'
	echo needle >nasty/$'bad\377\302\233'
	echo needle >nasty/$'gr\303\274n\\x'
}

setup() {
	enter_tmp
	untraced
	ln -s "$BATS_FILE_TMPDIR"/{bytes,nasty} .
}

# printable [color] FILE
printable() {
	perl "$TESTS/fixtures/printable.pl" "${@:1:$#-1}" <"${!#}"
}

# on_terminal STATUS ARG...: runs the program with standard output on a terminal.  What came
# there is in got, messages in errors.
on_terminal() {
	local expected=$1 status=0 command
	shift
	printf -v command '%q ' "$PGREP_R" -j "$JOBS" "$@"
	# The terminal's own "\r\n" is switched off.
	TERM=xterm SHELL=/bin/bash script -qec "stty -opost; $command 2>errors" /dev/null \
		</dev/null >got || status=$?
	[ "$status" -eq "$expected" ] || { echo "status $status"; cat errors; return 1; }
}

# with_workers ARG...: the same bytes with 1, 2 and 5 workers; they are in $out.
with_workers() {
	local jobs
	for jobs in 1 2 5; do
		JOBS=$jobs try 0 "$@" || return 1
		[ "$jobs" -eq 1 ] && cp "$out" first
		same first "$out" || return 1
	done
}

# shown: standard input as it must be shown, without colour, line by line.
shown() {
	perl -MEncode -pe '
		BEGIN { binmode STDIN; binmode STDOUT }
		my ($text, $end) = /\A(.*?)(\r?\n)?\z/s;
		my $new = "";
		while (length $text) {
			my $copy = substr $text, 0, 4;
			my $character = Encode::decode("UTF-8", $copy, Encode::FB_QUIET);
			my ($taken, $bad) = (substr($text, 0, 1), 1);
			if (length $character) {
				$taken = Encode::encode("UTF-8", substr($character, 0, 1));
				$bad = $character =~ /\A[\x00-\x08\x0a-\x1f\x7f-\x9f]/;
			}
			substr($text, 0, length $taken) = "";
			$new .= $bad ? join("", map { sprintf "\\%03o", $_ } unpack "C*", $taken) : $taken;
		}
		$_ = $new . ($end // "")'
}

# ---- what is let through ----

@test "every byte: as text, or as an escape" {
	try 0 -a --escape=always needle bytes
	shown <bytes >expected
	same expected "$out"
	printable "$out"
	try 0 -a --escape=never needle bytes
	same bytes "$out"
	try 0 -a needle bytes
	same bytes "$out"
}

@test "lines and names of a nasty tree" {
	local names=(--escape=always -a)
	with_workers "${names[@]}" needle nasty
	printable "$out"
	printf '%s\n' 'nasty/bad\377\302\233:needle' \
		'nasty/bin\033[31m\012ary:needle\000' \
		'nasty/esc\033[2Jape\007\177:needle' \
		$'nasty/gr\303\274n\\x:needle' \
		'nasty/new\012line:needle:needle' \
		'nasty/text:needle \033[2J\033]0;title\007' \
		'nasty/text:needle \033[01;31m\033[Kred' \
		'nasty/text:needle\015over' \
		$'nasty/text:needle\r' \
		$'nasty/text:needle \\302\\233m \303\244 \\233m' >expected
	same expected "$out"
}

@test "names alone: -l, -c, binary files, --files" {
	local list=('nasty/bad\377\302\233' 'nasty/bin\033[31m\012ary' 'nasty/esc\033[2Jape\007\177' \
		$'nasty/gr\303\274n\\x' 'nasty/new\012line:needle' nasty/text)
	with_workers --escape=always -l needle nasty
	out_is "${list[@]}"
	with_workers --escape=always --files nasty
	out_is "${list[@]}"
	with_workers --escape=always -c -m1 needle nasty
	out_is "${list[@]/%/:1}"
	with_workers --escape=always -m1 needle nasty
	grep -qxF 'Binary file nasty/bin\033[31m\012ary matches' "$out"
	printable "$out"
	# And as they are.
	try 0 --files nasty
	find nasty/ -type f | LC_ALL=C sort >raw
	[ "$(LC_ALL=C sort "$out" | cksum)" = "$(LC_ALL=C sort raw | cksum)" ]
}

@test "with colour only the sequences that colour pass" {
	local args
	for args in -n -o '-n -o' -l -c -v -I; do
		# shellcheck disable=SC2086 # words
		with_workers --color=always --escape=always -a $args needle\|x nasty bytes || [ "$args" = -v ]
		printable color "$out"
	done
	try 0 --color=always --escape=always -n needle nasty/text
	local colon="$end$cyan:$end" match="${red}needle$end"
	# What is exactly ours passes in the tree's text, too.
	printf '%s\n' "${green}1$colon$match"' \033[2J\033]0;title\007' \
		"${green}2$colon$match ${red}red$end" \
		"${green}3$colon$match"'\015over' \
		"${green}4$colon$match"$'\r' \
		"${green}5$colon$match"$' \\302\\233m \303\244 \\233m' >expected
	same expected "$out"
}

@test "a colour that the tree starts ends with its line" {
	printf '%s\n' "needle ${purple}purple" 'needle plain' >text
	printf '%s\r\n' "needle ${purple}purple" 'needle plain' >dos
	with_workers --color=always --escape=always needle text dos
	printable color "$out"
	[ "$(grep -cF "purple$end" "$out")" -eq 2 ]
}

@test "text that needs no escape is the same bytes" {
	perl -e 'printf "needle %d \303\244\342\202\254\360\237\220\252\t %s\n", $_, "x" x ($_ % 90) for 1 .. 30000' >text
	with_workers --escape=always needle text
	same text "$out"
	try 0 --color=always --escape=never -no 'needle|x+' text
	cp "$out" expected
	with_workers --color=always --escape=always -no 'needle|x+' text
	cmp expected "$out"
}

@test "one enormous line, every cut between pieces" {
	# Of a length that does not divide what is handed over at once.
	perl -e 'print "needle ", "\303\244\342\202\254\360\237\220\252\302\233\e[m\377" x 40000, "\n"' >line
	with_workers --escape=always needle line
	shown <line >expected
	cmp expected "$out"
}

@test "random bytes are fit to be printed, and the same with any number of workers" {
	local i
	seed_random
	mkdir tree
	for ((i = 0; i < 20; i++)); do
		perl -e 'srand $ARGV[0];
			my @pieces = ("\n", "\r\n", "\e[m\e[K", "\e[35m\e[K", "\e[01;31m\e[K", "\e[", "\303\244", "e", "\342\202");
			print rand() < 0.5 ? chr int rand 256 : $pieces[rand @pieces] for 1 .. rand 60000' \
			"$RANDOM" >tree/"$i"
	done
	with_workers -a -n --escape=always . tree
	printable "$out"
	with_workers -a -n --color=always --escape=always 'e|\d' tree
	printable color "$out"
}

# ---- when ----

@test "auto: on a terminal, and only there" {
	on_terminal 0 -a needle nasty bytes
	[ ! -s errors ]
	printable color got
	# What it would be with both asked for.
	try 0 -a --color=always --escape=always needle nasty bytes
	same "$out" got
	on_terminal 0 --color=never -a --escape=auto needle bytes
	shown <bytes >expected
	same expected got
	on_terminal 0 --files nasty
	printable got
	on_terminal 0 -l --color=never needle nasty
	printable got
	on_terminal 0 -a --color=never --escape=never needle bytes
	same bytes got
	# Elsewhere the bytes are what they are.
	try 0 -a --escape=auto needle bytes
	same bytes "$out"
}

@test "messages on standard error are always escaped" {
	local name=$'no\033[31m\n\302\233\377such'
	try 2 --escape=never needle "$name" nasty
	printable "$err"
	[ "$(head -n 1 "$err")" = 'pgrep-r: no\033[31m\012\302\233\377such: No such file or directory' ]
	try 2 --escape=never --files "$name"
	printable "$err"
	try 64 --escape=never "($name"
	printable "$err"
	try 64 --"$name"
	printable "$err"
	try 64 --color="$name" x
	printable "$err"
	try 64 -j "$name" x
	printable "$err"
	try 73 --ledger="$name/x" needle nasty
	printable "$err"
}

@test "--escape takes auto, always and never" {
	try 64 --escape=often needle nasty
	err_is "pgrep-r: --escape: 'often' is none of auto, always and never"
	try 64 --escape
	err_is "pgrep-r: option '--escape' needs an argument"
}

# ---- files that are lost ----

@test "a file that is lost in the middle of a line leaves no colour and no half character" {
	local i torn=0 lines
	mkdir files
	# Of different lengths, so that they stop at different places.
	for ((i = 1; i <= 40; i++)); do
		perl -e 'my $n = shift; print "needle ", ("\342\202\254\303\244", "\e[35m\e[K") x (101 + $n), "\n" for 1 .. 400' \
			"$i" >files/$((i + 100))
	done
	# Each file is one line, many times.
	try 0 --color=always --escape=always -m1 needle files
	cp "$out" whole
	[ "$(wc -l <whole)" -eq 40 ]
	mkfifo pipe
	for ((i = 0; i < 3; i++)); do
		to=pipe start "$PGREP_R" -j "$JOBS" --color=always --escape=always needle files/1[$i-4]?
		exec {fifo}<pipe
		# All wait for room now, in the middle of a file.
		settle
		# shellcheck disable=SC2046 # words
		kill -KILL $(workers)
		cat <&"$fifo" >got
		exec {fifo}<&-
		ends 2
		printable color got
		lines=$(LC_ALL=C command grep -a -c -vxFf whole got || true)
		torn=$((torn + lines))
		grep -q ': crashed (SIGKILL)$' err
	done
	echo "torn lines: $torn"
	[ "$torn" -gt 0 ]
}

@test "a file that crashes its worker: what came of it, then the next file" {
	[ -z "${SANITIZED:-}" ] || skip 'LD_PRELOAD does not go with the sanitizers'
	[ -z "${VALGRIND:-}" ] || skip 'LD_PRELOAD does not go with valgrind'
	wrap=(env "LD_PRELOAD=$shim" SHIM_READ=abort SHIM_WORD=DEADLY)
	mkdir files
	echo 'first needle' >files/1
	perl -e 'print "needle ", "\342\202\254\e[35m\e[K" x 100, "\n" for 1 .. 600; print "needle DEADLY\n"' >files/2
	echo 'next needle' >files/3
	local jobs
	for jobs in 1 2 5; do
		JOBS=$jobs try 2 --color=always --escape=always needle files
		printable color "$out"
		[ "$(wc -l <"$out")" -gt 3 ]
		[ "$(tail -n 1 "$out")" = "${purple}files/3$end$cyan:${end}next ${red}needle$end" ]
		JOBS=$jobs try 2 --color=never --escape=always needle files
		printable "$out"
		[ "$(tail -n 1 "$out")" = 'files/3:next needle' ]
	done
}
