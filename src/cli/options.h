/*
 * The command line, as one struct that everyone else gets const.
 *
 * Source: grep(1) for the short options.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses; 64 and up as in sysexits(3). */
enum {
	EXIT_SELECTED = 0,
	EXIT_NONE_SELECTED = 1,
	EXIT_INCOMPLETE = 2,
	EXIT_BAD_USAGE = 64,
	EXIT_INTERNAL = 70,
	EXIT_SYSTEM = 71,
	EXIT_CANNOT_CREATE = 73,
	EXIT_WRITE = 74,
	EXIT_LOCKED = 75,
};

enum options_mode { MODE_SEARCH, MODE_FILES, MODE_TYPES, MODE_HELP, MODE_VERSION };
enum options_syntax { OPTION_SYNTAX_PERL, OPTION_SYNTAX_EXTENDED, OPTION_SYNTAX_BASIC,
	OPTION_SYNTAX_FIXED };
enum options_case { OPTION_CASE_HEEDED, OPTION_CASE_IGNORED, OPTION_CASE_SMART };
enum options_binary { OPTION_BINARY_REPORT, OPTION_BINARY_TEXT, OPTION_BINARY_SKIP };
enum options_names { OPTION_NAMES_AUTO, OPTION_NAMES_ALWAYS, OPTION_NAMES_NEVER };
enum options_color { OPTION_COLOR_AUTO, OPTION_COLOR_ALWAYS, OPTION_COLOR_NEVER };
enum options_accel { OPTION_ACCEL_AUTO, OPTION_ACCEL_ALWAYS, OPTION_ACCEL_OFF };
enum options_sandbox { OPTION_SANDBOX_AUTO, OPTION_SANDBOX_JAIL, OPTION_SANDBOX_LANDLOCK,
	OPTION_SANDBOX_REQUIRE, OPTION_SANDBOX_OFF };
enum options_stats { OPTION_STATS_NONE, OPTION_STATS_TEXT, OPTION_STATS_JSON };
enum options_progress { OPTION_PROGRESS_NEVER, OPTION_PROGRESS_ALWAYS, OPTION_PROGRESS_AUTO };
enum options_escape { OPTION_ESCAPE_AUTO, OPTION_ESCAPE_ALWAYS, OPTION_ESCAPE_NEVER };
enum options_list { OPTION_LIST_NONE, OPTION_LIST_SELECTED, OPTION_LIST_UNSELECTED };
enum options_count { OPTION_COUNT_NONE, OPTION_COUNT_LINES, OPTION_COUNT_MATCHES };
/* -d: what to do with a directory that was named. */
enum options_directories { OPTION_DIRECTORIES_RECURSE, OPTION_DIRECTORIES_READ,
	OPTION_DIRECTORIES_SKIP };
/* -D: what to do with a device, FIFO or socket that was named. */
enum options_devices { OPTION_DEVICES_READ, OPTION_DEVICES_SKIP };
/* Which files are passed over for what ignore files say; each a bit of options.no_ignore. */
enum options_no_ignore {
	OPTION_NO_IGNORE_VCS = 1 << 0,     /* .gitignore, info/exclude, the global excludes */
	OPTION_NO_IGNORE_DOT = 1 << 1,     /* .ignore */
	OPTION_NO_IGNORE_EXCLUDE = 1 << 2, /* info/exclude */
	OPTION_NO_IGNORE_GLOBAL = 1 << 3,  /* core.excludesFile */
	OPTION_NO_IGNORE_PARENT = 1 << 4,  /* what lies in the parents of the roots */
	OPTION_NO_IGNORE_FILES = 1 << 5,   /* --ignore-file */
	OPTION_NO_IGNORE_ALL = (1 << 5) - 1, /* but what was named on the command line */
};

/* One pattern: text of length bytes, and a NUL behind them. */
struct options_pattern {
	char *text;
	size_t length;
	const char *file; /* that it was read from, or NULL: the command line */
	size_t line;      /* in file, counted from 1 */
};

/* Options that choose names, in the order in which they were given. */
enum options_filter_kind {
	FILTER_GLOB,        /* -g, with '!' in front: exclude */
	FILTER_IGLOB,       /* the same, whatever the case */
	FILTER_INCLUDE,     /* --include */
	FILTER_EXCLUDE,     /* --exclude */
	FILTER_EXCLUDE_FROM, /* a file of them */
	FILTER_EXCLUDE_DIR, /* --exclude-dir */
	FILTER_IGNORE_FILE, /* --ignore-file */
	FILTER_TYPE,        /* -t */
	FILTER_TYPE_NOT,    /* --type-not */
	FILTER_TYPE_ADD,    /* --type-add */
	FILTER_TYPE_CLEAR,  /* --type-clear */
};

struct options_filter {
	enum options_filter_kind kind;
	const char *text;
};

/* A line of the configuration that others point into. */
struct options_line {
	char *text;
	size_t length, number;
};

/* An option as it was given: its key in the table, and a hash of its argument. */
struct options_given {
	int key;
	uint64_t argument;
};

struct options {
	enum options_mode mode;
	bool all_help; /* --help=all */

	/* Patterns. */
	struct options_pattern *patterns; /* one line each */
	size_t pattern_count;
	bool patterns_given; /* by -e or -f, perhaps none */
	bool input_taken;    /* standard input was a file of patterns */
	enum options_syntax syntax;
	enum options_case letter_case;
	bool invert, word, line;
	bool null_data; /* -z: lines end with NUL */
	bool crlf;      /* a carriage return before the newline belongs to it */
	bool multiline, dotall;
	bool bytes;     /* --no-unicode */
	const char *encoding; /* NULL: auto */

	/* What is searched. */
	char **paths; /* as given; none: see recursive */
	size_t path_count;
	bool recursive; /* -r: with no path, the current directory and not standard input */
	bool follow;    /* symbolic links */
	bool hidden;
	unsigned int no_ignore; /* bits of enum options_no_ignore */
	bool no_require_git;
	unsigned int unrestricted; /* how often -u was given */
	struct options_filter *filters;
	size_t filter_count;
	enum options_directories directories;
	enum options_devices devices;
	uint64_t max_depth;
	bool one_file_system;
	const char *skip_fs; /* types, separated by commas; NULL: the default */
	/* Only files modified at or after that: ns since the epoch. */
	bool has_newer;
	int64_t newer;
	uint64_t shard, shards; /* 1 <= shard <= shards; 0 shards: no part, all */
	bool untrusted;

	/* What is printed. */
	bool numbers, quiet, only_matching, silent;
	bool byte_offset, column, vimgrep, initial_tab, null_names, line_buffered, heading;
	bool trim, passthru, json;
	enum options_count count;
	enum options_list list;
	enum options_names names;
	enum options_color color;
	enum options_escape escape;
	enum options_binary binary;
	uint64_t max_count;
	uint64_t before, after; /* lines of context */
	uint64_t context;       /* what they are where they were not given */
	bool has_context;       /* any of them was, be it 0 */
	bool separates_groups;
	const char *group_separator;
	const char *label;   /* of standard input */
	const char *replace; /* or NULL */
	uint64_t max_columns; /* 0: no limit */
	bool max_columns_preview;

	/* Isolation and limits. */
	unsigned int jobs; /* 0: as many as processors */
	size_t max_line, worker_memory; /* bytes */
	uint64_t max_filesize;
	bool has_range_size;
	uint64_t range_size; /* bytes; 0: no file is searched in ranges */
	enum options_sandbox sandbox;
	enum options_accel accel;
	int64_t file_timeout, deadline; /* ns; 0: none */
	bool streams_time_out;          /* --file-timeout was given: it is for streams, too */
	enum options_stats stats;
	enum options_progress progress;
	const char *ledger; /* file name, or NULL */
	bool ledger_all;
	const char *output, *resume, *since_state; /* likewise */
	const char *lock; /* file name, or NULL */

	/* The configuration that was read. */
	char *config; /* its file, or NULL */
	struct options_line *lines;
	size_t line_count;
	char *warning; /* one line that is to be said of it, or NULL */

	/* All options, in the order in which they were given. */
	struct options_given *given;
	size_t given_count;
	bool watch;
};

/*
 * Reads the command line.  Returns 0, or -1 with one line in message that
 * says what is wrong (EXIT_BAD_USAGE), or with message NULL (no memory).
 */
int options_parse(struct options *o, int argc, char **argv, char **message);
void options_free(struct options *o);

/* Prints the help text, on common or on all options, on standard output; whether that worked. */
bool options_print_help(bool all);

#endif
