#include "accel_text.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <limits.h>
#include <pcre2.h>
#include <stdio.h>
#include <string.h>

#include "accel_item.h"
#include "text.h"

enum {
	DEPTH_MAX = 64,
	REPEAT_MAX = 1000, /* times: what libhs makes of it grows with that */
	OUT_MAX = 64 * 1024,
};

/* A group that is open; the first is the whole pattern. */
struct level {
	size_t start;  /* in out, of the group */
	bool tests;    /* a lookaround: mostly left out */
	bool lacks;    /* something in it was left out */
	bool ignore_case, dot_all;
	bool any_alive; /* some alternative so far can match ASCII text */
	bool beyond;    /* of this alternative: it cannot */
	bool item_beyond; /* its last item, which may yet turn out to be optional */
	bool item;      /* there is one that can be repeated */
	bool unbounded; /* something in it is repeated without a bound */
	bool item_unbounded; /* likewise in the last item */
};

struct rewriter {
	const struct accel_text_options *options;
	const char *at, *end;
	struct buffer *out;
	struct level levels[DEPTH_MAX];
	struct level *level; /* the innermost */
	struct accel_items items;
};

static bool
take(struct rewriter *r, const char *token)
{
	size_t length = strlen(token);

	if ((size_t)(r->end - r->at) < length || memcmp(r->at, token, length) != 0)
		return false;
	r->at += length;
	return true;
}

/* The item before is one for good. */
static void
settle_item(struct level *l)
{
	l->beyond |= l->item_beyond;
	l->item_beyond = l->item = l->item_unbounded = false;
}

/* An item that matches one character. */
static bool
put_item(struct rewriter *r, const char *item, size_t length)
{
	const struct accel_item what = { .text = item, .length = length,
		.options = (r->options->bytes ? 0 : PCRE2_UTF | PCRE2_UCP) |
		    (r->level->ignore_case ? PCRE2_CASELESS : 0) |
		    (r->level->dot_all ? PCRE2_DOTALL : 0) };
	bool members[ACCEL_ITEM_ASCII] = { false }, any = false;

	if (!accel_item_members(&r->items, &what, members))
		return false;
	settle_item(r->level);
	members[(unsigned char)r->options->terminator] = false;
	for (int c = 0; c < ACCEL_ITEM_ASCII; c++)
		any |= members[c];
	if (any)
		accel_item_put(members, r->out);
	else
		buffer_puts(r->out, "[\\x80-\\xff]");
	r->level->item = true;
	r->level->item_beyond = !any;
	return true;
}

/* A character that stands for itself, and whose first byte was passed. */
static bool
literal(struct rewriter *r)
{
	const char *start = r->at - 1;
	size_t length = r->options->bytes ? 1 : text_sequence(start, (size_t)(r->end - start));
	bool members[ACCEL_ITEM_ASCII] = { false };
	unsigned char c = (unsigned char)*start;
	char text[8];

	if (length == 0)
		return false;
	r->at = start + length;
	if (c < ACCEL_ITEM_ASCII && c != (unsigned char)r->options->terminator &&
	    !(r->level->ignore_case && isalpha(c))) {
		settle_item(r->level);
		snprintf(text, sizeof(text), "\\x%02x", c);
		buffer_puts(r->out, text);
		r->level->item = true;
		return true;
	}
	if (c < ACCEL_ITEM_ASCII && isalpha(c)) {
		settle_item(r->level);
		members[tolower(c)] = members[toupper(c)] = true;
		accel_item_put(members, r->out);
		r->level->item = true;
		return true;
	}
	/* A terminator can be in no line; what is beyond ASCII may have a case in it. */
	snprintf(text, sizeof(text), "\\x%02x", c);
	return c < ACCEL_ITEM_ASCII ? put_item(r, text, 4) : put_item(r, start, length);
}

static bool
character(struct rewriter *r)
{
	r->at++;
	return literal(r);
}

static bool
quoted(struct rewriter *r)
{
	while (r->at < r->end && !take(r, "\\E"))
		if (!character(r))
			return false;
	return true;
}

/* Goes behind what is in braces, if there are any, else behind most of these characters. */
static bool
skip_value(struct rewriter *r, const char *characters, int most)
{
	if (r->at < r->end && *r->at == '{') {
		const char *end = memchr(r->at, '}', (size_t)(r->end - r->at));

		if (end == NULL)
			return false;
		r->at = end + 1;
		return true;
	}
	while (most-- > 0 && r->at < r->end && *r->at != '\0' && strchr(characters, *r->at) != NULL)
		r->at++;
	return true;
}

/* Behind a backslash. */
static bool
escape(struct rewriter *r)
{
	const char *item = r->at - 1;
	char c;

	if (r->at == r->end)
		return false;
	c = *r->at++;
	if (!isalnum((unsigned char)c))
		return literal(r);
	switch (c) {
	case 'Q':
		return quoted(r);
	case 'E':
		return true;
	case 'b': case 'B': case 'A': case 'Z': case 'z': case 'K':
		settle_item(r->level);
		buffer_puts(r->out, c == 'b' && r->options->looks ? "\\b" : "");
		r->level->lacks = true;
		return true;
	case 'd': case 'D': case 'w': case 'W': case 's': case 'S': case 'h': case 'H': case 'v':
	case 'V': case 'a': case 'e': case 'f': case 'n': case 'r': case 't':
		break;
	case 'p': case 'P':
		if (r->at == r->end)
			return false;
		if (*r->at != '{')
			r->at++;
		else if (!skip_value(r, "", 0))
			return false;
		break;
	case 'x':
		if (!skip_value(r, "0123456789abcdefABCDEF", 2))
			return false;
		break;
	case '0':
		if (r->at < r->end && *r->at == '{')
			break;
		skip_value(r, "01234567", 2);
		break;
	default:
		/* References, \R \X \C \G \N \o \c, and what is yet unknown. */
		return false;
	}
	return put_item(r, item, (size_t)(r->at - item));
}

/* The inside of [:alpha:], behind its first '['. As PCRE2 has it: see analysis.c. */
static void
named_class(struct rewriter *r)
{
	char mark;

	if (r->end - r->at < 2 || strchr(":.=", *r->at) == NULL)
		return;
	mark = *r->at;
	for (const char *p = r->at + 1; r->end - p >= 2; p++) {
		if (*p == '\\' && (p[1] == ']' || p[1] == '\\')) {
			p++;
		} else if (*p == ']' || (*p == '[' && p[1] == mark)) {
			return;
		} else if (*p == mark && p[1] == ']') {
			r->at = p + 2;
			return;
		}
	}
}

/* Behind a '['. Should it be cut in the wrong place, PCRE2 refuses it, or what follows. */
static bool
class(struct rewriter *r)
{
	const char *item = r->at - 1;

	/* The edges of words. */
	if (take(r, "[:<:]]") || take(r, "[:>:]]"))
		return false;
	take(r, "^");
	take(r, "]");
	while (r->at < r->end && *r->at != ']') {
		char c = *r->at++;

		if (c == '[')
			named_class(r);
		/* \Q may hide what looks like an end. */
		else if (c == '\\' && (r->at == r->end || *r->at == 'Q' || *r->at == 'E' ||
		    *r->at == 'c'))
			return false;
		else if (c == '\\')
			r->at++;
	}
	return take(r, "]") && put_item(r, item, (size_t)(r->at - item));
}

/* Option letters, as in (?i) and (?s-i:, of which the latter opens a group. */
static bool
inline_options(struct rewriter *r)
{
	struct level *l = r->level;
	bool on = true, ignore_case = l->ignore_case, dot_all = l->dot_all;

	for (; r->at < r->end && *r->at != ')' && *r->at != ':'; r->at++) {
		if (*r->at == 'i')
			ignore_case = on;
		else if (*r->at == 's')
			dot_all = on;
		else if (*r->at == '-')
			on = false;
		else
			return false;
	}
	if (r->at == r->end)
		return false;
	settle_item(l);
	if (*r->at++ == ':') {
		if (l + 1 == r->levels + DEPTH_MAX)
			return false;
		*++l = (struct level){ .start = r->out->length };
		buffer_puts(r->out, "(?:");
		r->level = l;
	}
	l->ignore_case = ignore_case;
	l->dot_all = dot_all;
	return true;
}

/* Goes behind the name of a group and its end. */
static bool
skip_name(struct rewriter *r, char end)
{
	const char *found = memchr(r->at, end, (size_t)(r->end - r->at));

	if (found != NULL)
		r->at = found + 1;
	return found != NULL;
}

/* Behind a '('. */
static bool
open_group(struct rewriter *r)
{
	struct level *outer = r->level;
	const char *start = r->at;
	bool tests = false;

	if (take(r, "*"))
		return false;
	if (take(r, "?")) {
		if (take(r, "<*"))
			return false;
		if (take(r, "=") || take(r, "!") || take(r, "<=") || take(r, "<!"))
			tests = true;
		else if ((take(r, "P<") || take(r, "<")) ? !skip_name(r, '>')
		    : take(r, "'") ? !skip_name(r, '\'') : false)
			return false;
		else if (r->at[-1] != '>' && r->at[-1] != '\'' && !take(r, ":") && !take(r, "|") &&
		    !take(r, ">"))
			return inline_options(r);
	}
	if (outer + 1 == r->levels + DEPTH_MAX)
		return false;
	settle_item(outer);
	r->level = outer + 1;
	*r->level = (struct level){ .start = r->out->length, .tests = tests,
		.ignore_case = outer->ignore_case, .dot_all = outer->dot_all };
	buffer_puts(r->out, "(");
	if (tests)
		buffer_put(r->out, start, (size_t)(r->at - start));
	else
		buffer_puts(r->out, "?:");
	return true;
}

/* Whether a lookaround that has been put is for one character, and nothing was left out. */
static bool
looks_at_one(const struct rewriter *r, const struct level *tests)
{
	const char *text = r->out->bytes + tests->start, *end = r->out->bytes + r->out->length;

	if (!r->options->looks || tests->lacks || tests->beyond || r->out->failed)
		return false;
	text += strspn(text, "(?<=!");
	if (end - text == 4)
		return memcmp(text, "\\x", 2) == 0;
	return *text == '[' && memchr(text, ']', (size_t)(end - text)) == end - 1;
}

static void
end_alternative(struct level *l)
{
	settle_item(l);
	l->any_alive |= !l->beyond;
	l->beyond = false;
}

static bool
close_group(struct rewriter *r)
{
	struct level *inner = r->level;

	if (inner == r->levels)
		return false;
	inner->beyond |= inner->item_beyond;
	r->level--;
	r->level->lacks |= inner->lacks;
	if (inner->tests && !looks_at_one(r, inner)) {
		r->out->length = inner->start;
		r->out->bytes[inner->start] = '\0';
		r->level->lacks = true;
		return true;
	}
	end_alternative(inner);
	buffer_puts(r->out, ")");
	if (inner->tests)
		return true;
	r->level->item = true;
	r->level->item_unbounded = inner->unbounded;
	r->level->unbounded |= inner->unbounded;
	r->level->item_beyond = !inner->any_alive;
	return true;
}

/* Digits, as a number of at most REPEAT_MAX. */
static bool
number(struct rewriter *r, const char **p, unsigned int *value)
{
	const char *start = *p;

	for (*value = 0; *p < r->end && isdigit((unsigned char)**p); ++*p)
		if ((*value = *value * 10 + (unsigned int)(**p - '0')) > REPEAT_MAX)
			return false;
	return *p > start;
}

/*
 * A quantifier {n}, {n,} or {n,m}, at its '{'. least: n; most: m, or UINT_MAX.
 * Returns what is behind it, or NULL.
 */
static const char *
interval(struct rewriter *r, unsigned int *least, unsigned int *most)
{
	const char *p = r->at + 1;

	if (!number(r, &p, least))
		return NULL;
	*most = *least;
	if (p < r->end && *p == ',') {
		p++;
		*most = UINT_MAX;
		if (p < r->end && *p != '}' && !number(r, &p, most))
			return NULL;
	}
	return p < r->end && *p == '}' ? p + 1 : NULL;
}

/* At a quantifier, which may say that it is lazy, or possessive. */
static bool
quantifier(struct rewriter *r)
{
	const char *start = r->at, *end = start + 1;
	unsigned int least = *start == '+', most = *start == '?' ? 1 : UINT_MAX;

	if (*start == '{')
		end = interval(r, &least, &most);
	if (end == NULL || !r->level->item || (r->level->item_unbounded && most > 1))
		return false;
	r->level->unbounded |= most == UINT_MAX;
	buffer_put(r->out, start, (size_t)(end - start));
	r->level->item_beyond &= least > 0;
	settle_item(r->level);
	r->at = end;
	while (take(r, "\\E"))
		continue;
	if (!take(r, "?"))
		take(r, "+");
	return true;
}

/* At a '{', of which PCRE2 may take for an interval what we do not. */
static bool
is_interval(const struct rewriter *r)
{
	const char *p = r->at + 1;

	while (p < r->end && (isdigit((unsigned char)*p) || strchr(", \t", *p) != NULL) && *p != '\0')
		p++;
	return p < r->end && *p == '}' && p > r->at + 1;
}

static bool
item(struct rewriter *r)
{
	char c = *r->at;

	if (c == '*' || c == '+' || c == '?' || (c == '{' && is_interval(r)))
		return quantifier(r);
	r->at++;
	switch (c) {
	case '\\':
		return escape(r);
	case '[':
		return class(r);
	case '(':
		return open_group(r);
	case ')':
		return close_group(r);
	case '|':
		end_alternative(r->level);
		buffer_puts(r->out, "|");
		return true;
	case '.':
		return put_item(r, ".", 1);
	case '^': case '$':
		settle_item(r->level);
		buffer_put(r->out, &c, r->options->edges ? 1 : 0);
		r->level->lacks |= !r->options->edges;
		return true;
	default:
		return literal(r);
	}
}

enum accel_text
accel_text_put(const struct accel_text_options *o, const char *pattern, size_t length,
    struct buffer *out)
{
	struct rewriter r = { .options = o, .at = pattern, .end = pattern + length, .out = out };
	bool edges = o->line && o->edges;

	r.level = r.levels;
	r.level->ignore_case = o->ignore_case;
	buffer_puts(out, edges ? "^(?:" : "(?:");
	while (r.at < r.end)
		if (!(o->fixed ? character(&r) : item(&r)) || out->failed || out->length > OUT_MAX)
			return ACCEL_TEXT_REFUSED;
	if (r.level != r.levels || out->failed)
		return ACCEL_TEXT_REFUSED;
	end_alternative(r.level);
	buffer_puts(out, edges ? ")$" : ")");
	if (out->failed)
		return ACCEL_TEXT_REFUSED;
	return r.level->any_alive ? ACCEL_TEXT_PUT : ACCEL_TEXT_BEYOND;
}
