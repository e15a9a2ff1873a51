#include "show.h"

#include <stdio.h>
#include <string.h>

#include "emit/json.h"
#include "match/replacement.h"
#include "scan/matches.h"

/* The text of a line being put together, of plain pieces and matches. */
struct body {
	const struct show *show;
	bool counting;   /* it is only measured */
	bool trimming;   /* nothing but blanks came so far */
	bool limited;
	uint64_t left;   /* if so: characters that may still come */
	uint64_t length; /* bytes that came */
	uint64_t matches, hidden; /* of them, those of which nothing came */
};

enum piece { PIECE_BEFORE, PIECE_MATCH, PIECE_REST };

void
show_init(struct show *s, const struct show_options *options, struct format *format,
    struct json *json, struct matcher *matcher)
{
	*s = (struct show){ .options = options, .format = format, .json = json,
		.matcher = matcher };
	s->plain = json == NULL && !options->each && !options->column && !options->trim &&
	    options->max_columns == 0 && options->replacement == NULL &&
	    format->options->colors == NULL && !format->options->offsets;
	s->plain_matches = s->plain && options->matches;
	s->plain &= !options->matches;
}

/* Whether a line has matches: those of a search for other lines are the context. */
static bool
is_matching(const struct show *s, const struct line *line)
{
	return line->context == s->options->invert;
}

void
show_matches(const struct show *s, const struct line *line, struct matches *all)
{
	if (line->matches != NULL) {
		*all = *line->matches;
	} else if (line->whole != NULL) {
		size_t base = (size_t)(line->bytes - line->whole->bytes);

		matches_start_whole(all, s->matcher, line->whole, base);
		matches_stretch(all, base, line->length, line->length + line->ended);
	} else {
		matches_start(all, s->matcher, line->kind, line->bytes, line->length);
	}
}

/* Whether matches are told apart, whatever their colour. */
static bool
tells_matches(const struct show_options *o)
{
	return o->column || o->each || o->matches || o->replacement != NULL;
}

size_t
show_blanks(const char *text, size_t length)
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
		size_t skipped = show_blanks(text, length);

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

/* The match that was found last. */
static void
put_match(struct body *b, const struct line *line, const struct span *match)
{
	const struct show *s = b->show;
	bool shown = !b->counting && !(b->limited && b->left == 0);

	if (shown)
		format_match_begin(s->format);
	if (s->options->replacement != NULL)
		matcher_replace(s->matcher, line->bytes, s->options->replacement, put_replacement, b);
	else
		put(b, PIECE_MATCH, line->bytes + match->start, match->end - match->start);
	if (shown)
		format_match_end(s->format);
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

/* A whole line. */
static void
put_line(struct body *b, const struct line *line)
{
	const struct show *s = b->show;
	const struct show_options *o = s->options;
	struct matches all;
	struct span match;
	size_t written = 0;

	if (is_matching(s, line) && needs_matches(b, line->context)) {
		show_matches(s, line, &all);
		while (matches_next(&all, &match)) {
			b->matches++;
			if (match.start == match.end && o->replacement == NULL && !b->limited)
				continue;
			put(b, PIECE_BEFORE, line->bytes + written, match.start - written);
			b->hidden += b->limited && b->left == 0;
			put_match(b, line, &match);
			written = match.end;
		}
	}
	put(b, PIECE_REST, line->bytes + written, line->length - written);
}

/* Whether a text of so many bytes is too long to be shown whole. */
static bool
is_long(const struct show *s, uint64_t length)
{
	return s->options->max_columns > 0 && length > s->options->max_columns;
}

/* Whether a line is too long. Counts its matches, if they are told apart. */
static bool
line_is_long(const struct show *s, const struct line *line, uint64_t *matches)
{
	const struct show_options *o = s->options;
	struct body count = { .show = s, .counting = true, .trimming = o->trim };

	*matches = 0;
	/* What is taken away or put in its place may make it shorter. */
	if (o->max_columns == 0 ||
	    (o->replacement == NULL && !is_long(s, line->length + line->ended)))
		return false;
	put_line(&count, line);
	*matches = count.matches;
	return is_long(s, count.length + line->ended);
}

static void
put_words(const struct show *s, const char *words)
{
	format_raw(s->format, words, strlen(words));
}

/* What stands for a line that is too long. */
static void
put_omission(const struct show *s, const struct line *line, uint64_t matches)
{
	char words[64];

	if (matches > 0 && !s->options->matches) {
		snprintf(words, sizeof(words), "[Omitted long line with %ju matches]",
		    (uintmax_t)matches);
		put_words(s, words);
	} else {
		put_words(s, line->context ? "[Omitted long context line]"
		    : "[Omitted long matching line]");
	}
}

/* What stands behind its start; hidden: the matches behind it, or none is told apart. */
static void
put_end_of_preview(const struct show *s, bool told, uint64_t hidden)
{
	char words[64];

	if (told)
		snprintf(words, sizeof(words), " [... %ju more match%s]", (uintmax_t)hidden,
		    hidden == 1 ? "" : "es");
	else
		snprintf(words, sizeof(words), " [... omitted end of long line]");
	put_words(s, words);
}

static void
show_whole(const struct show *s, const struct line *line, const struct format_head *head)
{
	const struct show_options *o = s->options;
	struct body body = { .show = s, .trimming = o->trim };
	uint64_t matches;

	format_begin(s->format, head);
	if (!line_is_long(s, line, &matches)) {
		put_line(&body, line);
	} else if (!o->preview) {
		put_omission(s, line, matches);
	} else {
		body.limited = true;
		body.left = o->max_columns;
		put_line(&body, line);
		put_end_of_preview(s, matches > 0, body.hidden);
	}
	format_end(s->format);
}

/* The match that was found last, on a line of its own. */
static void
show_match(const struct show *s, const struct line *line, const struct format_head *head,
    const struct span *match)
{
	const struct show_options *o = s->options;
	struct body count = { .show = s, .counting = true, .trimming = o->trim };
	struct body body = { .show = s, .trimming = o->trim };

	format_begin(s->format, head);
	if (o->max_columns > 0)
		put_match(&count, line, match);
	if (is_long(s, count.length) && !o->preview) {
		put_omission(s, line, 1);
	} else {
		body.limited = is_long(s, count.length);
		body.left = o->max_columns;
		put_match(&body, line, match);
		if (body.limited)
			put_end_of_preview(s, true, 0);
	}
	format_end(s->format);
}

/* The length of what is shown for the match that was found last. */
static uint64_t
shown_length(const struct show *s, const struct line *line, const struct span *match)
{
	struct body count = { .show = s, .counting = true };

	put_match(&count, line, match);
	return count.length;
}

/* Columns and offsets are those of the line as it is shown. */
static void
show_each(const struct show *s, const struct line *line)
{
	const struct show_options *o = s->options;
	struct format_head head = { .number = line->number, .context = line->context };
	struct matches all;
	struct span match;
	uint64_t longer = 0; /* by what was replaced; as if below 0, too */

	show_matches(s, line, &all);
	while (matches_next(&all, &match)) {
		size_t length = match.end - match.start;
		uint64_t shown = o->replacement == NULL ? length : shown_length(s, line, &match);

		head.offset = line->offset + match.start + longer;
		head.column = o->column ? match.start + longer + 1 : 0;
		head.empty = o->matches ? shown == 0 : line->length == 0;
		longer += shown - length;
		if (!o->matches && !all.continued)
			show_whole(s, line, &head);
		else if (o->matches && (length > 0 || o->replacement != NULL))
			show_match(s, line, &head, &match);
	}
}

/* Nothing is said of them but the line's number. Empty ones are not shown. */
static void
show_plain_matches(const struct show *s, const struct line *line)
{
	struct span match;
	size_t at = 0;

	while (at <= line->length && matcher_within(s->matcher, line->kind, line->bytes,
	    line->length, at, &match)) {
		at = match.end;
		if (match.end > match.start)
			format_line(s->format, line->context, line->number,
			    line->bytes + match.start, match.end - match.start);
		else
			at = matcher_after_empty(s->matcher, line->kind, line->bytes, line->length,
			    match.end);
	}
}

/* Where the first match is. */
static uint64_t
first_column(const struct show *s, const struct line *line)
{
	struct matches all;
	struct span match;

	if (!s->options->column || !is_matching(s, line))
		return 0;
	show_matches(s, line, &all);
	return matches_next(&all, &match) ? match.start + 1 : 0;
}

static void
put_message_match(const struct show *s, const struct line *line, const struct span *match)
{
	const char *subject = line->whole != NULL ? line->whole->bytes : line->bytes;

	json_match(s->json, line->bytes, match->start, match->end);
	if (s->options->replacement != NULL) {
		json_replacement(s->json, "", 0);
		matcher_replace(s->matcher, subject, s->options->replacement, json_replacement,
		    s->json);
	}
	json_match_end(s->json, match->start, match->end);
}

static void
show_message(const struct show *s, const struct line *line)
{
	const struct json_line message = { .bytes = line->bytes,
		.length = line->length + line->ended, .number = line->number,
		.offset = line->offset, .context = line->context };
	struct matches all;
	struct span match;

	json_begin(s->json, &message);
	if (is_matching(s, line)) {
		show_matches(s, line, &all);
		while (matches_next(&all, &match))
			put_message_match(s, line, &match);
	}
	json_end(s->json);
}

void
show_line(struct show *s, const struct line *line)
{
	const struct show_options *o = s->options;

	if (line->whole != NULL && s->json == NULL)
		show_block(s, line);
	else if (s->plain)
		format_line(s->format, line->context, line->number, line->bytes, line->length);
	else if (s->json != NULL)
		show_message(s, line);
	else if (s->plain_matches && line->matches == NULL && is_matching(s, line))
		show_plain_matches(s, line);
	else if (is_matching(s, line) && (o->matches || o->each))
		show_each(s, line);
	else if (!o->matches || o->passthru)
		show_whole(s, line, &(struct format_head){ .number = line->number,
			.offset = line->offset, .column = first_column(s, line),
			.context = line->context, .empty = line->length == 0 });
}
