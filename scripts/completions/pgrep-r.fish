# Completion of pgrep-r's command line in fish.
#
# The options are what the program itself says of them with --help=all.  Only what can
# stand for an option's argument is known here.

# The words that can be an option's argument, or fails: it is a path.
function __fish_pgrep_r_words
	switch $argv[1]
		case color escape progress
			echo auto always never
		case sandbox
			echo auto jail landlock require off
		case accel
			echo auto always off
		case stats
			echo text json
		case help
			echo all
		case binary-files
			echo binary text without-match
		case directories
			echo recurse read skip
		case devices
			echo read skip
		case type type-not type-clear
			echo '(pgrep-r --type-list 2>/dev/null | string replace -r ":.*" "")'
		case encoding
			echo 'auto none (iconv -l 2>/dev/null | string replace -r "//.*" "")'
		case file ignore-file exclude-from exclude-dir newer config output ledger lock resume since-state
			return 1
	end
end

function __fish_pgrep_r_options
	set -l form '^ +(?:-(?<short>\w))?(?:, )?(?:--(?<long>[a-z-]+))?(?<optional>\[)?' \
		'(?<argument>=[^] ]+)?\]? *(?<says>.*)$'
	set form (string join '' $form)
	for line in (pgrep-r --help=all 2>/dev/null)
		string match -rq -- $form $line; or continue
		set -l option
		test -n "$short"; and set -a option -s $short
		test -n "$long"; and set -a option -l $long
		set -q option[1]; or continue
		if test -n "$argument"
			if set -l words (__fish_pgrep_r_words "$long")
				set -a option -f -a "$words"
			else
				set -a option -F
			end
			test -n "$optional"; or set -a option -r
		end
		complete -c pgrep-r $option -d "$says"
	end
end

type -q pgrep-r; and __fish_pgrep_r_options
