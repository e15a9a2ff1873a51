# scripts/bench: what counts, and what it measures with.

bats_require_minimum_version 1.5.0
load helpers

setup() {
	enter_tmp
	untraced
	mkdir -p tree/some
	for i in 1 2 3 4 5 6 7; do
		printf 'a line\nPM_RESUME in file %s\n' "$i" >"tree/some/$i.c"
	done
	bench=$TESTS/../scripts/bench
}

# Builds a helper of the benchmarks, and fails on a warning.
helper() {
	cc -O2 -std=c17 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror \
		-o "$1" "$TESTS/../scripts/benchmarks/$1.c"
}

# Runs it on the small tree; the table is in the file table.
measure() {
	"$bench" --ours "$PGREP_R" --corpus tree --out results --runs 2 --row literal "$@" >table 2>err
}

@test "bench: a program that finds other lines does not count; the others do" {
	# shellcheck disable=SC2016
	printf '#!/bin/sh\n[ "$1" != --version ] || exec echo 1.0\ngrep -rn PM_RESUME | tail -n +2\n' >liar
	chmod +x liar
	measure --rg ./liar --peer rg --peer grep
	command grep -qE '^literal +[0-9.]+ +\(.*\) other lines \(-1\) .* x[0-9.]+ grep ' table
	command grep -qE '^[01] of 1 goals met' table
	command grep -qF '| literal |' results/speed.md
	python3 -c 'import xml.dom.minidom, sys; xml.dom.minidom.parse(sys.argv[1])' results/speed.svg
	command grep -q '>literal<' results/speed.svg
	# All lie: nothing says whether the goal is met.
	measure --rg ./liar --peer rg
	command grep -q 'nothing to compare with' table
	command grep -q '^0 of 0 goals' table
}

@test "bench: two builds, and whether their bytes are the same" {
	# shellcheck disable=SC2016
	printf '#!/bin/sh\nexec "%s" "$@" -h\n' "$PGREP_R" >other
	chmod +x other
	measure --against ./other
	command grep -qE '^literal .* OTHER BYTES$' table
	measure --against "$PGREP_R"
	command grep -qE '^literal .* x[0-9.]+ +x[0-9.]+ ' table
	not command grep -q 'OTHER BYTES' table
	not measure --against no-such-revision
	command grep -q 'neither a program nor a git revision' err
}

@test "bench: its meter knows lines in any order, a slow reader, and an end" {
	helper meter
	printf './b:2\n./a:1\n.c\n/d' >one
	printf 'a:1\nb:2\n/d\n.c\n' >two
	printf 'a:1\nb:2\n/d\nc\n' >three
	for file in one two three; do
		./meter -s cat "$file" | cut -d ' ' -f 5,7,8 >"$file.sum"
	done
	command grep -q '^0 4 ' one.sum
	cmp one.sum two.sum
	not cmp -s one.sum three.sum
	read -r wall _ _ _ status bytes _ < <(./meter -p 1000000 head -c 300000 /dev/zero)
	[ "$status" -eq 0 ] && [ "$bytes" -eq 300000 ] && [ "$wall" -ge 250000000 ]
	read -r _ _ _ _ status _ < <(./meter -t 1 sleep 60)
	[ "$status" -eq 137 ]
}

@test "bench: its floor reads every file once" {
	helper floor
	head -c 3000000 /dev/zero >tree/large
	read -r walk read files directories bytes < <(./floor -j 3 tree)
	[ "$walk" -gt 0 ] && [ "$read" -gt 0 ] && [ "$files" -eq 8 ] && [ "$directories" -eq 2 ]
	[ "$bytes" -eq "$(cat tree/large tree/some/* | wc -c)" ]
	read -r walk read files directories bytes < <(./floor tree/large)
	[ "$walk" -eq 0 ] && [ "$bytes" -eq 3000000 ]
}
