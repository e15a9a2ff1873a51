#include "search.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "match/matcher.h"
#include "scan/reader.h"
#include "scan/selection.h"
#include "shm/lane_worker.h"

struct search {
	const struct search_options *options;
	const struct pattern *pattern;
	struct format *format;
	struct matcher *matcher;
	struct reader reader;
	struct selection selection;
	bool seeks_nuls;    /* they make a file binary */
	bool empty_matches; /* the pattern matches an empty line */

	/* Of the current file. */
	const struct search_link *link; /* it is a range; or NULL */
	uint64_t counted;  /* lines of it, as far as they are counted for others */
	bool told_count;   /* others know */
	bool binary;       /* a NUL was seen */
	bool gave_up;      /* some line could not be decided */
	uint64_t first_nul; /* its offset, or UINT64_MAX */
	off_t input_start;  /* where standard input stood, if that is the file and has offsets; or -1 */
	/* The current window. */
	struct window window;
	uint64_t window_lines; /* of a range that is numbered */
	bool checked;      /* for NULs */
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
	const struct reader_options reading = { .window = options->window,
		.max_line = options->max_line, .terminator = options->terminator,
		.whole = options->multiline, .encoding = options->encoding };
	struct search *s = calloc(1, sizeof(*s));
	struct span ignored;

	if (s == NULL)
		return NULL;
	s->options = options;
	s->pattern = pattern;
	s->format = format;
	s->seeks_nuls = options->binary != BINARY_TEXT && options->terminator != '\0';
	s->matcher = matcher_open(pattern);
	selection_init(&s->selection, options, format, s->matcher);
	s->window = (struct window){ .terminator = options->terminator,
		.numbered = options->numbers,
		.ahead = !options->invert && !options->multiline && !s->selection.in_context };
	if (s->matcher == NULL || reader_init(&s->reader, &reading) == -1) {
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
	selection_fini(&s->selection);
	matcher_close(s->matcher);
	reader_fini(&s->reader);
	free(s);
}

void
search_unaided(struct search *s)
{
	matcher_unaided(s->matcher);
}

/* Counts what is left of a window.  A line that was cut has lost its end. */
static void
end_window(struct search *s)
{
	void (*add_base)(struct window *w) = s->window.add_base;

	/* Nobody has asked for it yet. */
	s->window.add_base = NULL;
	if (s->link != NULL && s->options->numbers)
		s->window.first += s->window_lines;
	else
		s->window.first = window_number(&s->window, s->window.text.length) + s->reader.skipping;
	s->window.add_base = add_base;
}

/* The file is binary from this window on. */
static void
become_binary(struct search *s)
{
	s->binary = true;
	if (s->link != NULL && s->selection.wants_text)
		lane_worker_flag(s->format->out, FRAME_NUL);
	selection_binary(&s->selection, s->options->binary == BINARY_SKIP);
	if (s->options->binary != BINARY_SKIP && !s->options->invert && !s->empty_matches)
		reader_pass_holes(&s->reader);
}

/*
 * Looks for NULs in the window, and makes line ends of them in a binary
 * file.  Returns whether the text was changed.
 */
static bool
check_nuls(struct search *s, char *text, size_t length)
{
	s->checked = true;
	if (!s->seeks_nuls || !reader_has_nul(&s->reader))
		return false;
	if (s->first_nul == UINT64_MAX)
		s->first_nul = s->window.offset +
		    (uint64_t)((const char *)memchr(s->reader.buffer, '\0', s->reader.filled) -
		    s->reader.buffer);
	if (!s->binary)
		become_binary(s);
	text_zap_nuls(text, length);
	return true;
}

static void
classify(struct search *s)
{
	struct matcher_text *text = &s->window.text;

	text->kind = pattern_ignores_kind(s->pattern) ? TEXT_BYTES
	    : text_kind_of(text->bytes, text->length);
}

/* Selects each line of [from, to), which is whole lines. */
static void
select_all(struct search *s, size_t from, size_t to)
{
	while (from < to && !s->selection.finished) {
		struct span line = { from, window_line_end(&s->window, from) };

		selection_line(&s->selection, &s->window, &line);
		matcher_pass(&s->window.text, &line);
		from = line.end + 1;
	}
}

static void
search_inverted(struct search *s)
{
	struct window *w = &s->window;
	struct span line;
	size_t from = 0;

	while (from < w->text.length && !s->selection.finished) {
		if (!matcher_line(s->matcher, &w->text, from, &line)) {
			select_all(s, from, w->text.length);
			return;
		}
		select_all(s, from, line.start);
		from = line.end + 1;
	}
}

static void
search_lines(struct search *s, char *text, size_t length)
{
	struct span line;
	size_t from = 0;

	while (from < length && !s->selection.finished &&
	    matcher_line(s->matcher, &s->window.text, from, &line)) {
		/* Only a last window with a match needs to be asked whether it is text. */
		if (!s->checked && check_nuls(s, text, length)) {
			classify(s);
			s->window.text.counted = s->window.text.terminators = 0;
			from = 0;
			continue;
		}
		selection_line(&s->selection, &s->window, &line);
		matcher_pass(&s->window.text, &line);
		from = line.end + 1;
	}
}

/* What lies in no block is selected, or the block is. */
static void
take_block(struct search *s, size_t *past, const struct span *block)
{
	if (s->options->invert)
		select_all(s, *past, block->start);
	else
		selection_block(&s->selection, &s->window, block);
	*past = block->end + 1;
}

/* Whether the first match of the file says all that is asked. */
static bool
is_enough(const struct search *s)
{
	return !s->options->invert && s->options->output >= OUTPUT_SELECTED && !s->selection.tally;
}

/*
 * Puts the lines of a match to a block, if they follow it; they need not be
 * sought if it has them already.  Returns whether it has them now.
 */
static bool
join_block(const struct search *s, struct span *block, const struct span *match, struct span *lines)
{
	/* A terminator that ends the match ends its last line. */
	size_t last = match->end - (match->end > match->start);

	if (last <= block->end)
		return true;
	matcher_touched(s->matcher, &s->window.text, match, lines);
	if (lines->start > block->end + 1)
		return false;
	block->end = lines->end;
	return true;
}

/* Matches whose lines follow each other make one block. As in ripgrep -m counts matches. */
static void
search_blocks(struct search *s)
{
	struct matcher_text *text = &s->window.text;
	struct span match, lines, block = { 0, 0 };
	uint64_t left = s->options->invert ? UINT64_MAX : s->options->max_count;
	size_t from = 0, past = 0;
	bool any = false;

	while (!s->selection.finished && left > 0 && from <= text->length &&
	    matcher_block(s->matcher, text, from, &match)) {
		from = match.end > match.start ? match.end : matcher_after_empty(s->matcher,
		    text->kind, text->bytes, text->length, match.end);
		left--;
		if (any && join_block(s, &block, &match, &lines))
			continue;
		if (any)
			take_block(s, &past, &block);
		else
			matcher_touched(s->matcher, text, &match, &lines);
		block = lines;
		any = true;
		/* Of which it is one, whatever may follow it. */
		if (is_enough(s))
			break;
	}
	if (any && !s->selection.finished)
		take_block(s, &past, &block);
	s->selection.finished |= left == 0;
	if (s->options->invert)
		select_all(s, past, text->length);
}

/*
 * Whether it matters in any case if the window has a NUL, which makes all
 * that follows binary, with a match or without.
 */
static bool
must_check_nuls(const struct search *s)
{
	return s->options->invert || s->selection.in_context || s->options->multiline ||
	    s->options->binary == BINARY_SKIP || !reader_at_end(&s->reader) ||
	    (s->options->json && !pattern_ignores_nul(s->pattern));
}

/* Whether anything may have to be done with the window's lines. */
static bool
may_select(const struct search *s)
{
	return s->options->invert || s->selection.in_context || s->options->multiline ||
	    (pattern_ignores_kind(s->pattern) && pattern_ignores_nul(s->pattern)) ||
	    matcher_may_select(s->matcher, &s->window.text);
}

static void
search_window(struct search *s, char *text, size_t length)
{
	bool may = may_select(s);

	if (must_check_nuls(s) || (may && !pattern_ignores_nul(s->pattern)))
		check_nuls(s, text, length);
	if (!may || !selection_goes_on(&s->selection))
		return;
	/* Lines of context may be looked at, too. */
	classify(s);
	if (s->options->multiline)
		search_blocks(s);
	else if (s->options->invert)
		search_inverted(s);
	else
		search_lines(s, text, length);
}

static struct search *
search_of(struct window *w)
{
	return (void *)((char *)w - offsetof(struct search, window));
}

/* The number of a range's first line is known when somebody has counted all before it. */
static void
add_base(struct window *w)
{
	w->add_base = NULL;
	w->first += lane_worker_base(search_of(w)->format->out);
}

static void
tell_count(struct search *s, uint64_t count)
{
	if (!s->told_count)
		lane_worker_count(s->format->out, count);
	s->told_count = true;
}

/* Counts the lines of a window before anything else: those who search behind it wait for that. */
static void
count_window(struct search *s, const char *text, size_t length)
{
	if (s->link == NULL || !s->options->numbers)
		return;
	s->window_lines = text_newlines(text, length, s->options->terminator) + s->reader.skipping;
	s->counted += s->window_lines;
	if (reader_part_done(&s->reader))
		tell_count(s, s->counted);
}

/* piece: of it, or NULL: all. */
static void
start_reading(struct search *s, int fd, const struct stat *st, const struct reader_piece *piece)
{
	if (s->link == NULL || s->link->part == NULL)
		reader_file(&s->reader, fd, st);
	else
		reader_file_part(&s->reader, fd, st, s->link->part);
	if (piece != NULL)
		reader_take_piece(&s->reader, piece);
}

static void
start_file(struct search *s, int fd, const struct stat *st, const struct reader_piece *piece)
{
	s->input_start = fd == STDIN_FILENO && S_ISREG(st->st_mode) ? lseek(fd, 0, SEEK_CUR) : -1;
	s->counted = 0;
	s->told_count = false;
	s->window.add_base = s->link != NULL && !s->link->first ? add_base : NULL;
	s->binary = s->gave_up = false;
	s->first_nul = UINT64_MAX;
	s->window.first = 1;
	s->window.offset = 0;
	s->window.text.length = 0;
	selection_file(&s->selection);
	format_stat(s->format, st);
	start_reading(s, fd, st, piece);
	/* Messages say where the first NUL is. */
	if (s->seeks_nuls && !s->options->json && !s->reader.apart && reader_has_hole(&s->reader))
		become_binary(s);
}

/* searched, printed: bytes. */
static void
add_totals(const struct search *s, uint64_t searched, uint64_t printed)
{
	const struct selection *found = &s->selection;
	struct lane_totals *t = lane_worker_totals(s->format->out);

	t->searches += s->link == NULL || s->link->first;
	t->searches_with_match += found->lines > 0;
	t->bytes_searched += searched;
	/* The messages at the ends of files are not counted, as in themselves. */
	t->bytes_printed += s->options->json ? found->json.printed : printed;
	t->matched_lines += found->lines + found->more_lines;
	t->matches += found->matches;
}

static struct search_result
result_of(const struct search *s, int error)
{
	struct search_result result = { .status = STATUS_SEARCHED,
		.selected = s->selection.lines > 0 };

	if (error != 0) {
		result.status = STATUS_UNREADABLE;
		result.value = (uint32_t)error;
	} else if (s->gave_up) {
		result.status = STATUS_CUT_SHORT;
		result.value = CUT_MATCH_LIMIT;
	} else if (s->reader.cut || s->reader.split || s->selection.context.missed) {
		result.status = STATUS_CUT_SHORT;
		result.value = s->reader.cut ? CUT_LONG_LINE
		    : s->reader.split ? CUT_MULTILINE : CUT_CONTEXT;
	} else if (s->binary && s->options->binary == BINARY_SKIP && !result.selected) {
		result.status = STATUS_SKIPPED;
		result.value = SKIP_BINARY;
	}
	return result;
}

/* Searches the window that was read. */
static void
next_window(struct search *s, char *text, size_t length)
{
	bool last = reader_part_done(&s->reader);

	count_window(s, text, length);
	window_next(&s->window, text, length, s->reader.offset);
	s->checked = false;
	search_window(s, text, length);
	s->gave_up |= matcher_gave_up(s->matcher);
	s->gave_up |= json_lost(&s->selection.json);
	selection_end_window(&s->selection, &s->window, last);
	/* The lines of this window matter to the numbers in the next. */
	if ((!last || s->reader.piece) && selection_goes_on(&s->selection))
		end_window(s);
}

/*
 * Standard input that was not read to its end is left behind the last line that
 * was selected, for whoever reads it next, as grep does.
 */
static void
leave_input(const struct search *s)
{
	if (s->input_start != -1 && s->selection.finished && s->options->max_count != UINT64_MAX &&
	    !s->reader.decoding)
		lseek(STDIN_FILENO, s->input_start + (off_t)s->selection.reached, SEEK_SET);
}

/* What is said at the end of the file, or what the last of its ranges needs for that. */
static void
finish_file(struct search *s, uint64_t searched)
{
	struct selection *found = &s->selection;
	const struct search_link *link = s->link;
	uint64_t own;

	if (link == NULL) {
		selection_finish(found, searched, s->first_nul);
		return;
	}
	if (s->options->output == OUTPUT_LINES) {
		tell_count(s, s->counted);
		if (found->quiet && found->lines > found->shown)
			lane_worker_flag(s->format->out, FRAME_HIDDEN);
		if (link->last && s->seeks_nuls)
			selection_offer_binary(found);
		return;
	}
	own = selection_result(found);
	tell_count(s, own);
	if (link->last)
		selection_tell(found, own + lane_worker_base(s->format->out));
}

/* Searches the file that was started. */
static struct search_result
search_started(struct search *s, const struct stat *st)
{
	bool stream = !S_ISREG(st->st_mode);
	size_t length;
	char *text;
	uint64_t written = lane_worker_written(s->format->out), searched;
	int got = 0, error;

	while (selection_goes_on(&s->selection) &&
	    (got = reader_next(&s->reader, &text, &length)) == 1) {
		next_window(s, text, length);
		if (!s->reader.apart && (stream || st->st_size > (off_t)s->options->window))
			lane_worker_flush(s->format->out);
	}
	error = got == -1 ? errno : 0;
	leave_input(s);
	searched = selection_searched(&s->selection, s->reader.first, reader_taken(&s->reader));
	if (s->link != NULL || error == 0 || s->selection.lines > 0)
		finish_file(s, searched);
	add_totals(s, searched, lane_worker_written(s->format->out) - written);
	return result_of(s, error);
}

struct search_result
search_file(struct search *s, int fd, const struct stat *st)
{
	s->link = NULL;
	start_file(s, fd, st, NULL);
	return search_started(s, st);
}

struct search_result
search_piece(struct search *s, int fd, const struct stat *st, const struct reader_piece *piece,
    uint64_t lines)
{
	s->link = NULL;
	start_file(s, fd, st, piece);
	s->window.first = lines + 1;
	return search_started(s, st);
}

struct search_result
search_range(struct search *s, int fd, const struct stat *st, const struct search_link *link)
{
	s->link = link;
	start_file(s, fd, st, NULL);
	return search_started(s, st);
}

struct search_place
search_reached(const struct search *s)
{
	return (struct search_place){ .offset = reader_reached(&s->reader),
		.lines = s->window.first - 1, .in_line = s->reader.skipping };
}
