#include "parse.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/patterns.h"
#include "cli/table.h"
#include "cli/values.h"
#include "jobs/siphash.h"

enum { JOBS_MAX = 1024 };
/* A worker that cannot hold its buffers would fail at each file. */
static const uint64_t worker_memory_min = (uint64_t)8 * 1024 * 1024;

#define WORDS(...) (const char *const[]){ __VA_ARGS__ }, \
	sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)

static int
complain(char **message, const char *what, const char *about)
{
	if (asprintf(message, what, about) == -1)
		*message = NULL;
	return -1;
}

/* Options without an argument, by section. Each returns whether key is one of its own. */

static bool
parse_pattern_flag(struct options *o, int key)
{
	switch (key) {
	case 'P': o->syntax = OPTION_SYNTAX_PERL; return true;
	case 'E': o->syntax = OPTION_SYNTAX_EXTENDED; return true;
	case 'G': o->syntax = OPTION_SYNTAX_BASIC; return true;
	case 'F': o->syntax = OPTION_SYNTAX_FIXED; return true;
	case 'y':
	case 'i': o->letter_case = OPTION_CASE_IGNORED; return true;
	case 'S': o->letter_case = OPTION_CASE_SMART; return true;
	case LONG_NO_IGNORE_CASE: o->letter_case = OPTION_CASE_HEEDED; return true;
	case 'v': o->invert = true; return true;
	case 'w': o->word = true; return true;
	case 'x': o->line = true; return true;
	case 'z': o->null_data = true; return true;
	case LONG_CRLF: o->crlf = true; return true;
	case LONG_MULTILINE: o->multiline = true; return true;
	case LONG_MULTILINE_DOTALL: o->multiline = o->dotall = true; return true;
	case LONG_NO_UNICODE: o->bytes = true; return true;
	/* Of GNU's grep; it changes nothing on this kind of system. */
	case 'U':
	case LONG_NOTHING:
	/* Heeded before any option is. */
	case LONG_NO_CONFIG: return true;
	default: return false;
	}
}

static bool
parse_file_flag(struct options *o, int key)
{
	switch (key) {
	case 'r': o->recursive = true; return true;
	case 'R': o->recursive = o->follow = true; return true;
	case '.':
	case LONG_HIDDEN: o->hidden = true; return true;
	case LONG_NO_IGNORE: o->no_ignore |= OPTION_NO_IGNORE_ALL; return true;
	case LONG_NO_IGNORE_VCS: o->no_ignore |= OPTION_NO_IGNORE_VCS; return true;
	case LONG_NO_IGNORE_DOT: o->no_ignore |= OPTION_NO_IGNORE_DOT; return true;
	case LONG_NO_IGNORE_EXCLUDE: o->no_ignore |= OPTION_NO_IGNORE_EXCLUDE; return true;
	case LONG_NO_IGNORE_GLOBAL: o->no_ignore |= OPTION_NO_IGNORE_GLOBAL; return true;
	case LONG_NO_IGNORE_PARENT: o->no_ignore |= OPTION_NO_IGNORE_PARENT; return true;
	case LONG_NO_IGNORE_FILES: o->no_ignore |= OPTION_NO_IGNORE_FILES; return true;
	case LONG_NO_REQUIRE_GIT: o->no_require_git = true; return true;
	case 'u': o->unrestricted++; return true;
	case LONG_ONE_FILE_SYSTEM: o->one_file_system = true; return true;
	case 'a': o->binary = OPTION_BINARY_TEXT; return true;
	case 'I': o->binary = OPTION_BINARY_SKIP; return true;
	case LONG_UNTRUSTED: o->untrusted = true; return true;
	default: return false;
	}
}

static bool
parse_output_flag(struct options *o, int key)
{
	switch (key) {
	case 'n': o->numbers = true; return true;
	case 'N': o->numbers = false; return true;
	case 'p':
		o->color = OPTION_COLOR_ALWAYS;
		o->heading = o->numbers = true;
		return true;
	case 'b': o->byte_offset = true; return true;
	case LONG_COLUMN: o->column = o->numbers = true; return true;
	case LONG_VIMGREP: o->vimgrep = o->column = o->numbers = true; return true;
	case 'H': o->names = OPTION_NAMES_ALWAYS; return true;
	case 'h': o->names = OPTION_NAMES_NEVER; return true;
	case 'T': o->initial_tab = true; return true;
	case LONG_HEADING: o->heading = true; return true;
	case LONG_NO_HEADING: o->heading = false; return true;
	case 'o': o->only_matching = true; return true;
	case 'c': o->count = OPTION_COUNT_LINES; return true;
	case LONG_COUNT_MATCHES: o->count = OPTION_COUNT_MATCHES; return true;
	case 'l': o->list = OPTION_LIST_SELECTED; return true;
	case 'L': o->list = OPTION_LIST_UNSELECTED; return true;
	case 'q': o->quiet = true; return true;
	case 's': o->silent = true; return true;
	case LONG_PASSTHRU: o->passthru = true; return true;
	case LONG_NO_GROUP_SEPARATOR: o->separates_groups = false; return true;
	case LONG_MAX_COLUMNS_PREVIEW: o->max_columns_preview = true; return true;
	case LONG_TRIM: o->trim = true; return true;
	case 'Z': o->null_names = true; return true;
	case LONG_JSON: o->json = true; return true;
	case LONG_LINE_BUFFERED: o->line_buffered = true; return true;
	case LONG_LEDGER_ALL: o->ledger_all = true; return true;
	case LONG_WATCH: o->watch = true; return true;
	default: return false;
	}
}

/* Options that ask for something else than a search. */
static bool
parse_mode(struct options *o, int key)
{
	switch (key) {
	case LONG_FILES: o->mode = MODE_FILES; return true;
	case LONG_TYPE_LIST: o->mode = MODE_TYPES; return true;
	case 'V': o->mode = MODE_VERSION; return true;
	default: return false;
	}
}

static int
parse_color(struct options *o, const char *when, char **message)
{
	static const enum options_color meaning[] = { OPTION_COLOR_ALWAYS, OPTION_COLOR_AUTO,
		OPTION_COLOR_NEVER };
	/* The last ones are other words for the first, as grep has them. */
	int which = when == NULL ? 1 : values_word(when, "--color", WORDS("always", "auto", "never"),
	    NULL);

	if (which == -1)
		which = values_word(when, "--color", WORDS("yes", "tty", "no"), NULL);
	if (which == -1)
		which = values_word(when, "--color", WORDS("force", "if-tty", "none"), NULL);
	if (which == -1)
		return values_word(when, "--color", WORDS("always", "auto", "never"), message);
	o->color = meaning[which];
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

static int
parse_context(struct options *o, int key, const char *text, char **message)
{
	const char option[] = { '-', (char)key, '\0' };
	uint64_t *lines = key == 'A' ? &o->after : key == 'B' ? &o->before : &o->context;

	o->has_context = true;
	return values_count(text, option, lines, message);
}

/* Only the later one counts of --newer and --changed-within. */
static int
take_newer(struct options *o, int64_t since)
{
	if (!o->has_newer || since > o->newer)
		o->newer = since;
	o->has_newer = true;
	return 0;
}

static int
parse_newer(struct options *o, const char *text, char **message)
{
	int64_t since;

	return values_time(text, "--newer", &since, message) == -1 ? -1 : take_newer(o, since);
}

static int
parse_changed_within(struct options *o, const char *text, char **message)
{
	int64_t since;

	return values_ago(text, "--changed-within", &since, message) == -1 ? -1 : take_newer(o, since);
}

static int
add_filter(struct options *o, enum options_filter_kind kind, const char *text)
{
	struct options_filter *bigger = reallocarray(o->filters, o->filter_count + 1,
	    sizeof(*bigger));

	if (bigger == NULL)
		return -1;
	o->filters = bigger;
	bigger[o->filter_count++] = (struct options_filter){ kind, text };
	return 0;
}

/* Options that choose files by name. Returns 1: it is none. */
static int
parse_filter(struct options *o, int key, const char *text)
{
	switch (key) {
	case 'g': return add_filter(o, FILTER_GLOB, text);
	case LONG_IGLOB: return add_filter(o, FILTER_IGLOB, text);
	case LONG_INCLUDE: return add_filter(o, FILTER_INCLUDE, text);
	case LONG_EXCLUDE: return add_filter(o, FILTER_EXCLUDE, text);
	case LONG_EXCLUDE_FROM: return add_filter(o, FILTER_EXCLUDE_FROM, text);
	case LONG_EXCLUDE_DIR: return add_filter(o, FILTER_EXCLUDE_DIR, text);
	case LONG_IGNORE_FILE: return add_filter(o, FILTER_IGNORE_FILE, text);
	case 't': return add_filter(o, FILTER_TYPE, text);
	case LONG_TYPE_NOT: return add_filter(o, FILTER_TYPE_NOT, text);
	case LONG_TYPE_ADD: return add_filter(o, FILTER_TYPE_ADD, text);
	case LONG_TYPE_CLEAR: return add_filter(o, FILTER_TYPE_CLEAR, text);
	default: return 1;
	}
}

/* Options whose argument is kept as it is. */
static bool
parse_text(struct options *o, int key, const char *text)
{
	switch (key) {
	case LONG_ENCODING: o->encoding = strcmp(text, "auto") == 0 ? NULL : text; return true;
	case LONG_SKIP_FS: o->skip_fs = text; return true;
	case LONG_LABEL: o->label = text; return true;
	case LONG_REPLACE: o->replace = text; return true;
	case LONG_LEDGER: o->ledger = text; return true;
	case LONG_CONFIG: return true;
	case LONG_LOCK: o->lock = text; return true;
	case LONG_OUTPUT: o->output = text; return true;
	case LONG_RESUME: o->resume = text; return true;
	case LONG_SINCE_STATE: o->since_state = text; return true;
	case LONG_GROUP_SEPARATOR:
		o->separates_groups = true;
		o->group_separator = text;
		return true;
	default: return false;
	}
}

/* Options whose argument is one of a few words, in the order of their enums. Returns 1: it is none. */
static int
parse_word(struct options *o, int key, const char *text, char **message)
{
	int which;

	switch (key) {
	case LONG_COLOR:
		return parse_color(o, text, message);
	case LONG_SANDBOX:
		which = values_word(text, "--sandbox",
		    WORDS("auto", "jail", "landlock", "require", "off"), message);
		o->sandbox = (enum options_sandbox)which;
		return which == -1 ? -1 : 0;
	case LONG_ACCEL:
		which = values_word(text, "--accel", WORDS("auto", "always", "off"), message);
		o->accel = (enum options_accel)which;
		return which == -1 ? -1 : 0;
	case LONG_HELP:
		which = text == NULL ? 0 : values_word(text, "--help", WORDS("all"), message);
		o->mode = MODE_HELP;
		o->all_help = text != NULL;
		return which == -1 ? -1 : 0;
	case LONG_STATS:
		which = text == NULL ? 0 : values_word(text, "--stats", WORDS("text", "json"), message);
		o->stats = which == 0 ? OPTION_STATS_TEXT : OPTION_STATS_JSON;
		return which == -1 ? -1 : 0;
	case LONG_PROGRESS:
		which = text == NULL ? OPTION_PROGRESS_AUTO : values_word(text, "--progress",
		    WORDS("never", "always", "auto"), message);
		o->progress = (enum options_progress)which;
		return which == -1 ? -1 : 0;
	case LONG_ESCAPE:
		which = values_word(text, "--escape", WORDS("auto", "always", "never"), message);
		o->escape = (enum options_escape)which;
		return which == -1 ? -1 : 0;
	/* There is no other order. */
	case LONG_SORT:
		return values_word(text, "--sort", WORDS("path"), message);
	case LONG_BINARY_FILES:
		which = values_word(text, "--binary-files", WORDS("binary", "text", "without-match"),
		    message);
		o->binary = (enum options_binary)which;
		return which == -1 ? -1 : 0;
	case 'd':
		which = values_word(text, "-d", WORDS("recurse", "read", "skip"), message);
		o->directories = (enum options_directories)which;
		return which == -1 ? -1 : 0;
	case 'D':
		which = values_word(text, "-D", WORDS("read", "skip"), message);
		o->devices = (enum options_devices)which;
		return which == -1 ? -1 : 0;
	default:
		return 1;
	}
}

/* Options whose argument is a number of some kind. */
static int
parse_value(struct options *o, int key, const char *text, char **message)
{
	switch (key) {
	case 'm':
		return parse_max_count(o, text, message);
	case 'j':
		return parse_jobs(o, text, message);
	case 'A':
	case 'B':
	case 'C':
		return parse_context(o, key, text, message);
	case 'M':
		return values_count(text, "-M", &o->max_columns, message);
	case LONG_MAX_DEPTH:
		return values_count(text, "--max-depth", &o->max_depth, message);
	case LONG_NEWER:
		return parse_newer(o, text, message);
	case LONG_CHANGED_WITHIN:
		return parse_changed_within(o, text, message);
	case LONG_SHARD:
		return values_fraction(text, "--shard", &o->shard, &o->shards, message);
	case LONG_MAX_LINE:
		return values_memory(text, "--max-line", 1, &o->max_line, message);
	case LONG_RANGE_SIZE:
		o->has_range_size = true;
		return values_size(text, "--range-size", 0, INT64_MAX / 4, &o->range_size, message);
	case LONG_WORKER_MEMORY:
		return values_memory(text, "--worker-memory", worker_memory_min, &o->worker_memory,
		    message);
	case LONG_MAX_FILESIZE:
		return values_size(text, "--max-filesize", 0, INT64_MAX, &o->max_filesize, message);
	case LONG_FILE_TIMEOUT:
		o->streams_time_out = true;
		return values_duration(text, "--file-timeout", &o->file_timeout, message);
	case LONG_DEADLINE:
		return values_duration(text, "--deadline", &o->deadline, message);
	default:
		return complain(message, "option %s is not known here", text);
	}
}

static int
note(struct options *o, int key, const char *argument)
{
	struct options_given *bigger = reallocarray(o->given, o->given_count + 1, sizeof(*bigger));

	if (bigger == NULL)
		return -1;
	o->given = bigger;
	bigger[o->given_count++] = (struct options_given){ key,
		argument != NULL ? siphash_sum(argument, strlen(argument)) : 0 };
	return 0;
}

int
parse_option(struct options *o, int key, const char *argument, char **message)
{
	int done;

	if (note(o, key, argument) == -1)
		return -1;
	if (parse_pattern_flag(o, key) || parse_file_flag(o, key) || parse_output_flag(o, key) ||
	    parse_mode(o, key))
		return 0;
	if (key == 'e')
		return patterns_add(o, argument);
	if (key == 'f')
		return patterns_add_file(o, argument, message);
	if (parse_text(o, key, argument))
		return 0;
	done = parse_filter(o, key, argument);
	if (done == 1)
		done = parse_word(o, key, argument, message);
	return done == 1 ? parse_value(o, key, argument, message) : done;
}
