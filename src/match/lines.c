#include "lines.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "accel.h"
#include "find.h"
#include "literals.h"

/* Whether any unit of PCRE2 selects a line by itself. */
static bool
any_selects(struct matcher *m, const struct subject *line)
{
	struct span ignored;

	for (size_t i = 0; i < m->units; i++)
		if (find_of_unit(m, i, line, 0, &ignored))
			return true;
	return false;
}

/* The next line that the units of PCRE2 select, of those that have what these require. */
static bool
next_required(struct matcher *m, const struct matcher_text *t, size_t from, struct span *line)
{
	size_t word;

	for (; literals_find_any(m->required, m->data, t->bytes, t->length, from,
	    t->kind == TEXT_ASCII, &word); from = line->end + 1) {
		struct subject s = { .kind = t->kind };

		find_line(m, t, from, word, line);
		s.bytes = t->bytes + line->start;
		s.length = line->end - line->start;
		if (any_selects(m, &s))
			return true;
		if (line->end == t->length)
			break;
	}
	return false;
}

static bool
next_by_line(struct matcher *m, const struct matcher_text *t, size_t from, struct span *line)
{
	struct span ignored;

	for (; from < t->length; from = line->end + 1) {
		struct subject s = { .kind = t->kind };

		find_line(m, t, from, from, line);
		s.bytes = t->bytes + line->start;
		s.length = line->end - line->start;
		if ((m->literals != NULL && find_of_unit(m, m->units, &s, 0, &ignored)) || any_selects(m, &s))
			return true;
	}
	return false;
}

enum next { NEXT_NONE, NEXT_FOUND, NEXT_TOO_MUCH };

enum {
	REFUSED_MIN = 64,        /* lines: so many may be proposed in vain in any case */
	REFUSED_DISTANCE = 128,  /* bytes from one to the next, at least, to be worth it */
};

/* What was proposed is not selected. */
static void
refuse(struct matcher *m, struct matcher_text *t, const struct span *line)
{
	/* What is left may be quicker if PCRE2 goes through it at once. */
	if (++t->refused >= REFUSED_MIN && t->refused * REFUSED_DISTANCE > line->end)
		t->unproposed = m->plan != PLAN_LINE;
}

/* As the kernel's search for a line with a needle, of one that has the shape. */
static bool
next_shaped(struct matcher *m, struct matcher_text *t, size_t from, struct span *line)
{
	size_t at;

	/* A text is another one, or may have changed, only where from is no higher than it was. */
	if (from <= m->shaped->from)
		shape_search_start(m->shaped, t->bytes, t->length,
		    m->shape->beyond && t->kind != TEXT_ASCII);
	m->shaped->from = from;
	if (!m->kernel->shape(m->shape, m->shaped, from, &at))
		return false;
	find_line(m, t, from, at, line);
	if (t->counting && t->counted == from) {
		t->counted = line->start;
		t->terminators += m->kernel->count(t->bytes + from, line->start - from, m->terminator);
	}
	return true;
}

/*
 * The next line, of those that have the shape, or a needle.  NEXT_TOO_MUCH: as
 * far as line there is none, and for the rest these are no good.
 */
static enum next
next_candidate(struct matcher *m, struct matcher_text *t, size_t from, struct span *line)
{
	while (from < t->length && (m->shape != NULL ? next_shaped(m, t, from, line)
	    : m->kernel->line(m->needles[t->kind], t, from, line))) {
		struct subject s = { t->bytes + line->start, line->end - line->start, t->kind };

		if (any_selects(m, &s))
			return NEXT_FOUND;
		from = line->end + 1;
		if (t->counting)
			matcher_pass(t, line);
		refuse(m, t, line);
		if (t->unproposed)
			return NEXT_TOO_MUCH;
	}
	return NEXT_NONE;
}

/* Whether a match in the buffer is one of its line alone. */
static bool
holds_alone(struct matcher *m, size_t unit, const struct matcher_text *t, const struct span *line)
{
	const struct subject alone = { t->bytes + line->start, line->end - line->start, t->kind };
	struct span ignored;

	return m->plan == PLAN_BUFFER || find_of_unit(m, unit, &alone, 0, &ignored);
}

/* The next line that a unit of PCRE2 selects, the buffer being searched at once. */
static enum next
next_in_buffer(struct matcher *m, size_t unit, const struct matcher_text *t, size_t from,
    struct span *line)
{
	const struct subject s = { t->bytes, t->length, t->kind };

	while (from < t->length) {
		int rc = find_run(m, unit, &s, from);
		size_t at;

		if (rc < 0)
			return rc == PCRE2_ERROR_NOMATCH ? NEXT_NONE : NEXT_TOO_MUCH;
		at = find_span(m).start;
		/* An empty match behind the last terminator is in no line. */
		if (at == t->length && t->bytes[at - 1] == m->terminator)
			return NEXT_NONE;
		find_line(m, t, from, at, line);
		if (holds_alone(m, unit, t, line))
			return NEXT_FOUND;
		from = line->end + 1;
	}
	return NEXT_NONE;
}

/* The next line that has one of the words. */
static enum next
next_literal(struct matcher *m, const struct matcher_text *t, size_t from, struct span *line)
{
	size_t at;

	if (!literals_find_any(m->literals, m->data, t->bytes, t->length, from,
	    t->kind == TEXT_ASCII, &at) || (at == t->length && t->bytes[at - 1] == m->terminator))
		return NEXT_NONE;
	find_line(m, t, from, at, line);
	return NEXT_FOUND;
}

/*
 * The next line of one of those who are asked: the literals, which come
 * first, then all of PCRE2 if there is what they require, else each unit.
 */
static enum next
ask(struct matcher *m, size_t who, const struct matcher_text *t, size_t from, struct span *line)
{
	if (m->literals != NULL && who-- == 0)
		return next_literal(m, t, from, line);
	if (m->required != NULL)
		return next_required(m, t, from, line) ? NEXT_FOUND : NEXT_NONE;
	return next_in_buffer(m, who, t, from, line);
}

/*
 * What is known to come next in the text need not be found again.  from is 0 where
 * others were asked first: what is known then is of the text before.
 */
static void
start_asking(struct matcher *m, size_t from)
{
	if (from <= m->asked)
		for (size_t i = 0; i <= m->units; i++)
			m->ahead[i].known = false;
	m->asked = from;
}

static enum next
next_of(struct matcher *m, size_t who, const struct matcher_text *t, size_t from)
{
	struct ahead *a = &m->ahead[who];
	enum next next;

	if (a->known && (a->none || a->found.start >= from))
		return a->none ? NEXT_NONE : NEXT_FOUND;
	next = ask(m, who, t, from, &a->found);
	a->known = next != NEXT_TOO_MUCH;
	a->none = next == NEXT_NONE;
	return next;
}

/* The next line of any of those who are asked. */
static enum next
next_of_all(struct matcher *m, const struct matcher_text *t, size_t from, struct span *line)
{
	size_t all = (m->literals != NULL) + (m->required != NULL ? 1 : m->units);
	bool found = false;

	if (m->single && m->required == NULL)
		return next_in_buffer(m, 0, t, from, line);
	if (all == 1)
		return ask(m, 0, t, from, line);
	start_asking(m, from);
	for (size_t i = 0; i < all; i++) {
		enum next next = next_of(m, i, t, from);

		if (next == NEXT_TOO_MUCH)
			return next;
		if (next == NEXT_FOUND && (!found || m->ahead[i].found.start < line->start))
			*line = m->ahead[i].found;
		found |= next == NEXT_FOUND;
	}
	return found ? NEXT_FOUND : NEXT_NONE;
}

static bool
next_by_pattern(struct matcher *m, struct matcher_text *t, size_t from, struct span *line)
{
	/* What is required leads to lines anyway. */
	bool at_once = m->plan != PLAN_LINE || (m->required != NULL && m->literals == NULL);

	if (at_once && !t->line_by_line) {
		enum next next = from < t->length ? next_of_all(m, t, from, line) : NEXT_NONE;

		if (next != NEXT_TOO_MUCH)
			return next == NEXT_FOUND;
		t->line_by_line = true;
	}
	return next_by_line(m, t, from, line);
}

/* The next line that PCRE2 selects of those that the accelerator proposes. */
static enum next
next_proposed(struct matcher *m, struct matcher_text *t, size_t from, struct span *line)
{
	for (; from < t->length; from = line->end + 1) {
		enum accel_next next = accel_search_next(m->proposals, t, from, line);
		struct subject s = { .kind = t->kind };

		if (next == ACCEL_NONE)
			break;
		if (next == ACCEL_GAVE_UP) {
			t->unaided = true;
			start_asking(m, 0);
			return NEXT_TOO_MUCH;
		}
		s.bytes = t->bytes + line->start;
		s.length = line->end - line->start;
		if (any_selects(m, &s))
			return NEXT_FOUND;
	}
	return NEXT_NONE;
}

bool
lines_next(struct matcher *m, struct matcher_text *t, size_t from, struct span *line)
{
	const struct needles *needles = m->needles[t->kind];

	if (m->proposals != NULL && !t->unaided) {
		enum next next = next_proposed(m, t, from, line);

		if (next != NEXT_TOO_MUCH)
			return next == NEXT_FOUND;
	}
	if (needles->decide)
		return from < t->length && m->kernel->line(needles, t, from, line);
	if ((needles->count > 0 || m->shape != NULL) && !t->unproposed) {
		enum next next = next_candidate(m, t, from, line);

		if (next != NEXT_TOO_MUCH)
			return next == NEXT_FOUND;
		start_asking(m, 0);
		from = line->end + 1;
	}
	return next_by_pattern(m, t, from, line);
}
