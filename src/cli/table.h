/*
 * The one table of options: the parser, --help and the completeness tests
 * are made from it.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stddef.h>

/* What long options without a letter are called in the parser. */
enum table_long {
	LONG_HELP = 0x100,
	LONG_HIDDEN,
	LONG_FILES,
	LONG_COLOR,
	LONG_ESCAPE,
	LONG_NO_IGNORE_CASE,
	LONG_MAX_LINE,
	LONG_MAX_FILESIZE,
	LONG_SANDBOX,
	LONG_FILE_TIMEOUT,
	LONG_DEADLINE,
	LONG_WORKER_MEMORY,
	LONG_STATS,
	LONG_LEDGER,
	LONG_LEDGER_ALL,
};

enum table_argument { ARGUMENT_NONE, ARGUMENT_REQUIRED, ARGUMENT_OPTIONAL };

struct table_option {
	int key;          /* a letter, or one of table_long; 0: a heading */
	const char *name; /* long name, or NULL; of a heading its text */
	enum table_argument argument;
	const char *argument_name;
	const char *help; /* NULL: an alias, not shown */
};

const struct table_option *table_options(size_t *count);

#endif
