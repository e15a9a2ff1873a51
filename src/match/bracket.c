#include "bracket.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "analysis.h"
#include "text.h"

enum class {
	CLASS_ALPHA, CLASS_ALNUM, CLASS_UPPER, CLASS_LOWER, CLASS_SPACE, CLASS_BLANK, CLASS_CNTRL,
	CLASS_GRAPH, CLASS_PRINT, CLASS_PUNCT, CLASS_DIGIT, CLASS_XDIGIT, CLASSES,
};

#define LETTERS "\\p{Alphabetic}\\p{Nd}"
#define GRAPHIC "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Cf}\\p{Co}\\x{a0}\\x{2007}\\x{202f}"
#define BLANKS "\\x{1680}\\x{2000}-\\x{2006}\\x{2008}-\\x{200a}\\x{205f}\\x{3000}"

/*
 * In the order of enum class: how ASCII is divided, and what else belongs to a
 * class in the C library's UTF-8 locales, in the words of PCRE2.  Alpha is
 * without the digits of ASCII, and punct without LETTERS: see put_parts.
 */
static const struct {
	const char *name;
	int (*has)(int c);
	const char *high;
} classes[] = {
	{ "alpha", isalpha, "" },
	{ "alnum", isalnum, LETTERS },
	{ "upper", isupper, "\\p{Uppercase}\\p{Lt}" },
	{ "lower", islower, "\\p{Lowercase}\\x{1c5}\\x{1c8}\\x{1cb}\\x{1f2}" },
	{ "space", isspace, BLANKS "\\x{2028}\\x{2029}" },
	{ "blank", isblank, BLANKS },
	{ "cntrl", iscntrl, "\\x{80}-\\x{9f}\\x{2028}\\x{2029}" },
	{ "graph", isgraph, GRAPHIC },
	{ "print", isprint, GRAPHIC "\\p{Zs}" },
	{ "punct", ispunct, "" },
	{ "digit", isdigit, "" },
	{ "xdigit", isxdigit, "" },
};

/* What may follow a '[' or a '-': one character, or a named set of them. */
struct element {
	unsigned long code; /* of the character */
	bool is_set;        /* a class or an equivalence class: no end of a range */
	bool done;          /* its members are in the set */
};

/* A bracket expression that is being read. */
struct reader {
	struct set *set;
	const struct posix_options *options;
	const char *text;
	size_t length, at;
	const char *reason;
};

static const char unmatched[] = "unmatched [";
static const char bad_range[] = "invalid end of a range";
static const char bad_element[] = "invalid collating element";

static bool
is_high(const struct posix_options *o, unsigned long code)
{
	return code >= 0x80 && !o->bytes;
}

static unsigned long
decode(const struct posix_options *o, const char *text, size_t length, size_t *used)
{
	static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const unsigned char *p = (const unsigned char *)text;
	unsigned long code;

	*used = o->bytes ? 1 : text_sequence(text, length);
	if (*used <= 1) {
		*used = 1;
		return *p;
	}
	code = *p & masks[*used];
	for (size_t i = 1; i < *used; i++)
		code = code << 6 | (p[i] & 0x3f);
	return code;
}

static void
put_code(struct buffer *out, unsigned long code)
{
	char text[16];

	if (code < 0x80 && isalnum((int)code))
		text[0] = (char)code, text[1] = '\0';
	else
		snprintf(text, sizeof(text), code < 0x100 ? "\\x%02lx" : "\\x{%lx}", code);
	buffer_puts(out, text);
}

static void
add_range(struct reader *r, unsigned long first, unsigned long last)
{
	unsigned long code = first;

	for (; code <= last && !is_high(r->options, code); code++)
		r->set->members[code] = true;
	if (code > last)
		return;
	put_code(&r->set->high, code);
	if (code < last) {
		buffer_puts(&r->set->high, "-");
		put_code(&r->set->high, last);
	}
}

bool
set_add_class(struct set *s, const struct posix_options *o, const char *name, size_t length)
{
	size_t which = 0;

	while (which < CLASSES && (strlen(classes[which].name) != length ||
	    memcmp(classes[which].name, name, length) != 0))
		which++;
	if (which == CLASSES)
		return false;
	/* Without regard to case, each letter is one of these. */
	if (o->ignore_case && (which == CLASS_UPPER || which == CLASS_LOWER))
		which = CLASS_ALPHA;
	for (int c = 0; c < 0x80; c++)
		s->members[c] |= classes[which].has(c) != 0;
	s->classes |= 1U << which;
	return true;
}

/* [:name:], [.name.] or [=name=], behind its first two characters. */
static struct element
read_named(struct reader *r, char mark)
{
	struct element e = { .is_set = mark != '.' };
	size_t start = r->at, used;

	for (;; r->at++) {
		if (r->length - r->at < 2) {
			r->reason = unmatched;
			return e;
		}
		if (r->text[r->at] == mark && r->text[r->at + 1] == ']')
			break;
	}
	used = r->at - start;
	r->at += 2;
	if (mark == ':') {
		e.done = true;
		if (!set_add_class(r->set, r->options, r->text + start, used)) {
			r->reason = "invalid character class name";
			r->at = start;
		}
		return e;
	}
	if (used > 0)
		e.code = decode(r->options, r->text + start, used, &used);
	if (used == 0 || start + used + 2 != r->at) {
		r->reason = bad_element;
		r->at = start;
	}
	return e;
}

static struct element
read_element(struct reader *r)
{
	struct element e = { 0 };
	size_t used;

	if (r->length - r->at >= 2 && r->text[r->at] == '[' && r->text[r->at + 1] != '\0' &&
	    strchr(".=:", r->text[r->at + 1]) != NULL) {
		r->at += 2;
		r->set->collates |= r->text[r->at - 1] != ':';
		return read_named(r, r->text[r->at - 1]);
	}
	e.code = decode(r->options, r->text + r->at, r->length - r->at, &used);
	r->at += used;
	return e;
}

/* Whether a '-' at offset at makes a range: it does not before the ']'. */
static bool
is_range(const struct reader *r)
{
	return r->length - r->at >= 2 && r->text[r->at] == '-' && r->text[r->at + 1] != ']';
}

static bool
is_digit(unsigned long code)
{
	return code >= '0' && code <= '9';
}

static void
read_item(struct reader *r, bool first)
{
	size_t start = r->at;
	struct element e, last;

	/* A '-' that is neither first nor last nor the sign of a range is none of the three. */
	if (!first && is_range(r)) {
		r->reason = bad_range;
		return;
	}
	e = last = read_element(r);
	if (r->reason != NULL)
		return;
	if (is_range(r)) {
		r->at++;
		last = read_element(r);
		if (r->reason == NULL && (e.is_set || last.is_set || e.code > last.code)) {
			r->reason = bad_range;
			r->at = start;
		}
		if (r->reason != NULL)
			return;
		r->set->ranges |= !is_digit(e.code) || !is_digit(last.code);
	}
	if (!e.done)
		add_range(r, e.code, last.code);
}

/* [:space:], for which [[:space:]] is meant: colons at both ends of what else are characters. */
static bool
is_mistaken(const char *inside, size_t length)
{
	bool others = false;

	if (length < 3 || inside[0] != ':' || inside[length - 1] != ':')
		return false;
	for (size_t i = 0; i < length; i++) {
		others |= inside[i] != ':';
		if (inside[i] == '[' || (inside[i] == '-' && i > 0 && i + 1 < length))
			return false;
	}
	return others;
}

const char *
set_read(struct set *s, const struct posix_options *o, const char *text, size_t length, size_t *at)
{
	struct reader r = { .set = s, .options = o, .text = text, .length = length, .at = *at };
	size_t start;
	bool first = true;

	if (r.at < length && text[r.at] == '^') {
		s->negated = true;
		r.at++;
	}
	for (start = r.at; r.reason == NULL; first = false) {
		if (r.at == length)
			r.reason = unmatched;
		else if (text[r.at] == ']' && !first)
			break;
		else
			read_item(&r, first);
	}
	if (r.reason == unmatched) {
		--*at;
		return unmatched;
	}
	if (r.reason == NULL && is_mistaken(text + start, r.at - start)) {
		r.reason = "character class syntax is [[:space:]], not [:space:]";
		r.at = start;
	}
	*at = r.reason == NULL ? r.at + 1 : r.at;
	return r.reason;
}

/* The inside of a class: its members that PCRE2 can be told in one. */
static void
put_simple(const struct set *s, const struct posix_options *o, bool members[256],
    struct buffer *out)
{
	for (unsigned int c = 0; c < 256; c++) {
		unsigned int last = c;

		if (!members[c])
			continue;
		while (last < 255 && members[last + 1])
			last++;
		put_code(out, c);
		if (last > c) {
			buffer_puts(out, last > c + 1 ? "-" : "");
			put_code(out, last);
		}
		c = last;
	}
	if (o->bytes || o->ascii)
		return;
	for (size_t i = 0; i < CLASSES; i++)
		if (s->classes & (1U << i))
			buffer_puts(out, classes[i].high);
	if (s->high.length > 0)
		buffer_put(out, s->high.bytes, s->high.length);
}

/* As alternatives, what PCRE2 has no single class for. */
static void
put_parts(const struct set *s, bool members[256], struct buffer *out)
{
	if (s->classes & 1U << CLASS_ALPHA && !(s->classes & 1U << CLASS_ALNUM)) {
		buffer_puts(out, "|(?![");
		for (char c = '0'; c <= '9'; c++)
			if (!members[(unsigned char)c])
				buffer_put(out, &c, 1);
		/* Should all digits be members: nothing is left out. */
		buffer_puts(out, "\\n])[" LETTERS "]");
	}
	if (s->classes & 1U << CLASS_PUNCT)
		buffer_puts(out, "|(?![" LETTERS "])[" GRAPHIC "]");
}

/* [^...], without the newline unless it is wanted. */
static void
put_negated(const struct posix_options *o, const struct buffer *inside, struct buffer *out)
{
	if (inside->length == 0 && o->newline) {
		buffer_puts(out, "(?s:.)");
		return;
	}
	/* A newline as it is: unit.c does not trust JIT code with what looks like one escape. */
	buffer_puts(out, o->newline ? "[^" : "[^\n");
	if (inside->length > 0)
		buffer_put(out, inside->bytes, inside->length);
	buffer_puts(out, "]");
}

unsigned int
set_write(const struct set *s, const struct posix_options *o, struct buffer *out)
{
	struct buffer inside = { 0 }, parts = { 0 };
	bool members[256];

	memcpy(members, s->members, sizeof(members));
	/* Where newlines end lines, none is left to be matched. */
	if (!o->newline)
		members['\n'] = false;
	put_simple(s, o, members, &inside);
	if (!o->bytes && !o->ascii)
		put_parts(s, members, &parts);
	if (parts.length > 0) {
		buffer_puts(out, s->negated ? "(?:(?!" : "(?:");
		if (inside.length > 0) {
			buffer_puts(out, "[");
			buffer_put(out, inside.bytes, inside.length);
			buffer_puts(out, "]");
		}
		buffer_put(out, parts.bytes + (inside.length == 0), parts.length - (inside.length == 0));
		buffer_puts(out, !s->negated ? ")" : o->newline ? ")(?s:.))" : ")[^\\n])");
	} else if (s->negated) {
		put_negated(o, &inside, out);
	} else if (inside.length == 0) {
		buffer_puts(out, "(?!)");
	} else {
		buffer_puts(out, "[");
		buffer_put(out, inside.bytes, inside.length);
		buffer_puts(out, "]");
	}
	out->failed |= inside.failed || parts.failed || s->high.failed;
	buffer_free(&inside);
	buffer_free(&parts);
	return (s->negated || s->classes != 0 || s->high.length > 0 || o->ignore_case ? ANALYSIS_CHARS : 0) |
	    (s->negated || members[0] ? ANALYSIS_EDGES : 0) |
	    (o->newline && (s->negated || members['\n']) ? ANALYSIS_NEWLINE : 0);
}

void
set_free(struct set *s)
{
	buffer_free(&s->high);
}
