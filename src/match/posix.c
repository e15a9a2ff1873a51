#include "posix.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "analysis.h"
#include "bracket.h"
#include "text.h"

enum { NO_ATOM = -1, UNLIMITED = -1, GROUPS_MAX = 9 };

/* An open group, or (the first) the whole pattern. */
struct frame {
	size_t start;     /* in out, of its alternatives */
	size_t opened;    /* in the pattern */
	size_t branch;    /* in out, of the current alternative */
	unsigned int number;
	bool has_empty;   /* one of the alternatives is empty */
	bool has_others;
	bool captures;
	/* Groups that are complete, as bits: before the alternatives, and in those that ended. */
	unsigned int before, within;
};

struct quantifier {
	long least, most;
};

struct translator {
	const struct posix_options *options;
	const char *text;
	size_t length, at;
	struct buffer *out;
	struct posix_result *result;
	struct frame frames[POSIX_DEPTH_MAX + 1];
	size_t depth;
	unsigned int groups; /* opened so far */
	unsigned int complete; /* as bits, of those that may be referred to */
	/* Where a quantifier would apply, an offset in out, or NO_ATOM. */
	long atom;
	bool anchor; /* that is ^ or $ */
	bool caret;  /* a basic '^' is an anchor here */
	bool started; /* the alternative has more than anchors */
	unsigned int quantifiers;
	bool captures; /* groups are numbered */
	/*
	 * GNU grep has two engines, which differ in what a quantifier behind
	 * an anchor is: one knows no back-references nor, but for bytes, words
	 * and classes, and a pattern that has some is the other's.
	 */
	bool second_engine, needs_second, repeated_nothing;
};

#define WORD "[0-9A-Z_a-z\\p{Alphabetic}\\p{Nd}]"
#define ASCII_WORD "[0-9A-Z_a-z]"

const char *
posix_word(bool ascii)
{
	return ascii ? ASCII_WORD : WORD;
}

static void
put(struct translator *t, const char *text)
{
	buffer_puts(t->out, text);
}

static bool
fail(struct translator *t, const char *reason, size_t offset)
{
	t->result->reason = reason;
	t->result->offset = offset;
	return false;
}

/* An item that a quantifier may follow starts in out. */
static void
begin_atom(struct translator *t)
{
	t->atom = (long)t->out->length;
	t->anchor = t->caret = false;
	t->started = true;
}

static void
literal(struct translator *t, const char *bytes, size_t length)
{
	unsigned char c = (unsigned char)*bytes;
	char hex[8];

	begin_atom(t);
	if (c >= 0x80)
		t->result->flags |= ANALYSIS_CHARS;
	if (t->options->ignore_case && strchr("kKsS", c) != NULL)
		t->result->flags |= ANALYSIS_CHARS;
	if (c == '\0')
		t->result->flags |= ANALYSIS_EDGES;
	if (c == '\n')
		t->result->flags |= ANALYSIS_NEWLINE | ANALYSIS_EDGES;
	if (isalnum(c) || c >= 0x80) {
		buffer_put(t->out, bytes, length);
		return;
	}
	snprintf(hex, sizeof(hex), isgraph(c) ? "\\%c" : "\\x%02x", c);
	put(t, hex);
}

/* The character at offset at; one of several bytes stays whole. */
static void
literal_here(struct translator *t)
{
	size_t length = t->options->bytes ? 1
	    : text_sequence(t->text + t->at, t->length - t->at);

	length += length == 0;
	literal(t, t->text + t->at, length);
	t->at += length;
}

static void
dot(struct translator *t)
{
	begin_atom(t);
	put(t, t->options->dot_newline ? "(?s:.)" : ".");
	t->result->flags |= ANALYSIS_CHARS | ANALYSIS_EDGES |
	    (t->options->dot_newline ? ANALYSIS_NEWLINE : 0);
}

/* \w \W \s \S */
static void
class_escape(struct translator *t, char letter)
{
	struct set s = { .negated = isupper((unsigned char)letter) };
	bool word = tolower((unsigned char)letter) == 'w';

	begin_atom(t);
	t->needs_second |= !t->options->bytes;
	set_add_class(&s, t->options, word ? "alnum" : "space", 5);
	s.members['_'] |= word;
	t->result->flags |= set_write(&s, t->options, t->out);
	set_free(&s);
}

static bool
bracket(struct translator *t)
{
	size_t start = t->at - 1;
	struct set s = { 0 };
	const char *reason;

	begin_atom(t);
	reason = set_read(&s, t->options, t->text, t->length, &t->at);
	if (reason == NULL) {
		t->needs_second |= s.collates || (!t->options->bytes &&
		    (s.negated || s.ranges || s.classes != 0 || s.high.length > 0));
		t->result->flags |= set_write(&s, t->options, t->out);
	}
	set_free(&s);
	return reason == NULL || fail(t, reason, t->at > start + 1 ? t->at : start);
}

/* ^ and $, or what stands for one. */
static void
edge(struct translator *t, const char *text)
{
	t->atom = (long)t->out->length;
	t->anchor = true;
	t->caret = false;
	put(t, text);
	t->result->flags |= ANALYSIS_EDGES;
}

/* \< \> \b \B: no quantifier applies. */
static void
word_edge(struct translator *t, char which)
{
	/* In this order: not in a word before, in a word before; likewise behind. */
	static const char *const looks[2][4] = {
		{ "(?<!" WORD ")", "(?<=" WORD ")", "(?!" WORD ")", "(?=" WORD ")" },
		{ "(?<!" ASCII_WORD ")", "(?<=" ASCII_WORD ")", "(?!" ASCII_WORD ")",
			"(?=" ASCII_WORD ")" },
	};
	const char *const *look = looks[t->options->bytes || t->options->ascii];

	t->atom = t->options->bytes ? (long)t->out->length : NO_ATOM;
	t->anchor = t->options->bytes;
	t->caret = false;
	t->needs_second |= !t->options->bytes;
	t->result->flags |= ANALYSIS_CHARS | ANALYSIS_EDGES;
	if (which == 'b' || which == 'B')
		put(t, "(?:");
	if (which != 'B') {
		put(t, which == '>' ? look[1] : look[0]);
		put(t, which == '>' ? look[2] : look[3]);
	}
	if (which == 'b') {
		put(t, "|");
		put(t, look[1]);
		put(t, look[2]);
	} else if (which == 'B') {
		put(t, look[0]);
		put(t, look[2]);
		put(t, "|");
		put(t, look[1]);
		put(t, look[3]);
	}
	if (which == 'b' || which == 'B')
		put(t, ")");
}

static bool
reference(struct translator *t, unsigned int number)
{
	char text[8];

	if (number > t->groups || !(t->complete & 1U << number))
		return fail(t, "back-reference to a group that is not complete", t->at - 2);
	begin_atom(t);
	t->needs_second = t->result->refers = true;
	snprintf(text, sizeof(text), "\\g{%u}", number);
	put(t, text);
	t->result->flags |= ANALYSIS_RIGID;
	return true;
}

static void
begin_branch(struct translator *t)
{
	t->frames[t->depth].branch = t->out->length;
	t->atom = NO_ATOM;
	t->anchor = t->started = false;
	t->caret = true;
}

static bool
open_group(struct translator *t)
{
	struct frame *f;

	if (t->depth == POSIX_DEPTH_MAX)
		return fail(t, "parentheses are too deeply nested", t->at - 1);
	f = &t->frames[++t->depth];
	*f = (struct frame){ .opened = t->at - 1, .number = ++t->groups,
		.captures = t->captures, .before = t->complete };
	put(t, f->captures ? "(" : "(?:");
	f->start = t->out->length;
	begin_branch(t);
	return true;
}

/* An empty alternative is left out, and what is left made optional when all are known. */
static void
end_branch(struct translator *t)
{
	struct frame *f = &t->frames[t->depth];

	if (t->out->length > f->branch) {
		f->has_others = true;
		return;
	}
	f->has_empty = true;
	/* The bar before it, if there is one. */
	if (f->branch > f->start) {
		t->out->length--;
		t->out->bytes[t->out->length] = '\0';
	}
}

static void
alternative(struct translator *t)
{
	end_branch(t);
	/* One alternative cannot refer to the groups of another. */
	t->frames[t->depth].within |= t->complete;
	t->complete = t->frames[t->depth].before;
	t->result->ambiguous = true;
	if (t->frames[t->depth].has_others)
		put(t, "|");
	begin_branch(t);
}

static void
end_alternatives(struct translator *t)
{
	struct frame *f = &t->frames[t->depth];

	end_branch(t);
	t->complete |= f->within;
	if (!f->has_empty || !f->has_others)
		return;
	buffer_insert(t->out, f->start, "(?:", 3);
	put(t, ")?");
}

static void
close_group(struct translator *t)
{
	struct frame *f = &t->frames[t->depth];

	end_alternatives(t);
	put(t, ")");
	if (f->number <= GROUPS_MAX)
		t->complete |= 1U << f->number;
	t->depth--;
	t->atom = (long)f->start - (f->captures ? 1 : 3);
	t->anchor = t->caret = false;
	t->started = true;
}

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
		fail(t, ended ? "unmatched \\{" : "invalid interval", opened);
		return INTERVAL_WRONG;
	}
	t->at = p + end_length;
	if ((q->least < 0 && !comma) || (q->most >= 0 && q->least > q->most)) {
		fail(t, "invalid interval", opened);
		return INTERVAL_WRONG;
	}
	if (q->least > POSIX_REPEAT_MAX || q->most > POSIX_REPEAT_MAX) {
		fail(t, too_many, opened);
		return INTERVAL_WRONG;
	}
	q->least = q->least < 0 ? 0 : q->least;
	return INTERVAL;
}

/* A token that is, where there is something to repeat, a quantifier. */
static bool
is_quantifier(const struct translator *t)
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

/* Reads the token that is_quantifier found. */
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
		put(t, q->least == 0 ? "*" : "+");
	else if (q->least == 0 && q->most == 1)
		put(t, "?");
	else if (q->most == UNLIMITED)
		snprintf(text, sizeof(text), "{%ld,}", q->least), put(t, text);
	else if (q->most == q->least)
		snprintf(text, sizeof(text), "{%ld}", q->least), put(t, text);
	else
		snprintf(text, sizeof(text), "{%ld,%ld}", q->least, q->most), put(t, text);
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

	if (!is_quantifier(t))
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
		put(t, "(?:)");
	}
	while (is_brace(t)) {
		start = t->at;
		if (passes_quantifier(t, &q)) {
			/* It repeats the brace before it. */
			t->at = start;
			return true;
		}
		literal_here(t);
		parenthesis = true;
	}
	if (t->result->reason != NULL)
		return false;
	/* GNU grep then takes a parenthesis for itself, even in a group. */
	if (parenthesis && t->depth > 0 && t->at < t->length && t->text[t->at] == ')')
		literal_here(t);
	return true;
}

/* Wraps an item with its quantifier, so that another one can follow. */
static void
wrap(struct translator *t, size_t atom, const struct quantifier *q)
{
	put_quantifier(t, q);
	buffer_insert(t->out, atom, "(?:", 3);
	put(t, ")");
}

/* All quantifiers that follow an item, each of which repeats what is before it. */
static bool
repeat(struct translator *t)
{
	struct quantifier q = { 0, 0 }, next;
	size_t atom = (size_t)t->atom, count = 0, wraps = 0;
	enum interval kind = INTERVAL;

	for (; is_quantifier(t); count++) {
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
			return fail(t, "too many intervals", t->at - 1);
		q = next;
	}
	if (count > 0)
		put_quantifier(t, &q);
	t->quantifiers += (unsigned int)(count > 0) + (unsigned int)(wraps > 1);
	t->atom = NO_ATOM;
	if (kind == INTERVAL_LITERAL)
		literal_here(t);
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
		put(t, "(?:)");
		return true;
	}
	t->at = start + (t->text[start] == '\\');
	literal_here(t);
	return true;
}

static bool
quantifiers(struct translator *t)
{
	if (t->atom != NO_ATOM && !t->anchor)
		return repeat(t);
	if (!t->options->basic)
		return repeat_nothing(t);
	return repeat_basic_nothing(t);
}

static bool
end_group(struct translator *t)
{
	if (t->depth > 0)
		close_group(t);
	else if (t->options->basic)
		return fail(t, "unmatched \\)", t->at - 2);
	else
		literal(t, ")", 1);
	return true;
}

/* Behind a backslash. */
static bool
escape(struct translator *t)
{
	char c;

	if (t->at == t->length)
		return fail(t, "trailing backslash", t->at - 1);
	c = t->text[t->at++];
	switch (c) {
	case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
		return reference(t, (unsigned int)(c - '0'));
	case 'w': case 'W': case 's': case 'S':
		class_escape(t, c);
		return true;
	case '<': case '>': case 'b': case 'B':
		word_edge(t, c);
		return true;
	case '`':
		edge(t, t->options->block ? "\\A" : "^");
		return true;
	case '\'':
		edge(t, t->options->block ? "\\z" : "$");
		return true;
	case '(':
		if (t->options->basic)
			return open_group(t);
		break;
	case ')':
		if (t->options->basic)
			return end_group(t);
		break;
	case '|':
		if (t->options->basic) {
			alternative(t);
			return true;
		}
		break;
	default:
		break;
	}
	t->at--;
	literal_here(t);
	return true;
}

/* Whether a '$', of which t->at is behind, is an anchor. */
static bool
is_end(const struct translator *t)
{
	const char *next = t->text + t->at;

	return !t->options->basic || t->at == t->length || (t->length - t->at >= 2 &&
	    next[0] == '\\' && (next[1] == ')' || next[1] == '|'));
}

static bool
token(struct translator *t)
{
	char c = t->text[t->at++];

	switch (c) {
	case '\\':
		return escape(t);
	case '[':
		return bracket(t);
	case '.':
		dot(t);
		return true;
	case '^':
		if (t->options->basic && !t->caret)
			break;
		edge(t, "^");
		return true;
	case '$':
		if (!is_end(t))
			break;
		edge(t, "$");
		return true;
	case '(':
		if (!t->options->basic)
			return open_group(t);
		break;
	case ')':
		if (!t->options->basic)
			return end_group(t);
		break;
	case '|':
		if (!t->options->basic) {
			alternative(t);
			return true;
		}
		break;
	default:
		break;
	}
	t->at--;
	literal_here(t);
	return true;
}

static bool
translate(struct translator *t)
{
	t->frames[0].start = t->out->length;
	begin_branch(t);
	while (t->at < t->length)
		if (!(is_quantifier(t) ? quantifiers(t) : token(t)))
			return false;
	if (t->depth > 0)
		return fail(t, t->options->basic ? "unmatched \\(" : "unmatched (",
		    t->frames[t->depth].opened);
	end_alternatives(t);
	t->result->ambiguous |= t->quantifiers > 1;
	return !t->out->failed;
}

bool
posix_translate(const struct posix_options *o, const char *text, size_t length,
    struct buffer *out, struct posix_result *result)
{
	const size_t start = out->length;
	bool second = false, captures = o->groups;

	for (;;) {
		struct translator t = { .options = o, .text = text, .length = length, .out = out,
			.result = result, .second_engine = second, .captures = captures };

		*result = (struct posix_result){ 0 };
		if (!translate(&t) && (second || !t.needs_second || out->failed))
			return false;
		result->second = t.needs_second;
		if (result->reason == NULL && (captures || !result->refers) &&
		    (second || !t.needs_second || !t.repeated_nothing))
			return true;
		captures |= result->refers;
		second |= t.needs_second;
		out->length = start;
	}
}
