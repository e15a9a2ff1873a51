# What is said of a run as a whole, and text that comes in a stream.
#
# out and err are set by try:
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0
load helpers

setup() {
	enter_tmp
	untraced
}

# total KEY: its number in what --stats=json says.
total() {
	sed -n 's/.*"'"$1"'":\([0-9]*\).*/\1/p' "$err"
}

@test "--stats: bytes, lines and matches, of all workers together" {
	mkdir tree
	for i in {1..300}; do
		printf 'foo foo\nnone\nfoo\n' >"tree/$i"
	done
	printf 'no more' >tree/none
	try 0 --stats=json foo tree
	[ "$(total bytes_searched)" = $((300 * 17 + 7)) ]
	[ "$(total matched_lines)" = 600 ]
	[ "$(total matches)" = 900 ]
	try 0 --stats foo tree
	grep -qx 'bytes: 5107 searched' "$err"
	grep -qx 'found: 600 lines, 900 matches' "$err"
}

