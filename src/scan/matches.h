/*
 * The matches within a line, one after the other, in the worker.
 *
 * An empty match right behind another match is none, as in ripgrep and most
 * languages: "x*" matches "x" once.
 *
 * With --multiline matches are looked for in the whole text.  They then go
 * through it stretch by stretch, as of lines: of a match that goes over
 * several of them each is given its part.
 */
#ifndef SCAN_MATCHES_H
#define SCAN_MATCHES_H

#include <stdint.h>

#include "match/matcher.h"

struct matches {
	struct matcher *matcher;
	enum text_kind kind;
	const char *text;
	size_t length;
	size_t at;  /* where to go on */
	size_t end; /* of the last match; SIZE_MAX: none yet */
	/* With --multiline at and end are offsets in the whole text. */
	struct matcher_text *whole; /* or NULL */
	size_t base;       /* offset of the stretch in it */
	size_t clip;       /* where a match ends for it, at most */
	struct span found; /* the current match, in the whole text */
	bool has;          /* there is one, of which parts are left */
	bool left;         /* the stretch is: the match goes on behind it */
	bool continued;    /* the last part given is not the match's first */
};

static inline void
matches_start(struct matches *m, struct matcher *matcher, enum text_kind kind, const char *text,
    size_t length)
{
	m->matcher = matcher;
	m->kind = kind;
	m->text = text;
	m->length = length;
	m->at = 0;
	m->end = SIZE_MAX;
	m->whole = NULL;
	m->continued = false;
}

/* In the whole text, from an offset on where a line starts. A stretch must be chosen. */
void matches_start_whole(struct matches *m, struct matcher *matcher, struct matcher_text *whole,
    size_t from);

/* The next stretch of the whole text: matches start in its length bytes, or right behind, and end
 * within clip bytes. */
void matches_stretch(struct matches *m, size_t base, size_t length, size_t clip);

/* As matches_next, of a stretch. */
bool matches_next_part(struct matches *m, struct span *match);

/* The next match, offsets within the line. Returns whether there is one. */
static inline bool
matches_next(struct matches *m, struct span *match)
{
	if (m->whole != NULL)
		return matches_next_part(m, match);
	while (m->at <= m->length &&
	    matcher_within(m->matcher, m->kind, m->text, m->length, m->at, match)) {
		size_t before = m->end;

		m->at = m->end = match->end;
		if (match->end > match->start)
			return true;
		m->at = matcher_after_empty(m->matcher, m->kind, m->text, m->length, match->end);
		if (match->end != before)
			return true;
	}
	return false;
}

#endif
