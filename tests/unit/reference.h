/*
 * What a search must select, said in the plainest way: each pattern compiled
 * by itself, each line put to PCRE2's interpreter by itself.  Of src/match
 * nothing is used but the translation of basic and extended patterns, which
 * test_posix.c puts to GNU grep.
 */
#ifndef TESTS_UNIT_REFERENCE_H
#define TESTS_UNIT_REFERENCE_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "match/pattern.h"
#include "match/posix.h"

enum { REFERENCE_PATTERNS = 8, REFERENCE_STEPS = 100000 };

struct reference {
	pcre2_code *codes[REFERENCE_PATTERNS];
	pcre2_code *bare[REFERENCE_PATTERNS]; /* with -w, without it; or NULL */
	bool bytes, first;
	size_t count;
	pcre2_match_data *data;
	pcre2_match_context *context;
	char terminator;
	bool undecided; /* a line took too many steps */
};

/* Well-formed UTF-8 by way of its definition: decode, then ask what was decoded. */
static inline bool
reference_is_utf8(const char *text, size_t length)
{
	static const unsigned long least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text, *end = p + length;

	while (p < end) {
		size_t bytes = *p < 0x80 ? 1 : *p >> 5 == 6 ? 2 : *p >> 4 == 14 ? 3 : *p >> 3 == 30 ? 4 : 0;
		unsigned long value;

		if (bytes == 0 || (size_t)(end - p) < bytes)
			return false;
		value = bytes == 1 ? *p : *p & (0xffU >> (bytes + 1));
		for (size_t i = 1; i < bytes; i++) {
			if (p[i] >> 6 != 2)
				return false;
			value = value << 6 | (p[i] & 0x3f);
		}
		if (value < least[bytes] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
			return false;
		p += bytes;
	}
	return true;
}

/* What -w takes for a character of a word, in the syntaxes that have it from the C library. */
#define REFERENCE_WORD "[\\p{Alphabetic}\\p{Nd}_]"
#define REFERENCE_ASCII_WORD "[0-9A-Za-z_]"

/* A literal, each of its bytes or characters escaped. */
static inline void
reference_literal(FILE *to, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x80)
			fputc(c, to);
		else
			fprintf(to, "\\x%02x", c);
	}
}

/*
 * A pattern as it is asked, by itself: what -w or -x puts around it, closed by
 * end.  NULL: it cannot be translated.
 */
static inline char *
reference_text(const struct pattern_options *o, const struct pattern_text *text, bool bytes,
    const char *end, size_t *length)
{
	const struct posix_options posix = { .basic = o->syntax == SYNTAX_BASIC,
		.ignore_case = o->letter_case == CASE_IGNORED, .bytes = bytes, .groups = true,
		.newline = o->terminator == '\0', .dot_newline = o->terminator == '\0' };
	const char *word = o->syntax == SYNTAX_PERL ? "\\w"
	    : bytes ? REFERENCE_ASCII_WORD : REFERENCE_WORD;
	/* A pattern of Perl's may have to stand at the very start: PCRE2 knows of whole lines. */
	bool is_line = o->line && o->syntax != SYNTAX_PERL;
	bool is_word = o->word && !o->line, good = true;
	struct posix_result result;
	struct buffer translated = { 0 };
	char *out = NULL;
	FILE *to = open_memstream(&out, length);

	if (to == NULL)
		exit(1);
	if (is_word)
		fprintf(to, "(?<!%s)", word);
	if (is_word || is_line)
		fputs(is_line ? "^(?:" : "(?:", to);
	if (o->syntax == SYNTAX_PERL) {
		fwrite(text->bytes, 1, text->length, to);
	} else if (o->syntax == SYNTAX_FIXED) {
		reference_literal(to, text->bytes, text->length);
	} else {
		good = posix_translate(&posix, text->bytes, text->length, &translated, &result);
		if (translated.length > 0)
			fwrite(translated.bytes, 1, translated.length, to);
	}
	if (is_word || is_line)
		fprintf(to, "%s)%s", end, is_line ? "$" : "");
	if (is_word)
		fprintf(to, "(?!%s)", word);
	fclose(to);
	buffer_free(&translated);
	if (!good)
		free(out);
	return good ? out : NULL;
}

static inline pcre2_code *
reference_compile(const struct pattern_options *o, const struct pattern_text *text, bool bytes)
{
	/* What must follow what the pattern ends in, for its group to be closed. */
	static const char *const ends[] = { "\\E", "\n", "" };
	uint32_t options = PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_DOTSTAR_ANCHOR;
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_code *code = NULL;
	size_t offset;
	int error;

	options |= o->letter_case == CASE_IGNORED ? PCRE2_CASELESS : 0;
	options |= bytes ? 0 : PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF;
	options |= o->terminator == '\n' ? PCRE2_MULTILINE : PCRE2_DOLLAR_ENDONLY;
	if (context == NULL)
		exit(1);
	pcre2_set_newline(context, o->crlf ? PCRE2_NEWLINE_ANYCRLF : PCRE2_NEWLINE_LF);
	pcre2_set_parens_nest_limit(context, 1000);
	if (o->line && o->syntax == SYNTAX_PERL)
		pcre2_set_compile_extra_options(context, PCRE2_EXTRA_MATCH_LINE);
	/* What is wrong by itself stays wrong, whatever is put around it. */
	if (o->word && !o->line) {
		struct pattern_options plain = *o;

		plain.word = plain.line = false;
		code = reference_compile(&plain, text, bytes);
		if (code == NULL)
			goto out;
		pcre2_code_free(code);
		code = NULL;
	}
	for (size_t i = 0; code == NULL && i < (o->syntax == SYNTAX_PERL ? 3 : 1); i++) {
		size_t length;
		char *whole = reference_text(o, text, bytes,
		    o->syntax == SYNTAX_PERL ? ends[i] : "", &length);

		if (whole != NULL)
			code = pcre2_compile((PCRE2_SPTR)whole, length, options, &error, &offset, context);
		free(whole);
	}
out:
	pcre2_compile_context_free(context);
	return code;
}

static inline void
reference_close(struct reference *r)
{
	for (size_t i = 0; i < REFERENCE_PATTERNS; i++) {
		pcre2_code_free(r->codes[i]);
		pcre2_code_free(r->bare[i]);
	}
	pcre2_match_context_free(r->context);
	pcre2_match_data_free(r->data);
	*r = (struct reference){ 0 };
}

/* Whether a bracket has [.a.] or [=a=]: a [ at its start is none of these. */
static inline bool
reference_collates(const char *p)
{
	for (; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '[') {
			p += 1 + (p[1] == '^');
			p += *p == ']';
			for (; *p != '\0' && *p != ']'; p++) {
				if (*p != '[' || p[1] == '\0' || strchr(".=:", p[1]) == NULL)
					continue;
				if (p[1] != ':')
					return true;
				p = strstr(p + 2, ":]");
				if (p == NULL)
					return false;
				p++;
			}
			if (*p == '\0')
				return false;
		}
	}
	return false;
}

/* Returns whether all patterns compile. */
static inline bool
reference_open(struct reference *r, const struct pattern_options *o,
    const struct pattern_text *texts, size_t count)
{
	bool bytes = o->bytes, refers = false;

	*r = (struct reference){ .terminator = o->terminator, .data = pcre2_match_data_create(1, NULL),
		.context = pcre2_match_context_create(NULL) };
	for (size_t i = 0; i < count; i++)
		bytes |= !reference_is_utf8(texts[i].bytes, texts[i].length);
	r->bytes = bytes;
	r->first = o->syntax == SYNTAX_PERL;
	/* These are what GNU grep's first engine, in the C locale, leaves to the second. */
	for (size_t i = 0; i < count && o->syntax != SYNTAX_FIXED; i++) {
		const char *text = texts[i].bytes;

		refers |= strstr(text, "\\1") || strstr(text, "\\2") || reference_collates(text);
	}
	for (; r->count < count; r->count++) {
		struct pattern_options plain = *o;

		plain.word = false;
		r->codes[r->count] = reference_compile(o, &texts[r->count], bytes);
		if (r->codes[r->count] == NULL)
			break;
		if (o->word && !o->line && !r->first && o->syntax != SYNTAX_FIXED &&
		    (!bytes || refers))
			r->bare[r->count] = reference_compile(&plain, &texts[r->count], bytes);
	}
	if (r->data == NULL || r->context == NULL || r->count < count) {
		reference_close(r);
		return false;
	}
	pcre2_set_match_limit(r->context, REFERENCE_STEPS);
	return true;
}

/* Whether a match that is not empty starts at an offset, without -w. */
static inline bool
reference_rival(struct reference *r, const char *line, size_t length, size_t at)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->bare[i] != NULL && pcre2_match(r->bare[i], (PCRE2_SPTR)line, length, at,
		    PCRE2_NO_JIT | PCRE2_ANCHORED | PCRE2_NOTEMPTY, r->data, r->context) >= 0)
			return true;
	return false;
}

/* The first match of one pattern. */
static inline bool
reference_one(struct reference *r, size_t i, const char *line, size_t length, size_t from,
    size_t span[2])
{
	while (from <= length) {
		int rc = pcre2_match(r->codes[i], (PCRE2_SPTR)line, length, from, PCRE2_NO_JIT, r->data,
		    r->context);
		const size_t *found = pcre2_get_ovector_pointer(r->data);

		r->undecided |= rc < 0 && rc != PCRE2_ERROR_NOMATCH;
		if (rc < 0)
			return false;
		span[0] = found[0];
		span[1] = found[1] < found[0] ? found[0] : found[1];
		/* With grep's -w, an empty match is one only if no other starts there. */
		if (span[1] > span[0] || !reference_rival(r, line, length, span[0]))
			return true;
		if (pcre2_match(r->codes[i], (PCRE2_SPTR)line, length, span[0], PCRE2_NO_JIT |
		    PCRE2_ANCHORED | PCRE2_NOTEMPTY, r->data, r->context) >= 0) {
			span[1] = found[1];
			return true;
		}
		for (from = span[0] + 1; !r->bytes && from < length && (line[from] & 0xc0) == 0x80;)
			from++;
	}
	return false;
}

/* Whether a line is selected; the leftmost match goes to span, of several there the longest. */
static inline bool
reference_line(struct reference *r, const char *line, size_t length, size_t from, size_t span[2])
{
	bool found = false;
	size_t next[2];

	for (size_t i = 0; i < r->count; i++) {
		if (!reference_one(r, i, line, length, from, next))
			continue;
		if (!found || next[0] < span[0] ||
		    (next[0] == span[0] && next[1] > span[1] && !r->first))
			memcpy(span, next, sizeof(next));
		found = true;
	}
	return found;
}

#endif
