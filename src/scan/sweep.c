#include "sweep.h"

#include <string.h>

#include "match/matcher.h"
#include "shm/lane_worker.h"

void
sweep_become_binary(struct search *s)
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
		sweep_become_binary(s);
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
sweep_inverted(struct search *s)
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
sweep_lines(struct search *s, char *text, size_t length)
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
sweep_blocks(struct search *s)
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

void
sweep_window(struct search *s, char *text, size_t length)
{
	bool may = may_select(s);

	if (must_check_nuls(s) || (may && !pattern_ignores_nul(s->pattern)))
		check_nuls(s, text, length);
	if (!may || !selection_goes_on(&s->selection))
		return;
	/* Lines of context may be looked at, too. */
	classify(s);
	if (s->options->multiline)
		sweep_blocks(s);
	else if (s->options->invert)
		sweep_inverted(s);
	else
		sweep_lines(s, text, length);
}
