#include "matcher.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "literals.h"
#include "replacement.h"

enum {
	JIT_STACK_MIN = 32 * 1024,
	JIT_STACK_MAX = 1024 * 1024,
	HEAP_LIMIT_KIB = 32 * 1024,
	WORKSPACE = 4096, /* of the search for the longest match: ints */
};

/* The next line of one of those that are asked for lines: see ask. */
struct ahead {
	struct span found;
	bool known, none;
};

struct matcher {
	const struct pattern *pattern;
	const struct literals *literals, *required;
	size_t units;    /* of PCRE2 */
	const pcre2_code *first[TEXT_BYTES + 1]; /* the first unit's code, by kind of text */
	bool single;     /* it alone decides, as it finds matches */
	char terminator;
	enum pattern_plan plan;
	pcre2_match_data *data, *spare; /* of the last match, and one that may become it */
	pcre2_match_data *other;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	int *workspace;  /* or NULL: what is found first is the longest */
	struct ahead *ahead;
	size_t asked;        /* the last from */
	/* The last match. */
	size_t last_unit;
	struct span last;
	bool direct; /* run JIT code without pcre2_match's checks */
	bool gave_up;
};

static const pcre2_code *
code_of(const struct matcher *m, size_t unit, enum text_kind kind)
{
	return unit == 0 ? m->first[kind] : pattern_code(m->pattern, unit, kind);
}

/* Room for the groups of any unit, if they will be asked for. */
static uint32_t
count_pairs(const struct matcher *m)
{
	uint32_t pairs = 1, groups;

	for (size_t i = 0; i < m->units && pattern_options(m->pattern)->groups; i++)
		if (pcre2_pattern_info(code_of(m, i, TEXT_UTF8), PCRE2_INFO_CAPTURECOUNT, &groups) == 0 &&
		    groups >= pairs)
			pairs = groups + 1;
	return pairs;
}

static bool
has_jit(const struct matcher *m)
{
	size_t size = 0;

	for (size_t i = 0; i < m->units && size == 0; i++)
		pcre2_pattern_info(code_of(m, i, TEXT_ASCII), PCRE2_INFO_JITSIZE, &size);
	return size > 0;
}

struct matcher *
matcher_open(const struct pattern *pattern)
{
	struct matcher *m = calloc(1, sizeof(*m));
	uint32_t pairs;

	if (m == NULL)
		return NULL;
	m->pattern = pattern;
	m->literals = pattern_literals(pattern);
	m->required = pattern_required(pattern);
	m->units = pattern_units(pattern);
	for (int kind = TEXT_ASCII; kind <= TEXT_BYTES && m->units > 0; kind++)
		m->first[kind] = pattern_code(pattern, 0, (enum text_kind)kind);
	m->single = m->units == 1 && m->literals == NULL && !pattern_is_ambiguous(pattern) &&
	    pattern_rival(pattern, TEXT_ASCII) == NULL;
	m->terminator = pattern_options(pattern)->terminator;
	m->plan = pattern_plan(pattern);
	pairs = count_pairs(m);
	m->data = pcre2_match_data_create(pairs, NULL);
	m->spare = pcre2_match_data_create(pairs, NULL);
	m->other = pcre2_match_data_create(1, NULL);
	m->context = pcre2_match_context_create(NULL);
	m->ahead = calloc(m->units + 1, sizeof(*m->ahead));
	if (m->data == NULL || m->spare == NULL || m->other == NULL || m->context == NULL ||
	    m->ahead == NULL)
		goto err;
	if (pattern_is_ambiguous(pattern) &&
	    (m->workspace = reallocarray(NULL, WORKSPACE, sizeof(int))) == NULL)
		goto err;
	pcre2_set_heap_limit(m->context, HEAP_LIMIT_KIB);
	m->direct = has_jit(m) && pattern_runs_directly(pattern);
	if (has_jit(m)) {
		m->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
		if (m->stack == NULL)
			goto err;
		pcre2_jit_stack_assign(m->context, NULL, m->stack);
	}
	return m;
err:
	matcher_close(m);
	return NULL;
}

void
matcher_close(struct matcher *m)
{
	if (m == NULL)
		return;
	pcre2_jit_stack_free(m->stack);
	pcre2_match_context_free(m->context);
	pcre2_match_data_free(m->data);
	pcre2_match_data_free(m->spare);
	pcre2_match_data_free(m->other);
	free(m->workspace);
	free(m->ahead);
	free(m);
}

bool
matcher_gave_up(struct matcher *m)
{
	bool gave_up = m->gave_up;

	m->gave_up = false;
	return gave_up;
}

/* Text that is being searched. */
struct subject {
	const char *bytes;
	size_t length;
	enum text_kind kind;
};

static int
run(struct matcher *m, const pcre2_code *code, const struct subject *s, size_t from)
{
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

/* The match that PCRE2 has found. */
static struct span
found_span(const struct matcher *m)
{
	const size_t *ovector = pcre2_get_ovector_pointer(m->data);

	/* \K in a lookahead can put the start behind the end. */
	return (struct span){ ovector[0], ovector[1] < ovector[0] ? ovector[0] : ovector[1] };
}

size_t
matcher_after_empty(const struct matcher *m, enum text_kind kind, const char *line,
    size_t length, size_t at)
{
	at++;
	/* A search in UTF may start only where a character does. */
	if (kind != TEXT_ASCII && !pattern_ignores_kind(m->pattern))
		while (at < length && (line[at] & 0xc0) == 0x80)
			at++;
	return at;
}

/* Whether a match of the code that is not empty starts at an offset. */
static bool
starts_at(struct matcher *m, const pcre2_code *code, const struct subject *s, size_t at,
    pcre2_match_data *data)
{
	return pcre2_match(code, (PCRE2_SPTR)s->bytes, s->length, at, PCRE2_ANCHORED | PCRE2_NOTEMPTY |
	    (s->kind == TEXT_BYTES ? 0 : PCRE2_NO_UTF_CHECK), data, m->context) >= 0;
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
	if (!starts_at(m, code_of(m, unit, s->kind), s, match->start, m->data))
		return false;
	*match = found_span(m);
	return true;
}

/* The next match of a unit of PCRE2, as it is. */
static bool
find_code(struct matcher *m, const pcre2_code *code, const struct subject *s, size_t from,
    struct span *match)
{
	int rc = run(m, code, s, from);

	if (rc < 0) {
		m->gave_up |= rc != PCRE2_ERROR_NOMATCH;
		return false;
	}
	*match = found_span(m);
	return true;
}

/* The next match of one unit, which may be the literals. */
static bool
find(struct matcher *m, size_t unit, const struct subject *s, size_t from, struct span *match)
{
	if (unit == m->units)
		return literals_find(m->literals, m->data, s->bytes, s->length, from, match);
	while (from <= s->length) {
		if (!find_code(m, code_of(m, unit, s->kind), s, from, match))
			return false;
		if (match->end > match->start || may_stand(m, unit, s, match))
			return true;
		from = matcher_after_empty(m, s->kind, s->bytes, s->length, match->start);
	}
	return false;
}

static void
swap_data(struct matcher *m)
{
	pcre2_match_data *data = m->data;

	m->data = m->spare;
	m->spare = data;
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

static int
run_longest(struct matcher *m, size_t unit, const struct subject *s, size_t from, uint32_t options)
{
	return pcre2_dfa_match(code_of(m, unit, s->kind), (PCRE2_SPTR)s->bytes, s->length, from,
	    options | PCRE2_ANCHORED | PCRE2_NO_UTF_CHECK, m->other, m->context, m->workspace,
	    WORKSPACE);
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

	if (rc < 0)
		return;
	end = start + pcre2_get_ovector_pointer(m->other)[1];
	match->end = end > match->end ? end : match->end;
}

/* The next match of all units: the leftmost, and of several there the longest or the first. */
static bool
find_best(struct matcher *m, const struct subject *s, size_t from, struct span *match)
{
	bool longest = pattern_wants_longest(m->pattern), found = false;
	struct span next;

	for (size_t i = 0; i <= m->units; i++) {
		size_t unit = (i + m->units) % (m->units + 1);

		if ((unit == m->units && m->literals == NULL) || !find(m, unit, s, from, &next))
			continue;
		if (found && (next.start > match->start ||
		    (next.start == match->start && (!longest || next.end <= match->end))))
			continue;
		found = true;
		*match = next;
		m->last_unit = unit;
		swap_data(m);
	}
	/* The best one's groups. */
	if (found)
		swap_data(m);
	for (size_t i = 0; found && m->workspace != NULL && i < m->units; i++)
		lengthen(m, i, s, match);
	return found;
}

static bool
find_any(struct matcher *m, const struct subject *s, size_t from, struct span *match)
{
	return m->single ? find_code(m, m->first[s->kind], s, from, match)
	    : find_best(m, s, from, match);
}

bool
matcher_within(struct matcher *m, enum text_kind kind, const char *line, size_t length,
    size_t from, struct span *match)
{
	const struct subject s = { line, length, kind };

	if (!find_any(m, &s, from, match))
		return false;
	m->last = *match;
	return true;
}

/* The line that contains the byte at offset at. */
static void
line_around(const struct matcher *m, const struct matcher_text *t, size_t from, size_t at,
    struct span *line)
{
	const char *before = memrchr(t->bytes + from, m->terminator, at - from);
	const char *after = memchr(t->bytes + at, m->terminator, t->length - at);

	line->start = before ? (size_t)(before + 1 - t->bytes) : from;
	line->end = after ? (size_t)(after - t->bytes) : t->length;
}

/* Whether any unit of PCRE2 selects a line by itself. */
static bool
any_selects(struct matcher *m, const struct subject *line)
{
	struct span ignored;

	for (size_t i = 0; i < m->units; i++)
		if (find(m, i, line, 0, &ignored))
			return true;
	return false;
}

/* The next line that the units of PCRE2 select, of those that have what these require. */
static bool
next_required(struct matcher *m, const struct matcher_text *t, size_t from, struct span *line)
{
	struct span word;

	for (; literals_find(m->required, m->data, t->bytes, t->length, from, &word); from = line->end + 1) {
		struct subject s = { .kind = t->kind };

		line_around(m, t, from, word.start, line);
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

		line_around(m, t, from, from, line);
		s.bytes = t->bytes + line->start;
		s.length = line->end - line->start;
		if ((m->literals != NULL && find(m, m->units, &s, 0, &ignored)) || any_selects(m, &s))
			return true;
	}
	return false;
}

enum next { NEXT_NONE, NEXT_FOUND, NEXT_TOO_MUCH };

/* Whether a match in the buffer is one of its line alone. */
static bool
holds_alone(struct matcher *m, size_t unit, const struct matcher_text *t, const struct span *line)
{
	const struct subject alone = { t->bytes + line->start, line->end - line->start, t->kind };
	struct span ignored;

	return m->plan == PLAN_BUFFER || find(m, unit, &alone, 0, &ignored);
}

/* The next line that a unit of PCRE2 selects, the buffer being searched at once. */
static enum next
next_in_buffer(struct matcher *m, size_t unit, const struct matcher_text *t, size_t from,
    struct span *line)
{
	const struct subject s = { t->bytes, t->length, t->kind };

	while (from < t->length) {
		int rc = run(m, code_of(m, unit, s.kind), &s, from);
		size_t at;

		if (rc < 0)
			return rc == PCRE2_ERROR_NOMATCH ? NEXT_NONE : NEXT_TOO_MUCH;
		at = found_span(m).start;
		/* An empty match behind the last terminator is in no line. */
		if (at == t->length && t->bytes[at - 1] == m->terminator)
			return NEXT_NONE;
		line_around(m, t, from, at, line);
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
	struct span match;

	if (!literals_find(m->literals, m->data, t->bytes, t->length, from, &match) ||
	    (match.start == t->length && t->bytes[match.start - 1] == m->terminator))
		return NEXT_NONE;
	line_around(m, t, from, match.start, line);
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

/* What is known to come next in the text need not be found again. */
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

bool
matcher_line(struct matcher *m, struct matcher_text *t, size_t from, struct span *line)
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

bool
matcher_block(struct matcher *m, struct matcher_text *t, size_t from, struct span *match,
    struct span *lines)
{
	const struct subject s = { t->bytes, t->length, t->kind };
	struct span last;

	if (from > t->length || !find_any(m, &s, from, match))
		return false;
	if (match->start == t->length && t->length > 0 && t->bytes[t->length - 1] == m->terminator)
		return false;
	m->last = *match;
	line_around(m, t, 0, match->start, lines);
	/* A terminator that ends the match ends its last line. */
	last.end = match->end - (match->end > match->start);
	line_around(m, t, match->start, last.end, &last);
	lines->end = last.end;
	return true;
}

/* The group of a name, of which there may be several, only one with a match. */
static bool
named_group(const struct matcher *m, const pcre2_code *code, const char *name, struct span *group)
{
	const size_t *ovector = pcre2_get_ovector_pointer(m->data);
	PCRE2_SPTR first, last;
	int size = pcre2_substring_nametable_scan(code, (PCRE2_SPTR)name, &first, &last);

	for (PCRE2_SPTR entry = first; size > 0 && entry <= last; entry += size) {
		unsigned int number = (unsigned int)entry[0] << 8 | entry[1];

		if (ovector[2 * number] != PCRE2_UNSET) {
			*group = (struct span){ ovector[2 * number], ovector[2 * number + 1] };
			return true;
		}
	}
	return false;
}

/* What a group of the last match holds; false: nothing. */
static bool
group_of(const struct matcher *m, const struct replacement_piece *piece, struct span *group)
{
	const size_t *ovector = pcre2_get_ovector_pointer(m->data);
	size_t number;

	*group = m->last;
	if (piece->number == 0)
		return true;
	if (m->last_unit == m->units)
		return false;
	/* Names and numbers are the same in all forms. */
	if (piece->number == REPLACEMENT_NAMED)
		return named_group(m, code_of(m, m->last_unit, TEXT_UTF8), piece->text, group);
	number = (size_t)piece->number;
	if (number >= pcre2_get_ovector_count(m->data) || ovector[2 * number] == PCRE2_UNSET)
		return false;
	*group = (struct span){ ovector[2 * number], ovector[2 * number + 1] };
	return true;
}

void
matcher_replace(struct matcher *m, const char *text, const struct replacement *r,
    void (*put)(void *ctx, const char *bytes, size_t length), void *ctx)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct replacement_piece *piece = &r->pieces[i];
		struct span group;

		if (!piece->is_group)
			put(ctx, piece->text, piece->length);
		else if (group_of(m, piece, &group) && group.end > group.start)
			put(ctx, text + group.start, group.end - group.start);
	}
}
