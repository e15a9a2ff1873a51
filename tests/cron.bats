# Where nobody watches: under cron, without a terminal, an environment or an input.
#
#   SLOW  set: also under Debian's cron itself, as root
#
# out and err are set by try:
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0
load helpers

setup_file() {
	export BATS_TEST_TIMEOUT=60
	[ -z "${SLOW:-}" ] || BATS_TEST_TIMEOUT=300
}

setup() {
	enter_tmp
	untraced
	mkdir tree
	printf 'one needle\n' >tree/a
	printf 'na\303\257ve Needle\n' >$'tree/\303\251'
	printf 'nothing\n' >tree/z
	ln -s "$PGREP_R" pgrep-r
	chmod 755 .
}

# The environment of a job, as cron(8) and crontab(5) of Debian have it.
cron=(env -i SHELL=/bin/sh PATH=/usr/bin:/bin LOGNAME=nobody HOME=/nonexistent)
# Without any, as some other starters have it.
# shellcheck disable=SC2034 # by its name
bare=(env -i)

# job STATUS LINE: what a shell of cron makes of it, in the environment of the array
# starter; output and messages go to out and err.
job() {
	local status=0 keep=()
	[ -z "${SANITIZED:-}" ] || keep=("ASAN_OPTIONS=$ASAN_OPTIONS")
	timeout 30 setsid -w "${starter[@]}" "${keep[@]}" /bin/sh -c "$2" >out 2>err || status=$?
	[ "$status" -eq "$1" ] || {
		echo "status $status, expected $1: $2"
		cat err
		return 1
	}
}

@test "a job finds what it finds elsewhere, whatever its environment and input" {
	local inputs=('</dev/null' '<&-' '<nothing') input
	mkfifo nothing
	exec 6<>nothing
	"$PGREP_R" -j "$JOBS" -n -i 'ï|NEEDLE$' tree >expected
	[ "$(wc -l <expected)" -eq 2 ]
	for input in "${inputs[@]}"; do
		for variables in cron bare; do
			local -n starter=$variables
			job 0 "./pgrep-r -n -i 'ï|NEEDLE\$' tree $input"
			same expected out
			[ ! -s err ]
			job 1 "./pgrep-r absent tree $input"
			[ ! -s out ]
			[ ! -s err ]
			# Also all of them closed.
			job 0 "./pgrep-r -q needle tree $input >&- 2>&-"
		done
	done
}

@test "a job that names no path: not its input, which may never end" {
	local starter=("${cron[@]}") option
	mkfifo nothing
	exec 6<>nothing
	cd tree
	ln -s ../pgrep-r ../nothing .
	for option in -r --lock=lock --ledger=ledger; do
		job 0 "./pgrep-r -c $option needle <nothing"
		command grep -qx a:1 out
	done
	# Nobody listens: it waits, says for what, and can be given a deadline.
	job 2 './pgrep-r --deadline=2500ms needle <nothing'
	command grep -x 'pgrep-r: reading standard input; give a PATH, or -r, to search files' err
}

@test "what could not be searched is said where cron mails it, with status 2" {
	local starter=("${cron[@]}")
	job 2 './pgrep-r needle tree missing </dev/null'
	printf '%s\n' 'pgrep-r: missing: No such file or directory' \
		'pgrep-r: 1 file not searched whole: 1 unreadable' | same - err
	printf '%s\n' 'tree/a:one needle' | same - out
	job 64 './pgrep-r --ledgre=x needle tree </dev/null'
	[ "$(wc -l <err)" -eq 1 ]
	# No colours, no line of progress.
	job 0 './pgrep-r --color --progress needle tree </dev/null'
	printf '%s\n' 'tree/a:one needle' | same - out
	[ ! -s err ]
}

@test "a job whose mailer goes away, and a full disk" {
	local starter=("${cron[@]}")
	# shellcheck disable=SC2016 # the other shell's
	job 0 './pgrep-r "" tree </dev/null | :'
	job 74 './pgrep-r needle tree </dev/null >/dev/full'
	like "$(<err)" 'pgrep-r: standard output: No space left on device'
}

@test "without namespaces, as a unit with RestrictNamespaces: all the same, and said by --stats" {
	[ "$(id -u)" -eq 0 ] || skip 'only root gives rights away'
	[ -z "${SANITIZED:-}${VALGRIND:-}" ] || skip 'the rights of another program'
	local starter=(setpriv '--bounding-set=-all,+dac_read_search' --no-new-privs "${cron[@]}")
	job 0 './pgrep-r --stats needle tree </dev/null'
	command grep -q '^sandbox: Landlock, filter' err
	starter=(setpriv '--bounding-set=-all,+dac_read_search,+sys_admin' --no-new-privs "${cron[@]}")
	job 0 './pgrep-r --stats --sandbox=require needle tree </dev/null'
	command grep -q '^sandbox: mount jail, filter' err
}

@test "under cron itself: the lines and messages are mailed, and nothing else" {
	[ -n "${SLOW:-}" ] || skip 'slow'
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
	command -v cron || skip 'no cron'
	mkdir cron
	{
		echo 'MAILTO=root'
		local searches=("needle tree" "absent tree" "needle missing tree" \
			"--lock=lock --ledger=ledger -c needle tree" "-l needle tree")
		local i
		for i in "${!searches[@]}"; do
			# shellcheck disable=SC2016 # that of the job
			printf '* * * * * root cd %q && ./pgrep-r %s; echo $? >%q/%d.ended\n' "$PWD" \
				"${searches[i]}" "$PWD/cron" "$i"
		done
	} >cron/crontab
	"$TESTS/fixtures/crond" "$PWD/cron" 150
	[ "$(cat cron/{0..4}.ended | tr '\n' ' ')" = '0 1 2 0 0 ' ]
	command grep -c '^Subject: ' cron/mail >mails
	[ "$(<mails)" -eq 4 ]
	# Each mail without its head.
	awk '/^Subject:/ { head = 1 } head && /^$/ { head = 0 } !head && !/^$/ && !/^[A-Z][A-Za-z-]*: /' cron/mail |
		LC_ALL=C sort | uniq -c | sed 's/^ *//' | LC_ALL=C sort >said
	{
		echo '2 tree/a:one needle'
		printf '1 tree/a:1\n1 tree/z:0\n1 tree/\303\251:0\n1 tree/a\n'
		echo '1 pgrep-r: missing: No such file or directory'
		echo '1 pgrep-r: 1 file not searched whole: 1 unreadable'
	} | LC_ALL=C sort >expected
	same expected said
	[ -s ledger ]
	[ ! -s lock ]
}

# shellcheck disable=SC2016 # no command of the shell
# The lines of code of README's blocks and of the manual's examples of jobs, whole.
example_lines() {
	sed -n '/^```\(crontab\|systemd\)$/,/^```$/p' "$TESTS/../README.md"
	sed -n '/^\.Ss Cron$/,/^\.Sh DIAGNOSTICS$/p' "$TESTS/../man/pgrep-r.1" |
		sed -e 's/^\.Dl //' -e ':more' -e '/\\e$/{N;s/\\e\n */ /;b more' -e '}' -e 's/\\e/\\/g'
}

# The commands of jobs in them.
example_commands() {
	example_lines | sed -nE -e '/^[A-Z]+=.*--/p' -e 's/^([0-9*]+ +){5}//p' -e 's/^ExecStart=//p' \
		-e '/^pgrep-r/p'
}

@test "the examples of jobs are taken as they stand, and search" {
	local line count=0
	mkdir state
	echo needle >patterns
	example_commands | sed -e "s,/var/lib/audit,$PWD/state,g; s,\${STATE_DIRECTORY},$PWD/state,g" \
		-e "s,/etc/audit/patterns,$PWD/patterns,g; s,-f patterns,-f $PWD/patterns,g" \
		-e "s,/srv/upload,/srv,; s, /\(srv\|home\|archive\)\$, $PWD/tree," -e 's,\\%,%,g' \
		-e 's,^/usr/\(local/\)\{0\,1\}bin/,,' >lines
	# A variable of the crontab is one of the shell that runs its lines.
	sed -i -E "s/^([A-Z]+=)(--.*)/\1'\2'/" lines
	mkdir bin
	ln -s "$PGREP_R" bin/pgrep-r
	while read -r line; do
		case $line in
		[A-Z]*=*)
			eval "$line"
			continue
			;;
		esac
		count=$((count + 1))
		export JOB
		local status=0
		(cd state && PATH=$PWD/../bin:$PATH timeout 20 sh -c "$line") >out 2>err </dev/null || status=$?
		if [ "$status" -gt 1 ] || [ -s err ] || command grep -q '/srv\|/var/lib' <<<"$line"; then
			echo "status $status: $line"
			cat err
			return 1
		fi
		rm -f state/state state/ledger
	done <lines
	[ "$count" -ge 8 ]
	[ -s state/found ]
}

@test "the examples of units are what systemd takes" {
	command -v systemd-analyze || skip 'no systemd'
	local file
	# Each [Unit] or [Timer] that follows another begins a file.
	example_lines | awk -v program="$PGREP_R" '
		/^```/ || /^\.Ed/ || /^\./ { on = 0; next }
		/^# \/etc/ { next }
		/^\[(Unit|Timer)\]/ && !on { on = 1; number++ }
		on { sub(/^ExecStart=[^ ]*/, "ExecStart=" program); lines[number] = lines[number] $0 "\n" }
		END {
			for (i = 1; i <= number; i++) {
				name = lines[i] ~ /\[Timer\]/ ? "timer" : "service"
				file = "unit/" (name == "timer" ? last : last = i) "/audit." name
				system("mkdir -p " substr(file, 1, length(file) - length("/audit." name)))
				printf "%s", lines[i] >file
				close(file)
			}
		}'
	[ "$(find unit -name '*.service' | wc -l)" -eq 2 ]
	[ "$(find unit -name '*.timer' | wc -l)" -eq 2 ]
	for file in unit/*; do
		# What is said of units of the system is none of ours.
		systemd-analyze verify --man=no "$file"/audit.service "$file"/audit.timer 2>&1 |
			command grep audit >said || true
		same /dev/null said
	done
}
