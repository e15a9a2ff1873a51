#include "glob.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "walk/bracket.h"
#include "walk/letter.h"

/*
 * The code: one byte that says what is to match, and its operand.
 *
 *   LITERAL n bytes     these bytes
 *   ONE                 one byte, or character
 *   SET bracket         one of a set
 *   STAR                any number of them
 *   DEEP                any bytes
 *   DIRECTORIES         nothing, or any bytes up to a slash and that
 *   END
 */
enum op { LITERAL, ONE, SET, STAR, DEEP, DIRECTORIES, END };

enum { LITERAL_MAX = 255 };

struct glob {
	uint32_t size;
	uint32_t tail; /* offset of a literal that must be the text's end; 0: none */
	unsigned int flags;
	uint8_t code[];
};

/* A glob being compiled. */
struct compiler {
	const char *start, *at, *end;
	struct glob *glob;
	uint32_t used, capacity; /* of code */
	uint32_t literal;        /* offset of the literal that can still grow; none: used */
	unsigned int flags;
	const char *why;
	bool wild; /* a wildcard was met */
};

static int
reserve(struct compiler *c, uint32_t more)
{
	uint32_t capacity = c->capacity;
	struct glob *bigger;

	if (c->used + more <= capacity)
		return 0;
	capacity = c->used + more + capacity / 2;
	bigger = realloc(c->glob, sizeof(*bigger) + capacity);
	if (bigger == NULL)
		return -1;
	c->glob = bigger;
	c->capacity = capacity;
	return 0;
}

static int
add_op(struct compiler *c, enum op op)
{
	if (reserve(c, 1) == -1)
		return -1;
	c->glob->code[c->used++] = (uint8_t)op;
	c->literal = c->used;
	return 0;
}

static int
add_literal(struct compiler *c, char byte)
{
	uint8_t *code;

	if (reserve(c, 3) == -1)
		return -1;
	code = c->glob->code;
	if (c->literal == c->used || code[c->literal + 1] == LITERAL_MAX) {
		c->literal = c->used;
		code[c->used++] = LITERAL;
		code[c->used++] = 0;
	}
	code[c->literal + 1]++;
	code[c->used++] = (uint8_t)(c->flags & GLOB_CASELESS ? letter_fold(byte) : byte);
	return 0;
}

static int
fail(struct compiler *c, const char *why)
{
	c->why = why;
	errno = EINVAL;
	return -1;
}

static int
add_bracket(struct compiler *c)
{
	struct bracket bracket;
	size_t taken = bracket_parse(&bracket, c->at, (size_t)(c->end - c->at),
	    (c->flags & GLOB_SHELL ? BRACKET_SHELL : 0) | (c->flags & GLOB_UTF8 ? BRACKET_UTF8 : 0) |
	    (c->flags & GLOB_CASELESS ? BRACKET_CASELESS : 0), &c->why);
	uint32_t size;
	int result;

	if (taken == 0 && c->why != NULL)
		return fail(c, c->why);
	if (taken == 0) {
		c->at++;
		return add_literal(c, '[');
	}
	c->at += taken;
	size = (uint32_t)bracket_size(&bracket);
	result = add_op(c, SET) == -1 ? -1 : reserve(c, size);
	if (result == 0) {
		memcpy(c->glob->code + c->used, &bracket, size);
		c->used += size;
		c->literal = c->used;
	}
	return result;
}

/* A run of stars, at the first of them. */
static int
add_stars(struct compiler *c)
{
	bool first = c->at == c->start || c->at[-1] == '/';
	size_t stars = 0;

	for (; c->at < c->end && *c->at == '*'; c->at++)
		stars++;
	if (c->flags & GLOB_SHELL || stars == 1 || !first)
		return add_op(c, STAR);
	if (c->at == c->end)
		return add_op(c, DEEP);
	if (*c->at == '/') {
		c->at++;
		return add_op(c, DIRECTORIES);
	}
	return add_op(c, c->end - c->at >= 2 && memcmp(c->at, "\\/", 2) == 0 ? DEEP : STAR);
}

static int
add_next(struct compiler *c)
{
	c->wild |= strchr("*?[", *c->at) != NULL && *c->at != '\0';
	switch (*c->at) {
	case '*':
		return add_stars(c);
	case '?':
		c->at++;
		return add_op(c, ONE);
	case '[':
		return add_bracket(c);
	case '\\':
		/* For the shell's rules a text without wildcards is not a pattern. */
		if (++c->at == c->end)
			return c->flags & GLOB_SHELL && !c->wild ? add_literal(c, '\\')
			    : fail(c, "nothing follows the last backslash");
		break;
	}
	return add_literal(c, *c->at++);
}

struct glob *
glob_compile(const char *pattern, size_t length, unsigned int flags, const char **why)
{
	struct compiler c = { .start = pattern, .at = pattern, .end = pattern + length,
		.flags = flags };
	uint32_t tail = 0;
	int result = reserve(&c, 16);
	struct glob *smaller;

	while (result == 0 && c.at < c.end)
		result = add_next(&c);
	if (c.literal < c.used)
		tail = c.literal;
	if (result == 0)
		result = add_op(&c, END);
	if (result == -1) {
		*why = c.why;
		free(c.glob);
		return NULL;
	}
	c.glob->size = c.used;
	c.glob->flags = flags;
	c.glob->tail = tail;
	smaller = realloc(c.glob, sizeof(*smaller) + c.used);
	return smaller != NULL ? smaller : c.glob;
}

size_t
glob_size(const struct glob *g)
{
	const size_t overhead = 2 * sizeof(size_t); /* malloc's own */

	return sizeof(*g) + g->size + overhead;
}

void
glob_edges(const struct glob *g, struct glob_edges *e)
{
	static const char ones[] = "\xff\xff\xff\xff";
	const uint8_t *head = g->code, *tail = g->code + g->tail;

	*e = (struct glob_edges){ 0 };
	if (*head == LITERAL) {
		e->head = glob_head((const char *)head + 2, head[1]);
		e->head_mask = glob_head(ones, head[1] < 4 ? head[1] : 4);
	}
	if (g->tail != 0) {
		e->tail = glob_tail((const char *)tail + 2, tail[1]);
		e->tail_mask = glob_tail(ones, tail[1] < 4 ? tail[1] : 4);
	}
}

/* Where a star can be moved on from: what follows it is tried again from there. */
struct retry {
	const uint8_t *op; /* NULL: none */
	size_t at;
	bool directories;
};

struct matching {
	const struct glob *glob;
	const char *text;
	size_t length;
	struct retry star, deep;
};

static bool
equal(const struct glob *g, const uint8_t *literal, const char *text, size_t length)
{
	if (!(g->flags & GLOB_CASELESS))
		return memcmp(literal, text, length) == 0;
	for (size_t i = 0; i < length; i++)
		if (literal[i] != (uint8_t)letter_fold(text[i]))
			return false;
	return true;
}

static size_t
step(const struct matching *m, size_t at)
{
	uint32_t c;

	return m->glob->flags & GLOB_UTF8 ? letter_next(m->text + at, m->length - at, &c) : 1;
}

/* Whether one byte or character at this place can be passed by a wildcard. */
static bool
is_passable(const struct matching *m, size_t at)
{
	return at < m->length && (m->glob->flags & GLOB_SHELL || m->text[at] != '/');
}

/* Moves on the last star that can be moved. Returns what follows it, or NULL. */
static const uint8_t *
move_on(struct matching *m, size_t *at)
{
	const char *slash;

	if (m->star.op != NULL && is_passable(m, m->star.at)) {
		m->star.at += step(m, m->star.at);
		*at = m->star.at;
		return m->star.op;
	}
	m->star.op = NULL;
	if (m->deep.op == NULL || m->deep.at >= m->length)
		return NULL;
	m->deep.at++;
	if (m->deep.directories) {
		slash = memchr(m->text + m->deep.at - 1, '/', m->length - m->deep.at + 1);
		if (slash == NULL)
			return NULL;
		m->deep.at = (size_t)(slash + 1 - m->text);
	}
	*at = m->deep.at;
	return m->deep.op;
}

/* One operation but those of stars. Returns the next, or NULL: no match here. */
static const uint8_t *
match_one(const struct matching *m, const uint8_t *op, size_t *at)
{
	struct bracket bracket;
	size_t taken = 1;

	if (*op == LITERAL) {
		if (m->length - *at < op[1] || !equal(m->glob, op + 2, m->text + *at, op[1]))
			return NULL;
		*at += op[1];
		return op + 2 + op[1];
	}
	if (!is_passable(m, *at))
		return NULL;
	if (*op == ONE) {
		*at += step(m, *at);
		return op + 1;
	}
	op = bracket_load(&bracket, op + 1);
	if (!bracket_has(&bracket, m->text + *at, m->length - *at, &taken))
		return NULL;
	*at += taken;
	return op;
}

static bool
run(struct matching *m)
{
	const uint8_t *op = m->glob->code;
	size_t at = 0;

	while (op != NULL) {
		switch (*op) {
		case END:
			if (at == m->length)
				return true;
			op = NULL;
			break;
		case STAR:
			m->star = (struct retry){ ++op, at, false };
			continue;
		case DEEP:
		case DIRECTORIES:
			if (*op == DEEP && op[1] == END)
				return true;
			m->deep = (struct retry){ op + 1, at, *op == DIRECTORIES };
			m->star.op = NULL;
			op++;
			continue;
		default:
			op = match_one(m, op, &at);
		}
		if (op == NULL)
			op = move_on(m, &at);
	}
	return false;
}

bool
glob_match(const struct glob *g, const char *text, size_t length)
{
	struct matching m = { .glob = g, .text = text, .length = length };

	if (g->tail != 0) {
		const uint8_t *tail = g->code + g->tail;

		if (length < tail[1] || !equal(g, tail + 2, text + length - tail[1], tail[1]))
			return false;
	}
	return run(&m);
}
