# --json: ripgrep's messages, whatever the bytes.  At random it is compared with ripgrep
# itself in shown.bats.
#
# out and err are set by try; $ in single quotes is a replacement's:
# shellcheck disable=SC2154,SC2016

bats_require_minimum_version 1.5.0
load helpers

setup() {
	enter_tmp
	untraced
	printf 'one\ntwo a a\nthree\nfour\nfive a\n' >f
}

# messages LINE...: what try has caught, but for the summary, is these lines.
messages() {
	grep -v '"type":"summary"' "$out" >messages || true
	lines_are messages "$@"
}

# stats SEARCHED PRINTED LINES MATCHES: of a file at its end.
stats() {
	printf '"stats":{"elapsed":{"secs":0,"nanos":0,"human":"0.000000s"},"searches":1,"searches_with_match":1,'
	printf '"bytes_searched":%d,"bytes_printed":%d,"matched_lines":%d,"matches":%d}}}' "$@"
}

@test "a file: begin, its lines, end" {
	try 0 --json a f
	messages '{"type":"begin","data":{"path":{"text":"f"}}}' \
		'{"type":"match","data":{"path":{"text":"f"},"lines":{"text":"two a a\n"},"line_number":2,"absolute_offset":4,"submatches":[{"match":{"text":"a"},"start":4,"end":5},{"match":{"text":"a"},"start":6,"end":7}]}}' \
		'{"type":"match","data":{"path":{"text":"f"},"lines":{"text":"five a\n"},"line_number":5,"absolute_offset":23,"submatches":[{"match":{"text":"a"},"start":5,"end":6}]}}' \
		'{"type":"end","data":{"path":{"text":"f"},"binary_offset":null,'"$(stats 30 421 2 3)"
	err_is
	try 1 --json zzz f
	messages
	try 0 --json -q a f
	messages
}

@test "context, and what -v does to it" {
	try 0 --json -A1 -m1 a f
	messages '{"type":"begin","data":{"path":{"text":"f"}}}' \
		'{"type":"match","data":{"path":{"text":"f"},"lines":{"text":"two a a\n"},"line_number":2,"absolute_offset":4,"submatches":[{"match":{"text":"a"},"start":4,"end":5},{"match":{"text":"a"},"start":6,"end":7}]}}' \
		'{"type":"context","data":{"path":{"text":"f"},"lines":{"text":"three\n"},"line_number":3,"absolute_offset":12,"submatches":[]}}' \
		'{"type":"end","data":{"path":{"text":"f"},"binary_offset":null,'"$(stats 12 382 1 2)"
	printf 'a\nb\n' >ab
	try 0 --json -v -B1 a ab
	messages '{"type":"begin","data":{"path":{"text":"ab"}}}' \
		'{"type":"context","data":{"path":{"text":"ab"},"lines":{"text":"a\n"},"line_number":1,"absolute_offset":0,"submatches":[{"match":{"text":"a"},"start":0,"end":1}]}}' \
		'{"type":"match","data":{"path":{"text":"ab"},"lines":{"text":"b\n"},"line_number":2,"absolute_offset":2,"submatches":[]}}' \
		'{"type":"end","data":{"path":{"text":"ab"},"binary_offset":null,'"$(stats 4 333 1 0)"
	# No lines of other programs between.
	try 0 --json -A0 -n --heading -o --column -b -M1 --color=always a f ab
	not grep -v '^{' "$out"
}

@test "a match of several lines is one message" {
	printf 'a\nb c\nx\n' >text
	try 0 --json --multiline 'a\nb' text
	messages '{"type":"begin","data":{"path":{"text":"text"}}}' \
		'{"type":"match","data":{"path":{"text":"text"},"lines":{"text":"a\nb c\n"},"line_number":1,"absolute_offset":0,"submatches":[{"match":{"text":"a\nb"},"start":0,"end":3}]}}' \
		'{"type":"end","data":{"path":{"text":"text"},"binary_offset":null,'"$(stats 8 221 2 1)"
}

@test "--replace: each match has its replacement" {
	printf 'a b' >text
	try 0 --json --replace='<$0>' '[ab]' text
	messages '{"type":"begin","data":{"path":{"text":"text"}}}' \
		'{"type":"match","data":{"path":{"text":"text"},"lines":{"text":"a b"},"line_number":1,"absolute_offset":0,"submatches":[{"match":{"text":"a"},"replacement":{"text":"<a>"},"start":0,"end":1},{"match":{"text":"b"},"replacement":{"text":"<b>"},"start":2,"end":3}]}}' \
		'{"type":"end","data":{"path":{"text":"text"},"binary_offset":null,'"$(stats 3 312 1 2)"
	try 0 --json --replace= a text
	like "$(<"$out")" '*"match":{"text":"a"},"replacement":{"text":""},"start":0*'
}

@test "text that is no UTF-8 is base64, names too" {
	name=$'n\377'
	printf 'caf\351 a\n' >"$name"
	try 0 --json '[a-c]' "$name"
	messages '{"type":"begin","data":{"path":{"bytes":"bv8="}}}' \
		'{"type":"match","data":{"path":{"bytes":"bv8="},"lines":{"bytes":"Y2Fm6SBhCg=="},"line_number":1,"absolute_offset":0,"submatches":[{"match":{"text":"c"},"start":0,"end":1},{"match":{"text":"a"},"start":1,"end":2},{"match":{"text":"a"},"start":5,"end":6}]}}' \
		'{"type":"end","data":{"path":{"bytes":"bv8="},"binary_offset":null,'"$(stats 7 307 1 3)"
}

@test "what JSON does not take is escaped" {
	printf '"\\\b\f\t\r\001\037\177\342\200\250\303\251/\r\n' >text
	try 0 --json -a '^"' text
	grep -o '"lines":{[^}]*}' "$out" >got
	printf '"lines":{"text":"\\"\\\\\\b\\f\\t\\r\\u0001\\u001f\177\342\200\250\303\251/\\r\\n"}\n' >expected
	same expected got
}

@test "a binary file: where its first NUL is, and no line behind" {
	printf 'x\na\0b\na\n' >bin
	try 0 --json a bin
	messages '{"type":"begin","data":{"path":{"text":"bin"}}}' \
		'{"type":"end","data":{"path":{"text":"bin"},"binary_offset":3,'"$(stats 4 48 1 1)"
	try 0 --json -a a bin
	messages '{"type":"begin","data":{"path":{"text":"bin"}}}' \
		'{"type":"match","data":{"path":{"text":"bin"},"lines":{"text":"a\u0000b\n"},"line_number":2,"absolute_offset":2,"submatches":[{"match":{"text":"a"},"start":0,"end":1}]}}' \
		'{"type":"match","data":{"path":{"text":"bin"},"lines":{"text":"a\n"},"line_number":3,"absolute_offset":6,"submatches":[{"match":{"text":"a"},"start":0,"end":1}]}}' \
		'{"type":"end","data":{"path":{"text":"bin"},"binary_offset":null,'"$(stats 8 381 2 2)"
	try 1 --json -I a bin
	messages
}

@test "any bytes give one JSON object a line, which hold them" {
	seed_random
	perl -e 'srand $ARGV[0]; for my $file (1 .. 40) {
		open my $f, ">", "r$file" or die;
		print $f map { rand() < 0.1 ? "\n" : rand() < 0.5 ? chr(97 + int rand 3) : chr int rand 256 } 1 .. int rand 400;
	}' "$TEST_SEED"
	for how in '' -v -C2 '--multiline' '--replace=[$0]' -m2; do
		# shellcheck disable=SC2086 # several options, or none
		"$PGREP_R" -j"$JOBS" -a --json $how '[ab]\s?' r* >got
		perl -MJSON::PP -MMIME::Base64 -e '
			my %text;
			sub bytes {
				my ($d) = @_;
				return decode_base64($d->{bytes}) if exists $d->{bytes};
				my $text = $d->{text};
				utf8::encode($text);
				return $text;
			}
			sub slurp { open my $f, "<", $_[0] or die; local $/; my $t = <$f>; $t // "" }
			my $messages = 0;
			while (<STDIN>) {
				my $m = JSON::PP->new->utf8->decode($_);
				next if $m->{type} !~ /^(?:match|context)$/;
				my $d = $m->{data};
				my $lines = bytes($d->{lines});
				my $file = $text{bytes($d->{path})} //= slurp(bytes($d->{path}));
				die "other lines: $_" if substr($file, $d->{absolute_offset}, length $lines) ne $lines;
				my $before = substr($file, 0, $d->{absolute_offset});
				die "another number: $_" if $d->{line_number} != 1 + ($before =~ tr/\n//);
				for my $s (@{$d->{submatches}}) {
					die "another match: $_" if bytes($s->{match}) ne
					    substr($lines, $s->{start}, $s->{end} - $s->{start});
					die "another replacement: $_" if $s->{replacement} &&
					    bytes($s->{replacement}) ne "[" . bytes($s->{match}) . "]";
				}
				$messages++;
			}
			die "only $messages messages" if $messages < 40' <got || { echo "$how"; return 1; }
	done
}

@test "the same bytes, however many workers there are" {
	mkdir tree
	for i in 1 2 3 4 5 6 7 8 9; do
		perl -e 'print "a line $_\n" for 1 .. 2000' >tree/$i
	done
	"$PGREP_R" -j1 --json -C1 7 tree >one
	"$PGREP_R" -j3 --json -C1 7 tree >three
	cmp <(grep -v '"type":"summary"' one) <(grep -v '"type":"summary"' three)
	[ "$(grep -c '"type":"end"' one)" -eq 9 ]
}
