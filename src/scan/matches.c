#include "matches.h"

void
matches_start_whole(struct matches *m, struct matcher *matcher, struct matcher_text *whole,
    size_t from)
{
	matches_start(m, matcher, whole->kind, NULL, 0);
	m->whole = whole;
	m->at = from;
	m->has = m->left = false;
}

void
matches_stretch(struct matches *m, size_t base, size_t length, size_t clip)
{
	m->text = m->whole->bytes + base;
	m->base = base;
	m->length = length;
	m->clip = clip;
	m->left = false;
}

/* The next match in the whole text. */
static bool
find(struct matches *m)
{
	struct matcher_text *t = m->whole;

	while (m->at <= t->length && matcher_block(m->matcher, t, m->at, &m->found)) {
		size_t before = m->end;

		m->at = m->end = m->found.end;
		if (m->found.end > m->found.start)
			return true;
		m->at = matcher_after_empty(m->matcher, t->kind, t->bytes, t->length, m->found.end);
		if (m->found.end != before)
			return true;
	}
	m->at = SIZE_MAX;
	return false;
}

bool
matches_next_part(struct matches *m, struct span *match)
{
	const struct span *found = &m->found;
	size_t end = m->base + m->clip;

	if (m->left)
		return false;
	/* What ends with the end of the line before has no part in this one. */
	while (!m->has || (found->end <= m->base && found->start < m->base))
		if (!(m->has = find(m)))
			return false;
	if (found->start > m->base + m->length)
		return false;
	m->continued = found->start < m->base;
	match->start = m->continued ? 0 : found->start - m->base;
	match->end = found->end < end ? found->end - m->base : m->clip;
	/* A line's end, behind clip, is no part of any line. */
	m->left = found->end > end + 1;
	m->has = m->left;
	return true;
}
