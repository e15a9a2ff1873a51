/*
 * Random patterns and texts for the tests of matching and searching.
 *
 * Patterns are put together from what PCRE2 knows, with a weight on what can
 * see or cross a newline, and on syntax that is easily taken for something
 * else: a bracket that opens nothing, a quote that does not end where it
 * seems to.  Many do not compile: the tests check that both sides refuse.
 * Texts are made of few and short pieces, so that patterns do match.
 */
#ifndef TESTS_UNIT_GENERATE_H
#define TESTS_UNIT_GENERATE_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "random.h"

enum { GENERATED_MAX = 12000 };

struct generated {
	char bytes[GENERATED_MAX];
	size_t length;
};

/* Appends; what does not fit is left out. */
static inline void
generated_add(struct generated *g, const char *bytes, size_t length)
{
	if (length > sizeof(g->bytes) - 1 - g->length)
		return;
	memcpy(g->bytes + g->length, bytes, length);
	g->length += length;
	g->bytes[g->length] = '\0';
}

static inline void
generated_put(struct generated *g, const char *string)
{
	generated_add(g, string, strlen(string));
}

/* Removes count bytes at offset at. */
static inline void
generated_cut(struct generated *g, size_t at, size_t count)
{
	memmove(g->bytes + at, g->bytes + at + count, g->length - at - count);
	g->length -= count;
	g->bytes[g->length] = '\0';
}

#define GENERATE_PICK(random, list) \
	((list)[random_below((random), sizeof(list) / sizeof((list)[0]))])

static const char *const generate_literals[] = {
	"a", "a", "a", "b", "b", "b", "k", "s", "K", "S", "1", "_", "-", " ", "\r", "\t", "]", "}",
	"\xc3\xa9", "\xc3\x89", "\xc5\xbf", "\xe2\x84\xaa", "\xce\xb1", "\xc2\x85", "\xe2\x80\xa8",
	"\xf0\x9f\x98\x80", "\\]", "\\[", "\\\\", "\\.", "\\-", "\\ ", "#", ",", "{", "{,2}", "{ 1}",
};

static const char *const generate_items[] = {
	".", ".", ".", "^", "^", "$", "$", "\\d", "\\w", "\\w", "\\h", "\\s", "\\s", "\\s",
	"\\S", "\\D", "\\W", "\\H", "\\v", "\\V", "\\R", "\\X", "\\N", "\\N{2}", "\\N{1,3}", "\\b",
	"\\b", "\\B", "\\A", "\\z", "\\Z", "\\G", "\\K",
	"\\x0a", "\\xa", "\\x{a}", "\\x{0000a}", "\\012", "\\12", "\\o{12}", "\\N{U+a}", "\\cJ",
	"\\n", "\\x00", "\\0", "\\x", "\\x41", "\\xe9", "\\x{e9}", "\\x{17f}", "\\x{212a}",
	"\\x{2028}", "\\x{85}", "\\r", "\\t", "\\f", "\\e", "\\a", "\\c\\", "\\c]", "\\c[", "\\c?",
	"\\pL", "\\PL", "\\p{L}", "\\P{L}", "\\p{^L}", "\\P{^L}", "\\p{Lu}", "\\p{L&}", "\\p{Ll}",
	"\\p{Greek}", "\\P{Greek}", "\\p{Xan}", "\\p{Xsp}", "\\p{Xwd}", "\\P{Xwd}", "\\p{Any}",
	"\\P{Any}", "\\p{Cc}", "\\PZ", "\\1", "\\2", "\\g{1}", "\\g{-1}", "\\k<n>", "(?P=n)",
	"(?1)", "(?R)", "(?P>n)", "(?+1)", "(?i)", "(?s)", "(?-i)", "(?x)", "(?^)", "(?-m)", "(?U)",
	"(?J)", "(?n)", "(?-s)", "(?s-i)", "(*ACCEPT)", "(*F)", "(*FAIL)", "(*COMMIT)", "(*PRUNE)",
	"(*SKIP)", "(*THEN)", "(*:x)", "(*MARK:[)", "(*:\\Q)", "(*PRUNE:(?#)", "(?C)", "(?C9)",
	"(?C'[')", "(?C\"(?#\")", "(?#c)", "(?#[)", "(?#\\Q)", "(?#(?=)", "\\E", "\\Q\\E",
	"\\Qa.b\\E", "\\Q[\\E", "\\Q(?#\\E", "\\Q\\\\E", "\\Q\xc3\xa9\\E", "(?(1)a|b)", "(?(<n>)a)",
	"(?(?=a)a|b)", "(?(DEFINE)(a))", "[[:<:]]", "[[:>:]]", "[]]", "[^]]", "[^\\n]", "[^a]",
	"[^a]", "[^\\S]", "[\\S\\s]", "[\\c\\]", "[\\c]]", "[\\Q]\\E]", "[\\E]]", "[\\Q\\E]]", "[^\\E]]",
	"[\\E^a]", "[a\\]b]", "[[]", "[[:]", "[[:a]", "[[.a]", "[\\x{5d}]", "[\\x5d\\n]", "[\\N{U+a}]",
};

static const char *const generate_members[] = {
	"a", "b", "k", "s", "a-c", "A-Z", " ", "1", "_", "\xc3\xa9", "\xc3\xa0-\xc3\xbc", "\xce\xb1",
	"\\s", "\\S", "\\d", "\\D", "\\w", "\\W", "\\h", "\\H", "\\v", "\\V", "\\n", "\\x0a",
	"\\x{a}", "\\012", "\\12", "\\cJ", "\\c\\", "\\c]", "\\c[", "\\o{12}", "\\N{U+a}", "\\]",
	"\\[", "\\\\", "\\b", "\\-", "[", "[:", "[.", ":", ":]", "(", ")", "(?=", "|", "*", "+", "$",
	"\\x01-\\x20", "\\t-\\r", "!-~", "[:alpha:]", "[:^alpha:]", "[:space:]", "[:^space:]",
	"[:punct:]", "[:cntrl:]", "[:blank:]", "[:^word:]", "[:upper:]", "[:lower:]",
	"[:ascii:]", "[:^ascii:]", "\\pL", "\\PL", "\\p{Lu}", "\\P{Greek}", "\\Qa\\E", "\\Q]\\E",
	"\\Q-\\E", "\\Q\\E", "\\E", "[:a\\]", "-", "^", "\\r", "\\x00",
};

static const char *const generate_openings[] = {
	"(", "(", "(?:", "(?:", "(?:", "(?:", "(?|", "(?>", "(?>", "(?=", "(?!", "(?=", "(?!",
	"(?<=", "(?<!", "(?<=", "(?<!", "(?<n>", "(?'n'", "(?P<n>", "(?i:", "(?s:", "(?s:", "(?-i:",
	"(?x:", "(?m-s:", "(?^:", "(?is-U:", "(?*", "(?<*", "(*pla:", "(*nla:", "(*plb:", "(*nlb:",
	"(*atomic:", "(*napla:", "(*naplb:", "(*sr:",
};

static const char *const generate_quantifiers[] = {
	"*", "*", "*", "+", "+", "+", "?", "?", "{2}", "{1,}", "{0,2}", "{1,3}", "{0}", "*?", "+?",
	"??", "{1,2}?", "*+", "++", "?+", "{1,2}+", "{2}+", "*\\E", "\\E+", "*\\E+", "*(?#c)+", "(?#c)*",
};

static const char *const generate_verbs[] = {
	"(*UTF)", "(*UCP)", "(*NO_START_OPT)", "(*NO_AUTO_POSSESS)", "(*NO_DOTSTAR_ANCHOR)", "(*CRLF)",
	"(*ANYCRLF)", "(*ANY)", "(*CR)", "(*LF)", "(*NUL)", "(*BSR_ANYCRLF)", "(*NOTEMPTY)",
	"(*NO_JIT)", "(*NOTEMPTY_ATSTART)", "(*UTF)(*UCP)",
};

static inline void
generate_class(struct random *r, struct generated *g)
{
	static const char *const starts[] = {
		"[", "[", "[", "[", "[^", "[^", "[^", "[]", "[^]", "[\\E", "[\\Q\\E", "[^\\E", "[\\E^",
		"[\\E]", "[\\Q\\E]", "[^\\Q\\E]",
	};

	/* With a member that says nothing, lest one letter is negated alone: see test_engine.c. */
	generated_put(g, GENERATE_PICK(r, starts));
	generated_put(g, "_");
	for (size_t n = 1 + random_below(r, 3); n > 0; n--)
		generated_put(g, GENERATE_PICK(r, generate_members));
	generated_put(g, "]");
}

static inline void generate_alternatives(struct random *r, struct generated *g, size_t depth);

static inline void
generate_piece(struct random *r, struct generated *g, size_t depth)
{
	size_t what = random_below(r, 20);

	if (what < 7) {
		generated_put(g, GENERATE_PICK(r, generate_literals));
	} else if (what < 13) {
		generated_put(g, GENERATE_PICK(r, generate_items));
	} else if (what < 16 || depth == 0) {
		generate_class(r, g);
	} else {
		generated_put(g, GENERATE_PICK(r, generate_openings));
		generate_alternatives(r, g, depth - 1);
		generated_put(g, ")");
	}
	if (random_once_in(r, 3))
		generated_put(g, GENERATE_PICK(r, generate_quantifiers));
}

static inline void
generate_alternatives(struct random *r, struct generated *g, size_t depth)
{
	for (;;) {
		for (size_t n = random_below(r, 4); n > 0; n--)
			generate_piece(r, g, depth);
		if (!random_once_in(r, 4))
			return;
		generated_put(g, "|");
	}
}

/* A pattern: no newline, no NUL, NUL-terminated. */
static inline void
generate_pattern(struct random *r, struct generated *g)
{
	g->length = 0;
	g->bytes[0] = '\0';
	if (random_once_in(r, 40))
		generated_put(g, GENERATE_PICK(r, generate_verbs));
	if (random_once_in(r, 12))
		generated_put(g, random_once_in(r, 2) ? "(?i)" : "(?s)");
	generate_alternatives(r, g, 3);
	/* Quotes may be left open at the end. */
	if (random_once_in(r, 60))
		generated_put(g, "\\Qa");
	/* A pattern that is no UTF-8 asks for bytes. */
	if (random_once_in(r, 60))
		generated_put(g, random_once_in(r, 2) ? "\xe9" : "[\xff\x80]");
}

static const char *const generate_posix_items[] = {
	"a", "a", "a", "b", "b", "b", "A", "k", "s", "1", "_", "-", " ", "\\.", "\\*", "\\[", "\\]", "\\\\", "]",
	"}", ",", "\xc3\xa9", "\xc3\x89", "\xce\xb1", ".", ".", ".", "^", "^", "$", "$", "\\w", "\\W", "\\s", "\\S",
	"\\b", "\\B", "\\<", "\\>", "\\`", "\\'", "\\1", "\\2", "\\-", "\\a", "\\/", "[", "[a", "{", "}", "ab", "(", ")",
	"|", "\\(", "\\)", "\\|", "\\{", "\\}", "+", "?", "*", "\\+", "\\?",
};

static const char *const generate_posix_members[] = {
	"a", "b", "k", "s", "a-c", "A-Z", " ", "1", "_", "0-9", "\\", "^", "$", "*", ".", "[", "(", "-",
	"!-~", "[:alpha:]", "[:alpha:]", "[:digit:]", "[:space:]", "[:upper:]", "[:lower:]", "[:punct:]", "[:alnum:]",
	"[:blank:]", "[:cntrl:]", "[:graph:]", "[:print:]", "[:xdigit:]", "[=a=]", "[.b.]", "[.-.]", "[.a.]-c", "[.].]",
	"\xc3\xa9", "\xce\xb1", "\xc3\xa9\xc3\xa0", "[:foo:]", "[.ab.]", "c-a", ":", "=",
};

static const char *const generate_posix_quantifiers[2][12] = {
	{ "*", "*", "*", "+", "+", "?", "?", "{2}", "{1,}", "{0,2}", "{,2}", "{0}" },
	{ "*", "*", "*", "\\+", "\\+", "\\?", "\\?", "\\{2\\}", "\\{1,\\}", "\\{0,2\\}", "\\{,2\\}", "\\{0\\}" },
};

static const char *const generate_posix_odd[] = {
	"{1", "{1,2", "{x}", "{,}", "{1,2,3}", "{2,1}", "{1a}", "\\{1", "\\{x\\}", "\\{,\\}", "{", "{}", "{1}{2}", "**", "+*",
	"?+", "*\\{2\\}",
};

static inline void
generate_posix_bracket(struct random *r, struct generated *g)
{
	static const char *const starts[] = { "[", "[", "[", "[^", "[^", "[]", "[^]", "[-", "[^-" };

	generated_put(g, GENERATE_PICK(r, starts));
	for (size_t n = 1 + random_below(r, 3); n > 0; n--)
		generated_put(g, GENERATE_PICK(r, generate_posix_members));
	generated_put(g, random_once_in(r, 6) ? "-]" : "]");
}

static inline void
generate_posix_branches(struct random *r, struct generated *g, bool basic, size_t depth)
{
	for (;;) {
		for (size_t n = random_below(r, 4); n > 0; n--) {
			size_t what = random_below(r, 20);

			if (what < 13) {
				generated_put(g, GENERATE_PICK(r, generate_posix_items));
			} else if (what < 16 || depth == 0) {
				generate_posix_bracket(r, g);
			} else {
				generated_put(g, basic ? "\\(" : "(");
				generate_posix_branches(r, g, basic, depth - 1);
				generated_put(g, basic ? "\\)" : ")");
			}
			if (random_once_in(r, 3))
				generated_put(g, generate_posix_quantifiers[basic][random_below(r, 12)]);
			if (random_once_in(r, 30))
				generated_put(g, GENERATE_PICK(r, generate_posix_odd));
		}
		if (!random_once_in(r, 4))
			return;
		generated_put(g, basic ? "\\|" : "|");
	}
}

/* A basic or extended pattern, as of grep; many have a fault. */
static inline void
generate_posix(struct random *r, struct generated *g, bool basic)
{
	g->length = 0;
	g->bytes[0] = '\0';
	generate_posix_branches(r, g, basic, 2);
	if (random_once_in(r, 60))
		generated_put(g, "\\");
}

/* A literal string, for -F. */
static inline void
generate_literal(struct random *r, struct generated *g)
{
	static const char *const odd[] = { "\\E", "\\Q", ".", "*", "(", "[", "\\", "\xc3" };

	g->length = 0;
	g->bytes[0] = '\0';
	for (size_t n = random_below(r, 4); n > 0; n--)
		generated_put(g, random_once_in(r, 8) ? GENERATE_PICK(r, odd)
		    : GENERATE_PICK(r, generate_literals));
}

static const char *const generate_ascii[] = {
	"a", "a", "a", "b", "b", "b", "A", "k", "s", "K", "S", "1", "_", "-", " ", " ", "\r", "\t",
	"\v", "\f", "]", "[", "\\", "^", "}", "\x1c", "\x1d", "\x7f", "ab", "aab", "a.b", "\r\n",
};

static const char *const generate_multibyte[] = {
	"\xc3\xa9", "\xc3\x89", "\xc5\xbf", "\xe2\x84\xaa", "\xce\xb1", "\xce\x91", "\xc2\x85",
	"\xe2\x80\xa8", "\xe2\x80\xa9", "\xc2\xa0", "\xe3\x80\x80", "\xf0\x9f\x98\x80", "e\xcc\x81",
	"\xc3\x9f", "\xe1\xba\x9e", "\xef\xbf\xbd", "\xef\xbb\xbf", "\xf4\x8f\xbf\xbf",
};

static const char *const generate_invalid[] = {
	"\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\x80", "\xbf", "\xc0\x8a", "\xc1\x81",
	"\xe0\x8a\x8a", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xe9", "a\xcc",
};

/* A text of lines of up to width pieces. kind: 0 ASCII, 1 UTF-8, 2 with invalid bytes. */
static inline void
generate_text(struct random *r, struct generated *g, unsigned int kind, size_t lines, size_t width)
{
	g->length = 0;
	while (lines-- > 0) {
		for (size_t n = random_below(r, width + 1); n > 0; n--) {
			size_t what = random_below(r, 8);

			if (kind == 2 && what < 2)
				generated_put(g, GENERATE_PICK(r, generate_invalid));
			else if (kind >= 1 && what < 4)
				generated_put(g, GENERATE_PICK(r, generate_multibyte));
			else if (what == 7 && random_once_in(r, 12))
				generated_add(g, "\0", 1);
			else
				generated_put(g, GENERATE_PICK(r, generate_ascii));
		}
		if (lines > 0 || !random_once_in(r, 4))
			generated_put(g, "\n");
		while (lines > 0 && random_once_in(r, 4))
			generated_put(g, "\n");
	}
}

/* Cuts whatever can be cut while a test, told by its context, still fails. */
static inline void
generated_shrink(struct generated *g, int (*fails)(void *ctx), void *ctx)
{
	static struct generated whole;

	for (size_t part = g->length; part > 0; part /= 2)
		for (size_t at = 0; at + part <= g->length;) {
			whole = *g;
			generated_cut(g, at, part);
			if (!fails(ctx)) {
				*g = whole;
				at++;
			}
		}
}

static inline void
generated_show(const char *what, const struct generated *g)
{
	printf("#   %s '", what);
	for (size_t i = 0; i < g->length; i++) {
		unsigned char c = (unsigned char)g->bytes[i];

		if (c == '\n')
			fputs("\\n", stdout);
		else if (c < ' ' || c >= 0x7f)
			printf("\\%03o", c);
		else
			putchar(c);
	}
	puts("'");
}

#endif
