#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "cli/values.h"

enum { JOBS_MAX = 1024, OPTIONS_MAX = 128 };
/* A worker that cannot hold its buffers would fail at each file. */
static const uint64_t worker_memory_min = (uint64_t)8 * 1024 * 1024;
static const struct options defaults = {
	.max_count = UINT64_MAX,
	.max_line = (size_t)64 * 1024 * 1024,
	.max_filesize = UINT64_MAX,
	.worker_memory = (size_t)1024 * 1024 * 1024,
	.file_timeout = 60LL * 1000000000,
};

/* getopt's form of the table. */
struct getopt_form {
	char letters[3 * OPTIONS_MAX + 1];
	struct option names[OPTIONS_MAX + 1];
};

static void
make_getopt_form(struct getopt_form *form)
{
	size_t count, letters = 0, names = 0;
	const struct table_option *table = table_options(&count);

	/* The ':' makes getopt tell a missing argument from an unknown option. */
	form->letters[letters++] = ':';
	for (size_t i = 0; i < count; i++) {
		const struct table_option *t = &table[i];

		if (t->key == 0)
			continue;
		if (t->key <= UCHAR_MAX) {
			form->letters[letters++] = (char)t->key;
			if (t->argument == ARGUMENT_REQUIRED)
				form->letters[letters++] = ':';
		}
		if (t->name != NULL)
			form->names[names++] = (struct option){ .name = t->name,
				.has_arg = (int)t->argument, .val = t->key };
	}
	form->letters[letters] = '\0';
	form->names[names] = (struct option){ 0 };
}

static int
complain(char **message, const char *what, const char *about)
{
	if (asprintf(message, what, about) == -1)
		*message = NULL;
	return -1;
}

/* Adds each line of text as a pattern. */
static int
add_patterns(struct options *o, const char *text)
{
	const char *newline;

	do {
		char **bigger = reallocarray(o->patterns, o->pattern_count + 1, sizeof(*bigger));

		if (bigger == NULL)
			return -1;
		o->patterns = bigger;
		newline = strchr(text, '\n');
		bigger[o->pattern_count] = newline ? strndup(text, (size_t)(newline - text))
		    : strdup(text);
		if (bigger[o->pattern_count] == NULL)
			return -1;
		o->pattern_count++;
		if (newline != NULL)
			text = newline + 1;
	} while (newline != NULL);
	return 0;
}

static int
parse_sandbox(struct options *o, const char *text, char **message)
{
	/* In the order of enum options_sandbox. */
	static const char *const modes[] = { "auto", "jail", "landlock", "require", "off" };
	int mode = values_word(text, "--sandbox", modes, sizeof(modes) / sizeof(modes[0]), message);

	if (mode == -1)
		return -1;
	o->sandbox = (enum options_sandbox)mode;
	return 0;
}

static int
parse_stats(struct options *o, const char *form, char **message)
{
	static const char *const forms[] = { "text", "json" };
	int which = form == NULL ? 0 : values_word(form, "--stats", forms, 2, message);

	if (which == -1)
		return -1;
	o->stats = which == 0 ? OPTION_STATS_TEXT : OPTION_STATS_JSON;
	return 0;
}

static int
parse_color(struct options *o, const char *when, char **message)
{
	if (when == NULL)
		o->color = OPTION_COLOR_AUTO;
	else if (strcmp(when, "always") == 0 || strcmp(when, "yes") == 0 ||
	    strcmp(when, "force") == 0)
		o->color = OPTION_COLOR_ALWAYS;
	else if (strcmp(when, "auto") == 0 || strcmp(when, "tty") == 0 ||
	    strcmp(when, "if-tty") == 0)
		o->color = OPTION_COLOR_AUTO;
	else if (strcmp(when, "never") == 0 || strcmp(when, "no") == 0 ||
	    strcmp(when, "none") == 0)
		o->color = OPTION_COLOR_NEVER;
	else
		return complain(message, "--color: '%s' is none of always, auto and never", when);
	return 0;
}

static int
parse_escape(struct options *o, const char *when, char **message)
{
	if (strcmp(when, "auto") == 0)
		o->escape = OPTION_ESCAPE_AUTO;
	else if (strcmp(when, "always") == 0)
		o->escape = OPTION_ESCAPE_ALWAYS;
	else if (strcmp(when, "never") == 0)
		o->escape = OPTION_ESCAPE_NEVER;
	else
		return complain(message, "--escape: '%s' is none of auto, always and never", when);
	return 0;
}

/* As in grep, a negative count is no limit. */
static int
parse_max_count(struct options *o, const char *text, char **message)
{
	if (text[0] == '-' && isdigit((unsigned char)text[1])) {
		o->max_count = UINT64_MAX;
		return 0;
	}
	return values_number(text, LLONG_MAX, "-m", &o->max_count, message);
}

static int
parse_jobs(struct options *o, const char *text, char **message)
{
	uint64_t jobs;

	if (values_number(text, JOBS_MAX, "-j", &jobs, message) == -1)
		return -1;
	if (jobs == 0)
		return complain(message, "-j: '%s' is too small", text);
	o->jobs = (unsigned int)jobs;
	return 0;
}

/* Options that set one value. Returns whether key is one. */
static bool
parse_flag(struct options *o, int key)
{
	switch (key) {
	case 'F': o->fixed = true; return true;
	case 'i': o->ignore_case = true; return true;
	case LONG_NO_IGNORE_CASE: o->ignore_case = false; return true;
	case 'v': o->invert = true; return true;
	case 'w': o->word = true; return true;
	case 'x': o->line = true; return true;
	case 'r': o->recursive = true; return true;
	case LONG_HIDDEN: o->hidden = true; return true;
	case 'a': o->binary = OPTION_BINARY_TEXT; return true;
	case 'I': o->binary = OPTION_BINARY_SKIP; return true;
	case 'n': o->numbers = true; return true;
	case 'H': o->names = OPTION_NAMES_ALWAYS; return true;
	case 'h': o->names = OPTION_NAMES_NEVER; return true;
	case 'o': o->only_matching = true; return true;
	case 'c': o->count = true; return true;
	case 'l': o->list = OPTION_LIST_SELECTED; return true;
	case 'L': o->list = OPTION_LIST_UNSELECTED; return true;
	case 'q': o->quiet = true; return true;
	case 's': o->silent = true; return true;
	case LONG_LEDGER_ALL: o->ledger_all = true; return true;
	case LONG_FILES: o->mode = MODE_FILES; return true;
	case LONG_HELP: o->mode = MODE_HELP; return true;
	case 'V': o->mode = MODE_VERSION; return true;
	default: return false;
	}
}

/* getopt met something that it does not know, or an argument that should not be there. */
static int
complain_unknown(const char *letters, const char *word, char **message)
{
	char letter[] = { '-', (char)optopt, '\0' };

	if (optopt == 0)
		return complain(message, "unknown or ambiguous option '%s'; see --help", word);
	if (optopt > UCHAR_MAX || strchr(letters, optopt) != NULL)
		return complain(message, "option '%s' takes no argument", word);
	return complain(message, "unknown option '%s'; see --help", letter);
}

static int
complain_missing(const char *word, char **message)
{
	char letter[] = { '-', (char)optopt, '\0' };

	return complain(message, "option '%s' needs an argument",
	    strncmp(word, "--", 2) == 0 || optopt > UCHAR_MAX ? word : letter);
}

static int
parse_option(struct options *o, int key, const struct getopt_form *form, char **argv,
    char **message)
{

	if (parse_flag(o, key))
		return 0;
	switch (key) {
	case 'e':
		return add_patterns(o, optarg);
	case 'm':
		return parse_max_count(o, optarg, message);
	case 'j':
		return parse_jobs(o, optarg, message);
	case LONG_COLOR:
		return parse_color(o, optarg, message);
	case LONG_ESCAPE:
		return parse_escape(o, optarg, message);
	case LONG_MAX_LINE:
		return values_memory(optarg, "--max-line", 1, &o->max_line, message);
	case LONG_WORKER_MEMORY:
		return values_memory(optarg, "--worker-memory", worker_memory_min,
		    &o->worker_memory, message);
	case LONG_MAX_FILESIZE:
		return values_size(optarg, "--max-filesize", 0, INT64_MAX, &o->max_filesize, message);
	case LONG_FILE_TIMEOUT:
		o->streams_time_out = true;
		return values_duration(optarg, "--file-timeout", &o->file_timeout, message);
	case LONG_DEADLINE:
		return values_duration(optarg, "--deadline", &o->deadline, message);
	case LONG_SANDBOX:
		return parse_sandbox(o, optarg, message);
	case LONG_STATS:
		return parse_stats(o, optarg, message);
	case LONG_LEDGER:
		o->ledger = optarg;
		return 0;
	case ':':
		return complain_missing(argv[optind - 1], message);
	default:
		return complain_unknown(form->letters, argv[optind - 1], message);
	}
}

/* Options that need each other, or do not go together. */
static int
check_combination(const struct options *o, char **message)
{
	if (o->ledger_all && o->ledger == NULL)
		return complain(message, "%s", "--ledger-all needs --ledger=FILE");
	if (o->ledger != NULL && o->mode == MODE_FILES)
		return complain(message, "%s", "--ledger does not go with --files");
	return 0;
}

static int
take_operands(struct options *o, int argc, char **argv, char **message)
{
	if (o->mode == MODE_SEARCH && o->pattern_count == 0) {
		if (optind == argc)
			return complain(message, "%s", "no pattern given; see --help");
		if (add_patterns(o, argv[optind++]) == -1)
			return -1;
	}
	o->paths = argv + optind;
	o->path_count = (size_t)(argc - optind);
	return 0;
}

int
options_parse(struct options *o, int argc, char **argv, char **message)
{
	struct getopt_form form;
	int key;

	*o = defaults;
	*message = NULL;
	make_getopt_form(&form);
	opterr = 0;
	while ((key = getopt_long(argc, argv, form.letters, form.names, NULL)) != -1) {
		if (parse_option(o, key, &form, argv, message) == -1)
			return -1;
		if (o->mode == MODE_HELP || o->mode == MODE_VERSION)
			return 0;
	}
	if (check_combination(o, message) == -1)
		return -1;
	return take_operands(o, argc, argv, message);
}

void
options_free(struct options *o)
{
	for (size_t i = 0; i < o->pattern_count; i++)
		free(o->patterns[i]);
	free(o->patterns);
}
