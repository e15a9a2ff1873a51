#include "posix.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "analysis.h"
#include "bracket.h"
#include "text.h"
#include "translator.h"

enum { GROUPS_MAX = 9 }; /* that can be referred to */

#define WORD "[0-9A-Z_a-z\\p{Alphabetic}\\p{Nd}]"
#define ASCII_WORD "[0-9A-Z_a-z]"

const char *
posix_word(bool ascii)
{
	return ascii ? ASCII_WORD : WORD;
}

void
translator_put(struct translator *t, const char *text)
{
	buffer_puts(t->out, text);
}

bool
translator_fail(struct translator *t, const char *reason, size_t offset)
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
	translator_put(t, hex);
}

/* The character at offset at; one of several bytes stays whole. */
void
translator_literal(struct translator *t)
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
	translator_put(t, t->options->dot_newline ? "(?s:.)" : ".");
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
	return reason == NULL || translator_fail(t, reason, t->at);
}

/* ^ and $, or what stands for one. */
static void
edge(struct translator *t, const char *text)
{
	t->atom = (long)t->out->length;
	t->anchor = true;
	t->caret = false;
	translator_put(t, text);
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

	t->atom = t->options->bytes ? (long)t->out->length : TRANSLATOR_NO_ATOM;
	t->anchor = t->options->bytes;
	t->caret = false;
	t->needs_second |= !t->options->bytes;
	t->result->flags |= ANALYSIS_CHARS | ANALYSIS_EDGES;
	if (which == 'b' || which == 'B')
		translator_put(t, "(?:");
	if (which != 'B') {
		translator_put(t, which == '>' ? look[1] : look[0]);
		translator_put(t, which == '>' ? look[2] : look[3]);
	}
	if (which == 'b') {
		translator_put(t, "|");
		translator_put(t, look[1]);
		translator_put(t, look[2]);
	} else if (which == 'B') {
		translator_put(t, look[0]);
		translator_put(t, look[2]);
		translator_put(t, "|");
		translator_put(t, look[1]);
		translator_put(t, look[3]);
	}
	if (which == 'b' || which == 'B')
		translator_put(t, ")");
}

static bool
reference(struct translator *t, unsigned int number)
{
	char text[8];

	if (number > t->groups || !(t->complete & 1U << number))
		return translator_fail(t, "back-reference to a group that is not complete", t->at - 2);
	begin_atom(t);
	t->needs_second = t->result->refers = true;
	snprintf(text, sizeof(text), "\\g{%u}", number);
	translator_put(t, text);
	t->result->flags |= ANALYSIS_RIGID;
	return true;
}

static void
begin_branch(struct translator *t)
{
	t->frames[t->depth].branch = t->out->length;
	t->atom = TRANSLATOR_NO_ATOM;
	t->anchor = t->started = false;
	t->caret = true;
}

static bool
open_group(struct translator *t)
{
	struct translator_frame *f;

	if (t->depth == POSIX_DEPTH_MAX)
		return translator_fail(t, "parentheses are too deeply nested",
		    t->at - 1 - t->options->basic);
	f = &t->frames[++t->depth];
	*f = (struct translator_frame){ .opened = t->at - 1 - t->options->basic, .number = ++t->groups,
		.captures = t->captures, .before = t->complete };
	translator_put(t, f->captures ? "(" : "(?:");
	f->start = t->out->length;
	begin_branch(t);
	return true;
}

/* An empty alternative is left out, and what is left made optional when all are known. */
static void
end_branch(struct translator *t)
{
	struct translator_frame *f = &t->frames[t->depth];

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
		translator_put(t, "|");
	begin_branch(t);
}

static void
end_alternatives(struct translator *t)
{
	struct translator_frame *f = &t->frames[t->depth];

	end_branch(t);
	t->complete |= f->within;
	if (!f->has_empty || !f->has_others)
		return;
	buffer_insert(t->out, f->start, "(?:", 3);
	translator_put(t, ")?");
}

static void
close_group(struct translator *t)
{
	struct translator_frame *f = &t->frames[t->depth];

	end_alternatives(t);
	translator_put(t, ")");
	if (f->number <= GROUPS_MAX)
		t->complete |= 1U << f->number;
	t->depth--;
	t->atom = (long)f->start - (f->captures ? 1 : 3);
	t->anchor = t->caret = false;
	t->started = true;
}

static bool
end_group(struct translator *t)
{
	if (t->depth > 0)
		close_group(t);
	else if (t->options->basic)
		return translator_fail(t, "unmatched \\)", t->at - 2);
	else
		literal(t, ")", 1);
	return true;
}

/* What a basic pattern has behind a backslash, and an extended one without. */
static bool
grouping(struct translator *t, char c)
{
	if (c == '|')
		alternative(t);
	return c == '|' || (c == '(' ? open_group(t) : end_group(t));
}

/* Behind a backslash. */
static bool
escape(struct translator *t)
{
	char c;

	if (t->at == t->length)
		return translator_fail(t, "trailing backslash", t->at - 1);
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
	case ')':
	case '|':
		if (t->options->basic)
			return grouping(t, c);
		break;
	default:
		break;
	}
	t->at--;
	translator_literal(t);
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
	case ')':
	case '|':
		if (!t->options->basic)
			return grouping(t, c);
		break;
	default:
		break;
	}
	t->at--;
	translator_literal(t);
	return true;
}

static bool
translate(struct translator *t)
{
	t->frames[0].start = t->out->length;
	begin_branch(t);
	while (t->at < t->length)
		if (!(repeat_at(t) ? repeat_read(t) : token(t)))
			return false;
	if (t->depth > 0)
		return translator_fail(t, t->options->basic ? "unmatched \\(" : "unmatched (",
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
