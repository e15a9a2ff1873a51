#include "translator.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { UNLIMITED = -1 };

struct quantifier {
	long least, most;
};

/* Digits, from *p on; -1 if there are none. */
static long
number(const struct translator *t, size_t *p)
{
	long value = -1;

	for (; *p < t->length && isdigit((unsigned char)t->text[*p]); ++*p) {
		value = (value < 0 ? 0 : value * 10) + (t->text[*p] - '0');
		if (value > POSIX_REPEAT_MAX)
			value = POSIX_REPEAT_MAX + 1;
	}
	return value;
}

enum interval { INTERVAL, INTERVAL_LITERAL, INTERVAL_WRONG };

static const char too_many[] = "an interval of more than 32767 repetitions";

/* {n}, {n,}, {,n}, {,} or {n,m}, behind its '{'; fails with a reason. */
static enum interval
interval(struct translator *t, struct quantifier *q)
{
	size_t p = t->at, opened = t->at - 1;
	bool basic = t->options->basic, comma;
	const char *end = basic ? "\\}" : "}";
	size_t end_length = strlen(end);

	q->least = q->most = number(t, &p);
	comma = p < t->length && t->text[p] == ',';
	if (comma) {
		p++;
		q->most = number(t, &p);
	}
	if (t->length - p < end_length || memcmp(t->text + p, end, end_length) != 0) {
		bool ended = p == t->length || (basic && t->text[p] == '\\' && p + 1 == t->length);

		/* A second comma is an error, and what else cannot be an interval is none. */
		if (!basic && !(comma && p < t->length && t->text[p] == ','))
			return INTERVAL_LITERAL;
		translator_fail(t, ended ? "unmatched \\{" : "invalid interval", opened);
		return INTERVAL_WRONG;
	}
	t->at = p + end_length;
	if ((q->least < 0 && !comma) || (q->most >= 0 && q->least > q->most)) {
		translator_fail(t, "invalid interval", opened);
		return INTERVAL_WRONG;
	}
	if (q->least > POSIX_REPEAT_MAX || q->most > POSIX_REPEAT_MAX) {
		translator_fail(t, too_many, opened);
		return INTERVAL_WRONG;
	}
	q->least = q->least < 0 ? 0 : q->least;
	return INTERVAL;
}

bool
repeat_at(const struct translator *t)
{
	size_t left = t->length - t->at;
	const char *p = t->text + t->at;

	if (left == 0)
		return false;
	if (*p == '*')
		return true;
	if (!t->options->basic)
		return *p == '+' || *p == '?' || *p == '{';
	return left >= 2 && *p == '\\' && (p[1] == '+' || p[1] == '?' || p[1] == '{');
}

/* Reads the token that repeat_at found. */
static enum interval
read_quantifier(struct translator *t, struct quantifier *q)
{
	size_t start = t->at;
	enum interval kind;
	char c;

	t->at += t->text[t->at] == '\\';
	c = t->text[t->at++];
	*q = (struct quantifier){ c == '+', c == '?' ? 1 : UNLIMITED };
	if (c != '{')
		return INTERVAL;
	kind = interval(t, q);
	if (kind == INTERVAL_LITERAL)
		t->at = start;
	return kind;
}

static bool
is_plain(const struct quantifier *q)
{
	return q->least <= 1 && (q->most == UNLIMITED || (q->least == 0 && q->most == 1));
}

static void
put_quantifier(struct translator *t, const struct quantifier *q)
{
	char text[32];

	if (q->most == UNLIMITED && q->least <= 1)
		translator_put(t, q->least == 0 ? "*" : "+");
	else if (q->least == 0 && q->most == 1)
		translator_put(t, "?");
	else if (q->most == UNLIMITED)
		snprintf(text, sizeof(text), "{%ld,}", q->least), translator_put(t, text);
	else if (q->most == q->least)
		snprintf(text, sizeof(text), "{%ld}", q->least), translator_put(t, text);
	else
		snprintf(text, sizeof(text), "{%ld,%ld}", q->least, q->most), translator_put(t, text);
}

/* What * + ? mean together, one behind the other. */
static void
join(struct quantifier *q, const struct quantifier *next)
{
	q->least = q->least < next->least ? q->least : next->least;
	q->most = q->most == 1 && next->most == 1 ? 1 : UNLIMITED;
}

static bool
is_brace(const struct translator *t)
{
	return t->result->reason == NULL && t->at < t->length && t->text[t->at] == '{';
}

/* Reads a quantifier that may be none; an interval that is wrong then is no fault. */
static bool
passes_quantifier(struct translator *t, struct quantifier *q)
{
	size_t start = t->at;

	if (!repeat_at(t))
		return false;
	if (read_quantifier(t, q) == INTERVAL)
		return true;
	if (t->result->reason != too_many)
		t->result->reason = NULL;
	t->at = start;
	return false;
}

/*
 * Without an item before them, extended quantifiers say nothing, or, if they
 * are no valid intervals, themselves; behind an anchor, that it may be missing.
 */
static bool
repeat_nothing(struct translator *t)
{
	struct quantifier q;
	bool parenthesis = false;
	size_t start = t->at;

	t->repeated_nothing = true;
	for (; passes_quantifier(t, &q); start = t->at) {
		parenthesis = t->text[start] != '{';
		/* Of an interval, the second engine passes over the brace alone. */
		if (t->second_engine && !parenthesis) {
			t->at = start + 1;
			return true;
		}
		if (q.least > 0 || !t->anchor || t->second_engine)
			continue;
		t->out->length = (size_t)t->atom;
		translator_put(t, "(?:)");
	}
	while (is_brace(t)) {
		start = t->at;
		if (passes_quantifier(t, &q)) {
			/* It repeats the brace before it. */
			t->at = start;
			return true;
		}
		translator_literal(t);
		parenthesis = true;
	}
	if (t->result->reason != NULL)
		return false;
	/* GNU grep then takes a parenthesis for itself, even in a group. */
	if (parenthesis && t->depth > 0 && t->at < t->length && t->text[t->at] == ')')
		translator_literal(t);
	return true;
}

/* Wraps an item with its quantifier, so that another one can follow. */
static void
wrap(struct translator *t, size_t atom, const struct quantifier *q)
{
	put_quantifier(t, q);
	buffer_insert(t->out, atom, "(?:", 3);
	translator_put(t, ")");
}

/* All quantifiers that follow an item, each of which repeats what is before it. */
static bool
repeat(struct translator *t)
{
	struct quantifier q = { 0, 0 }, next;
	size_t atom = (size_t)t->atom, count = 0, wraps = 0;
	enum interval kind = INTERVAL;

	for (; repeat_at(t); count++) {
		kind = read_quantifier(t, &next);
		if (kind != INTERVAL)
			break;
		if (count > 0 && is_plain(&q) && is_plain(&next)) {
			join(&q, &next);
			continue;
		}
		if (count > 0)
			wrap(t, atom, &q);
		if (wraps++ > POSIX_DEPTH_MAX)
			return translator_fail(t, "too many intervals", t->at - 1);
		q = next;
	}
	if (count > 0)
		put_quantifier(t, &q);
	t->quantifiers += (unsigned int)(count > 0) + (unsigned int)(wraps > 1);
	t->atom = TRANSLATOR_NO_ATOM;
	if (kind == INTERVAL_LITERAL)
		translator_literal(t);
	return kind != INTERVAL_WRONG;
}

/*
 * Basic quantifiers that start an alternative are literals.  Behind another
 * anchor they are to one engine, and must be valid to both.
 */
static bool
repeat_basic_nothing(struct translator *t)
{
	size_t start = t->at;
	struct quantifier q;

	if (t->started && read_quantifier(t, &q) != INTERVAL)
		return false;
	t->repeated_nothing |= t->started;
	if (t->started && !t->second_engine && t->anchor) {
		if (q.least > 0)
			return true;
		t->out->length = (size_t)t->atom;
		translator_put(t, "(?:)");
		return true;
	}
	t->at = start + (t->text[start] == '\\');
	translator_literal(t);
	return true;
}

bool
repeat_read(struct translator *t)
{
	if (t->atom != TRANSLATOR_NO_ATOM && !t->anchor)
		return repeat(t);
	if (!t->options->basic)
		return repeat_nothing(t);
	return repeat_basic_nothing(t);
}
