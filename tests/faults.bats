# Calls of the parent that fail, one after the other: the output is whole, or it is said
# that it is not.  hostile/faults.pl says what is asked of each run.
#
#   FAULTS_ALL  set: every call, in more ways to call the program: slow
#
# The program is one of its own: build/faults/pgrep-r.

load helpers

setup_file() {
	export BATS_TEST_TIMEOUT=3600
	mkdir "$BATS_FILE_TMPDIR/here"
	cd "$BATS_FILE_TMPDIR/here" || return 1
	"$BATS_TEST_DIRNAME/hostile/faults.pl" ${FAULTS_ALL:+--all} \
		"$BATS_TEST_DIRNAME/../build/faults/pgrep-r" >"$BATS_FILE_TMPDIR/said" 2>&1 || true
}

# fault NAME: its calls were reached, and made no trouble.
fault() {
	said "$1"
	command grep -qE "^$1: [0-9]+ runs, [1-9][0-9]* hit, 0 bad$" "$BATS_FILE_TMPDIR/said"
}

# What was said of a name.
said() {
	awk -v name="$1" '
		{ text = text $0 "\n" }
		$1 == name ":" && $3 ~ /^runs/ { printf "%s", text }
		$3 ~ /^runs/ { text = "" }
		END { if (text != "") printf "%s", text }' "$BATS_FILE_TMPDIR/said"
}

@test "fault: asprintf" {
	fault asprintf
}

@test "fault: calloc" {
	fault calloc
}

@test "fault: clock_gettime" {
	fault clock_gettime
}

@test "fault: close" {
	fault close
}

@test "fault: dlopen" {
	fault dlopen
}

@test "fault: dlsym" {
	fault dlsym
}

@test "fault: fchmod" {
	fault fchmod
}

@test "fault: fclose" {
	fault fclose
}

@test "fault: fcntl" {
	fault fcntl
}

@test "fault: fdopen" {
	fault fdopen
}

@test "fault: fflush" {
	fault fflush
}

@test "fault: flopen" {
	fault flopen
}

@test "fault: fopen" {
	fault fopen
}

@test "fault: fork" {
	fault fork
}

@test "fault: fparseln" {
	fault fparseln
}

@test "fault: fprintf" {
	fault fprintf
}

@test "fault: fstat" {
	fault fstat
}

@test "fault: fstatat" {
	fault fstatat
}

@test "fault: fsync" {
	fault fsync
}

@test "fault: ftruncate" {
	fault ftruncate
}

@test "fault: futex_waitv" {
	fault futex_waitv
}

@test "fault: fwrite" {
	fault fwrite
}

@test "fault: getdents64" {
	fault getdents64
}

@test "fault: getrlimit" {
	fault getrlimit
}

@test "fault: iconv_open" {
	fault iconv_open
}

@test "fault: ioctl" {
	fault ioctl
}

@test "fault: kill" {
	fault kill
}

@test "fault: madvise" {
	fault madvise
}

@test "fault: malloc" {
	fault malloc
}

@test "fault: memfd_create" {
	fault memfd_create
}

@test "fault: mmap" {
	fault mmap
}

@test "fault: open" {
	fault open
}

@test "fault: openat" {
	fault openat
}

@test "fault: pcre2_compile_8" {
	fault pcre2_compile_8
}

@test "fault: pcre2_jit_compile_8" {
	fault pcre2_jit_compile_8
}

@test "fault: pidfile_open" {
	fault pidfile_open
}

@test "fault: pidfile_write" {
	fault pidfile_write
}

@test "fault: pipe2" {
	fault pipe2
}

@test "fault: poll" {
	fault poll
}

@test "fault: readlink" {
	fault readlink
}

@test "fault: realloc" {
	fault realloc
}

@test "fault: reallocarray" {
	fault reallocarray
}

@test "fault: rename" {
	fault rename
}

@test "fault: sched_getaffinity" {
	fault sched_getaffinity
}

@test "fault: setrlimit" {
	fault setrlimit
}

@test "fault: sigaction" {
	fault sigaction
}

@test "fault: sigprocmask" {
	fault sigprocmask
}

@test "fault: stat" {
	fault stat
}

@test "fault: strdup" {
	fault strdup
}

@test "fault: strndup" {
	fault strndup
}

@test "fault: syscall" {
	fault syscall
}

@test "fault: vasprintf" {
	fault vasprintf
}

@test "fault: waitid" {
	fault waitid
}

@test "fault: writev" {
	fault writev
}

@test "whatever else the parent calls" {
	local name bad=0
	while read -r name; do
		command grep -qxF "	fault $name" "$BATS_TEST_FILENAME" || fault "$name" || bad=$((bad + 1))
	done < <(sed -nE 's/^(\S+): [1-9][0-9]* runs, .*/\1/p' "$BATS_FILE_TMPDIR/said")
	[ "$bad" -eq 0 ]
}

@test "whatever the program calls can be made to fail, or is known not to" {
	local object=$BATS_TEST_DIRNAME/../build/asan
	nm -u "$object"/{src,src/*,shm}/*.o | awk '$1 == "U" { print $2 }' |
		sed -E 's/@.*//; s/^__(.*)_chk$/\1/; s/^__isoc99_//' | sort -u >called
	nm --defined-only "$object"/{src,src/*,shm}/*.o | awk 'NF == 3 { print $3 }' | sort -u >ours
	{
		"$BATS_TEST_DIRNAME/hostile/wrapped"
		sed '/^#/d' "$BATS_TEST_DIRNAME/hostile/unwrapped" | tr ' ' '\n'
	} | sort -u >known
	comm -23 called ours | command grep -vE '^__(asan|ubsan|sanitizer)_' | comm -23 - known >unknown
	cat unknown
	[ ! -s unknown ]
}
