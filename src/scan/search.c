#include "search.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "match/matcher.h"
#include "scan/state.h"
#include "scan/sweep.h"
#include "shm/lane_worker.h"

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
	const struct reader_options reading = { .window = options->window, .kept = options->kept,
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
		sweep_become_binary(s);
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
	sweep_window(s, text, length);
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
	reader_rest(&s->reader);
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
