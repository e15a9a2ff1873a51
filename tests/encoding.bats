# --encoding, and byte order marks: against iconv(1), ripgrep where it is, and by hand.
#
#   CASES      how many random files of an encoding
#   TEST_SEED  replays them
#
# out and err are set by try, and it reads input; $ in single quotes is perl's or a pattern's:
# shellcheck disable=SC2154,SC2034,SC2016

bats_require_minimum_version 1.5.0
load helpers

setup() {
	enter_tmp
	untraced
	wrap=(timeout -k 1 60)
	: "${CASES:=${SANITIZED:+15}}"
	: "${CASES:=40}"
	printf '\377\376o\0n\0e\0\n\0\351\0\n\0t\0w\0o\0' >little
	printf '\376\377\0o\0n\0e\0\n\0\351\0\n\0t\0w\0o' >big
	printf '\357\273\277one\n\303\251\ntwo' >marked
}

# prints TEXT ARG...: the program, given ARG, prints exactly that, and a newline.
prints() {
	local text=$1
	shift
	try 0 "$@"
	printf '%b\n' "$text" | cmp - "$out"
}

# A text with characters of one to four bytes, a little at a time, for $1 lines.
story() {
	awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++)
		printf "%d plain foo, na\303\257ve \342\202\254 foo \360\237\220\252%s\n", i, i % 7 ? "" : " long \303\244\303\266\303\274 tail" }'
}

@test "a byte order mark decides, and is not part of the text" {
	printf '\357\273\277foo \303\251\n' >utf8
	printf '\377\376f\0o\0o\0 \0\351\0\n\0' >le
	printf '\376\377\0f\0o\0o\0 \0\351\0\n' >be
	for file in utf8 le be; do
		prints '1:0:foo \303\251' -nb '^foo \w$' "$file"
		prints '1:1:foo \303\251' -n --column '^foo' "$file"
		try 0 -c foo "$file"
	done
}

@test "--encoding=none: bytes as they are" {
	printf '\357\273\277foo\n' >utf8
	printf '\377\376f\0o\0o\0\n\0' >le
	prints '\357\273\277foo' --encoding=none foo utf8
	try 1 --encoding=none '^foo' utf8
	try 1 --encoding=none -a foo le
	prints '\0377\0376f\0000o\0000o\0000' --encoding=none -a --no-unicode 'f\x00o' le
}

@test "UTF-16: what is no character is replaced, and what is cut off is told by that" {
	printf '\377\376a\0\0\330b\0\0\334c\0\n\0' >surrogates
	prints 'a\357\277\275b\357\277\275c' a surrogates
	printf '\377\376a\0\0\330' >half
	prints 'a\357\277\275' a half
	printf '\377\376a\0\0\330b' >odd
	prints 'a\357\277\275' a odd
	printf '\377\376=\330\52\334\n\0' >pair
	prints '\360\237\220\252' . pair
	printf '\377\376' >empty
	try 1 '^' empty
}

@test "UTF-16: a NUL makes a file binary, the bytes of ASCII do not" {
	printf '\377\376f\0o\0o\0\n\0' >text
	printf '\377\376f\0o\0o\0\n\0\0\0\n\0' >binary
	prints 'foo' foo text
	prints 'Binary file binary matches' foo binary
	try 1 -I foo binary
	prints 'foo' -a foo binary
}

@test "what iconv(1) makes of a file is searched, in windows and whole" {
	story 12000 >utf8
	[ "$(stat -c %s utf8)" -gt 400000 ]
	for name in UTF-16LE UTF-16BE UTF-32LE UTF-32BE UTF-7 GB18030; do
		iconv -f UTF-8 -t "$name" utf8 >encoded
		for options in -nb "-c" "-o" "--multiline -n"; do
			# shellcheck disable=SC2086
			pr $options 'foo \X$|tail' utf8 >expected
			# shellcheck disable=SC2086
			try 0 --encoding="$name" $options 'foo \X$|tail' encoded
			cmp expected "$out"
			# shellcheck disable=SC2086
			pr --encoding="$name" $options 'foo \X$|tail' < <(head -c 100000000 encoded) | cmp expected -
		done
	done
}

@test "the text of each encoding that iconv knows, in a worker with its sandbox" {
	local name tried=0 text
	for name in $(iconv -l | tr -d ' ' | sed 's,//$,,'); do
		case $name in
		# The mark is looked at first, and is text to iconv(1).
		*/*|UTF-16|UTF16|UCS-2|UCS2|CSUNICODE|UNICODE|ISO-10646-UCS-2|*UCS-4*|*UCS4*|WCHAR_T|INTERNAL) continue ;;
		esac
		[ $((++tried % 11)) = 0 ] || continue
		printf 'foo 1\nbar 2\nfoo 3\n' | iconv -f ASCII -t "$name" >encoded 2>/dev/null || continue
		text=$(iconv -f "$name" -t UTF-8 encoded) || continue
		[ "$text" = $'foo 1\nbar 2\nfoo 3' ] || continue
		prints '1:foo 1\n3:foo 3' --encoding="$name" -n foo encoded
	done
	[ "$tried" -gt 500 ]
}

@test "names that ripgrep gives a meaning" {
	printf 'foo \351\200\201\n' >latin
	for name in latin1 Latin1 iso-8859-1 ascii windows-1252; do
		prints 'foo \303\251\342\202\254\302\201' --encoding="$name" foo latin
	done
	printf 'foo \\~ \203e\200\n' >sjis
	for name in shift_jis sjis Shift-JIS; do
		prints 'foo \\~ \343\203\206\302\200' --encoding="$name" foo sjis
	done
	printf 'foo \244\242\n' >euc
	prints 'foo \343\201\202' --encoding=euc-jp foo euc
	printf 'foo \304\343\200\n' >gbk
	prints 'foo \344\275\240\342\202\254' --encoding=gbk foo gbk
	printf 'f\0o\0o\0\n\0' >utf16
	prints foo --encoding=utf-16 foo utf16
	printf 'foo \377\342\202\n' >broken
	prints 'foo \357\277\275\357\277\275' --encoding=utf-8 foo broken
	prints 'foo \377\342\202' foo broken
}

@test "a byte order mark outweighs the name" {
	printf '\377\376f\0o\0o\0\n\0' >le
	prints foo --encoding=latin1 foo le
	printf '\357\273\277foo \303\251\n' >utf8
	prints 'foo \303\251' --encoding=latin1 '^foo' utf8
}

@test "a name that nobody knows: one line, and nothing is searched" {
	printf 'foo\n' >file
	for name in nonsense '' latin1//TRANSLIT 'utf-8 utf-16'; do
		try 64 --encoding="$name" foo file
		[ ! -s "$out" ]
		[ "$(wc -l <"$err")" = 1 ]
		grep -q -- "^pgrep-r: --encoding: '$name'" "$err"
	done
}

# Bytes that are likely to be characters, or to break them.  Of koi8-u, macintosh, windows-1255
# and x-mac-cyrillic iconv has a character or two that are others in ripgrep.
random_text() {
	perl -e 'srand(shift); my @pieces = map { pack("C", $_) } 0x20 .. 0x7e, 0x80 .. 0xff;
		for (1 .. 200) {
			print "foo ", (map { $pieces[rand @pieces] } 1 .. rand(30)), "\n";
		}' "$1"
}

@test "random bytes in each encoding of ripgrep's: what it prints" {
	local rg name seed=${TEST_SEED:-$RANDOM}
	rg=$(find_ripgrep) || skip "ripgrep is not here"
	echo "TEST_SEED=$seed"
	random_text "$seed" >file
	for name in auto none utf-8 utf-16le utf-16be latin1 windows-125{0,1,2,3,4,6,7} iso-8859-{2,5,7,15} \
	    koi8-r ibm866; do
		"$rg" --no-config -a -n --encoding="$name" '' file >expected || true
		try 0 -a -n --encoding="$name" '' file
		cmp expected "$out" || { echo "$name"; return 1; }
	done
}

@test "texts in the encodings of East Asia: what ripgrep prints" {
	local rg name
	rg=$(find_ripgrep) || skip "ripgrep is not here"
	for name in shift_jis euc-jp iso-2022-jp; do
		for i in {1..300}; do
			printf 'foo %d \343\201\202\343\203\206\346\227\245\346\234\254 ~|\n' "$i"
		done | iconv -f UTF-8 -t "$name" >file
		"$rg" --no-config -n --encoding="$name" foo file >expected
		try 0 -n --encoding="$name" foo file
		cmp expected "$out" || { echo "$name"; return 1; }
	done
	for name in gbk gb18030 big5 euc-kr; do
		printf 'foo \344\270\200\344\272\272\n%.0s' {1..300} | iconv -f UTF-8 -t "$name" >file
		"$rg" --no-config -n --encoding="$name" foo file >expected
		try 0 -n --encoding="$name" foo file
		cmp expected "$out" || { echo "$name"; return 1; }
	done
}

@test "a stream is decoded as it comes" {
	mkfifo pipe
	pr --encoding=utf-16le -n foo <pipe >got 2>err &
	program=$!
	exec 7>pipe
	printf 'f\0o' >&7
	sleep 0.1
	printf '\0o\0 \0001\0\n\0f\0' >&7
	for ((i = 0; i < 200; i++)); do
		[ ! -s got ] || break
		sleep 0.05
	done
	[ "$(cat got)" = '1:foo 1' ]
	printf 'o\0o\0' >&7
	exec 7>&-
	wait "$program"
	[ "$(cat got)" = $'1:foo 1\n2:foo' ]
}

@test "a file is decoded in bounded memory" {
	yes 'a line of text that is searched' | head -c 40000000 | iconv -f ASCII -t UTF-16LE >big
	try 0 -c --encoding=utf-16le --worker-memory=24M text big
	[ "$(cat "$out")" = 1250000 ]
}

@test "--multiline holds all of a file, decoded or not, up to --max-line" {
	story 20000 >utf8
	prints 1 -c --multiline '(?s)\A1 plain.*^20000 plain.*\Z' utf8
	iconv -f UTF-8 -t UTF-16LE utf8 >le
	prints 1 -c --multiline --encoding=utf-16le '(?s)\A1 plain.*^20000 plain.*\Z' le
	try 2 -c --multiline --max-line=64K '(?s)\A1 plain.*^20000 plain.*\Z' utf8
	grep -q 'utf8: searched in pieces' "$err"
}

@test "half a byte order mark is none; of two one is text; that of UTF-32 begins as another" {
	printf '\357\273' >half
	printf '\377' >byte
	printf '\377\376' >only
	: >empty
	try 0 -c '' half byte only empty
	out_is half:1 byte:1 only:0 empty:0
	printf '\357\273\277\357\273\277one\n' >twice
	try 1 '^one' twice
	try 0 '^\x{feff}one' twice
	printf '\377\376\0\0a\0\0\0' >wide
	try 0 --encoding=utf-32 '^a$' wide
	out_is a
}

@test "input that comes byte by byte is decoded; a line is there before what could follow it" {
	for file in little big marked; do
		perl -e '$| = 1; for (split //, join "", <STDIN>) { print; select undef, undef, undef, 0.002 }' \
			<"$file" | "$PGREP_R" -n '^one$|é|^two$' >got
		printf '%s\n' 1:one 2:é 3:two >wanted
		same wanted got
	done
	rm got
	for start in 'x' '\377x' '\357x' '\357\273x'; do
		mkfifo pipe
		"$PGREP_R" -a --line-buffered x <pipe >got &
		exec {writer}>pipe
		# shellcheck disable=SC2059 # it has escapes
		printf "$start\n" >&"$writer"
		for ((i = 0; i < 200; i++)); do
			[ ! -s got ] || break
			sleep 0.05
		done
		[ -s got ]
		exec {writer}>&-
		wait $!
		rm pipe got
	done
}

@test "a hole in UTF-16 is text like any other" {
	printf '\377\376' >sparse
	truncate -s 4M sparse
	printf 'o\0n\0e\0\n\0' >>sparse
	try 0 -a -b -o 'one' sparse
	out_is 2097151:one
	try 0 one sparse
	out_is 'Binary file sparse matches'
}

# encoded NAME CHARACTERS: the file text has many lines of these and of ASCII, in UTF-8; the
# file encoded has them as iconv encodes them.
encoded() {
	perl -CSDA -e 'my ($seed, $set) = @ARGV; srand $seed;
		my @set = split //, $set;
		for (1 .. 4000) {
			print join("", map { rand() < 0.5 ? $set[rand @set] : chr 97 + int rand 26 } 1 .. int rand 30), "\n";
		}' "$TEST_SEED" "$2" >text
	iconv -f utf-8 -t "$1" <text >encoded
}

@test "what iconv encoded is found, in every sandbox" {
	# The first character of a set, not its first byte.
	local LC_ALL=C.UTF-8
	seed_random
	while read -r name set modes; do
		encoded "$name" "$set"
		first=${set:0:1}
		"$PGREP_R" -n -b -o --encoding=none "${first}[a-m].*" text >wanted
		[ "$(wc -l <wanted)" -gt 500 ]
		for mode in ${modes:-auto}; do
			# Not every kernel, nor everybody, may have each.
			"$PGREP_R" -q --sandbox="$mode" --encoding=none '' text 2>/dev/null || continue
			try 0 --sandbox="$mode" --encoding="$name" -n -b -o "${first}[a-m].*" encoded || { echo "$name $mode"; return 1; }
			same wanted "$out" || { echo "$name $mode"; return 1; }
		done
	done <<-'END'
		utf-8 éαあ漢😀
		utf-16 éαあ漢😀 jail landlock off
		utf-16le éαあ漢😀
		utf-16be éαあ漢😀
		utf-32 éαあ漢😀 jail landlock off
		utf-32be éαあ漢😀
		utf-7 éαあ漢😀
		gb18030 éαあ漢😀 jail landlock off
		latin1 éèüßÿ
		iso-8859-15 éèüß€
		koi8-r привет jail landlock off
		windows-1251 привет
		cp437 éαßΓπ
		iso-8859-7 αβγδέ
		shift_jis あ漢字カｶ jail landlock off
		euc-jp あ漢字カｶ jail landlock off
		iso-2022-jp あ漢字カア jail landlock off
		big5 漢字中文麼
		gbk 汉字中文漢
		euc-kr 한국어가나
	END
}

# A file for each number: random text of the encoding, and what is none.
random_files() {
	perl -e 'my ($seed, $encoding, $count) = @ARGV; srand $seed;
		my $wide = $encoding =~ /16/;
		my $big = $encoding =~ /be/;
		my @units = (97 .. 99, 10, 10, 0, 0xe9, 0x3b1, 0x7ff, 0x800, 0x3042, 0xfffd, 0xfeff, 0xa0a,
			0xd800, 0xdbff, 0xdc00, 0xdfff);
		my @bytes = map { pack "C", $_ } 97 .. 99, 10, 10, 13, 0 .. 2, 0x40, 0x5c, 0x7e .. 0xff;
		push @bytes, "\xc3\xa9", "\xe3\x81\x82", "\xf0\x9f\x98\x80", "\x82\xa0", "\xed\xa0\x80", "\xe3\x81";
		for my $i (1 .. $count) {
			my $ascii = rand() < 0.5 ? 0.9 : 0.2;
			my $text = "a";
			$text = pack $big ? "n" : "v", 97 if $wide;
			for (1 .. rand() < 0.1 ? 20000 : int rand 200) {
				my $at = rand() < $ascii ? rand 5 : undef;
				$text .= $wide ? pack($big ? "n" : "v", $units[$at // rand @units])
				    : $bytes[$at // rand @bytes];
			}
			chop $text if rand() < 0.2;
			# Half a character at the end ripgrep leaves out, but for the first in a file.
			$text .= "\n" if $encoding eq "shift_jis";
			$text = "\xff\xfe" . $text if $encoding eq "auto:16";
			open my $file, ">", sprintf "%s/%03d", $encoding, $i or die;
			print $file $text;
		}' "$TEST_SEED" "$1" "$CASES"
}

@test "of random bytes ripgrep's decoder makes the same" {
	rg=$(find_ripgrep) || skip "ripgrep is not here"
	seed_random
	for name in auto auto:16 utf-8 utf-16 utf-16le utf-16be latin1 windows-1251 iso-8859-2 koi8-r shift_jis; do
		mkdir "$name"
		random_files "$name"
		encoding=${name%:16}
		: >all
		for pattern in '' '^b' 'é|あ|\x{fffd}' '\x{a0a}|а|Ж' '[^a]$'; do
			"$rg" --no-config --sort path -a -n -b -E "$encoding" -e "$pattern" "$name" >wanted || true
			pr -a -n -b --encoding="$encoding" -e "$pattern" "$name" >got || true
			same wanted got || { echo "$name $pattern"; return 1; }
			cat wanted >>all
		done
		[ "$(wc -l <all)" -gt "$CASES" ]
	done
}

@test "the test with ripgrep sees another decoding" {
	rg=$(find_ripgrep) || skip "ripgrep is not here"
	TEST_SEED=1
	CASES=20
	mkdir koi8-r
	random_files koi8-r
	"$rg" --no-config --sort path -a -n -b -E koi8-r '' koi8-r >wanted
	pr -a -n -b --encoding=koi8-u '' koi8-r >got
	not cmp -s wanted got
	pr -a -n -b --encoding=koi8-r '' koi8-r >got
	same wanted got
}

@test "lines that are too long are cut by their length in UTF-8" {
	perl -e 'print pack "v*", 0xfeff, (0xe9) x 4, 10, (0xe9) x 5, 10, 97, 10' >text
	try 0 --max-line=10 -n '' text
	try 2 --max-line=8 -n '' text
	out_is 1:éééé 2:éééé 3:a
	# A window that is smaller than a character, and than a mark.
	try 2 --max-line=1 -c '' text
	out_is 3
	try 2 --max-line=1 -n a text
	out_is 3:a
	try 2 --max-line=1 -n . marked
	out_is 1:o 3:t
}
