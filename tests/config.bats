# The configuration: which file it is, what a line of it means, and when it is not used.
#
# out and err are set by try, and lines may hold anything:
# shellcheck disable=SC2154,SC1003,SC2016

bats_require_minimum_version 1.5.0
load helpers

setup() {
	enter_tmp
	untraced
	umask 022
	# What the helpers say is that there is none.
	unset PGREP_R_CONFIG XDG_CONFIG_HOME
	export HOME=$PWD/home
	mkdir -p home/.config/pgrep-r tree
	printf '%s\n' one TWO 'two # three' >tree/file
	wrap=()
}

# configure LINE...: the file config.
configure() {
	printf '%s\n' "$@" >config
}

@test "a line is one option; comments and blanks at the ends do not count" {
	configure '# -v' '' '   --line-number  ' $'\t-i\r' '#-c' '-m2' '-C1' '-NbH'
	try 0 --config=config two tree
	out_is tree/file-0-one tree/file:4:TWO 'tree/file:8:two # three'
	err_is
	# The last line need not end.
	printf -- -c >config
	try 0 --config=config two tree
	out_is tree/file:1
	# An option may be abbreviated, as on the command line.
	configure --line-num
	try 0 --config=config -h two tree
	out_is '3:two # three'
	: >config
	try 0 --config=config -h two tree
}

@test "no quotes, no escapes, no comments behind an option" {
	configure "--regexp=# t" '-e\bone\b'
	try 0 --config=config tree
	out_is tree/file:one 'tree/file:two # three'
	configure '-e"one"' "-e'one'" '-eone\' '--regexp=#two'
	try 64 --config=config tree
	err_is "pgrep-r: config:3: pattern ends with a backslash" ||
		like "$(<"$err")" 'pgrep-r: config:3: *'
	configure '-e"one"' "-e'one'" '--regexp=one #' '--regexp=$HOME'
	try 1 --config=config tree
}

@test "the command line wins, wherever it names the file" {
	configure -c --color=always --max-count=1
	try 0 --config=config --color=never -m9 --config config two -i tree
	out_is tree/file:2
	try 0 -i two tree --color=never --config=config
	out_is tree/file:1
	# What adds up goes before what is given.
	configure -g '!*.c'
	configure '-g!*.c'
	touch tree/x.c tree/x.h
	try 0 --config=config --files tree
	out_is tree/file tree/x.h
	try 0 --config=config '-g*.c' --files tree
	out_is tree/x.c
	# Patterns there make the first operand a path.
	configure -ethree
	try 0 --config=config -h tree
	out_is 'two # three'
}

@test "the last --config counts, --no-config is none, and what looks like one may be an argument" {
	configure -c
	echo -v >other
	try 0 --config=other --config=config one tree
	out_is tree/file:1
	try 0 --config=config --no-config -h one tree
	out_is one
	try 0 --no-config --config=config one tree
	out_is tree/file:1
	echo --no-config >tree/option
	try 0 --config=config -e --no-config tree/option
	out_is 1
	try 1 -e --config=missing -- tree
	try 0 -h --conf=config one tree/file
	out_is 1
}

@test "a file that nobody names: PGREP_R_CONFIG, XDG_CONFIG_HOME, HOME, in this order" {
	try 0 one tree/file
	out_is one
	echo -n >home/.config/pgrep-r/config
	try 0 one tree/file
	out_is one
	echo --line-number >home/.config/pgrep-r/config
	try 0 one tree/file
	out_is 1:one
	try 0 --no-config one tree/file
	out_is one
	mkdir -p xdg/pgrep-r
	echo --byte-offset >xdg/pgrep-r/config
	XDG_CONFIG_HOME=$PWD/xdg try 0 one tree/file
	out_is 0:one
	# It has to be absolute, or is none.
	XDG_CONFIG_HOME=xdg try 0 one tree/file
	out_is 1:one
	# One that is set, and has none: it is not looked for elsewhere.
	XDG_CONFIG_HOME=$PWD/tree try 0 one tree/file
	out_is one
	configure -c
	PGREP_R_CONFIG=config XDG_CONFIG_HOME=$PWD/xdg try 0 one tree/file
	out_is 1
	PGREP_R_CONFIG='' try 0 one tree/file
	out_is one
	PGREP_R_CONFIG=missing try 64 one tree/file
	err_is 'pgrep-r: missing: No such file or directory'
	PGREP_R_CONFIG=missing try 0 --no-config one tree/file
	PGREP_R_CONFIG=missing try 0 --config=config one tree/file
	out_is 1
}

@test "without an environment nothing is read" {
	echo --line-number >home/.config/pgrep-r/config
	cd home
	wrap=(env -i)
	[ -z "${SANITIZED:-}" ] || wrap+=("ASAN_OPTIONS=$ASAN_OPTIONS")
	try 0 one ../tree/file
	out_is one
	wrap+=(HOME= XDG_CONFIG_HOME=)
	try 0 one ../tree/file
	out_is one
	wrap+=("HOME=$HOME")
	try 0 one ../tree/file
	out_is 1:one
}

@test "a bad line is named, with its file and number" {
	local line
	while IFS='|' read -r line said; do
		configure '# first' "$line" -i
		try 64 --config=config one tree
		out_is
		err_is "pgrep-r: config:2: $said"
	done <<-'END'
		foo|'foo' is no option
		tree|'tree' is no option
		-|'-' is no option
		--|'--' is no option
		--config=other|'--config=other' is for the command line
		--no-config|'--no-config' is for the command line
		--help|'--help' is for the command line
		-V|'-V' is for the command line
		-cV|'-cV' is for the command line
		--colr=always|unknown option '--colr=always'; did you mean '--color'?
		--hidden  # dot files|unknown option '--hidden  # dot files'; see pgrep-r --help
		-%|unknown option '-%'; see pgrep-r --help
		--glob|option '--glob' needs an argument
		-nA|option '-A' needs an argument
		--trim=no|option '--trim=no' takes no argument
		--encoding=latin99|--encoding: 'latin99' is not an encoding known here
	END
	configure -i '' --jobs=x
	try 64 --config=config one tree
	like "$(<"$err")" "pgrep-r: config:3: -j: 'x' *"
	# What is found out later.
	configure --type-add=foo:*.foo -tfoo -tbar '-g[x'
	try 64 --config=config one tree
	like "$(<"$err")" "pgrep-r: config:4: -g '\[x': *"
	configure --type-add=foo:*.foo -tfoo -tbar
	try 64 --config=config one tree
	like "$(<"$err")" "pgrep-r: config:3: *bar*"
	configure --hidden '-e(a' -i
	try 64 --config=config tree
	like "$(<"$err")" 'pgrep-r: config:2: *'
	configure --ignore-file=missing
	try 64 --config=config one tree
	like "$(<"$err")" 'pgrep-r: config:1: --ignore-file: missing: No such file*'
	# Of the command line, whatever the file says.
	configure -i
	try 64 --config=config -tbar one tree
	not command grep config "$err"
	printf -- '-i\n-n\0v\n' >config
	try 64 --config=config one tree
	err_is 'pgrep-r: config:2: there is a NUL in it'
}

@test "bad lines do not keep from asking for help" {
	configure foo
	try 0 --config=config --help
	try 0 --config=config --version
	try 64 --config=config --type-list
	try 0 --no-config --type-list
}

@test "names in messages are escaped" {
	printf -- '--\033[31m\n' >$'con\tfig'
	try 64 --config=$'con\tfig' one tree
	like "$(<"$err")" 'pgrep-r: con\\011fig:1: unknown option *--\\033\[31m*'
}

@test "what others can write is not used, and that is said once" {
	local mode
	configure --line-number
	for mode in 620 602 666 777; do
		chmod "$mode" config
		try 0 --config=config one tree/file
		out_is one
		err_is 'pgrep-r: config: not used: others can write to it'
	done
	cp -p config home/.config/pgrep-r/config
	try 0 one tree/file
	out_is one
	err_is "pgrep-r: $HOME/.config/pgrep-r/config: not used: others can write to it"
	chmod 644 home/.config/pgrep-r/config
	try 0 one tree/file
	out_is 1:one
	chmod 400 config
	try 0 --config=config one tree/file
	out_is 1:one
}

@test "what belongs to somebody else is not used, what is root's is" {
	[ "$(id -u)" -eq 0 ] || skip 'only root gives files away'
	configure --line-number
	chown 1234 config
	try 0 --config=config one tree/file
	out_is one
	err_is 'pgrep-r: config: not used: it belongs to somebody else'
	chown 0 config
	chmod -R a+rX "$PWD"
	wrap=(setpriv --reuid=1234 --regid=1234 --clear-groups)
	try 0 --config=config one tree/file
	out_is 1:one
	err_is
}

@test "what is no file of options: a directory, a device, a FIFO, one that is missing or large" {
	try 64 --config=missing one tree
	err_is 'pgrep-r: missing: No such file or directory'
	try 64 --config=tree one tree
	err_is 'pgrep-r: tree: is no regular file'
	mkfifo fifo
	try 64 --config=fifo one tree
	err_is 'pgrep-r: fifo: is no regular file'
	try 64 --config=/dev/zero one tree
	truncate -s 2M config
	try 64 --config=config one tree
	err_is 'pgrep-r: config: is larger than 1M'
	# Where nobody has named it, it may be missing, but not be bad.
	rm -r home
	try 0 one tree
	touch home
	try 0 one tree
	err_is
}

@test "a blank behind a letter is told of, a mark at the start passed over" {
	printf 'needle\n' >f
	printf -- '-e needle\n' >config
	try 64 --config=config -c f
	err_is "pgrep-r: config:1: '-e needle': a line is one word, without a blank behind -e"
	printf '\357\273\277-c\n' >config
	try 0 --config=config needle f
	out_is 1
	printf -- '--files\n' >config
	try 64 --config=config needle f
	err_is "pgrep-r: config:1: '--files' is for the command line"
}
