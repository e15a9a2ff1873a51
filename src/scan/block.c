#include <string.h>

#include "match/replacement.h"
#include "scan/body.h"
#include "scan/matches.h"

/* Text with line ends in it that is written line by line. */
struct lines {
	const struct show *show;
	const struct line *block;
	bool within;     /* a line is begun */
	bool trimming;   /* and nothing but blanks came of it */
	uint64_t number; /* of the line in hand, or the next */
	uint64_t length; /* bytes that came */
	uint64_t column; /* that is told of the next line, or 0 */
};

static void
begin_line(struct lines *l)
{
	const struct show *s = l->show;

	format_begin(s->format, &(struct format_head){ .number = l->number,
		.offset = l->block->offset + l->length, .column = l->column,
		.context = l->block->context });
	l->within = true;
	l->trimming = s->options->trim;
}

static void
end_line(struct lines *l)
{
	if (!l->within)
		return;
	format_end(l->show->format);
	l->within = false;
	l->number++;
	l->column = l->show->options->column;
}

/* Part of one line. */
static void
put_part(struct lines *l, const char *text, size_t length, bool match)
{
	size_t skipped = l->trimming ? body_blanks(text, length) : 0;

	l->trimming &= skipped == length;
	if (skipped == length)
		return;
	if (match)
		format_match_begin(l->show->format);
	format_raw(l->show->format, text + skipped, length - skipped);
	if (match)
		format_match_end(l->show->format);
}

static void
put(struct lines *l, const char *text, size_t length, bool match)
{
	char terminator = l->show->format->options->terminator;

	while (length > 0) {
		const char *end = memchr(text, terminator, length);
		size_t part = end == NULL ? length : (size_t)(end - text);

		if (!l->within)
			begin_line(l);
		put_part(l, text, part, match);
		l->length += part + (end != NULL);
		if (end != NULL)
			end_line(l);
		text += part + (end != NULL);
		length -= part + (end != NULL);
	}
}

static void
put_replacement(void *lines, const char *text, size_t length)
{
	put(lines, text, length, true);
}

/* All lines, or with -o the matches, with matches replaced: there may then be more lines, or fewer. */
static void
show_replaced(const struct show *s, const struct line *block)
{
	struct lines l = { .show = s, .block = block, .number = block->number };
	size_t written = 0, length = block->length + block->ended;
	bool only = s->options->matches;
	struct matches all;
	struct span match;

	show_matches(s, block, &all);
	while (matches_next(&all, &match)) {
		if (l.length == 0 && s->options->column)
			l.column = match.start + 1;
		if (!only)
			put(&l, block->bytes + written, match.start - written, false);
		matcher_replace(s->matcher, block->whole->bytes, s->options->replacement,
		    put_replacement, &l);
		if (only)
			end_line(&l);
		written = match.end;
	}
	if (!only)
		put(&l, block->bytes + written, length - written, false);
	end_line(&l);
}

/* Each with its parts of the matches. */
static void
show_lines(struct show *s, const struct line *block)
{
	char terminator = s->format->options->terminator;
	struct matches all;
	struct span ignored;
	size_t base = (size_t)(block->bytes - block->whole->bytes), at = 0;
	struct line line = *block;

	matches_start_whole(&all, s->matcher, block->whole, base);
	line.whole = NULL;
	line.matches = &all;
	do {
		const char *end = memchr(block->bytes + at, terminator, block->length - at);

		line.bytes = block->bytes + at;
		line.length = end == NULL ? block->length - at : (size_t)(end - line.bytes);
		line.ended = end != NULL || block->ended;
		line.offset = block->offset + at;
		matches_stretch(&all, base + at, line.length, line.length);
		show_line(s, &line);
		while (matches_next(&all, &ignored))
			;
		at += line.length + 1;
		line.number++;
	} while (at <= block->length);
}

void
show_block(struct show *s, const struct line *block)
{
	if (s->options->replacement != NULL)
		show_replaced(s, block);
	else
		show_lines(s, block);
}
