#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/config.h"
#include "cli/patterns.h"
#include "cli/words.h"

#define NOT_GIVEN UINT64_MAX

static const struct options defaults = {
	.max_count = UINT64_MAX,
	.max_depth = UINT64_MAX,
	.before = NOT_GIVEN,
	.after = NOT_GIVEN,
	.separates_groups = true,
	.group_separator = "--",
	.max_filesize = UINT64_MAX,
};

/* Limits where none was given (0; a time: streams_time_out), and those of --untrusted. */
static const struct limits {
	size_t max_line, worker_memory;
	int64_t file_timeout;
} usual = { (size_t)64 << 20, (size_t)1 << 30, 60LL * 1000000000 },
	tight = { (size_t)16 << 20, (size_t)256 << 20, 10LL * 1000000000 };

static int
complain(char **message, const char *what, const char *about)
{
	if (asprintf(message, what, about) == -1)
		*message = NULL;
	return -1;
}

/* Whether two of the files that are written are one. */
static bool
names_twice(const struct options *o)
{
	const char *const files[] = { o->output, o->ledger, o->resume, o->since_state,
		o->lock };
	const size_t count = sizeof(files) / sizeof(files[0]);

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (files[i] != NULL && files[j] != NULL && strcmp(files[i], files[j]) == 0)
				return true;
	return false;
}

/* What cannot be said of files that have no end, or needs their beginning. */
static int
check_watch(const struct options *o, char **message)
{
	const struct {
		bool given;
		const char *name;
	} wrong[] = {
		{ o->mode == MODE_FILES, "--files" },
		{ o->mode == MODE_TYPES, "--type-list" },
		{ o->follow, "-R" },
		{ o->multiline, "--multiline" },
		{ o->encoding != NULL && strcmp(o->encoding, "none") != 0, "--encoding" },
		{ o->count == OPTION_COUNT_LINES, "-c" },
		{ o->count == OPTION_COUNT_MATCHES, "--count-matches" },
		{ o->list == OPTION_LIST_UNSELECTED, "-L" },
		{ o->max_count != UINT64_MAX, "-m" },
		{ o->has_context, "-A, -B or -C" },
		{ o->has_newer, "--newer or --changed-within" },
		{ o->output != NULL, "--output" },
		{ o->ledger != NULL, "--ledger" },
		{ o->resume != NULL, "--resume" },
		{ o->since_state != NULL, "--since-state" },
	};

	for (size_t i = 0; o->watch && i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (wrong[i].given)
			return complain(message, "--watch does not go with %s", wrong[i].name);
	for (size_t i = 0; o->watch && i < o->path_count; i++)
		if (strcmp(o->paths[i], "-") == 0)
			return complain(message, "%s", "--watch does not go with standard input");
	return 0;
}

/* Whether a file that is to be written has no name. */
static bool
names_nothing(const struct options *o)
{
	const char *const names[] = { o->output, o->ledger, o->resume, o->since_state, o->lock };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i] != NULL && *names[i] == '\0')
			return true;
	return false;
}

/* Options that need each other, or do not go together. */
static int
check_combination(const struct options *o, char **message)
{
	const char *wrong = NULL;

	if (names_nothing(o))
		wrong = "--output, --ledger, --resume, --since-state and --lock need the name of a FILE";
	else if (o->ledger_all && o->ledger == NULL)
		wrong = "--ledger-all needs --ledger=FILE";
	else if (o->ledger != NULL && o->mode == MODE_FILES)
		wrong = "--ledger does not go with --files";
	else if (o->mode == MODE_TYPES && (o->output != NULL || o->ledger != NULL ||
	    o->lock != NULL || o->stats != OPTION_STATS_NONE))
		wrong = "--output, --ledger, --lock and --stats do not go with --type-list";
	else if (o->resume != NULL && o->mode != MODE_SEARCH)
		wrong = "--resume does not go with --files or --type-list";
	else if (o->since_state != NULL && o->mode != MODE_SEARCH)
		wrong = "--since-state does not go with --files or --type-list";
	else if (o->since_state != NULL && o->resume != NULL)
		wrong = "--since-state does not go with --resume";
	else if (names_twice(o))
		wrong = "--output, --ledger, --resume, --since-state and --lock need a FILE each";
	else if (o->json && (o->count != OPTION_COUNT_NONE || o->list != OPTION_LIST_NONE ||
	    o->mode == MODE_FILES))
		wrong = "--json does not go with -c, --count-matches, -l, -L or --files";
	else if (o->multiline && o->null_data)
		wrong = "--multiline does not go with -z";
	else if (o->untrusted && o->follow)
		wrong = "--untrusted does not go with -R";
	else if (o->untrusted && o->sandbox == OPTION_SANDBOX_OFF)
		wrong = "--untrusted does not go with --sandbox=off";
	return wrong != NULL ? complain(message, "%s", wrong) : 0;
}

static void
settle_limits(struct options *o, const struct limits *limits)
{
	if (o->max_line == 0)
		o->max_line = limits->max_line;
	if (o->worker_memory == 0)
		o->worker_memory = limits->worker_memory;
	if (!o->streams_time_out)
		o->file_timeout = limits->file_timeout;
}

/* What options mean together, whatever their order. */
static void
settle(struct options *o)
{
	settle_limits(o, o->untrusted ? &tight : &usual);
	if (o->untrusted) {
		o->no_ignore |= OPTION_NO_IGNORE_ALL;
		o->hidden = true;
		if (o->sandbox == OPTION_SANDBOX_AUTO)
			o->sandbox = OPTION_SANDBOX_REQUIRE;
	}
	if (o->unrestricted >= 1)
		o->no_ignore |= OPTION_NO_IGNORE_ALL;
	if (o->unrestricted >= 2)
		o->hidden = true;
	if (o->unrestricted >= 3 && o->binary == OPTION_BINARY_REPORT)
		o->binary = OPTION_BINARY_TEXT;
	if (o->before == NOT_GIVEN)
		o->before = o->context;
	if (o->after == NOT_GIVEN)
		o->after = o->context;
	/* Where a piece begins is no byte order mark. */
	if (o->watch && o->encoding == NULL)
		o->encoding = "none";
	if (o->vimgrep && o->names == OPTION_NAMES_AUTO)
		o->names = OPTION_NAMES_ALWAYS;
}

/* Without -e or -f the first operand is the pattern. */
static int
take_pattern(struct options *o, char **message)
{
	if (o->mode != MODE_SEARCH || o->patterns_given)
		return 0;
	if (o->path_count == 0)
		return complain(message, "%s", "no pattern given; see pgrep-r --help");
	if (patterns_add(o, o->paths[0]) == -1)
		return -1;
	o->path_count--;
	memmove(o->paths, o->paths + 1, o->path_count * sizeof(*o->paths));
	return 0;
}

int
options_parse(struct options *o, int argc, char **argv, char **message)
{
	const char *file = NULL;
	enum words_config which = words_find_config(argc, argv, &file);

	*o = defaults;
	*message = NULL;
	if (config_load(o, which, file, message) == -1 ||
	    words_take(o, argc, argv, message) == -1)
		return -1;
	if (o->mode == MODE_HELP || o->mode == MODE_VERSION)
		return 0;
	if (check_combination(o, message) == -1)
		return -1;
	settle(o);
	if (take_pattern(o, message) == -1)
		return -1;
	return check_watch(o, message);
}

void
options_free(struct options *o)
{
	patterns_free(o);
	config_free(o);
	free(o->paths);
	free(o->filters);
	free(o->given);
}
