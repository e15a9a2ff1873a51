#include "table.h"

#include <stdint.h>
#include <string.h>

#define NONE ARGUMENT_NONE, NULL
#define NEEDS(name) ARGUMENT_REQUIRED, name
#define MAY_HAVE(name) ARGUMENT_OPTIONAL, name
#define HEADING(text, common) { 0, text, NONE, NULL, common }
#define ALIAS NULL, false

static const struct table_option options[] = {
	HEADING("Patterns", true),
	{ 'e', "regexp", NEEDS("PATTERN"), "search for PATTERN; may be repeated", true },
	{ 'f', "file", NEEDS("FILE"), "search for each line of FILE", true },
	{ 'P', "perl-regexp", NONE, "Perl-compatible patterns, PCRE2 (default)", false },
	{ 'E', "extended-regexp", NONE, "extended regular expressions, as grep -E", true },
	{ 'G', "basic-regexp", NONE, "basic regular expressions, as grep -G", false },
	{ 'F', "fixed-strings", NONE, "literal strings", true },
	{ 'i', "ignore-case", NONE, "ignore case", true },
	{ 'y', NULL, NONE, ALIAS },
	{ LONG_NO_IGNORE_CASE, "case-sensitive", NONE, ALIAS },
	{ LONG_NO_IGNORE_CASE, "no-ignore-case", NONE, "heed case (default)", false },
	{ 'S', "smart-case", NONE, "ignore case unless a pattern has a capital letter", true },
	{ 'v', "invert-match", NONE, "select the lines that do not match", true },
	{ 'w', "word-regexp", NONE, "match whole words only", true },
	{ 'x', "line-regexp", NONE, "match whole lines only", true },
	{ 'z', "null-data", NONE, "lines end with NUL, not with a newline", false },
	{ LONG_CRLF, "crlf", NONE, "a carriage return may stand before a line's end", false },
	{ LONG_MULTILINE, "multiline", NONE, "let matches span lines", false },
	{ LONG_MULTILINE_DOTALL, "multiline-dotall", NONE, "the same, and . matches newlines",
		false },
	{ LONG_NO_UNICODE, "no-unicode", NONE, "match bytes, not characters", false },
	{ LONG_ENCODING, "encoding", NEEDS("ENC"),
		"of files: auto (default), none, or a name", false },
	{ 'U', "binary", NONE, ALIAS },
	{ 'P', "pcre2", NONE, ALIAS },
	{ LONG_NOTHING, "mmap", NONE, ALIAS },
	{ LONG_NOTHING, "no-mmap", NONE, ALIAS },
	{ LONG_NOTHING, "no-ignore-messages", NONE, ALIAS },
	{ LONG_SORT, "sort", NEEDS("KEY"), ALIAS },

	HEADING("What is searched", true),
	{ 'r', "recursive", NONE, "with no PATH the current directory, never input", true },
	{ 'R', "follow", NONE, "the same, and follow symbolic links", true },
	{ 'R', "dereference-recursive", NONE, ALIAS },
	{ LONG_HIDDEN, "hidden", NONE, "hidden files and directories, too", true },
	{ '.', NULL, NONE, ALIAS },
	{ LONG_NO_IGNORE, "no-ignore", NONE, "files that ignore files exclude, too", false },
	{ LONG_NO_IGNORE_VCS, "no-ignore-vcs", NONE, "do not heed git's ignore files", false },
	{ LONG_NO_IGNORE_DOT, "no-ignore-dot", NONE, "do not heed .ignore files", false },
	{ LONG_NO_IGNORE_EXCLUDE, "no-ignore-exclude", NONE, "do not heed .git/info/exclude",
		false },
	{ LONG_NO_IGNORE_GLOBAL, "no-ignore-global", NONE, "do not heed git's global excludes",
		false },
	{ LONG_NO_IGNORE_PARENT, "no-ignore-parent", NONE,
		"do not heed ignore files in parents of a PATH", false },
	{ LONG_NO_IGNORE_FILES, "no-ignore-files", NONE, "do not heed --ignore-file", false },
	{ LONG_NO_REQUIRE_GIT, "no-require-git", NONE,
		"heed git's ignore files outside repositories, too", false },
	{ LONG_IGNORE_FILE, "ignore-file", NEEDS("FILE"), "one more file of ignore rules", false },
	{ 'u', "unrestricted", NONE,
		"no ignore files; -uu: and --hidden; -uuu: and -a", true },
	{ 'g', "glob", NEEDS("GLOB"), "only files that match GLOB; after '!' no such",
		true },
	{ LONG_IGLOB, "iglob", NEEDS("GLOB"), "the same, ignoring case", false },
	{ LONG_INCLUDE, "include", NEEDS("GLOB"), "only files whose name matches, as grep", false },
	{ LONG_EXCLUDE, "exclude", NEEDS("GLOB"), "no files whose name matches, as grep", false },
	{ LONG_EXCLUDE_FROM, "exclude-from", NEEDS("FILE"), "--exclude each line of FILE", false },
	{ LONG_EXCLUDE_DIR, "exclude-dir", NEEDS("GLOB"),
		"no directories whose name matches, as grep", false },
	{ 't', "type", NEEDS("TYPE"), "only files of TYPE; see --type-list", true },
	{ LONG_TYPE_NOT, "type-not", NEEDS("TYPE"), "no files of TYPE", false },
	{ LONG_TYPE_ADD, "type-add", NEEDS("TYPE:GLOB"), "let GLOB be of TYPE, too", false },
	{ LONG_TYPE_CLEAR, "type-clear", NEEDS("TYPE"), "forget the globs of TYPE", false },
	{ LONG_TYPE_LIST, "type-list", NONE, "print the types of files", false },
	{ LONG_MAX_DEPTH, "max-depth", NEEDS("NUM"), "directories down to NUM levels", false },
	{ LONG_MAX_DEPTH, "maxdepth", NEEDS("NUM"), ALIAS },
	{ LONG_MAX_FILESIZE, "max-filesize", NEEDS("SIZE"), "skip files larger than SIZE", false },
	{ LONG_ONE_FILE_SYSTEM, "one-file-system", NONE, "stay on the file system of each PATH",
		false },
	{ LONG_SKIP_FS, "skip-fs", NEEDS("TYPE,..."),
		"not into file systems of TYPE (proc, sysfs, ...)", false },
	{ LONG_NEWER, "newer", NEEDS("FILE|TIME"), "only files modified since", false },
	{ LONG_CHANGED_WITHIN, "changed-within", NEEDS("DUR"), "only files modified within DUR",
		false },
	{ LONG_SHARD, "shard", NEEDS("K/N"), "only the Kth of N disjoint parts of the files", false },
	{ 'd', "directories", NEEDS("ACTION"),
		"a PATH that is one: recurse (default), read or skip", false },
	{ 'D', "devices", NEEDS("ACTION"),
		"a PATH that is one: read (default) or skip", false },
	{ 'a', "text", NONE, "treat binary files as text", true },
	{ 'I', NULL, NONE, "treat binary files as if they did not match", false },
	{ LONG_BINARY_FILES, "binary-files", NEEDS("TYPE"),
		"are binary (default), text (-a), without-match (-I)", false },
	{ LONG_FILES, "files", NONE, "print the files that would be searched", true },

	HEADING("What is printed", true),
	{ 'n', "line-number", NONE, "the line number before each line", true },
	{ 'N', "no-line-number", NONE, ALIAS },
	{ 'p', "pretty", NONE, ALIAS },
	{ 'b', "byte-offset", NONE, "the offset in bytes before each line", false },
	{ LONG_COLUMN, "column", NONE, "the first match's column, and the line number", false },
	{ 'H', "with-filename", NONE, "the file name before each line", true },
	{ 'h', "no-filename", NONE, "no file name before lines", true },
	{ 'T', "initial-tab", NONE, "a tab before each line, so that tabs line up", false },
	{ LONG_HEADING, "heading", NONE, "the file name above its lines", false },
	{ LONG_NO_HEADING, "no-heading", NONE, ALIAS },
	{ 'o', "only-matching", NONE, "only the parts of lines that match", true },
	{ LONG_REPLACE, "replace", NEEDS("TEXT"), "TEXT for each match; $1, $name: groups", false },
	{ LONG_VIMGREP, "vimgrep", NONE, "each match on a line: file, line, column", false },
	{ 'c', "count", NONE, "only the number of selected lines of each file", true },
	{ LONG_COUNT_MATCHES, "count-matches", NONE, "only the number of matches of each file",
		false },
	{ 'l', "files-with-matches", NONE, "only the names of files with a selected line", true },
	{ 'L', "files-without-match", NONE, "only the names of the other files", true },
	{ 'q', "quiet", NONE, "nothing; end at the first selected line", true },
	{ 'q', "silent", NONE, ALIAS },
	{ 's', "no-messages", NONE, "no messages about files not searched", false },
	{ 'm', "max-count", NEEDS("NUM"), "at most NUM selected lines of each file", true },
	{ 'A', "after-context", NEEDS("NUM"), "NUM lines after each selected line, too", true },
	{ 'B', "before-context", NEEDS("NUM"), "NUM lines before it", true },
	{ 'C', "context", NEEDS("NUM"), "NUM lines before and after it; -NUM is the same", true },
	{ LONG_PASSTHRU, "passthru", NONE, "all lines, the selected ones marked", false },
	{ LONG_PASSTHRU, "passthrough", NONE, ALIAS },
	{ LONG_GROUP_SEPARATOR, "group-separator", NEEDS("SEP"),
		"between groups of lines with context (default --)", false },
	{ LONG_GROUP_SEPARATOR, "context-separator", NEEDS("SEP"), ALIAS },
	{ LONG_NO_GROUP_SEPARATOR, "no-context-separator", NONE, ALIAS },
	{ LONG_NO_GROUP_SEPARATOR, "no-group-separator", NONE, "nothing between them", false },
	{ 'M', "max-columns", NEEDS("NUM"), "leave out lines longer than NUM bytes", false },
	{ LONG_MAX_COLUMNS_PREVIEW, "max-columns-preview", NONE, "print the start of such lines",
		false },
	{ LONG_TRIM, "trim", NONE, "no blanks at the start of lines", false },
	{ 'Z', "null", NONE, "NUL after each file name", false },
	{ LONG_LABEL, "label", NEEDS("NAME"), "call standard input NAME", false },
	{ LONG_JSON, "json", NONE, "JSON Lines, with ripgrep's fields", false },
	{ LONG_LINE_BUFFERED, "line-buffered", NONE, "write each line at once", false },
	{ LONG_COLOR, "color", MAY_HAVE("WHEN"), "colour: auto (default), always or never", true },
	{ LONG_COLOR, "colour", MAY_HAVE("WHEN"), ALIAS },
	{ LONG_ESCAPE, "escape", NEEDS("WHEN"),
		"escape control bytes: auto (default), always, never", false },

	HEADING("Isolation and limits", true),
	{ 'j', "jobs", NEEDS("NUM"), "worker processes (one for each processor)", true },
	{ 'j', "threads", NEEDS("NUM"), ALIAS },
	{ LONG_UNTRUSTED, "untrusted", NONE,
		"all files, in a sandbox, with tight limits", true },
	{ LONG_SANDBOX, "sandbox", NEEDS("MODE"), "auto (default), jail, landlock, require or off",
		false },
	{ LONG_ACCEL, "accel", NEEDS("WHEN"),
		"accelerate with libhs: auto (default), always, off", false },
	{ LONG_FILE_TIMEOUT, "file-timeout", NEEDS("DUR"),
		"give a file up after DUR of no progress (60s)", true },
	{ LONG_DEADLINE, "deadline", NEEDS("DUR"), "end the search after DUR", true },
	{ LONG_WORKER_MEMORY, "worker-memory", NEEDS("SIZE"),
		"memory that a worker may take (default 1G)", false },
	{ LONG_MAX_LINE, "max-line", NEEDS("SIZE"), "longest line held in memory (default 64M)",
		false },
	{ LONG_RANGE_SIZE, "range-size", NEEDS("SIZE"),
		"share a large PATH out in ranges of SIZE; 0: not", false },

	HEADING("Jobs", true),
	{ LONG_OUTPUT, "output", NEEDS("FILE"), "results to FILE, complete or not at all", true },
	{ LONG_STATS, "stats", MAY_HAVE("FORM"),
		"totals, as text (default) or json, on standard error", true },
	{ LONG_PROGRESS, "progress", MAY_HAVE("WHEN"),
		"how far it is: auto, always or never (default)", false },
	{ LONG_CONFIG, "config", NEEDS("FILE"), "options, one on a line, before those given here",
		false },
	{ LONG_NO_CONFIG, "no-config", NONE, "read no such file", false },
	{ LONG_LEDGER, "ledger", NEEDS("FILE"),
		"JSON Lines: files not searched, and totals", true },
	{ LONG_LEDGER_ALL, "ledger-all", NONE, "in the ledger, every file", false },
	{ LONG_LOCK, "lock", NEEDS("FILE"), "status 75 if another run has FILE's lock", true },
	{ LONG_RESUME, "resume", NEEDS("FILE"),
		"checkpoints: a run that was stopped goes on", true },
	{ LONG_SINCE_STATE, "since-state", NEEDS("FILE"),
		"only files changed since the run that wrote FILE", true },
	{ LONG_WATCH, "watch", NONE, "keep running: search what is appended or created", false },

	HEADING("About", false),
	{ LONG_HELP, "help", MAY_HAVE("all"), "the common options; all: every option", false },
	{ 'V', "version", NONE, "the version", false },
};

const struct table_option *
table_options(size_t *count)
{
	*count = sizeof(options) / sizeof(options[0]);
	return options;
}

enum { WORD_MAX = 40 };

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
table_distance(const char *a, size_t a_length, const char *b)
{
	size_t rows[3][WORD_MAX + 1], b_length = strlen(b);

	if (a_length > WORD_MAX || b_length > WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= b_length; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t *row = rows[i % 3], *above = rows[(i - 1) % 3], *before = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			row[j] = least(above[j - 1] + (a[i - 1] != b[j - 1]),
			    least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
	}
	return rows[a_length % 3][b_length];
}

size_t
table_beginning(const char *word, size_t length, const char *names[], size_t most)
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]) && count < most; i++) {
		const char *name = options[i].name;

		if (options[i].key != 0 && options[i].help != NULL && name != NULL &&
		    strncmp(name, word, length) == 0)
			names[count++] = name;
	}
	return count;
}

const char *
table_nearest(const char *word, size_t length)
{
	/* At most a third of it wrong. */
	size_t nearest_distance = length / 3 + 1;
	const char *nearest = NULL;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const char *name = options[i].name;
		size_t far;

		if (options[i].key == 0 || name == NULL)
			continue;
		far = table_distance(word, length, name);
		if (far < nearest_distance) {
			nearest_distance = far;
			nearest = name;
		}
	}
	return nearest;
}
