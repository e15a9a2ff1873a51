#include "find.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "literals.h"

const void *
find_code(const struct matcher *m, size_t unit, enum text_kind kind)
{
	return unit == 0 ? m->first[kind] : pattern_code(m->pattern, unit, kind);
}

int
find_run(struct matcher *m, size_t unit, const struct subject *s, size_t from)
{
	const pcre2_code *code = find_code(m, unit, s->kind);
	/* Checked already, or compiled for anything. */
	const uint32_t options = s->kind == TEXT_BYTES ? 0 : PCRE2_NO_UTF_CHECK;
	PCRE2_SPTR text = (PCRE2_SPTR)s->bytes;
	int rc = PCRE2_ERROR_JIT_BADOPTION;

	if (m->direct)
		rc = pcre2_jit_match(code, text, s->length, from, options, m->data, m->context);
	if (rc == PCRE2_ERROR_JIT_BADOPTION)
		rc = pcre2_match(code, text, s->length, from, options, m->data, m->context);
	/* The interpreter backtracks on the heap, which may hold more. */
	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match(code, text, s->length, from, options | PCRE2_NO_JIT, m->data,
		    m->context);
	return rc;
}

struct span
find_span(const struct matcher *m)
{
	const size_t *ovector = pcre2_get_ovector_pointer(m->data);

	/* \K in a lookahead can put the start behind the end. */
	return (struct span){ ovector[0], ovector[1] < ovector[0] ? ovector[0] : ovector[1] };
}

/* Whether a match of the code that is not empty starts at an offset. */
static bool
starts_at(struct matcher *m, const pcre2_code *code, const struct subject *s, size_t at,
    pcre2_match_data *data)
{
	int rc = pcre2_match(code, (PCRE2_SPTR)s->bytes, s->length, at, PCRE2_ANCHORED |
	    PCRE2_NOTEMPTY | (s->kind == TEXT_BYTES ? 0 : PCRE2_NO_UTF_CHECK), data, m->context);

	m->gave_up |= rc < 0 && rc != PCRE2_ERROR_NOMATCH;
	return rc >= 0;
}

/*
 * Whether an empty match with grep's -w, which m->data has, may stand: not if
 * another one starts there.  If that one is a whole word, it is the match.
 */
static bool
may_stand(struct matcher *m, size_t unit, const struct subject *s, struct span *match)
{
	const pcre2_code *rival = pattern_rival(m->pattern, s->kind);

	if (rival == NULL || !starts_at(m, rival, s, match->start, m->other))
		return true;
	if (!starts_at(m, find_code(m, unit, s->kind), s, match->start, m->data))
		return false;
	*match = find_span(m);
	return true;
}

bool
find_of_unit(struct matcher *m, size_t unit, const struct subject *s, size_t from, struct span *match)
{
	if (unit == m->units)
		return literals_find(m->literals, m->data, s->bytes, s->length, from, match);
	while (from <= s->length) {
		int rc = find_run(m, unit, s, from);

		if (rc < 0) {
			m->gave_up |= rc != PCRE2_ERROR_NOMATCH;
			return false;
		}
		*match = find_span(m);
		if (match->end > match->start || may_stand(m, unit, s, match))
			return true;
		from = matcher_after_empty(m, s->kind, s->bytes, s->length, match->start);
	}
	return false;
}

/* The start of the character before an offset; the offset itself if none is before it. */
static size_t
character_before(const char *bytes, size_t at)
{
	for (size_t n = 1; n <= 4 && n <= at; n++)
		if (text_sequence(bytes + at - n, n) == n)
			return at - n;
	return at;
}

/* The end of what is UTF-8 from an offset on, or a place at most behind it. */
static size_t
characters_until(const struct subject *s, size_t at, size_t limit)
{
	size_t n;

	for (; at < limit; at += n) {
		n = text_sequence(s->bytes + at, s->length - at);
		if (n == 0)
			break;
	}
	return at;
}

/* Makes room for more ways to go on. Returns whether it could. */
static bool
grow_workspace(struct matcher *m)
{
	size_t size = 4 * m->workspace_size;
	int *bigger;

	if (size > FIND_WORKSPACE_MAX)
		return false;
	bigger = reallocarray(m->workspace, size, sizeof(int));
	if (bigger == NULL)
		return false;
	m->workspace = bigger;
	m->workspace_size = size;
	return true;
}

static int
run_longest(struct matcher *m, size_t unit, const struct subject *s, size_t from, uint32_t options)
{
	int rc;

	do {
		rc = pcre2_dfa_match(find_code(m, unit, s->kind), (PCRE2_SPTR)s->bytes, s->length, from,
		    options | PCRE2_ANCHORED | PCRE2_NO_UTF_CHECK, m->other, m->context, m->workspace,
		    m->workspace_size);
	} while (rc == PCRE2_ERROR_DFA_WSSIZE && grow_workspace(m));
	return rc;
}

/*
 * The longest match at an offset in text that is not all UTF-8, of which
 * PCRE2's other engine takes only parts that are: one that grows until it
 * holds the match, with the character before it.
 */
static int
run_longest_in_part(struct matcher *m, size_t unit, const struct subject *s, size_t from,
    size_t *start)
{
	int rc = PCRE2_ERROR_PARTIAL;

	*start = character_before(s->bytes, from);
	for (size_t size = 1024; rc == PCRE2_ERROR_PARTIAL; size *= 8) {
		size_t limit = s->length - from > size ? from + size : s->length;
		size_t end = characters_until(s, from, limit);
		const struct subject part = { s->bytes + *start, end - *start, TEXT_UTF8 };
		uint32_t options = *start > 0 ? PCRE2_NOTBOL : 0;

		options |= end < s->length ? PCRE2_NOTEOL : 0;
		options |= end >= limit && end < s->length ? PCRE2_PARTIAL_HARD : 0;
		rc = run_longest(m, unit, &part, from - *start, options);
	}
	return rc;
}

/* The longest match of a unit that starts where the match does. */
static void
lengthen(struct matcher *m, size_t unit, const struct subject *s, struct span *match)
{
	size_t start = 0, end;
	int rc = s->kind == TEXT_BYTES && !pattern_ignores_kind(m->pattern)
	    ? run_longest_in_part(m, unit, s, match->start, &start)
	    : run_longest(m, unit, s, match->start, 0);

	if (rc < 0) {
		/* With back-references, which that engine does not have, the first match does. */
		m->gave_up |= rc != PCRE2_ERROR_NOMATCH && rc != PCRE2_ERROR_DFA_UITEM;
		return;
	}
	end = start + pcre2_get_ovector_pointer(m->other)[1];
	match->end = end > match->end ? end : match->end;
}

/* What is known to come next is of this subject only. */
static void
start_search(struct matcher *m, const struct subject *s, size_t from)
{
	bool same = m->searched.bytes == s->bytes && m->searched.length == s->length &&
	    m->searched.kind == s->kind && from > m->searched_from;

	/* In text that is not all UTF-8 it may matter where a search starts. */
	same &= pattern_is_steady(m->pattern) &&
	    (s->kind != TEXT_BYTES || pattern_ignores_kind(m->pattern));
	for (size_t i = 0; i <= m->units && !same; i++)
		m->coming[i].known = false;
	m->searched = *s;
	m->searched_from = from;
}

/* As find_of_unit, but what is known need not be found again: then there are no groups. */
static bool
next_of_unit(struct matcher *m, size_t unit, const struct subject *s, size_t from,
    struct span *match)
{
	struct coming *c = &m->coming[unit];
	bool gave_up = m->gave_up;

	if (!c->known || (!c->none && c->match.start < from)) {
		m->gave_up = false;
		c->none = !find_of_unit(m, unit, s, from, &c->match);
		c->known = !m->gave_up;
		m->gave_up |= gave_up;
	}
	*match = c->match;
	return !c->none;
}

/* The next match of each unit, of which the best is taken. */
static bool
choose(struct matcher *m, const struct subject *s, size_t from, struct span *match)
{
	bool longest = pattern_wants_longest(m->pattern), found = false;
	struct span next;

	for (size_t i = 0; i <= m->units; i++) {
		size_t unit = (i + m->units) % (m->units + 1);

		if ((unit == m->units && m->literals == NULL) || !next_of_unit(m, unit, s, from, &next))
			continue;
		if (found && (next.start > match->start ||
		    (next.start == match->start && (!longest || next.end <= match->end))))
			continue;
		found = true;
		*match = next;
		m->last_unit = unit;
	}
	return found;
}

static bool
find_best(struct matcher *m, const struct subject *s, size_t from, struct span *match)
{
	struct span again;

	start_search(m, s, from);
	if (!choose(m, s, from, match))
		return false;
	/* The best one's groups. */
	if (pattern_options(m->pattern)->groups && m->last_unit < m->units &&
	    !find_of_unit(m, m->last_unit, s, from, &again))
		return false;
	for (size_t i = 0; m->workspace != NULL && i < m->units; i++)
		lengthen(m, i, s, match);
	return true;
}

bool
find_match(struct matcher *m, const struct subject *s, size_t from, struct span *match)
{
	int rc;

	if (!m->single)
		return find_best(m, s, from, match);
	rc = find_run(m, 0, s, from);
	if (rc < 0) {
		m->gave_up |= rc != PCRE2_ERROR_NOMATCH;
		return false;
	}
	*match = find_span(m);
	return true;
}

void
find_line(const struct matcher *m, const struct matcher_text *t, size_t from, size_t at,
    struct span *line)
{
	const char *before = memrchr(t->bytes + from, m->terminator, at - from);
	const char *after = memchr(t->bytes + at, m->terminator, t->length - at);

	line->start = before ? (size_t)(before + 1 - t->bytes) : from;
	line->end = after ? (size_t)(after - t->bytes) : t->length;
}
