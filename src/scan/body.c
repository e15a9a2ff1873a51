#include "body.h"

#include <string.h>

#include "match/replacement.h"
#include "scan/matches.h"

enum piece { PIECE_BEFORE, PIECE_MATCH, PIECE_REST };

size_t
body_blanks(const char *text, size_t length)
{
	size_t count = 0;

	while (count < length && memchr(" \t\n\v\f\r", text[count], 6) != NULL)
		count++;
	return count;
}

/* How many bytes the first *characters of a text are, which are counted down. */
static size_t
start_of(const char *text, size_t length, uint64_t *characters)
{
	size_t at = 0;

	for (; at < length; at++) {
		if ((text[at] & 0xc0) == 0x80)
			continue;
		if (*characters == 0)
			break;
		--*characters;
	}
	return at;
}

static void
put(struct body *b, enum piece piece, const char *text, size_t length)
{
	if (b->trimming) {
		size_t skipped = body_blanks(text, length);

		b->trimming = skipped == length;
		text += skipped;
		length -= skipped;
	}
	if (b->limited)
		length = start_of(text, length, &b->left);
	b->length += length;
	if (b->counting)
		return;
	if (piece == PIECE_BEFORE)
		format_before(b->show->format, text, length);
	else if (piece == PIECE_MATCH)
		format_raw(b->show->format, text, length);
	else
		format_rest(b->show->format, text, length);
}

static void
put_replacement(void *body, const char *text, size_t length)
{
	put(body, PIECE_MATCH, text, length);
}

/* Nothing more will come of it. */
static bool
is_full(const struct body *b)
{
	return b->limited && !b->counting && b->left == 0;
}

void
body_match(struct body *b, const struct line *line, const struct span *match)
{
	const struct show *s = b->show;
	bool shown = !b->counting && !is_full(b);

	if (shown)
		format_match_begin(s->format);
	if (s->options->replacement != NULL)
		matcher_replace(s->matcher, line->bytes, s->options->replacement, put_replacement, b);
	else
		put(b, PIECE_MATCH, line->bytes + match->start, match->end - match->start);
	if (shown)
		format_match_end(s->format);
}

/* Whether matches are told apart, whatever their colour. */
static bool
tells_matches(const struct show_options *o)
{
	return o->column || o->each || o->matches || o->replacement != NULL;
}

/* Whether the matches of a line must be found. */
static bool
needs_matches(const struct body *b, bool context)
{
	const struct show *s = b->show;

	if (s->options->replacement != NULL)
		return true;
	if ((b->counting || b->limited) && tells_matches(s->options))
		return true;
	return !b->counting && format_colors_matches(s->format, context);
}

void
body_line(struct body *b, const struct line *line)
{
	const struct show *s = b->show;
	const struct show_options *o = s->options;
	struct matches all;
	struct span match;
	size_t written = 0;

	if (body_is_matching(s, line) && needs_matches(b, line->context)) {
		show_matches(s, line, &all);
		while (!is_full(b) && matches_next(&all, &match)) {
			b->matches++;
			if (match.start == match.end && o->replacement == NULL && !b->limited)
				continue;
			put(b, PIECE_BEFORE, line->bytes + written, match.start - written);
			b->hidden += b->limited && b->left == 0;
			body_match(b, line, &match);
			written = match.end;
		}
	}
	put(b, PIECE_REST, line->bytes + written, line->length - written);
}
