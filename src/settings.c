#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/config.h"
#include "pool/processors.h"
#include "pool/supervise.h"
#include "ranges.h"
#include "scan/reader.h"
#include "walk/ignore.h"
#include "walk/select.h"
#include "walk/source.h"

enum {
	/* Bytes of an operand that one worker searches before another one has started. */
	FOR_ONE_MAX = 1024 * 1024,
	/* What all workers may keep in memory of the files that they have searched, and each. */
	KEPT_BUDGET = 16 * 1024 * 1024,
	KEPT_MIN = 64 * 1024,
};

static bool
writes_json(const struct options *o)
{
	return o->json && !o->quiet && o->list == OPTION_LIST_NONE && o->count == OPTION_COUNT_NONE;
}

/* What standard input is called. */
static const char *
input_name(const struct options *o)
{
	return o->label != NULL ? o->label : "(standard input)";
}

static enum search_output
search_output(const struct options *o)
{
	if (o->quiet)
		return OUTPUT_NOTHING;
	if (o->list != OPTION_LIST_NONE)
		return o->list == OPTION_LIST_SELECTED ? OUTPUT_SELECTED : OUTPUT_UNSELECTED;
	if (o->count != OPTION_COUNT_NONE)
		return o->count == OPTION_COUNT_LINES ? OUTPUT_COUNT : OUTPUT_COUNT_MATCHES;
	return OUTPUT_LINES;
}

/* Whether results go to a terminal. */
static bool
prints_on_terminal(const struct options *o)
{
	struct stat st;
	bool terminal;
	int fd;

	if (o->output == NULL)
		return isatty(STDOUT_FILENO);
	if (stat(o->output, &st) == -1 || !S_ISCHR(st.st_mode))
		return false;
	fd = open(o->output, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	terminal = fd != -1 && isatty(fd);
	if (fd != -1)
		close(fd);
	return terminal;
}

bool
settings_color(const struct options *o)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	if (o->color != OPTION_COLOR_AUTO)
		return o->color == OPTION_COLOR_ALWAYS;
	return prints_on_terminal(o) && term != NULL && strcmp(term, "dumb") != 0 &&
	    (no_color == NULL || *no_color == '\0');
}

bool
settings_escape(const struct options *o)
{
	if (o->escape != OPTION_ESCAPE_AUTO)
		return o->escape == OPTION_ESCAPE_ALWAYS;
	return prints_on_terminal(o);
}

/*
 * On a terminal on which nothing else is printed meanwhile.  What goes into a
 * pipe may come out there, by way of a pager, say.
 */
bool
settings_progress(const struct options *o)
{
	const char *term = getenv("TERM");
	struct stat st;

	if (o->progress != OPTION_PROGRESS_AUTO)
		return o->progress == OPTION_PROGRESS_ALWAYS;
	return isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0 &&
	    !prints_on_terminal(o) && fstat(STDOUT_FILENO, &st) == 0 &&
	    (o->quiet || o->output != NULL || S_ISREG(st.st_mode) || S_ISCHR(st.st_mode));
}

/* The name stands above a file's lines. */
static bool
has_heading(const struct options *o)
{
	return o->heading && !o->vimgrep && search_output(o) == OUTPUT_LINES;
}

/* Names are printed when more than one file could be searched. */
static bool
wants_names(const struct options *o)
{
	struct stat st;

	if (o->names != OPTION_NAMES_AUTO)
		return o->names == OPTION_NAMES_ALWAYS;
	if (o->path_count == 1 && strcmp(o->paths[0], "-") == 0)
		return false;
	return o->path_count != 1 || stat(o->paths[0], &st) == -1 || S_ISDIR(st.st_mode);
}

/* What is shown of lines. */
static void
set_show(struct scan_options *s, const struct options *o)
{
	s->search.show = (struct show_options){ .matches = o->only_matching, .each = o->vimgrep,
		.passthru = o->passthru, .column = o->column, .trim = o->trim,
		.preview = o->max_columns_preview, .max_columns = o->max_columns };
	/* With all lines there are no groups. */
	s->search.context = (struct context_options){ .passthru = o->passthru };
	if (!o->passthru && o->has_context)
		s->search.context = (struct context_options){ .groups = !o->json,
			.before = o->before, .after = o->after };
}

/* How it is laid out. */
static void
set_format(struct scan_options *s, const struct options *o)
{
	s->format = (struct format_options){ .names = wants_names(o), .null_names = o->null_names,
		.heading = has_heading(o), .numbers = o->numbers, .offsets = o->byte_offset,
		.initial_tab = o->initial_tab, .escape = settings_escape(o),
		.line_buffered = o->line_buffered, .inverted = o->invert,
		.terminator = o->null_data ? '\0' : '\n',
		.group_separator = o->separates_groups ? o->group_separator : NULL };
	if (settings_color(o)) {
		color_scheme_init(&s->colors, getenv("GREP_COLORS"));
		s->format.colors = &s->colors;
	}
}

/* What a worker keeps of its buffer: with few workers all of it. */
static size_t
kept(unsigned int lanes)
{
	size_t part = KEPT_BUDGET / lanes;

	if (part >= READER_WINDOW)
		return SIZE_MAX;
	return part > KEPT_MIN ? part : KEPT_MIN;
}

void
settings_scan(struct scan_options *s, const struct options *o, unsigned int lanes)
{
	enum search_output output = search_output(o);
	bool lines = output == OUTPUT_LINES;
	struct stat st;

	*s = (struct scan_options){
		.search = { .output = output, .binary = (enum search_binary)o->binary,
			.json = writes_json(o), .invert = o->invert, .max_count = o->max_count,
			.terminator = o->null_data ? '\0' : '\n', .multiline = o->multiline,
			/* Numbers cost a count of all newlines: only where lines are printed. */
			.numbers = (o->numbers || o->json) && lines,
			.tally = o->stats != OPTION_STATS_NONE || writes_json(o),
			.window = ranges_window(o), .kept = kept(lanes), .max_line = o->max_line },
		.max_filesize = o->max_filesize,
		.input_name = input_name(o),
		/* Totals of all but the files that the next run begins with. */
		.tallies = o->resume != NULL && (o->stats != OPTION_STATS_NONE || writes_json(o)),
	};
	set_show(s, o);
	set_format(s, o);
	/* Where it could be fed by what it prints. */
	if (o->output == NULL && output < OUTPUT_SELECTED && o->max_count > 1 && fstat(STDOUT_FILENO, &st) == 0)
		scan_add_own(s, &st);
}

/* What ends a line of the output. */
static char
terminator(const struct options *o)
{
	if (o->list != OPTION_LIST_NONE)
		return o->null_names ? '\0' : '\n';
	return o->null_data && o->count == OPTION_COUNT_NONE && !writes_json(o) ? '\0' : '\n';
}

/* What stands between files that print, where anything does. */
static const char *
separator(const struct options *o)
{
	if (search_output(o) != OUTPUT_LINES || o->json)
		return NULL;
	if (has_heading(o))
		return "";
	return o->has_context && o->separates_groups ? o->group_separator : NULL;
}

struct sink_options
settings_sink(const struct options *o, const struct scan_options *scan)
{
	return (struct sink_options){ .fd = STDOUT_FILENO, .silent = o->silent,
		.input_name = input_name(o), .line_buffered = o->line_buffered,
		.tallies = scan->tallies,
		.one_settles = scan->search.output == OUTPUT_SELECTED ||
		    scan->search.output == OUTPUT_UNSELECTED,
		.stream = { .guard = settings_escape(o), .null_names = o->null_names,
			.json = writes_json(o), .terminator = terminator(o),
			.separator = separator(o), .separator_colored = !has_heading(o),
			.colors = scan->format.colors } };
}

/* Without a path: standard input if something was put there for us, else the directory. */
bool
settings_reads_input(const struct options *o)
{
	struct stat st;

	return o->path_count == 0 && !o->recursive && !o->input_taken && o->mode == MODE_SEARCH &&
	    o->ledger == NULL && o->lock == NULL && o->output == NULL && o->resume == NULL &&
	    o->since_state == NULL && !o->watch && fstat(STDIN_FILENO, &st) == 0 &&
	    (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || S_ISREG(st.st_mode));
}

/* Descriptors that operands name, as <(command) of a shell does, ascending. */
int *
settings_descriptors(const struct options *o, size_t *count)
{
	int *fds = reallocarray(NULL, o->path_count + 1, sizeof(*fds));

	*count = 0;
	for (size_t i = 0; fds != NULL && i < o->path_count; i++) {
		size_t at = *count;
		int fd;

		if (strcmp(o->paths[i], "/dev/stdin") == 0)
			fd = STDIN_FILENO;
		else if (sscanf(o->paths[i], "/dev/fd/%d", &fd) != 1 &&
		    sscanf(o->paths[i], "/proc/self/fd/%d", &fd) != 1)
			continue;
		/* Those that close on exec are not inherited, but our own. */
		if (fcntl(fd, F_GETFD) != 0)
			continue;
		for (; at > 0 && fds[at - 1] > fd; at--)
			fds[at] = fds[at - 1];
		fds[at] = fd;
		++*count;
	}
	return fds;
}

struct pattern_options
settings_pattern(const struct options *o)
{
	/* In the order of enum options_syntax and enum options_case. */
	static const enum pattern_syntax syntaxes[] = { SYNTAX_PERL, SYNTAX_EXTENDED, SYNTAX_BASIC,
		SYNTAX_FIXED };
	static const enum pattern_case cases[] = { CASE_HEEDED, CASE_IGNORED, CASE_SMART };

	return (struct pattern_options){ .syntax = syntaxes[o->syntax],
		.letter_case = cases[o->letter_case], .word = o->word, .line = o->line,
		.bytes = o->bytes, .terminator = o->null_data ? '\0' : '\n', .crlf = o->crlf,
		.multiline = o->multiline, .dotall = o->dotall, .groups = o->replace != NULL };
}

struct pattern_text *
settings_pattern_texts(const struct options *o)
{
	struct pattern_text *texts = calloc(o->pattern_count + 1, sizeof(*texts));

	for (size_t i = 0; texts != NULL && i < o->pattern_count; i++) {
		const struct options_pattern *p = &o->patterns[i];

		texts[i] = (struct pattern_text){ p->text, p->length, p->file, p->line };
	}
	return texts;
}

/* Whether all there is to search is one file, or stream, that one worker searches. */
static bool
is_for_one(const struct options *o)
{
	bool input = settings_reads_input(o);
	struct stat st;

	if (!input && o->path_count != 1)
		return false;
	input |= o->path_count == 1 && strcmp(o->paths[0], "-") == 0;
	return (input ? fstat(STDIN_FILENO, &st) : stat(o->paths[0], &st)) == 0 &&
	    !S_ISDIR(st.st_mode) && st.st_size <= FOR_ONE_MAX;
}

/* How many workers may be had: what the machine has is not asked for nothing. */
static unsigned int
lanes(const struct options *o)
{
	if (o->jobs > 0)
		return o->jobs;
	return is_for_one(o) ? 1 : processors_available();
}

struct pool_options
settings_pool(const struct options *o)
{
	/* In the order of enum options_sandbox. */
	static const enum sandbox_mode modes[] = { SANDBOX_AUTO, SANDBOX_JAIL, SANDBOX_LANDLOCK,
		SANDBOX_REQUIRE, SANDBOX_OFF };
	static char *input[] = { (char *)"-" };
	struct pool_options pool = { .lanes = lanes(o),
		.until_hit = o->quiet, .batch_max = SOURCE_BATCH_MAX, .input = settings_reads_input(o),
		.worker_memory = o->worker_memory, .file_timeout = o->file_timeout,
		.deadline = o->deadline > 0 ? supervise_now() + o->deadline : 0,
		.sandbox = { .mode = modes[o->sandbox], .roots = o->paths,
			.root_count = o->path_count, .everywhere = o->follow } };

	if (pool.input)
		pool.sandbox.roots = input, pool.sandbox.root_count = 1;
	for (size_t i = 0; i < o->path_count; i++)
		pool.input |= strcmp(o->paths[i], "-") == 0;
	return pool;
}

/* Whose text the message is about, by trying one filter after the other. */
static void
blame_filter(const struct options *o, char **message)
{
	for (size_t i = 0; *message != NULL && i < o->filter_count; i++) {
		char *said = NULL;
		struct select *some = select_open(o->filters, i + 1, &said);
		bool same = some == NULL && said != NULL && strcmp(said, *message) == 0;

		if (some != NULL)
			select_close(some);
		free(said);
		if (same) {
			config_blame(o, o->filters[i].text, message);
			return;
		}
	}
}

/* What ignore files may leave out. NULL with message NULL: nothing, if errno is 0. */
static struct ignore *
open_ignore(const struct options *o, char **message)
{
	const char **files = reallocarray(NULL, o->filter_count + 1, sizeof(*files));
	struct ignore_options ignore = {
		.git = !(o->no_ignore & OPTION_NO_IGNORE_VCS),
		.dot = !(o->no_ignore & OPTION_NO_IGNORE_DOT),
		.parents = !(o->no_ignore & OPTION_NO_IGNORE_PARENT),
		.require_git = !o->no_require_git,
		.files = files,
	};
	struct ignore *opened = NULL;
	const char *file = NULL;

	ignore.exclude = ignore.git && !(o->no_ignore & OPTION_NO_IGNORE_EXCLUDE);
	ignore.global = ignore.git && !(o->no_ignore & OPTION_NO_IGNORE_GLOBAL);
	for (size_t i = 0; files != NULL && i < o->filter_count; i++)
		if (o->filters[i].kind == FILTER_IGNORE_FILE &&
		    !(o->no_ignore & OPTION_NO_IGNORE_FILES))
			files[ignore.file_count++] = o->filters[i].text;
	if (files != NULL)
		errno = 0;
	if (files != NULL && (ignore.git || ignore.dot || ignore.file_count > 0))
		opened = ignore_open(&ignore, &file);
	if (file != NULL && errno != ENOMEM &&
	    asprintf(message, "--ignore-file: %s: %s", file, strerror(errno)) == -1)
		*message = NULL;
	if (*message != NULL)
		config_blame(o, file, message);
	free(files);
	return opened;
}

struct walk *
settings_walk(const struct options *o, bool (*pause)(void *ctx), void *ctx, char **message)
{
	static char *const input[] = { (char *)"-" };
	/* In the order of enum options_directories. */
	static const enum walk_action directories[] = { WALK_TAKE, WALK_REFUSE, WALK_PASS };
	struct walk_options walk = { .hidden = o->hidden, .pause = pause, .ctx = ctx,
		.follow = o->follow, .max_depth = o->max_depth, .one_file_system = o->one_file_system,
		.skip_fs = o->skip_fs, .has_newer = o->has_newer, .newer = o->newer,
		.shard = o->shard, .shards = o->shards, .keep_open = o->since_state != NULL || o->resume != NULL,
		.directories_action = directories[o->directories],
		.devices_action = o->devices == OPTION_DEVICES_SKIP ? WALK_PASS : WALK_TAKE };

	walk.every_file_system = o->skip_fs != NULL && *o->skip_fs == '\0';
	walk.select = select_open(o->filters, o->filter_count, message);
	if (walk.select == NULL) {
		blame_filter(o, message);
		return NULL;
	}
	walk.ignore = open_ignore(o, message);
	if (walk.ignore == NULL && (*message != NULL || errno != 0)) {
		select_close(walk.select);
		return NULL;
	}
	if (!select_needed(walk.select)) {
		select_close(walk.select);
		walk.select = NULL;
	}
	return settings_reads_input(o) ? walk_open(&walk, input, 1)
	    : walk_open(&walk, o->paths, o->path_count);
}
