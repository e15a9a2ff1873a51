#include "matcher.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum {
	JIT_STACK_MIN = 32 * 1024,
	JIT_STACK_MAX = 1024 * 1024,
	HEAP_LIMIT_KIB = 32 * 1024,
};

struct matcher {
	const struct pattern *pattern;
	enum pattern_plan plan;
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	bool direct; /* run JIT code without pcre2_match's checks */
	bool gave_up;
};

struct matcher *
matcher_open(const struct pattern *pattern)
{
	struct matcher *m = calloc(1, sizeof(*m));
	size_t jit_size = 0;

	if (m == NULL)
		return NULL;
	m->pattern = pattern;
	m->plan = pattern_plan(pattern);
	m->data = pcre2_match_data_create(1, NULL);
	m->context = pcre2_match_context_create(NULL);
	if (m->data == NULL || m->context == NULL)
		goto err;
	pcre2_set_heap_limit(m->context, HEAP_LIMIT_KIB);
	pcre2_pattern_info(pattern_code(pattern, TEXT_ASCII), PCRE2_INFO_JITSIZE, &jit_size);
	m->direct = jit_size > 0 && pattern_runs_directly(pattern);
	if (jit_size > 0) {
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
	free(m);
}

bool
matcher_gave_up(struct matcher *m)
{
	bool gave_up = m->gave_up;

	m->gave_up = false;
	return gave_up;
}

static int
run(struct matcher *m, enum text_kind kind, const char *text, size_t length, size_t from)
{
	const pcre2_code *code = pattern_code(m->pattern, kind);
	/* Checked already, or compiled for anything. */
	const uint32_t options = kind == TEXT_BYTES ? 0 : PCRE2_NO_UTF_CHECK;
	int rc = PCRE2_ERROR_JIT_BADOPTION;

	if (m->direct)
		rc = pcre2_jit_match(code, (PCRE2_SPTR)text, length, from, options, m->data,
		    m->context);
	if (rc == PCRE2_ERROR_JIT_BADOPTION)
		rc = pcre2_match(code, (PCRE2_SPTR)text, length, from, options, m->data, m->context);
	/* The interpreter backtracks on the heap, which may hold more. */
	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match(code, (PCRE2_SPTR)text, length, from, options | PCRE2_NO_JIT,
		    m->data, m->context);
	return rc;
}

bool
matcher_within(struct matcher *m, enum text_kind kind, const char *line, size_t length,
    size_t from, struct span *match)
{
	int rc = run(m, kind, line, length, from);
	const size_t *ovector;

	if (rc < 0) {
		m->gave_up |= rc != PCRE2_ERROR_NOMATCH;
		return false;
	}
	ovector = pcre2_get_ovector_pointer(m->data);
	/* \K in a lookahead can put the start behind the end. */
	*match = (struct span){ ovector[0], ovector[1] < ovector[0] ? ovector[0] : ovector[1] };
	return true;
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

/* The line that contains the byte at offset at. */
static void
line_around(const struct matcher_text *t, size_t from, size_t at, struct span *line)
{
	const char *before = memrchr(t->bytes + from, '\n', at - from);
	const char *after = memchr(t->bytes + at, '\n', t->length - at);

	line->start = before ? (size_t)(before + 1 - t->bytes) : from;
	line->end = after ? (size_t)(after - t->bytes) : t->length;
}

static bool
next_by_line(struct matcher *m, const struct matcher_text *t, size_t from, struct span *line)
{
	struct span match;

	for (; from < t->length; from = line->end + 1) {
		line_around(t, from, from, line);
		if (matcher_within(m, t->kind, t->bytes + line->start, line->end - line->start, 0,
		    &match))
			return true;
	}
	return false;
}

bool
matcher_line(struct matcher *m, struct matcher_text *t, size_t from, struct span *line)
{
	struct span ignored;

	if (m->plan == PLAN_LINE || t->line_by_line)
		return next_by_line(m, t, from, line);
	while (from < t->length) {
		int rc = run(m, t->kind, t->bytes, t->length, from);
		size_t at;

		if (rc == PCRE2_ERROR_NOMATCH)
			return false;
		if (rc < 0) {
			t->line_by_line = true;
			return next_by_line(m, t, from, line);
		}
		at = pcre2_get_ovector_pointer(m->data)[0];
		/* An empty match behind the last newline is in no line. */
		if (at == t->length && t->bytes[at - 1] == '\n')
			return false;
		line_around(t, from, at, line);
		if (m->plan == PLAN_BUFFER || matcher_within(m, t->kind, t->bytes + line->start,
		    line->end - line->start, 0, &ignored))
			return true;
		from = line->end + 1;
	}
	return false;
}
