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
};

enum options_mode { MODE_SEARCH, MODE_FILES, MODE_HELP, MODE_VERSION };
enum options_binary { OPTION_BINARY_REPORT, OPTION_BINARY_TEXT, OPTION_BINARY_SKIP };
enum options_names { OPTION_NAMES_AUTO, OPTION_NAMES_ALWAYS, OPTION_NAMES_NEVER };
enum options_color { OPTION_COLOR_AUTO, OPTION_COLOR_ALWAYS, OPTION_COLOR_NEVER };
enum options_sandbox { OPTION_SANDBOX_AUTO, OPTION_SANDBOX_JAIL, OPTION_SANDBOX_LANDLOCK,
	OPTION_SANDBOX_REQUIRE, OPTION_SANDBOX_OFF };
enum options_stats { OPTION_STATS_NONE, OPTION_STATS_TEXT, OPTION_STATS_JSON };
enum options_escape { OPTION_ESCAPE_AUTO, OPTION_ESCAPE_ALWAYS, OPTION_ESCAPE_NEVER };
enum options_list { OPTION_LIST_NONE, OPTION_LIST_SELECTED, OPTION_LIST_UNSELECTED };

struct options {
	enum options_mode mode;

	char **patterns; /* one line each */
	size_t pattern_count;
	bool ignore_case, invert, word, line, fixed;

	char **paths; /* as given; none: see recursive */
	size_t path_count;
	bool recursive; /* -r: with no path, the current directory and not standard input */
	bool hidden;

	bool numbers, count, quiet, only_matching, silent;
	enum options_list list;
	enum options_names names;
	enum options_color color;
	enum options_escape escape;
	enum options_binary binary;
	uint64_t max_count;

	unsigned int jobs; /* 0: as many as processors */
	size_t max_line, worker_memory; /* bytes */
	uint64_t max_filesize;
	enum options_sandbox sandbox;
	int64_t file_timeout, deadline; /* ns; 0: none */
	bool streams_time_out;          /* --file-timeout was given: it is for streams, too */
	enum options_stats stats;
	const char *ledger; /* file name, or NULL */
	bool ledger_all;
};

/*
 * Reads the command line.  Returns 0, or -1 with one line in message that
 * says what is wrong (EXIT_BAD_USAGE), or with message NULL (no memory).
 */
int options_parse(struct options *o, int argc, char **argv, char **message);
void options_free(struct options *o);

/* Prints the help text on standard output; whether that worked. */
bool options_print_help(void);

#endif
