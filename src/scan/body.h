/*
 * The text of a line being put together, of plain pieces and matches: trimmed,
 * with matches replaced, cut where enough was shown; or only measured.
 *
 * In the worker; part of show.
 */
#ifndef SCAN_BODY_H
#define SCAN_BODY_H

#include "scan/show.h"

struct body {
	const struct show *show;
	bool counting;   /* it is only measured */
	bool trimming;   /* nothing but blanks came so far */
	bool limited;
	uint64_t left;   /* if so: characters that may still come */
	uint64_t length; /* bytes that came */
	uint64_t matches, hidden; /* of them, those of which nothing came */
};

/* A whole line. */
void body_line(struct body *b, const struct line *line);

/* The match that was found last, alone. */
void body_match(struct body *b, const struct line *line, const struct span *match);

/* How many blanks a text starts with. */
size_t body_blanks(const char *text, size_t length);

/* Whether a line has matches: those of a search for other lines are the context. */
static inline bool
body_is_matching(const struct show *s, const struct line *line)
{
	return line->context == s->options->invert;
}

#endif
