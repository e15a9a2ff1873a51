#include "show.h"

#include <stdio.h>
#include <string.h>

#include "emit/json.h"
#include "match/replacement.h"
#include "scan/body.h"
#include "scan/matches.h"

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

/* Whether a text of so many bytes is too long to be shown whole. */
static bool
is_long(const struct show *s, uint64_t length)
{
	return s->options->max_columns > 0 && length > s->options->max_columns;
}

/* What there is too much of a line. */
struct excess {
	bool any;         /* it is too long */
	uint64_t matches; /* in it, if they are told apart */
	uint64_t hidden;  /* of them, those behind its start that is shown */
};

/* Once for a line, however often it is shown. */
static struct excess
measure(const struct show *s, const struct line *line)
{
	const struct show_options *o = s->options;
	struct body all = { .show = s, .counting = true, .trimming = o->trim };
	struct body start = { .show = s, .counting = true, .trimming = o->trim, .limited = true,
		.left = o->max_columns };
	struct excess e = { 0 };

	/* What is taken away or put in its place may make it shorter. */
	if (o->max_columns == 0 ||
	    (o->replacement == NULL && !is_long(s, line->length + line->ended)))
		return e;
	body_line(&all, line);
	e.any = is_long(s, all.length + line->ended);
	e.matches = all.matches;
	if (e.any && o->preview && e.matches > 0) {
		body_line(&start, line);
		e.hidden = start.hidden;
	}
	return e;
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
show_whole(const struct show *s, const struct line *line, const struct format_head *head,
    const struct excess *e)
{
	const struct show_options *o = s->options;
	struct body body = { .show = s, .trimming = o->trim, .limited = e->any,
		.left = o->max_columns };

	format_begin(s->format, head);
	if (e->any && !o->preview) {
		put_omission(s, line, e->matches);
	} else {
		body_line(&body, line);
		if (e->any)
			put_end_of_preview(s, e->matches > 0, e->hidden);
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
		body_match(&count, line, match);
	if (is_long(s, count.length) && !o->preview) {
		put_omission(s, line, 1);
	} else {
		body.limited = is_long(s, count.length);
		body.left = o->max_columns;
		body_match(&body, line, match);
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

	body_match(&count, line, match);
	return count.length;
}

/* Columns and offsets are those of the line as it is shown. */
static void
show_each(const struct show *s, const struct line *line)
{
	const struct show_options *o = s->options;
	struct format_head head = { .number = line->number, .context = line->context };
	struct excess excess = { 0 };
	struct matches all;
	struct span match;
	uint64_t longer = 0; /* by what was replaced; as if below 0, too */

	if (!o->matches)
		excess = measure(s, line);
	show_matches(s, line, &all);
	while (matches_next(&all, &match)) {
		size_t length = match.end - match.start;
		uint64_t shown = o->replacement == NULL ? length : shown_length(s, line, &match);

		head.offset = line->offset + match.start + longer;
		head.column = o->column ? match.start + longer + 1 : 0;
		head.empty = o->matches ? shown == 0 : line->length == 0;
		longer += shown - length;
		if (!o->matches && !all.continued)
			show_whole(s, line, &head, &excess);
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

	if (!s->options->column || !body_is_matching(s, line))
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
	if (body_is_matching(s, line)) {
		show_matches(s, line, &all);
		while (matches_next(&all, &match))
			put_message_match(s, line, &match);
	}
	json_end(s->json);
}

/* Not each match of it. */
static void
show_once(const struct show *s, const struct line *line)
{
	const struct format_head head = { .number = line->number, .offset = line->offset,
		.column = first_column(s, line), .context = line->context,
		.empty = line->length == 0 };
	const struct excess excess = measure(s, line);

	show_whole(s, line, &head, &excess);
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
	else if (s->plain_matches && line->matches == NULL && body_is_matching(s, line))
		show_plain_matches(s, line);
	else if (body_is_matching(s, line) && (o->matches || o->each))
		show_each(s, line);
	else if (!o->matches || o->passthru)
		show_once(s, line);
}
