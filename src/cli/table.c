#include "table.h"

#define NONE ARGUMENT_NONE, NULL
#define NEEDS(name) ARGUMENT_REQUIRED, name
#define MAY_HAVE(name) ARGUMENT_OPTIONAL, name

static const struct table_option options[] = {
	{ 0, "Patterns (Perl-compatible, matched line by line)", NONE, NULL },
	{ 'e', "regexp", NEEDS("PATTERN"), "search for PATTERN; may be repeated" },
	{ 'F', "fixed-strings", NONE, "PATTERN is a literal string" },
	{ 'i', "ignore-case", NONE, "ignore case" },
	{ LONG_NO_IGNORE_CASE, "no-ignore-case", NONE, "do not ignore case (default)" },
	{ 'v', "invert-match", NONE, "select the lines that do not match" },
	{ 'w', "word-regexp", NONE, "match whole words only" },
	{ 'x', "line-regexp", NONE, "match whole lines only" },
	{ 0, "What is searched", NONE, NULL },
	{ 'r', "recursive", NONE, "with no PATH search the current directory, never standard input" },
	{ LONG_HIDDEN, "hidden", NONE, "search hidden files and directories, too" },
	{ 'a', "text", NONE, "treat binary files as text" },
	{ 'I', NULL, NONE, "treat binary files as if nothing in them matched" },
	{ LONG_MAX_FILESIZE, "max-filesize", NEEDS("SIZE"), "skip files larger than SIZE" },
	{ LONG_FILES, "files", NONE, "print the files that would be searched" },
	{ 0, "What is printed", NONE, NULL },
	{ 'n', "line-number", NONE, "the line number before each line" },
	{ 'H', "with-filename", NONE, "the file name before each line" },
	{ 'h', "no-filename", NONE, "no file name before lines" },
	{ 'o', "only-matching", NONE, "only the parts of lines that match" },
	{ 'c', "count", NONE, "only the number of selected lines of each file" },
	{ 'l', "files-with-matches", NONE, "only the names of files with a selected line" },
	{ 'L', "files-without-match", NONE, "only the names of the other files" },
	{ 'q', "quiet", NONE, "nothing; end at the first selected line" },
	{ 'q', "silent", NONE, NULL },
	{ 'm', "max-count", NEEDS("NUM"), "at most NUM selected lines of each file" },
	{ 's', "no-messages", NONE, "no messages about files that cannot be searched" },
	{ LONG_COLOR, "color", MAY_HAVE("WHEN"), "colour: always, never, or auto (default)" },
	{ LONG_COLOR, "colour", MAY_HAVE("WHEN"), NULL },
	{ LONG_ESCAPE, "escape", NEEDS("WHEN"), "control bytes as \\ooo: auto (on a terminal), always, never" },
	{ 0, "Isolation and limits", NONE, NULL },
	{ 'j', "jobs", NEEDS("NUM"), "worker processes (default: one for each processor)" },
	{ LONG_SANDBOX, "sandbox", NEEDS("MODE"), "auto (default), jail, landlock, require or off" },
	{ LONG_FILE_TIMEOUT, "file-timeout", NEEDS("DUR"), "give a file up after DUR without progress (default 60s)" },
	{ LONG_DEADLINE, "deadline", NEEDS("DUR"), "end the search after DUR" },
	{ LONG_WORKER_MEMORY, "worker-memory", NEEDS("SIZE"), "memory that a worker may take (default 1G)" },
	{ LONG_MAX_LINE, "max-line", NEEDS("SIZE"), "longest line held in memory (default 64M)" },
	{ 0, "Jobs", NONE, NULL },
	{ LONG_STATS, "stats", MAY_HAVE("FORM"), "totals and workers, on standard error; json: as JSON" },
	{ LONG_LEDGER, "ledger", NEEDS("FILE"), "JSON Lines: each file that was not searched, totals" },
	{ LONG_LEDGER_ALL, "ledger-all", NONE, "in the ledger, every file" },
	{ 0, "About", NONE, NULL },
	{ LONG_HELP, "help", NONE, "this text" },
	{ 'V', "version", NONE, "the version" },
};

const struct table_option *
table_options(size_t *count)
{
	*count = sizeof(options) / sizeof(options[0]);
	return options;
}
