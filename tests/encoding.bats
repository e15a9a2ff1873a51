# --encoding, and byte order marks: against iconv(1), ripgrep where it is, and by hand.
#
# out and err are set by try, and it reads input:
# shellcheck disable=SC2154,SC2034

bats_require_minimum_version 1.5.0
load helpers

setup() {
	enter_tmp
	untraced
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
