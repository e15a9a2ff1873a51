#include "search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "match/matcher.h"
#include "scan/reader.h"
#include "shm/lane_worker.h"

struct search {
	const struct search_options *options;
	const struct pattern *pattern;
	struct format *format;
	struct matcher *matcher;
	struct reader reader;
	bool wants_text; /* each selected line is written, or the parts of it that match */
	bool first_only; /* one selected line settles the file */
	bool empty_matches; /* the pattern matches an empty line */

	/* Of the current file. */
	bool binary;       /* a NUL was seen */
	bool gave_up;      /* some line could not be decided */
	bool finished;     /* nothing more needs to be known */
	bool quiet;        /* selected lines are no longer written */
	uint64_t selected; /* lines */
	uint64_t shown;    /* lines selected before the file was found to be binary */
	uint64_t matches;  /* in selected lines, if they are counted */
	uint64_t number;   /* of the line at counted */
	/* Of the current window. */
	struct matcher_text text;
	size_t counted; /* offset up to which lines are counted */
	bool checked;   /* for NULs */
};

static void
announce(void *lane)
{
	lane_worker_announce(lane);
}

static void
beat(void *lane)
{
	lane_worker_beat(lane);
}

struct search *
search_open(const struct search_options *options, const struct pattern *pattern,
    struct format *format)
{
	struct search *s = calloc(1, sizeof(*s));
	struct span ignored;

	if (s == NULL)
		return NULL;
	s->options = options;
	s->pattern = pattern;
	s->format = format;
	s->wants_text = options->output == OUTPUT_LINES || options->output == OUTPUT_MATCHES;
	s->first_only = !s->wants_text && options->output != OUTPUT_COUNT;
	s->matcher = matcher_open(pattern);
	if (s->matcher == NULL ||
	    reader_init(&s->reader, options->window, options->max_line) == -1) {
		search_close(s);
		return NULL;
	}
	s->reader.arrived = announce;
	s->reader.beat = beat;
	s->reader.ctx = format->out;
	s->empty_matches = matcher_within(s->matcher, TEXT_ASCII, "", 0, 0, &ignored);
	return s;
}

void
search_close(struct search *s)
{
	if (s == NULL)
		return;
	matcher_close(s->matcher);
	reader_fini(&s->reader);
	free(s);
}

/* The number of the line that starts at offset start, no lower than the last asked for. */
static uint64_t
line_number(struct search *s, size_t start)
{
	if (!s->options->numbers)
		return 0;
	s->number += text_newlines(s->text.bytes + s->counted, start - s->counted,
	    pattern_options(s->pattern)->terminator);
	s->counted = start;
	return s->number;
}

/* The next match within a line from *at on, which moves behind it. */
static bool
next_match(struct search *s, const char *line, size_t length, size_t *at, struct span *match)
{
	if (*at > length || !matcher_within(s->matcher, s->text.kind, line, length, *at, match))
		return false;
	*at = match->end > match->start ? match->end
	    : matcher_after_empty(s->matcher, s->text.kind, line, length, match->end);
	return true;
}

/* Counts what is left of a window.  A line that was cut has lost its newline. */
static void
end_window(struct search *s)
{
	line_number(s, s->text.length);
	s->number += s->reader.skipping;
}

static void
write_matches(struct search *s, const struct span *line)
{
	const char *start = s->text.bytes + line->start;
	size_t length = line->end - line->start;
	uint64_t number = line_number(s, line->start);
	struct span match;
	size_t at = 0;

	while (next_match(s, start, length, &at, &match))
		if (match.end > match.start)
			format_part(s->format, number, start + match.start, match.end - match.start);
}

static void
write_coloured(struct search *s, const struct span *line)
{
	const char *start = s->text.bytes + line->start;
	size_t length = line->end - line->start, at = 0, written = 0;
	struct span match;

	format_begin(s->format, line_number(s, line->start));
	while (next_match(s, start, length, &at, &match)) {
		if (match.end == match.start)
			continue;
		format_plain(s->format, start + written, match.start - written);
		format_match(s->format, start + match.start, match.end - match.start);
		written = match.end;
	}
	format_plain(s->format, start + written, length - written);
	format_end(s->format);
}

static void
count_matches(struct search *s, const struct span *line)
{
	struct span match;
	size_t at = 0;

	while (next_match(s, s->text.bytes + line->start, line->end - line->start, &at, &match))
		s->matches++;
}

/* One more line is selected. */
static void
select_line(struct search *s, const struct span *line)
{
	s->selected++;
	if (s->options->tally && !s->options->invert)
		count_matches(s, line);
	if (s->first_only || s->selected == s->options->max_count)
		s->finished = true;
	if (!s->wants_text)
		return;
	if (s->quiet) {
		s->finished = true;
		return;
	}
	s->shown++;
	if (s->options->output == OUTPUT_MATCHES) {
		if (!s->options->invert)
			write_matches(s, line);
	} else if (s->options->color && !s->options->invert) {
		write_coloured(s, line);
	} else {
		format_line(s->format, line_number(s, line->start), s->text.bytes + line->start,
		    line->end - line->start);
	}
}

/* The file is binary from this window on. */
static void
become_binary(struct search *s)
{
	s->binary = true;
	s->quiet = true;
	if (s->options->binary == BINARY_SKIP) {
		s->finished = true;
		s->selected = 0;
	} else if (!s->options->invert && !s->empty_matches) {
		reader_pass_holes(&s->reader);
	}
}

/*
 * Looks for NULs in the window, and makes line ends of them in a binary
 * file.  Returns whether the text was changed.
 */
static bool
check_nuls(struct search *s, char *text, size_t length)
{
	s->checked = true;
	if (s->options->binary == BINARY_TEXT || !reader_has_nul(&s->reader))
		return false;
	if (!s->binary)
		become_binary(s);
	text_zap_nuls(text, length);
	return true;
}

static void
classify(struct search *s)
{
	s->text.kind = pattern_ignores_kind(s->pattern) ? TEXT_BYTES
	    : text_kind_of(s->text.bytes, s->text.length);
}

/* Selects each line of [from, to), which is whole lines. */
static void
select_all(struct search *s, size_t from, size_t to)
{
	while (from < to && !s->finished) {
		const char *newline = memchr(s->text.bytes + from, '\n', to - from);
		struct span line = { from, newline ? (size_t)(newline - s->text.bytes) : to };

		select_line(s, &line);
		from = line.end + 1;
	}
}

static void
search_inverted(struct search *s)
{
	struct span line;
	size_t from = 0;

	while (from < s->text.length && !s->finished) {
		if (!matcher_line(s->matcher, &s->text, from, &line)) {
			select_all(s, from, s->text.length);
			return;
		}
		select_all(s, from, line.start);
		from = line.end + 1;
	}
}

static void
search_window(struct search *s, char *text, size_t length)
{
	struct span line;
	size_t from = 0;

	/* A NUL here makes all that follows binary, with a match or without. */
	if (s->options->invert || !pattern_ignores_nul(s->pattern) ||
	    s->options->binary == BINARY_SKIP || !reader_at_end(&s->reader))
		check_nuls(s, text, length);
	if (s->finished)
		return;
	classify(s);
	if (s->options->invert) {
		search_inverted(s);
		return;
	}
	while (from < length && !s->finished &&
	    matcher_line(s->matcher, &s->text, from, &line)) {
		/* Only a last window with a match needs to be asked whether it is text. */
		if (!s->checked && check_nuls(s, text, length)) {
			classify(s);
			from = 0;
			continue;
		}
		select_line(s, &line);
		from = line.end + 1;
	}
}

static void
start_file(struct search *s, int fd, const struct stat *st)
{
	s->binary = s->gave_up = s->finished = s->quiet = false;
	s->selected = s->shown = s->matches = 0;
	s->number = 1;
	s->finished = s->options->max_count == 0;
	reader_file(&s->reader, fd, st);
	if (s->options->binary != BINARY_TEXT && reader_has_hole(&s->reader))
		become_binary(s);
}

/* What is said once, at the end of the file. */
static void
finish_file(struct search *s)
{
	switch (s->options->output) {
	case OUTPUT_COUNT:
		format_count(s->format, s->selected);
		break;
	case OUTPUT_SELECTED:
		if (s->selected > 0)
			format_name(s->format);
		break;
	case OUTPUT_UNSELECTED:
		if (s->selected == 0)
			format_name(s->format);
		break;
	case OUTPUT_LINES:
	case OUTPUT_MATCHES:
		if (s->selected > s->shown)
			format_binary(s->format);
		break;
	case OUTPUT_NOTHING:
		break;
	}
}

static void
add_totals(const struct search *s)
{
	struct lane_totals *t = lane_worker_totals(s->format->out);

	t->searches++;
	t->searches_with_match += s->selected > 0;
	t->bytes_searched += s->reader.position;
	t->matched_lines += s->selected;
	t->matches += s->matches;
}

static struct search_result
result_of(const struct search *s, int error)
{
	struct search_result result = { .status = STATUS_SEARCHED, .selected = s->selected > 0 };

	if (error != 0) {
		result.status = STATUS_UNREADABLE;
		result.value = (uint32_t)error;
	} else if (s->gave_up || s->reader.cut) {
		result.status = STATUS_CUT_SHORT;
		result.value = s->gave_up ? CUT_MATCH_LIMIT : CUT_LONG_LINE;
	} else if (s->binary && s->options->binary == BINARY_SKIP) {
		result.status = STATUS_SKIPPED;
		result.value = SKIP_BINARY;
	}
	return result;
}

struct search_result
search_file(struct search *s, int fd, const struct stat *st)
{
	bool stream = !S_ISREG(st->st_mode);
	size_t length;
	char *text;
	int got = 0, error;

	start_file(s, fd, st);
	while (!s->finished && (got = reader_next(&s->reader, &text, &length)) == 1) {
		s->text = (struct matcher_text){ .bytes = text, .length = length };
		s->counted = 0;
		s->checked = false;
		search_window(s, text, length);
		s->gave_up |= matcher_gave_up(s->matcher);
		/* The lines of this window matter to the numbers in the next. */
		if (!s->finished && !reader_at_end(&s->reader))
			end_window(s);
		if (stream || st->st_size > (off_t)s->options->window)
			lane_worker_flush(s->format->out);
	}
	error = got == -1 ? errno : 0;
	if (error == 0 || s->selected > 0)
		finish_file(s);
	add_totals(s);
	return result_of(s, error);
}
