# --resume: runs that were stopped go on, and what they print together is what one prints.
#
#   SLOW  set: hundreds of interruptions of each kind, not some dozens
#
# out and err are set by try, pid by start, JOBS by the helpers; bash -c gets its own variables:
# shellcheck disable=SC2154,SC2034,SC2016,SC2153

bats_require_minimum_version 1.5.0
load helpers
load fixtures/processes

# A tree whose byte order is not that of its directories, with large results, torn lines,
# binary files and what cannot be searched.
strange_tree() {
	perl "$TESTS/fixtures/tree.pl" 900 >/dev/null
	mkdir -p tree/d001.x tree/d001-y tree/d00/deep/er tree/d002/sub
	local name
	for name in d001.x/f d001-y/f d00/deep/er/f d00/deep-f d002/sub/f 'd002/sub f' d002/sub-f d0 d999; do
		printf 'line\nneedle of %s\nline' "$name" >"tree/$name"
	done
	printf 'needle\0needle\n' >tree/d003/binary
	printf 'needle %02000000d\nneedle\n' 1 >tree/d004/long
	perl -e 'print "needle of a large file $_ ", "y" x 80, "\n" for 1 .. 20000' >tree/d005/large
	ln -s nowhere tree/d006/link
}

# interrupt ROUNDS SLOW-ROUNDS WHERE ARG...: see fixtures/interrupt.pl.
interrupt() {
	local rounds=$1
	[ -z "${SLOW:-}" ] || rounds=$2
	shift 2
	seed_random
	"$TESTS/fixtures/interrupt.pl" "$TEST_SEED" "$rounds" "$1" "$PGREP_R" -j "$JOBS" "${@:2}" --max-line=1M
}

# ---- the join ----

@test "interrupted at random, appended to a file: byte for byte one run" {
	strange_tree
	interrupt 2 60 file -n -C1 needle tree
	interrupt 1 40 file --heading -e needle -e 'abcd$' tree/d004 tree tree/d1 missing tree/d0
}

@test "interrupted at random, with --output and --ledger: byte for byte one run" {
	strange_tree
	interrupt 2 60 output -n -A1 needle tree
	interrupt 1 40 output -c needle tree/d0 tree tree/d003 missing
}

@test "interrupted at random, JSON with its totals: byte for byte one run" {
	strange_tree
	interrupt 1 30 file --json needle tree
	interrupt 1 20 output --json needle tree
}

@test "stopped in an orderly way, into a pipe: byte for byte one run" {
	strange_tree
	interrupt 1 40 pipe -n -C1 needle tree
	interrupt 1 20 pipe --json needle tree
}

@test "files before the checkpoint are not searched again, nor their directories read" {
	mkdir -p tree/{a,b,c}
	echo needle >tree/a/f
	echo needle >tree/b/1
	mkfifo fifo
	start "$PGREP_R" -j "$JOBS" -H --resume=checkpoint --output=results needle tree/a tree/b fifo tree/c
	soon [ -e results.pgrep-r~ ]
	soon has_checkpoint tree/b/1
	kill -TERM "$pid"
	ends 143
	echo 'needle, too late' >>tree/a/f
	echo 'needle, too late' >tree/b/0
	echo 'needle, in time' >tree/b/2
	echo 'needle, in time' >tree/c/f
	[ ! -e results ]
	rm fifo
	echo 'needle' >fifo
	wrap=(strace -f -qq -e 'trace=openat,openat2,open' -o trace)
	command -v strace >/dev/null && [ -z "${VALGRIND:-}${SANITIZED:-}" ] || wrap=()
	try 0 -H --resume=checkpoint --output=results --sandbox=off needle tree/a tree/b fifo tree/c
	same <(printf '%s\n' tree/a/f:needle tree/b/1:needle 'tree/b/2:needle, in time' fifo:needle \
		'tree/c/f:needle, in time') results
	[ ! -e checkpoint ]
	[ ! -e trace ] || not grep -q 'tree/a' trace
}

# has_checkpoint PATH: the checkpoint is behind it.
has_checkpoint() {
	command grep -qaF "$1" checkpoint
}

# stopped ARG...: a run is stopped by a signal with the tree's first files searched.
stopped() {
	[ -d tree ] || many 300
	[ -p tree/fifo ] || mkfifo fifo
	start "$PGREP_R" -j "$JOBS" -H --resume=checkpoint "$@" needle tree fifo
	soon has_checkpoint tree/00300
	kill -TERM "$pid"
	ends 143
	rm fifo
	echo needle >fifo
}

@test "the status and the totals are those of all runs" {
	many 300
	printf 'needle%01000d\n' 1 >tree/00007
	stopped --max-line=500 --stats=json --ledger=ledger
	[ ! -e ledger ]
	mv out joined
	: >tree/00008
	wrap=(bash -c 'exec "$@" >>joined' -)
	try 2 -H --resume=checkpoint --max-line=500 --stats=json --ledger=ledger needle tree fifo
	[ "$(wc -l <joined)" -eq 301 ]
	like "$(head -n 1 "$err")" 'pgrep-r: 1 file not searched whole: 1 cut short'
	like "$(tail -n 1 "$err")" '{"files":{"searched":300,*"cut_short":1,*"matched_lines":301,*'
	like "$(tail -n 1 ledger)" '{"type":"summary","complete":false,"files":301,"searched":300,*"cut_short":1,*'
	like "$(head -n 1 ledger)" '*tree/00007*cut short*'
	[ ! -e checkpoint ]
}

@test "a deadline stops in time, and the next night goes on" {
	many 3000
	perl -e 'print "a" x 60, "\n" for 1 .. 500' >slow
	local i status=2 nights=0
	for ((i = 100; i < 3000; i += 100)); do cp slow "tree/0$i-slow"; done
	"$PGREP_R" '(a|b|c|d)*[wx]{3}[yz]\1?|needle' tree >expected
	while [ "$status" -eq 2 ] && [ "$nights" -lt 100 ]; do
		status=0
		"$PGREP_R" -j "$JOBS" --deadline=400ms --resume=checkpoint --output=results \
			'(a|b|c|d)*[wx]{3}[yz]\1?|needle' tree 2>messages || status=$?
		nights=$((nights + 1))
		[ "$status" -ne 2 ] || { [ -e checkpoint ] && [ ! -e results ] && [ -e results.pgrep-r~ ]; }
	done
	echo "$nights nights"
	[ "$status" -eq 0 ] && [ ! -e checkpoint ]
	same expected results
}

@test "other workers, limits and sandboxes may be had for the rest" {
	stopped
	mv out joined
	wrap=(bash -c 'exec "$@" >>joined' -)
	JOBS=3 try 0 -H --resume=checkpoint --sandbox=off --file-timeout=9s --deadline=1h -s needle tree fifo
	[ "$(wc -l <joined)" -eq 301 ]
}

# ---- what it refuses ----

@test "a checkpoint of another command line is refused" {
	stopped
	cp checkpoint before
	local options
	for options in -i -n -c '--output=other' '-g *' --stats '-m 1'; do
		# shellcheck disable=SC2086
		try 64 -H --resume=checkpoint $options needle tree fifo
		err_is 'pgrep-r: checkpoint: is a checkpoint of another command line; remove it to start anew'
	done
	try 64 -H --resume=checkpoint needles tree fifo
	try 64 -H --resume=checkpoint needle tree
	try 64 -H --resume=checkpoint needle fifo tree
	out_is
	same before checkpoint
}

@test "a checkpoint of another tree is refused" {
	stopped
	mv tree old
	cp -r old tree
	try 64 -H --resume=checkpoint needle tree fifo
	err_is 'pgrep-r: checkpoint: is a checkpoint of other directories; remove it to start anew'
	out_is
	[ -e checkpoint ]
	rm -r tree
	mv old tree
	mv out joined
	wrap=(bash -c 'exec "$@" >>joined' -)
	try 0 -H --resume=checkpoint needle tree fifo
}

@test "a checkpoint that is damaged, or none, is refused" {
	stopped
	cp checkpoint whole
	seed_random
	local i size
	size=$(stat -c %s whole)
	for ((i = 0; i < 12; i++)); do
		perl -e '
			local $/; open F, "<", "whole"; my $text = <F>;
			my $at = int rand length $text;
			substr($text, $at, 1) ^= chr(1 + int rand 255);
			open F, ">", "checkpoint"; print F $text'
		try 64 -H --resume=checkpoint needle tree fifo
		like "$(<"$err")" 'pgrep-r: checkpoint: is *; remove it to start anew'
		out_is
	done
	head -c $((size - 1)) whole >checkpoint
	try 64 -H --resume=checkpoint needle tree fifo
	: >checkpoint
	try 64 -H --resume=checkpoint needle tree fifo
	err_is 'pgrep-r: checkpoint: is damaged, or no checkpoint; remove it to start anew'
	sed 's/^pgrep-r checkpoint 1/pgrep-r checkpoint 2/' whole >checkpoint
	try 64 -H --resume=checkpoint needle tree fifo
	err_is 'pgrep-r: checkpoint: is a checkpoint of another version; remove it to start anew'
}

@test "standard output must be the file that it was" {
	stopped
	mv out joined
	wrap=(bash -c 'exec "$@" >another' -)
	try 64 -H --resume=checkpoint needle tree fifo
	err_is 'pgrep-r: checkpoint: goes on with another file than standard output is; remove it to start anew'
	wrap=(bash -c 'exec "$@" >joined' -)
	try 64 -H --resume=checkpoint needle tree fifo
	err_is 'pgrep-r: checkpoint: goes on with more than standard output holds (it needs >>, not >); remove it to start anew'
}

@test "the temporary of --output must be there" {
	stopped --output=results
	mv results.pgrep-r~ away
	try 64 -H --resume=checkpoint --output=results needle tree fifo
	err_is 'pgrep-r: checkpoint: goes on with results.pgrep-r~, which is gone or another; remove it to start anew'
	cp away results.pgrep-r~
	try 64 -H --resume=checkpoint --output=results needle tree fifo
	mv away results.pgrep-r~
	try 0 -H --resume=checkpoint --output=results needle tree fifo
	[ "$(wc -l <results)" -eq 301 ]
}

@test "what somebody has written behind the checkpoint goes" {
	stopped
	mv out joined
	echo 'half a li' >>joined
	wrap=(bash -c 'exec "$@" >>joined' -)
	try 0 -H --resume=checkpoint needle tree fifo
	[ "$(wc -l <joined)" -eq 301 ]
	not grep -q half joined
}

@test "two runs at once: the second is refused" {
	many 300
	mkfifo fifo
	start "$PGREP_R" -j "$JOBS" -H --resume=checkpoint needle tree fifo
	soon has_checkpoint tree/00300
	try 73 -H --resume=checkpoint needle tree fifo
	err_is 'pgrep-r: checkpoint: another process is writing it'
}

# ---- the disk ----

@test "a full disk stops the run, and it goes on when there is room" {
	many 3000
	perl -e 'print "needle of a long line ", "x" x 60, "\n" for 1 .. 110000' >tree/01500-big
	"$PGREP_R" needle tree >expected
	wrap=(bash -c 'ulimit -f 8192; exec "$@"' -)
	try 74 --resume=checkpoint --output=results needle tree
	err_is 'pgrep-r: results: File too large'
	[ -e checkpoint ] && [ ! -e results ]
	wrap=()
	try 0 --resume=checkpoint --output=results needle tree
	same expected results
	[ ! -e checkpoint ]
}

@test "a checkpoint that cannot be made ends the run before it begins: status 73" {
	many 3
	try 73 --resume=missing/checkpoint --output=results needle tree
	err_is 'pgrep-r: missing/checkpoint: No such file or directory'
	try 64 --resume=/dev/null --output=results needle tree
	[ ! -e results ] && [ ! -e results.pgrep-r~ ]
	mkdir dir
	try 64 --resume=dir --output=results needle tree
	[ ! -e results.pgrep-r~ ]
}

@test "the checkpoint lies in the tree: it is not searched" {
	many 300
	wrap=(bash -c 'exec "$@" >joined' -)
	try 0 -c --resume=tree/checkpoint . tree
	[ "$(wc -l <joined)" -eq 300 ]
	[ ! -e tree/checkpoint ] && [ ! -e tree/checkpoint.pgrep-r~ ]
}

@test "options that do not go with it" {
	try 64 --resume=a --files .
	err_is 'pgrep-r: --resume does not go with --files or --type-list'
	try 64 --resume=a --since-state=b needle .
	err_is 'pgrep-r: --since-state does not go with --resume'
	try 64 --resume
	[ ! -e a ]
}

@test "a signal that comes when all is done: the run has ended, and is not made again" {
	[ -z "${SANITIZED:-}${VALGRIND:-}" ] || skip 'LD_PRELOAD does not go with them'
	many 20
	"$PGREP_R" needle tree >expected
	cc -shared -fPIC -O1 -o late.so -x c - <<-'END'
		#include <signal.h>
		#include <sys/syscall.h>
		#include <unistd.h>
		int unlink(const char *path)
		{
			return raise(SIGTERM), (int)syscall(SYS_unlink, path);
		}
	END
	wrap=(env "LD_PRELOAD=$PWD/late.so")
	try 0 --resume=checkpoint --output=results needle tree
	same expected results
	[ ! -e checkpoint ]
	try 0 --resume=checkpoint needle tree
	same expected "$out"
	[ ! -e checkpoint ]
}
