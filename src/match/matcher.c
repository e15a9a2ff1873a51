#include "matcher.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "accel.h"
#include "find.h"
#include "lines.h"
#include "replacement.h"

enum {
	JIT_STACK_MIN = 32 * 1024,
	JIT_STACK_MAX = 1024 * 1024,
	HEAP_LIMIT_KIB = 32 * 1024,
};

/* What a unit sets of a match's offsets; those beyond are another unit's, or none's. */
static uint32_t
group_count(const struct matcher *m, size_t unit)
{
	uint32_t groups = 0;

	pcre2_pattern_info(find_code(m, unit, TEXT_UTF8), PCRE2_INFO_CAPTURECOUNT, &groups);
	return groups;
}

/* Room for the groups of any unit, if they will be asked for. */
static uint32_t
count_pairs(const struct matcher *m)
{
	uint32_t pairs = 1;

	for (size_t i = 0; i < m->units && pattern_options(m->pattern)->groups; i++) {
		uint32_t groups = group_count(m, i);

		pairs = groups >= pairs ? groups + 1 : pairs;
	}
	return pairs;
}

static bool
has_jit(const struct matcher *m)
{
	size_t size = 0;

	for (size_t i = 0; i < m->units && size == 0; i++)
		pcre2_pattern_info(find_code(m, i, TEXT_ASCII), PCRE2_INFO_JITSIZE, &size);
	return size > 0;
}

struct matcher *
matcher_open(const struct pattern *pattern)
{
	struct matcher *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->pattern = pattern;
	m->literals = pattern_literals(pattern);
	m->required = pattern_required(pattern);
	for (int kind = TEXT_ASCII; kind <= TEXT_BYTES; kind++)
		m->needles[kind] = pattern_needles(pattern, (enum text_kind)kind);
	/* The accelerator, if it was asked for, knows more. */
	if (pattern_accel(pattern) == NULL)
		m->shape = pattern_shape(pattern);
	if (m->shape != NULL && (m->shaped = calloc(1, sizeof(*m->shaped))) == NULL)
		goto err;
	m->kernel = kernel_best();
	m->units = pattern_units(pattern);
	for (int kind = TEXT_ASCII; kind <= TEXT_BYTES && m->units > 0; kind++)
		m->first[kind] = pattern_code(pattern, 0, (enum text_kind)kind);
	m->single = m->units == 1 && m->literals == NULL && !pattern_is_ambiguous(pattern) &&
	    pattern_rival(pattern, TEXT_ASCII) == NULL;
	m->terminator = pattern_options(pattern)->terminator;
	m->plan = pattern_plan(pattern);
	m->data = pcre2_match_data_create(count_pairs(m), NULL);
	m->other = pcre2_match_data_create(1, NULL);
	m->context = pcre2_match_context_create(NULL);
	m->ahead = calloc(m->units + 1, sizeof(*m->ahead));
	m->coming = calloc(m->units + 1, sizeof(*m->coming));
	if (m->data == NULL || m->other == NULL || m->context == NULL ||
	    m->ahead == NULL || m->coming == NULL)
		goto err;
	m->workspace_size = FIND_WORKSPACE;
	if (pattern_is_ambiguous(pattern) &&
	    (m->workspace = reallocarray(NULL, m->workspace_size, sizeof(int))) == NULL)
		goto err;
	pcre2_set_heap_limit(m->context, HEAP_LIMIT_KIB);
	m->direct = has_jit(m) && pattern_runs_directly(pattern);
	if (pattern_accel(pattern) != NULL &&
	    (m->proposals = accel_search_open(pattern_accel(pattern))) == NULL)
		goto err;
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
	pcre2_match_data_free(m->other);
	matcher_unaided(m);
	free(m->shaped);
	free(m->workspace);
	free(m->ahead);
	free(m->coming);
	free(m);
}

void
matcher_unaided(struct matcher *m)
{
	accel_search_close(m->proposals);
	m->proposals = NULL;
}

bool
matcher_gave_up(struct matcher *m)
{
	bool gave_up = m->gave_up;

	m->gave_up = false;
	return gave_up;
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

/* The next place where the only needle is, which decides. */
static bool
find_needle(const struct kernel *k, const struct needles *only, const char *line, size_t length,
    size_t from, struct span *match)
{
	const struct needle *n = only->each;
	size_t at = k->find(only, line, length, from);

	if (at == length)
		return false;
	match->start = at - n->at;
	match->end = match->start + n->length;
	return true;
}

bool
matcher_within(struct matcher *m, enum text_kind kind, const char *line, size_t length,
    size_t from, struct span *match)
{
	const struct needles *n = m->needles[kind];
	const struct subject s = { line, length, kind };

	if (n->decide && n->count == 1)
		return find_needle(m->kernel, n, line, length, from, match);
	if (!find_match(m, &s, from, match))
		return false;
	m->last = *match;
	return true;
}

bool
matcher_may_select(struct matcher *m, const struct matcher_text *t)
{
	const struct needles *n = m->needles[TEXT_BYTES];
	size_t at;

	if (m->shape != NULL) {
		shape_search_start(m->shaped, t->bytes, t->length, m->shape->beyond);
		return m->kernel->shape(m->shape, m->shaped, 0, &at);
	}
	return n->count == 0 || m->kernel->find(n, t->bytes, t->length, 0) < t->length;
}

bool
matcher_line(struct matcher *m, struct matcher_text *text, size_t from, struct span *line)
{
	return lines_next(m, text, from, line);
}

bool
matcher_block(struct matcher *m, struct matcher_text *t, size_t from, struct span *match)
{
	const struct subject s = { t->bytes, t->length, t->kind };

	if (from > t->length || !find_match(m, &s, from, match))
		return false;
	if (match->start == t->length && t->length > 0 && t->bytes[t->length - 1] == m->terminator)
		return false;
	m->last = *match;
	return true;
}

void
matcher_touched(const struct matcher *m, const struct matcher_text *t, const struct span *match,
    struct span *lines)
{
	struct span last;

	find_line(m, t, 0, match->start, lines);
	/* A terminator that ends the match ends its last line. */
	find_line(m, t, match->start, match->end - (match->end > match->start), &last);
	lines->end = last.end;
}

/* The group of a name, of which there may be several, only one with a match. */
static bool
named_group(const struct matcher *m, const void *code, const char *name, struct span *group)
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
		return named_group(m, find_code(m, m->last_unit, TEXT_UTF8), piece->text, group);
	number = (size_t)piece->number;
	if (number > group_count(m, m->last_unit) || ovector[2 * number] == PCRE2_UNSET)
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
