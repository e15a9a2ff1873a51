#include "compose.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <stdlib.h>

#include "perl.h"

uint32_t
compose_options(const struct pattern_options *o)
{
	return PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C |
	    (o->letter_case == CASE_IGNORED ? PCRE2_CASELESS : 0) |
	    (o->terminator == '\n' ? PCRE2_MULTILINE : PCRE2_DOLLAR_ENDONLY) |
	    (o->multiline && o->dotall ? PCRE2_DOTALL : 0);
}

struct posix_options
compose_posix(const struct composer *c, bool ascii)
{
	const struct pattern_options *o = c->options;
	bool newline = o->terminator != '\n' || o->multiline;

	return (struct posix_options){ .basic = o->syntax == SYNTAX_BASIC,
		.ignore_case = o->letter_case == CASE_IGNORED, .bytes = c->bytes,
		.ascii = ascii, .groups = o->groups, .block = o->multiline, .newline = newline,
		.dot_newline = newline && (!o->multiline || o->dotall) };
}

static void
put_literal(struct buffer *b, const struct pattern_text *text)
{
	for (size_t i = 0; i < text->length; i++) {
		unsigned char c = (unsigned char)text->bytes[i];

		if (c == '\0') {
			buffer_puts(b, "\\x00");
			continue;
		}
		if (c < 0x80 && !isalnum(c))
			buffer_puts(b, "\\");
		buffer_put(b, text->bytes + i, 1);
	}
}

static size_t
characters(const struct pattern_text *text)
{
	size_t count = 0;

	for (size_t i = 0; i < text->length; i++)
		count += (text->bytes[i] & 0xc0) != 0x80;
	return count;
}

/* In characters: of words that are equal but for the case, the bytes may differ in number. */
static int
longer_first(const void *a, const void *b)
{
	size_t left = characters(a), right = characters(b);

	return (left < right) - (left > right);
}

static int
more_bytes_first(const void *a, const void *b)
{
	const struct pattern_text *left = a, *right = b;

	return (left->length < right->length) - (left->length > right->length);
}

void
compose_sort(struct pattern_text *texts, size_t count, bool bytes)
{
	qsort(texts, count, sizeof(*texts), bytes ? more_bytes_first : longer_first);
}

static bool
put_text(const struct composer *c, struct buffer *b, const struct pattern_text *text, bool wrapped,
    bool ascii)
{
	const struct posix_options posix = compose_posix(c, ascii);
	struct posix_result ignored;

	if (c->options->syntax == SYNTAX_FIXED) {
		put_literal(b, text);
	} else if (c->options->syntax != SYNTAX_PERL) {
		return posix_translate(&posix, text->bytes, text->length, b, &ignored);
	} else if (!wrapped) {
		buffer_put(b, text->bytes, text->length);
	} else {
		return perl_put(b, text->bytes, text->length,
		    compose_options(c->options) | (c->bytes ? 0 : PCRE2_UTF | PCRE2_UCP));
	}
	return true;
}

/*
 * Grep's -w: a word character on neither side, and the engine backtracks to a
 * shorter or later match where one has them.  Not \b, which would want a word
 * character inside.
 */
static void
put_look(const struct composer *c, struct buffer *b, const char *look, bool ascii)
{
	buffer_puts(b, look);
	buffer_puts(b, c->options->syntax == SYNTAX_PERL ? "\\w"
	    : posix_word(ascii || c->bytes));
	buffer_puts(b, ")");
}

/* Groups are numbered anew in each alternative, so that \1 means what its author saw. */
bool
compose_put(const struct composer *c, struct buffer *b, const struct pattern_text *texts, size_t count,
    bool ascii, bool bare)
{
	const struct pattern_options *o = c->options;
	struct pattern_text text = texts[0];
	size_t verbs = o->syntax == SYNTAX_PERL && count == 1 ? perl_verbs(text.bytes, text.length) : 0;
	bool good = true, word = o->word && !bare && !o->line;
	bool several = count > 1 && o->syntax != SYNTAX_FIXED;
	bool wrapped = count > 1 || word || (o->line && !bare);

	buffer_put(b, text.bytes, verbs);
	text.bytes += verbs;
	text.length -= verbs;
	if (word)
		put_look(c, b, "(?<!", ascii);
	buffer_puts(b, o->line && !bare ? "^" : "");
	buffer_puts(b, several ? "(?|" : wrapped ? "(?:" : "");
	for (size_t i = 0; i < count && good; i++) {
		buffer_puts(b, i > 0 ? "|" : "");
		buffer_puts(b, several ? "(?:" : "");
		good = put_text(c, b, count == 1 ? &text : &texts[i], wrapped, ascii);
		buffer_puts(b, several ? ")" : "");
	}
	buffer_puts(b, wrapped ? ")" : "");
	buffer_puts(b, o->line && !bare ? "$" : "");
	if (word)
		put_look(c, b, "(?!", ascii);
	return good && !b->failed;
}

