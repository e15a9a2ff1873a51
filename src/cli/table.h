/*
 * The one table of options: the parser, --help and the completeness tests
 * are made from it.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/* What long options without a letter are called in the parser. */
enum table_long {
	LONG_HELP = 0x100,
	LONG_NO_IGNORE_CASE,
	LONG_CRLF,
	LONG_MULTILINE,
	LONG_MULTILINE_DOTALL,
	LONG_NO_UNICODE,
	LONG_ENCODING,
	LONG_HIDDEN,
	LONG_NO_IGNORE,
	LONG_NO_IGNORE_VCS,
	LONG_NO_IGNORE_DOT,
	LONG_NO_IGNORE_EXCLUDE,
	LONG_NO_IGNORE_GLOBAL,
	LONG_NO_IGNORE_PARENT,
	LONG_NO_IGNORE_FILES,
	LONG_NO_REQUIRE_GIT,
	LONG_IGNORE_FILE,
	LONG_IGLOB,
	LONG_INCLUDE,
	LONG_EXCLUDE,
	LONG_EXCLUDE_FROM,
	LONG_EXCLUDE_DIR,
	LONG_TYPE_NOT,
	LONG_TYPE_ADD,
	LONG_TYPE_CLEAR,
	LONG_TYPE_LIST,
	LONG_MAX_DEPTH,
	LONG_MAX_FILESIZE,
	LONG_ONE_FILE_SYSTEM,
	LONG_SKIP_FS,
	LONG_NEWER,
	LONG_CHANGED_WITHIN,
	LONG_SHARD,
	LONG_BINARY_FILES,
	LONG_FILES,
	LONG_COLUMN,
	LONG_VIMGREP,
	LONG_COUNT_MATCHES,
	LONG_LABEL,
	LONG_GROUP_SEPARATOR,
	LONG_NO_GROUP_SEPARATOR,
	LONG_LINE_BUFFERED,
	LONG_COLOR,
	LONG_HEADING,
	LONG_NO_HEADING,
	LONG_NOTHING, /* what others have, and changes nothing here */
	LONG_SORT,
	LONG_MAX_COLUMNS_PREVIEW,
	LONG_TRIM,
	LONG_REPLACE,
	LONG_PASSTHRU,
	LONG_JSON,
	LONG_ESCAPE,
	LONG_SANDBOX,
	LONG_ACCEL,
	LONG_FILE_TIMEOUT,
	LONG_DEADLINE,
	LONG_WORKER_MEMORY,
	LONG_MAX_LINE,
	LONG_RANGE_SIZE,
	LONG_UNTRUSTED,
	LONG_LOCK,
	LONG_PROGRESS,
	LONG_STATS,
	LONG_CONFIG,
	LONG_NO_CONFIG,
	LONG_LEDGER,
	LONG_LEDGER_ALL,
	LONG_OUTPUT,
	LONG_RESUME,
	LONG_SINCE_STATE,
	LONG_WATCH,
};

enum table_argument { ARGUMENT_NONE, ARGUMENT_REQUIRED, ARGUMENT_OPTIONAL };

struct table_option {
	int key;          /* a letter, or one of table_long; 0: a heading */
	const char *name; /* long name, or NULL; of a heading its text */
	enum table_argument argument;
	const char *argument_name;
	const char *help; /* NULL: an alias, not shown */
	bool common;      /* one of those that --help shows without =all; of a heading: some are */
};

const struct table_option *table_options(size_t *count);

/* The long names that begin with a word, at most most of them; aliases are left out. */
size_t table_beginning(const char *word, size_t length, const char *names[], size_t most);

/* The long name that looks most like a word, its dashes left out; NULL: none does. */
const char *table_nearest(const char *word, size_t length);

/*
 * How many letters must be put in, left out or changed, or neighbours swapped
 * (the restricted Damerau-Levenshtein distance), to make b of a; of long words
 * SIZE_MAX.
 */
size_t table_distance(const char *a, size_t a_length, const char *b);

#endif
