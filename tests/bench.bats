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
	# That against another program, and that against the floor.
	command grep -qE '^[012] of 2 goals met\.$' table
	command grep -qE ' [0-9.]+, goal 1\.2: (met|no) ' table
	command grep -qF '| literal |' results/speed.md
	python3 -c 'import xml.dom.minidom, sys; xml.dom.minidom.parse(sys.argv[1])' results/speed.svg
	command grep -q '>literal<' results/speed.svg
	# All lie: nothing says whether the goal is met.
	measure --rg ./liar --peer rg
	command grep -q 'nothing to compare with' table
	command grep -qE '^[01] of 1 goals met; 1 with nothing to compare with\.$' table
	# No part of the table may pass for all of it.
	not measure --readme
	command grep -q 'the README is of all rows' err
}

@test "bench: a goal against one program is judged whatever others are asked for" {
	# shellcheck disable=SC2016
	printf '#!/bin/sh\n[ "$1" != --version ] || exec echo 1.0\nexit 1\n' >liar
	chmod +x liar
	for i in {1..200}; do
		echo "the maintainer of part $i"
	done >tree/MAINTAINERS
	"$bench" --ours "$PGREP_R" --corpus tree --out results --runs 1 --row small --peer rg \
		--rg ./liar >table 2>err
	command grep -qE '^row +pgrep-r ms +rg +grep +fastest' table
	command grep -qE '^small .* x[0-9.]+ grep +x[0-9.]+ +0\.77 of grep +(met|no) ' table
	command grep -qE '^[01] of 1 goals met\.$' table
	[ "$(wc -c <results/small.txt)" -gt 4000 ]
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
	read -r wall _ _ _ status bytes _ < <(./meter -w 1 head -c 300000 /dev/zero)
	[ "$status" -eq 0 ] && [ "$bytes" -eq 300000 ] && [ "$wall" -ge 1000000000 ]
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

@test "bench: at large scale: many workers, a sparse file, the parent" {
	"$bench" --ours "$PGREP_R" --corpus tree --out results --scale --part sparse --part workers \
		--part parent >table 2>err
	command grep -qE '^64 GiB sparse file, three matches +[0-9.]+ +[0-9.]+$' table
	[ "$(command grep -cE '^[0-9]+ +[0-9.]+ +x[0-9.]+ +[0-9.]+$' table)" -eq 11 ]
	command grep -qE '^256 ' table
	command grep -qF '| 64 GiB sparse file' results/scale.md
	command grep -qE '^A search for a literal takes [0-9.]+ us of the parent' results/scale.md
	not command grep -E 'WRONG|more than 64' table
}

@test "bench: at large scale: trees within trees, one directory, a slow reader; wrong output is seen" {
	cat >try.py <<'EOF'
import os
import shutil
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from benchmarks import scale
scale.SIZES = (200, 500, 1300)
scale.PAUSE = 1
for n in (*range(1, 1200), 9999, 10000, 10001):
    assert scale._digits(n) == sum(len(str(i)) for i in range(1, n + 1)), n
for binary in sys.argv[2:]:
    os.makedirs("room")
    lines = scale._many_files(binary, "2", os.path.abspath("room"))
    assert [line[0] for line in lines] == ["200 files in a tree", "500 files in a tree",
        "1,300 files in a tree", "1,300 files in one directory"], lines
    lines += scale._slow_reader(binary, "2", os.path.abspath("room"), 40_000_000)
    assert all(float(line[1]) > 0 and float(line[5]) > 0 for line in lines), lines
    assert os.listdir("room") == ["flat"]
    shutil.rmtree("room")
    print(binary, *(line[6] or "right" for line in lines), sep="\n")
EOF
	# shellcheck disable=SC2016
	printf '#!/bin/sh\n"%s" "$@" | head -c -1\n' "$PGREP_R" >liar
	chmod +x liar
	python3 try.py "$TESTS/../scripts" "$PGREP_R" "$PWD/liar" >verdicts
	cat verdicts
	[ "$(sed -n 2,7p verdicts | sort -u)" = right ]
	[ "$(sed -n '13,14p' verdicts | sort -u)" = 'WRONG OUTPUT' ]
	[ "$(wc -l <verdicts)" -eq 14 ]
}
